#!/usr/bin/env bash
# Shows the main job on a local AWS of its own: from one environment file to a site, changed and taken away again. make demo [ENV=prod]
set -euo pipefail
cd "$(dirname "$0")/.."
env=${1:-dev}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bold() { printf '\n\033[1m%s\033[0m\n' "$*"; }
say() { bold "# $*"; }

go build -o "$work/" ./cmd/gen ./cmd/deploy
cp -r environments out "$work/"
PATH=$work:$PATH
file=$work/environments/$env.yaml
site=$(sed -n 's/^site: *\([a-z0-9-]*\).*/\1/p' "$file")

# The local AWS listens on loopback and ends with this script. Each resource takes a moment, so that there is something to see.
zone=$(sed -n 's/^ *zone: *\(Z[A-Z0-9]*\).*/\1/p' "$file")
domain=$(sed -n '/^domain:/,/^[^ ]/s/^  name: *[^.]*\.//p' "$file")
export LOCALAWS_RESOURCE_MS=${DEMO_RESOURCE_MS:-60} LOCALAWS_HOSTED_ZONES="{${zone:+\"$zone\": \"$domain\"}}"
coproc AWS { exec .venv/localaws/bin/python -m localaws --port 0 --until-stdin-closes 2>"$work/localaws.log"; }
read -r _ AWS_ENDPOINT_URL <&"${AWS[0]}"
region=$(sed -n 's/^region: *\([a-z0-9-]*\).*/\1/p' "$file")
account=$(sed -n 's/^account: *"\{0,1\}\([0-9]*\).*/\1/p' "$file")
export AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID=${account:-111122223333} AWS_SECRET_ACCESS_KEY=local
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_REGION AWS_DEFAULT_REGION

# run PATTERN COMMAND…: runs a command as a person would, in the copied folder, and fails when its output lacks the pattern.
run() {
  local pattern=$1 status=0
  shift
  bold "\$ $*"
  (cd "$work" && "$@" 2>&1) | tee "$work/said" || status=$?
  grep -qE -- "$pattern" "$work/said" || { echo "demo: expected to see: $pattern" >&2; exit 1; }
  return "$status"
}

# refuse PATTERN ANSWER COMMAND…: the same at a terminal, with an answer typed; the command must not go through with it.
refuse() {
  local pattern=$1 answer=$2
  shift 2
  if printf '%s\n' "$answer" | run "$pattern" script -qec "$*" /dev/null; then
    echo "demo: $* went through with it" >&2
    exit 1
  fi
}

say "One environment file becomes four templates, the node's files and a manifest"
run "out/$env" gen "$env"
grep -v '^ *#' "$file"

say "The first deployment: one nested change set over all four stacks"
run "$site is deployed" deploy up "$env" --yes

say "Nothing to do is said before any change set is made"
run "no changes: $site" deploy up "$env" --yes

say "A change in place: flow logs are kept longer"
if grep -q flowLogDays "$file"; then
  sed -i 's/flowLogDays: *[0-9]*/flowLogDays: 365/' "$file"
else
  sed -i 's/^network:/network:\n  flowLogDays: 365/' "$file"
fi
run "changed out/$env/network.yaml" gen "$env"
run "$site is deployed" deploy up "$env" --yes

say "A change that would replace the file system is shown as such, and the answer is no"
cp "$file" "$work/before.yaml"
first=$(sed -n 's/^  zones: *\[\([a-z0-9-]*\).*/\1/p' "$file")
sed -i '/^filesystem:/,/^$/d' "$file"
printf '\nfilesystem:\n  type: oneZone\n  zone: %s\n' "$first" >>"$file"
grep -q '^production: true' "$file" && printf '\naccept:\n  one-zone-files: to be shown in a demo\n' >>"$file"
run "changed out/$env/data.yaml" gen "$env"
refuse "FileSystem" n deploy up "$env"
cp "$work/before.yaml" "$file"
run "changed out/$env/data.yaml" gen "$env"

say "What the site offers, read back"
run "Address" deploy outputs "$env"

if grep -q '^production: true' "$file"; then
  say "A production site is not taken away by accident, but in the two steps that it prints"
  run "protected against deletion" deploy destroy "$env" --yes || true
  sed -i 's/^production: true/production: false/' "$file"
  run "changed out/$env/data.yaml" gen "$env"
  run "$site is deployed" deploy up "$env" --yes
  # Stands in for the AWS CLI, which may not be installed here.
  run "lifted" "$PWD/.venv/localaws/bin/python" -c "import boto3
boto3.client('cloudformation', '$region').update_termination_protection(StackName='$site', EnableTerminationProtection=False)
print('termination protection of $site is lifted')"
fi
say "Taken away: what goes and what stays is said first"
run "$site is destroyed" deploy destroy "$env" --yes

bold "shown: $site generated, deployed, unchanged, changed in place, a replacement declined, read back, destroyed"
