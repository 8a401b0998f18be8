"""Visitors: they come through the load balancer, by the site's own name, and count successes and failures."""
import collections
import itertools
import json
import os
import re
import subprocess
import threading
import time

from .layout import BALANCER, RUN
from .processes import inside


def curl(url, *arguments, host=None):
    """Status, headers and body of one request through the load balancer; status 0 when there was no answer."""
    name = re.sub(r"^https?://([^/:]+).*", r"\1", url)
    command = inside("client", "curl", "-s", "-i", "--max-time", "90", "--resolve", f"{name}:80:{host or BALANCER}", *arguments, url)
    answer = subprocess.run(command, capture_output=True, check=False).stdout.decode(errors="replace")
    while answer.startswith("HTTP/1.1 100"):
        answer = answer.partition("\r\n\r\n")[2]
    head, _, body = answer.partition("\r\n\r\n")
    status = re.match(r"HTTP/\S+ (\d+)", head)
    return (int(status[1]) if status else 0), head, body


class Visitor:
    """A visitor with a browser's cookies. host: a node's address to ask, in place of the load balancer."""

    def __init__(self, address, name="visitor", host=None):
        self.address, self.jar, self.host = address, RUN / f"{name}.cookies", host
        self.jar.unlink(missing_ok=True)

    def get(self, path, *arguments, host=None):
        return curl(self.address + path, "-b", self.jar, "-c", self.jar, *arguments, host=host or self.host)

    def log_in(self, username, password):
        """Reports whether Moodle accepted the password."""
        _, _, body = self.get("/login/index.php")
        token = re.search(r'name="logintoken" value="([^"]+)"', body)
        status, head, _ = self.get("/login/index.php", "--data-urlencode", f"logintoken={token[1] if token else ''}", "--data-urlencode", f"username={username}",
                                   "--data-urlencode", f"password={password}")
        return status == 303 and "testsession=" in head

    def page_key(self):
        """The key that Moodle wants with each post, and the user's id, from any page."""
        _, _, body = self.get("/my/")
        return re.search(r'"sesskey":"(\w+)"', body)[1], re.search(r'data-userid="(\d+)"', body)[1]

    def call(self, key, function, **arguments):
        """Calls a function as Moodle's own scripts do; returns status and answer."""
        body = json.dumps([{"index": 0, "methodname": function, "args": arguments}])
        status, _, text = self.get(f"/lib/ajax/service.php?sesskey={key}&info={function}", "-H", "Content-Type: application/json", "--data-binary", body)
        try:
            answer = json.loads(text)[0]
        except (ValueError, KeyError, IndexError, TypeError):  # no list of answers: an error page, or an error as one object, which has status 200
            return (500 if status == 200 else status), text
        return (500, text) if answer["error"] else (status, answer["data"])


class Crowd:
    """Four administrators who never stop reading and posting messages to themselves. with Crowd(…) as crowd: …

    requests, posted (texts that Moodle confirmed), failed (what was seen instead of an answer), retried, thrown_out
    (sent to the login page)."""

    def __init__(self, address, username, password, clients=4):
        self.requests, self.retried, self.thrown_out, self.failed, self.posted, self.slowest = 0, 0, 0, [], [], 0.0
        self.streak = 0  # requests without a failure, up to now
        self.kinds = collections.Counter()
        self._who, self._leave = (username, password), threading.Event()
        self._threads = [threading.Thread(target=self._visit, args=(Visitor(address, f"crowd{n}"),)) for n in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._leave.set()
        for thread in self._threads:
            thread.join(120)

    def _visit(self, visitor):
        known = None
        for turn in itertools.count():
            if self._leave.is_set():
                return
            if known is None or turn % 20 == 0:
                known = self._enter(visitor)
            if known is None:
                continue
            inside = all([self._read(visitor, path) for path in ("/my/", "/course/index.php")])
            if inside:
                self._post(visitor, *known)
            else:
                known = None

    def _enter(self, visitor):
        """Logs in; returns key and conversation, or None."""
        visitor.jar.unlink(missing_ok=True)
        if not self._count("log in", lambda: (200 if visitor.log_in(*self._who) else 503, "", ""), retry=True):
            return None
        try:
            key, user = visitor.page_key()
            _, conversation = visitor.call(key, "core_message_get_self_conversation", userid=user)
            return key, conversation["id"]
        except (TypeError, KeyError):  # no page, or an error in place of an answer
            return None

    def _read(self, visitor, path):
        """Reads a page; returns False when Moodle answered with the login page."""
        inside = True

        def ask():
            nonlocal inside
            status, head, body = visitor.get(path)
            if status == 303 and "/login/index.php" in head:
                inside = False
                self.thrown_out += 1
                return 200, head, body
            return status, head, body
        self._count(path, ask, retry=True)
        return inside

    def _post(self, visitor, key, conversation):
        """Posts a message. A browser does not repeat a post, so this does not either."""
        text = "post-" + os.urandom(8).hex()

        def ask():
            status, answer = visitor.call(key, "core_message_send_messages_to_conversation", conversationid=conversation, messages=[{"text": text, "textformat": 2}])
            return status, "", str(answer)
        if self._count("post", ask, retry=False):
            self.posted.append(text)

    def _count(self, what, ask, retry):
        """One request. A browser reads again when the connection broke before an answer, so we do, once; all else is a
        failure."""
        self.requests += 1
        began = time.monotonic()
        status, _, body = ask()
        if retry and status in (0, 502):
            self.retried += 1
            status, _, body = ask()
        self.slowest = max(self.slowest, time.monotonic() - began)
        if status == 200:
            self.streak += 1
            return True
        self.streak = 0
        text = " ".join(re.sub(r"<(style|script).*?</|<[^>]*>", " ", body, flags=re.S).split())
        self.kinds[f"{status} {'maintenance' if 'Back in a few minutes' in text else ''}".strip()] += 1
        self.failed.append((time.time(), f"{what}: {status} {text[:200]}"))
        time.sleep(0.5)  # so that an error that comes at once is not counted a thousand times
        return False

    def mark(self):
        """From now on failures are counted anew; the ones so far, as said by summary()."""
        before = self.summary()
        self.requests, self.retried, self.thrown_out, self.failed, self.slowest, self.kinds = 0, 0, 0, [], 0.0, collections.Counter()
        return before

    def summary(self):
        failed = f"{len(self.failed)} failed"
        if self.failed:
            first, last = (time.strftime("%H:%M:%S", time.gmtime(self.failed[n][0])) for n in (0, -1))
            failed += f" ({', '.join(f'{count} × {kind}' for kind, count in self.kinds.items())}; {first} to {last}; e.g. {self.failed[0][1]})"
        more = f", {self.thrown_out} sent to the login page" if self.thrown_out else ""
        return f"{self.requests} requests, {self.retried} asked again after a broken connection, {failed}{more}, {len(self.posted)} posts confirmed; the slowest took {self.slowest:.1f} s"
