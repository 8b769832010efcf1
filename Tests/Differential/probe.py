"""The gate's inspector as a program: Probe/ in this folder, built as DifferentialProbe."""

import struct
import subprocess


class Probe:
    def __init__(self, path):
        self.process = subprocess.Popen([str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def judge(self, endpoint, content_type, body, query=b""):
        """What the gate makes of a send: (verdict, body that goes on or None, why it was refused)."""
        fields = b"".join(struct.pack(">H", len(field)) + field for field in (endpoint.encode(), content_type.encode(), query))
        message = fields + body
        self.process.stdin.write(struct.pack(">I", len(message)) + message)
        self.process.stdin.flush()
        head = self.process.stdout.read(4)
        if len(head) < 4:
            raise RuntimeError(f"the probe has ended on {endpoint} {content_type} {body!r}")
        answer = self.process.stdout.read(struct.unpack(">I", head)[0])
        match answer[:1]:
            case b"a":
                return "allow", body, ""
            case b"s":
                return "strip", answer[1:], ""
            case b"r":
                return "reject", None, ""
            case _:
                return "refuse", None, answer[1:].decode("utf-8", "replace")

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(10) == 0
