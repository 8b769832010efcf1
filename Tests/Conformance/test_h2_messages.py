"""HTTP messages in HTTP/2: RFC 9113 section 8, and what hardening.md 2.2 adds. The oracle for a refused message is the
provider's own record: nothing of it may have arrived."""

import pytest

from lab.h2peer import *


def send_sms(peer, stream=1, **more):
    extra, body = sms()
    fields = request(SEND_PATH, "POST", extra=[*extra, *more.pop("extra", [])], **more)
    peer.headers(stream, fields, end=False)
    peer.data(stream, body, end=True)
    return peer.answer(stream)


# 8.1: message framing

def test_8_1_get(peer, record):
    peer.headers(1, request())
    assert peer.answer(1).status == 200 and peer.answers[1].body == b'{"mock":true}'


def test_8_1_head_has_no_body(peer):
    peer.headers(1, request(method="HEAD"))
    answer = peer.answer(1)
    assert answer.status == 200 and answer.body == b""


def test_8_1_post(peer, record):
    assert send_sms(peer).status == 201
    assert [r["body"] for r in record.requests()] == [sms()[1]]


def test_8_1_trailers_are_dropped(peer, record):
    extra, body = sms()
    peer.headers(1, request(SEND_PATH, "POST", extra=extra), end=False)
    peer.data(1, body)
    peer.headers(1, [("x-trailer", "1")])
    assert peer.answer(1).status == 201
    assert "x-trailer" not in [n for n, _ in record.requests()[0]["fields"]]


def test_8_1_second_headers_without_end_stream(peer, record):
    extra, body = sms()
    peer.headers(1, request(SEND_PATH, "POST", extra=extra), end=False)
    peer.headers(1, [("x-trailer", "1")], end=False)
    peer.data(1, body, end=True)
    peer.expect_malformed(1)
    assert record.count() == 0


def test_8_1_second_request_on_a_stream(peer, record):
    extra, body = sms()
    fields = request(SEND_PATH, "POST", extra=extra)
    peer.headers(1, fields, end=False)
    peer.data(1, body)
    peer.headers(1, fields)
    peer.expect_malformed(1)
    assert record.count() == 0


@pytest.mark.parametrize("name", [":method", ":path", ":status", ":unknown"])
def test_8_1_pseudo_field_in_trailers(peer, record, name):
    extra, body = sms()
    peer.headers(1, request(SEND_PATH, "POST", extra=extra), end=False)
    peer.data(1, body)
    peer.headers(1, [(name, "200")])
    peer.expect_malformed(1)
    assert record.count() == 0


def test_8_1_many_streams_at_once(peer, record):
    for index in range(50):
        extra, body = sms(text=f"number {index}")
        peer.headers(1 + 2 * index, request(SEND_PATH, "POST", extra=extra), end=False)
        peer.data(1 + 2 * index, body, end=True)
    assert {peer.answer(1 + 2 * index).status for index in range(50)} == {201}
    assert record.count() == 50


def test_8_1_interleaved_uploads(peer, record):
    bodies = {}
    for stream in (1, 3, 5):
        extra, bodies[stream] = sms(text=f"stream {stream}")
        peer.headers(stream, request(SEND_PATH, "POST", extra=extra), end=False)
    for index in range(100):
        for stream in (5, 1, 3):
            piece = bodies[stream][index:index + 1]
            if piece:
                peer.data(stream, piece, end=index == len(bodies[stream]) - 1)
    assert [peer.answer(s).status for s in (1, 3, 5)] == [201] * 3
    assert sorted(r["body"] for r in record.requests()) == sorted(bodies.values())


# 8.2.1: field validity

BAD_NAMES = {
    "upper-case": "X-Test", "upper-last": "x-tesT", "empty": "", "space": "x test", "leading-space": " x", "trailing-space": "x ",
    "colon": "x:y", "cr": "x\ry", "lf": "x\ny", "crlf-injection": "x: 1\r\nhost: evil\r\nz", "nul": "x\0y", "tab": "x\ty", "del": "x\x7fy",
    "high": "x\xe9", "slash": "x/y", "quote": 'x"y', "brackets": "x[y]", "comma": "x,y", "at": "x@y", "control": "x\x01", "underscore": "x_test",
}


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES.keys())
def test_8_2_1_field_name(peer, record, name):
    extra, body = sms()
    peer.headers(1, request(SEND_PATH, "POST", extra=[*extra, (name, "1")]), end=False)
    peer.data(1, body, end=True)
    peer.expect_malformed(1)
    assert record.count() == 0


