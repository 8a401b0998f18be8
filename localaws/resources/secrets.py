"""AWS::SecretsManager::Secret and RotationSchedule.

Ref of a secret gives its ARN, where ministack gives its name:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-secretsmanager-secret.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-secretsmanager-rotationschedule.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html:
of a password's settings ministack's handler knows the length and ExcludeCharacters alone.
A schedule is only noted here (no HostedRotationLambda); services/rotation.py does what it says.
"""
import json

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners as prov

from ..controls import clock
from .registry import add
from .service_calls import target

SECRET = "AWS::SecretsManager::Secret"
SETTINGS = {"PasswordLength": int, "ExcludeCharacters": str, **dict.fromkeys(
    ("ExcludeLowercase", "ExcludeNumbers", "ExcludePunctuation", "ExcludeUppercase", "IncludeSpace", "RequireEachIncludedType"),
    lambda value: str(value).lower() == "true")}


def _name(arn):
    """The key of ministack's handlers."""
    return next((name for name, secret in secretsmanager._secrets.items() if secret["ARN"] == arn), arn)


def _value(props):
    """The value that the template gives, or one as GenerateSecretString wants it."""
    asked = props.get("GenerateSecretString")
    if props.get("SecretString") or not asked:
        return props.get("SecretString", "")
    settings = {name: read(asked[name]) for name, read in SETTINGS.items() if name in asked}
    password = target("secretsmanager", "secretsmanager", "GetRandomPassword", settings)["RandomPassword"]
    if "SecretStringTemplate" not in asked:
        return password
    return json.dumps({**json.loads(asked["SecretStringTemplate"]), asked["GenerateStringKey"]: password})


def _stamped(made):
    """ministack's handler takes the machine's time."""
    name, attributes = made
    secret = secretsmanager._secrets[name]
    for record in (secret, *secret["Versions"].values()):
        record["CreatedDate"] = int(clock.now())
    return name, attributes


def _install_secret():
    prov._sm_secret_string = _value
    handler = prov._RESOURCE_HANDLERS[SECRET]
    create, update, delete = handler["create"], handler["update"], handler["delete"]

    def by_arn(made):
        _, attributes = made
        return attributes["Id"], attributes
    handler["create"] = lambda *args: by_arn(_stamped(create(*args)))
    handler["update"] = lambda arn, *rest: by_arn(update(_name(arn), *rest))
    handler["delete"] = lambda arn, props: delete(_name(arn), props)


def create_rotation(logical_id, props, stack_name):
    rotation = {"SecretId": props["SecretId"], "RotationLambdaARN": props.get("RotationLambdaARN"),
                "RotationRules": props.get("RotationRules")}
    made = target("secretsmanager", "secretsmanager", "RotateSecret", {k: v for k, v in rotation.items() if v})
    return made["ARN"], {"Id": made["ARN"]}


def install():
    _install_secret()
    add("AWS::SecretsManager::RotationSchedule", create_rotation, lambda pid, props: None, ("SecretId",))
