"""Keeps the audit log of a long run small: what has come is verified beside the gate, then all but the newest segment is removed."""

import json
import subprocess
import threading


class AuditKeeper(threading.Thread):
    """Each check is given the head of the one before, which lies in the segment that was left: together they cover the whole chain."""

    def __init__(self, program, directory, limit=4 << 30):
        super().__init__(daemon=True)
        self.program, self.directory, self.limit = program, directory, limit
        self.removed, self.head, self.problem, self.over = 0, None, None, threading.Event()

    def stop(self):
        self.over.set()
        self.join()

    @property
    def records(self):
        """Numbered lines that were verified, removed or not."""
        return int(self.head.split(":")[0]) if self.head else 0

    def segments(self):
        return sorted(self.directory.glob("audit-*.jsonl"))

    def size(self):
        return sum(file.stat().st_size for file in self.segments())

    def run(self):
        while not self.over.wait(5):
            segments = self.segments()
            if self.size() < self.limit:
                continue
            # Only with time that nobody else wants: it is no part of what is measured.
            self.verify(["chrt", "--idle", "0"])
            if self.problem:
                return
            for file in segments[:-1]:
                self.removed += file.stat().st_size
                file.unlink()

    def verify(self, prefix=()):
        """Checks the log as it stands; what is wrong with it stands in `problem` then."""
        expected = ["--head", self.head] if self.head else []
        answer = subprocess.run(
            [*prefix, self.program, "audit", "verify", "--json", "--directory", self.directory, *expected], capture_output=True, text=True, timeout=3600)
        if answer.returncode:
            self.problem = answer.stdout + answer.stderr
        else:
            self.head = json.loads(answer.stdout)["head"]
