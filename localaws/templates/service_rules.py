"""Refuses a resource that breaks a rule of its service, in the service's own words.

The rules are those that the generator holds its templates against (internal/cfn/servicerules/rules.yaml). Their format,
and what a path and a condition mean, is described in doc.go beside them. Both programs run the same examples
(testdata/examples.yaml), so that they understand a rule alike.

A rule from memory refuses nothing: it is logged, and listed by GET /_localaws/warnings.
"""
import functools
import logging
import re
from pathlib import Path

from .. import patching, schema
from ..resources.registry import Refused
from . import related_rules
from .rule_checks import CHECKS
from .rule_conditions import NO, YES, as_text, follow, kept, steps, wanted

RULES = Path(__file__).resolve().parents[2] / "internal" / "cfn" / "servicerules" / "rules.yaml"
SERVICES = {"EC2": "Ec2", "EFS": "Efs", "RDS": "Rds", "IAM": "Iam"}  # as CloudFormation quotes them; others as in the type

PROPERTY = re.compile(r"\{([A-Z][A-Za-z]*)\}")

warnings = []
log = logging.getLogger("localaws")


@functools.cache  # reading takes a moment, which only a deployment needs
def rules():
    import yaml
    return yaml.load(RULES.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def violations(rule, rtype, props):
    """[(path, value)] of what breaks the rule in a resource's properties."""
    if "check" in rule:
        return list({**CHECKS, **related_rules.CHECKS}[rule["check"]](rule, props or {}))
    found = []
    for path in _paths(rule, rtype):
        for obj in follow(("", props or {}), steps(path)):
            if all(wanted(c, obj) == YES for c in rule.get("when", ())):
                found += [at[:2] for truth, at in (kept(c, obj) for c in rule.get("must", ())) if truth == NO]
    return found


@functools.cache
def _rules_of(rtype):
    return [rule for rule in rules() if (is_known(rule) or rule.get("check") in related_rules.CHECKS) and _paths(rule, rtype)]


def is_known(rule):
    """Reports whether one resource can show that it breaks the rule."""
    return "must" in rule or rule.get("check") in CHECKS


def _given(rtype, props):
    """The properties without the tags that CloudFormation adds, which no rule is about."""
    tags = schema.tags_list(rtype)
    if not props.get(tags):
        return props
    return {**props, tags: [tag for tag in props[tags] if not str(tag.get("Key")).startswith("aws:cloudformation:")]}


def check(rtype, logical_id, props):
    props = _given(rtype, props)
    for rule in _rules_of(rtype):
        for path, value in violations(rule, rtype, props):
            error = rule["error"]
            message = PROPERTY.sub(lambda name: as_text(props.get(name[1], "")), error["text"].replace("{value}", as_text(value)))
            if rule["from"] == "read":
                namespace = rtype.split("::")[1]
                raise Refused(message, SERVICES.get(namespace, namespace), 400, error.get("code", ""))
            warnings.append(f"{logical_id}.{path}: {rule['rule']} (rule {rule['id']}, from memory)")
            log.warning(warnings[-1])


def _paths(rule, rtype):
    at = rule["at"]
    if rtype in at:
        return at[rtype]
    tags = schema.tags_list(rtype)
    return [path.replace("{tags}", tags) for path in at.get("*", ())] if tags else []


def install():
    patching.check_first(check)
