"""Content types, charsets and codings (hardening.md 2.4): what is not read as declared is refused, whatever else it may be."""

import gzip
import io
import json
import struct
import zlib

import pytest

from lab.h1peer import Client, head
from lab.h2peer import MAIL_PATH, SEND_PATH, Peer, request

FORM_BODY = b"To=%2B14155550100&From=%2B14155559999&Body=hi"
FORM_BLOCKED = FORM_BODY.replace(b"0100", b"0123")
MAIL = {"personalizations": [{"to": [{"email": "a@example.com"}]}], "from": {"email": "b@example.com"}, "subject": "s",
        "content": [{"type": "text/plain", "value": "v"}]}
JSON_BODY = json.dumps(MAIL).encode()
JSON_BLOCKED = JSON_BODY.replace(b"a@example.com", b"blocked@example.com")
MULTIPART = b'--b\r\nContent-Disposition: form-data; name="To"\r\n\r\n+14155550100\r\n--b--\r\n'
FORM_TYPE, JSON_TYPE = "application/x-www-form-urlencoded", "application/json"


def post(gate, path, body, types=(), codings=(), protocol="h1"):
    if protocol == "h1":
        client = Client(gate.port)
        fields = [*[("Content-Type", t) for t in types], *[("Content-Encoding", c) for c in codings], ("Content-Length", str(len(body)))]
        client.send(head(target=path, fields=fields) + body)
        answer = client.read()
        client.close()
    else:
        peer = Peer(gate.port)
        extra = [*[("content-type", t) for t in types], *[("content-encoding", c) for c in codings]]
        peer.headers(1, request(path, "POST", extra=extra), end=not body)
        for start in range(0, len(body), 16384):
            peer.data(1, body[start:start + 16384], end=start + 16384 >= len(body))
        answer = peer.answer(1)
        peer.close()
    return answer.status


protocols = pytest.mark.parametrize("protocol", ["h1", "h2"])

GOOD_TYPES = {
    "form": (SEND_PATH, FORM_TYPE, FORM_BODY, 201), "form-utf8": (SEND_PATH, FORM_TYPE + "; charset=utf-8", FORM_BODY, 201),
    "form-utf8-upper": (SEND_PATH, FORM_TYPE.upper() + ";charset=UTF-8", FORM_BODY, 201),
    "form-quoted": (SEND_PATH, FORM_TYPE + '; charset="utf-8"', FORM_BODY, 201),
    "form-ascii": (SEND_PATH, FORM_TYPE + "; charset=us-ascii", FORM_BODY, 201),
    "json": (MAIL_PATH, JSON_TYPE, JSON_BODY, 202), "json-utf8": (MAIL_PATH, JSON_TYPE + "; charset=utf-8", JSON_BODY, 202),
}


@protocols
@pytest.mark.parametrize("path,kind,body,status", GOOD_TYPES.values(), ids=GOOD_TYPES.keys())
def test_expected_type(gate, record, path, kind, body, status, protocol):
    assert post(gate, path, body, [kind], protocol=protocol) == status
    assert record.requests()[0]["body"] == body


CHARSETS = ["utf-16", "utf-16le", "utf-32", "utf-7", "ibm037", "iso-8859-1", "latin1", "windows-1252", "shift_jis", "", "utf-8-sig", "utf8;charset=utf-16"]


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("path,kind,body", [(SEND_PATH, FORM_TYPE, FORM_BODY), (MAIL_PATH, JSON_TYPE, JSON_BODY)], ids=["form", "json"])
def test_charset(gate, record, path, kind, body, charset):
    assert post(gate, path, body, [f"{kind}; charset={charset}"]) == 415
    assert record.count() == 0


BODIES = {"form": FORM_BODY, "json": JSON_BODY, "multipart": MULTIPART, "empty": b"", "text": b"hello", "gzip": gzip.compress(FORM_BODY),
          "utf-16": FORM_BODY.decode().encode("utf-16"), "bom-json": b"\xef\xbb\xbf" + JSON_BODY, "json-twice": JSON_BODY * 2}
TYPES = {"absent": [], "form": [FORM_TYPE], "json": [JSON_TYPE], "multipart": ["multipart/form-data; boundary=b"], "text": ["text/plain"],
         "xml": ["application/xml"], "json-suffix": ["application/vnd.api+json"], "text-json": ["text/json"], "empty": [""], "two": [FORM_TYPE, JSON_TYPE],
         "two-equal": [FORM_TYPE, FORM_TYPE], "two-equal-json": [JSON_TYPE, JSON_TYPE], "list": [FORM_TYPE + ", " + JSON_TYPE],
         "parameter": [FORM_TYPE + "; boundary=b"], "parameter-json": [JSON_TYPE + "; profile=x"], "star": ["*/*"], "no-slash": ["application"], "wild": ["application/*"]}
CODINGS = {"none": [], "identity": ["identity"], "gzip": ["gzip"], "x-gzip": ["x-gzip"], "deflate": ["deflate"], "br": ["br"], "zstd": ["zstd"],
           "compress": ["compress"], "list": ["gzip, gzip"], "list-identity": ["identity, gzip"], "twice": ["gzip", "gzip"], "empty": [""], "chunked": ["chunked"]}


@pytest.mark.parametrize("kind", TYPES.keys())
@pytest.mark.parametrize("path,right,good", [(SEND_PATH, "form", "form"), (MAIL_PATH, "json", "json")], ids=["sms", "mail"])
def test_type_by_body(gate, record, path, right, good, kind):
    """The whole row of bodies for one type: exactly the declared and expected one passes."""
    for name, body in BODIES.items():
        record.forget()
        status = post(gate, path, body, TYPES[kind])
        if kind == right and name == good:
            assert status in (201, 202) and record.count() == 1
        else:
            assert status in (400, 413, 415), f"{kind} with {name}: {status}"
            assert record.count() == 0, f"{kind} with {name}"


