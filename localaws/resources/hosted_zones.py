"""Hosted zones that an account has before anything is deployed: setting hosted_zones {"Z0123456789ABCDEFGHIJ":
"example.org"}.

An environment file names the zone that the school has already, by its id, and CreateHostedZone chooses ids itself.
https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html
"""
from ministack.services import route53

from ..controls import settings
from .registry import extend


def seed(*_):
    """Put the zones of the setting into the caller's account."""
    for zone_id, domain in settings.values["hosted_zones"].items():
        if zone_id not in route53._zones:
            name = route53._normalise_name(domain)
            route53._zones[zone_id] = {"id": zone_id, "name": name, "caller_reference": zone_id, "comment": "", "private": False,
                                       "vpcs": []}
            route53._records[zone_id] = route53._default_records(name)


def _wrap(original):
    async def handle_request(*request):
        seed()
        return await original(*request)
    return handle_request


def install():
    route53.handle_request = _wrap(route53.handle_request)
    extend("AWS::CertificateManager::Certificate", lambda physical_id, props: {}, seed)
