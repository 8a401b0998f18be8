"""AWS::SecretsManager::Secret and RotationSchedule.

Ref of a secret gives its ARN, where ministack gives its name:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-secretsmanager-secret.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-secretsmanager-rotationschedule.html
A password is made as GetRandomPassword makes one, with all that GenerateSecretString says of it; ministack knows its length
and ExcludeCharacters only:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-secretsmanager-secret-generatesecretstring.html
A schedule is only noted here (no HostedRotationLambda); services/rotation.py does what it says.
"""
import json

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners as prov

from .registry import add
from .service_calls import target

SECRET = "AWS::SecretsManager::Secret"


def _name(arn):
    """The key of ministack's handlers."""
    return next((name for name, secret in secretsmanager._secrets.items() if secret["ARN"] == arn), arn)


def _wrap_value(original):
    def value(props):
        asked = props.get("GenerateSecretString")
        if asked is None or props.get("SecretString"):
            return original(props)
        password = target("secretsmanager", "secretsmanager", "GetRandomPassword", _typed(asked))["RandomPassword"]
        if not asked.get("SecretStringTemplate"):
            return password
        return json.dumps({**json.loads(asked["SecretStringTemplate"]), asked["GenerateStringKey"]: password})
    return value


def _typed(asked):
    """The settings of GetRandomPassword, as JSON has them: a template may give numbers and truth values as texts."""
    flags = {name: str(value).lower() == "true" for name, value in asked.items()
             if name.startswith(("Exclude", "Include", "Require")) and name != "ExcludeCharacters"}
    return {"PasswordLength": int(asked.get("PasswordLength", 32)), "ExcludeCharacters": asked.get("ExcludeCharacters", ""), **flags}


def _install_secret():
    handler = prov._RESOURCE_HANDLERS[SECRET]
    create, update, delete = handler["create"], handler["update"], handler["delete"]

    def by_arn(made):
        _, attributes = made
        return attributes["Id"], attributes
    handler["create"] = lambda *args: by_arn(create(*args))
    handler["update"] = lambda arn, *rest: by_arn(update(_name(arn), *rest))
    handler["delete"] = lambda arn, props: delete(_name(arn), props)


def create_rotation(logical_id, props, stack_name):
    rotation = {"SecretId": props["SecretId"], "RotationLambdaARN": props.get("RotationLambdaARN"),
                "RotationRules": props.get("RotationRules")}
    made = target("secretsmanager", "secretsmanager", "RotateSecret", {k: v for k, v in rotation.items() if v})
    return made["ARN"], {"Id": made["ARN"]}


def install():
    prov._sm_secret_string = _wrap_value(prov._sm_secret_string)
    _install_secret()
    add("AWS::SecretsManager::RotationSchedule", create_rotation, lambda pid, props: None, ("SecretId",))
