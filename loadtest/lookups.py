#!/usr/bin/env python3
"""Look-up time, memory and start of the index by size, from IndexBench, as JSON.

    python3 loadtest/lookups.py [--json FILE] [1000 10000 100000 1000000 10000000 100000000]
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
SIZES = [10 ** power for power in range(3, 9)]
PATTERNS = {
    "miss": r"look-up, ns: +miss ([\d.]+)", "hit": r"look-up, ns: .*hit ([\d.]+)", "batched miss": r"batch of 32.*miss ([\d.]+)", "batched hit": r"batch of 32.*hit ([\d.]+)",
    "miss alone": r"alone \(median\), ns: +miss ([\d.]+)", "hit alone": r"alone \(median\), ns: .*hit ([\d.]+)", "bytes an entry": r"resident ([\d.]+) bytes/entry",
    "start, ms": r"open \(map, populate, verify\): ([\d.]+) ms", "floor": r"floor, .*: ([\d.]+) ns huge pages", "rows per CPU second, M": r": ([\d.]+) M rows per CPU second"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", nargs="*", type=int, default=SIZES)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    program = pathlib.Path(os.environ.get("STOPGATE_BIN_DIR", ROOT / ".build" / "release")) / "IndexBench"
    found = []
    for size in options.size:
        with tempfile.TemporaryDirectory(prefix="stopgate-lookups-", dir="/var/tmp") as directory:
            text = subprocess.run([program, "sizes", directory, str(size)], capture_output=True, text=True, check=True).stdout
        row = {"entries": size, **{name: float(match[1]) for name, pattern in PATTERNS.items() if (match := re.search(pattern, text))}}
        print(row, flush=True)
        found.append(row)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
