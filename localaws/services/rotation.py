"""Secrets rotate when their time has come: a new version, which is the current one from then on.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html (a managed master password: every
seven days)
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html (RotationRules: days, or rate(…);
cron(…) is not modelled)
Nothing here runs a rotation's function, so a secret of a RotationSchedule gets a version with the value it had.
"""
import json
import re
import secrets as random_secrets

from ministack.services import rds, secretsmanager

from ..controls import clock

DAY = 86400
MANAGED = {"AutomaticallyAfterDays": 7}
RATE = re.compile(r"rate\((\d+) (hour|day)s?\)$")


def _period(rules):
    """Returns the seconds between two rotations, or None."""
    rate = RATE.match(rules.get("ScheduleExpression") or "")
    if rate:
        return int(rate[1]) * (3600 if rate[2] == "hour" else DAY)
    return int(rules["AutomaticallyAfterDays"]) * DAY if rules.get("AutomaticallyAfterDays") else None


def _clusters():
    """{secret's ARN: cluster} of the managed master passwords, of all accounts."""
    return {c["MasterUserSecret"]["SecretArn"]: c for c in rds._clusters.all_values() if c.get("MasterUserSecret")}


def _next(secret, managed):
    period = _period(MANAGED if managed else secret.get("RotationRules") or {})
    if not period or secret.get("DeletedDate") or "_PrimarySecretArn" in secret or not (managed or secret.get("RotationEnabled")):
        return None
    return secret.get("_rotated", secret["CreatedDate"]) + period


def _due(after):
    clusters = _clusters()
    found = (_next(s, s["ARN"] in clusters) for s in secretsmanager._secrets.all_values())
    return min((max(moment, after + 1) for moment in found if moment is not None), default=None)


def _act(moment):
    clusters = _clusters()

    def here():
        for secret in list(secretsmanager._secrets.values()):
            due = _next(secret, secret["ARN"] in clusters)
            if due is not None and due <= moment:
                _rotate(secret, clusters.get(secret["ARN"]))
    clock.in_every_scope([secretsmanager._secrets], here)


def _rotate(secret, cluster):
    current = next(v for v in secret["Versions"].values() if "AWSCURRENT" in v["Stages"])
    value = current["SecretString"]
    if cluster:
        cluster["_MasterUserPassword"] = random_secrets.token_urlsafe(24)
        value = json.dumps({**json.loads(value), "password": cluster["_MasterUserPassword"]})
    secretsmanager._publish_new_version(secret, secret_string=value, secret_binary=current["SecretBinary"])
    secret["_rotated"] = int(clock.now())


def _wrap_rotate(original):
    """RotateSecret rotates at once, and the days are counted from then."""
    def rotate(data):
        answer = original(data)
        _, secret = secretsmanager._resolve(data.get("SecretId"))
        if answer[0] == 200:
            secret["_rotated"] = int(clock.now())
        return answer
    return rotate


def _wrap_describe(original):
    def describe(data):
        status, headers, body = original(data)
        _, secret = secretsmanager._resolve(data.get("SecretId"))
        if status != 200:
            return status, headers, body
        said, managed = json.loads(body), secret["ARN"] in _clusters()
        if managed:
            said.update(RotationEnabled=True, RotationRules=MANAGED, OwningService="rds")
        if (moment := _next(secret, managed)) is not None:
            said["NextRotationDate"] = moment
        if "_rotated" in secret:
            said["LastRotatedDate"] = secret["_rotated"]
        return status, headers, json.dumps(said).encode()
    return describe


def install():
    secretsmanager._rotate_secret = _wrap_rotate(secretsmanager._rotate_secret)
    secretsmanager._describe_secret = _wrap_describe(secretsmanager._describe_secret)
    clock.plan(_due, _act)
