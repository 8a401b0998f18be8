"""Lints the templates beside it once and looks at what was said of each."""
import contextlib
import io
from pathlib import Path

import pytest

import exceptions
import lint

TEMPLATES = Path(__file__).resolve().parent / "templates"


def run(*arguments):
    """Exit code and lines, with the paths of the test's templates shortened."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = lint.main([str(a) for a in arguments])
    return code, (out.getvalue() + err.getvalue()).replace(str(TEMPLATES) + "/", "").splitlines()


@pytest.fixture(scope="module")
def everything():
    return run(TEMPLATES)


@pytest.fixture(scope="module")
def said(everything):
    """The lines about one file, without its name."""
    return lambda file: [line.removeprefix(file + ":") for line in everything[1] if line.startswith(file + ":")]


def test_findings_are_counted_and_fail(everything):
    code, lines = everything
    assert code == 1
    assert lines[-1] == f"lint: 8 templates, 1 script, {len(lines) - 1} findings (cfn-lint, checkov, cloudformation-validate, shellcheck)"


def test_a_good_template_passes():
    assert run(TEMPLATES / "good.yaml") == (0, ["lint: 1 template, 0 findings (cfn-lint, checkov, cloudformation-validate)"])


def test_cfn_lint_finds_a_misspelled_property(said):
    assert any(
        line.startswith("7: cfn-lint E3002: ") and "Did you mean 'CidrBlock'?" in line and line.endswith("(Network)")
        for line in said("misspelled.yaml")
    )


def test_what_two_tools_find_alike_is_said_once(said):
    assert [line.split()[1:3] for line in said("misspelled.yaml")] == [["cfn-lint", "E3014:"], ["cfn-lint", "E3002:"]]


def test_cfn_lint_information_is_a_finding(said):
    assert {line.split(":")[1] for line in said("lost_data.yaml")} == {" cfn-lint I3011"}


def test_checkov_finds_a_bucket_that_may_be_public(said):
    assert "4: checkov CKV_AWS_53: Ensure S3 bucket has block public ACLs enabled (Bucket)" in said("public_bucket.yaml")


def test_cloudformation_validate_finds_a_word_without_quotes(said):
    lines = said("word.yaml")
    assert len(lines) == 1, "the other tools say nothing of it"
    assert lines[0].startswith("8: cloudformation-validate W9003: ")


def test_each_tool_reports_what_it_cannot_read(said):
    assert {line.split()[1] for line in said("torn.yaml")} == {"cfn-lint", "checkov", "cloudformation-validate"}


def test_shellcheck_finds_a_missing_quote_and_a_directive_without_reason(said):
    assert said("script.sh") == [
        "2: lint no-reason: SC2034 is accepted without a reason",
        "6: shellcheck SC2086: Double quote to prevent globbing and word splitting.",
    ]


def test_the_builder_is_named_where_the_manifest_knows_it(said):
    lines = said("site/network.yaml")
    assert lines and all(line.endswith("(Network, stacks/network/vpc.go addVPC)") for line in lines)


def test_exceptions_out_of_order_are_findings(said):
    lines = said("exceptions.yaml")
    assert [line for line in lines if " lint " in line] == [
        "5: lint whole-template: an exception from cfn-lint for a whole template: move it to the resource",
        "19: lint no-reason: W3010 is accepted without a reason (NoReason)",
        "22: lint no-reason: CKV_AWS_130 is accepted without a reason (NoReason)",
        "35: lint unused-exception: W3010 is accepted, but it is not needed: remove it (Unused)",
        "38: lint unused-exception: CKV_AWS_130 is accepted, but it is not needed: remove it (Unused)",
    ]
    assert any(line.startswith("49: cfn-lint W3010") for line in lines), "the whole template's exception is without effect"


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        ([], "no template was given"),
        (["gone.yaml"], "gone.yaml does not exist"),
        (["."], "no template was given"),
    ],
)
def test_a_check_of_nothing_fails(tmp_path, monkeypatch, arguments, cause):
    monkeypatch.chdir(tmp_path)
    code, lines = run(*arguments)
    assert code == 2
    assert cause in lines[0]


def test_a_tool_that_cannot_run_fails(monkeypatch):
    monkeypatch.setattr(lint.tools.sys, "executable", "/nowhere/python")
    code, lines = run(TEMPLATES / "script.sh")
    assert code == 2
    assert lines[0].startswith("lint: shellcheck could not run: ")


@pytest.mark.parametrize(
    ("entry", "cause"),
    [
        ('[[information]]\nrule = "W3010"\nreason = "zones"', "W3010 can't be listed under information"),
        ('[[information]]\nrule = "I3011"\nreason = " "', "I3011 is listed without a reason"),
        ('[[checkov]]\nrule = "CKV_AWS_18"', "CKV_AWS_18 is listed without a reason"),
        ('[[warnings]]\nrule = "W3010"\nreason = "zones"', "unknown section warnings"),
    ],
)
def test_the_listed_exceptions_are_held_to_their_rules(tmp_path, entry, cause):
    file = tmp_path / "exceptions.toml"
    file.write_text(entry)
    with pytest.raises(exceptions.ExceptionFileError, match=cause):
        exceptions.read(file)


def test_a_listed_exception_that_nothing_needs_is_a_finding_of_the_whole(tmp_path):
    file = tmp_path / "exceptions.toml"
    file.write_text('[[information]]\nrule = "I3011"\nreason = "in the test"\n[[checkov]]\nrule = "CKV_AWS_53"\nreason = "in the test"\n')
    code, lines = run("--whole", "--exceptions", file, TEMPLATES / "lost_data.yaml")
    assert code == 1
    assert lines[0] == f"{file}:1: lint unused-exception: CKV_AWS_53 is listed, but it is not needed: remove it"
    assert len(lines) == 2, "I3011 was needed"
