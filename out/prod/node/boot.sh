#!/bin/bash
# Makes a node out of a fresh Ubuntu 24.04. Every step may be run again.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
export DEBIAN_FRONTEND=noninteractive

step() { echo "node: $(date -u +%FT%TZ) $1"; }

step "packages"
# Mirrors fail now and then, and another apt may hold the lock for a while after the first boot.
packages=(nginx php-fpm php-cli)
for wait in 0 5 15 30 60 120; do
  sleep "$wait"
  apt-get -o DPkg::Lock::Timeout=600 -q update && apt-get -o DPkg::Lock::Timeout=600 -qy install "${packages[@]}" && break
  [ "$wait" = 120 ] && { echo "node: packages could not be installed: ${packages[*]}" >&2; exit 1; }
done

step "web server"
socket=$(find /run/php -name 'php*-fpm.sock' | sort | tail -1)
install -d /srv/node
install -m 0644 "$here/healthz.php" /srv/node/healthz.php
sed "s#@SOCKET@#$socket#" "$here/nginx.conf" >/etc/nginx/conf.d/node.conf
rm -f /etc/nginx/sites-enabled/default
nginx -t
systemctl reload-or-restart nginx

step "health"
curl -fsS --retry 10 --retry-connrefused http://127.0.0.1/healthz
