"""Requests to loopback never go through a proxy. Go's net/http sees to that itself; Python's urllib, botocore and curl
do what the environment says (https://docs.python.org/3/library/urllib.request.html#urllib.request.getproxies). Standard
library only.
"""
HOSTS = ("127.0.0.1", "localhost")


def without_proxy(environ):
    """Returns the values for NO_PROXY and no_proxy: loopback, and what the environment excepts already."""
    noted = f"{environ.get('no_proxy', '')},{environ.get('NO_PROXY', '')}".split(",")
    excepted = [host for host in map(str.strip, noted) if host]
    value = "*" if "*" in excepted else ",".join(dict.fromkeys([*HOSTS, *excepted]))  # a star counts only alone
    return {"NO_PROXY": value, "no_proxy": value}
