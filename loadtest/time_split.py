#!/usr/bin/env python3
"""Where the gate's time goes: kernel, OpenSSL, nghttp2, Swift's runtime, C library, and our own modules.

    python3 loadtest/time_split.py [--rate 12000] [--audit strict] [--json FILE]       # needs perf and h2load; root or perf_event_paranoid <= 1

A gate with one event loop and a million suppressions on core 0, h2load and the mock provider on the last core; `perf record -e
cpu-clock` on the gate while the load runs, user and kernel. The table says microseconds for each request: the share of samples times
the CPU time that the kernel accounted to the process.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "loadtest" / "compare"))

import proxies  # noqa: E402
import workload  # noqa: E402
from rig import Certificates, Provider, product  # noqa: E402

MODULES = ("Adapters", "Recipients", "Suppression", "HTTPKit", "TLSKit", "Dataplane", "Audit", "Gate", "Bytes", "Signing")
KERNEL_PARTS = (
    ("kernel: scheduler and waking", r"sched|futex|wake|epoll|ep_|poll|task_switch|hrtimer|timer|ktime|idle|enqueue|dequeue|update_|pick_next|try_to"),
    ("kernel: TCP and IP", r"tcp|ip_|ip6|inet|sock|skb|net|dev_|loopback|__local_bh|nf_|udp|__sys_send|__sys_recv|eth_|sk_"),
    ("kernel: files", r"ext4|jbd2|blk|bio|iomap|fsync|writeback|folio|filemap|submit|virtio|vfs_|mark_buffer|nvme|page_cache|xas_"),
)


def part(library, symbol, in_kernel):
    """The row of the table that a sample belongs to."""
    if in_kernel:
        for name, pattern in KERNEL_PARTS:
            if re.search(pattern, symbol):
                return name
        return "kernel: the rest"
    for name, label in (("libcrypto", "OpenSSL"), ("libssl", "OpenSSL"), ("libnghttp2", "nghttp2"), ("libswift", "Swift's runtime"),
                        ("libphonenumber", "libphonenumber"), ("libc.so", "C library"), ("libm.so", "C library"), ("[vdso]", "C library")):
        if name in library:
            return label
    for module in MODULES:
        if re.match(rf"\$s{len(module)}{module}", symbol):
            return f"ours: {module}"
    for module in MODULES:
        if f"{len(module)}{module}" in symbol:
            return f"ours: {module}"
    return "ours: the rest"


def profile(options, home):
    certificates = Certificates(home / "certs")
    phones, form_phones, mails = workload.write_suppressions(home, options.suppressions)
    provider = Provider(product("stopgate-mock"), certificates, home, ["--remember", "0"])
    kind = proxies.Stopgate if options.audit == "strict" else proxies.StopgateBatch
    work = workload.workloads()[0]
    with provider.process:
        proxy = kind(argparse.Namespace(home=home, certificates=certificates, provider=provider, phones=phones, form_phones=form_phones, mails=mails))
        proxy.start(work)
        try:
            body, data = home / "body", home / "perf.data"
            body.write_bytes(work.body)
            requests = options.rate * options.seconds if options.rate else 600_000
            command = ["h2load", "-c", str(work.connections), "-m", str(work.streams), "-n", str(requests), "-d", str(body), "-H", f"content-type: {work.content_type}"]
            command += [f"--rps={options.rate / work.connections:g}"] if options.rate else []
            perf = subprocess.Popen(
                ["perf", "record", "-q", "-e", "cpu-clock", "-F", "4999", "-o", str(data), "-p", str(proxy.process.pid)], stderr=subprocess.DEVNULL)
            before = proxy.cpu_seconds()
            load = subprocess.run([*command, f"https://localhost:{proxy.port}{proxy.path(work)}"], capture_output=True, text=True, check=True).stdout
            spent = proxy.cpu_seconds() - before
            perf.send_signal(2)
            perf.wait()
            ok = int(re.search(r"status codes: (\d+) 2xx", load)[1])
            if ok != requests:
                raise SystemExit(load)
            rate = float(re.search(r"finished in [^,]+, ([\d.]+) req/s", load)[1])
            script = subprocess.run(["perf", "script", "-i", str(data), "-F", "ip,sym,dso"], capture_output=True, text=True, check=True).stdout
        finally:
            proxy.stop()
    return script, spent / requests * 1e6, rate


def split(script):
    """Samples by part, and the most frequent symbols."""
    parts, symbols = collections.Counter(), collections.Counter()
    for line in script.splitlines():
        match = re.match(r"\s*([0-9a-f]+) (.*) \((.*)\)$", line)
        if not match:
            continue
        address, symbol, library = match.groups()
        name = part(library, symbol, in_kernel=len(address) == 16 and address.startswith("ffff"))
        parts[name] += 1
        symbols[name, symbol] += 1
    return parts, symbols


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=12_000, help="requests a second; 0 flat out")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--audit", default="strict", choices=["strict", "batch"])
    parser.add_argument("--suppressions", type=int, default=1_000_000)
    parser.add_argument("--top", type=int, default=0, help="list so many functions too")
    parser.add_argument("--json", type=pathlib.Path, help="write the figures here")
    options = parser.parse_args()
    os.sched_setaffinity(0, {int(proxies.OTHER_CORE)})
    with tempfile.TemporaryDirectory(prefix="stopgate-profile-", dir="/var/tmp") as directory:
        script, each, rate = profile(options, pathlib.Path(directory))
    parts, symbols = split(script)
    total = sum(parts.values())
    groups = collections.Counter()
    for name, samples in parts.items():
        groups[name.partition(":")[0]] += samples
    print(f"{rate:,.0f} requests a second, audit {options.audit}: {each:.1f} µs CPU a request, {total:,} samples\n")
    print("| part | share | µs a request |\n|---|---|---|")
    for group, samples in groups.most_common():
        print(f"| **{group}** | {samples / total:.1%} | {samples / total * each:.2f} |")
        for name, inner in parts.most_common():
            if name.startswith(group + ":"):
                print(f"| {name} | {inner / total:.1%} | {inner / total * each:.2f} |")
    for (name, symbol), samples in symbols.most_common(options.top):
        print(f"{samples / total:6.1%}  {name}: {symbol[:150]}")
    if options.json:
        options.json.write_text(json.dumps({
            "rate": rate, "audit": options.audit, "cpu": each, "parts": {name: samples / total * each for name, samples in parts.items()}}, indent=1) + "\n")


if __name__ == "__main__":
    main()
