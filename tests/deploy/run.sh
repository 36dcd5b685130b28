#!/usr/bin/env bash
# Deploys the template to a local AWS that nobody here wrote, with IAM enforced, and drives the
# whole from outside. Builds the functions as they are released, and looks at them (lint.sh).
set -euo pipefail
cd "$(dirname "$0")/../.."

source tests/deploy/environment.sh
home=target/ministack
environment "$home" tests/deploy/requirements.txt

# Always these packages together: another choice would compile their dependencies with other
# features, once more.
cargo build --release --locked --bins \
  -p accrue -p enroll -p expire -p redeem -p relay -p report
tests/deploy/lint.sh
# The tool that an operator has; the whole workspace, so that nothing is compiled again.
cargo build --workspace --locked

"$home/bin/python" -m pytest --config-file tests/deploy/pytest.ini tests/deploy
