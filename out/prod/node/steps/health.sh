#!/bin/bash
# Waits until this node gets visitors. CloudFormation takes the next old node away as soon as this one signals, so to answer is not
# enough: each of the load balancer's own addresses must have asked and been answered as often as the target group's HealthyThreshold.
set -euo pipefail
log=/var/log/nginx/health.log

curl --fail --silent --show-error --retry 10 --retry-connrefused http://127.0.0.1/healthz
for ((tries = 0; tries < 300; tries++)); do
  if awk '$2 == 200 { answered[$1]++ } END { for (a in answered) if (answered[a] < 2) exit 1; exit NR == 0 }' "$log"; then
    exit 0
  fi
  sleep 1
done
echo "node: the load balancer has not asked for /healthz twice within five minutes: a security group, or the target group, keeps it away" >&2
exit 1
