"""Stands in for the load balancer: haproxy with the target group's own health check; it drains a node that is
terminated."""
import socket

from .layout import BALANCER, NODES, RUN
from .processes import inside, start, until

SOCKET = RUN / "balancer.sock"


def up(target, idle):
    """target: the target group, as the ELB API describes it; idle: the load balancer's idle timeout in seconds."""
    seconds, path = target["HealthCheckIntervalSeconds"], target["HealthCheckPath"]
    servers = "\n".join(f"  server node{i} {address}:80 check" for i, address in enumerate(NODES))
    config = RUN / "balancer.cfg"
    config.write_text(f"""
global
  stats socket {SOCKET} mode 600 level admin
defaults
  mode http
  timeout connect 10s
  timeout client {idle}s
  timeout server {idle}s
  timeout check {target["HealthCheckTimeoutSeconds"]}s
  option forwardfor
  retries 0
frontend visitors
  bind {BALANCER}:80
  http-request set-header X-Forwarded-Proto http
  default_backend nodes
backend nodes
  balance leastconn
  option httpchk GET {path}
  http-check expect status {target["Matcher"]["HttpCode"]}
  default-server inter {seconds}s rise {target["HealthyThresholdCount"]} fall {target["UnhealthyThresholdCount"]} on-marked-down shutdown-sessions
{servers}
""")
    start("balancer", *inside("balancer", "haproxy", "-db", "-f", config))
    until("the load balancer", SOCKET.exists, 20)
    for i in range(len(NODES)):
        command(f"set server nodes/node{i} state maint")


def command(text):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(SOCKET))
        s.sendall(text.encode() + b"\n")
        answer = b""
        while chunk := s.recv(65536):
            answer += chunk
    return answer.decode()


def register(node):
    """A machine joins: unhealthy until its checks pass."""
    command(f"set server nodes/{node} state ready; set server nodes/{node} health down")  # leaving maintenance counts as healthy


def drain(node):
    command(f"set server nodes/{node} state drain")


def forget(node):
    command(f"set server nodes/{node} state maint")


def sessions(node):
    return int(_column(node, "scur"))


def healthy():
    """Names of the nodes that get visitors."""
    return [f"node{i}" for i in range(len(NODES)) if _column(f"node{i}", "status") == "UP"]


def _column(node, name):
    header, *rows = [line.split(",") for line in command("show stat").strip().splitlines()]
    return next(row[header.index(name)] for row in rows if row[0] == "nodes" and row[1] == node)
