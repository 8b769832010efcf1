#!/usr/bin/env python3
"""Runs scenarios of loadtest/scenarios: against the mock provider alone ("direct"), then against a gate of their own.

    STOPGATE_BIN_DIR=.build/release python3 loadtest/run.py throughput latency-at-rate
    STOPGATE_BIN_DIR=.build/release python3 loadtest/run.py --quick all

The gate has core 0 (one for each event loop), the generator and the provider the last core. For every scenario there is a page
OUTPUT/NAME/report.html, with `direct` beside the gate, and result.json of each run beside it. Exit code 1 when one request failed
that the provider was not told to fail.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Tests"))

from audit_keeper import AuditKeeper  # noqa: E402
from disturbance import Disturbance  # noqa: E402
from flatness import verdict  # noqa: E402
from rig import ROOT, Certificates, Gate, Provider, product  # noqa: E402

SCENARIOS = ROOT / "loadtest" / "scenarios"
NAMES = sorted(file.stem for file in SCENARIOS.glob("*.yaml"))
#: Takes half an hour: only by name, not with "all".
LONG = {"soak"}
SETTINGS = {"limits": {
    "connections_per_source": 40_000, "new_connections_per_source": 100_000, "connections": 40_000, "requests_per_connection": 1_000_000,
    "http2": {"streams_per_connection": 1_000_000}}}
OTHER_CORE = {os.cpu_count() - 1}


class Bench:
    """A provider, and a gate before it that is replaced when a step needs another one."""

    def __init__(self, home, quick):
        self.home, self.quick, self.certificates = home, quick, Certificates(home / "certs")
        os.sched_setaffinity(0, OTHER_CORE)
        self.provider = Provider(product("stopgate-mock"), self.certificates, home, ["--remember", "0"])
        self.gate, self.made, self.saturated, self.number, self.keeper = None, None, None, 0, None
        #: Of all gates whose audit log was verified.
        self.audit = {"bytes": 0, "records": 0}

    def prepare(self, setup, audit):
        """A gate with so many suppressions, event loops and this audit, which is there already or is started."""
        wanted = (setup.get("suppressions", 1000), setup.get("workers", 1), audit)
        if wanted != self.made:
            self.stop_gate()
            self.number += 1
            suppressions, workers, _ = wanted
            self.gate = Gate(product("stopgate"), self.certificates, self.home / f"gate-{self.number}", self.provider,
                             {**SETTINGS, "workers": workers, "audit": {"durability": audit}})
            os.sched_setaffinity(0, set(range(min(workers, os.cpu_count()))))
            try:
                self.gate.start()
            finally:
                os.sched_setaffinity(0, OTHER_CORE)
            self.keeper = AuditKeeper(product("stopgate"), self.gate.data / "audit")
            self.keeper.start()
            for kind, channel, count in (("phone", "sms", suppressions), ("email", "email", min(suppressions, 1_000_000))):
                identifiers = self.home / "identifiers"
                with open(identifiers, "wb") as out:
                    subprocess.run([product("stopgate-load"), "suppressions", str(count), "--kind", kind], stdout=out, check=True)
                subprocess.run(
                    [product("stopgate"), "list", "load", f"load-{kind}s", identifiers, "--kind", kind, "--channel", channel, "--reason", "load",
                     "--config", self.gate.policies], check=True, capture_output=True, timeout=1800)
                identifiers.unlink()
            self.made = wanted
        self.provider.behave(**setup.get("provider", {}))
        self.provider.forget()
        return self.gate

    def stop_gate(self):
        """Ends the gate and checks what it wrote: the audit log of every run is verified."""
        if self.gate:
            gate, self.gate, self.made = self.gate, None, None
            assert gate.stop() == 0, gate.process.output[-2000:]
            keeper = self.keeper
            keeper.stop()
            if not keeper.problem:
                keeper.verify()
            assert not keeper.problem, keeper.problem
            self.audit["bytes"] += keeper.removed + keeper.size()
            self.audit["records"] += keeper.records
            print(f"  audit: {keeper.records} records verified, {keeper.removed + keeper.size()} bytes", flush=True)
            shutil.rmtree(gate.home)

    def close(self):
        if self.gate:
            self.gate.kill()
        self.provider.stop()

    def saturation(self):
        """The most that goes through one event loop with audit strict, requests a second."""
        if self.saturated is None:
            print("saturation: as many as are answered, 32 connections", flush=True)
            output = self.home / "saturation"
            self.load("throughput", "stopgate", self.prepare({"suppressions": 1_000_000}, "strict"), output, ["--only", "32 connections", "--max-seconds", "4"])
            self.saturated = json.loads((output / "result.json").read_text())["steps"][0]["rate"]
        return self.saturated

    def load(self, name, label, gate, output, more):
        """One run of the generator; its exit code."""
        target = f"https://localhost:{gate.port}" if gate else self.provider.origin
        watch = ["--watch", f"provider={self.provider.process.pid}"]
        watch += ["--prefix", "--watch", f"stopgate={gate.process.pid}"] if gate else ["--unchecked"]
        return subprocess.run(
            [str(product("stopgate-load")), "run", str(SCENARIOS / f"{name}.yaml"), "--target", target, "--ca", str(self.certificates.ca),
             "--output", str(output), "--label", label, *watch, *more]).returncode


def show(name):
    """A scenario, read by the generator's own reader."""
    return json.loads(subprocess.run(
        [product("stopgate-load"), "show", SCENARIOS / f"{name}.yaml"], capture_output=True, check=True).stdout)


