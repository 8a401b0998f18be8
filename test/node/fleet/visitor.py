"""A visitor who comes through the load balancer, by the site's own name, and counts what they see."""
import re
import subprocess

from .place import BALANCER, RUN, inside


def curl(url, *arguments, host=None):
    """Status, headers and body of one request through the load balancer; status 0 when there was no answer."""
    name = re.sub(r"^https?://([^/:]+).*", r"\1", url)
    command = inside("client", "curl", "-s", "-i", "--max-time", "20", "--resolve", f"{name}:80:{host or BALANCER}", *arguments, url)
    answer = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False).stdout
    head, _, body = answer.partition("\r\n\r\n")
    status = re.match(r"HTTP/\S+ (\d+)", head)
    return (int(status[1]) if status else 0), head, body


class Visitor:
    """Somebody with a browser's cookies."""

    def __init__(self, address, name="visitor"):
        self.address, self.jar = address, RUN / f"{name}.cookies"
        self.jar.unlink(missing_ok=True)

    def get(self, path, *arguments, host=None):
        return curl(self.address + path, "-b", self.jar, "-c", self.jar, *arguments, host=host)

    def log_in(self, username, password, host=None):
        """True when Moodle lets them in."""
        _, _, body = self.get("/login/index.php", host=host)
        token = re.search(r'name="logintoken" value="([^"]+)"', body)
        status, head, _ = self.get("/login/index.php", "--data-urlencode", f"logintoken={token[1] if token else ''}", "--data-urlencode", f"username={username}",
                                   "--data-urlencode", f"password={password}", host=host)
        return status == 303 and "login/index.php?testsession" in head
