"""What an operator and the people do while sends pass: opt-outs and reloads."""

import contextlib
import re
import threading
import time


class Disturbance:
    """In the background of a `with` block: `opt_outs` a second, and a reload of the adapters every `reload_every` seconds."""

    def __init__(self, gate, opt_outs, reload_every):
        self.gate, self.counts, self.problems, self._over = gate, {}, [], threading.Event()
        self._threads = [
            threading.Thread(target=work, args=(1 / often if work == self._opt_out else often,))
            for work, often in ((self._opt_out, opt_outs), (self._reload, reload_every)) if gate and often]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _opt_out(self, pause):
        number, slowest = 0, 0
        with contextlib.closing(self.gate.admin()) as admin:
            due = time.monotonic()
            while not self._over.wait(max(0, due - time.monotonic())):
                begun = time.monotonic()
                try:
                    admin.suppress(f"+1650{2000000 + number}")
                except OSError as problem:
                    self.problems.append(f"an opt-out was not taken: {problem}")
                    return
                number, slowest, due = number + 1, max(slowest, time.monotonic() - begun), due + pause
                self.counts.update({"opt-outs": number, "slowest opt-out, ms": round(slowest * 1000, 1)})

    def _reload(self, pause):
        file = self.gate.policies / "providers" / "twilio.yaml"
        text, before = file.read_text(), self._reloads()
        written = 0
        while not self._over.wait(pause):
            file.write_text(text + f"# {time.time()}\n")
            written += 1
        file.write_text(text)
        # The last ones may still be under way.
        deadline = time.monotonic() + 10
        while (done := self._reloads() - before) < 1 and written and time.monotonic() < deadline:
            time.sleep(0.1)
        self.counts["reloads"] = done
        if written and not done:
            self.problems.append(f"the adapters were written {written} times and never reloaded")

    def _reloads(self):
        return len(re.findall(r"\breloaded\b.*\bruleset=", self.gate.process.output))
