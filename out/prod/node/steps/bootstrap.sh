#!/bin/bash
# Brings the database to this node's code, as www-data. What www-data may not read it gets by standard input: the administrator's
# first password, and whether this very bundle was allowed to upgrade (deploy up --upgrade).
set -euo pipefail
# shellcheck source=/dev/null
. /etc/node.env
# shellcheck source=../aws.sh disable=SC1091
. ./aws.sh
install -d -o www-data -g www-data -m 0750 /var/local/moodle /var/local/moodle/cache /var/local/moodle/request /var/local/moodle/muc

permission=no
if signed s3 "https://s3.$REGION.$DNS_SUFFIX/$BUCKET/upgrade/$BUNDLE" --retry 2 -o /dev/null 2>/dev/null; then permission=yes; fi
as_web=(setpriv --reuid www-data --regid www-data --clear-groups env -i PATH="$PATH" HOME=/nonexistent)
php php/administrator.php "$permission" | "${as_web[@]}" php php/bootstrap.php
"${as_web[@]}" php php/caches.php