BAD_VALUES = {
    "nul": "a\0b", "cr": "a\rb", "lf": "a\nb", "crlf": "a\r\nx-injected: 1", "crlf-request": "a\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\n\r\n",
    "leading-space": " a", "trailing-space": "a ", "leading-tab": "\ta", "trailing-tab": "a\t", "control": "a\x01b", "del": "a\x7fb", "escape": "a\x1bb",
}


@pytest.mark.parametrize("value", BAD_VALUES.values(), ids=BAD_VALUES.keys())
@pytest.mark.parametrize("name", ["x-test", "authorization", "cookie"])
def test_8_2_1_field_value(peer, record, name, value):
    extra, body = sms()
    peer.headers(1, request(SEND_PATH, "POST", extra=[*extra, (name, value)]), end=False)
    peer.data(1, body, end=True)
    peer.expect_malformed(1)
    assert record.count() == 0


INJECTED = [(n, "1") for n in BAD_NAMES.values()] + [(n, v) for v in BAD_VALUES.values() for n in ("x-test", "cookie")]


def test_8_2_1_nothing_is_injected_into_http1(gate_h1, record):
    # The same towards a provider that speaks HTTP/1.1, where CR and LF would become structure.
    peer = Peer(gate_h1.port)
    for index, (name, value) in enumerate(INJECTED):
        extra, body = sms()
        peer.headers(1 + 2 * index, request(SEND_PATH, "POST", extra=[*extra, (name, value)]), end=False)
        peer.data(1 + 2 * index, body, end=True)
        answer = peer.answers.setdefault(1 + 2 * index, Answer())
        peer.read_until(lambda: answer.reset is not None or answer.ended)
        assert answer.reset == PROTOCOL_ERROR or 400 <= answer.status < 500, repr((name, value))
    for path in BAD_PATHS.values():
        index += 1
        peer.headers(1 + 2 * index, request(path))
        peer.read_until(lambda: 1 + 2 * index in peer.answers)
    peer.ping()
    assert record.count() == 0


@pytest.mark.parametrize("value", ["", "a b", "a\tb", "caf\xe9", "~!@#$%^&*()"], ids=["empty", "space", "tab", "latin-1", "marks"])
def test_8_2_1_ordinary_value_passes(peer, record, value):
    assert send_sms(peer, extra=[("x-test", value)]).status == 201
    assert dict(map(tuple, record.requests()[0]["fields"]))["x-test"].encode("utf-8", "replace")[:1] == value.encode()[:1]


# 8.2.2: connection-specific fields

@pytest.mark.parametrize("name,value", [
    ("connection", "keep-alive"), ("connection", "close"), ("proxy-connection", "keep-alive"), ("keep-alive", "timeout=5"),
    ("transfer-encoding", "chunked"), ("transfer-encoding", "identity"), ("upgrade", "h2c"), ("te", "gzip"), ("te", "trailers, gzip"),
    ("te", "")])
def test_8_2_2_connection_specific(peer, record, name, value):
    extra, body = sms()
    peer.headers(1, request(SEND_PATH, "POST", extra=[*extra, (name, value)]), end=False)
    peer.data(1, body, end=True)
    peer.expect_malformed(1)
    assert record.count() == 0


def test_8_2_2_te_trailers_is_allowed(peer, record):
    assert send_sms(peer, extra=[("te", "trailers")]).status == 201
    assert "te" not in [n for n, _ in record.requests()[0]["fields"]]


# 8.2.3: cookies

def test_8_2_3_crumbs_are_joined_for_http1(gate_h1, record):
    peer = Peer(gate_h1.port)
    assert send_sms(peer, extra=[("cookie", "a=1"), ("x-between", "y"), ("cookie", "b=2"), ("cookie", "c=3")]).status == 201
    assert [v for n, v in record.requests()[0]["fields"] if n == "cookie"] == ["a=1; b=2; c=3"]


# 8.3: pseudo-fields

@pytest.mark.parametrize("missing", [":method", ":scheme", ":path"])
def test_8_3_1_missing(peer, record, missing):
    peer.headers(1, request(drop=[missing]))
    peer.expect_malformed(1)
    assert record.count() == 0


def test_8_3_1_missing_authority_is_refused(peer, record):
    peer.headers(1, request(drop=[":authority"]))
    peer.expect_malformed(1)
    assert record.count() == 0


@pytest.mark.parametrize("name", [":method", ":scheme", ":path", ":authority"])
def test_8_3_1_repeated(peer, record, name):
    fields = request()
    fields.insert(1, (name, dict(fields)[name]))
    peer.headers(1, fields)
    peer.expect_malformed(1)
    assert record.count() == 0


