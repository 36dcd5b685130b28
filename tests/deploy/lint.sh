#!/usr/bin/env bash
# Looks at what is deployed without deploying it: the template, and the functions' binaries
# as `cargo build --release` left them.
set -euo pipefail
cd "$(dirname "$0")/../.."

source tests/deploy/environment.sh
home=target/linters
environment "$home" tests/deploy/linters.txt

echo "-- the template is valid"
"$home/bin/cfn-lint" infra/template.yaml

echo "-- the template is safe, but for what it gives a reason for"
# Exit code 1 for a finding; a reason follows the second colon.
"$home/bin/checkov" --file infra/template.yaml --framework cloudformation --skip-download \
  --quiet --compact
if grep --line-number 'checkov:skip=[A-Z0-9_]*\(:.\{0,19\}\)\?$' infra/template.yaml; then
  echo "a check is left out without a reason" >&2
  exit 1
fi

echo "-- the functions are small, and run on Amazon Linux 2023"
"$home/bin/python" tests/deploy/binaries.py target/release

echo "-- what they are made of"
"$home/bin/python" tests/deploy/bill_of_materials.py target/guerdon.cdx.json
