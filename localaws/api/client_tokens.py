"""A request that repeats the client token of an earlier one gets the earlier answer and is not executed again. A
program repeats a request with the same token after a network error.

ClientToken of CreateChangeSet and ClientRequestToken of the others, in the CloudFormation API reference:
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
"""
from ministack.core.responses import get_account_id, get_region
from ministack.services.cloudformation.helpers import _p

from .. import patching

TOKENS = {"CreateChangeSet": "ClientToken"} | dict.fromkeys(
    ("CancelUpdateStack", "ContinueUpdateRollback", "CreateStack", "DeleteStack", "ExecuteChangeSet", "RollbackStack", "UpdateStack"),
    "ClientRequestToken")
_answers = {}


def _wrap(action, original):
    def handler(params):
        token = _p(params, TOKENS[action])
        if not token:
            return original(params)
        key = (get_account_id(), get_region(), action, _p(params, "StackName"), _p(params, "ChangeSetName"), token)
        if key not in _answers:
            answer = original(params)
            if answer[0] != 200:
                return answer
            _answers[key] = answer
        return _answers[key]
    return handler


def install():
    for action in TOKENS:
        patching.replace_action(action, lambda original, action=action: _wrap(action, original))