@pytest.mark.parametrize("name", [":status", ":protocol", ":unknown", ":", ":Path"])
def test_8_3_unknown(peer, record, name):
    fields = request()
    fields.insert(2, (name, "200"))
    peer.headers(1, fields)
    peer.expect_malformed(1)
    assert record.count() == 0


@pytest.mark.parametrize("name", [":method", ":scheme", ":path", ":authority"])
def test_8_3_after_an_ordinary_field(peer, record, name):
    fields = request()
    value = dict(fields)[name]
    peer.headers(1, [f for f in fields if f[0] != name] + [("x-test", "1"), (name, value)])
    peer.expect_malformed(1)
    assert record.count() == 0


BAD_PATHS = {
    "empty": "", "asterisk": "*", "relative": "twilio/x", "absolute": "https://localhost" + READ_PATH, "space": READ_PATH + " x",
    "crlf": READ_PATH + " HTTP/1.1\r\nx: y", "lf": READ_PATH + "\n", "nul": READ_PATH + "\0", "tab": READ_PATH + "\t", "high": READ_PATH + "\xe9",
    "fragment": READ_PATH + "#x", "fragment-query": READ_PATH + "?a#x", "del": READ_PATH + "\x7f",
}


@pytest.mark.parametrize("path", BAD_PATHS.values(), ids=BAD_PATHS.keys())
def test_8_3_1_path(peer, record, path):
    peer.headers(1, request(path))
    peer.expect_malformed(1)
    assert record.count() == 0


BAD_AUTHORITIES = {
    "empty": "", "userinfo": "user@localhost", "userinfo-password": "a:b@localhost", "space": "local host", "crlf": "localhost\r\nx: y",
    "slash": "localhost/x", "port-text": "localhost:https", "port-big": "localhost:65536", "port-empty": "localhost:", "comma": "localhost,evil",
    "high": "localh\xf6st", "percent": "local%68ost", "bracket": "[::1", "two": "localhost:1:2",
}


@pytest.mark.parametrize("authority", BAD_AUTHORITIES.values(), ids=BAD_AUTHORITIES.keys())
def test_8_3_1_authority(peer, record, authority):
    peer.headers(1, request(authority=authority))
    peer.expect_malformed(1)
    assert record.count() == 0


@pytest.mark.parametrize("scheme", ["http", "ftp", "", "HTTPS ", "https\r\n", "javascript"])
def test_8_3_1_scheme(peer, record, scheme):
    peer.headers(1, request(scheme=scheme))
    peer.expect_malformed(1)
    assert record.count() == 0


@pytest.mark.parametrize("method", ["", "GE T", "GET\r\n", "G\0T", "GET / HTTP/1.1\r\nx:", "G(T"], ids=["empty", "space", "crlf", "nul", "line", "paren"])
def test_8_3_1_method(peer, record, method):
    peer.headers(1, request(method=method))
    peer.expect_malformed(1)
    assert record.count() == 0


@pytest.mark.parametrize("method,status", [("TRACE", 405), ("CONNECT", 501)])
def test_8_5_trace_and_connect(peer, record, method, status):
    fields = request(method=method) if method == "TRACE" else [(":method", "CONNECT"), (":authority", "localhost:443")]
    peer.headers(1, fields)
    answer = peer.answers.setdefault(1, Answer())
    peer.read_until(lambda: answer.ended or answer.reset is not None)
    assert answer.status == status or answer.reset == PROTOCOL_ERROR
    assert record.count() == 0


def test_8_5_extended_connect(peer, record):
    peer.headers(1, request(method="CONNECT", extra=[]) + [])
    peer.read_until(lambda: 1 in peer.answers)
    peer.headers(3, [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":authority", "localhost"), (":path", READ_PATH)], end=False)
    peer.expect_malformed(3)
    assert record.count() == 0


# Host and :authority

@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost:443"])
def test_host_equal_to_authority(peer, record, host):
    assert send_sms(peer, extra=[("host", host)]).status == 201
    assert record.requests()[0]["host"].startswith("localhost")


@pytest.mark.parametrize("hosts", [["evil.example"], ["localhost:444"], ["localhost", "localhost"], [""]], ids=["other", "port", "twice", "empty"])
def test_host_other_than_authority(peer, record, hosts):
    extra, body = sms()
    peer.headers(1, request(SEND_PATH, "POST", extra=[*extra, *[("host", h) for h in hosts]]), end=False)
    peer.data(1, body, end=True)
    answer = peer.answers.setdefault(1, Answer())
    peer.read_until(lambda: answer.ended or answer.reset is not None)
    assert answer.reset == PROTOCOL_ERROR or 400 <= answer.status < 500
    assert record.count() == 0


