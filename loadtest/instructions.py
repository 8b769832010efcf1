#!/usr/bin/env python3
"""User instructions and heap allocations for each request through the gate, counted by callgrind.

A count does not depend on how busy the machine is. Two runs of different length are subtracted, so start-up and handshakes
drop out. HTTP/2 in and out, TLS 1.3, 4 connections with 64 streams, audit strict; a 141-byte form to Twilio, or a mail to 20 people in
JSON to SendGrid. With `--h1` HTTP/1.1 in and out, on 50 connections with one request each at a time.

    swift build -c release --product stopgate-lab && swift build -c release --product stopgate-mock
    python3 loadtest/instructions.py [--suppress 1000000] [--workload mail]    # needs valgrind and nghttp2-client from Debian

valgrind has no SHA-NI, so OpenSSL digests the audit log in software there, at some twenty times the instructions of a real
core; that share is shown by itself.
"""

import argparse
import collections
import contextlib
import json
import os
import pathlib
import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import types

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests"))
from rig import Certificates, Provider, product  # noqa: E402

TEXT = "Hello there, your order has shipped and will arrive on Tuesday between 9 and 11"
SHORT, LONG = 1000, 6000
#: The same for a debug build, in which a request costs many times as much.
DEBUG_SHORT, DEBUG_LONG = 200, 600
BINARIES = product("stopgate-lab").parent
#: With a seed of its own for each process, the start's dictionaries take up to 2 M instructions more in one run than in another,
#: 400 a request; with the same one, 50,000.
STEADY = {**os.environ, "SWIFT_DETERMINISTIC_HASHING": "1"}
#: The workload of loadtest/compare a version's proxies are set up for, and how h2load sends.
VERSIONS = {"h2": ("sms-h2", ["-c", "4", "-m", "64"]), "h1": ("sms-h1", ["--h1", "-c", "50"])}


class Request:
    """What is sent over and over: a path behind the provider's prefix, and a body."""

    def __init__(self, label, prefix, path, content_type, body, status="2xx"):
        self.label, self.prefix, self.path, self.content_type, self.body, self.status = label, prefix, path, content_type, body, status


def form(label, to, status="2xx"):
    body = f"To=%2B{to}&From=%2B15005550006&Body={TEXT.replace(' ', '+').replace(',', '%2C')}&StatusCallback=x"
    path = "/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json"
    return Request(label, "/twilio", path, "application/x-www-form-urlencoded", body, status)


def mail(label):
    people = [{"to": [{"email": f"customer.number{n}@example.org", "name": f"Customer {n}"}], "substitutions": {"-name-": f"Customer {n}"}} for n in range(20)]
    content = [{"type": "text/plain", "value": TEXT}]
    body = json.dumps({"personalizations": people, "from": {"email": "shop@example.com"}, "subject": "Your order", "content": content})
    return Request(label, "/sendgrid", "/v3/mail/send", "application/json", body)


class Lab:
    """The gate's data plane alone, audit on."""

    name, has_prefix, has_verdicts = "stopgate", True, True

    def __init__(self, home, certificates, provider, suppress, version, adapters=None):
        self.load = VERSIONS[version][1]
        self.home, self.certificates, self.suppress = home, certificates, suppress
        self.program, self.policies = home / "stopgate-lab", home / "policies"
        # valgrind 3.19 cannot read Swift's debug information; symbols are enough.
        subprocess.run(["strip", "-g", "-o", self.program, BINARIES / "stopgate-lab"], check=True)
        shutil.copytree(ROOT / "policies", self.policies)
        if adapters:
            for file in sorted((self.policies / "providers").glob("*.yaml"), key=lambda file: (file.stem not in ("sendgrid", "twilio"), file.stem))[adapters:]:
                file.unlink()
        (self.policies / "stopgate.yaml").write_text(
            f'{{"listeners": [{{"role": "proxy", "address": "127.0.0.1", "port": 0}}],'
            f'"tls": {{"certificates": [{{"chain": "{certificates.chain}", "key": "{certificates.key}"}}]}},'
            f'"upstream": {{"http2": {"true" if version == "h2" else "false"}, "ca": "{certificates.ca}", "providers": {{'
            + ", ".join(f'"{name}": {{"origin": "{provider.origin}"}}' for name in ("sendgrid", "twilio")) + "}}}")

    def command(self):
        shutil.rmtree(self.home / "audit", ignore_errors=True)
        return [self.program, "--policies", self.policies, "--certificate", self.certificates.chain, "--key", self.certificates.key,
                "--audit", self.home / "audit", "--suppress", str(self.suppress), "--unlimited"]

    def port(self, process):
        return int(re.search(r":(\d+)$", process.stdout.readline())[1])


