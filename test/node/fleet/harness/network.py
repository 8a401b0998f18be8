"""A switch with all hosts of the testbed. It is not connected to this machine's own network."""
import subprocess

from .layout import AWS, BALANCER, CLIENT, DATA, METADATA, NODES, PREFIX
from .processes import later, run

NAMESPACES = {"aws": AWS, "balancer": BALANCER, "data": DATA, "client": CLIENT} | {f"node{i}": a for i, a in enumerate(NODES)}


def up():
    later(down)
    run("ip", "netns", "add", PREFIX + "switch")
    _ip("switch", "link add br0 type bridge")
    _ip("switch", "link set br0 up")
    for name, address in NAMESPACES.items():
        if name != "aws":
            run("ip", "netns", "add", PREFIX + name)
        _ip(name, "link set lo up")
        run("ip", "link", "add", f"v-{name}", "netns", PREFIX + "switch", "type", "veth", "peer", "name", "eth0", "netns", PREFIX + name)
        _ip("switch", f"link set v-{name} master br0")
        _ip("switch", f"link set v-{name} up")
        _ip(name, f"addr add {address}/24 dev eth0")
        _ip(name, "link set eth0 up")
        if name.startswith("node"):
            _ip(name, f"route add {METADATA} dev eth0")
    _ip("aws", f"addr add {METADATA}/32 dev eth0")


def cut(node):
    """Unplug a node's cable."""
    _ip("switch", f"link set v-{node} down")


def plug(node):
    _ip("switch", f"link set v-{node} up")


def down():
    for name in [*NAMESPACES, "switch"]:
        if name != "aws":  # ours; the script that started us removes it. One that was not made yet is none to remove
            subprocess.run(["ip", "netns", "del", PREFIX + name], stderr=subprocess.DEVNULL, check=False)


def _ip(host, words):
    run("ip", "-n", PREFIX + host, *words.split())
