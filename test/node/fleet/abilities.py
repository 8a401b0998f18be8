"""Checks whether this machine can boot nodes at all. Each ability is tried, so that a scenario which fails later has
another reason."""
from .harness import certificates, network, shared_file_system
from .harness.machine import Machine
from .harness.processes import until

USER_DATA = "#!/bin/sh\ntrue\n"


def main():
    """Returns the name of the first ability that is missing, or None."""
    machine = None

    def boot():
        nonlocal machine
        certificates.authority()
        machine = Machine(0, "i-probe", USER_DATA, {})
        until("systemd", lambda: machine.sh("systemctl is-system-running", check=False).strip() in ("running", "degraded"), 90)

    for name, attempt in {
        "network namespaces on a bridge": network.up,
        "a shared file system of limited size (tmpfs)": shared_file_system.make,
        "a machine with systemd in an overlay and a control group (systemd-nspawn)": boot,
        "cloud-init in it": lambda: until("cloud-init", lambda: "done" in machine.sh("cloud-init status", check=False), 90),
        "nftables in it": lambda: machine.sh("nft add table inet probe && nft add chain inet probe c '{ type filter hook output priority 0; }' && "
                                             "nft add rule inet probe c meta skuid www-data reject"),
        "bindfs in it": lambda: machine.sh("mkdir -p /tmp/a /tmp/b && bindfs --force-user=www-data /tmp/a /tmp/b && touch /tmp/b/x && umount /tmp/b"),
    }.items():
        try:
            attempt()
        except Exception as exc:
            return f"{name}: {exc}"
    return None
