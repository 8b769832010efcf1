"""How long an opt-out takes to be acknowledged, and what sends see meanwhile: `python3 loadtest/optouts.py [OPT-OUTS]`.

Release binaries, two event loops, the admin API's Unix socket. Beside it the floor: an fsync of one page, alternating with the opt-outs.
With senders, every send begun after its person's acknowledgement is looked for at the provider; there may be none.
"""

import argparse
import os
import pathlib
import random
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "Tests"), str(ROOT / "Tests" / "CrashTests")]
os.environ.setdefault("STOPGATE_BIN_DIR", str(ROOT / ".build" / "release"))

from rig import Certificates, Gate, Provider, product  # noqa: E402
from sender import Sender  # noqa: E402


def milliseconds(times, name):
    times = sorted(1000 * one for one in times)
    quantiles = [times[min(len(times) - 1, int(len(times) * share))] for share in (0.5, 0.9, 0.99)]
    return f"{name}: median {quantiles[0]:.2f}, p90 {quantiles[1]:.2f}, p99 {quantiles[2]:.2f}, most {times[-1]:.2f} ms"


class Floor:
    """One page appended and synced, on the same file system."""

    def __init__(self, directory):
        self._file = os.open(directory / "floor", os.O_WRONLY | os.O_CREAT)
        self.times = []

    def sync(self):
        begun = time.perf_counter()
        os.write(self._file, b"x" * 4096)
        os.fsync(self._file)
        self.times.append(time.perf_counter() - begun)


def acknowledge(gate, people, floor):
    """Opts out everybody, one after the other; when each was acknowledged, and the times."""
    admin, acknowledged, times = gate.admin(), {}, []
    for person in people:
        floor.sync()
        begun = time.perf_counter()
        admin.suppress(person)
        times.append(time.perf_counter() - begun)
        acknowledged[person] = time.monotonic()
    admin.close()
    return acknowledged, times


def race(gate, people, floor, senders=8):
    """The same while `senders` threads send to the same people over and over."""
    passed, blocked, stop = [], [0], threading.Event()

    def ask(sender):
        while not stop.is_set():
            person = random.choice(people)
            begun = time.monotonic()
            if sender.send(person) == 201:
                passed.append((person, begun))
            else:
                blocked[0] += 1

    threads = [threading.Thread(target=ask, args=(Sender(gate.port, gate.certificates.ca, iter(())),)) for _ in range(senders)]
    for thread in threads:
        thread.start()
    acknowledged, times = acknowledge(gate, people, floor)
    time.sleep(0.3)
    stop.set()
    for thread in threads:
        thread.join()
    late = [entry for entry in passed if entry[1] > acknowledged[entry[0]]]
    return times, len(passed), blocked[0], late


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=2000, help="opt-outs of each part (2000)")
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory(prefix="stopgate-optouts-", dir="/var/tmp") as home:
        home = pathlib.Path(home)
        provider = Provider(product("stopgate-mock"), Certificates(home / "certs"), home, ["--remember", "1000000"])
        gate = Gate(product("stopgate"), provider.certificates, home / "gate", provider, {"workers": 2})
        print(f"load average {os.getloadavg()[0]:.1f}, {count} opt-outs one after the other, two event loops")
        with provider.process, gate.start():
            acknowledge(gate, [f"+1505{2_000_000 + number}" for number in range(50)], Floor(home))
            floor = Floor(home)
            _, times = acknowledge(gate, [f"+1415{2_000_000 + number}" for number in range(count)], floor)
            print(milliseconds(times, "alone"))
            print(milliseconds(floor.times, "  fsync beside them"))
            floor = Floor(home)
            times, passed, blocked, late = race(gate, [f"+1416{2_000_000 + number}" for number in range(count)], floor)
            print(milliseconds(times, "while 8 senders send"))
            print(milliseconds(floor.times, "  fsync beside them"))
            received = len(provider.received())
            print(f"{passed} sends passed, {blocked} were blocked, {len(late)} passed that began after the acknowledgement")
            if late or received != passed:
                raise SystemExit(f"FAILED: {len(late)} late sends; the provider got {received}, the senders saw {passed} pass")


if __name__ == "__main__":
    main()
