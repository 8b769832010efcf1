"""A gate with a home of its own, started, killed and started again."""

import json
import pathlib
import shutil
import subprocess
import urllib.request

from .adapters import adapter_files
from .admin import AdminConnection
from .process import Process
from .products import ROOT


class Gate:
    """`stopgate serve` on free ports of 127.0.0.1.

    `settings` are merged into stopgate.yaml, one level deep, `None` leaving a key out (YAML is a superset of JSON, so they are
    written as JSON). `adapters` are texts by provider that stand in for the shipped ones.
    """

    PUBLIC_URL = "https://stop.example.com"
    TOKEN = "12345678901234567890123456789012"
    INTAKE_PATH = "/intake/twilio/messages"

    def __init__(self, binary, certificates, home, provider, settings=None, application=None, adapters=None):
        self.binary, self.certificates, self.home = binary, certificates, pathlib.Path(home)
        self.home.mkdir(parents=True, exist_ok=True)
        self.policies, self.data = self.home / "policies", self.home / "data"
        shutil.copytree(ROOT / "policies", self.policies, dirs_exist_ok=True)
        if adapters is not None:
            shutil.rmtree(self.policies / "providers")
            (self.policies / "providers").mkdir()
            for name, text in adapters.items():
                (self.policies / "providers" / f"{name}.yaml").write_text(text)
        twilio = {"auth_token_env": "TWILIO_AUTH_TOKEN"}
        if application:
            twilio["forward_url"] = application.url
        self.settings = {
            "listeners": [{"role": role, "address": "127.0.0.1", "port": 0} for role in ("proxy", "intake")],
            "tls": {"certificates": [{"chain": str(certificates.chain), "key": str(certificates.key)}]},
            "upstream": {
                "ca": str(certificates.ca),
                "providers": self._providers(provider),
            },
            "storage": {"directory": str(self.data)},
            "intake": {"public_url": self.PUBLIC_URL, "twilio": twilio},
            "admin": {"health_port": 0},
            "recipients": {"default_regions": ["US"]},
            # Every request of a test comes from one address.
            "limits": {"connections_per_source": 4000, "new_connections_per_source": 100_000},
        }
        for key, value in (settings or {}).items():
            both = isinstance(value, dict) and isinstance(self.settings.get(key), dict)
            self.settings[key] = {**self.settings[key], **value} if both else value
            if value is None:
                del self.settings[key]
        (self.policies / "stopgate.yaml").write_text(json.dumps(self.settings, indent=2) + "\n")
        self.process = None

    def _providers(self, provider):
        """Every provider's host names lead to `provider`; one that is a bare server of a test plays Twilio and SendGrid."""
        if hasattr(provider, "address"):
            return {adapter.provider: {"connect": provider.address} for adapter in adapter_files(self.policies / "providers")}
        return {name: {"origin": provider.origin} for name in ("twilio", "sendgrid")}

    def start(self):
        """Returns when sends pass."""
        self.process = Process(
            [self.binary, "serve", "--config", self.policies], self.home / "gate.log", {"TWILIO_AUTH_TOKEN": self.TOKEN})
        self.port = int(self.process.wait_for(r"listening address=\S+ port=(\d+) role=proxy")[1])
        self.intake_port = int(self.process.wait_for(r"listening address=\S+ port=(\d+) role=intake")[1])
        self.health_port = int(self.process.wait_for(r"gate started .*health=127\.0\.0\.1:(\d+)")[1])
        self.process.wait_for(r"suppressions loaded")
        return self

    def base(self, provider, host=None):
        """The base URL of a sender that has a setting for it; `host` names one of the provider's hosts."""
        return f"https://localhost:{self.port}/{provider}" + (f"/{host}" if host else "")

    @property
    def intake_url(self):
        """Where the intake listens; signatures cover `PUBLIC_URL` instead."""
        return f"https://localhost:{self.intake_port}{self.INTAKE_PATH}"

    def run(self, *arguments, check=True):
        """A `stopgate` command against this gate; its result."""
        result = subprocess.run(
            [str(self.binary), *map(str, arguments), "--config", str(self.policies)], capture_output=True, text=True,
            timeout=180, stdin=subprocess.DEVNULL)
        if check and result.returncode:
            raise AssertionError(f"stopgate {' '.join(map(str, arguments))}: exit {result.returncode}\n{result.stdout}{result.stderr}")
        return result

    def suppress(self, *identifiers):
        """Opts people out by the command line; in force when it returns."""
        for identifier in identifiers:
            self.run("suppress", "add", identifier)

    def admin(self):
        return AdminConnection(self.data / "admin.sock")

    def health(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.health_port}/{path}", timeout=10) as answer:
            return answer.read().decode()

    def metrics(self):
        """Every sample of /metrics, by its name with labels."""
        samples = (line.rpartition(" ") for line in self.health("metrics").splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, _, value in samples}

    def audit_records(self):
        """Every record of the audit log that is complete, oldest first."""
        return AuditReader(self).read()

    def stop(self):
        return self.process.stop()

    def kill(self):
        self.process.kill()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.kill()


class AuditReader:
    """Reads a gate's audit log piece by piece, by the documented format alone."""

    def __init__(self, gate):
        self._directory = gate.data / "audit"
        self._read = {}

    def read(self):
        """The records completed since the last call, oldest first."""
        records = []
        for segment in sorted(self._directory.glob("*.jsonl")):
            with open(segment, "rb") as file:
                file.seek(self._read.get(segment, 0))
                lines, _, _ = file.read().rpartition(b"\n")
            if lines:
                self._read[segment] = self._read.get(segment, 0) + len(lines) + 1
                records += [json.loads(line) for line in lines.split(b"\n")]
        return records
