#!/usr/bin/env bash
# Shows the main job on a local AWS of its own: from one environment file to a site, changed and taken away again. make demo [ENV=prod]
# Each step says what it shows, types a command as a person would, and holds what comes back against it.
# It keeps to what macOS has: bash 3.2 (no coproc, no mapfile), and BSD's sed (no -i without a suffix, no \n or \x in what it writes).
set -euo pipefail
cd "$(dirname "$0")/.."
env=${1:-dev}
python=$PWD/.venv/localaws/bin/python
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }

failed() {
  echo "demo: $*" >&2
  exit 1
}

# typed COMMAND…: shows a command, runs it in the copied folder, and keeps what it says. The exit code is the command's.
typed() {
  printf '\n\033[1m$ %s\033[0m\n' "$*"
  (cd "$work" && "$@") 2>&1 8>&- | tee "$work/said"
}

run() { typed "$@" || failed "$* ends with exit code $?"; }

# refused COMMAND…: 3 is the deployer's exit code for a refusal, its own or the answer to its question.
refused() {
  local code=0
  typed "$@" || code=$?
  [ "$code" = 3 ] || failed "$* ends with exit code $code, not 3"
}

# unkept COMMAND…: 1 is the generator's exit code for a site that it does not make.
unkept() {
  local code=0
  typed "$@" || code=$?
  [ "$code" = 1 ] || failed "$* ends with exit code $code, not 1"
}

# saw PATTERN…: what the last command said has each of them, colours aside.
saw() {
  local said pattern
  said=$(sed $'s/\x1b\\[[0-9;]*m//g' "$work/said")
  for pattern; do
    grep -qE -- "$pattern" <<<"$said" || failed "expected to see: $pattern"
  done
}

# answer WORD COMMAND…: types a word at the command's question, at a terminal as a person has one.
answer() {
  local word=$1
  shift
  "$python" -c 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))' "$@" <<<"$word"
}

# aws stands in for the AWS CLI, which may not be installed here, for the one command that the deployer tells to type.
aws() {
  [ "$*" = "cloudformation update-termination-protection --no-enable-termination-protection --region $5 --stack-name $site" ] || failed "no such command here: aws $*"
  AWS_DEFAULT_REGION=$5 "$python" -c "import boto3
boto3.client('cloudformation').update_termination_protection(StackName='$site', EnableTerminationProtection=False)"
}

# edit COMMANDS FILE: has sed change a file.
edit() { sed "$1" "$2" >"$work/edited" && cp "$work/edited" "$2"; }

value() { sed -n "s/^ *$1: *\"\{0,1\}\([A-Za-z0-9.-]*\).*/\1/p" "$file" | head -n 1; }

"$python" tools/patiently.py "building gen and deploy (the first time it takes a minute or two)" go build -o "$work/" ./cmd/gen ./cmd/deploy
cp -r environments out "$work/"
PATH=$work:$PATH
file=$work/environments/$env.yaml
[ -f "$file" ] || failed "there is no environments/$env.yaml"
site=$(value site)

# Nothing of the person's own AWS settings counts. The local AWS listens on loopback, ends with this script, and takes a moment for
# each resource so that there is something to see.
for name in $(compgen -e AWS_); do unset "$name"; done
zone=$(value zone)
domain=$(sed -n '/^domain:/,/^[^ ]/s/^  name: *[^.]*\.\([a-z0-9.-]*\).*/\1/p' "$file")
export LOCALAWS_RESOURCE_MS=${DEMO_RESOURCE_MS:-60} LOCALAWS_HOSTED_ZONES="{${domain:+\"$zone\": \"$domain\"}}"
mkfifo "$work/to-aws" "$work/from-aws"
"$python" -m localaws --port 0 --until-stdin-closes <"$work/to-aws" >"$work/from-aws" 2>"$work/localaws.log" &
exec 8>"$work/to-aws" 9<"$work/from-aws"
read -r _ AWS_ENDPOINT_URL <&9 || failed "the local AWS does not start: $(<"$work/localaws.log")"
account=$(value account)
export AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID=${account:-111122223333} AWS_SECRET_ACCESS_KEY=local
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
# The local AWS is asked directly, whatever proxy there is.
export NO_PROXY=127.0.0.1,localhost no_proxy=127.0.0.1,localhost
# Nothing is fetched from outside, on no machine: no node boots here. A gate says so, and is answered.
export HTTPS_PROXY=http://127.0.0.1:9

# What a person answers: in production the site's name, and a reason for each thing that a gate stopped at.
agree=(--yes) certain=(--accept 'not-staged/nodes="on the local AWS no node boots"')
if grep -q '^production: true' "$file"; then
  agree=(--yes-i-mean "$site")
fi

