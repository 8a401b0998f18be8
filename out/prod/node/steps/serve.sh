#!/bin/bash
# Lets visitors in. All before is done by now, so no visitor ever meets a half-made node.
set -euo pipefail
fpm=$(php -r 'echo PHP_MAJOR_VERSION, ".", PHP_MINOR_VERSION;')

# What a package brought for its own use must not answer on our port, and nobody logs in by SSH: Session Manager does.
rm -f /etc/nginx/sites-enabled/default "/etc/php/$fpm/fpm/pool.d/www.conf"
systemctl mask --now ssh.service ssh.socket

"php-fpm$fpm" -t
nginx -t
systemctl daemon-reload
systemctl enable node-imds.service node-secrets.service "php$fpm-fpm.service" nginx.service \
  node-secrets.timer moodle-cron.timer node-check.timer node-drain.service node-journal.service
systemctl restart node-imds.service
systemctl restart "php$fpm-fpm.service"
systemctl restart nginx.service
systemctl start node-secrets.timer moodle-cron.timer node-check.timer node-drain.service node-journal.service
