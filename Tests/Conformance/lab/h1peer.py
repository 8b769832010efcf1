"""An HTTP/1.1 client that sends exactly the octets it is told to, and reads answers strictly."""

import socket
import time

from .sockets import connect, kill


class Answer:
    def __init__(self, status, fields, body, whole, interim):
        self.status, self.fields, self.body, self.whole, self.interim = status, fields, body, whole, interim

    def field(self, name):
        found = [v for n, v in self.fields if n == name]
        assert len(found) <= 1, f"{name} is repeated"
        return found[0] if found else None

    @property
    def closes(self):
        return (self.field("connection") or "").lower() == "close"


class Client:
    def __init__(self, port, server_name="localhost", source="127.0.0.1", timeout=20, receive_buffer=None):
        self.sock = connect(port, ["http/1.1"], server_name, source, timeout, receive_buffer)
        self.buffer = b""
        self.ended = False

    def send(self, octets):
        try:
            self.sock.sendall(octets)
            return True
        except OSError:
            return False

    def _more(self):
        if self.ended:
            return False
        try:
            octets = self.sock.recv(65536)
        except TimeoutError:
            raise AssertionError(f"no answer in time; got {self.buffer[:200]!r}") from None
        except OSError:
            octets = b""
        if not octets:
            self.ended = True
            return False
        self.buffer += octets
        return True

    def read(self, head_request=False, seconds=20):
        """One answer; `None` when the connection ended before one."""
        self.sock.settimeout(seconds)
        interim = []
        while True:
            while b"\r\n\r\n" not in self.buffer:
                if not self._more():
                    return None
            head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
            lines = head.decode("latin-1").split("\r\n")
            assert lines[0].startswith("HTTP/1.1 "), lines[0]
            status = int(lines[0].split(" ")[1])
            fields = [(n.lower(), v.strip()) for n, v in (line.split(":", 1) for line in lines[1:])]
            if status >= 200:
                break
            interim.append(status)
        body, whole = self._body(status, dict(fields), head_request)
        return Answer(status, fields, body, whole, interim)

    def _body(self, status, fields, head_request):
        if head_request or status in (204, 304):
            return b"", True
        if "content-length" in fields:
            count = int(fields["content-length"])
            while len(self.buffer) < count:
                if not self._more():
                    return self.buffer, False
            body, self.buffer = self.buffer[:count], self.buffer[count:]
            return body, True
        if fields.get("transfer-encoding") == "chunked":
            return self._chunks()
        while self._more():
            pass
        body, self.buffer = self.buffer, b""
        return body, True

    def _chunks(self):
        body = b""
        while True:
            while b"\r\n" not in self.buffer:
                if not self._more():
                    return body, False
            line, self.buffer = self.buffer.split(b"\r\n", 1)
            count = int(line, 16)
            while len(self.buffer) < count + 2:
                if not self._more():
                    return body + self.buffer, False
            assert self.buffer[count:count + 2] == b"\r\n"
            body, self.buffer = body + self.buffer[:count], self.buffer[count + 2:]
            if count == 0:
                return body, True

    def is_over(self, seconds=3):
        """Whether the server closes without sending anything more."""
        self.sock.settimeout(seconds)
        try:
            while True:
                octets = self.sock.recv(65536)
                if not octets:
                    return not self.buffer
                self.buffer += octets
        except TimeoutError:
            return False
        except OSError:
            return not self.buffer

    def seconds_until_over(self, limit):
        """How long the server keeps the connection, at most `limit`."""
        start = time.monotonic()
        self.sock.settimeout(limit)
        try:
            while self.sock.recv(65536):
                pass
        except TimeoutError:
            raise AssertionError(f"still open after {limit} s") from None
        except OSError:
            pass
        return time.monotonic() - start

    def close(self):
        try:
            self.sock.close()
        except OSError:
            pass

    def kill(self):
        kill(self.sock)


def head(method="POST", target="/twilio/2010-04-01/Accounts/AC1/Messages.json", fields=(), version="HTTP/1.1", host="localhost"):
    lines = [f"{method} {target} {version}"]
    if host is not None:
        lines.append(f"Host: {host}")
    lines += [f"{n}: {v}" for n, v in fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


FORM = ("Content-Type", "application/x-www-form-urlencoded")


def sms(body=b"To=%2B14155550100&From=%2B14155559999&Body=hi", fields=(), **more):
    """A whole Twilio send."""
    return head(fields=[FORM, ("Content-Length", str(len(body))), *fields], **more) + body
