"""Exceptions: which findings are accepted, and which exceptions are findings themselves."""
import tomllib
from dataclasses import dataclass

from finding import Finding


class ExceptionFileError(Exception):
    """The exception file says what it may not."""


@dataclass(frozen=True)
class Listed:
    """One entry of exceptions.toml: a rule that no resource of the types need follow."""

    tools: tuple
    rule: str
    types: tuple  # resource types; empty for all
    reason: str

    def covers(self, finding, resource_type):
        return finding.tool in self.tools and finding.rule == self.rule and (not self.types or resource_type in self.types)


def read(path):
    """The entries of an exception file. Errors and warnings of cfn-lint can't stand in it, nor an entry without a reason."""
    with open(path, "rb") as file:
        document = tomllib.load(file)
    entries = []
    for section, tools, prefix in (
        ("information", ("cfn-lint",), "I"),
        ("checkov", ("checkov",), "CKV"),
    ):
        for entry in document.pop(section, []):
            rule, reason = entry.get("rule", ""), entry.get("reason", "").strip()
            if not rule.startswith(prefix):
                raise ExceptionFileError(f"{path}: {rule or 'an entry without a rule'} can't be listed under {section}: say it at its resource")
            if not reason:
                raise ExceptionFileError(f"{path}: {rule} is listed without a reason")
            entries.append(Listed(tools, rule, tuple(entry.get("types", ())), reason))
    if document:
        raise ExceptionFileError(f"{path}: unknown section {', '.join(sorted(document))}")
    return entries


def apply(findings, template, listed):
    """The findings of one template that are not accepted, with one for each exception that is not in order.

    Also returns the listed entries that were needed.
    """
    left, used, needed = [], set(), set()
    for finding in findings:
        own = [a for a in template.accepted if a.resource == finding.resource and a.rule == finding.rule and finding.tool in a.tools]
        general = [entry for entry in listed if entry.covers(finding, template.types.get(finding.resource, ""))]
        used.update(own)
        needed.update(general)
        if not own and not general:
            left.append(finding)
    for accepted in template.accepted:
        if not accepted.reason:
            left.append(_about(template, accepted, "no-reason", f"{accepted.rule or 'a rule without id'} is accepted without a reason"))
        elif accepted not in used:
            left.append(_about(template, accepted, "unused-exception", f"{accepted.rule} is accepted, but it is not needed: remove it"))
    for line, tool in template.whole:
        left.append(Finding(template.path, line, "lint", "whole-template", f"an exception from {tool} for a whole template: move it to the resource"))
    return left, needed


def _about(template, accepted, rule, message):
    return Finding(template.path, accepted.line, "lint", rule, message, accepted.resource)