@pytest.mark.parametrize("coding", CODINGS.keys())
@pytest.mark.parametrize("path,kind,body", [(SEND_PATH, FORM_TYPE, FORM_BODY), (MAIL_PATH, JSON_TYPE, JSON_BODY)], ids=["sms", "mail"])
def test_coding_by_body(gate, record, path, kind, body, coding):
    encoded = {"plain": body, "gzip": gzip.compress(body), "zlib": zlib.compress(body), "raw": zlib.compress(body)[2:-4], "gzip-twice": gzip.compress(gzip.compress(body))}
    passes = {("none", "plain"), ("identity", "plain"), ("gzip", "gzip")}
    for name, octets in encoded.items():
        record.forget()
        status = post(gate, path, octets, [kind], CODINGS[coding])
        if (coding, name) in passes:
            assert status in (201, 202)
            request = record.requests()[0]
            assert request["body"] == body, "what goes on is decoded"
            assert "content-encoding" not in [n for n, _ in request["fields"]]
            assert dict(map(tuple, request["fields"])).get("content-length", str(len(body))) == str(len(body))
        else:
            assert status in (400, 415), f"{coding} with {name}: {status}"
            assert record.count() == 0


# gzip members

def member(body, flags=0, extra=b"", level=6, crc=None, size=None, method=8, reserved=0):
    compressor = zlib.compressobj(level, zlib.DEFLATED, -15)
    data = compressor.compress(body) + compressor.flush()
    crc = zlib.crc32(body) if crc is None else crc
    size = len(body) if size is None else size
    return b"\x1f\x8b" + bytes([method, flags | reserved]) + bytes(6) + extra + data + struct.pack("<II", crc & 0xffffffff, size & 0xffffffff)


GOOD_GZIP = {
    "plain": member(FORM_BODY), "stored": member(FORM_BODY, level=0), "best": member(FORM_BODY, level=9), "name": member(FORM_BODY, 8, b"body.txt\0"),
    "comment": member(FORM_BODY, 16, b"a comment\0"), "extra": member(FORM_BODY, 4, b"\x04\x00abcd"), "python": gzip.compress(FORM_BODY),
}
BAD_GZIP = {
    "two-members": member(FORM_BODY) + member(b"&To=x"), "empty-second": member(FORM_BODY) + member(b""), "trailing-octet": member(FORM_BODY) + b"\0",
    "trailing-text": member(FORM_BODY) + b"&To=%2B14155550123", "bad-crc": member(FORM_BODY, crc=1), "bad-size": member(FORM_BODY, size=7),
    "cut-trailer": member(FORM_BODY)[:-1], "cut-data": member(FORM_BODY)[:-12], "cut-header": member(FORM_BODY)[:5], "empty": b"",
    "method": member(FORM_BODY, method=7), "reserved-flag": member(FORM_BODY, reserved=0x80), "magic": b"\x1f\x8c" + member(FORM_BODY)[2:],
    "leading-octet": b"\0" + member(FORM_BODY), "name-open": member(FORM_BODY, 8, b""), "garbage": b"\x1f\x8b\x08\0" + b"\xff" * 40,
}


@protocols
@pytest.mark.parametrize("octets", GOOD_GZIP.values(), ids=GOOD_GZIP.keys())
def test_gzip(gate, record, octets, protocol):
    assert post(gate, SEND_PATH, octets, [FORM_TYPE], ["gzip"], protocol) == 201
    assert record.requests()[0]["body"] == FORM_BODY


@protocols
@pytest.mark.parametrize("octets", BAD_GZIP.values(), ids=BAD_GZIP.keys())
def test_bad_gzip(gate, record, octets, protocol):
    assert post(gate, SEND_PATH, octets, [FORM_TYPE], ["gzip"], protocol) in (400, 415)
    assert record.count() == 0


def test_gzip_of_a_suppressed_send(gate, record):
    assert post(gate, SEND_PATH, member(FORM_BLOCKED), [FORM_TYPE], ["gzip"]) == 400
    assert post(gate, MAIL_PATH, member(JSON_BLOCKED), [JSON_TYPE], ["gzip"]) == 400
    assert record.count() == 0


def test_gzip_empty_member(gate, record):
    assert post(gate, SEND_PATH, member(b""), [FORM_TYPE], ["gzip"]) == 400
    assert record.count() == 0


@pytest.mark.parametrize("size", [
    pytest.param(1 << 20, id="1MiB"), pytest.param(64 << 20, id="64MiB"), pytest.param(1 << 30, id="1GiB", marks=pytest.mark.slow)])
def test_gzip_bomb(gate, record, size):
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = compressor.compress(FORM_BODY + b"&Tags=")
    for _ in range(size >> 20):
        bomb += compressor.compress(bytes([0x78]) * (1 << 20))
    bomb += compressor.flush()
    before, cpu = gate.resident_kib(), gate.cpu_seconds()
    assert post(gate, SEND_PATH, bomb, [FORM_TYPE], ["gzip"]) in (400, 413)
    assert record.count() == 0
    assert gate.resident_kib() - before < 48 << 10
    assert gate.cpu_seconds() - cpu < 6


def test_gzip_bomb_on_the_mail_route(gate, record):
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = compressor.compress(b"{")
    for _ in range(200):
        bomb += compressor.compress(b" " * (1 << 20))
    bomb += compressor.flush()
    assert post(gate, MAIL_PATH, bomb, [JSON_TYPE], ["gzip"]) in (400, 413)
    assert record.count() == 0
