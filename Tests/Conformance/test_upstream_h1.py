"""A provider that misbehaves over HTTP/1.1. A send is never duplicated: the provider counts what reaches it."""

import threading
import time

import pytest

from conftest import running
from lab.h1peer import Client, FORM, head, sms
from lab.h2peer import Peer, request, READ_PATH, SEND_PATH, PASS_PATH
from lab.h2peer import sms as h2_sms
from lab.processes import Gate, eventually, make_certificate
from lab.provider import CREATED, Provider, answer_created

LIMITS = {"connectTime": 3000, "firstByteTime": 1000, "totalTime": 2500, "stallTime": 1500, "bodyPauseTime": 1500}


@pytest.fixture(scope="module")
def fake(certificate):
    provider = Provider(certificate, "h1")
    yield provider
    provider.stop()


@pytest.fixture(scope="module")
def behind(certificate, fake):
    """A gate with short timers before the fake provider."""
    yield from running(Gate(certificate, fake.port, http2=False, limits=LIMITS))


@pytest.fixture
def provider(fake):
    fake.close_all()
    time.sleep(0.05)
    fake.forget()
    return fake


def send(gate, protocol="h1", **more):
    """One send. - Returns: (status, body, whole)."""
    if protocol == "h1":
        client = Client(gate.port)
        client.send(sms(**more))
        answer = client.read()
        client.close()
        assert answer is not None, "no answer at all"
        return answer.status, answer.body, answer.whole
    peer = Peer(gate.port)
    extra, body = h2_sms()
    peer.headers(1, request(SEND_PATH, "POST", extra=extra), end=False)
    peer.data(1, body, end=True)
    answer = peer.answer(1)
    peer.close()
    return answer.status, answer.body, answer.reset is None


def replies(octets, close=False):
    def respond(connection, request):
        connection.send(octets)
        return not close
    return respond


protocols = pytest.mark.parametrize("protocol", ["h1", "h2"])

GOOD = {
    "length": (b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}", False, 201, b"{}"),
    "chunked": (b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\nX-Trailer: 1\r\n\r\n", False, 201, b"{}"),
    "until-close": (b"HTTP/1.1 201 Created\r\n\r\n{}", True, 201, b"{}"),
    "until-close-http10": (b"HTTP/1.0 201 Created\r\n\r\n{}", True, 201, b"{}"),
    "100-first": (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}", False, 201, b"{}"),
    "103-first": (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 8 + b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}", False, 201, b"{}"),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", False, 204, b""),
    "304": (b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", False, 304, b""),
    "error": (b"HTTP/1.1 500 Oops\r\nContent-Length: 5\r\n\r\nsorry", False, 500, b"sorry"),
    "no-reason": (b"HTTP/1.1 201 \r\nContent-Length: 2\r\n\r\n{}", False, 201, b"{}"),
    "underscore": (b"HTTP/1.1 201 Created\r\nX_Y: 1\r\nContent-Length: 2\r\n\r\n{}", False, 201, b"{}"),
    "close": (b"HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", True, 201, b"{}"),
}


@protocols
@pytest.mark.parametrize("octets,close,status,body", GOOD.values(), ids=GOOD.keys())
def test_answer_is_passed_on(behind, provider, octets, close, status, body, protocol):
    provider.respond = replies(octets, close)
    assert send(behind, protocol) == (status, body, True)
    assert provider.count == 1


BAD = {
    "101": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
    "101-then-201": b"HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}",
    "nine-1xx": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 9 + b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}",
    "two-lengths": b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
    "length-and-chunked": b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "length-text": b"HTTP/1.1 201 Created\r\nContent-Length: x\r\n\r\n{}",
    "length-negative": b"HTTP/1.1 201 Created\r\nContent-Length: -1\r\n\r\n{}",
    "coding": b"HTTP/1.1 201 Created\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "folded": b"HTTP/1.1 201 Created\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\n{}",
    "bare-lf": b"HTTP/1.1 201 Created\nContent-Length: 2\n\n{}",
    "nul": b"HTTP/1.1 201 Created\r\nX: \0\r\nContent-Length: 2\r\n\r\n{}",
    "status-text": b"HTTP/1.1 abc Created\r\nContent-Length: 2\r\n\r\n{}",
    "status-4-digits": b"HTTP/1.1 2010 Created\r\nContent-Length: 2\r\n\r\n{}",
    "status-099": b"HTTP/1.1 099 What\r\nContent-Length: 2\r\n\r\n{}",
    "version": b"HTTP/3.0 201 Created\r\nContent-Length: 2\r\n\r\n{}",
    "not-http": b"220 smtp.example.com ESMTP\r\n\r\n",
    "no-colon": b"HTTP/1.1 201 Created\r\nGarbage\r\nContent-Length: 2\r\n\r\n{}",
    "name-space": b"HTTP/1.1 201 Created\r\nX : 1\r\nContent-Length: 2\r\n\r\n{}",
    "201-fields": b"HTTP/1.1 201 Created\r\n" + b"X: y\r\n" * 200 + b"Content-Length: 2\r\n\r\n{}",
    "head-64KiB": b"HTTP/1.1 201 Created\r\n" + b"".join(b"X-%d: %s\r\n" % (i, b"y" * 8000) for i in range(9)) + b"Content-Length: 2\r\n\r\n{}",
    "endless-line": b"HTTP/1.1 201 Created\r\nX: " + b"y" * 200_000,
}


