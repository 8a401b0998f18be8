"""AWS::EFS::FileSystem: what EFS refuses of its storage classes and modes.

https://docs.aws.amazon.com/efs/latest/ug/API_PutLifecycleConfiguration.html: one transition an object; Archive after IA
and only with elastic throughput and the performance mode generalPurpose. The text for the throughput:
aws/aws-cdk#33713.
https://aws.amazon.com/efs/faq/: Archive is for Regional file systems. That EFS refuses a One Zone one is likely (AWS
has no One Zone Archive class), but nobody has quoted its text: worded after the one above, as the others here.
https://docs.aws.amazon.com/efs/latest/ug/API_CreateFileSystem.html: maxIO, provisioned throughput, keys
"""
from ministack.services import efs

from .registry import Refused, extend, guarded

DAYS = {"AFTER_1_DAY": 1, **{f"AFTER_{n}_DAYS": n for n in (7, 14, 30, 60, 90, 180, 270, 365)}}


def _refused(message):
    return Refused(message, "Efs", 400, "BadRequest")


def _transitions(policies):
    """{TransitionToIA: AFTER_30_DAYS, …}"""
    found = {}
    for policy in policies or []:
        if len(policy) != 1 or found.keys() & policy.keys():
            raise _refused("Each LifecyclePolicy object can have only a single transition, and each transition stands once.")
        found.update(policy)
    return found


def check_lifecycle(system, policies):
    """`policies` for a file system with the properties `system`."""
    found = _transitions(policies)
    archive = found.get("TransitionToArchive")
    if not archive:
        return
    if system.get("AvailabilityZoneName"):
        raise _refused("The file system uses One Zone storage, which does not support TransitionToArchive. "
                       "Remove the TransitionToArchive parameter.")
    if system.get("ThroughputMode", "bursting") != "elastic":
        raise _refused("The ThroughputMode value for the file system does not support TransitionToArchive. Either change the "
                       "ThroughputMode value to Elastic or remove the TransitionToArchive parameter.")
    if system.get("PerformanceMode", "generalPurpose") != "generalPurpose":
        raise _refused("The PerformanceMode value for the file system does not support TransitionToArchive.")
    if DAYS.get(archive, 0) <= DAYS.get(found.get("TransitionToIA"), 999):
        raise _refused("TransitionToArchive must be later than TransitionToIA.")


def check_modes(system):
    mode = system.get("ThroughputMode", "bursting")
    if system.get("PerformanceMode") == "maxIO" and (system.get("AvailabilityZoneName") or mode == "elastic"):
        raise _refused("The performance mode maxIO is not supported with One Zone storage or with elastic throughput.")
    if (mode == "provisioned") != ("ProvisionedThroughputInMibps" in system):
        raise _refused("ProvisionedThroughputInMibps is required with the throughput mode provisioned, and with no other.")
    if system.get("KmsKeyId") and str(system.get("Encrypted", False)).lower() != "true":
        raise _refused("KmsKeyId can be given for an encrypted file system only.")


def check(props):
    check_modes(props)
    check_lifecycle(props, props.get("LifecyclePolicies"))


def _error(code, message, status):
    return efs._error(status, code, message)


def install():
    efs._put_lifecycle_configuration = guarded(
        efs._put_lifecycle_configuration,
        lambda system, body: check_lifecycle(efs._file_systems.get(system, {}), body.get("LifecyclePolicies")), _error)
    efs._create_file_system = guarded(efs._create_file_system, check_modes, _error)
    extend("AWS::EFS::FileSystem", lambda system, props: {}, check)
