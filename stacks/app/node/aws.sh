# shellcheck shell=bash
# Speaks to AWS with the instance's own role: curl alone, since it must work before anything is installed. The user data carries
# this file in itself and the boot's steps source it; $REGION and the like come from /etc/node.env. There are no braces around its
# variables: in the user data those are CloudFormation's. Each function looks at every command itself, since bash's -e does not hold
# in it where its caller does (||, if).

ask() {
  curl --fail --silent --show-error --connect-timeout 5 "$@"
}

# metadata PATH: what the instance metadata service says, by its second version only. It may be slow after the launch; and each try
# has a token of its own, so that none is ever over.
metadata() {
  local wait token answer
  for wait in 0 1 2 4 8 16 32; do
    sleep "$wait"
    token=$(ask --max-time 20 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token) || continue
    answer=$(ask --max-time 20 -H "X-aws-ec2-metadata-token: $token" "http://169.254.169.254/latest/meta-data/$1") || continue
    echo "$answer"
    return 0
  done
  echo "node: the instance metadata service does not say $1, in seven tries" >&2
  return 1
}

# signed SERVICE CURL-ARGUMENTS…: one signed request, asked again while it fails, each time with the role's credentials of that moment.
# They go by standard input: no process list shows them.
signed() {
  local service=$1 wait role key answer
  shift
  for wait in 0 2 4 8 16 32 64; do
    sleep "$wait"
    role=$(metadata iam/security-credentials/) || return 1
    key=$(metadata "iam/security-credentials/$role") || return 1
    field() { sed -n "s/^ *\"$1\" *: *\"\(.*\)\",\{0,1\}$/\1/p" <<<"$key"; }
    answer=$(
      ask --max-time 300 --retry 3 --aws-sigv4 "aws:amz:$REGION:$service" "$@" --config - <<CONFIG
user = "$(field AccessKeyId):$(field SecretAccessKey)"
header = "x-amz-security-token: $(field Token)"
CONFIG
    ) || continue
    echo "$answer"
    return 0
  done
  return 1
}

# fetch KEY SHA256 FILE: an object of the site's bucket, taken only with the content that was reviewed.
fetch() {
  signed s3 "https://s3.$REGION.$DNS_SUFFIX/$BUCKET/$1" -o "$3" || return 1
  if ! echo "$2  $3" | sha256sum --check --quiet; then
    echo "node: $1 in bucket $BUCKET is not what was reviewed: its SHA-256 is not $2. Deploy again; if it stays so, someone changed the bucket" >&2
    return 1
  fi
}
