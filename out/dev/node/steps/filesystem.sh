#!/bin/bash
# Mounts Moodle's data directory: EFS over TLS, through the access point, with the instance's role (amazon-efs-utils).
set -euo pipefail
# shellcheck source=/dev/null
. /etc/node.env
# shellcheck source=../aws.sh disable=SC1091
. ./aws.sh
data=/srv/moodledata

if [ ! -x /sbin/mount.efs ]; then
  digest=$(php php/staged.php efs-utils)
  fetch "staged/$digest" "$digest" /root/amazon-efs-utils.deb
  DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends /root/amazon-efs-utils.deb
fi

# Nobody may write where the file system is missing: such files would be on one node only, and gone with it.
if ! mountpoint -q "$data"; then
  install -d -m 0000 "$data"
fi

# _netdev: after the network. az: a One Zone file system has one address, which another zone's nodes must be told.
zone=$(php php/staged.php --zone)
options=_netdev,noresvport,tls,iam,accesspoint=$ACCESS_POINT${zone:+,az=$zone}
sed -i "\\#^[^ ]* $data #d" /etc/fstab
echo "$FILE_SYSTEM:/ $data efs $options 0 0" >>/etc/fstab
systemctl daemon-reload

for wait in 0 5 10 20 40 80; do
  sleep "$wait"
  mountpoint -q "$data" && exit 0
  systemctl start srv-moodledata.mount && mountpoint -q "$data" && exit 0
done
echo "node: file system $FILE_SYSTEM could not be mounted in six tries; journalctl -u srv-moodledata.mount tells why" >&2
exit 1