@protocols
@pytest.mark.parametrize("octets", BAD.values(), ids=BAD.keys())
def test_malformed_answer(behind, provider, octets, protocol):
    provider.respond = replies(octets)
    status, body, whole = send(behind, protocol)
    assert status == 502 and whole
    assert provider.count == 1
    provider.respond = answer_created
    assert send(behind, protocol)[0] == 201          # and the connection is not used again
    assert provider.connections == 2


@pytest.mark.parametrize("count,status", [(199, 201), (200, 502)])
def test_response_fields(behind, provider, count, status):
    provider.respond = replies(b"HTTP/1.1 201 Created\r\n" + b"X: y\r\n" * count + b"Content-Length: 2\r\n\r\n{}")
    assert send(behind)[0] == status


BROKEN = {
    "length-short": b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{}",
    "chunk-short": b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{}",
    "chunk-no-end": b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    "chunk-malformed": b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nzz\r\n",
}


@protocols
@pytest.mark.parametrize("octets", BROKEN.values(), ids=BROKEN.keys())
def test_answer_breaks_off(behind, provider, octets, protocol):
    # The client must not take it for a whole answer.
    provider.respond = replies(octets, close=True)
    status, _, whole = send(behind, protocol)
    assert status == 502 or not whole
    assert provider.count == 1


@protocols
def test_until_close_cut_by_a_tcp_reset(behind, provider, protocol):
    def respond(connection, request):
        connection.send(b"HTTP/1.1 201 Created\r\n\r\n{")
        time.sleep(0.1)
        connection.kill()
        return False
    provider.respond = respond
    status, _, whole = send(behind, protocol)
    assert not whole or status == 502


@protocols
def test_killed_before_the_answer(behind, provider, protocol):
    def respond(connection, request):
        connection.kill()
        return False
    provider.respond = respond
    assert send(behind, protocol)[0] == 502
    time.sleep(0.3)
    assert provider.count == 1, "a send that may have been processed went out again"


@protocols
def test_closed_in_order_before_the_answer(behind, provider, protocol):
    provider.respond = lambda connection, request: False
    assert send(behind, protocol)[0] == 502
    time.sleep(0.3)
    assert provider.count == 1


def test_closed_on_a_reused_connection(behind, provider):
    # The provider drops the idle connection at the moment it is used again: the send may have been read.
    assert send(behind)[0] == 201
    provider.respond = lambda connection, request: False
    assert send(behind)[0] == 502
    assert provider.count == 2 and provider.connections == 1


def test_closed_while_idle(behind, provider):
    provider.respond = replies(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}", close=True)
    assert send(behind)[0] == 201
    time.sleep(0.2)
    provider.respond = answer_created
    assert send(behind)[0] == 201
    assert provider.count == 2 and provider.connections == 2


def test_connection_is_reused(behind, provider):
    for _ in range(5):
        assert send(behind)[0] == 201
    assert provider.connections == 1


