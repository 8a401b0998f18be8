"""A visitor who comes through the load balancer, by the site's own name, and counts what they see."""
import itertools
import re
import subprocess
import threading
import time

from .place import BALANCER, RUN, inside


def curl(url, *arguments, host=None):
    """Status, headers and body of one request through the load balancer; status 0 when there was no answer."""
    name = re.sub(r"^https?://([^/:]+).*", r"\1", url)
    command = inside("client", "curl", "-s", "-i", "--max-time", "20", "--resolve", f"{name}:80:{host or BALANCER}", *arguments, url)
    answer = subprocess.run(command, capture_output=True, check=False).stdout.decode(errors="replace")
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
        return status == 303 and "testsession=" in head


class Crowd:
    """Four administrators who never stop reading, and log in anew now and then (which writes). with Crowd(…) as crowd: …; crowd.failed"""

    def __init__(self, address, username, password, clients=4):
        self.requests, self.retried, self.failed = 0, 0, []
        self._leave = threading.Event()
        self._threads = [threading.Thread(target=self._visit, args=(Visitor(address, f"crowd{n}"), username, password)) for n in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._leave.set()
        for thread in self._threads:
            thread.join(60)

    def _visit(self, visitor, username, password):
        for turn in itertools.count():
            if self._leave.is_set():
                return
            if turn % 20 == 0:
                visitor.jar.unlink(missing_ok=True)
                self._count("log in", visitor, lambda: (303 if visitor.log_in(username, password) else 500, "", ""))
            for path in ("/my/", "/course/index.php"):
                self._count(path, visitor, lambda path=path: visitor.get(path))

    def _count(self, what, visitor, ask):
        """One request. A browser asks again when the connection broke before an answer, so we do, once; anything else is a failure."""
        self.requests += 1
        status, head, body = ask()
        if status in (0, 502):
            self.retried += 1
            status, head, body = ask()
        if status not in (200, 303) or "/login/index.php" in head and what != "log in":
            self.failed.append(f"{time.strftime('%H:%M:%S')} {what}: {status} {' '.join(re.sub('<(style|script).*?</|<[^>]*>', ' ', body, flags=re.S).split())[:300]}")

    def summary(self):
        return f"{self.requests} requests, {self.retried} asked again after a broken connection, {len(self.failed)} failed {self.failed[:5]}"
