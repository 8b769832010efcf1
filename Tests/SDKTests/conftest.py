"""One gate, one provider, one application for the whole run; what each test sees starts empty."""

import asyncio
import os
import pathlib
import shutil
import socket
import sys
import tempfile
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

pytest_plugins = ["matrix"]

from rig import Application, AuditReader, Certificates, Gate, Provider, adapter_files, product  # noqa: E402

#: Suppressed before anything is sent. 555-01xx are numbers nobody has (ATIS-0300115).
BLOCKED_PHONES = ["+14155550123", "+442079460123", "+5215512345678"]
BLOCKED_MAILS = [f"gone{number}@example.com" for number in range(3)] + ["gone@bücher.example"]
#: By kinds that the text does not tell.
BLOCKED_OTHERS = {"push-token": "deadbeef" * 8, "external": "user-gone", "postal": "1 Gone Street"}
BLOCKED_TOKEN, BLOCKED_USER, BLOCKED_STREET = BLOCKED_OTHERS.values()
ALLOWED_PHONE = "+14155550199"
ALLOWED_PHONES = [ALLOWED_PHONE, "+14155550142", "+442079460142"]
ALLOWED_TOKEN = "0123456789abcdef" * 4
BLOCKED_PHONE = BLOCKED_PHONES[0]
AWS_KEY, AWS_SECRET = "AKIAMAILTESTS", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


HOME = pathlib.Path(tempfile.mkdtemp(prefix="stopgate-sdk-"))
CERTIFICATES = Certificates(HOME / "certs")

# What an operator sets for a sender: the CA, by environment alone. Here and not in a fixture because aiohttp reads it when
# it is imported.
for variable in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "HTTPLIB2_CA_CERTS", "AWS_CA_BUNDLE"):
    os.environ[variable] = str(CERTIFICATES.ca)
for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
    os.environ.pop(variable, None)
    os.environ.pop(variable.lower(), None)


def pytest_unconfigure():
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def home():
    return HOME


@pytest.fixture(scope="session")
def certificates():
    return CERTIFICATES


@pytest.fixture(scope="session")
def session_provider(certificates, home):
    provider = Provider(product("stopgate-mock"), certificates, home)
    yield provider
    provider.stop()


@pytest.fixture(scope="session")
def session_application():
    application = Application()
    yield application
    application.stop()


@pytest.fixture(scope="session")
def gate(certificates, session_provider, session_application, home):
    # What AWS's SDKs sign with is signed with again when a request was changed.
    keys = home / "aws-credentials"
    keys.write_text(f"[default]\naws_access_key_id = {AWS_KEY}\naws_secret_access_key = {AWS_SECRET}\n")
    keys.chmod(0o600)
    settings = {"signing": {"aws": {"credentials": "file", "path": str(keys)}}}
    with Gate(product("stopgate"), certificates, home / "gate", session_provider, settings, session_application) as gate:
        gate.start()
        gate.suppress(*BLOCKED_PHONES, *BLOCKED_MAILS)
        for kind, identifier in BLOCKED_OTHERS.items():
            gate.run("suppress", "add", identifier, "--kind", kind)
        yield gate
        assert gate.process.is_running, f"the gate died:\n{gate.process.output}"
        assert gate.stop() == 0


@pytest.fixture
def provider(session_provider):
    """The provider, having received nothing yet."""
    session_provider.behave()
    session_provider.forget()
    yield session_provider
    session_provider.behave()


@pytest.fixture
def application(session_application):
    session_application.requests.clear()
    return session_application


@pytest.fixture
def dns_override(monkeypatch, gate):
    """Providers' names lead to the gate, as an /etc/hosts entry and a listener on port 443 would have it."""
    resolve, adapters = socket.getaddrinfo, adapter_files()

    def override(host, port, *arguments, **options):
        name = host.decode() if isinstance(host, bytes) else host
        if name and any(adapter.is_host(name) for adapter in adapters):
            assert int(port) == 443
            host, port = "127.0.0.1", gate.port
        return resolve(host, port, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", override)
    connect = asyncio.selector_events.BaseSelectorEventLoop.sock_connect

    def sock_connect(loop, sock, address):
        # anyio, below httpx, takes only the address from what a name resolves to and keeps its own port.
        return connect(loop, sock, ("127.0.0.1", gate.port) if address == ("127.0.0.1", 443) else address)

    monkeypatch.setattr(asyncio.selector_events.BaseSelectorEventLoop, "sock_connect", sock_connect)


@pytest.fixture(params=["base-url", "dns"])
def way(request):
    """How senders reach the gate: a test that takes this runs once for each way."""
    if request.param == "dns":
        request.getfixturevalue("dns_override")
    return request.param


class Decisions:
    """The decisions the gate has taken since the test began."""

    def __init__(self, log):
        self._log = log
        # What an earlier test caused may still be on its way to the disk: a record says when it was made, by this same clock.
        self._since = time.monotonic_ns()
        self._new = []

    def _take(self):
        self._new += [record for record in self._log.read() if record["kind"] == "decision" and record["mono"] >= self._since]

    def expect(self, *verdicts):
        """Asserts that these and no others were taken since the last call, and returns their records.

        A decision that lets nothing out may be written a few milliseconds after its answer.
        """
        deadline = time.monotonic() + 30
        while len(self._new) < len(verdicts) and time.monotonic() < deadline:
            self._take()
            time.sleep(0.005)
        time.sleep(0.02)
        self._take()
        new, self._new = self._new, []
        assert [record["verdict"] for record in new] == list(verdicts)
        return new


@pytest.fixture(scope="session")
def audit_log(gate):
    return AuditReader(gate)


@pytest.fixture
def decisions(audit_log):
    return Decisions(audit_log)
