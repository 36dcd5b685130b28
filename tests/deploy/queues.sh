#!/usr/bin/env bash
# Runs what queue handlers rely on against an SQS that nobody here wrote: ministack, started
# on a port of its own and stopped again. Without Python or the registry there is nothing to
# compare with, which is said and is no failure, but in CI.
set -euo pipefail
cd "$(dirname "$0")/../.."

skip() {
  echo "the queue is not compared with another SQS: $1" >&2
  [ -z "${CI:-}" ] || exit 1
  exit 0
}

source tests/deploy/environment.sh
home=target/ministack
environment "$home" tests/deploy/requirements.txt || skip "see above"

# The whole workspace, so that nothing is compiled again with other features.
cargo test --workspace --locked --no-run

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
endpoint="http://127.0.0.1:$port"
GATEWAY_PORT=$port BIND_HOST=127.0.0.1 IOT_MTLS_ENABLED=0 AWS_ENDPOINT_URL=$endpoint \
  "$home/bin/ministack" >"$home/log" 2>&1 &
ministack=$!
trap 'kill "$ministack" 2>/dev/null; wait "$ministack" 2>/dev/null || true' EXIT

healthy() {
  python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=2)' \
    "$endpoint/_ministack/health" 2>/dev/null
}
for _ in $(seq 60); do
  healthy && break
  kill -0 "$ministack" 2>/dev/null || break
  sleep 0.5
done
healthy || { cat "$home/log" >&2; echo "ministack does not answer" >&2; exit 1; }

export GUERDON_SQS_ENDPOINT=$endpoint
cargo test --workspace --locked --test through_the_sdk
cargo test --workspace --locked --lib any_sqs | tee "$home/any_sqs.log"
grep --quiet 'test any_sqs::.* ok$' "$home/any_sqs.log"
