"""A provider that misbehaves over HTTP/2. Only what the provider says it has not looked at is sent again."""

import struct
import time

import pytest

from conftest import running
from lab.h1peer import Client, FORM, head, sms
from lab.h2peer import (CANCEL, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, FLOW_CONTROL_ERROR, GOAWAY, HEADERS, INTERNAL_ERROR, NO_ERROR, PASS_PATH,
                        PING, PROTOCOL_ERROR, READ_PATH, REFUSED_STREAM, SEND_PATH, SETTINGS, Peer, block, frame, literal, request, rst, settings)
from lab.h2peer import sms as h2_sms
from lab.processes import Gate, eventually
from lab.provider import CREATED, Provider, answer_created
from test_upstream_h1 import LIMITS, protocols, send


@pytest.fixture(scope="module")
def fake(certificate):
    provider = Provider(certificate, "h2")
    yield provider
    provider.stop()


@pytest.fixture(scope="module")
def behind(certificate, fake):
    yield from running(Gate(certificate, fake.port, limits=LIMITS))


@pytest.fixture
def provider(fake):
    fake.close_all()
    time.sleep(0.05)
    fake.forget()
    return fake


def goaway(last, code=NO_ERROR):
    return frame(GOAWAY, 0, 0, struct.pack(">II", last, code))


@protocols
def test_answer(behind, provider, protocol):
    assert send(behind, protocol) == (201, CREATED, True)
    assert provider.count == 1


@protocols
def test_refused_stream_is_sent_again(behind, provider, protocol):
    refusals = []

    def respond(connection, request):
        if not refusals:
            refusals.append(1)
            connection.send(rst(request.stream, REFUSED_STREAM))
        else:
            answer_created(connection, request)
    provider.respond = respond
    assert send(behind, protocol)[0] == 201
    assert provider.count == 2          # the first was declared unprocessed
    assert provider.requests[0].body == provider.requests[1].body


@protocols
def test_always_refused_is_given_up(behind, provider, protocol):
    provider.respond = lambda c, r: c.send(rst(r.stream, REFUSED_STREAM))
    assert send(behind, protocol)[0] == 502
    assert provider.count <= 4


@pytest.mark.parametrize("code", [NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, CANCEL, ENHANCE_YOUR_CALM, 0xff])
@protocols
def test_other_resets_are_not_sent_again(behind, provider, protocol, code):
    provider.respond = lambda c, r: c.send(rst(r.stream, code))
    assert send(behind, protocol)[0] == 502
    time.sleep(0.2)
    assert provider.count == 1


def test_refused_after_the_answer_began(behind, provider):
    def respond(connection, request):
        connection.answer(request.stream, [(":status", "201")], b"{", end=False)
        connection.send(rst(request.stream, REFUSED_STREAM))
    provider.respond = respond
    status, _, whole = send(behind, "h2")
    assert status == 502 or not whole
    time.sleep(0.2)
    assert provider.count == 1


@protocols
def test_goaway_that_excludes_the_request(behind, provider, protocol):
    def respond(connection, request):
        if connection.number == 1:
            connection.send(goaway(0))
            time.sleep(0.3)
            return False
        answer_created(connection, request)
    provider.respond = respond
    assert send(behind, protocol)[0] == 201
    assert provider.count == 2 and provider.connections == 2


@protocols
def test_goaway_that_includes_the_request(behind, provider, protocol):
    def respond(connection, request):
        connection.send(goaway(request.stream))
        time.sleep(0.1)
        answer_created(connection, request)
    provider.respond = respond
    assert send(behind, protocol)[0] == 201
    assert provider.count == 1
    provider.respond = answer_created
    assert send(behind, protocol)[0] == 201
    assert provider.connections == 2


@protocols
def test_goaway_that_includes_the_request_then_close(behind, provider, protocol):
    def respond(connection, request):
        connection.send(goaway(request.stream))
        time.sleep(0.1)
        return False
    provider.respond = respond
    assert send(behind, protocol)[0] == 502
    time.sleep(0.2)
    assert provider.count == 1


def test_goaway_before_any_request(behind, provider):
    def accepted(connection):
        if connection.number == 1:
            connection.send(settings() + goaway(0))
            time.sleep(0.5)
            raise EOFError
    provider.accepted = accepted
    assert send(behind)[0] == 201
    assert provider.count == 1


def test_goaway_storm(behind, provider):
    # Every connection is told to go after one request: all are served, each once.
    def respond(connection, request):
        answer_created(connection, request)
        connection.send(goaway(request.stream))
    provider.respond = respond
    for _ in range(20):
        assert send(behind)[0] == 201
    assert provider.count == 20


@protocols
def test_killed_before_the_answer(behind, provider, protocol):
    provider.respond = lambda c, r: c.kill() or False
    assert send(behind, protocol)[0] == 502
    time.sleep(0.2)
    assert provider.count == 1


