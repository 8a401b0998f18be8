#!/bin/bash
# Makes a serving node out of a fresh Ubuntu 24.04. The steps are in order, each may be run again, and each is named and timed in
# the log. README.md says what happens in them and what runs afterwards.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"

step() {
  local name=$1 start=${EPOCHREALTIME/./}
  shift
  echo "$name" >/run/node-step
  echo "node: $(date -u +%FT%TZ) $name"
  "$@"
  echo "node: $(date -u +%FT%TZ) $name done in $(((${EPOCHREALTIME/./} - start) / 1000)) ms"
}

step packages steps/packages.sh
step filesystem steps/filesystem.sh
step code steps/code.sh
step authorities steps/authorities.sh
step configure php php/configure.php
step secrets php php/secrets.php
step bootstrap steps/bootstrap.sh
step serve steps/serve.sh
step health steps/health.sh
