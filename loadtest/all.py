#!/usr/bin/env python3
"""`make measure`: every measurement but the soak, one after the other, and the tables made of them. 45 minutes, alone on the machine.

Leaves in loadtest/results: compare.* (comparison with other proxies), load/ (scenarios, a page for each), lookups.json,
instructions.json, time-split.json, and the tables in load.md, time-split.md and docs/sizing.md. One part that fails does not keep the others from
running; the exit code tells.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
LOADTEST = ROOT / "loadtest"


def parts(results):
    """Names, and the commands that make them up."""
    python, split = sys.executable, LOADTEST / "time_split.py"
    return [
        ("instructions", [[python, LOADTEST / "instructions.py", "--others", "--json", results / "instructions.json"],
                          [python, LOADTEST / "instructions.py", "--adapters", "2", "--json", results / "instructions-2-adapters.json"]]),
        ("split", [[python, split, "--json", results / "time-split-12000.json"], [python, split, "--rate", "0", "--json", results / "time-split-flat.json"],
                   [python, split, "--rate", "0", "--audit", "batch", "--json", results / "time-split-flat-batch.json"]]),
        ("lookups", [[python, LOADTEST / "lookups.py", "--json", results / "lookups.json"]]),
        ("load", [[python, LOADTEST / "run.py", "--output", results / "load", "all"]]),
        ("compare", [[python, LOADTEST / "compare" / "compare.py", "--results", results]]),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=pathlib.Path, default=LOADTEST / "results")
    parser.add_argument("--only", action="append", help="only this part: instructions, split, lookups, load or compare")
    arguments = parser.parse_args()
    os.environ.setdefault("STOPGATE_BIN_DIR", str(ROOT / ".build" / "release"))
    arguments.results.mkdir(parents=True, exist_ok=True)
    failed = []
    for name, commands in parts(arguments.results.resolve()):
        if arguments.only and name not in arguments.only:
            continue
        begun = time.monotonic()
        print(f"==> {name}", flush=True)
        for command in commands:
            if subprocess.run(list(map(str, command)), cwd=ROOT).returncode:
                failed.append(f"{name}: {' '.join(map(str, command[1:]))}")
        print(f"==> {name}: {(time.monotonic() - begun) / 60:.1f} minutes", flush=True)
    # One page for each scenario is enough to keep; result.json of each run has all the figures.
    for page in (arguments.results / "load").glob("*/*/report.html"):
        page.unlink()
    if subprocess.run([sys.executable, str(LOADTEST / "tables.py"), "--results", str(arguments.results)]).returncode:
        failed.append("tables")
    print("\n".join(["FAILED:", *failed]) if failed else "All of it ran.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
