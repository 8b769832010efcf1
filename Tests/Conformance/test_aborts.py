"""Clients and providers that vanish or stall. The gate stays up, its memory is bounded, its descriptors come back, and no
send is doubled. Meant to be run against an AddressSanitizer build too (README)."""

import collections
import random
import struct
import threading
import time

import pytest

from conftest import running
from lab.h1peer import Client, FORM, head, sms
from lab.h2peer import (END_HEADERS, END_STREAM, GOAWAY, MAIL_PATH, PASS_PATH, READ_PATH, REFUSED_STREAM, SEND_PATH, Answer, Peer, frame, request, rst, settings,
                        window_update)
from lab.h2peer import sms as h2_sms
from lab.processes import Gate, eventually
from lab.provider import CREATED, H2Connection, Provider, answer_created

LIMITS = {"connectTime": 5000, "firstByteTime": 15_000, "totalTime": 6000, "stallTime": 3000, "bodyPauseTime": 1500, "requestsPerConnection": 100_000,
          "resetBurst": 100_000, "glitchBurst": 100_000, "upstreamIdleTime": 1500, "idleTime": 3000}
CHUNK = bytes(range(256)) * 256


@pytest.fixture(scope="module", params=["h1", "h2"])
def fake(request, certificate):
    provider = Provider(certificate, request.param)
    yield provider
    provider.stop()


@pytest.fixture(scope="module")
def behind(certificate, fake):
    yield from running(Gate(certificate, fake.port, http2=fake.protocol == "h2", limits=LIMITS))


@pytest.fixture
def provider(fake):
    fake.close_all()
    time.sleep(0.05)
    fake.forget()
    return fake


@pytest.fixture
def bounded(behind, provider):
    """Checks what the test leaves behind: descriptors as before, memory by no more than 64 MiB above."""
    descriptors = behind.descriptors()
    before = behind.resident_kib()
    yield
    assert behind.is_alive(), behind.error_text()
    provider.close_all()
    eventually(lambda: behind.descriptors() <= descriptors + 2, 30, f"{descriptors} descriptors, as before (now {behind.descriptors()})")
    grown = behind.resident_kib() - before
    assert grown < 64 << 10, f"{grown} KiB more than before"
    provider.respond = answer_created
    client = Client(behind.port)
    client.send(sms())
    answer = client.read()
    assert answer.status == 201, answer.body
    client.close()