def test_unsolicited_octets_on_an_idle_connection(behind, provider):
    def respond(connection, request):
        answer_created(connection, request)
        if connection.number == 1:
            time.sleep(0.1)
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
    provider.respond = respond
    assert send(behind)[0] == 201
    time.sleep(0.3)
    assert send(behind)[1] == CREATED
    assert provider.connections == 2


def test_more_octets_than_the_answer(behind, provider):
    provider.respond = replies(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
    assert send(behind)[:2] == (201, b"{}")
    provider.respond = answer_created
    assert send(behind)[1] == CREATED
    assert provider.connections == 2


def test_head_answer_with_a_body(behind, provider):
    provider.respond = replies(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
    client = Client(behind.port)
    client.send(head("HEAD", READ_PATH))
    answer = client.read(head_request=True)
    assert answer.status == 200 and answer.field("content-length") == "4"
    client.send(head("GET", READ_PATH))
    assert client.read().body == b"evil"
    assert provider.connections == 2


# Time

@protocols
def test_slow_first_byte(behind, provider, protocol):
    def respond(connection, request):
        time.sleep(3)
        return False
    provider.respond = respond
    start = time.monotonic()
    assert send(behind, protocol)[0] == 504
    assert 0.8 < time.monotonic() - start < 15         # 30 s without the setting
    time.sleep(0.8)
    assert provider.count == 1


@protocols
def test_interim_answers_do_not_stop_the_clock(behind, provider, protocol):
    def respond(connection, request):
        for _ in range(8):
            connection.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")
            time.sleep(0.3)
        return False
    provider.respond = respond
    assert send(behind, protocol)[0] == 504
    assert provider.count == 1


@protocols
def test_slow_head(behind, provider, protocol):
    def respond(connection, request):
        for octet in b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}":
            connection.send(bytes([octet]))
            time.sleep(0.1)
    provider.respond = respond
    assert send(behind, protocol)[0] == 504
    assert provider.count == 1


@protocols
def test_endless_answer(behind, provider, protocol):
    def respond(connection, request):
        connection.send(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(150):
            connection.send(b"1\r\nx\r\n")
            time.sleep(0.1)
    provider.respond = respond
    start = time.monotonic()
    _, _, whole = send(behind, protocol)
    assert not whole and time.monotonic() - start < 14


def test_answer_octet_by_octet(behind, provider):
    def respond(connection, request):
        for octet in b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\n{\r\n1\r\n}\r\n0\r\nX: y\r\n\r\n":
            connection.send(bytes([octet]))
    provider.respond = respond
    assert send(behind) == (201, b"{}", True)


# Early answers

@protocols
def test_answer_before_the_body_is_complete(behind, provider, protocol):
    # A streamed request: the provider answers after the head and reads nothing more.
    def respond(connection, request):
        connection.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\n{}")
        return False
    respond.streams = True
    provider.respond = respond
    if protocol == "h1":
        client = Client(behind.port)
        client.send(head(target=PASS_PATH, fields=[FORM, ("Content-Length", "100000")]) + b"x" * 1000)
        answer = client.read()
        assert answer.status == 413 and answer.closes
    else:
        peer = Peer(behind.port)
        peer.headers(1, request(PASS_PATH, "POST", extra=[("content-type", FORM[1])]), end=False)
        peer.data(1, b"x" * 1000)
        assert peer.answer(1).status == 413
        peer.ping()
    provider.respond = answer_created
    assert send(behind)[0] == 201
    assert provider.connections == 2, "a connection in the middle of a request was used again"


@protocols
def test_streamed_request(behind, provider, protocol):
    body = bytes(range(256)) * 2000
    if protocol == "h1":
        client = Client(behind.port)
        client.send(head(target=PASS_PATH, fields=[FORM, ("Transfer-Encoding", "chunked")]))
        for start in range(0, len(body), 50_000):
            piece = body[start:start + 50_000]
            client.send(b"%x\r\n" % len(piece) + piece + b"\r\n")
        client.send(b"0\r\n\r\n")
        assert client.read().status == 201
    else:
        peer = Peer(behind.port)
        peer.headers(1, request(PASS_PATH, "POST", extra=[("content-type", FORM[1])]), end=False)
        for start in range(0, len(body), 16384):
            peer.data(1, body[start:start + 16384], end=start + 16384 >= len(body))
            peer.read_for(0.01)
        assert peer.answer(1).status == 201
    assert [r.body for r in provider.requests] == [body]


@protocols
def test_streamed_request_is_cut_by_the_client(behind, provider, protocol):
    # The provider must not take what came for a whole request.
    if protocol == "h1":
        client = Client(behind.port)
        client.send(head(target=PASS_PATH, fields=[FORM, ("Transfer-Encoding", "chunked")]) + b"5\r\nhello\r\n")
        time.sleep(0.1)
        client.send(b"zz\r\n")
        assert client.is_over()
    else:
        peer = Peer(behind.port)
        peer.headers(1, request(PASS_PATH, "POST", extra=[("content-type", FORM[1])]), end=False)
        peer.data(1, b"hello")
        peer.read_for(0.1)
        from lab.h2peer import rst
        peer.send(rst(1))
        peer.ping()
    time.sleep(0.2)
    assert provider.count == 0


def test_connection_window_survives_cut_uploads(certificate):
    # What a cut upload left unconsumed must be given back to the connection's window, or it runs dry. The provider never
    # finishes its handshake, so all that the client sends stays with the gate.
    import socket
    from lab.h2peer import WINDOW_UPDATE, rst
    listener = socket.create_server(("127.0.0.1", 0))
    for gate in running(Gate(certificate, listener.getsockname()[1], http2=False, limits=LIMITS)):
        peer = Peer(gate.port)
        for index in range(24):
            stream = 1 + 2 * index
            peer.headers(stream, request(PASS_PATH, "POST", extra=[("content-type", FORM[1])]), end=False)
            for _ in range(4):
                peer.data(stream, bytes(16000))
            peer.send(rst(stream))
            peer.read_for(0.02)
        peer.ping()
        granted = 65535 + sum(f.window_increment for f in peer.frames if f.type == WINDOW_UPDATE and f.stream_id == 0)
        assert granted - 24 * 64000 > 65536
    listener.close()


def test_waiting_requests_get_the_place_of_a_closed_connection(certificate, provider):
    # Two connections at a time, and the provider closes each behind its answer: the other requests must not starve.
    provider.respond = replies(b"HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", close=True)
    for gate in running(Gate(certificate, provider.port, http2=False, limits={**LIMITS, "upstreamConnections": 2})):
        peer = Peer(gate.port)
        for index in range(20):
            extra, body = h2_sms(text=str(index))
            peer.headers(1 + 2 * index, request(SEND_PATH, "POST", extra=extra), end=False)
            peer.data(1 + 2 * index, body, end=True)
        assert {peer.answer(1 + 2 * index).status for index in range(20)} == {201}
        assert provider.count == 20 and len({r.body for r in provider.requests}) == 20


# TLS

def test_wrong_certificate(folder, certificate, record):
    other = make_certificate(folder, "other")
    provider = Provider(other, "h1")
    for gate in running(Gate(certificate, provider.port, http2=False, limits=LIMITS)):
        status, body, _ = send(gate)
        assert status == 502 and provider.count == 0
    provider.stop()


def test_certificate_for_another_name(folder, certificate):
    other = make_certificate(folder, "elsewhere", names=("elsewhere.example",))
    provider = Provider(other, "h1")
    for gate in running(Gate(certificate, provider.port, http2=False, limits=LIMITS, trust=other[0])):
        assert send(gate)[0] == 502 and provider.count == 0
    provider.stop()


def test_provider_does_not_listen(certificate):
    for gate in running(Gate(certificate, 1, http2=False, limits=LIMITS)):
        assert send(gate)[0] == 502
        assert send(gate, "h2")[0] == 502


def test_provider_accepts_and_says_nothing(certificate):
    import socket
    listener = socket.create_server(("127.0.0.1", 0))
    for gate in running(Gate(certificate, listener.getsockname()[1], http2=False, limits=LIMITS)):
        start = time.monotonic()
        assert send(gate)[0] in (502, 504)
        assert time.monotonic() - start < 19
    listener.close()
