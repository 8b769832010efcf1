"""The mock provider (loadtest/mock-provider) as a test sees it."""

import base64
import dataclasses
import http.client
import json
import ssl

from .process import Process


@dataclasses.dataclass(frozen=True)
class Received:
    """One request as the provider got it."""

    method: str
    host: str
    path: str
    protocol: str
    fields: list
    body: bytes

    def field(self, name):
        """The value of a field that must not stand twice; `None` when it is missing."""
        values = [value for key, value in self.fields if key.lower() == name]
        assert len(values) < 2, f"{name} stands {len(values)} times"
        return values[0] if values else None


class Provider:
    """A running mock provider with TLS, HTTP/1.1 and HTTP/2."""

    def __init__(self, binary, certificates, directory, options=()):
        self.certificates = certificates
        self.process = Process(
            [binary, "--certificate", certificates.chain, "--key", certificates.key, *options], directory / "provider.log")
        self.port = int(self.process.wait_for(r"listening on [\d.]+:(\d+)")[1])
        self._tls = ssl.create_default_context(cafile=str(certificates.ca))

    @property
    def origin(self):
        return f"https://localhost:{self.port}"

    @property
    def address(self):
        """Where a gate connects to in place of a real provider; host names stay theirs."""
        return f"127.0.0.1:{self.port}"

    def _control(self, method, path, body=None):
        connection = http.client.HTTPSConnection("localhost", self.port, context=self._tls, timeout=60)
        try:
            connection.request(method, "/__mock/" + path, body)
            answer = connection.getresponse()
            content = answer.read()
            assert answer.status < 300, f"{method} {path}: {answer.status} {content!r}"
            return json.loads(content) if content else None
        finally:
            connection.close()

    def received(self):
        """Everything received since `forget`, in order."""
        return [
            Received(
                entry["method"], entry["host"], entry["path"], entry["protocolVersion"],
                [tuple(field) for field in entry["fields"]], base64.b64decode(entry["body"]))
            for entry in self._control("GET", "requests")
        ]

    def count(self):
        return self._control("GET", "count")["count"]

    def faults(self):
        """How many requests came to nothing on purpose since `forget`, by the name of the fault."""
        return self._control("GET", "count")["faults"]

    def forget(self):
        self._control("DELETE", "requests")

    def behave(self, **behaviour):
        """`status`, `error` (a name in loadtest/mock-provider/answers), `delayMilliseconds`, `delay` and `faults` (`stopgate-mock
        --help`); nothing restores success."""
        self._control("PUT", "behaviour", json.dumps(behaviour))

    def stop(self):
        self.process.kill()