say "One environment file becomes four templates, the node's files and a manifest"
grep -vE '^ *(#|$)' "$file"
rm -r "$work/out/$env"
run gen "$env"
saw "created out/$env/site.yaml" "created out/$env/node/boot.sh" "created out/$env/site.json"

# Whether the example's domain is delegated, the DNS of this machine says, if it has one.
if [ -n "$domain" ]; then
  code=0
  (cd "$work" && deploy plan "$env" "${certain[@]}") >"$work/said" 2>&1 || code=$?
  [ "$code" = 2 ] || [ "$code" = 3 ] || failed "deploy plan $env ends with exit code $code"
  if grep -q -- '--accept certificate/App/Certificate=' "$work/said"; then
    certain+=(--accept 'certificate/App/Certificate="the domain is an example"')
  fi
fi

say "The first deployment: one nested change set over all four stacks"
run deploy up "$env" "${agree[@]}" "${certain[@]}"
saw 'will be open to the world' '\+ Network' '\+ Data' '\+ App' '[0-9]+ to add' 'CREATE_COMPLETE +Data/FileSystem' "$site is deployed"

say "If there is nothing to do, it says so before it creates a change set"
run deploy up "$env" --yes
saw "no changes: $site"

say "What the site offers, read back"
run deploy outputs "$env"
saw 'Address +https?://' 'FileSystemId +fs-' "export $site-network-VpcId"
filesystem=$(sed -n 's/^ *FileSystemId *\(fs-[0-9a-f]*\).*/\1/p' "$work/said")

say "A change in place: flow logs are kept for a year"
edit $'/flowLogDays:/d; s/^network:/network:\\\n  flowLogDays: 365/' "$file"
run gen "$env"
saw "changed out/$env/network.yaml"
run deploy up "$env" "${agree[@]}"
saw '~ FlowLogGroup' 'RetentionInDays: [0-9]+ → 365' "$site is deployed"

say "A change that would leave the students' files behind is refused twice: first where templates are made"
cp "$file" "$work/before.yaml"
first=$(sed -n 's/^  zones: *\[\([a-z0-9-]*\).*/\1/p' "$file")
edit '/^filesystem:/,/^$/d' "$file"
printf '\nfilesystem:\n  type: oneZone\n  zone: %s\n' "$first" >>"$file"
if grep -q '^production: true' "$file"; then
  printf '\naccept:\n  one-zone-files: to be shown in a demo\n' >>"$file"
fi
unkept gen "$env"
saw 'data/FileSystem AWS::EFS::FileSystem' 'Their data would be left behind'

say "… and, after its line is deleted from logical-ids.txt, by the deployer until somebody accepts it by name"
edit '/^data\/FileSystem /d' "$work/out/$env/logical-ids.txt"
run gen "$env"
saw "changed out/$env/data.yaml"
refused deploy plan "$env"
saw 'Data/FileSystem +AWS::EFS::FileSystem is removed' '\+ FileSystemOneZone ' '- FileSystem .*remove, the old one stays' \
  'CloudFormation will refuse it' '--accept data-loss/Data/FileSystem='
edit '/^data\/FileSystemOneZone /d' "$work/out/$env/logical-ids.txt"
cp "$work/before.yaml" "$file"
run gen "$env"
run deploy up "$env" --yes
saw "no changes: $site"

if grep -q '^production: true' "$file"; then
  say "A production site is not deleted by accident: first the steps that are printed, by hand"
  refused deploy destroy "$env" --yes
  saw "$site is protected against deletion" 'take production: true out' 'aws cloudformation update-termination-protection'
  read -ra lift < <(sed -n 's/^ *2\. \(aws .*\)/\1/p' "$work/said")
  edit '/^production: true/d' "$file"
  run gen "$env"
  refused deploy up "$env" --yes
  saw 'deletion protection goes from true to false'
  lift_guards=()
  while IFS= read -r guard; do
    lift_guards+=(--accept "$guard=\"the site is taken away\"")
  done < <(sed -n 's/^ *--accept \(.*\)="…"$/\1/p' "$work/said")
  run deploy up "$env" --yes-i-mean "$site" "${lift_guards[@]}"
  saw '~ Database ' 'DeletionProtection: true → false' "$site is deployed"
  run "${lift[@]}"
fi

say "Deleted, after the site's name was typed: what is deleted and what stays is shown first"
run answer "$site" deploy destroy "$env"
saw 'deleted after a snapshot' 'stays in the account' "Data/FileSystem .*$filesystem" 'deleted besides: [0-9]+ resources' "$site is destroyed"

printf '\n\033[1mshown: %s\033[0m\n' "$site generated, deployed, unchanged, read back, changed in place, a replacement stopped, destroyed with its data kept"
