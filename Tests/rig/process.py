"""A child process whose output goes to a file, so that it never blocks on a pipe nobody reads."""

import os
import pathlib
import re
import signal
import subprocess
import time


class StartFailure(Exception):
    """A process ended, or stayed silent, before it was ready."""


class Process:
    """Started by the constructor, ended by `stop` (SIGTERM), `kill` (SIGKILL) or the end of a `with` block."""

    def __init__(self, command, log, environment=None):
        self.command = [str(part) for part in command]
        self.log = pathlib.Path(log)
        self._output = open(self.log, "ab")
        self._seen = self._output.tell()
        self._child = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=self._output, stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})})

    @property
    def pid(self):
        return self._child.pid

    @property
    def is_running(self):
        return self._child.poll() is None

    @property
    def output(self):
        """What this process has written so far."""
        return self.log.read_bytes()[self._seen:].decode("utf-8", "replace")

    def wait_for(self, pattern, seconds=90):
        """The first match of `pattern` in the output."""
        deadline = time.monotonic() + seconds
        while True:
            ended = not self.is_running
            if match := re.search(pattern, self.output):
                return match
            if ended or time.monotonic() > deadline:
                self.kill()
                raise StartFailure(
                    f"{' '.join(self.command)}\n{'ended' if ended else 'is silent'} before /{pattern}/; it wrote:\n{self.output}")
            time.sleep(0.02)

    def resident_bytes(self):
        """VmRSS, and VmHWM: what it holds now and what it held at most."""
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return tuple(int(re.search(rf"{name}:\s+(\d+) kB", text)[1]) << 10 for name in ("VmRSS", "VmHWM"))

    def stop(self, seconds=60):
        """SIGTERM, then the exit code; a process that does not end in time is killed and reported."""
        if self.is_running:
            self._child.send_signal(signal.SIGTERM)
        try:
            return self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.command[0]} did not end within {seconds} s of SIGTERM") from None
        finally:
            self._output.close()

    def kill(self):
        """SIGKILL, and waits for the end."""
        if self.is_running:
            self._child.kill()
        self._child.wait()
        self._output.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
