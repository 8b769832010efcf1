"""Starts stopgate-lab and stopgate-mock on ports of the kernel's choice; ends only what it started."""

import base64
import http.client
import json
import os
import re
import shutil
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(os.environ.get("STOPGATE_BIN_DIR", ROOT / ".build/debug"))
BLOCKED_PHONE = "+14155550123"
BLOCKED_MAIL = "blocked@example.com"
ASAN = "asan" in str(BIN)


def make_certificate(folder, name="gate", names=("localhost", "api.twilio.com", "api.sendgrid.com")):
    """A self-signed P-256 certificate. Returns (chain, key)."""
    chain, key = folder / f"{name}.pem", folder / f"{name}.key"
    alternatives = ",".join(f"DNS:{n}" for n in names) + ",IP:127.0.0.1"
    run = lambda *a: subprocess.run(a, check=True, capture_output=True)
    run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(key))
    run("openssl", "req", "-x509", "-new", "-key", str(key), "-out", str(chain), "-days", "30",
        "-subj", f"/CN={names[0]}", "-addext", f"subjectAltName={alternatives}")
    key.chmod(0o600)
    return chain, key


class Process:
    """A program that prints "listening on HOST:PORT" when it is ready."""

    def __init__(self, program, *arguments):
        binary = BIN / program
        if not binary.exists():
            raise FileNotFoundError(f"{binary} is not built: swift build --product {program}, or set STOPGATE_BIN_DIR")
        self.errors = tempfile.TemporaryFile(mode="w+")
        environment = dict(os.environ, SWIFT_BACKTRACE="enable=no", ASAN_OPTIONS="detect_leaks=0:abort_on_error=1")
        self.child = subprocess.Popen(
            [str(binary), *map(str, arguments)], stdout=subprocess.PIPE, stderr=self.errors, text=True, env=environment)
        line = self.child.stdout.readline()
        match = re.search(r":(\d+)$", line.strip())
        if not match:
            self.stop()
            raise RuntimeError(f"{program} did not start: {line!r} {self.error_text()}")
        self.port = int(match.group(1))

    @property
    def pid(self):
        return self.child.pid

    def is_alive(self):
        return self.child.poll() is None

    def error_text(self):
        self.errors.seek(0)
        return self.errors.read()

    def resident_kib(self):
        """Resident set; 0 always under AddressSanitizer, whose quarantine would drown what a test looks for."""
        if ASAN:
            return 0
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise RuntimeError("no VmRSS")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def cpu_seconds(self):
        """User and system time so far; 0 always under AddressSanitizer."""
        if ASAN:
            return 0
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(3)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.child.stdout.close()


class Mock(Process):
    """The mock provider, and what it remembers."""

    def __init__(self, certificate):
        chain, key = certificate
        super().__init__("stopgate-mock", "--certificate", chain, "--key", key, "--port", 0)
        self.context = ssl.create_default_context(cafile=str(chain))

    def _call(self, method, path, body=None):
        connection = http.client.HTTPSConnection("localhost", self.port, context=self.context, timeout=30)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def requests(self):
        """Every request received since the last `forget`, bodies as bytes."""
        found = json.loads(self._call("GET", "/__mock/requests")[1])
        for request in found:
            request["body"] = base64.b64decode(request["body"])
        return found

    def count(self):
        return json.loads(self._call("GET", "/__mock/count")[1])["count"]

    def forget(self):
        assert self._call("DELETE", "/__mock/requests")[0] == 204

    def behave(self, **behaviour):
        assert self._call("PUT", "/__mock/behaviour", json.dumps(behaviour))[0] == 204


class Gate(Process):
    """stopgate-lab before the provider at `port`."""

    def __init__(self, certificate, port, http2=True, limits=None, trust=None, workers=1, options=()):
        chain, key = certificate
        self.folder = Path(tempfile.mkdtemp(prefix="stopgate-conformance-"))
        policies = self.folder / "policies"
        shutil.copytree(ROOT / "policies", policies)
        main = policies / "stopgate.yaml"
        upstream = (
            f"upstream:\n  ca: {trust or chain}\n  http2: {'true' if http2 else 'false'}\n  providers:\n"
            f"    twilio: {{origin: \"https://localhost:{port}\"}}\n    sendgrid: {{origin: \"https://localhost:{port}\"}}\n")
        main.write_text(re.sub(r"(?m)^upstream:\n(?:[ \t#].*\n|\n)*", lambda _: upstream, main.read_text()))
        # The tests come from one address and open many connections.
        all_limits = {"newConnectionsPerSecondPerSource": 100_000, "connectionsPerSource": 2000, **(limits or {})}
        arguments = ["--policies", policies, "--certificate", chain, "--key", key, "--port", 0, "--workers", workers,
                     "--suppress", 10, "--block", BLOCKED_PHONE, "--block", BLOCKED_MAIL, "--batch",
                     "--audit", self.folder / "audit", *options]
        for name, value in all_limits.items():
            arguments += ["--limit", f"{name}={value}"]
        super().__init__("stopgate-lab", *arguments)

    def stop(self):
        super().stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def audit_entries(self):
        """All records written so far, as dictionaries."""
        entries = []
        for segment in sorted((self.folder / "audit").rglob("*.jsonl")):
            entries += [json.loads(line) for line in segment.read_text().splitlines() if line.startswith("{")]
        return entries


def eventually(condition, seconds=20, what="the condition"):
    """Waits until `condition()` is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come about within {seconds} s")
