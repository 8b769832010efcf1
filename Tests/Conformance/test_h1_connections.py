"""Life of an HTTP/1.1 connection: keep-alive, pipelining, 100-continue, HEAD, HTTP/1.0, upgrades, limits and timers."""

import concurrent.futures
import time

import pytest

from conftest import running
from lab.h1peer import Client, FORM, head, sms
from lab.processes import BLOCKED_PHONE, Gate

BODY = b"To=%2B14155550100&From=%2B14155559999&Body=hi"
BLOCKED = b"To=%2B14155550123&From=%2B14155559999&Body=blocked"
NOWHERE = "/nowhere"


def numbered(index):
    return b"To=%2B14155550100&From=%2B14155559999&Body=" + str(index).encode()


# Keep-alive

@pytest.mark.parametrize("version,connection,stays", [
    ("HTTP/1.1", None, True), ("HTTP/1.1", "close", False), ("HTTP/1.1", "keep-alive", True), ("HTTP/1.1", "x, CLOSE", False),
    ("HTTP/1.1", "keep-alive, close", False), ("HTTP/1.0", None, False), ("HTTP/1.0", "keep-alive", True), ("HTTP/1.0", "close", False)])
def test_keep_alive(client, record, version, connection, stays):
    client.send(sms(version=version, fields=[("Connection", connection)] if connection else []))
    answer = client.read()
    assert answer.status == 201 and answer.closes != stays
    if version == "HTTP/1.0" and stays:
        assert answer.field("connection") == "keep-alive"
    if stays:
        client.send(sms())
        assert client.read().status == 201
    else:
        assert client.is_over()
    assert record.count() == (2 if stays else 1)


def test_a_connection_that_was_silent_goes_on(client, record):
    """After a second without a byte the gate gives back the buffers of the connection's TLS: between requests and within one."""
    client.send(sms(numbered(0)))
    assert client.read().status == 201
    time.sleep(1.4)
    request = sms(numbered(1))
    client.send(request[:50])
    time.sleep(1.4)
    client.send(request[50:])
    assert client.read().status == 201
    assert [r["body"] for r in record.requests()] == [numbered(0), numbered(1)]


def test_connection_nominated_field_is_not_passed_on(client, record):
    client.send(sms(fields=[("Connection", "x-hop"), ("X-Hop", "1"), ("Keep-Alive", "timeout=5"), ("X-End", "1")]))
    assert client.read().status == 201
    names = [n for n, _ in record.requests()[0]["fields"]]
    assert "x-end" in names and not {"x-hop", "keep-alive", "connection"} & set(names)


@pytest.mark.parametrize("count,status", [(1, 201), (2, 201), (3, 400)])
def test_blank_lines_before_a_request(client, record, count, status):
    client.send(b"\r\n" * count + sms())
    assert client.read().status == status


# Pipelining: judged one by one

def test_pipelined_requests(client, record):
    client.send(b"".join(sms(numbered(i)) for i in range(20)))
    assert [client.read().status for _ in range(20)] == [201] * 20
    assert [r["body"] for r in record.requests()] == [numbered(i) for i in range(20)]


def test_pipelined_blocked_one_is_not_sent(client, record):
    client.send(sms(numbered(0)) + sms(BLOCKED) + sms(numbered(2)))
    assert [client.read().status for _ in range(3)] == [201, 400, 201]
    assert [r["body"] for r in record.requests()] == [numbered(0), numbered(2)]


def test_pipelined_behind_a_malformed_one(client, record):
    client.send(sms(numbered(0)) + head(fields=[("Content-Length", "x")]) + sms(numbered(2)))
    assert client.read().status == 201
    assert client.read().status == 400
    assert client.is_over()
    assert [r["body"] for r in record.requests()] == [numbered(0)]


def test_pipelined_octet_by_octet(client, record):
    octets = sms(numbered(0)) + sms(numbered(1))
    for index in range(len(octets)):
        client.send(octets[index:index + 1])
    assert [client.read().status for _ in range(2)] == [201] * 2


def test_pipelined_answers_keep_their_order(client, record):
    record.behave(delayMilliseconds=200)
    client.send(sms(numbered(0)) + head("GET", NOWHERE) + sms(BLOCKED))
    assert [client.read().status for _ in range(3)] == [201, 404, 400]
    record.behave()


# 100-continue

def test_expect_continue(client, record):
    octets = sms(fields=[("Expect", "100-continue")])
    split = octets.index(b"\r\n\r\n") + 4
    client.send(octets[:split])
    client.sock.settimeout(3)
    assert client.sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.send(octets[split:])
    answer = client.read()
    assert answer.status == 201 and answer.interim == []
    assert "expect" not in [n for n, _ in record.requests()[0]["fields"]]


def test_expect_continue_is_answered_by_a_refusal_at_once(client, record):
    client.send(head(target="/nowhere", fields=[FORM, ("Content-Length", "5"), ("Expect", "100-continue")]))
    answer = client.read()
    assert answer.status == 404 and answer.interim == [] and answer.closes


