"""An HTTP/2 client that sends exactly the octets it is told to."""

import struct
import time

import hpack
from hyperframe.frame import Frame, GoAwayFrame, HeadersFrame, ContinuationFrame, RstStreamFrame, SettingsFrame

from .sockets import connect, kill

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED, PRIORITISED = 0x1, 0x1, 0x4, 0x8, 0x20

NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT, STREAM_CLOSED, FRAME_SIZE_ERROR, \
    REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, CONNECT_ERROR, ENHANCE_YOUR_CALM, INADEQUATE_SECURITY, HTTP_1_1_REQUIRED = range(14)

READ_PATH = "/twilio/2010-04-01/Accounts/AC1/Messages.json"
SEND_PATH = READ_PATH
MAIL_PATH = "/sendgrid/v3/mail/send"
PASS_PATH = "/twilio/2010-04-01/Accounts/AC1/Tokens.json"


def frame(kind, flags=0, stream=0, payload=b"", length=None):
    """The octets of one frame; `length` overrides what the header says."""
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def settings(*pairs, ack=False):
    return frame(SETTINGS, ACK if ack else 0, 0, b"".join(struct.pack(">HI", k, v) for k, v in pairs))


def window_update(stream, increment):
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", increment))


def rst(stream, code=CANCEL):
    return frame(RST_STREAM, 0, stream, struct.pack(">I", code))


def literal(name, value):
    """One field, uncompressed, never indexed: what HPACK libraries refuse to write goes through here."""
    name, value = (x.encode("latin-1") if isinstance(x, str) else x for x in (name, value))
    return b"\x10" + _integer(len(name), 7) + name + _integer(len(value), 7) + value


def _integer(value, bits):
    limit = (1 << bits) - 1
    if value < limit:
        return bytes([value])
    out, value = [limit], value - limit
    while value >= 128:
        out.append(value % 128 | 128)
        value //= 128
    return bytes(out + [value])


def block(fields):
    """A header block of literals."""
    return b"".join(literal(n, v) for n, v in fields)


def request(path=READ_PATH, method="GET", authority="localhost", extra=(), drop=(), scheme="https"):
    """The fields of an ordinary request."""
    fields = [(":method", method), (":scheme", scheme), (":authority", authority), (":path", path)]
    return [f for f in fields if f[0] not in drop] + list(extra)


def sms(to="+14155550100", text="hi"):
    """A Twilio send: (fields beyond the pseudo ones, body)."""
    import urllib.parse
    return [("content-type", "application/x-www-form-urlencoded")], urllib.parse.urlencode(
        {"To": to, "From": "+14155559999", "Body": text}).encode()


class Answer:
    """One response, as far as it came."""

    def __init__(self):
        self.fields, self.body, self.reset, self.ended, self.interim, self.data_sizes = None, b"", None, False, [], []

    @property
    def status(self):
        return int(dict(self.fields)[":status"]) if self.fields else None

    def field(self, name):
        return dict(self.fields or []).get(name)


