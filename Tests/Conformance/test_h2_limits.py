"""The HTTP/2 limits of hardening.md sections 1 and 3.1: just below each nothing happens, just above it the connection ends
with ENHANCE_YOUR_CALM (or the stream is refused), and others are served all the while."""

import struct
import threading
import time

import pytest

from conftest import running
from lab.h2peer import *
from lab.processes import Gate

NOWHERE = "/nowhere"      # answered 404 by the gate itself


def list_size(fields):
    return sum(len(n) + len(v) + 32 for n, v in fields)


def send_block(peer, stream, octets, end=True):
    """HEADERS and as many CONTINUATION frames as the octets need."""
    pieces = [octets[i:i + 16384] for i in range(0, len(octets), 16384)] or [b""]
    peer.headers(stream, pieces[0], end=end, end_headers=len(pieces) == 1)
    for index, piece in enumerate(pieces[1:], 2):
        peer.send(frame(CONTINUATION, END_HEADERS if index == len(pieces) else 0, stream, piece))


# Field sections

@pytest.mark.parametrize("size,status", [(32768, 404), (32769, 431), (65536, 431)])
def test_field_section_size(peer, size, status):
    fields = request(NOWHERE)
    fields.append(("x-padding", "x" * (size - list_size(fields) - len("x-padding") - 32)))
    assert list_size(fields) == size
    send_block(peer, 1, block(fields))
    assert peer.answer(1).status == status
    peer.ping()


def test_field_section_twice_the_limit_ends_the_connection(peer):
    send_block(peer, 1, block(request(NOWHERE, extra=[("x-padding", "x" * 65400)])))
    peer.expect_connection_error(ENHANCE_YOUR_CALM)


@pytest.mark.parametrize("count,status", [(100, 404), (196, 404), (201, 431)])
def test_field_count(peer, count, status):
    send_block(peer, 1, block(request(NOWHERE, extra=[(f"x-{i}", "") for i in range(count)])))
    assert peer.answer(1).status == status


@pytest.mark.parametrize("length,status", [(8192, 404), (8193, 414)])
def test_path_length(peer, length, status):
    path = "/" + "x" * (length - 1)
    send_block(peer, 1, block(request(path)))
    answer = peer.answers.setdefault(1, Answer())
    peer.read_until(lambda: answer.ended or answer.reset is not None)
    assert answer.status == status


def test_hpack_bomb(gate, peer):
    # One octet decodes to 4000: 64 MB from one frame. The decoder has to stop being interested long before.
    bomb = b"\x40" + literal("x-bomb", "x" * 3900)[1:]
    before, cpu = gate.resident_kib(), gate.cpu_seconds()
    peer.headers(1, block(request(NOWHERE)) + bomb)
    assert peer.answer(1).status == 404
    send_block(peer, 3, block(request(NOWHERE)) + b"\xbe" * 10)
    assert peer.answer(3).status == 431
    send_block(peer, 5, block(request(NOWHERE)) + b"\xbe" * 16000)
    peer.expect_connection_error(ENHANCE_YOUR_CALM)
    assert gate.resident_kib() - before < 16 << 10
    assert gate.cpu_seconds() - cpu < 4


# CONTINUATION

def _continuations(peer, count, piece=b""):
    whole = block(request(NOWHERE))
    peer.headers(1, whole[:-count], end_headers=False)
    for index in range(count):
        last = index == count - 1
        peer.send(frame(CONTINUATION, END_HEADERS if last else 0, 1, whole[len(whole) - count + index:][:1]))


def test_continuation_frames_8(peer):
    _continuations(peer, 8)
    assert peer.answer(1).status == 404


def test_continuation_frames_9(peer):
    _continuations(peer, 9)
    peer.expect_connection_error(ENHANCE_YOUR_CALM)


def test_continuation_flood(gate, peer):
    before = gate.resident_kib()
    peer.headers(1, block(request(NOWHERE)), end_headers=False)
    for _ in range(2000):
        peer.send(frame(CONTINUATION, 0, 1, literal("x", "y" * 4000)))
        if peer.was_reset:
            break
    peer.expect_connection_error(ENHANCE_YOUR_CALM, PROTOCOL_ERROR, INTERNAL_ERROR)
    assert gate.resident_kib() - before < 16 << 10


