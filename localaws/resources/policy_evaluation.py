"""Decides what an IAM policy says of one request: allow, deny or nothing; as far as policies of buckets and roles need
it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html: a key that the
request does not have makes a condition false, and a negated one (StringNotEquals) true; …IfExists and Null ask for that
case
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html: an explicit Deny wins
What is not known here (an operator, a policy variable) raises Undecided, never a silent allow.
"""
import functools
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Verdict(Enum):
    ALLOW = "allow"
    DENY = "deny"
    NOTHING = "nothing"


class Undecided(ValueError):
    """The policy uses an operator or variable that this evaluator does not know."""

    def __init__(self, what):
        super().__init__(f"localaws cannot decide what the policy says: it does not know {what}")


@dataclass(frozen=True)
class Service:
    """An AWS service that acts for itself: logdelivery.elasticloadbalancing.amazonaws.com."""
    name: str


@dataclass(frozen=True)
class Account:
    """Any principal of an AWS account that the policy names as a whole."""
    number: str


@dataclass(frozen=True)
class Request:
    action: str
    resource: str
    principal: Service | Account | None = None  # None: the policy is the caller's own and has no Principal
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # condition keys in lower case


def decide(policy, request):
    """The verdict of one policy document."""
    applying = [s["Effect"] for s in _list(policy.get("Statement")) if _applies(s, request)]
    if "Deny" in applying:
        return Verdict.DENY
    return Verdict.ALLOW if "Allow" in applying else Verdict.NOTHING


def _list(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def _applies(statement, request):
    return (_names(statement, "Principal", lambda p: _is_principal(p, request.principal), request.principal is None)
            and _names(statement, "Action", lambda a: _like(request.action.lower(), a.lower()))
            and _names(statement, "Resource", lambda r: _like(request.resource, r))
            and all(_holds(operator, key, _list(wanted), request.context)
                    for operator, keys in statement.get("Condition", {}).items() for key, wanted in keys.items()))


def _names(statement, element, matches, if_absent=False):
    """Reports whether Action names the request, or NotAction does not; the same for Principal and Resource."""
    if element in statement:
        return any(matches(value) for value in _list(statement[element]))
    if f"Not{element}" in statement:
        return not any(matches(value) for value in _list(statement[f"Not{element}"]))
    return if_absent


def _is_principal(named, principal):
    if named == "*":
        return True
    accounts, services = _list(named.get("AWS")), _list(named.get("Service"))
    if "*" in accounts:
        return True
    if isinstance(principal, Service):
        return principal.name in services
    return principal is not None and any(
        a == principal.number or re.fullmatch(rf"arn:aws[\w-]*:iam::{principal.number}:root", a) for a in accounts)


@functools.cache
def _pattern(pattern):
    if "${" in pattern:
        raise Undecided(f"the policy variable in {pattern!r}")
    return re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern), re.DOTALL)


def _like(text, pattern):
    return bool(_pattern(str(pattern)).fullmatch(text))


def _plain(text, wanted):
    _pattern(wanted)  # refuses variables
    return text == wanted


def _in_range(text, wanted):
    return ipaddress.ip_address(text) in ipaddress.ip_network(wanted, strict=False)


OPERATORS = {
    "StringEquals": _plain, "StringLike": _like, "ArnEquals": _like, "ArnLike": _like,
    "StringEqualsIgnoreCase": lambda text, wanted: _plain(text.lower(), wanted.lower()),
    "Bool": lambda text, wanted: text.lower() == wanted.lower(), "IpAddress": _in_range,
    "NumericEquals": lambda text, wanted: float(text) == float(wanted),
    "NumericLessThan": lambda text, wanted: float(text) < float(wanted),
    "NumericLessThanEquals": lambda text, wanted: float(text) <= float(wanted),
    "NumericGreaterThan": lambda text, wanted: float(text) > float(wanted),
    "NumericGreaterThanEquals": lambda text, wanted: float(text) >= float(wanted),
}
NEGATED = {"StringNotEquals": "StringEquals", "StringNotLike": "StringLike", "ArnNotEquals": "ArnEquals", "ArnNotLike": "ArnLike",
           "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase", "NotIpAddress": "IpAddress", "NumericNotEquals": "NumericEquals"}
OPERATOR = re.compile(r"(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?")


def _holds(operator, key, wanted, context):
    """Reports whether one key of one condition operator is fulfilled."""
    found = OPERATOR.fullmatch(operator)
    quantifier, name, if_exists = found.groups() if found else (None, operator, None)
    wanted = [str(w).lower() if isinstance(w, bool) else str(w) for w in wanted]
    values = context.get(key.lower())
    if name == "Null":
        return str(values is None).lower() in [w.lower() for w in wanted]
    test = OPERATORS.get(NEGATED.get(name, name))
    if not test:
        raise Undecided(f"the condition operator {operator}")
    if values is None:
        return name in NEGATED and quantifier != "ForAnyValue" or bool(if_exists) or quantifier == "ForAllValues"
    fits = [any(test(value, w) for w in wanted) != (name in NEGATED) for value in values]
    return any(fits) if quantifier == "ForAnyValue" else all(fits)
