"""Generated passwords. Source: resources/secrets.py."""
import json
import string

import pytest

from localaws.tests.harness.service_rules import made, res


@pytest.mark.parametrize("settings,letters", [
    ({"ExcludePunctuation": True}, string.ascii_letters + string.digits),
    ({"ExcludePunctuation": "true", "ExcludeNumbers": True, "PasswordLength": "40"}, string.ascii_letters),
    ({"ExcludeUppercase": True, "ExcludeLowercase": True, "ExcludeCharacters": "0123\"@/\\"},
     "".join(c for c in string.digits + string.punctuation if c not in "0123\"@/\\")),
    ({"IncludeSpace": True}, string.ascii_letters + string.digits + string.punctuation + " ")])
def test_a_password_has_the_characters_that_are_asked_for(aws, settings, letters):
    made(aws, {"Secret": res("SecretsManager::Secret", GenerateSecretString={
        "GenerateStringKey": "password", "SecretStringTemplate": '{"username": "moodle"}', **settings})})
    said = json.loads(aws.client("secretsmanager").get_secret_value(SecretId=aws.resource("one", "Secret")["PhysicalResourceId"])["SecretString"])
    assert said["username"] == "moodle" and len(said["password"]) == int(settings.get("PasswordLength", 32))
    assert set(said["password"]) <= set(letters)
