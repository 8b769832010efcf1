"""An installation whose commands are killed: its files, and what has to hold of them. Standard library only."""

import json
import random
import shutil
import signal
import sqlite3
import subprocess
import time

from rig import ROOT, Gate, product

from sender import Sender


#: The one adapter needed here: reading all of them would be most of what a command does.
TWILIO = {"twilio": (ROOT / "policies" / "providers" / "twilio.yaml").read_text()}


class Installation(Gate):
    """A gate's policies and data directory; `stopgate` commands work on it while no gate runs, and through the gate when one does."""

    def __init__(self, home, provider, settings=None):
        super().__init__(
            product("stopgate"), provider.certificates, home, provider, {"workers": 2, **(settings or {})}, adapters=TWILIO)

    def kill_command(self, milliseconds, *arguments):
        """Runs a command and kills it `milliseconds` later; its exit code, or `None` when it was killed."""
        command = [str(self.binary), *map(str, arguments), "--config", str(self.policies)]
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return child.wait(milliseconds / 1000)
        except subprocess.TimeoutExpired:
            child.kill()
            code = child.wait()
            return None if code == -signal.SIGKILL else code

    def kill_when(self, path, milliseconds, *arguments):
        """Runs a command and kills it `milliseconds` after `path` is there; its exit code, or `None` when it was killed."""
        command = [str(self.binary), *map(str, arguments), "--config", str(self.policies)]
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while child.poll() is None and not path.exists():
            time.sleep(0.0002)
        time.sleep(milliseconds / 1000)
        child.kill()
        code = child.wait()
        return None if code == -signal.SIGKILL else code

    def duration(self, *arguments):
        """How many milliseconds a command takes that is let run."""
        begun = time.monotonic()
        self.run(*arguments)
        return (time.monotonic() - begun) * 1000

    def verify(self):
        """The number of events in the ledger, which must be sound, and its preferences what the events fold to."""
        answer = self.run("ledger", "verify", "--json", check=False)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return json.loads(answer.stdout)["events"]

    def identifiers(self):
        """Every identifier in the order of its first event."""
        with sqlite3.connect(f"file:{self.data}/ledger.sqlite?mode=ro", uri=True) as database:
            return [value for (value,) in database.execute("SELECT value FROM identifier ORDER BY id")]

    def lists(self):
        """Name and number of identifiers of every list in force."""
        answer = json.loads(self.run("list", "ls", "--json").stdout)
        return {entry["name"]: entry["keys"] for entry in answer["lists"] if entry["current"]}

    def refused(self, numbers):
        """Those of `numbers` whom the running gate lets nothing be sent to."""
        sender = Sender(self.port, self.certificates.ca, iter(()))
        found = []
        for number in numbers:
            status = sender.send(number)
            assert status in (201, 400), f"{number}: {status}"
            if status == 400:
                found.append(number)
        return found

    def clear(self):
        """Back to an installation that has never run, but for its secret."""
        if self.data.exists():
            for entry in self.data.iterdir():
                if entry.name == "secret.key":
                    continue
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def some(numbers, count=20):
    """The first, the last, and a sample of the others."""
    numbers = list(numbers)
    if len(numbers) <= count:
        return numbers
    return [numbers[0], numbers[-1], *random.sample(numbers[1:-1], count - 2)]