class Peer:
    """A connection. Everything received is kept in `frames`; responses are put together in `answers`."""

    def __init__(self, port, handshake=True, own_settings=(), server_name="localhost", source="127.0.0.1", receive_buffer=None,
                 raw_preface=None):
        self.sock = connect(port, ["h2"], server_name, source, receive_buffer=receive_buffer)
        self.frames, self.answers = [], {}
        self.decoder = hpack.Decoder()
        self.decoder.max_allowed_table_size = 4096
        self.closed = self.was_reset = False
        self._input, self._block = b"", None
        self._next_ping = 0
        if handshake:
            self.send(PREFACE + settings(*own_settings))
            self.read_until(lambda: self.has(SETTINGS, lambda f: "ACK" not in f.flags)
                            and self.has(SETTINGS, lambda f: "ACK" in f.flags), what="the settings exchange")
            self.send(settings(ack=True))
        elif raw_preface is not None:
            self.send(raw_preface)

    # Out

    def send(self, octets):
        """Sends; a connection the server has ended meanwhile is no error here."""
        try:
            self.sock.sendall(octets)
        except OSError:
            self.was_reset = True

    def headers(self, stream, fields, end=True, end_headers=True, flags=0, prefix=b"", suffix=b""):
        payload = prefix + (fields if isinstance(fields, bytes) else block(fields)) + suffix
        self.send(frame(HEADERS, (END_STREAM if end else 0) | (END_HEADERS if end_headers else 0) | flags, stream, payload))

    def data(self, stream, octets=b"", end=False, flags=0):
        self.send(frame(DATA, (END_STREAM if end else 0) | flags, stream, octets))

    # In

    def _take(self, seconds):
        """Reads once. - Returns: False when nothing came in that time or the connection is over."""
        if self.closed:
            return False
        self.sock.settimeout(max(seconds, 0.001))
        try:
            octets = self.sock.recv(65536)
        except TimeoutError:
            return False
        except OSError:
            self.closed = self.was_reset = True
            return False
        if not octets:
            self.closed = True
            return False
        self._input += octets
        while len(self._input) >= 9:
            parsed, length = Frame.parse_frame_header(memoryview(self._input[:9]))
            if len(self._input) < 9 + length:
                break
            parsed.parse_body(memoryview(self._input[9:9 + length]))
            self._input = self._input[9 + length:]
            self._note(parsed)
        return True

    def _note(self, parsed):
        self.frames.append(parsed)
        answer = self.answers.setdefault(parsed.stream_id, Answer()) if parsed.stream_id else None
        if isinstance(parsed, (HeadersFrame, ContinuationFrame)):
            self._block = (self._block or b"") + parsed.data
            if "END_HEADERS" in parsed.flags:
                fields = [(n.decode() if isinstance(n, bytes) else n, v.decode("latin-1") if isinstance(v, bytes) else v)
                          for n, v in self.decoder.decode(self._block, raw=True)]
                self._block = None
                if dict(fields).get(":status", "200").startswith("1"):
                    answer.interim.append(fields)
                elif answer.fields is None:
                    answer.fields = fields
        if parsed.type == DATA:
            answer.body += parsed.data
            answer.data_sizes.append(len(parsed.data))
        if isinstance(parsed, RstStreamFrame) and answer.reset is None:
            answer.reset = parsed.error_code
        if parsed.type in (DATA, HEADERS) and "END_STREAM" in parsed.flags:
            answer.ended = True

    def read_until(self, condition, seconds=20, what="the expected frames"):
        deadline = time.monotonic() + seconds
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0 or (self.closed and not condition()):
                raise AssertionError(
                    f"{what} did not come; closed: {self.closed}, received: {[describe(f) for f in self.frames]}")
            self._take(min(left, 0.2))

    def read_for(self, seconds):
        """Takes whatever comes within `seconds`."""
        deadline = time.monotonic() + seconds
        while not self.closed and time.monotonic() < deadline:
            self._take(deadline - time.monotonic())

    def has(self, kind, test=lambda f: True):
        return any(f.type == kind and test(f) for f in self.frames)

    def answer(self, stream, seconds=20):
        """The whole response on `stream`, or its reset."""
        found = self.answers.setdefault(stream, Answer())
        self.read_until(lambda: found.ended or found.reset is not None, seconds, f"an answer on stream {stream}")
        return found

    def goaway(self):
        return next((f for f in self.frames if isinstance(f, GoAwayFrame)), None)

    def settings_received(self):
        return next(f.settings for f in self.frames if isinstance(f, SettingsFrame) and "ACK" not in f.flags)

    # Judgements

    def ping(self, seconds=20):
        """Asks whether the connection lives, and waits until all earlier frames have been dealt with."""
        self._next_ping += 1
        opaque = struct.pack(">Q", self._next_ping)
        self.send(frame(PING, 0, 0, opaque))
        self.read_until(lambda: self.has(PING, lambda f: f.opaque_data == opaque), seconds, "a PING answer")

    def expect_connection_error(self, *codes, seconds=20):
        """The connection ends, and a GOAWAY, which a TCP reset may swallow, names one of `codes`."""
        deadline = time.monotonic() + seconds
        while not self.closed and time.monotonic() < deadline:
            self._take(0.2)
        assert self.closed, f"the connection stayed open: {[describe(f) for f in self.frames]}"
        last = [f for f in self.frames if isinstance(f, GoAwayFrame)]
        if last:
            assert last[-1].error_code in codes, f"GOAWAY {last[-1].error_code}, not {codes}"
        else:
            assert self.was_reset, "closed in an orderly way without a GOAWAY"

    def expect_stream_error(self, stream, *codes, survives=True, seconds=20):
        """RST_STREAM with one of `codes`; the connection lives on."""
        found = self.answers.setdefault(stream, Answer())
        self.read_until(lambda: found.reset is not None or self.goaway(), seconds, f"a reset of stream {stream}")
        if self.goaway():
            assert self.goaway().error_code in codes
            return
        assert found.reset in codes, f"reset with {found.reset}, not {codes}"
        if survives:
            self.ping()

    def expect_malformed(self, stream):
        """RFC 9113 8.1.1: a stream error PROTOCOL_ERROR, before which a 4xx may go out. Never a success."""
        found = self.answers.setdefault(stream, Answer())
        self.read_until(lambda: found.reset is not None or found.ended or self.goaway(), what=f"a refusal of stream {stream}")
        if found.fields:
            assert 400 <= found.status < 500, f"status {found.status}"
        elif self.goaway():
            assert self.goaway().error_code == PROTOCOL_ERROR
            return
        else:
            assert found.reset == PROTOCOL_ERROR, f"reset with {found.reset}"
        self.ping()

    def close(self):
        try:
            self.sock.close()
        except OSError:
            pass

    def kill(self):
        kill(self.sock)


def describe(parsed):
    text = f"{type(parsed).__name__}@{parsed.stream_id}"
    return text + (f"({parsed.error_code})" if hasattr(parsed, "error_code") else "")
