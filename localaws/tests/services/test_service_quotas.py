"""The quotas that a deployer looks at."""
import pytest
from botocore.exceptions import ClientError


def test_a_new_account_s_quotas(aws):
    quotas = aws.client("service-quotas")
    quota = quotas.get_service_quota(ServiceCode="ec2", QuotaCode="L-0263D0A3")["Quota"]
    assert quota["Value"] == 5 and quota["QuotaName"] == "EC2-VPC Elastic IPs"
    assert quotas.get_service_quota(ServiceCode="rds", QuotaCode="L-952B80B8")["Quota"]["Value"] == 40
    assert quotas.get_service_quota(ServiceCode="ec2", QuotaCode="L-1216C47A")["Quota"]["Value"] == 64
    aws.settings(quotas={"L-1216C47A": 8})
    assert quotas.get_service_quota(ServiceCode="ec2", QuotaCode="L-1216C47A")["Quota"]["Value"] == 8
    with pytest.raises(ClientError, match="knows no quota"):
        quotas.get_service_quota(ServiceCode="ec2", QuotaCode="L-00000000")
    with pytest.raises(ClientError, match="has no ListServices"):
        quotas.list_services()