def test_expect_continue_too_large(client, record):
    client.send(head(fields=[FORM, ("Content-Length", str(2 << 20)), ("Expect", "100-continue")]))
    answer = client.read()
    assert answer.status == 413 and answer.interim == [] and answer.closes


def test_expect_continue_from_http10_is_ignored(client, record):
    client.send(sms(version="HTTP/1.0", fields=[("Expect", "100-continue")]))
    answer = client.read()
    assert answer.status == 201 and answer.interim == []


# HEAD, GET

def test_head(client, record):
    client.send(head("HEAD") + head("GET"))
    answer = client.read(head_request=True)
    assert answer.status == 200 and answer.field("content-length") == "13"
    assert client.read().body == b'{"mock":true}'


def test_head_that_is_refused_has_no_body(client, record):
    client.send(head("HEAD", NOWHERE) + head("GET", NOWHERE))
    assert client.read(head_request=True).status == 404
    assert client.read().status == 404


def test_get_with_a_body_is_refused(client, record):
    client.send(head("GET", fields=[("Content-Length", "5")]) + b"hello")
    answer = client.read()
    assert 400 <= answer.status < 500 and record.count() == 0


# Upgrades

@pytest.mark.parametrize("fields", [
    [("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c"), ("HTTP2-Settings", "AAMAAABkAAQAAP__")],
    [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")],
], ids=["h2c", "websocket"])
def test_upgrade_is_not_passed_on(client, record, fields):
    client.send(sms(fields=fields))
    answer = client.read()
    assert answer.status == 201 or 400 <= answer.status < 500
    for request in record.requests():
        assert not {"upgrade", "connection", "http2-settings"} & {n for n, _ in request["fields"]}


@pytest.mark.parametrize("name", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "X-Real-IP",
                                  "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Stopgate-Anything"])
def test_field_is_dropped(client, record, name):
    client.send(sms(fields=[(name, "x")]))
    assert client.read().status == 201
    assert name.lower() not in [n for n, _ in record.requests()[0]["fields"]]


def test_a_program_nobody_declared_is_refused(client, record):
    """Read as no program it would be judged otherwise than its sender meant."""
    client.send(sms(fields=[("Stopgate-Program", "x")]))
    assert client.read().status == 400


# Limits

@pytest.mark.parametrize("length,status", [(8192, 404), (8193, 414)])
def test_request_line_length(client, length, status):
    path = "/" + "x" * (length - len("GET / HTTP/1.1"))
    octets = head("GET", path)
    assert octets.index(b"\r\n") == length
    client.send(octets)
    answer = client.read()
    assert answer.status == status and answer.closes == (status == 414)


@pytest.mark.parametrize("length,status", [(8192, 404), (8193, 431)])
def test_field_line_length(client, length, status):
    client.send(head("GET", NOWHERE, fields=[("X", "x" * (length - 3))]))
    assert client.read().status == status


@pytest.mark.parametrize("size,status", [(32768, 404), (32769, 431)])
def test_all_fields_size(client, size, status):
    fields, left = [], size - len("Host: localhost\r\n")
    while left > 0:
        line = 8000 if left > 8192 else left
        fields.append((f"X{len(fields)}", "x" * (line - 6)))
        left -= line
    octets = head("GET", NOWHERE, fields=fields)
    assert len(octets) - octets.index(b"\r\n") - 4 == size
    client.send(octets)
    assert client.read().status == status


@pytest.mark.parametrize("count,status", [(100, 404), (101, 431)])
def test_field_count(client, count, status):
    client.send(head("GET", NOWHERE, fields=[(f"X{i}", "x") for i in range(count - 1)]))
    assert client.read().status == status


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize("size,status", [(1 << 20, 201), ((1 << 20) + 1, 413)])
def test_body_size(client, record, chunked, size, status):
    # The value limit of a form is 256 KiB: several values make up the megabyte.
    start = BODY
    while len(start) < size:
        start += b"&Tags=" + b"x" * min(200_000, max(size - len(start) - 6, 0))
    body = start[:size]
    if chunked:
        client.send(head(fields=[FORM, ("Transfer-Encoding", "chunked")]) + b"%x\r\n" % size + body + b"\r\n0\r\n\r\n")
    else:
        client.send(head(fields=[FORM, ("Content-Length", str(size))]) + body)
    answer = client.read()
    if status == 413:
        assert answer.status == 413 and record.count() == 0
    else:
        assert answer.status != 413


@pytest.fixture(scope="module")
def quick(certificate, mock):
    """A gate whose patience is a second or so."""
    yield from running(Gate(certificate, mock.port, limits={
        "headTime": 1000, "bodyPauseTime": 1000, "bodyTime": 4000, "leastBodyRateGrace": 2000, "idleTime": 1500, "handshakeTime": 1000,
        "requestsPerConnection": 5, "bufferedBodies": 4 << 20}))