def test_empty_continuations(peer):
    peer.headers(1, block(request(NOWHERE)), end_headers=False)
    peer.send(frame(CONTINUATION, 0, 1) * 2)
    peer.expect_connection_error(ENHANCE_YOUR_CALM)


# Rates. Buckets fill up while a test runs, so "above" leaves room for that.

def test_resets_below_the_bucket(peer):
    for index in range(199):
        peer.headers(1 + 2 * index, request(NOWHERE, "POST"), end=False)
        peer.send(rst(1 + 2 * index))
    peer.ping()


def test_resets_above_the_bucket(peer):
    # The bucket fills up meanwhile, which on a slow machine takes more than a few frames to outrun.
    for index in range(3000):
        peer.headers(1 + 2 * index, request(NOWHERE, "POST"), end=False)
        peer.send(rst(1 + 2 * index))
        if peer.was_reset:
            break
    peer.expect_connection_error(ENHANCE_YOUR_CALM)


def test_glitches_below_the_bucket(peer):
    for index in range(99):
        peer.headers(1 + 2 * index, request(extra=[("Bad", "1")]))
    peer.ping()


def test_glitches_above_the_bucket(peer):
    for index in range(140):
        peer.headers(1 + 2 * index, request(extra=[("Bad", "1")]))
    peer.expect_connection_error(ENHANCE_YOUR_CALM)


def test_settings_below_the_limit(peer):
    for _ in range(18):
        peer.send(settings())
    peer.ping()


def test_settings_above_the_limit(peer):
    for _ in range(30):
        peer.send(settings())
    peer.expect_connection_error(ENHANCE_YOUR_CALM)


def test_settings_entries_32(peer):
    peer.send(settings(*[(6, 1000 + i) for i in range(32)]))
    peer.ping()


def test_settings_entries_33(peer):
    peer.send(settings(*[(6, 1000 + i) for i in range(33)]))
    peer.expect_connection_error(ENHANCE_YOUR_CALM, PROTOCOL_ERROR, INTERNAL_ERROR)


def test_pings_below_the_limit_when_idle(peer):
    for _ in range(19):
        peer.ping()


def test_pings_above_the_limit_when_idle(peer):
    for _ in range(40):
        peer.send(frame(PING, 0, 0, bytes(8)))
    peer.expect_connection_error(ENHANCE_YOUR_CALM)


def test_pings_below_the_limit_when_busy(peer):
    peer.headers(1, request(SEND_PATH, "POST", extra=sms()[0]), end=False)
    for _ in range(99):
        peer.ping()


def test_pings_above_the_limit_when_busy(peer):
    peer.headers(1, request(SEND_PATH, "POST", extra=sms()[0]), end=False)
    for _ in range(160):
        peer.send(frame(PING, 0, 0, bytes(8)))
    peer.expect_connection_error(ENHANCE_YOUR_CALM)


PRIORITY_FRAME = frame(PRIORITY, 0, 1, struct.pack(">IB", 0, 16))


@pytest.mark.parametrize("streams", [0, 1])
def test_priority_frames(peer, streams):
    for index in range(streams):
        peer.headers(1 + 2 * index, request(NOWHERE))
        peer.answer(1 + 2 * index)
    peer.send(PRIORITY_FRAME * (100 * (1 + streams)))
    peer.ping()
    peer.send(PRIORITY_FRAME)
    peer.expect_connection_error(ENHANCE_YOUR_CALM)


@pytest.mark.parametrize("answered", [0, 1])
def test_window_updates(peer, answered):
    allowed = 5
    for index in range(answered):
        peer.headers(1 + 2 * index, request(NOWHERE))
        allowed += 2 + 20 * len(peer.answer(1 + 2 * index).data_sizes)
    for _ in range(allowed):
        peer.send(window_update(0, 1))
    peer.ping()
    peer.send(window_update(0, 1))
    peer.expect_connection_error(ENHANCE_YOUR_CALM)


def test_one_octet_windows_are_served(gate):
    peer = Peer(gate.port, own_settings=[(4, 1)])
    peer.headers(1, request())
    answer = peer.answers.setdefault(1, Answer())
    for count in range(1, 14):
        peer.read_until(lambda: len(answer.body) == count)
        peer.send(window_update(1, 1))
    assert peer.answer(1).body == b'{"mock":true}'


def test_one_empty_data_frame(peer):
    extra, body = sms()
    peer.headers(1, request(SEND_PATH, "POST", extra=extra), end=False)
    peer.data(1)
    peer.data(1, body)
    peer.data(1)
    peer.data(1, end=True)
    assert peer.answer(1).status == 201


