"""Error texts as recorded on AWS (aws-recorded/errors.json), where ministack has its own words.

From memory: the S3 error of a TemplateURL whose object does not exist.
"""
import re

from ministack.services.cloudformation.handlers import _ACTION_HANDLERS

from .. import patching

ALL = tuple(_ACTION_HANDLERS)
RULES = (
    (("DescribeStackResource",), r"Stack \[(.+?)\] does not exist", r"Stack '\1' does not exist"),
    (("DescribeStackResource",), r"Resource \[(.+?)\] does not exist in stack \[(.+?)\]",
     r"Resource \1 does not exist for stack \2"),
    (ALL, r"Template not found at \S+?(?=</Message>)", "S3 error: The specified key does not exist.\nFor more information check "
     "http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"),
    (ALL, r"Parameter '(.+?)' has no Default and was not provided", r"Parameters: [\1] must have values"),
)


def _reword(rules, original):
    def handler(params):
        status, headers, body = original(params)
        if status >= 400:
            text = body.decode()
            for pattern, better in rules:
                text = re.sub(pattern.replace("'", "(?:'|&apos;|&#x27;)"), better, text)
            body = text.encode()
        return status, headers, body
    return handler


def install():
    for action in ALL:
        rules = [(pattern, better) for actions, pattern, better in RULES if action in actions]
        patching.replace_action(action, lambda original, rules=rules: _reword(rules, original))