@protocols
def test_killed_in_the_answer(behind, provider, protocol):
    def respond(connection, request):
        connection.answer(request.stream, [(":status", "201"), ("content-length", "100")], b"{", end=False)
        time.sleep(0.1)
        connection.kill()
        return False
    provider.respond = respond
    status, _, whole = send(behind, protocol)
    assert not whole
    assert provider.count == 1


@protocols
def test_slow_first_byte(behind, provider, protocol):
    provider.respond = lambda c, r: None
    assert send(behind, protocol)[0] == 504
    eventually(lambda: provider.resets, what="our RST_STREAM to the provider")
    assert provider.count == 1


@protocols
def test_interim_answers(behind, provider, protocol):
    def respond(connection, request):
        for _ in range(3):
            connection.h2.send_headers(request.stream, [(":status", "103"), ("link", "</x>")])
        answer_created(connection, request)
    provider.respond = respond
    assert send(behind, protocol) == (201, CREATED, True)


@protocols
def test_endless_interim_answers(behind, provider, protocol):
    def respond(connection, request):
        for _ in range(30):
            connection.h2.send_headers(request.stream, [(":status", "103")])
            connection.flush()
            time.sleep(0.1)
    provider.respond = respond
    assert send(behind, protocol)[0] in (502, 504)
    assert provider.count == 1


MALFORMED = {
    "101": [(":status", "101")],
    "no-status": [("x-test", "1")],
    "status-text": [(":status", "abc")],
    "status-099": [(":status", "099")],
    "status-twice": [(":status", "201"), (":status", "200")],
    "status-last": [("x-test", "1"), (":status", "201")],
    "request-pseudo": [(":status", "201"), (":path", "/")],
    "upper-case": [(":status", "201"), ("X-Test", "1")],
    "connection": [(":status", "201"), ("connection", "close")],
    "transfer-encoding": [(":status", "201"), ("transfer-encoding", "chunked")],
    "lf-in-value": [(":status", "201"), ("x-test", "a\nb: c")],
    "nul-in-value": [(":status", "201"), ("x-test", "a\0b")],
    "name-space": [(":status", "201"), ("x test", "1")],
    "length-text": [(":status", "201"), ("content-length", "x")],
    "length-twice": [(":status", "201"), ("content-length", "2"), ("content-length", "3")],
}


