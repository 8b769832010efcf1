#!/usr/bin/env python3
"""`make bench`: h2load through the gate in all four combinations of HTTP versions, then memory under large and slow bodies.

100 concurrent requests, 100,000 in all, each of which must succeed and reach the mock provider exactly once. Times on a
shared machine say little; failures and memory say a lot. `--record` writes loadtest/results/h2load.md.
"""

import argparse
import concurrent.futures
import http.client
import http.server
import os
import pathlib
import platform
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Tests"))

from rig import ROOT, Certificates, Gate, Provider, product  # noqa: E402

MIB = 1 << 20
# h2load ends a connection's work at GOAWAY and counts the rest as failed: a limit on requests for each connection has no
# place in this measurement. Everything else is as shipped.
SETTINGS = {"workers": 1, "limits": {
    "connections_per_source": 4000, "new_connections_per_source": 100_000, "requests_per_connection": 1_000_000,
    "http2": {"streams_per_connection": 1_000_000}}}


class Mismatch(Exception):
    """A measurement that is no measurement: something was lost, refused or sent twice."""


def h2load(gate, requests, body, client_version):
    """One run. 10 connections with 10 streams each, or 100 connections that speak HTTP/1.1 and do not pipeline."""
    shape = ["-c", "10", "-m", "10"] if client_version == "h2" else ["--h1", "-c", "100", "-m", "1"]
    run = subprocess.run(
        ["h2load", *shape, "-n", str(requests), "-d", str(body), "-H", "content-type: application/x-www-form-urlencoded",
         f"{gate.base('twilio')}/2010-04-01/Accounts/AC1/Messages.json"], capture_output=True, text=True, timeout=900)
    if run.returncode:
        raise Mismatch(f"h2load: exit {run.returncode}\n{run.stdout}{run.stderr}")
    numbers = re.search(r"requests: (\d+) total, \d+ started, \d+ done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", run.stdout)
    rate = re.search(r"finished in [^,]+, ([\d.]+) req/s", run.stdout)
    codes = re.search(r"status codes: (\d+) 2xx", run.stdout)
    latency = re.search(r"time for request: +(\S+) +(\S+) +(\S+) +(\S+)", run.stdout)
    total, succeeded, failed, errored, timeout = (int(number) for number in numbers.groups())
    if (succeeded, failed, errored, timeout, int(codes[1])) != (requests, 0, 0, 0, requests):
        raise Mismatch(run.stdout)
    return float(rate[1]), latency[3], latency[2]


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def matrix(home, certificates, requests):
    body = home / "body"
    body.write_text("To=%2B14155550142&From=%2B15005550006&Body=" + "Your+table+is+ready+at+seven.+" * 3)
    rows = []
    for upstream in ("h2", "h1"):
        with_provider = Provider(product("stopgate-mock"), certificates, home, ["--remember", "0"])
        gate = Gate(
            product("stopgate"), certificates, home / f"gate-{upstream}", with_provider,
            {**SETTINGS, "upstream": {"http2": upstream == "h2"}})
        with with_provider.process, gate.start():
            for client in ("h2", "h1"):
                with_provider.forget()
                before = cpu_seconds(gate.process)
                rate, mean, worst = h2load(gate, requests, body, client)
                spent = (cpu_seconds(gate.process) - before) / requests * 1e6
                if with_provider.count() != requests:
                    raise Mismatch(f"{with_provider.count()} of {requests} requests reached the provider")
                _, peak = gate.process.resident_bytes()
                rows.append((client, upstream, requests, 0, rate, spent, mean, worst, peak / MIB))
                print(f"  {client} in, {upstream} out: {requests} requests, 0 failed, {rate:,.0f}/s, {spent:.0f} µs CPU each, peak {peak / MIB:.0f} MiB", flush=True)
            decisions = sum(record["kind"] == "decision" and record["verdict"] == "allow" for record in gate.audit_records())
            if decisions != 2 * requests:
                raise Mismatch(f"{decisions} decision records of {2 * requests} sends")
            result = gate.run("audit", "verify")
            if "good" not in result.stdout:
                raise Mismatch(result.stdout)
            gate.stop()
    return rows


