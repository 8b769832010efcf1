#!/usr/bin/env python3
"""`make compare`: Stopgate beside the proxies people run today, in one interleaved run.

Every proxy has core 0 for itself; the load generator (h2load) and the mock provider share core 1. The same provider, the same
key, TLS 1.3 on both sides. Figures: CPU per request of the proxy from the kernel's accounting, at the same offered rates and flat
out, and the latencies h2load logged. Rounds are interleaved; the median of rounds counts. A run in which one request failed, or
reached the provider other than once, is no measurement and is reported as such.

Writes RESULTS/compare.json and RESULTS/compare.md.
"""

import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

import proxies
from workload import workloads, write_suppressions

from rig import ROOT, Certificates, Provider, product  # noqa: E402

RESULTS = ROOT / "loadtest" / "results"


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


def load(setting, proxy, workload, rate, seconds, number):
    """One run of h2load; what it saw and what the proxy spent."""
    offered = rate // proxy.slowness
    body, log = setting.home / "body", setting.home / "requests.tsv"
    body.write_bytes(workload.body)
    log.unlink(missing_ok=True)
    total = max(workload.connections, offered * seconds if offered else workload.flat_out // proxy.slowness)
    command = ["taskset", "-c", proxies.OTHER_CORE, "h2load", "-c", str(workload.connections), "-n", str(total), f"--log-file={log}", "-d", str(body),
               "-H", f"content-type: {workload.content_type}", "-m", str(workload.streams)]
    if workload.versions[0] == "h1":
        command.append("--h1")
    if offered:
        command.append(f"--rps={offered / workload.connections:g}")
    command.append(f"https://localhost:{proxy.port}{proxy.path(workload)}")
    setting.provider.forget()
    before = proxy.cpu_seconds()
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    spent = proxy.cpu_seconds() - before
    if run.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {run.returncode}\n{run.stdout}{run.stderr}")
    ok = int(re.search(r"status codes: (\d+) 2xx", run.stdout)[1])
    achieved = float(re.search(r"finished in [^,]+, ([\d.]+) req/s", run.stdout)[1])
    latencies = sorted(int(line.split("\t")[2]) for line in log.read_text().splitlines())
    quantile = lambda share: latencies[min(len(latencies) - 1, int(share * len(latencies)))] if latencies else 0  # noqa: E731
    return Sample(
        proxy.name, workload.name, rate, number, total, total - ok, setting.provider.count(), achieved, spent / total * 1e6, quantile(0.5),
        quantile(0.99))


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


def report(samples, missing, arguments, load_before):
    """The results as Markdown: one table for each workload and rate."""
    lines = [
        "# Compared with what users run today", "",
        f"Written by `make compare` (loadtest/compare/compare.py) on {datetime.date.today()}, {platform.machine()}, {os.cpu_count()} cores, "
        f"kernel {platform.release()}, load average before {load_before:.1f}; medians of {arguments.rounds} interleaved rounds.",
        "", "The proxy has core 0, h2load and the mock provider core 1; TLS 1.3 and one P-256 key on both sides. Proxies that check have "
        f"{arguments.suppressions:,} suppressions. Stopgate also keeps evidence: strict means on disk before the send goes out. CPU is the kernel's "
        "accounting of the proxy's processes, per request; ratios under 1 mean Stopgate (strict) takes less.", ""]
    for name in dict.fromkeys(sample.workload for sample in samples):
        for offered in dict.fromkeys(sample.offered for sample in samples if sample.workload == name):
            rows = [sample for sample in samples if sample.workload == name and sample.offered == offered]
            lines += [f"## {name}, {'flat out' if not offered else f'{offered:,} a second offered'}", "",
                      "| proxy | checks | CPU µs a request | Stopgate ÷ it | a second | p50 µs | p99 µs | failed |", "|---|---|---|---|---|---|---|---|"]
            median = lambda proxy, field: statistics.median(getattr(row, field) for row in rows if row.proxy == proxy)  # noqa: E731
            own = median("stopgate", "cpu_per_request") if any(row.proxy == "stopgate" for row in rows) else 0
            for kind in proxies.ALL:
                if not any(row.proxy == kind.name for row in rows):
                    continue
                cpu = median(kind.name, "cpu_per_request")
                ratio = f"{own / cpu:.2f}" if cpu and own else ""
                lines.append(
                    f"| {kind.name}{f' (offered 1/{kind.slowness})' if kind.slowness > 1 else ''} | {'yes' if kind.checks else ''} | {cpu:.1f} | {ratio} | {median(kind.name, 'rate'):,.0f} | "
                    f"{median(kind.name, 'p50'):,.0f} | {median(kind.name, 'p99'):,.0f} | {sum(row.failed for row in rows if row.proxy == kind.name)} |")
            lines.append("")
    if missing:
        lines += ["## Left out", ""] + [f"- {what}: {' '.join(why.split())}" for what, why in missing.items()] + [""]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4, help="of each run at an offered rate")
    parser.add_argument("--suppressions", type=int, default=1_000_000)
    parser.add_argument("--proxy", action="append", choices=[kind.name for kind in proxies.ALL])
    parser.add_argument("--workload", action="append", choices=[workload.name for workload in workloads()])
    parser.add_argument("--results", type=pathlib.Path, default=RESULTS)
    arguments = parser.parse_args()
    kinds = [kind for kind in proxies.ALL if not arguments.proxy or kind.name in arguments.proxy]
    works = [workload for workload in workloads() if not arguments.workload or workload.name in arguments.workload]
    home = pathlib.Path(tempfile.mkdtemp(prefix="stopgate-compare-"))
    load_before = os.getloadavg()[0]
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
        arguments.results.mkdir(parents=True, exist_ok=True)
        (arguments.results / "compare.json").write_text(json.dumps([dataclasses.asdict(sample) for sample in samples], indent=1) + "\n")
        (arguments.results / "compare.md").write_text(report(samples, missing, arguments, load_before))
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
