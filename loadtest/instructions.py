#!/usr/bin/env python3
"""User instructions and heap allocations for each request through the gate, counted by callgrind.

A count does not depend on how busy the machine is. Two runs of different length are subtracted, so start-up and handshakes
drop out. HTTP/2 in and out, TLS 1.3, 4 connections with 64 streams, a 141-byte form, audit strict.

    swift build -c release --product stopgate-lab && swift build -c release --product stopgate-mock
    python3 loadtest/instructions.py [--suppress 1000000]        # needs valgrind and nghttp2-client from Debian

valgrind has no SHA-NI, so OpenSSL digests the audit log in software there, at some twenty times the instructions of a real
core; that share is shown by itself.
"""

import argparse
import collections
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests"))
from rig import Certificates, Provider  # noqa: E402

BODY = "To=%2B{to}&From=%2B15005550006&Body=" + "Hello+there%2C+your+order+has+shipped+and+will+arrive+on+Tuesday+between+9+and+11&StatusCallback=x"
PATH = "/twilio/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json"
SHORT, LONG = 1000, 6000


def count(lab, home, certificates, policies, to, requests, options):
    """Runs the gate under callgrind for so many requests; instructions and malloc calls by function."""
    out = home / f"callgrind.{to}.{requests}"
    shutil.rmtree(home / "audit", ignore_errors=True)
    gate = subprocess.Popen(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", lab, "--policies", policies, "--certificate", certificates.chain,
         "--key", certificates.key, "--audit", home / "audit", "--suppress", str(options.suppress), "--unlimited"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        port = re.search(r":(\d+)$", gate.stdout.readline())[1]
        body = home / "body"
        body.write_text(BODY.format(to=to))
        load = subprocess.run(
            ["h2load", "-n", str(requests), "-c", "4", "-m", "64", "-d", body, "-H", "content-type: application/x-www-form-urlencoded",
             f"https://127.0.0.1:{port}{PATH}"], capture_output=True, text=True, check=True).stdout
        if f"{requests} done" not in load:
            raise SystemExit(load)
        time.sleep(1)
    finally:
        gate.send_signal(signal.SIGINT)
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suppress", type=int, default=1000)
    options = parser.parse_args()
    binaries = pathlib.Path(os.environ.get("STOPGATE_BIN_DIR", ROOT / ".build/release"))
    with tempfile.TemporaryDirectory(prefix="stopgate-ir-") as directory:
        home = pathlib.Path(directory)
        certificates = Certificates(home / "certs")
        lab = home / "stopgate-lab"
        # valgrind 3.19 cannot read Swift's debug information; symbols are enough.
        subprocess.run(["strip", "-g", "-o", lab, binaries / "stopgate-lab"], check=True)
        provider = Provider(binaries / "stopgate-mock", certificates, home, options=["--remember", "0"])
        policies = home / "policies"
        shutil.copytree(ROOT / "policies", policies)
        (policies / "stopgate.yaml").write_text(
            f'{{"listeners": [{{"role": "proxy", "address": "127.0.0.1", "port": 0}}],'
            f'"tls": {{"certificates": [{{"chain": "{certificates.chain}", "key": "{certificates.key}"}}]}},'
            f'"upstream": {{"ca": "{certificates.ca}", "providers": {{"twilio": {{"origin": "{provider.origin}"}}}}}}}}')
        try:
            for label, to in (("forwarded", "14155550100"), ("blocked", "15550000007")):
                short, few = count(lab, home, certificates, policies, to, SHORT, options)
                long, many = count(lab, home, certificates, policies, to, LONG, options)
                each = {name: (long[name] - short[name]) / (LONG - SHORT) for name in long}
                digest = max((value, name) for name, value in each.items() if "libcrypto" in name)[0]
                total = sum(each.values())
                print(f"\n{label}: {total:,.0f} instructions a request; {total - digest:,.0f} without SHA-256 in software; "
                      f"{(many - few) / (LONG - SHORT):.2f} heap allocations")
                parts = collections.Counter()
                for name, value in each.items():
                    parts[part(name)] += value
                for name, value in parts.most_common():
                    print(f"  {value:8,.0f}  {name}")
        finally:
            provider.stop()


if __name__ == "__main__":
    main()
