"""The instance metadata service, version 2 alone: python -m fleet.metadata STATE. A machine is known by its address; STATE/<address>.json says
what it is told, and may be changed at any time: {"instance-id": …, "delay": seconds, "lifecycle": …}."""
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from .place import ACCOUNT, METADATA

TOKEN = "token-of-the-node-test"
ROLE = "node-role"


class Handler(BaseHTTPRequestHandler):
    def _answer(self, status, text=""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_PUT(self):
        known = self.path == "/latest/api/token" and self.headers.get("X-aws-ec2-metadata-token-ttl-seconds")
        time.sleep(self._state().get("delay", 0))
        self._answer(200, TOKEN) if known else self._answer(400)

    def do_GET(self):
        state = self._state()
        time.sleep(state.get("delay", 0))
        if self.headers.get("X-aws-ec2-metadata-token") != TOKEN:
            return self._answer(401)
        answer = {
            "instance-id": state.get("instance-id"),
            "iam/security-credentials/": ROLE,
            f"iam/security-credentials/{ROLE}": json.dumps({
                "Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": ACCOUNT, "SecretAccessKey": "local", "Token": "session"}, indent=2),
            "autoscaling/target-lifecycle-state": state.get("lifecycle", "InService"),
        }.get(self.path.removeprefix("/latest/meta-data/"))
        self._answer(200, answer) if answer else self._answer(404)

    def _state(self):
        try:
            return json.loads((Path(sys.argv[1]) / f"{self.client_address[0]}.json").read_text())
        except (OSError, ValueError):
            return {}

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer((METADATA, 80), Handler).serve_forever()