def without_authority(*hosts):
    extra, body = sms()
    return request(SEND_PATH, "POST", extra=[*extra, *[("host", host) for host in hosts]], drop=[":authority"]), body


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost:443"])
def test_8_3_1_host_in_place_of_authority(peer, record, host):
    """As clients do that carry HTTP/1.1 requests over, aioapns among them."""
    fields, body = without_authority(host)
    peer.headers(1, fields, end=False)
    peer.data(1, body, end=True)
    answer = peer.answers.setdefault(1, Answer())
    peer.read_until(lambda: answer.ended or answer.reset is not None)
    assert answer.status == 201
    [received] = record.requests()
    assert received["host"].startswith("localhost") and "host" not in [name for name, _ in received["fields"]]


@pytest.mark.parametrize("hosts", [["localhost", "localhost"], [""], *[[host] for host in BAD_AUTHORITIES.values() if host]])
def test_8_3_1_bad_host_in_place_of_authority(peer, record, hosts):
    fields, body = without_authority(*hosts)
    peer.headers(1, fields, end=False)
    peer.data(1, body, end=True)
    peer.expect_malformed(1)
    assert record.count() == 0


# 8.1.1: content-length

@pytest.mark.parametrize("length", ["0", "1", "1000", "-1", "+46", "46 ", "0x2e", "", "46,46", "99999999999999999999", "4 6"])
def test_8_1_1_content_length_is_wrong(peer, record, length):
    extra, body = sms()
    peer.headers(1, request(SEND_PATH, "POST", extra=[*extra, ("content-length", length)]), end=False)
    peer.data(1, body, end=True)
    peer.expect_malformed(1)
    assert record.count() == 0


def test_8_1_1_content_length_over_several_frames(peer, record):
    extra, body = sms()
    peer.headers(1, request(SEND_PATH, "POST", extra=[*extra, ("content-length", str(len(body) + 1))]), end=False)
    peer.data(1, body[:10])
    peer.data(1, body[10:], end=True)
    peer.expect_malformed(1)
    assert record.count() == 0


def test_8_1_1_content_length_twice(peer, record):
    extra, body = sms()
    peer.headers(1, request(SEND_PATH, "POST", extra=[*extra] + [("content-length", str(len(body)))] * 2), end=False)
    peer.data(1, body, end=True)
    peer.expect_malformed(1)
    assert record.count() == 0


def test_8_1_1_content_length_without_body(peer, record):
    peer.headers(1, request(SEND_PATH, "POST", extra=[*sms()[0], ("content-length", "5")]))
    peer.expect_malformed(1)
    assert record.count() == 0


def test_8_1_1_content_length_is_right(peer, record):
    body = sms()[1]
    assert send_sms(peer, extra=[("content-length", str(len(body)))]).status == 201
    assert record.requests()[0]["body"] == body


def test_8_1_1_trailers_before_the_announced_length(peer, record):
    extra, body = sms()
    peer.headers(1, request(SEND_PATH, "POST", extra=[*extra, ("content-length", str(len(body)))]), end=False)
    peer.data(1, body[:-1])
    peer.headers(1, [("x-trailer", "1")])
    peer.expect_malformed(1)
    assert record.count() == 0


# Expect

def test_expect_continue_is_answered_once(peer, record):
    extra, body = sms()
    peer.headers(1, request(SEND_PATH, "POST", extra=[*extra, ("expect", "100-continue")]), end=False)
    peer.read_until(lambda: peer.answers.get(1) and peer.answers[1].interim)
    peer.data(1, body, end=True)
    answer = peer.answer(1)
    assert answer.status == 201 and [dict(i)[":status"] for i in answer.interim] == ["100"]
    assert "expect" not in [n for n, _ in record.requests()[0]["fields"]]


@pytest.mark.parametrize("value", ["200-ok", "100-continue, x", ""])
def test_expect_anything_else(peer, record, value):
    extra, body = sms()
    peer.headers(1, request(SEND_PATH, "POST", extra=[*extra, ("expect", value)]), end=False)
    peer.data(1, body, end=True)
    assert peer.answer(1).status == 417
    assert record.count() == 0


def test_refused_message_leaves_the_connection_usable(peer, record):
    for stream in range(1, 41, 2):
        peer.headers(stream, request(extra=[("Bad", "1")]))
    assert send_sms(peer, stream=41).status == 201
    assert record.count() == 1
