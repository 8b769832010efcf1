"""A list of the size of the National DNC registry through a running gate: `python3 loadtest/national_list.py ROWS DIRECTORY`.

Release binaries. Makes the files with ListBench (ten digits a line, and the same by gzip -1), loads a small version and then the large one
by `stopgate list load` on a terminal, asks for people of both while that goes on and after, rolls back and forth, loads the gzip file, and starts anew.
Takes 11 bytes of disk a row for the file, 4 more for gzip's, 24 and 35 more while it is read and kept. Removes everything.
"""

import os
import pathlib
import pty
import random
import re
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "Tests"), str(ROOT / "Tests" / "CrashTests")]
os.environ.setdefault("STOPGATE_BIN_DIR", str(ROOT / ".build" / "release"))

from rig import Certificates, Gate, Provider, product  # noqa: E402
from sender import Sender  # noqa: E402


def say(*text):
    print(*text, flush=True)


class Usage:
    """Memory in MiB and CPU seconds of a process."""

    def __init__(self, pid):
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        times = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        self.memory = {name: int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) >> 10 for name in ("VmRSS", "RssAnon")}
        self.seconds = (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")


class Watch(threading.Thread):
    """The most memory a process has had while this ran."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self._pid, self._ended, self.most = pid, threading.Event(), {}

    def run(self):
        while not self._ended.wait(0.2):
            for name, value in Usage(self._pid).memory.items():
                self.most[name] = max(value, self.most.get(name, 0))

    def end(self):
        self._ended.set()
        self.join()
        return self.most


def on_terminal(command):
    """Runs a command on a terminal of its own; its exit code and what it wrote."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(command[0], command)
    written = b""
    while True:
        try:
            piece = os.read(terminal, 1 << 16)
        except OSError:
            break
        if not piece:
            break
        written += piece
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), written.decode("utf-8", "replace")


class Run:
    def __init__(self, gate, rows):
        self.gate, self.rows = gate, rows

    def command(self, *arguments):
        return [str(self.gate.binary), *map(str, arguments), "--config", str(self.gate.policies)]

    def people(self, file, count=200):
        """Numbers at random places of a file."""
        size, found = os.path.getsize(file), []
        with open(file, "rb") as text:
            for _ in range(count):
                text.seek(random.randrange(size - 64))
                text.readline()
                found.append("+1" + text.readline().decode().strip())
        return found

    def load(self, label, file, rows):
        watch, before, begun = Watch(self.gate.process.pid), Usage(self.gate.process.pid), time.monotonic()
        watch.start()
        code, text = on_terminal(self.command(
            "list", "load", "national-dnc", file, "--region", "US", "--channel", "sms", "--channel", "voice", "--reason", "dnc"))
        most, seconds = watch.end(), time.monotonic() - begun
        after = Usage(self.gate.process.pid)
        cpu = after.seconds - before.seconds
        bars = [bar.strip() for bar in re.split(r"\r\x1b\[K|\r\n?", text) if "%" in bar]
        say(f"{label}: exit {code}, {cpu:.1f} CPU s of the gate ({rows / cpu / 1e6:.2f} M rows a CPU second), {seconds:.0f} s wall, load {os.getloadavg()[0]:.0f};")
        say(f"  memory before {before.memory}, most {most}, after {after.memory} MiB")
        if bars:
            say(f"  the bar, half way: {bars[len(bars) // 2]}")
        say("  " + "\n  ".join(line.strip() for line in re.split(r"\r\x1b\[K|\r\n?|\n", text) if line.strip() and "%" not in line)[-700:])
        if code:
            raise SystemExit("FAILED: the load")

    def ask(self, label, numbers, status):
        sender = Sender(self.gate.port, self.gate.certificates.ca, iter(()))
        other = [number for number in numbers if sender.send(number) != status]
        say(f"  {label}: {len(numbers) - len(other)} of {len(numbers)} {'blocked' if status == 400 else 'pass'}")
        if other:
            raise SystemExit(f"FAILED: {other[:5]}")

    def rollback(self):
        begun, before = time.monotonic(), Usage(self.gate.process.pid).seconds
        answer = subprocess.run(self.command("list", "rollback", "national-dnc"), capture_output=True, text=True)
        say(f"rollback: {answer.stdout.strip()}{answer.stderr.strip()[-200:]}; {Usage(self.gate.process.pid).seconds - before:.1f} CPU s, {time.monotonic() - begun:.0f} s wall")


