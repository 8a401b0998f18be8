"""The linters, each as a function from paths to every finding it has, exceptions not yet looked at.

They are called as libraries: one import serves all templates. Each runs in a process of its own, so the imports are in
the functions.
"""
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

from finding import Finding


NAMES = ("cfn-lint", "checkov", "cloudformation-validate", "shellcheck")


class ToolError(Exception):
    """A linter could not do its work."""


def cfn_lint(templates):
    """Errors, warnings and information of cfn-lint; templates are pairs of path and region.

    All rules are mandatory to it, so that neither a configuration file nor Metadata keeps a finding back.
    """
    from cfnlint.config import ConfigMixIn
    from cfnlint.decode import decode
    from cfnlint.runner import Runner
    from cfnlint.runner.template import run_template_by_data

    findings, rules = [], None
    for path, region in templates:
        config = ConfigMixIn([], include_checks=["I"], mandatory_checks=["E", "W", "I"], regions=[region])
        rules = rules or Runner(config).rules
        document, matches = decode(path)
        for match in matches or run_template_by_data(document, config, rules):
            findings.append(Finding(path, match.linenumber, "cfn-lint", match.rule.id, match.message, _resource(match)))
    return findings


def _resource(match):
    where = getattr(match, "path", None) or []
    return str(where[1]) if len(where) > 1 and where[0] == "Resources" else ""


def checkov(templates):
    """What checkov finds failing. Its own exceptions are emptied out before its checks run: see exceptions.py."""
    logging.disable(logging.CRITICAL)  # what it can't read is a finding here
    from checkov.cloudformation.runner import Runner
    from checkov.runner_filter import RunnerFilter

    class Unsuppressed(Runner):
        def check_definitions(self, *args):
            for sections in self.context.values():
                for resource in sections.get("Resources", {}).values():
                    resource["skipped_checks"] = []
            super().check_definitions(*args)

    findings = []
    for path, _ in templates:
        report = Unsuppressed().run(None, files=[path], runner_filter=RunnerFilter(framework=["cloudformation"]))
        if not report.resources:
            findings.append(Finding(path, 1, "checkov", "unread", "checkov found no resource in it"))
        for record in report.failed_checks:
            resource = record.resource.rsplit(".", 1)[-1]
            findings.append(Finding(path, record.file_line_range[0], "checkov", record.check_id, record.check_name, resource))
    return findings


def cloudformation_validate(templates):
    """Errors and warnings of cloudformation-validate. Its information (I9001 names each create-only property) is none."""
    import cloudformation_validate as validate

    engine, findings = validate.CompositeEngine(), []
    for path, region in templates:
        config = validate.ValidateConfig(
            severity_level=validate.Severity.WARN,
            detail_level=validate.DetailLevel.STANDARD,
            pseudo_parameter_overrides=validate.PseudoParameterOverrides(region=region),
        )
        report = engine.validate_template(path, config)
        if report.status == validate.ReportStatus.ANALYSIS_INCOMPLETE:
            findings.append(Finding(path, 1, "cloudformation-validate", "incomplete", "it could not check all of it"))
        for d in report.diagnostics:
            named = d.entity and d.entity.entity_type == validate.EntityType.RESOURCE
            resource = d.entity.logical_id if named else ""
            findings.append(Finding(path, d.start_line or 1, "cloudformation-validate", d.rule_id, d.message, resource))
    return findings


def shellcheck(scripts):
    """What shellcheck says of shell scripts, and its directives that take a rule off without a reason."""
    program = Path(sys.executable).parent / "shellcheck"
    run = subprocess.run([program, "--format=json1", "--", *scripts], capture_output=True, text=True, check=False, env={**os.environ, "SHELLCHECK_OPTS": ""})
    if run.returncode not in (0, 1):
        raise ToolError(run.stderr.strip())
    findings = [
        Finding(c["file"], c["line"], "shellcheck", f"SC{c['code']}", c["message"]) for c in json.loads(run.stdout)["comments"]
    ]
    for path in scripts:
        for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
            directive, _, reason = line.partition("shellcheck disable=")[2].partition("#")
            if directive and not reason.strip():
                findings.append(Finding(path, number, "lint", "no-reason", f"{directive.strip()} is accepted without a reason"))
    return findings