def parts(scenario, quick):
    """Steps that one gate can do without being touched in between: their setup, and their names (none for all)."""
    base = scenario.get("setup", {})
    if not any("setup" in step for step in scenario["steps"]):
        return [(base, [])]
    found = []
    for step in scenario["steps"]:
        setup = {**base, **step.get("setup", {})}
        if quick and setup.get("suppressions", 0) > 1_000_000:
            continue
        if found and found[-1][0] == setup:
            found[-1][1].append(step["name"])
        else:
            found.append((setup, [step["name"]]))
    return found


def run(bench, name, label, audit, output, seconds):
    """All steps of a scenario. `audit`: None for the provider alone. Returns problems, one a line."""
    scenario, problems = show(name), []
    print(f"{name}, {label}", flush=True)
    more = ["--max-seconds", str(seconds)] if seconds else []
    if scenario.get("sweep", {}).get("shares"):
        more += ["--saturation", str(round(bench.saturation()))]
    shutil.rmtree(output, ignore_errors=True)
    for number, (setup, steps) in enumerate(parts(scenario, bench.quick)):
        gate = bench.prepare(setup, audit) if audit else None
        if not gate:
            bench.provider.behave(**setup.get("provider", {}))
            bench.provider.forget()
        selected = [word for step in steps for word in ("--only", step)] + (["--append"] if number else [])
        with Disturbance(gate, setup.get("opt_outs", 0), setup.get("reload_every", 0)) as disturbance:
            code = bench.load(name, label, gate, output, [*more, *selected])
        if disturbance.counts:
            print(f"  meanwhile: {disturbance.counts}", flush=True)
            (output / "meanwhile.json").write_text(json.dumps(disturbance.counts) + "\n")
        problems += [f"{name}, {label}: {problem}" for problem in disturbance.problems]
        if code:
            problems.append(f"{name}, {label}: exit {code}")
        faults = bench.provider.faults()
        if gate and faults and not code:
            problems += attribute(json.loads((output / "result.json").read_text())["steps"][-1], faults, f"{name}, {label}")
    return problems


def attribute(step, faults, what):
    """Every failed answer is one that the provider gave or withheld on purpose; their numbers are equal, or it is ours."""
    told = sum(count for name, count in faults.items() if name != "reset")
    print(f"  provider's faults: {faults}; {step['injected']} arrived as such, {step['lost']} as 502", flush=True)
    problems = []
    if step["injected"] != told:
        problems.append(f"{what}: the provider answered {told} sends with errors on purpose, {step['injected']} senders saw one")
    if step["lost"] != faults.get("reset", 0):
        problems.append(f"{what}: the provider dropped {faults.get('reset', 0)} sends, {step['lost']} senders saw 502")
    return problems


def scenario(bench, name, arguments):
    """A scenario on the provider alone and on the gate, and the page about both."""
    folder, problems = arguments.output / name, []
    shutil.rmtree(folder, ignore_errors=True)
    seconds = min(2, arguments.max_seconds or 2) if arguments.quick else arguments.max_seconds
    # The provider alone does not change in the course of minutes.
    direct = min(3, seconds or 3)
    labels = [("direct", None, direct)]
    audits = ["strict", "batch"] if arguments.audit == "both" or (arguments.audit is None and name == "latency-at-rate") else [arguments.audit or "strict"]
    labels += [(f"stopgate, {audit}" if len(audits) > 1 else "stopgate", audit, seconds) for audit in audits]
    for label, audit, limit in labels:
        problems += run(bench, name, label, audit, folder / label.replace("stopgate, ", "stopgate-"), limit)
    results = [folder / label.replace("stopgate, ", "stopgate-") for label, _, _ in labels]
    subprocess.run([product("stopgate-load"), "compare", *results, "--output", folder / "report.html"], check=True, stdout=subprocess.DEVNULL)
    print(f"  page: {folder / 'report.html'}", flush=True)
    if name == "soak":
        result = json.loads((results[-1] / "result.json").read_text())
        text, broken = verdict(result["steps"][-1])
        print(text, flush=True)
        (folder / "flatness.txt").write_text(text + "\n")
        problems += broken
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", nargs="+", choices=[*NAMES, "all"])
    parser.add_argument("--quick", action="store_true", help="two seconds a step and no more than a million suppressions: does it run at all?")
    parser.add_argument("--audit", choices=["strict", "batch", "both"], help="strict; latency-at-rate: both")
    parser.add_argument("--max-seconds", type=float, help="cuts every step")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / ".build" / "load-results")
    arguments = parser.parse_args()
    names = [name for name in NAMES if name not in LONG or arguments.quick] if "all" in arguments.scenario else arguments.scenario
    # Not /tmp, which may be memory: audit logs of long runs are large.
    home = pathlib.Path(tempfile.mkdtemp(prefix="stopgate-load-", dir="/var/tmp"))
    bench, problems = Bench(home, arguments.quick), []
    try:
        for name in names:
            problems += scenario(bench, name, arguments)
        bench.stop_gate()
        if bench.audit["records"]:
            (arguments.output / "audit.json").write_text(json.dumps({**bench.audit, "saturation": bench.saturated}) + "\n")
    finally:
        bench.close()
        shutil.rmtree(home, ignore_errors=True)
    print("\n".join(["FAILED:", *problems]) if problems else "No request failed that the provider was not told to fail.", flush=True)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