def post_mail(gate, authority, size):
    """One mail of `size` bytes; the time it took."""
    head = b'{"personalizations":[{"to":[{"email":"ann@example.com"}]}],"from":{"email":"n@example.org"},"subject":"x","content":[{"type":"text/plain","value":"'
    tail = b'"}]}'
    connection = http.client.HTTPSConnection("localhost", gate.port, context=ssl.create_default_context(cafile=str(authority)), timeout=120)
    begun = time.monotonic()
    connection.request("POST", "/sendgrid/v3/mail/send", head + b"x" * (size - len(head) - len(tail)) + tail, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 202:
        raise Mismatch(f"a mail of {size} bytes was answered {answer.status}")
    return time.monotonic() - begun


def large_mails(home, certificates):
    """Mails of 30 MiB, one and six at a time; what the gate holds before, at most, and after."""
    provider = Provider(product("stopgate-mock"), certificates, home, ["--remember", "0"])
    gate = Gate(product("stopgate"), certificates, home / "large", provider, SETTINGS)
    rows = []
    with provider.process, gate.start():
        post_mail(gate, certificates.ca, MIB)
        for number in (1, 6):
            before, _ = gate.process.resident_bytes()
            with concurrent.futures.ThreadPoolExecutor(number) as pool:
                times = list(pool.map(lambda _: post_mail(gate, certificates.ca, 30 * MIB), range(number)))
            time.sleep(1)
            after, peak = gate.process.resident_bytes()
            rows.append((f"{number} × 30 MiB mail", before / MIB, peak / MIB, after / MIB, f"{max(times):.1f} s the slowest"))
            # Bodies of all requests together may take 256 MiB (limits.buffered_bodies).
            if peak > before + 300 * MIB:
                raise Mismatch(f"{number} mails of 30 MiB took {peak / MIB:.0f} MiB")
        gate.stop()
    return rows


class LongAnswers(http.server.BaseHTTPRequestHandler):
    """A provider whose answer to every GET is 64 MiB long."""

    protocol_version = "HTTP/1.1"
    SIZE = 64 * MIB

    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", str(self.SIZE))
        self.end_headers()
        piece = b"x" * MIB
        try:
            for _ in range(self.SIZE // MIB):
                self.wfile.write(piece)
        except OSError:
            self.close_connection = True

    def log_message(self, *_):
        pass


def slow_readers(home, certificates, readers=50):
    """Clients that ask for 64 MiB and read a few bytes: the gate must not take the answers in for them."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), LongAnswers)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.chain, certificates.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    class Far:
        origin = f"https://localhost:{server.server_port}"

    gate = Gate(product("stopgate"), certificates, home / "slow", Far, SETTINGS)
    try:
        with gate.start():
            before, _ = gate.process.resident_bytes()
            clients = []
            for _ in range(readers):
                connection = http.client.HTTPSConnection("localhost", gate.port, context=ssl.create_default_context(cafile=str(certificates.ca)), timeout=60)
                connection.request("GET", "/twilio/2010-04-01/Accounts/AC1/Messages.json")
                clients.append((connection, connection.getresponse()))
            for _ in range(20):
                for _, answer in clients:
                    answer.read(100)
                time.sleep(0.1)
            held, peak = gate.process.resident_bytes()
            # One of them turns quick: the whole answer is there.
            rest = len(clients[0][1].read())
            if rest != LongAnswers.SIZE - 2000:
                raise Mismatch(f"{rest} bytes instead of {LongAnswers.SIZE - 2000} came through")
            for connection, _ in clients:
                connection.close()
            time.sleep(1)
            after, peak = gate.process.resident_bytes()
            if peak > before + readers * MIB:
                raise Mismatch(f"{readers} slow readers took {(peak - before) / MIB:.0f} MiB")
            gate.stop()
    finally:
        server.shutdown()
        server.server_close()
    return [(f"{readers} slow readers of 64 MiB answers", before / MIB, peak / MIB, after / MIB, f"{(held - before) / readers / 1024:.0f} KiB a reader")]


def report(rows, memory):
    lines = [
        "# h2load through the gate", "",
        f"Written by `make bench` (loadtest/h2load.py) on {time.strftime('%Y-%m-%d')}, commit "
        + subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
        + f", {os.cpu_count()} shared cores ({platform.machine()}).", "",
        "`stopgate serve` with one event loop, audit on with `durability: strict` (a decision is on disk before its send goes out), TLS on both",
        "sides, a form POST of one SMS; 100 requests at a time (HTTP/2: 10 connections × 10 streams, HTTP/1.1: 100 connections). The load",
        "generator and the mock provider share the cores, so rates are a floor and no comparison. Every request succeeded, reached the",
        "provider exactly once and has its decision record, and the audit log verified afterwards.", "",
        "| client | provider | requests | failed | per second | gate's CPU each | mean | worst | peak memory |",
        "|---|---|---|---|---|---|---|---|---|"]
    names = {"h2": "HTTP/2", "h1": "HTTP/1.1"}
    for client, upstream, requests, failed, rate, spent, mean, worst, peak in rows:
        lines.append(f"| {names[client]} | {names[upstream]} | {requests:,} | {failed} | {rate:,.0f} | {spent:.0f} µs | {mean} | {worst} | {peak:.0f} MiB |")
    lines += ["", "Memory of the gate (VmRSS before and after, VmHWM at most):", "", "| load | before | peak | after | |", "|---|---|---|---|---|"]
    for name, before, peak, after, note in memory:
        lines.append(f"| {name} | {before:.0f} MiB | {peak:.0f} MiB | {after:.0f} MiB | {note} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--record", action="store_true", help="write loadtest/results/h2load.md")
    options = parser.parse_args()
    if not shutil.which("h2load"):
        sys.exit("h2load is missing: apt-get install nghttp2-client")
    home = pathlib.Path(tempfile.mkdtemp(prefix="stopgate-h2load-"))
    try:
        certificates = Certificates(home / "certs")
        rows = matrix(home, certificates, options.requests)
        memory = large_mails(home, certificates) + slow_readers(home, certificates)
    except Mismatch as mismatch:
        print(mismatch, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(home, ignore_errors=True)
    text = report(rows, memory)
    print("\n" + text)
    if options.record:
        (ROOT / "loadtest/results/h2load.md").write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