def test_requests_per_connection(quick, record):
    client = Client(quick.port)
    for index in range(5):
        client.send(sms())
        answer = client.read()
        assert answer.status == 201 and answer.closes == (index == 4)
    assert client.is_over()


def test_lingering_close_lets_the_refused_client_read(gate, record):
    # The client is still uploading when the answer comes; a reset would destroy it.
    for _ in range(10):
        client = Client(gate.port)
        client.send(head(fields=[FORM, ("Content-Length", str(2 << 20))]))
        client.send(b"x" * 40_000)
        time.sleep(0.02)
        client.send(b"x" * 10_000)
        answer = client.read()
        assert answer is not None and answer.status == 413 and answer.closes and answer.whole
        client.close()
    assert record.count() == 0


# Timers, all at once: what to do, then the time in which the connection has to end: shorter than without the fixture's limits.

def _slow_head(client):
    client.send(b"POST /twilio HTTP/1.1\r\nHost: loc")


def _trickled_head(client):
    client.send(b"POST /twilio HTTP/1.1\r\nHost: localhost\r\n")
    for index in range(20):
        if not client.send(b"X: y\r\n"):
            break
        time.sleep(0.2)


def _slow_blank(client):
    client.send(b"\r\n")


def _paused_body(client):
    client.send(head(fields=[FORM, ("Content-Length", "50")]) + b"To=")


def _trickled_body(client):
    client.send(head(fields=[FORM, ("Content-Length", "5000")]))
    for _ in range(30):
        if not client.send(b"x"):
            break
        time.sleep(0.2)


def _trickled_chunks(client):
    client.send(head(fields=[FORM, ("Transfer-Encoding", "chunked")]))
    for _ in range(30):
        if not client.send(b"1\r\nx\r\n"):
            break
        time.sleep(0.2)


def _endless_extension(client):
    client.send(head(fields=[FORM, ("Transfer-Encoding", "chunked")]) + b"1;a")


def _idle(client):
    pass


def _idle_after_request(client):
    client.send(sms())
    assert client.read().status == 201


SLOW = {
    "head": (_slow_head, 0.8, 9.5), "head-trickled": (_trickled_head, 0.8, 9.5), "blank": (_slow_blank, 0.8, 9.5), "body": (_paused_body, 0.8, 9.5),
    "body-trickled": (_trickled_body, 1.5, 25), "chunks-trickled": (_trickled_chunks, 1.5, 25), "extension": (_endless_extension, 0.8, 9.5),
    "idle": (_idle, 1.2, 25), "idle-after-request": (_idle_after_request, 1.2, 25),
}


def test_slow_clients_are_ended(quick, record):
    def run(case):
        act, least, most = case
        client = Client(quick.port)
        start = time.monotonic()
        act(client)
        client.seconds_until_over(30)
        return time.monotonic() - start

    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        futures = {f"{name}-{i}": pool.submit(run, case) for name, case in SLOW.items() for i in range(4)}
        for name, future in futures.items():
            _, least, most = SLOW[name.rsplit("-", 1)[0]]
            assert least <= future.result() <= most, f"{name}: {future.result():.1f} s"


def test_slow_body_is_answered(quick, record):
    client = Client(quick.port)
    client.send(head(fields=[FORM, ("Content-Length", "50")]) + b"To=")
    answer = client.read()
    assert answer.status == 400 and answer.closes          # not 408: SDKs send that again
    assert record.count() == 0


def test_slow_handshake(quick):
    import socket
    raw = socket.create_connection(("127.0.0.1", quick.port))
    raw.settimeout(5)
    start = time.monotonic()
    raw.send(b"\x16\x03\x01")
    try:
        assert raw.recv(100) == b""
    except ConnectionError:
        pass
    assert 0.8 < time.monotonic() - start < 4.9      # 5 s without the setting


def test_steady_body_over_a_long_time_passes(quick, record):
    client = Client(quick.port)
    body = BODY + b"&Tags=" + b"x" * 12_000
    client.send(head(fields=[FORM, ("Content-Length", str(len(body)))]))
    for start in range(0, len(body), 2000):
        client.send(body[start:start + 2000])
        time.sleep(0.4)
    assert client.read().status == 201


def test_buffered_bodies_budget(quick, record):
    # 4 MiB for the process: mails of 1 MiB, unfinished, until one is turned away; small sends pass again afterwards.
    clients, refused = [], 0
    for _ in range(6):
        client = Client(quick.port)
        client.send(head(target="/sendgrid/v3/mail/send", fields=[("Content-Type", "application/json"), ("Content-Length", str(8 << 20))]))
        client.send(b"{" + b" " * (1 << 20))
        clients.append(client)
    for client in clients:
        answer = client.read()
        assert answer.status in (503, 400)
        refused += answer.status == 503
        client.close()
    assert refused >= 1
    client = Client(quick.port)
    client.send(sms())
    assert client.read().status == 201
