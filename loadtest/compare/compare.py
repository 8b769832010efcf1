#!/usr/bin/env python3
"""`make compare`: Stopgate beside the proxies people run today, in one interleaved run.

Every proxy has core 0 for itself; the load generator (h2load) and the mock provider share core 1. The same provider, the same
key, TLS 1.3 on both sides. Figures: CPU per request of the proxy from the kernel's accounting, at the same offered rates and flat
out, and the latencies h2load logged. Rounds are interleaved; the median of rounds counts. A run in which one request failed, or
reached the provider other than once, is no measurement and is reported as such. `--rps` of h2load wakes each connection every ten
milliseconds at most, and sends what is due together: every proxy gets the same bursts (at 12,000 a second on 20 connections, six
requests in one TLS record), so wake-ups for each request are alike on the way in; on the way out they are each proxy's own affair.

Writes compare.json, compare.md, compare.html and compare-*.svg to RESULTS.
"""

import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import proxies
from report import Report
from workload import workloads, write_suppressions

from rig import ROOT, Certificates, Provider, product  # noqa: E402

RESULTS = ROOT / "loadtest" / "results"
#: The last command line of h2load by workload and rate, for the report.
COMMANDS = {}


@dataclasses.dataclass
class Setting:
    """What all proxies of a run share."""

    home: pathlib.Path
    certificates: Certificates
    provider: Provider
    phones: pathlib.Path
    form_phones: pathlib.Path
    mails: pathlib.Path
    envoy: str | None


@dataclasses.dataclass
class Sample:
    """One run of one proxy. Times in microseconds."""

    proxy: str
    workload: str
    #: Sends a second that were offered (a slow proxy is offered less, by its `slowness`); 0 flat out.
    offered: int
    round: int
    requests: int
    failed: int
    reached_provider: int
    rate: float
    cpu_per_request: float
    p50: float
    p99: float
    #: CPU of the load generator for each request.
    generator: float
    provider: float
    upstream_connections: int
    #: What client and proxy agreed on, as h2load says it.
    tls: str


