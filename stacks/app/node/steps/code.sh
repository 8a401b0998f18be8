#!/bin/bash
# Lays Moodle, its plugins and its language packs on the local disk: root's, which PHP can read and never change. The path has
# the code's identity in it, so that no cache ever takes one version's file for another's.
set -euo pipefail
# shellcheck source=/dev/null
. /etc/node.env
# shellcheck source=../aws.sh disable=SC1091
. ./aws.sh
umask 022
identity=$(php php/staged.php --identity)
code=/srv/moodle/$identity
work=/srv/moodle/unpacking

# unpack FILE FOLDER: the archive's one top folder becomes FOLDER. Dates are today's: PHP's opcache never keeps a file dated 1970.
unpack() {
  rm -rf "$work.part"
  mkdir -p "$work.part" "$(dirname "$2")"
  if [ "$(head -c 2 "$1")" = PK ]; then unzip -qq -DD "$1" -d "$work.part"; else tar -xf "$1" -m --no-same-owner -C "$work.part"; fi
  local top
  top=$(find "$work.part" -mindepth 1 -maxdepth 1)
  [ "$(wc -l <<<"$top")" = 1 ] || { echo "node: the archive of $2 has not one folder at its top but: $top" >&2; return 1; }
  [ ! -e "$2" ] || { echo "node: $2 is already part of Moodle or of another plugin" >&2; return 1; }
  mv "$top" "$2"
}

if [ ! -d "$code" ]; then
  rm -rf "$work" "$work.part"
  archives=$(php php/staged.php --archives) # Moodle itself first
  while read -r digest kind path; do
    case $kind in
      moodle) folder=$work/code ;;
      plugin) [ -d "$work/code/public" ] && folder=$work/code/public/$path || folder=$work/code/$path ;;
      language) folder=$work/languages/$path ;;
    esac
    fetch "staged/$digest" "$digest" /root/archive
    unpack /root/archive "$folder"
  done <<<"$archives"
  rm -rf /root/archive "$work.part"
  chmod -R u=rwX,go=rX "$work"
  mkdir -p "$work/languages"
  mv "$work/languages" "$code.languages"
  mv "$work/code" "$code"
  rm -rf "$work"
fi
[ -d "$code/public" ] && root=$code/public || root=$code
ln -sfn "$root" /srv/moodle/root
install -m 0644 php/config.php "$code/config.php"
