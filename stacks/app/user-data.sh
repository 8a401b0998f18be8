#!/bin/bash
# Fetches the node's bundle with the instance's own role, checks it, and runs it. CloudFormation is told how it went.
cat >/etc/node.env <<'END'
# SETTINGS
END
set -euo pipefail
. /etc/node.env

metadata() { curl -fsS --retry 8 -H "X-aws-ec2-metadata-token: $session" "http://169.254.169.254/latest/meta-data/$1"; }
session=$(curl -fsS --retry 8 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600' http://169.254.169.254/latest/api/token)
instance=$(metadata instance-id)

# signed SERVICE ARGUMENTS…: one signed request; the credentials stand in no process list.
signed() {
  local service=$1 role key
  shift
  role=$(metadata iam/security-credentials/)
  key=$(metadata "iam/security-credentials/$role")
  field() { sed -n "s/^ *\"$1\" *: *\"\(.*\)\",\{0,1\}$/\1/p" <<<"$key"; }
  curl -fsS --retry 8 --retry-all-errors --aws-sigv4 "aws:amz:$REGION:$service" "$@" --config - <<CONFIG
user = "$(field AccessKeyId):$(field SecretAccessKey)"
header = "x-amz-security-token: $(field Token)"
CONFIG
}

signal() {
  signed cloudformation "https://cloudformation.$REGION.$DNS_SUFFIX/" -o /dev/null --data-urlencode Version=2010-05-15 \
    --data-urlencode Action=SignalResource --data-urlencode "StackName=$STACK" --data-urlencode "LogicalResourceId=$GROUP" \
    --data-urlencode "UniqueId=$instance" --data-urlencode "Status=$1"
}
trap 'echo "node: boot failed at line $LINENO of the user data" >&2; signal FAILURE' ERR

signed s3 "https://s3.$REGION.$DNS_SUFFIX/$BUCKET/node/$BUNDLE.tar" -o /root/bundle.tar
echo "$BUNDLE  /root/bundle.tar" | sha256sum --check --quiet
mkdir -p /opt/node
tar -xf /root/bundle.tar -C /opt/node
/opt/node/boot.sh
signal SUCCESS
