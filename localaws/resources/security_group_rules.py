"""What EC2 refuses in a security group's description and rules; no schema of CloudFormation has these rules.

- The alphabet and the length of both kinds of description:
  https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html. Texts as quoted in cfn-lint#173 (a rule's),
  cds-snc/notification-terraform#561 (a group's) and hashicorp/terraform-provider-aws#43854 (beyond ASCII).
- A permission is direction, protocol, ports and peer; its description does not count. Twice in one call: "The same
  permission must not appear multiple times" (hashicorp/terraform-provider-aws#2587, #29492); there already:
  InvalidPermission.Duplicate (londonaicentre/FLIP#886).
"""
import ipaddress
import re
from dataclasses import dataclass

from .registry import Refused

ALPHABET = "a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
ALLOWED = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}")
NUMBERED = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
ALL_PROTOCOLS = "-1"
PEERS = (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6"), ("PrefixListIds", "PrefixListId"), ("UserIdGroupPairs", "GroupId"))


@dataclass(frozen=True)
class Permission:
    """What a rule allows to one peer, so written that two spellings of the same permission are equal."""
    protocol: str
    from_port: int | None
    to_port: int | None
    peer: str

    def __str__(self):
        """As EC2 quotes it."""
        if self.protocol == ALL_PROTOCOLS:
            return f"peer: {self.peer}, ALL, ALLOW"
        return f"peer: {self.peer}, {self.protocol.upper()}, from port: {self.from_port}, to port: {self.to_port}, ALLOW"


def _refused(message, code="InvalidParameterValue"):
    return Refused(message, "Ec2", 400, code)


def check_group_description(text):
    if not text.isascii():
        raise _refused(f"Value ({text}) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported.")
    if not ALLOWED.fullmatch(text):
        raise _refused("Invalid security group description. Valid descriptions are strings less than 256 characters from the "
                       f"following set:  {ALPHABET}")


def check_rule_description(text):
    if not ALLOWED.fullmatch(text):
        raise _refused(f"Invalid rule description. Valid descriptions are strings less than 256 characters from the following set: "
                       f"{ALPHABET}")


def check_descriptions(rules):
    """Of rules in the EC2 API's form."""
    for rule in rules:
        for peers, _ in PEERS:
            for peer in rule.get(peers, []):
                check_rule_description(peer.get("Description") or "")


def _canonical(peer):
    try:
        return str(ipaddress.ip_network(peer, strict=False))
    except ValueError:
        return peer


def permissions(rules):
    """Every permission of rules in the EC2 API's form, one for each peer."""
    for rule in rules:
        protocol = str(rule.get("IpProtocol", ALL_PROTOCOLS)).lower()
        protocol = NUMBERED.get(protocol, protocol)
        ports = (None, None) if protocol == ALL_PROTOCOLS else (rule.get("FromPort"), rule.get("ToPort"))
        for peers, key in PEERS:
            for peer in rule.get(peers, []):
                yield Permission(protocol, *ports, _canonical(peer.get(key) or peer.get("GroupName", "")))


def duplicate(permission):
    return _refused(f'the specified rule "{permission}" already exists', "InvalidPermission.Duplicate")


def check_call(rules, present):
    """One call that adds rules to a group that has the rules `present`."""
    check_descriptions(rules)
    added, known = list(permissions(rules)), set(permissions(present))
    if len(set(added)) < len(added):
        raise _refused("The same permission must not appear multiple times")
    for permission in added:
        if permission in known:
            raise duplicate(permission)