def load(setting, proxy, workload, rate, seconds, number):
    """One run of h2load; what it saw and what the proxy spent."""
    offered = rate // proxy.slowness
    body, log = setting.home / "body", setting.home / "requests.tsv"
    body.write_bytes(workload.body)
    log.unlink(missing_ok=True)
    total = max(workload.connections, offered * seconds if offered else workload.flat_out // proxy.slowness)
    command = [
        "taskset", "-c", proxies.OTHER_CORE, "h2load", "-c", str(workload.connections), "-n", str(total), f"--log-file={log}", "-d", str(body),
        "-H", f"content-type: {workload.content_type}", "-m", str(workload.streams), f"--tls13-ciphers={proxies.CIPHER}", "--groups=X25519"]
    if workload.versions[0] == "h1":
        command.append("--h1")
    if offered:
        command.append(f"--rps={offered / workload.connections:g}")
    command.append(f"https://localhost:{proxy.port}{proxy.path(workload)}")
    setting.provider.forget()
    before, provider = proxy.cpu_seconds(), proxies.cpu_seconds(setting.provider.process.pid)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    spent, provider = proxy.cpu_seconds() - before, proxies.cpu_seconds(setting.provider.process.pid) - provider
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    generator = after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime
    if run.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {run.returncode}\n{run.stdout}{run.stderr}")
    ok = int(re.search(r"status codes: (\d+) 2xx", run.stdout)[1])
    achieved = float(re.search(r"finished in [^,]+, ([\d.]+) req/s", run.stdout)[1])
    tls = " ".join(re.search(rf"{what}: (.*)", run.stdout)[1] for what in ("TLS Protocol", "Cipher", "Server Temp Key"))
    latencies = sorted(int(line.split("\t")[2]) for line in log.read_text().splitlines())
    quantile = lambda share: latencies[min(len(latencies) - 1, int(share * len(latencies)))] if latencies else 0  # noqa: E731
    COMMANDS[workload.name, rate] = " ".join(command)
    return Sample(
        proxy.name, workload.name, rate, number, total, total - ok, setting.provider.count(), achieved, spent / total * 1e6, quantile(0.5),
        quantile(0.99), generator / total * 1e6, provider / total * 1e6, proxy.upstream_connections(), tls)


def measure(setting, kinds, works, rounds, seconds):
    """All proxies side by side: a round is every proxy once at every rate."""
    samples, missing = [], {}
    for workload in works:
        running = []
        try:
            for kind in kinds:
                proxy = kind(setting)
                try:
                    proxy.start(workload)
                    load(setting, proxy, workload, 0, seconds, -1)  # warm
                    running.append(proxy)
                except Exception as problem:  # a proxy that is not installed is no reason to measure none
                    missing[f"{kind.name}, {workload.name}"] = str(problem).strip()[:300]
                    print(f"  {kind.name}: left out: {str(problem).strip()[:300]}", flush=True)
                    proxy.stop()
            for number in range(rounds):
                # One round of a proxy at a fiftieth of the speed says all there is to say.
                if number == 1:
                    for proxy in [proxy for proxy in running if proxy.slowness > 1]:
                        proxy.stop()
                        running.remove(proxy)
                for offered in (*workload.rates, 0):
                    for proxy in running:
                        sample = load(setting, proxy, workload, offered, seconds, number)
                        samples.append(sample)
                        print(f"  {workload.name:13} {proxy.name:15} {'flat out' if not offered else f'{offered}/s':>9}: "
                              f"{sample.rate:9,.0f}/s {sample.cpu_per_request:8.1f} µs CPU, p50 {sample.p50:,.0f} p99 {sample.p99:,.0f} µs"
                              + (f", {sample.failed} failed" if sample.failed else "")
                              + ("" if sample.reached_provider == sample.requests else f", {sample.reached_provider} reached the provider"),
                              flush=True)
        finally:
            for proxy in running:
                proxy.stop()
    return samples, missing


def commit():
    return subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()


def processor():
    found = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2, help="of each run at an offered rate")
    parser.add_argument("--suppressions", type=int, default=1_000_000)
    parser.add_argument("--proxy", action="append", choices=[kind.name for kind in proxies.ALL])
    parser.add_argument("--workload", action="append", choices=[workload.name for workload in workloads()])
    parser.add_argument("--results", type=pathlib.Path, default=RESULTS)
    arguments = parser.parse_args()
    kinds = [kind for kind in proxies.ALL if not arguments.proxy or kind.name in arguments.proxy]
    works = [workload for workload in workloads() if not arguments.workload or workload.name in arguments.workload]
    home = pathlib.Path(tempfile.mkdtemp(prefix="stopgate-compare-"))
    load_before, begun = os.getloadavg()[0], time.monotonic()
    # Ended from outside, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.sched_setaffinity(0, {int(proxies.OTHER_CORE)})
    try:
        certificates = Certificates(home / "certs")
        phones, form_phones, mails = write_suppressions(home, arguments.suppressions)
        provider = Provider(product("stopgate-mock"), certificates, home, ["--remember", "0"])
        setting = Setting(home, certificates, provider, phones, form_phones, mails, proxies.envoy_binary())
        with provider.process:
            samples, missing = measure(setting, kinds, works, arguments.rounds, arguments.seconds)
        where = {
            "date": str(datetime.date.today()), "commit": commit(), "machine": f"{processor()}, {os.cpu_count()} cores, Linux {platform.release()}",
            "load_before": load_before, "rounds": arguments.rounds, "seconds": arguments.seconds, "suppressions": arguments.suppressions,
            "minutes": (time.monotonic() - begun) / 60, "command": "make compare" if len(sys.argv) == 1 else "compare.py " + " ".join(sys.argv[1:]),
            "load_commands": [COMMANDS[key] for key in COMMANDS if key[1]], "missing": missing,
            "versions": proxies.versions(setting)}
        Report([dataclasses.asdict(sample) for sample in samples], where).write(arguments.results)
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
