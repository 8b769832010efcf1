"""The admin API over its Unix socket."""

import http.client
import json
import socket


class AdminConnection(http.client.HTTPConnection):
    """One connection, to be used by one thread."""

    def __init__(self, path, timeout=60):
        super().__init__("localhost", timeout=timeout)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)

    def suppress(self, identifier):
        """Adds an opt-out; it is in force when this returns."""
        self.request("POST", "/v1/suppressions", json.dumps({"identifier": identifier}), {"Content-Type": "application/json"})
        answer = self.getresponse()
        body = answer.read()
        if answer.status != 201 or not json.loads(body)["enforced"]:
            raise OSError(f"suppressing {identifier}: {answer.status} {body!r}")
