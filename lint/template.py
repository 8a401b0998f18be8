"""A template as the linters' exceptions need it: where each resource stands and which rules it breaks knowingly."""
from dataclasses import dataclass, field

import yaml


@dataclass(frozen=True)
class Accepted:
    """One rule that one resource breaks knowingly, as its Metadata says it."""

    resource: str
    tools: tuple
    rule: str
    reason: str
    line: int


@dataclass
class Template:
    path: str
    types: dict = field(default_factory=dict)  # logical id to resource type
    accepted: list = field(default_factory=list)
    whole: list = field(default_factory=list)  # (line, tool) of exceptions for the whole template


def read(path):
    """The template at path. One that is no YAML is empty here: the linters say what is wrong with it."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    template = Template(path)
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return template
    lines = text.splitlines()
    for tool in ("cfn-lint", "checkov"):
        node = _get(root, "Metadata", tool)
        if node is not None:
            template.whole.append((node.start_mark.line + 1, tool))
    for key, resource in _pairs(_get(root, "Resources")):
        kind = _get(resource, "Type")
        template.types[key.value] = kind.value if isinstance(kind, yaml.ScalarNode) else ""
        template.accepted += _accepted(key.value, resource, lines)
    return template


def _accepted(resource, node, lines):
    """checkov keeps a comment beside each id. cfn-lint keeps ids only: the reason is the comment on the id's line."""
    for item in _items(_get(node, "Metadata", "checkov", "skip")):
        rule, reason = _get(item, "id"), _get(item, "comment")
        yield Accepted(resource, ("checkov",), _text(rule), _text(reason), item.start_mark.line + 1)
    for item in _items(_get(node, "Metadata", "cfn-lint", "config", "ignore_checks")):
        line = lines[item.start_mark.line]
        _, _, reason = line.partition(" #")
        yield Accepted(resource, ("cfn-lint", "cloudformation-validate"), _text(item), reason.strip(), item.start_mark.line + 1)


def _pairs(node):
    return node.value if isinstance(node, yaml.MappingNode) else []


def _items(node):
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _text(node):
    return node.value.strip() if isinstance(node, yaml.ScalarNode) else ""


def _get(node, *names):
    for name in names:
        node = next((value for key, value in _pairs(node) if key.value == name), None)
    return node
