# shellcheck shell=bash
# Speaks to AWS with the instance's own role: curl alone, since it must work before anything is installed. The user data carries
# this file in itself and the boot's steps source it; $REGION and the like come from /etc/node.env. There are no braces around its
# variables: in the user data those are CloudFormation's.

# ask CURL-ARGUMENTS…: with patience, for a metadata service that is slow after the launch, and for what fails now and then.
ask() {
  curl --fail --silent --show-error --connect-timeout 5 --max-time 300 --retry 8 --retry-all-errors "$@"
}

# metadata PATH: what the instance metadata service says, by its second version only.
metadata() {
  local session
  session=$(ask -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)
  ask -H "X-aws-ec2-metadata-token: $session" "http://169.254.169.254/latest/meta-data/$1"
}

# signed SERVICE CURL-ARGUMENTS…: one signed request. The credentials go by standard input: no process list shows them.
signed() {
  local service=$1 role key
  shift
  role=$(metadata iam/security-credentials/)
  key=$(metadata "iam/security-credentials/$role")
  field() { sed -n "s/^ *\"$1\" *: *\"\(.*\)\",\{0,1\}$/\1/p" <<<"$key"; }
  ask --aws-sigv4 "aws:amz:$REGION:$service" "$@" --config - <<CONFIG
user = "$(field AccessKeyId):$(field SecretAccessKey)"
header = "x-amz-security-token: $(field Token)"
CONFIG
}

# fetch KEY SHA256 FILE: an object of the site's bucket, taken only with the content that was reviewed.
fetch() {
  signed s3 "https://s3.$REGION.$DNS_SUFFIX/$BUCKET/$1" -o "$3"
  if ! echo "$2  $3" | sha256sum --check --quiet; then
    echo "node: $1 in bucket $BUCKET is not what was reviewed: its SHA-256 is not $2. Deploy again; if it stays so, someone changed the bucket" >&2
    return 1
  fi
}