def test_two_empty_data_frames(peer):
    peer.headers(1, request(SEND_PATH, "POST", extra=sms()[0]), end=False)
    peer.data(1)
    peer.data(1)
    peer.expect_connection_error(ENHANCE_YOUR_CALM)


def test_empty_headers_flood(peer):
    peer.headers(1, b"", end=False)
    peer.headers(3, b"", end=False)
    peer.expect_connection_error(ENHANCE_YOUR_CALM)


# Streams

@pytest.fixture(scope="module")
def small(certificate, mock):
    """A gate with limits so low that a test can reach them, and a head that has to come within a second."""
    yield from running(Gate(certificate, mock.port, limits={
        "streamsPerConnection": 20, "headTime": 1000, "idleTime": 1500, "connectionsPerSource": 5}))


def test_streams_per_connection(small):
    peer = Peer(small.port)
    for index in range(19):
        peer.headers(1 + 2 * index, request())
        assert peer.answer(1 + 2 * index).status == 200
    assert not peer.goaway()
    peer.headers(39, request())
    assert peer.answer(39).status == 200        # the last one is served
    peer.read_until(lambda: peer.goaway())
    assert peer.goaway().error_code == NO_ERROR and peer.goaway().last_stream_id == 39
    peer.read_until(lambda: peer.closed)


def test_requests_per_connection(gate):
    peer = Peer(gate.port)
    peer.send(window_update(0, 1 << 24))
    for first in range(0, 1000, 50):
        for index in range(first, first + 50):
            peer.headers(1 + 2 * index, request(NOWHERE))
        for index in range(first, first + 50):
            assert peer.answer(1 + 2 * index).status == 404
        if first < 950:
            assert not peer.goaway()
    peer.read_until(lambda: peer.goaway())
    assert peer.goaway().error_code == NO_ERROR and peer.goaway().last_stream_id == 1999


@pytest.mark.parametrize("trickle", [False, True])
def test_field_section_takes_too_long(small, trickle):
    peer = Peer(small.port)
    start = time.monotonic()
    peer.headers(1, block(request()), end_headers=False)
    # 10 s without the setting.
    while not peer.closed and time.monotonic() - start < 9:
        peer.read_for(0.35)
        if trickle and not peer.closed:
            peer.send(frame(CONTINUATION, 0, 1, literal("x", "1")))
    assert peer.closed and 0.8 < time.monotonic() - start < 9


def test_ignored_field_section_does_not_count_as_a_slow_one(small):
    # HEADERS on a stream that is over (trailers that crossed our reset, say) are ignored, and must not start the clock.
    peer = Peer(small.port)
    peer.headers(1, request())
    assert peer.answer(1).status == 200
    extra, body = sms()
    peer.headers(3, request(SEND_PATH, "POST", extra=extra), end=False)
    peer.headers(1, literal("x-trailer", "1"))
    for index in range(8):
        peer.data(3, body[index:index + 1])
        peer.read_for(0.25)
    peer.data(3, body[8:], end=True)
    assert peer.answer(3).status == 201


def test_idle_connection_ends_gracefully(small):
    peer = Peer(small.port)
    peer.headers(1, request())
    peer.answer(1)
    start = time.monotonic()
    peer.read_until(lambda: peer.closed)
    assert 1.2 < time.monotonic() - start < 20         # 60 s without the setting
    assert peer.goaway().error_code == NO_ERROR


def test_connections_per_source(small):
    time.sleep(2)
    peers = [Peer(small.port, source="127.0.0.9") for _ in range(5)]
    with pytest.raises((OSError, AssertionError)):
        Peer(small.port, source="127.0.0.9")
    other = Peer(small.port, source="127.0.0.10")
    other.ping()
    peers.append(other)
    for peer in peers:
        peer.close()


def test_concurrency_100(peer, record):
    record.behave(delayMilliseconds=500)
    extra, body = sms()
    for index in range(100):
        peer.headers(1 + 2 * index, request(SEND_PATH, "POST", extra=extra), end=False)
        peer.data(1 + 2 * index, body, end=True)
    assert {peer.answer(1 + 2 * index).status for index in range(100)} == {201}
    record.behave()
    peer.headers(201, request())
    assert peer.answer(201).status == 200


