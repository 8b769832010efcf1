#!/usr/bin/env python3
"""Speed of the scanners beside simdjson and Python's json on the same bytes in one run, and hostile bodies at n and 2n.

usage: compare.py [RELEASE_FOLDER]       prints Markdown for loadtest/results/inspect.md

Needs `swift build -c release --product InspectBench`, and for simdjson g++ and libsimdjson-dev (Debian); without them its
columns are empty. Times are a thread's own CPU time, the least of twelve batches of ten milliseconds.
"""
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SIZES = [1 << 10, 64 << 10, 30 << 20]
NAMES = {1 << 10: "1 KiB", 64 << 10: "64 KiB", 30 << 20: "30 MiB"}


def least(work):
    best, batch = float("inf"), 1
    for _ in range(12):
        start = time.thread_time()
        for _ in range(batch):
            work()
        best = min(best, (time.thread_time() - start) / batch)
        batch = max(1, min(1_000_000, int(0.01 / max(best, 1e-9))))
    return best


def build_simdjson(folder):
    program = folder / "simdjson"
    if not shutil.which("g++"):
        return None
    built = subprocess.run(["g++", "-O3", "-std=c++17", "-o", program, HERE / "simdjson.cc", "-lsimdjson"], capture_output=True)
    return program if built.returncode == 0 else None


def rate(bytes_, seconds):
    if not seconds:
        return ""
    # Of a MIME message nothing but the head is read: a speed would say nothing.
    speed = bytes_ / seconds / 1e6
    return f"{speed:,.0f}" if speed < 50_000 else f"({seconds * 1e6:.2f} µs)"


def main():
    release = Path(sys.argv[1] if len(sys.argv) > 1 else ".build/release")
    bench = release / "InspectBench"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([bench, "bodies", folder], check=True)
        simdjson = build_simdjson(folder)
        print("| MB/s | body | Stopgate | simdjson, tree | simdjson, on demand | Python json |\n|---|---|---|---|---|---|")
        for kind in ["json", "json-text", "form", "multipart", "mime", "mime-lf", "base64"]:
            for size in SIZES:
                path = folder / f"{kind}-{size}"
                count = path.stat().st_size
                ours = float(subprocess.run([bench, "scan", kind, path], check=True, capture_output=True, text=True).stdout)
                tree = demand = python = None
                if kind.startswith("json"):
                    text = path.read_bytes()
                    if simdjson:
                        tree, demand = map(float, subprocess.run([simdjson, path], check=True, capture_output=True, text=True).stdout.split())
                    python = least(lambda: json.loads(text))
                print(f"| {kind} | {NAMES[size]} | {rate(count, ours)} | {rate(count, tree)} | {rate(count, demand)} | {rate(count, python)} |")
        print("\n| hostile body | scanner | n = 1 MB, ms | 2n, ms | ratio |\n|---|---|---|---|---|")
        for line in subprocess.run([bench, "hostile", "1000000"], check=True, capture_output=True, text=True).stdout.splitlines():
            what, scanner, once, twice = line.split("\t")
            once, twice = float(once), float(twice)
            print(f"| {what} | {scanner} | {once * 1e3:.2f} | {twice * 1e3:.2f} | {twice / once:.2f} |")


main()
