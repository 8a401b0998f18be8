#!/bin/bash
# How the node speaks TLS (files/openssl.cnf), and whom it trusts to be the database and the cache. A request opens a connection to
# each, and each reads all its authorities first: the system's 149 cost 18 ms of CPU a connection, a handful costs none (docs/node.md).
# So the few that are meant are picked out: RDS's of this region, which the bundle contains, and for the cache Amazon's with what this
# machine was given of its own. The latter are taken only if they prove the server to be what it says; a server that has others, or
# does not answer now, gets the whole list.
set -euo pipefail
# shellcheck source=/dev/null
. /etc/node.env
# shellcheck source=../aws.sh disable=SC1091
. ./aws.sh
umask 022
shopt -s nullglob

install -m 0644 files/openssl.cnf /etc/ssl/node.cnf
grep -q '^.include /etc/ssl/node.cnf' /etc/ssl/openssl.cnf || printf '\n.include /etc/ssl/node.cnf\n' >>/etc/ssl/openssl.cnf

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >"$work/said"

# trust FILE FEW ALL HOST PORT: FILE becomes FEW where that proves who HOST is, else ALL.
trust() {
  local file=$1 few=$2 all=$3 host=$4 port=$5
  if [ -s "$few" ] && timeout 20 openssl s_client -connect "$host:$port" -verify_hostname "$host" -verify_return_error \
    -CAfile "$few" -no-CApath -no-CAstore </dev/null >"$work/said" 2>&1; then
    install -m 0644 "$few" "$file"
  else
    tail -n 5 "$work/said" >&2
    echo "node: $host is not proved by the few authorities that it should have; it is held against the whole list, which costs each request some milliseconds" >&2
    install -m 0644 "$all" "$file"
  fi
}

# RDS's authorities of this region, reviewed in the site's lock: a handful, and nobody else is taken for the database.
[ -s database-certificates.pem ] || {
  echo "node: the bundle has no database-certificates.pem, so nothing can be trusted to be the database; run deploy lock, gen and deploy up" >&2
  exit 1
}
install -m 0644 database-certificates.pem /etc/ssl/certs/moodle-database.pem

if [ -n "${CACHE_HOST:-}" ]; then
  cat /dev/null /usr/share/ca-certificates/mozilla/{Amazon_Root_CA_,Starfield_Services_Root_}*.crt /usr/local/share/ca-certificates/*.crt >"$work/amazon.pem"
  trust /etc/ssl/certs/moodle-cache.pem "$work/amazon.pem" /etc/ssl/certs/ca-certificates.crt "$CACHE_HOST" 6379
fi
