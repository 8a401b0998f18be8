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

# call SERVICE FINE CURL-ARGUMENTS…: one call, asked again until it is taken or refused with the error FINE, which is as good.
# Throttling has the status of a mistake (400), so no refusal is believed at once.
call() {
  local service=$1 fine=$2 answer=nothing wait
  shift 2
  for wait in 0 2 4 8 16 32; do
    sleep "$wait"
    answer=$(signed "$service" "https://$service.$REGION.$DNS_SUFFIX/" --no-fail -w ' %{http_code}' "$@") || continue
    case $answer in
      *' 200') return 0 ;;
      *"$fine"*) echo "node: $service: $fine, which is well" && return 0 ;;
    esac
  done
  echo "node: $service did not take a call: $answer" >&2
  return 1
}

# signal STATUS: CloudFormation listens only while it makes or changes the group. Of a node that the group has added by itself it says
# ValidationError.
signal() {
  call cloudformation ValidationError --data-urlencode Version=2010-05-15 --data-urlencode Action=SignalResource \
    --data-urlencode "StackName=$STACK" --data-urlencode "LogicalResourceId=$GROUP" --data-urlencode "UniqueId=$instance" --data-urlencode "Status=$1"
}

# log ACTION FILE: a call of CloudWatch Logs, with what the file says. The stream may be there, from a run before.
log() {
  call logs ResourceAlreadyExistsException -H 'Content-Type: application/x-amz-json-1.1' -H "X-Amz-Target: Logs_20140328.$1" --data-binary "@$2"
}

# last LINE: the last lines of the boot's log as calls of CloudWatch Logs, in /run/node-stream and /run/node-events. They end with LINE:
# cloud-init writes its log by way of another process, which may be behind (tee), so they are taken when LINE is there.
last() {
  local tries
  for ((tries = 0; tries < 100; tries++)); do
    grep -qsF "$1" /var/log/cloud-init-output.log && break
    sleep 0.1
  done
  python3 - "$LOG_GROUP" "$instance/boot" "$1" <<'PYTHON'
import json, os, sys, time
group, stream, line = sys.argv[1:]
log = "/var/log/cloud-init-output.log"
text = open(log, errors="replace").read() if os.path.exists(log) else line
lines = [l[:4000] for l in text.splitlines() if l.strip()][-60:]
to = {"logGroupName": group, "logStreamName": stream}
events = [{"timestamp": int(time.time() * 1000), "message": l} for l in lines]
json.dump(to, open("/run/node-stream", "w"))
json.dump(to | {"logEvents": events}, open("/run/node-events", "w"))
PYTHON
}

# failed: CloudFormation ends the machine once it has heard, so the log group comes first. What fails in here is said, and ends nothing.
failed() {
  local line
  line="node: boot failed in step $(cat /run/node-step)"
  echo "$line" >&2
  if ! { last "$line" && log CreateLogStream /run/node-stream && log PutLogEvents /run/node-events; }; then
    echo "node: the log group $LOG_GROUP has not got the last lines of this log" >&2
  fi
  signal FAILURE
}

instance=$(metadata instance-id)
echo "fetch the bundle" >/run/node-step
trap failed EXIT
fetch "node/$BUNDLE.tar" "$BUNDLE" /root/bundle.tar
mkdir -p /opt/node
tar -xf /root/bundle.tar -C /opt/node
/opt/node/boot.sh
trap - EXIT
signal SUCCESS
