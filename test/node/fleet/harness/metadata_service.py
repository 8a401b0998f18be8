"""The instance metadata service, version 2 alone, as strict as AWS's: python -m fleet.harness.metadata_service STATE
[ADDRESS PORT]. A machine is known by its address; STATE/<address>.json holds what it gets, and may change at any time:
{"instance-id": …, "delay": seconds, "lifecycle": …, "ahead": seconds}. By "ahead" a test moves the service's clock on, so that
it need not wait for a token's end.

A token expires after the lifetime that was asked for, but after LIFETIME at most: so tokens expire in every test. The
role's credentials expire after CREDENTIALS seconds; a new request gets new ones, and the front of the local AWS
(aws.py) refuses expired ones. Each answer is a line of the output: address, method, path, status."""
import datetime
import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from .layout import ACCOUNT, METADATA

LIFETIME = 3  # seconds; AWS's own limit is 21600
CREDENTIALS = 60
ROLE = "node-role"
PREFIX = "/latest/meta-data/"

tokens = {}  # token => address it was given to, and when it ends


class Handler(BaseHTTPRequestHandler):
    def _answer(self, status, text="", **headers):
        print(self.client_address[0], self.command, self.path, status, flush=True)
        self.send_response(status)
        for name, value in {"Content-Length": len(text), **headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_PUT(self):
        asked = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
        time.sleep(self._state().get("delay", 0))
        if self.path != "/latest/api/token":
            return self._answer(404)
        if not asked.isdecimal() or not 1 <= int(asked) <= 21600:
            return self._answer(400)
        token, lifetime = secrets.token_urlsafe(16), min(int(asked), LIFETIME)
        tokens[token] = self.client_address[0], self._now() + lifetime
        return self._answer(200, token, **{"X-Aws-Ec2-Metadata-Token-Ttl-Seconds": lifetime})

    def do_GET(self):
        address, end = tokens.get(self.headers.get("X-aws-ec2-metadata-token"), (None, 0))
        valid = address == self.client_address[0] and self._now() < end  # at the time of the request, however long the answer takes
        state = self._state()
        time.sleep(state.get("delay", 0))
        if not valid:
            return self._answer(401)
        answer = {
            "instance-id": state["instance-id"],
            "iam/security-credentials/": ROLE,
            f"iam/security-credentials/{ROLE}": _credentials(state.get("ahead", 0)),
            "autoscaling/target-lifecycle-state": state.get("lifecycle", "InService"),
        }.get(self.path.removeprefix(PREFIX) if self.path.startswith(PREFIX) else None)
        return self._answer(200, answer) if answer else self._answer(404)

    def _now(self):
        return time.monotonic() + self._state().get("ahead", 0)

    def _state(self):
        return json.loads((Path(sys.argv[1]) / f"{self.client_address[0]}.json").read_text())

    def log_message(self, *_):
        pass


def _credentials(ahead):
    end = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=CREDENTIALS + ahead)
    return json.dumps({"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": ACCOUNT, "SecretAccessKey": "local", "Token": f"session-{end.timestamp():.0f}",
                       "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ")}, indent=2)


if __name__ == "__main__":
    place = (sys.argv[2], int(sys.argv[3])) if len(sys.argv) > 2 else (METADATA, 80)
    ThreadingHTTPServer(place, Handler).serve_forever()