class Other:
    """A proxy of loadtest/compare under its own configuration there."""

    has_prefix, has_verdicts = False, False

    def __init__(self, home, certificates, provider, suppress, version, kind):
        import workload
        named, self.load = VERSIONS[version]
        self.name, self.workload = kind.name, next(each for each in workload.workloads() if each.name == named)
        phones, form_phones, mails = workload.write_suppressions(home, suppress)
        self.proxy = kind(types.SimpleNamespace(home=home, certificates=certificates, provider=provider, phones=phones, form_phones=form_phones, mails=mails))

    def command(self):
        return self.proxy.command(self.workload)

    def port(self, process):
        for _ in range(1200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.proxy.port), 0.5):
                return self.proxy.port
            if process.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit(f"{self.name} does not listen under callgrind")


def count(subject, home, request, requests):
    """Runs a proxy under callgrind for so many requests; instructions and malloc calls by function."""
    out = home / f"callgrind.{subject.name}.{request.label}.{requests}"
    gate = subprocess.Popen(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *subject.command()], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, env=STEADY)
    try:
        port = subject.port(gate)
        body = home / "body"
        body.write_text(request.body)
        prefix = request.prefix if subject.has_prefix else ""
        load = subprocess.run(
            ["h2load", "-n", str(requests), *subject.load, "-d", body, "-H", f"content-type: {request.content_type}",
             f"https://localhost:{port}{prefix}{request.path}"], capture_output=True, text=True, check=True).stdout
        # What was refused is no forwarded request: the wrong thing would be counted.
        if f" {requests} {request.status}" not in load:
            raise Unexpected(f"{subject.name}: not every answer was {request.status}\n{load}")
        time.sleep(1)
    finally:
        gate.terminate()
        gate.wait()
    functions, allocations, callers = collections.Counter(), 0, []
    listing = subprocess.run(["callgrind_annotate", "--tree=caller", "--threshold=100", out], capture_output=True, text=True).stdout
    for line in listing.splitlines():
        match = re.match(r"\s*([\d,]+) \(\s*[\d.]+%\)\s+([<*])\s+(.*)", line)
        if not match:
            continue
        name = match[3]
        if match[2] == "<":
            calls = re.search(r"\(([\d,]+)x\)", name)
            callers.append(int(calls[1].replace(",", "")) if calls else 0)
        else:
            functions[name] += int(match[1].replace(",", ""))
            if re.search(r":(malloc|calloc|realloc|posix_memalign|aligned_alloc)\b", name):
                allocations += sum(callers)
            callers = []
    return functions, allocations


def part(name):
    if "libcrypto" in name:
        return "libcrypto"
    for library in ("libssl", "nghttp2", "libswiftCore"):
        if library in name:
            return library
    for module in ("Adapters", "Recipients", "Suppression", "HTTPKit", "TLSKit", "Dataplane", "Audit", "Gate", "Bytes"):
        if f"{len(module)}{module}" in name or f"$s{len(module)}{module}" in name or re.search(rf"\$s\d*{module}", name):
            return module
    return "libc and the rest"


class Unexpected(Exception):
    """Other answers than those that are to be counted."""


def steady(subject, home, request, requests, attempts=4):
    """``count``, again where a machine so busy that callgrind takes seconds for a request let the gate's own time limits pass."""
    for attempt in range(attempts):
        try:
            return count(subject, home, request, requests)
        except Unexpected as problem:
            if attempt == attempts - 1:
                raise SystemExit(str(problem)) from None


def each(subject, home, request, short, long):
    """Of one request: instructions by function, and heap allocations."""
    before, few = steady(subject, home, request, short)
    after, many = steady(subject, home, request, long)
    # callgrind names another library for the same function from run to run; without its name only the place tells functions apart.
    spent, names = collections.Counter(), {}
    for functions, sign in ((before, -1), (after, 1)):
        for name, value in functions.items():
            key = name if ":0x" in name else re.sub(r" \[[^]]*\]$", "", name)
            spent[key] += sign * value
            names[key] = name
    return {names[key]: value / (long - short) for key, value in spent.items()}, (many - few) / (long - short)


