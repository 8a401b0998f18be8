"""Lints templates and shell scripts: python lint/lint.py out/ [more files or folders]

Every template is held against cfn-lint (errors, warnings, information), checkov and cloudformation-validate (errors,
warnings), every script against shellcheck. Each finding is a line. Exit code 0: none; 1: some; 2: the check could not
be made. README.md tells how a resource is excepted from a rule.
"""
import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import exceptions
import inputs
import template as templates_
import tools

FOLDER = Path(__file__).resolve().parent


def main(arguments=None):
    options = _parse(arguments)
    try:
        templates, scripts = inputs.collect(options.paths)
        listed = exceptions.read(options.exceptions)
        findings, names = run(templates, scripts, options.region)
    except (inputs.InputError, exceptions.ExceptionFileError, tools.ToolError, OSError) as error:
        print(f"lint: {error}", file=sys.stderr)
        return 2
    findings = once(judge(findings, templates, listed, options))
    manifests = {path: inputs.Manifest(path) for path in templates}
    for finding in sorted(findings):
        manifest = manifests.get(finding.file)
        print(finding.text(manifest.builder(finding.resource) if manifest else ""))
    counted = [_count(templates, "template")] + ([_count(scripts, "script")] if scripts else []) + [_count(findings, "finding")]
    print(f"lint: {', '.join(counted)} ({', '.join(names)})")
    return 1 if findings else 0


def _count(things, noun):
    return f"{len(things)} {noun}" + ("" if len(things) == 1 else "s")


def _parse(arguments):
    parser = argparse.ArgumentParser(prog="lint", description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", metavar="PATH", help="templates, *.sh files, or folders that contain them")
    parser.add_argument("--region", default="eu-central-1", help="region of a template without a site.json next to it")
    parser.add_argument("--exceptions", default=FOLDER / "exceptions.toml", help="the listed exceptions")
    parser.add_argument("--whole", action="store_true", help="these are all templates: a listed exception that none of them needs is a finding")
    return parser.parse_args(arguments)


def run(templates, scripts, region):
    """Every finding of every tool, and the tools' names. The tools run side by side, the slowest first."""
    located = [(path, inputs.Manifest(path).region or region) for path in templates]
    jobs = {}
    with ProcessPoolExecutor() as pool:
        if templates:
            jobs["checkov"] = pool.submit(tools.checkov, located)
            jobs["cfn-lint"] = pool.submit(tools.cfn_lint, located)
            jobs["cloudformation-validate"] = pool.submit(tools.cloudformation_validate, located)
        if scripts:
            jobs["shellcheck"] = pool.submit(tools.shellcheck, scripts)
        findings = []
        for name, job in jobs.items():
            try:
                findings += job.result()
            except ModuleNotFoundError as error:
                raise tools.ToolError(f"{name} is not installed here ({error}): see lint/README.md") from error
            except Exception as error:
                raise tools.ToolError(f"{name} could not run: {error}") from error
    return findings, sorted(jobs, key=tools.NAMES.index)


def judge(findings, templates, listed, options):
    """The findings that are left when the exceptions are taken off, and those that the exceptions give."""
    left = [finding for finding in findings if finding.file not in templates]
    needed = set()
    for path in templates:
        mine = [finding for finding in findings if finding.file == path]
        remaining, used = exceptions.apply(mine, templates_.read(path), listed)
        left += remaining
        needed |= used
    if options.whole:
        for entry in listed:
            if entry not in needed:
                message = f"{entry.rule} is listed, but it is not needed: remove it"
                left.append(tools.Finding(str(options.exceptions), 1, "lint", "unused-exception", message))
    return left


def once(findings):
    """The findings without those of cloudformation-validate that cfn-lint has too: it numbers its rules alike, with F for some E."""

    def place(finding):
        return finding.file, finding.line, finding.resource, finding.rule.replace("F", "E", 1)

    of_cfn_lint = {place(finding) for finding in findings if finding.tool == "cfn-lint"}
    return [finding for finding in findings if finding.tool != "cloudformation-validate" or place(finding) not in of_cfn_lint]


if __name__ == "__main__":
    sys.exit(main())