def download(size):
    """A provider that answers with `size` octets as fast as they are taken."""
    def respond(connection, request):
        if isinstance(connection, H2Connection):
            connection.h2.send_headers(request.stream, [(":status", "200")])
            connection.flush()
            left = size
            # As much as the window allows; the rest would need the reading loop.
            while left > 0 and connection.h2.local_flow_control_window(request.stream) > 0:
                count = min(left, 16384, connection.h2.local_flow_control_window(request.stream))
                connection.h2.send_data(request.stream, CHUNK[:count])
                left -= count
            connection.flush()
            return
        try:
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            for _ in range(size // len(CHUNK)):
                connection.send(CHUNK)
        except OSError:
            return False
    return respond


def in_threads(count, act):
    problems = []

    def guarded(index):
        try:
            act(index)
        except Exception as problem:       # told by the main thread
            problems.append(problem)

    threads = [threading.Thread(target=guarded, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems, problems[:3]


def test_clients_killed_at_any_octet(behind, provider, bounded):
    octets = sms()
    rng = random.Random(1)

    def act(index):
        for _ in range(25):
            client = Client(behind.port)
            client.send(octets[:rng.randrange(len(octets) + 1)])
            if rng.random() < 0.5:
                time.sleep(rng.random() * 0.01)
            (client.kill if rng.random() < 0.7 else client.close)()
    in_threads(4, act)
    assert all(r.body == octets.split(b"\r\n\r\n", 1)[1] for r in provider.requests), "a cut send reached the provider"


def test_h2_clients_killed_at_any_frame(behind, provider, bounded):
    rng = random.Random(2)
    extra, body = h2_sms()

    def act(index):
        for _ in range(20):
            peer = Peer(behind.port)
            for stream in range(1, 2 * rng.randrange(1, 20), 2):
                peer.headers(stream, request(SEND_PATH, "POST", extra=extra), end=False)
                if rng.random() < 0.8:
                    peer.data(stream, body, end=rng.random() < 0.8)
                if rng.random() < 0.2:
                    peer.send(rst(stream))
            if rng.random() < 0.5:
                time.sleep(rng.random() * 0.02)
            (peer.kill if rng.random() < 0.7 else peer.close)()
    in_threads(4, act)
    assert all(r.body == body for r in provider.requests)


def test_clients_killed_while_streaming_up(behind, provider, bounded):
    def act(index):
        for _ in range(8):
            client = Client(behind.port)
            client.send(head(target=PASS_PATH, fields=[FORM, ("Content-Length", "10000000")]))
            for _ in range(4):
                client.send(CHUNK)
            client.kill()
            peer = Peer(behind.port)
            peer.headers(1, request(PASS_PATH, "POST", extra=[("content-type", FORM[1])]), end=False)
            for _ in range(3):
                peer.data(1, CHUNK[:16384])
            peer.kill()
    in_threads(4, act)
    assert provider.count == 0 or provider.protocol == "h2"


def test_clients_killed_while_downloading(behind, provider, bounded):
    provider.respond = download(8 << 20)

    def act(index):
        for _ in range(6):
            client = Client(behind.port)
            client.send(head("GET", READ_PATH))
            client.sock.recv(20000)
            client.kill()
            peer = Peer(behind.port)
            for stream in (1, 3, 5):
                peer.headers(stream, request())
            peer.read_for(0.03)
            peer.kill()
    in_threads(4, act)


def test_readers_that_never_read(behind, provider, bounded):
    provider.respond = download(16 << 20)
    clients = []
    for _ in range(10):
        client = Client(behind.port, receive_buffer=8192)
        client.send(head("GET", READ_PATH))
        clients.append(client)
    # Windows of 0: what is held is at most a window per stream.
    peers = []
    for _ in range(3):
        peer = Peer(behind.port, own_settings=[(4, 0)])
        for index in range(20):
            peer.headers(1 + 2 * index, request())
        peers.append(peer)
    time.sleep(0.8)
    before = behind.resident_kib()
    time.sleep(0.4)
    assert behind.resident_kib() - before < 16 << 10, "memory keeps growing"
    # Nobody waits for ever: 3 s for a socket, 6 s for an answer.
    for peer in peers:
        peer.read_until(lambda: all(a.reset is not None or a.ended for a in peer.answers.values()) and len(peer.answers) == 20, 30)
    for client in clients:
        client.sock.settimeout(30)
        while True:
            try:
                if not client.sock.recv(1 << 20):
                    break
            except OSError as problem:
                assert not isinstance(problem, TimeoutError)
                break
    for one in clients + peers:
        one.close()


def test_slow_reader_gets_everything(behind, provider, bounded):
    if provider.protocol == "h2":
        size = 60_000
    else:
        size = 3 << 20
    provider.respond = download(size)
    client = Client(behind.port, receive_buffer=16384)
    client.send(head("GET", READ_PATH))
    if provider.protocol == "h2":
        client.sock.settimeout(20)
        while client.buffer.count(b"\xff") < size // 256:
            client.buffer += client.sock.recv(4096)
        client.kill()
        return
    total = b""
    client.sock.settimeout(20)
    while len(total) < size:
        total += client.sock.recv(65536)
        time.sleep(0.005)
    assert total.split(b"\r\n\r\n", 1)[1] == CHUNK * (size // len(CHUNK))
    client.close()


def test_mail_of_30_MiB(behind, provider, bounded):
    # Taken whole, judged, sent on to a provider that reads slowly.
    import json
    mail = json.dumps({"personalizations": [{"to": [{"email": "a@example.com"}]}], "from": {"email": "b@example.com"}, "subject": "s",
                       "content": [{"type": "text/plain", "value": "v"}]})
    part = '{"content":"' + "A" * 250_000 + '","filename":"f"}'
    body = (mail[:-1] + ',"attachments":[' + ",".join([part] * 120) + "]}").encode()
    assert 29_000_000 < len(body) < 31_000_000

    peak = [behind.resident_kib()]
    before = peak[0]
    stop = threading.Event()

    def watch():
        while not stop.is_set():
            peak[0] = max(peak[0], behind.resident_kib())
            time.sleep(0.02)
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        client = Client(behind.port)
        client.send(head(target=MAIL_PATH, fields=[("Content-Type", "application/json"), ("Content-Length", str(len(body)))]))
        client.send(body)
        answer = client.read(seconds=60)
        assert answer.status == 201
        assert provider.requests[0].body == body
        client.close()
    finally:
        stop.set()
        watcher.join()
    assert peak[0] - before < 128 << 10, f"{peak[0] - before} KiB for 30 MiB"
    eventually(lambda: behind.resident_kib() - before < 48 << 10, 20, "the mail's memory")


def send_marked(gate, marker, protocol):
    """One send with a body of its own. - Returns: its status, or None when the connection broke."""
    if protocol == "h1":
        client = Client(gate.port)
        client.send(sms(b"To=%2B14155550100&From=%2B14155559999&Body=" + marker.encode()))
        try:
            answer = client.read(seconds=20)
        finally:
            client.close()
        return answer.status if answer else None
    peer = Peer(gate.port)
    extra, body = h2_sms(text=marker)
    peer.headers(1, request(SEND_PATH, "POST", extra=extra), end=False)
    peer.data(1, body, end=True)
    answer = peer.answer(1, 20)
    peer.close()
    return answer.status


def storm(behind, count=4, rounds=25):
    """Sends from several threads. - Returns: how often each status came."""
    statuses = collections.Counter()

    def act(index):
        for round in range(rounds):
            statuses[send_marked(behind, f"m{index}-{round}", "h1" if (index + round) % 2 else "h2")] += 1
    in_threads(count, act)
    return statuses


def assert_sent_once(provider):
    twice = {b: n for b, n in collections.Counter(r.body for r in provider.requests).items() if n > 1}
    assert not twice, f"sent more than once: {twice}"


def test_provider_killed_under_load(behind, provider, bounded):
    stop = threading.Event()

    def killer():
        while not stop.is_set():
            time.sleep(0.05)
            provider.close_all()
    thread = threading.Thread(target=killer)
    thread.start()
    try:
        statuses = storm(behind)
    finally:
        stop.set()
        thread.join()
    assert set(statuses) <= {201, 502, 504}, statuses
    assert statuses[201] > 0
    assert_sent_once(provider)


def test_provider_answers_at_random(behind, provider, bounded):
    rng = random.Random(3)

    def respond(connection, request):
        act = rng.randrange(5)
        if act == 0:
            connection.kill()
            return False
        if act == 1:
            return False
        if act == 2 and not isinstance(connection, H2Connection):
            connection.send(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{}")
            return False
        if act == 2:
            connection.answer(request.stream, [(":status", "201"), ("content-length", "100")], b"{}", end=False)
            connection.kill()
            return False
        answer_created(connection, request)
    provider.respond = respond
    statuses = storm(behind)
    assert set(statuses) <= {201, 502, 504, None}, statuses
    assert_sent_once(provider)


def test_goaway_storm(behind, provider, bounded):
    if provider.protocol != "h2":
        pytest.skip("GOAWAY is HTTP/2")
    processed = collections.Counter()
    lock = threading.Lock()
    rng = random.Random(4)

    def respond(connection, request):
        if request.stream > getattr(connection, "last", 1 << 31):
            return
        if rng.random() < 0.3:
            # Not processed, and said so: the gate may send it again.
            connection.send(frame(GOAWAY, 0, 0, struct.pack(">II", request.stream - 2 if request.stream > 1 else 0, 0)))
            time.sleep(0.02)
            return False
        with lock:
            processed[request.body] += 1
        answer_created(connection, request)
        if rng.random() < 0.3:
            connection.last = request.stream
            connection.send(frame(GOAWAY, 0, 0, struct.pack(">II", request.stream, 0)))
    provider.respond = respond
    statuses = storm(behind)
    assert set(statuses) <= {201, 502, 504}, statuses
    assert statuses[201] > 50
    assert max(processed.values()) == 1, "a send was processed twice"


def test_refused_stream_storm(behind, provider, bounded):
    if provider.protocol != "h2":
        pytest.skip("RST_STREAM is HTTP/2")
    processed = collections.Counter()
    rng = random.Random(5)
    lock = threading.Lock()

    def respond(connection, request):
        if rng.random() < 0.4:
            connection.send(rst(request.stream, REFUSED_STREAM))
            return
        with lock:
            processed[request.body] += 1
        answer_created(connection, request)
    provider.respond = respond
    statuses = storm(behind)
    assert set(statuses) <= {201, 502}, statuses
    assert max(processed.values()) == 1


def test_clients_say_goaway(behind, provider, bounded):
    def act(index):
        for _ in range(20):
            peer = Peer(behind.port)
            extra, body = h2_sms()
            for stream in (1, 3, 5):
                peer.headers(stream, request(SEND_PATH, "POST", extra=extra), end=False)
                peer.data(stream, body, end=True)
                peer.send(frame(GOAWAY, 0, 0, bytes(8)))
            peer.kill()
    in_threads(4, act)


def test_handshakes_cut_short(behind, provider, bounded):
    import os
    import socket
    hello = bytes.fromhex("16030100f8010000f40303") + os.urandom(32)
    for index in range(200):
        raw = socket.create_connection(("127.0.0.1", behind.port))
        raw.send(hello[:index % len(hello)] if index % 3 else os.urandom(50))
        if index % 2:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.close()


@pytest.mark.parametrize("seed", range(2))
def test_random_frames(behind, provider, bounded, seed):
    # Octets that look like frames, until the connection ends: whatever they mean, the gate stays.
    rng = random.Random(seed)
    extra, body = h2_sms()
    for _ in range(40):
        peer = Peer(behind.port)
        for _ in range(60):
            kind = rng.choice([0, 0, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20])
            flags = rng.choice([0, 1, 4, 5, 8, 0x20, 0x2d, rng.randrange(256)])
            stream = rng.choice([0, 1, 1, 3, 5, 7, 2, rng.randrange(1 << 31)])
            payload = rng.choice([b"", body, rng.randbytes(rng.randrange(40)), struct.pack(">I", rng.randrange(1 << 31)), bytes(8), bytes(6)])
            if kind == 1:
                from lab.h2peer import block
                payload = rng.choice([block(request(SEND_PATH, "POST", extra=extra)), block(request()), payload])
            peer.send(frame(kind, flags, stream, payload, length=None if rng.random() < 0.97 else rng.randrange(1 << 14)))
            if peer.was_reset:
                break
        peer.read_for(0.005)
        peer.kill()
    assert all(r.body == body or not r.body for r in provider.requests if r.method == "POST")


@pytest.mark.parametrize("seed", range(2))
def test_random_octets_from_the_provider(behind, provider, bounded, seed):
    rng = random.Random(seed)
    good = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

    def respond(connection, request):
        octets = bytearray(good if provider.protocol == "h1" else
                           frame(1, 4, request.stream, b"\x88") + frame(0, 1, request.stream, b"{}") + settings((3, 100)) + window_update(0, 10))
        for _ in range(rng.randrange(1, 4)):
            octets[rng.randrange(len(octets))] = rng.randrange(256)
        connection.send(bytes(octets))
        time.sleep(0.01)
        return False
    provider.respond = respond
    for index in range(20):
        status = send_marked(behind, f"r{index}", "h1" if index % 2 else "h2")
        assert status is None or status in (201, 502, 504) or 200 <= status < 600
    assert_sent_once(provider)
