# shellcheck shell=bash
# An ordinary user with a clone of their own, for .ci/run, which is root: the clone may lie where only root looks, and what root has in
# PATH, in its home and in its caches must not be what makes the tests pass. Both go when the shell ends.

newcomer=moodle-ci-$$ newcomer_work=''

# newcomer_lacks prints what this machine lacks for such a user; nothing when the user is there.
newcomer_lacks() {
  local program
  for program in useradd userdel runuser tar; do
    command -v "$program" >/dev/null || { echo "$program is missing" && return; }
  done
  if ! /usr/bin/python3 -c 'import ensurepip' 2>/dev/null; then
    installed python3-venv >&2 || { echo "/usr/bin/python3 has no venv" && return; }
  fi
  /usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "/usr/bin/python3 is older than 3.11" && return; }
  useradd --system --user-group --no-create-home --home-dir "$newcomer_work/home" --shell /bin/bash "$newcomer" >&2 || { echo "useradd failed" && return; }
  runuser -u "$newcomer" -- test -x "$(newcomers_go)/go" || echo "the folder of go, $(newcomers_go), is root's alone"
}

newcomers_go() { dirname "$(readlink -f "$(command -v go)")"; }

# newcomers_work is the folder of all that is the user's; the user need not be there yet.
newcomers_work() {
  trap newcomer_gone EXIT
  newcomer_work=$(mktemp -d /var/tmp/moodle-ci.XXXXXX)
}

newcomers_clone() {
  mkdir "$newcomer_work/clone" "$newcomer_work/home" "$newcomer_work/tmp"
  tar --exclude=./.venv --exclude=./.localaws -cf - . | tar -C "$newcomer_work/clone" -xf -
  if [ -n "${SHARED:-}" ]; then # the recordings; Moodle's archive is for root
    mkdir "$newcomer_work/shared"
    cp -r "$SHARED/aws-recorded" "$newcomer_work/shared/"
    chmod -R u+w "$newcomer_work/shared"
  fi
  chown -R "$newcomer:" "$newcomer_work/clone" "$newcomer_work/home" "$newcomer_work/tmp"
  chmod -R go+rX "$newcomer_work"
}

# as_newcomer COMMAND… runs it in the user's clone. What the environment says of registries, proxies and certificates holds for the
# user too, and so does what go was told by `go env -w`; a Python or a cache of root's does not.
as_newcomer() (
  local name value runuser
  runuser=$(command -v runuser) # in sbin, where an ordinary user does not look
  for name in GOPROXY GONOPROXY GOSUMDB GONOSUMDB GOPRIVATE GOINSECURE GOFLAGS GOTOOLCHAIN GOVCS; do
    value=$(go env "$name")
    export "$name=$value"
  done
  unset GOPATH GOMODCACHE GOCACHE GOENV GOBIN GOTMPDIR PYTHONPATH PYTHONHOME PYENV_ROOT PYENV_VERSION VIRTUAL_ENV XDG_CACHE_HOME XDG_CONFIG_HOME \
    XDG_RUNTIME_DIR MAIL OLDPWD
  PATH=$(newcomers_go):/usr/local/bin:/usr/bin:/bin
  export HOME=$newcomer_work/home TMPDIR=$newcomer_work/tmp USER=$newcomer LOGNAME=$newcomer SHELL=/bin/bash PATH PYTHON=/usr/bin/python3
  cd "$newcomer_work/clone" || exit
  ulimit -Sn 1024 # as at a login
  echo "as $newcomer, with $(/usr/bin/python3 -V): $*"
  exec "$runuser" -u "$newcomer" -- env ${SHARED:+"SHARED=$newcomer_work/shared"} "$@" </dev/null
)

# newcomers_caches spares root what the user has fetched and compiled already.
newcomers_caches() { export GOMODCACHE=$newcomer_work/home/go/pkg/mod GOCACHE=$newcomer_work/home/.cache/go-build; }

newcomer_gone() {
  [ -z "$newcomer_work" ] || rm -rf "$newcomer_work"
  if id "$newcomer" >/dev/null 2>&1; then userdel "$newcomer" || echo "the user $newcomer is left"; fi
}