class Asking(threading.Thread):
    """Asks for one person again and again until it is ended; the answers and how long each took."""

    def __init__(self, gate, number):
        super().__init__(daemon=True)
        self._sender, self._number, self._ended = Sender(gate.port, gate.certificates.ca, iter(())), number, threading.Event()
        self.answers, self.times = {}, []

    def run(self):
        while not self._ended.wait(0.01):
            begun = time.perf_counter()
            status = self._sender.send(self._number)
            self.times.append(time.perf_counter() - begun)
            self.answers[status] = self.answers.get(status, 0) + 1

    def end(self):
        self._ended.set()
        self.join()
        times = sorted(1000 * one for one in self.times)
        say(f"  a person on both versions, asked for meanwhile: {self.answers}; median {times[len(times) // 2]:.1f}, "
            f"p99 {times[int(len(times) * 0.99)]:.1f}, most {times[-1]:.0f} ms")
        if set(self.answers) != {400}:
            raise SystemExit("FAILED: it was not blocked all the time")


def main():
    rows, home = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    home.mkdir(parents=True)
    try:
        small, large, packed = home / "small.txt", home / "large.txt", home / "large.txt.gz"
        subprocess.run([str(product("ListBench")), "make", "dnc", str(rows), str(large)], check=True)
        with open(large, "rb") as whole, open(small, "wb") as part:
            part.write(whole.read(11 * (rows // 250)))
        with open(packed, "wb") as out:
            # Another order of the same rows would do; other bytes are needed, or the load finds the list unchanged.
            subprocess.run(f"(echo 2015550100; cat '{large}') | gzip -1", shell=True, check=True, stdout=out)
        provider = Provider(product("stopgate-mock"), Certificates(home / "certs"), home, [])
        gate = Gate(product("stopgate"), provider.certificates, home / "gate", provider, {"workers": 2})
        run = Run(gate, rows)
        with provider.process, gate.start():
            both = run.people(small)
            only = [number for number in run.people(large) if number not in both]
            strangers = [f"+1212{number}" for number in range(1_000_000, 1_000_050)]
            run.load(f"small: {rows // 250} rows", small, rows // 250)
            run.ask("its people", both, 400)
            asking = Asking(gate, both[0])
            asking.start()
            run.load(f"large: {rows} rows, plain", large, rows)
            asking.end()
            run.ask("its people", only, 400)
            run.ask("nobody's numbers (the exchange begins with 1)", strangers, 201)
            run.rollback()
            run.ask("people of the small version", both, 400)
            say(f"  of 200 people of the large version alone, blocked now: {blocked(gate, only)}")
            run.rollback()
            run.ask("people of the large version", only, 400)
            sizes = subprocess.run(["du", "-sm", str(gate.data / "lists"), str(gate.data / "index")], capture_output=True, text=True).stdout
            say("files, MiB: " + ", ".join(f"{pathlib.Path(line.split()[1]).name} {line.split()[0]}" for line in sizes.splitlines()))
            run.load(f"large: {rows + 1} rows, gzip", packed, rows + 1)
            run.ask("its people", [*only, "+12015550100"], 400)
            assert gate.stop() == 0
            begun = time.monotonic()
            gate.start()
            say(f"start to ready: {time.monotonic() - begun:.1f} s wall, {Usage(gate.process.pid).seconds:.1f} CPU s, {Usage(gate.process.pid).memory} MiB")
            run.ask("people of the large version", only, 400)
            assert gate.stop() == 0
    finally:
        subprocess.run(["rm", "-rf", str(home)], check=True)


def blocked(gate, numbers):
    sender = Sender(gate.port, gate.certificates.ca, iter(()))
    return sum(sender.send(number) == 400 for number in numbers)


if __name__ == "__main__":
    main()
