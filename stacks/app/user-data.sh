#!/bin/bash
# Fetches the node's bundle with the instance's own role, checks it, and runs it. CloudFormation is told how it went, and a
# failure's last lines are in the log group when the machine is gone.
cat >/etc/node.env <<'END'
# SETTINGS
END
set -euo pipefail
# shellcheck source=/dev/null
. /etc/node.env

# AWS

# signal STATUS: CloudFormation listens only while it makes or changes the group. Of a node that the group has added by itself it says
# ValidationError, which is well; throttling has the same status and is asked again.
signal() {
  local answer wait
  for wait in 0 2 4 8 16 32; do
    sleep "$wait"
    answer=$(signed cloudformation "https://cloudformation.$REGION.$DNS_SUFFIX/" --no-fail -w ' %{http_code}' --data-urlencode Version=2010-05-15 \
      --data-urlencode Action=SignalResource --data-urlencode "StackName=$STACK" --data-urlencode "LogicalResourceId=$GROUP" \
      --data-urlencode "UniqueId=$instance" --data-urlencode "Status=$1") || continue
    case $answer in
      *' 200') return 0 ;;
      *ValidationError*) echo "node: CloudFormation waits for no signal" && return 0 ;;
    esac
  done
  echo "node: CloudFormation did not take the signal $1: $answer" >&2
  return 1
}

# log ACTION JSON: the log group may lack the stream, or have it from a run before; neither is worth failing for.
log() {
  signed logs "https://logs.$REGION.$DNS_SUFFIX/" -o /dev/null -H 'Content-Type: application/x-amz-json-1.1' \
    -H "X-Amz-Target: Logs_20140328.$1" --data "$2" || true
}

failed() {
  echo "node: boot failed in step $(cat /run/node-step)" >&2
  lines=$(tail -n 60 /var/log/cloud-init-output.log |
    python3 -c 'import json,sys,time; print(json.dumps([{"timestamp": int(time.time()*1000), "message": l} for l in sys.stdin.read().splitlines() if l.strip()]))') || lines='[]'
  log CreateLogStream "{\"logGroupName\":\"$LOG_GROUP\",\"logStreamName\":\"$instance/boot\"}"
  log PutLogEvents "{\"logGroupName\":\"$LOG_GROUP\",\"logStreamName\":\"$instance/boot\",\"logEvents\":$lines}"
  signal FAILURE
}

instance=$(metadata instance-id)
trap failed EXIT
echo "fetch the bundle" >/run/node-step
fetch "node/$BUNDLE.tar" "$BUNDLE" /root/bundle.tar
mkdir -p /opt/node
tar -xf /root/bundle.tar -C /opt/node
/opt/node/boot.sh
trap - EXIT
signal SUCCESS
