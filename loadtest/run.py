#!/usr/bin/env python3
"""Runs scenarios of loadtest/scenarios against a gate of their own and, with --direct, against the mock provider alone.

    STOPGATE_BIN_DIR=.build/release python3 loadtest/run.py throughput latency-at-rate

The gate has core 0, the generator and the provider core 1 (on a machine with two). While `optout-race` and `reload-under-load`
run, this script adds opt-outs or rewrites an adapter; `soak` has both.
"""

import argparse
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Tests"))

from rig import ROOT, Certificates, Gate, Provider, product  # noqa: E402

SCENARIOS = ROOT / "loadtest" / "scenarios"


def read(file):
    """The part of a scenario that is for us. YAML by the gate's own test environment is not needed for one flow line."""
    setup = {}
    for line in file.read_text().splitlines():
        if line.startswith("setup: {"):
            for pair in line[len("setup: {"):].rstrip("}").split(","):
                key, _, value = pair.partition(":")
                setup[key.strip()] = int(value) if value.strip().isdigit() else value.strip()
    return setup


class Disturbance:
    """Opt-outs and reloads in the background of a run."""

    def __init__(self, gate, opt_outs, reloads):
        self.gate, self.counts, self.over = gate, {"opt-outs": 0, "reloads": 0}, threading.Event()
        self.threads = [threading.Thread(target=work) for work, wanted in ((self._opt_out, opt_outs), (self._reload, reloads)) if wanted]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def _opt_out(self):
        with contextlib.closing(self.gate.admin()) as admin:
            while not self.over.wait(0.02):
                admin.suppress(f"+1650{2000000 + self.counts['opt-outs']}")
                self.counts["opt-outs"] += 1

    def _reload(self):
        file = self.gate.policies / "providers" / "twilio.yaml"
        text = file.read_text()
        while not self.over.wait(2):
            file.write_text(text + f"# {time.time()}\n")
            self.counts["reloads"] += 1


def run(name, arguments, home, certificates):
    file = SCENARIOS / f"{name}.yaml"
    setup = read(file)
    results = []
    provider = Provider(product("stopgate-mock"), certificates, home, ["--remember", "0"])
    with provider.process:
        if setup.get("provider_delay"):
            provider.behave(delayMilliseconds=setup["provider_delay"])
        gate = Gate(product("stopgate"), certificates, home / name, provider, {
            "workers": setup.get("workers", 1), "audit": {"durability": setup.get("audit", arguments.audit)},
            "limits": {"connections_per_source": 40_000, "new_connections_per_source": 100_000, "connections": 40_000,
                       "requests_per_connection": 1_000_000, "http2": {"streams_per_connection": 1_000_000}}})
        os.sched_setaffinity(0, set(range(min(setup.get("workers", 1), os.cpu_count()))))
        with gate.start():
            os.sched_setaffinity(0, {os.cpu_count() - 1})
            for kind, channel in (("phone", "sms"), ("email", "email")):
                identifiers = home / f"{kind}s"
                with open(identifiers, "wb") as out:
                    subprocess.run([product("stopgate-load"), "suppressions", str(setup.get("suppressions", 1000)), "--kind", kind], stdout=out, check=True)
                gate.run("list", "load", f"load-{kind}s", identifiers, "--kind", kind, "--channel", channel, "--reason", "load")
            targets = [("stopgate", f"https://localhost:{gate.port}", ["--prefix", "--watch", f"stopgate={gate.process.pid}"])]
            if arguments.direct:
                targets.append(("direct", provider.origin, ["--unchecked", "--watch", f"provider={provider.process.pid}"]))
            for label, target, more in targets:
                output = arguments.output / name / label
                with Disturbance(gate, label == "stopgate" and name in ("optout-race", "soak"), label == "stopgate" and name in ("reload-under-load", "soak")) as disturbance:
                    print(f"{name}, {label}", flush=True)
                    command = [str(product("stopgate-load")), "run", str(file), "--target", target, "--ca", str(certificates.ca), "--output", str(output),
                               "--label", label, *more]
                    if arguments.max_seconds:
                        command += ["--max-seconds", str(arguments.max_seconds)]
                    code = subprocess.run(command).returncode
                if any(disturbance.counts.values()):
                    print(f"  meanwhile: {disturbance.counts}", flush=True)
                results.append((label, code))
                if code:
                    print(f"  exit {code}", flush=True)
            verified = gate.run("audit", "verify").stdout.strip().splitlines()
            print(f"  audit: {verified[-1] if verified else 'nothing'}", flush=True)
            gate.stop()
    return all(code == 0 for _, code in results)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", nargs="+", choices=sorted(file.stem for file in SCENARIOS.glob("*.yaml")))
    parser.add_argument("--direct", action="store_true", help="the same against the provider alone")
    parser.add_argument("--audit", default="strict", choices=["strict", "batch"])
    parser.add_argument("--max-seconds", type=float)
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / ".build" / "load-results")
    arguments = parser.parse_args()
    home = pathlib.Path(tempfile.mkdtemp(prefix="stopgate-load-"))
    try:
        certificates = Certificates(home / "certs")
        return 0 if all([run(name, arguments, home, certificates) for name in arguments.scenario]) else 1
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
