#!/bin/bash
# Brings the database to this node's code, as www-data. What www-data may not read it gets by standard input: the administrator's
# first password, and whether this very bundle was allowed to upgrade (deploy up --upgrade).
set -euo pipefail
# shellcheck source=/dev/null
. /etc/node.env
# shellcheck source=../aws.sh disable=SC1091
. ./aws.sh
install -d -o www-data -g www-data -m 0750 /var/local/moodle /var/local/moodle/cache /var/local/moodle/request /var/local/moodle/muc

# Without the right to list the bucket S3 says 403 of a key that isn't there. Neither answer is worth asking again.
answer=$(signed s3 "https://s3.$REGION.$DNS_SUFFIX/$BUCKET/upgrade/$BUNDLE" --no-fail -o /dev/null -w '%{http_code}')
case $answer in
  200) permission=yes ;;
  403 | 404) permission=no ;;
  *) echo "node: the bucket $BUCKET does not say whether this bundle may upgrade: HTTP $answer" >&2 && exit 1 ;;
esac
as_web=(setpriv --reuid www-data --regid www-data --clear-groups env -i PATH="$PATH" HOME=/nonexistent)
php php/administrator.php "$permission" | "${as_web[@]}" php php/bootstrap.php
"${as_web[@]}" php php/caches.php
