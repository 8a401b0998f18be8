"""The evaluator of IAM policies by itself."""
import pytest

from localaws.resources.policy_evaluation import Account, Request, Service, Undecided, Verdict, decide

ELB = Service("logdelivery.elasticloadbalancing.amazonaws.com")
WRITE = Request("s3:PutObject", "arn:aws:s3:::logs/AWSLogs/111122223333/ELBAccessLogTestFile", ELB,
                {"aws:securetransport": ("true",), "aws:tagkeys": ("a", "b")})
ALLOW, DENY, NOTHING = Verdict.ALLOW, Verdict.DENY, Verdict.NOTHING


def statement(**more):
    return {"Effect": "Allow", "Principal": {"Service": ELB.name}, "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::logs/AWSLogs/111122223333/*", **more}


def verdict(*statements, request=WRITE):
    return decide({"Version": "2012-10-17", "Statement": list(statements)}, request)


@pytest.mark.parametrize("more,expected", [
    ({}, ALLOW),
    ({"Principal": "*"}, ALLOW), ({"Principal": {"AWS": "*"}}, ALLOW), ({"Principal": {"Service": ["x", ELB.name]}}, ALLOW),
    ({"Principal": {"Service": "delivery.logs.amazonaws.com"}}, NOTHING), ({"Principal": {"AWS": "111122223333"}}, NOTHING),
    ({"Action": "s3:put*"}, ALLOW), ({"Action": ["s3:GetObject", "s3:*"]}, ALLOW), ({"Action": "s3:GetObject"}, NOTHING),
    ({"Resource": "*"}, ALLOW), ({"Resource": "arn:aws:s3:::logs"}, NOTHING), ({"Resource": "arn:aws:s3:::logs/AWSLogs/1/*"}, NOTHING),
    ({"Resource": "arn:aws:s3:::logs/AWSLogs/????22223333/[*]"}, NOTHING), ({"Effect": "Deny"}, DENY)])
def test_what_a_statement_is_about(more, expected):
    assert verdict(statement(**more)) is expected


def test_what_a_statement_is_not_about():
    without = {k: v for k, v in statement().items() if k != "Action"}
    assert verdict({**without, "NotAction": "s3:GetObject"}) is ALLOW and verdict({**without, "NotAction": "s3:*"}) is NOTHING
    without = {k: v for k, v in statement().items() if k != "Principal"}
    assert verdict({**without, "NotPrincipal": {"Service": ELB.name}}) is NOTHING
    assert verdict(without) is NOTHING, "a bucket's policy names somebody"
    assert verdict(without, request=Request(WRITE.action, WRITE.resource)) is ALLOW, "a role's policy names nobody"


@pytest.mark.parametrize("named,expected", [("054676820928", ALLOW), ("arn:aws:iam::054676820928:root", ALLOW),
                                            ("arn:aws:iam::054676820928:user/x", NOTHING), ("999999999999", NOTHING)])
def test_an_account(named, expected):
    asked = Request(WRITE.action, WRITE.resource, Account("054676820928"))
    assert verdict(statement(Principal={"AWS": named}), request=asked) is expected


def test_an_explicit_deny_wins():
    deny = statement(Effect="Deny", Principal="*", Action="s3:*", Resource="*")
    assert verdict(statement(), deny) is verdict(deny, statement()) is DENY
    assert verdict(statement(), {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}) is ALLOW
    assert verdict(statement(), {**deny, "Condition": {"Bool": {"aws:SecureTransport": True}}}) is DENY
    assert decide({"Statement": statement()}, WRITE) is ALLOW, "one statement needs no list"
    assert verdict() is NOTHING


@pytest.mark.parametrize("condition,expected", [
    ({"StringEquals": {"aws:SourceAccount": "111122223333"}}, False),  # the request has no such key
    ({"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}}, True),
    ({"StringNotEquals": {"aws:SourceAccount": "111122223333"}}, True),
    ({"ArnLike": {"aws:SourceArn": "arn:aws:elasticloadbalancing:*"}}, False),
    ({"Null": {"aws:SourceAccount": "true"}}, True), ({"Null": {"aws:SourceAccount": "false"}}, False),
    ({"Null": {"aws:SecureTransport": True}}, False), ({"Null": {"aws:SecureTransport": False}}, True),
    ({"ForAnyValue:StringEquals": {"aws:CalledVia": "x"}}, False), ({"ForAllValues:StringEquals": {"aws:CalledVia": "x"}}, True),
    ({"ForAnyValue:StringNotEquals": {"aws:CalledVia": "x"}}, False),
    ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["b", "c"]}}, True), ({"ForAllValues:StringEquals": {"aws:TagKeys": ["b", "c"]}}, False),
    ({"ForAllValues:StringLike": {"aws:TagKeys": "?"}}, True), ({"ForAnyValue:StringNotEquals": {"aws:TagKeys": "a"}}, True),
    ({"Bool": {"AWS:SecureTransport": "true"}, "Null": {"aws:SourceAccount": "true"}}, True),
    ({"Bool": {"aws:SecureTransport": "true", "aws:MultiFactorAuthPresent": "true"}}, False),
    ({"StringNotLike": {"aws:SecureTransport": "t*"}}, False)])
def test_conditions(condition, expected):
    assert verdict(statement(Condition=condition)) is (ALLOW if expected else NOTHING)


@pytest.mark.parametrize("operator,wanted,expected", [
    ("NumericLessThan", "1.2", False), ("NumericLessThan", 1.3, True), ("NumericGreaterThanEquals", "1.2", True),
    ("NumericNotEquals", "1.2", False), ("IpAddress", "10.0.0.0/8", False), ("NotIpAddress", "10.0.0.0/8", True)])
def test_numbers_and_addresses(operator, wanted, expected):
    value = ("192.0.2.1",) if "Ip" in operator else ("1.2",)
    asked = Request(WRITE.action, WRITE.resource, ELB, {"k": value})
    assert verdict(statement(Condition={operator: {"k": wanted}}), request=asked) is (ALLOW if expected else NOTHING)


@pytest.mark.parametrize("more,named", [
    ({"Condition": {"DateGreaterThan": {"aws:CurrentTime": "2026-01-01"}}}, "the condition operator DateGreaterThan"),
    ({"Condition": {"StringEqual": {"aws:x": "y"}}}, "the condition operator StringEqual"),
    ({"Condition": {"Sometimes:Bool": {"aws:SecureTransport": "true"}}}, "the condition operator Sometimes:Bool"),
    ({"Resource": "arn:aws:s3:::logs/${aws:PrincipalAccount}/*"}, "the policy variable"),
    ({"Condition": {"StringEquals": {"aws:SecureTransport": "${aws:x}"}}}, "the policy variable")])
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_what_is_not_known_is_said_and_never_allowed(effect, more, named):
    with pytest.raises(Undecided, match=named):
        verdict(statement(), statement(Effect=effect, **more))