def check(measured, limits, begun):
    """Compares each figure with its limit. One far below is worth a word too: the limit is to follow what was gained.
    Returns the exit code."""
    failed = 0
    for kind, what, value in [(kind, what, value) for kind, figures in measured.items() for what, value in figures.items()]:
        limit = limits[kind][what]
        if value > limit:
            failed += 1
            print(f"  {kind}: {value:,.2f} {what} a request, the limit is {limit:,}")
        elif value < limit * 0.85 - 0.1:
            print(f"  {kind}: {value:,.2f} {what} a request are well below the limit of {limit:,}: lower it in loadtest/thresholds.json")
    print(f"{2 * len(measured) - failed} passed, {failed} failed in {time.monotonic() - begun:.1f}s")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suppress", type=int, default=1000)
    parser.add_argument("--workload", choices=["form", "mail"], default="form", help="a text message to one, or a mail to 20 people in JSON")
    parser.add_argument("--adapters", type=int, help="load only so many adapters: those of the two workloads, then others")
    parser.add_argument("--h1", dest="version", action="store_const", const="h1", default="h2", help="HTTP/1.1 on both sides")
    parser.add_argument("--others", action="store_true", help="count nghttpx, HAProxy and HAProxy with an ACL as well, and nginx over HTTP/1.1")
    parser.add_argument("--check", type=pathlib.Path, help="compare with the limits in this file; exit code 1 above one")
    parser.add_argument("--json", type=pathlib.Path, help="write the figures here")
    options = parser.parse_args()
    if options.adapters is not None and options.adapters < 2:
        parser.error("--adapters: the workloads' own are two already")
    begun, limits = time.monotonic(), None
    build = BINARIES.resolve().name
    if options.check:
        limits = json.loads(options.check.read_text()).get(platform.machine(), {}).get(build)
        if limits is None:
            print(f"{options.check} has no limits for a {build} build on {platform.machine()}: nothing is compared")
            return 0
    short, long = (DEBUG_SHORT, DEBUG_LONG) if build == "debug" else (SHORT, LONG)
    results, measured = {}, {}
    with tempfile.TemporaryDirectory(prefix="stopgate-ir-") as directory:
        home = pathlib.Path(directory)
        certificates = Certificates(home / "certs")
        provider = Provider(product("stopgate-mock"), certificates, home, options=["--remember", "0"])
        try:
            lab = Lab(home, certificates, provider, options.suppress, options.version, options.adapters)
            # The first numbers of 555 are those that the lab suppresses.
            runs = [(lab, form("forwarded", "14155550100")), (lab, form("blocked", "15550000007", "4xx"))]
            if options.workload == "mail":
                runs = [(lab, mail("mail to 20, forwarded"))]
            if options.others:
                sys.path.insert(0, str(ROOT / "loadtest" / "compare"))
                import proxies
                kinds = [proxies.Nghttpx, proxies.HAProxy, proxies.HAProxyACL] + ([proxies.Nginx] if options.version == "h1" else [])
                runs += [(Other(home, certificates, provider, options.suppress, options.version, kind), form(kind.name, "14155550142")) for kind in kinds]
            for subject, request in runs:
                label = request.label
                functions, allocations = each(subject, home, request, short, long)
                # What valgrind's missing SHA-NI costs: the one function that digests.
                digest = max((value for name, value in functions.items() if "libcrypto" in name), default=0) if subject.has_verdicts else 0
                total = sum(functions.values())
                parts = collections.Counter()
                for name, value in functions.items():
                    parts[part(name)] += value
                measured[label] = {"instructions": total - digest, "allocations": allocations}
                results[label] = {**measured[label], "with SHA-256 in software": total, "parts": dict(parts.most_common())}
                print(f"\n{label}: {total:,.0f} instructions a request; {total - digest:,.0f} without SHA-256 in software; {allocations:.2f} heap allocations", flush=True)
                if build == "release":
                    for name, value in parts.most_common():
                        print(f"  {value:8,.0f}  {name}")
        finally:
            provider.stop()
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    if options.check:
        return check(measured, limits, begun)
    return 0


if __name__ == "__main__":
    sys.exit(main())
