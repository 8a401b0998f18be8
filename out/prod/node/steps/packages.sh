#!/bin/bash
# Ubuntu's own packages, by names without a version: the release decides, and unattended upgrades keep them patched.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

packages=(
  nginx-light php-fpm php-cli
  php-curl php-gd php-igbinary php-intl php-mbstring php-pgsql php-redis php-soap php-xml php-zip
  ghostscript poppler-utils unzip # PDF annotation and previews; archives
  nftables unattended-upgrades
)

# A package must not start its service: the distribution's default page would answer the load balancer before Moodle does.
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 0755 /usr/sbin/policy-rc.d
trap 'rm -f /usr/sbin/policy-rc.d' EXIT

# Of a file of ours that a newer package changes, ours stays; without that, unattended upgrades would hold the package back.
cat >/etc/apt/apt.conf.d/90node <<'END'
DPkg::Lock::Timeout "600";
DPkg::Options { "--force-confdef"; "--force-confold"; };
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
END

# Mirrors fail now and then, and another apt may hold the lock for a while after the first start.
for wait in 0 5 15 30 60 120; do
  sleep "$wait"
  apt-get -q update -o APT::Update::Error-Mode=any && apt-get -qy install --no-install-recommends "${packages[@]}" && exit 0
  echo "node: packages: try again after a failure of apt" >&2
done
echo "node: the packages could not be installed in six tries: ${packages[*]}" >&2
exit 1
