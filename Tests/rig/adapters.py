"""What the tests have to know of policies/providers before a gate runs: names and host names. Standard library only, so this
reads the two keys it needs by their indentation and nothing else of YAML."""

import dataclasses
import re

from .products import ROOT

#: Stand in for labels in braces that no wildcard of a certificate can cover.
EXAMPLE_LABELS = {"edge": "dublin", "region": "us-east-1", "account": "acc1", "space": "example"}


@dataclasses.dataclass(frozen=True)
class AdapterFile:
    provider: str
    #: As written: `api.{region}.twilio.com`.
    hosts: tuple

    def is_host(self, name):
        """Whether `name` is a host name of this provider."""
        return any(re.fullmatch(re.sub(r"\\\{[^}]*\\\}", "[A-Za-z0-9-]+", re.escape(host)), name, re.IGNORECASE) for host in self.hosts)

    @property
    def certificate_names(self):
        """What a certificate for all of them names: a hole in front becomes a wildcard, others an example."""
        names = []
        for host in self.hosts:
            first, _, rest = host.partition(".")
            first = "*" if first.startswith("{") else first
            region = "ie1" if host.endswith(".twilio.com") else EXAMPLE_LABELS["region"]
            rest = re.sub(r"\{(\w+)\}", lambda hole: region if hole[1] == "region" else EXAMPLE_LABELS[hole[1]], rest)
            names.append(f"{first}.{rest}")
        return names


def adapter_files(directory=ROOT / "policies" / "providers"):
    """Every adapter, by the name of its file."""
    adapters = []
    for path in sorted(directory.glob("*.yaml")):
        provider, hosts, is_inside = None, [], False
        for line in path.read_text().splitlines():
            if match := re.match(r"provider:\s*(\S+)", line):
                provider = match[1]
            if match := re.match(r"hosts:\s*(\[.*\])?", line):
                is_inside = True
                hosts += re.findall(r"[^\[\],\s\"']+", match[1] or "")
            elif is_inside and (match := re.match(r"\s*-\s+[\"']?([^\"'\s#]+)", line)):
                hosts.append(match[1])
            elif is_inside and re.match(r"\S", line) and not line.startswith("#"):
                is_inside = False
        assert provider and hosts, f"{path} has no provider or no hosts that this reader finds"
        adapters.append(AdapterFile(provider, tuple(hosts)))
    return adapters
