# Sourced. `environment HOME PINNED` makes a virtual environment with exactly what is pinned,
# unless it is there. Says why where it cannot.

environment() {
  local home=$1 pinned=$2
  cmp --silent "$pinned" "$home/pinned.txt" && return
  command -v python3 >/dev/null 2>&1 || { echo "there is no python3" >&2; return 1; }
  rm -rf "$home"
  python3 -m venv "$home" || { echo "python3 makes no virtual environment" >&2; return 1; }
  "$home/bin/pip" install --quiet --disable-pip-version-check --require-hashes \
    --requirement "$pinned" || { echo "$pinned cannot be installed" >&2; return 1; }
  cp "$pinned" "$home/pinned.txt"
}