@protocols
@pytest.mark.parametrize("fields", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_answer(behind, provider, fields, protocol):
    provider.respond = lambda c, r: c.send(frame(HEADERS, END_HEADERS, r.stream, block(fields)) + frame(DATA, END_STREAM, r.stream, b"{}"))
    status, _, whole = send(behind, protocol)
    assert status == 502 and whole
    assert provider.count == 1
    provider.respond = answer_created
    assert send(behind, protocol)[0] == 201


@protocols
@pytest.mark.parametrize("length,data", [("3", b"{}"), ("1", b"{}"), ("2", b"")])
def test_content_length_mismatch(behind, provider, length, data, protocol):
    provider.respond = lambda c, r: c.send(
        frame(HEADERS, END_HEADERS, r.stream, block([(":status", "201"), ("content-length", length)])) + frame(DATA, END_STREAM, r.stream, data))
    status, _, whole = send(behind, protocol)
    assert status == 502 or not whole
    assert provider.count == 1


OUT_OF_PLACE = {
    "data-before-head": [(DATA, 0, b"{}"), (HEADERS, END_HEADERS, [(":status", "201")]), (DATA, END_STREAM, b"")],
    "interim-ends": [(HEADERS, END_HEADERS | END_STREAM, [(":status", "103")])],
    "data-behind-interim": [(HEADERS, END_HEADERS, [(":status", "103")]), (DATA, END_STREAM, b"{}")],
    "data-behind-204": [(HEADERS, END_HEADERS, [(":status", "204")]), (DATA, END_STREAM, b"{}")],
    "length-of-204": [(HEADERS, END_HEADERS | END_STREAM, [(":status", "204"), ("content-length", "2")])],
    "length-without-body": [(HEADERS, END_HEADERS | END_STREAM, [(":status", "201"), ("content-length", "2")])],
    "pseudo-in-trailers": [(HEADERS, END_HEADERS, [(":status", "201")]), (DATA, 0, b"{}"), (HEADERS, END_HEADERS | END_STREAM, [(":status", "200")])],
    "lf-in-trailers": [(HEADERS, END_HEADERS, [(":status", "201")]), (DATA, 0, b"{}"), (HEADERS, END_HEADERS | END_STREAM, [("x-test", "a\nb")])],
    "trailers-go-on": [
        (HEADERS, END_HEADERS, [(":status", "201")]), (DATA, 0, b"{}"), (HEADERS, END_HEADERS, [("x-test", "1")]), (DATA, END_STREAM, b"{}")],
}


@protocols
@pytest.mark.parametrize("frames", OUT_OF_PLACE.values(), ids=OUT_OF_PLACE.keys())
def test_parts_out_of_place(behind, provider, frames, protocol):
    # RFC 9113 section 8.1: what spans the frames of a message.
    def respond(connection, request):
        for kind, flags, content in frames:
            connection.send(frame(kind, flags, request.stream, content if isinstance(content, bytes) else block(content)))
    provider.respond = respond
    status, _, whole = send(behind, protocol)
    assert status == 502 or not whole
    assert provider.count == 1
    provider.respond = answer_created
    assert send(behind, protocol)[0] == 201


def test_oversized_head(behind, provider):
    def respond(connection, request):
        whole = block([(":status", "201")] + [(f"x-{i}", "y" * 8000) for i in range(9)])
        connection.send(frame(HEADERS, 0, request.stream, whole[:16000]))
        for start in range(16000, len(whole), 16000):
            last = start + 16000 >= len(whole)
            connection.send(frame(9, END_HEADERS if last else 0, request.stream, whole[start:start + 16000]))
        connection.send(frame(DATA, END_STREAM, request.stream, b"{}"))
    provider.respond = respond
    assert send(behind, "h1")[0] == 502
    assert send(behind, "h2")[0] == 502
    assert provider.count == 2


def test_trailers_are_dropped(behind, provider):
    def respond(connection, request):
        connection.answer(request.stream, [(":status", "201")], CREATED, end=False)
        connection.h2.send_headers(request.stream, [("x-trailer", "1")], end_stream=True)
        connection.flush()
    provider.respond = respond
    assert send(behind, "h1") == (201, CREATED, True)
    assert send(behind, "h2") == (201, CREATED, True)


def test_answer_before_the_body_is_complete(behind, provider):
    def respond(connection, request):
        connection.answer(request.stream, [(":status", "413")], b"{}")
    respond.streams = True
    provider.respond = respond
    client = Client(behind.port)
    client.send(head(target=PASS_PATH, fields=[FORM, ("Content-Length", "100000")]) + b"x" * 1000)
    answer = client.read()
    assert answer.status == 413 and answer.closes
    peer = Peer(behind.port)
    peer.headers(1, request(PASS_PATH, "POST", extra=[("content-type", FORM[1])]), end=False)
    peer.data(1, b"x" * 1000)
    assert peer.answer(1).status == 413
    peer.ping()


def test_few_streams_allowed(behind, provider):
    # The provider takes two at a time: the others wait, and none is lost or doubled.
    import h2.settings
    provider.settings = {h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 2}

    def respond(connection, request):
        time.sleep(0.01)
        answer_created(connection, request)
    provider.respond = respond
    peer = Peer(behind.port)
    for index in range(40):
        extra, body = h2_sms(text=str(index))
        peer.headers(1 + 2 * index, request(SEND_PATH, "POST", extra=extra), end=False)
        peer.data(1 + 2 * index, body, end=True)
    assert {peer.answer(1 + 2 * index).status for index in range(40)} == {201}
    bodies = [r.body for r in provider.requests]
    assert len(set(bodies)) == 40
    assert len(bodies) == 40, "a send was sent twice"


@pytest.mark.parametrize("octets", [
    frame(PING, 0, 0, b"short"), frame(SETTINGS, 0, 0, b"12345"), frame(DATA, 0, 0, b"x"), frame(HEADERS, END_HEADERS, 2, b"\x88"),
    frame(0, 0, 99, b"x"), b"HTTP/1.1 400 Bad Request\r\n\r\n" * 3, frame(HEADERS, END_HEADERS, 1, b"\x80")],
    ids=["ping", "settings", "data-0", "even-stream", "unknown-stream", "http1", "hpack"])
def test_connection_error(behind, provider, octets):
    def respond(connection, request):
        if provider.count > 1:
            return answer_created(connection, request)
        connection.send(octets)
        time.sleep(0.3)
        return False
    provider.respond = respond
    assert send(behind)[0] == 502
    time.sleep(0.1)
    assert provider.count == 1
    assert send(behind)[0] == 201


def test_request_in_the_providers_words(behind, provider):
    # HTTP/1.1 in, HTTP/2 out: pseudo-fields first, nothing of HTTP/1.1 left.
    client = Client(behind.port)
    client.send(sms(fields=[("Connection", "x-hop, keep-alive"), ("X-Hop", "1"), ("Keep-Alive", "timeout=5"), ("TE", "trailers"), ("X-Mixed-Case", "Kept As It Is"),
                            ("Cookie", "a=1; b=2"), ("Authorization", "Basic x"), ("Upgrade", "h2c")]))
    answer = client.read()
    assert answer.status == 201
    fields = provider.requests[0].fields
    names = [n for n, _ in fields]
    assert names[:4] == [":method", ":scheme", ":authority", ":path"] and all(n == n.lower() for n in names)
    assert dict(fields)["x-mixed-case"] == "Kept As It Is" and dict(fields)["authorization"] == "Basic x"
    assert not {"connection", "x-hop", "keep-alive", "te", "upgrade", "host", "transfer-encoding"} & set(names)
    assert dict(fields)["content-length"] == str(len(provider.requests[0].body))
    assert "; ".join(v for n, v in fields if n == "cookie") == "a=1; b=2"