def test_concurrency_101(peer, record):
    # nghttp2 makes of the stream error a connection error, which RFC 9113 5.4.2 leaves to it.
    record.behave(delayMilliseconds=3000)
    extra, body = sms()
    for index in range(101):
        peer.headers(1 + 2 * index, request(SEND_PATH, "POST", extra=extra), end=False)
        peer.data(1 + 2 * index, body, end=True)
    peer.expect_stream_error(201, PROTOCOL_ERROR, REFUSED_STREAM)
    record.behave()
    assert record.count() <= 100


# MadeYouReset (CVE-2025-8671): the server is brought to reset streams whose requests are complete.

def _window_overflow(stream):
    return window_update(stream, 0x7fffffff)


MADE_YOU_RESET = {
    "window-update-0": lambda s: window_update(s, 0),
    "window-overflow": _window_overflow,
    "data-after-end": lambda s: frame(DATA, END_STREAM, s, b"x"),
    "headers-after-end": lambda s: frame(HEADERS, END_STREAM | END_HEADERS, s, literal("x", "1")),
    "priority-wrong-length": lambda s: frame(PRIORITY, 0, s, bytes(4)),
    "self-dependency": lambda s: frame(PRIORITY, 0, s, struct.pack(">IB", s, 16)),
}


@pytest.mark.parametrize("provoke", MADE_YOU_RESET.values(), ids=MADE_YOU_RESET.keys())
def test_made_you_reset(gate, peer, record, provoke):
    record.behave(delayMilliseconds=2000)
    extra, body = sms()
    cpu, start = gate.cpu_seconds(), time.monotonic()
    for index in range(3000):
        stream = 1 + 2 * index
        peer.headers(stream, request(SEND_PATH, "POST", extra=extra), end=False)
        peer.data(stream, body, end=True)
        peer.send(provoke(stream))
        if peer.was_reset:
            break
    peer.expect_connection_error(ENHANCE_YOUR_CALM, PROTOCOL_ERROR, STREAM_CLOSED, FRAME_SIZE_ERROR)
    seconds = time.monotonic() - start
    record.behave()
    # 200 at once, and 20 more each second.
    assert record.count() <= 220 + 20 * seconds, "the connection was cut too late"
    assert gate.cpu_seconds() - cpu < 6


# Floods while others work

def _attack_resets(peer):
    for index in range(400):
        peer.headers(1 + 2 * index, request(SEND_PATH, "POST", extra=sms()[0]), end=False)
        peer.send(rst(1 + 2 * index))


def _attack_pings(peer):
    peer.send(frame(PING, 0, 0, bytes(8)) * 5000)


def _attack_settings(peer):
    peer.send(settings((4, 100)) * 5000)


def _attack_unread(peer):
    for index in range(100):
        peer.headers(1 + 2 * index, request())


def _attack_empty(peer):
    peer.headers(1, request(SEND_PATH, "POST", extra=sms()[0]), end=False)
    peer.send(frame(DATA, 0, 1) * 5000)


def _attack_malformed(peer):
    for index in range(400):
        peer.headers(1 + 2 * index, request(extra=[("Bad", "1")]))


ATTACKS = {"rapid-reset": _attack_resets, "pings": _attack_pings, "settings": _attack_settings, "unread": _attack_unread,
           "empty-data": _attack_empty, "malformed": _attack_malformed}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_good_client_is_served_during_a_flood(gate, record, attack):
    before, descriptors = gate.resident_kib(), gate.descriptors()
    stop = threading.Event()

    def attacker():
        while not stop.is_set():
            try:
                peer = Peer(gate.port)
                attack(peer)
                peer.read_for(0.3)
                peer.kill()
            except (OSError, AssertionError):
                pass

    threads = [threading.Thread(target=attacker) for _ in range(3)]
    for thread in threads:
        thread.start()
    served = 0
    try:
        end = time.monotonic() + 2.5
        while time.monotonic() < end or served < 5:
            good = Peer(gate.port, source="127.0.0.2")
            extra, body = sms()
            good.headers(1, request(SEND_PATH, "POST", extra=extra), end=False)
            good.data(1, body, end=True)
            assert good.answer(1).status == 201
            good.close()
            served += 1
            time.sleep(0.1)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert gate.resident_kib() - before < 64 << 10
    deadline = time.monotonic() + 20
    while gate.descriptors() > descriptors + 6 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert gate.descriptors() <= descriptors + 6
