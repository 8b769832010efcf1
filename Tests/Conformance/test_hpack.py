"""HPACK as a decoder has to keep it: RFC 7541."""

import hpack
import pytest

from lab.h2peer import *

# Indexed static fields: :method GET (2), :path / (4), :scheme https (7); :authority is index 1.
START = b"\x82\x87" + literal(":authority", "localhost") + literal(":path", READ_PATH)


def ask(peer, octets, stream=1):
    peer.headers(stream, octets)
    return peer.answer(stream)


@pytest.mark.parametrize("octets", [
    START,
    START + b"\x40\x06x-test\x01a",                              # 6.2.1 new name, with indexing
    START + b"\x40\x06x-test\x01a" + b"\xbe",                    # ... and used at once
    b"\x82\x87\x41\x09localhost" + literal(":path", READ_PATH),  # 6.2.1 indexed name
    b"\x82\x87\x01\x09localhost" + literal(":path", READ_PATH),  # 6.2.2 indexed name
    START + b"\x00\x06x-test\x01a",                              # 6.2.2 new name
    b"\x82\x87\x11\x09localhost" + literal(":path", READ_PATH),  # 6.2.3 indexed name
    START + b"\x10\x06x-test\x01a",                              # 6.2.3 new name
    START + b"\x00\x06x-test\x00",                               # an empty value
    b"\x20" + START, b"\x3f\x01" + START, b"\x3f\xe1\x1f" + START,   # 6.3 to 0, 32, 4096
    b"\x20\x3f\xe1\x1f" + START,                                 # two updates
    START + b"\x00\x01x\x81\x1f",                               # 5.2 one Huffman letter, padded with ones
], ids=["static", "indexing-new", "indexing-used", "indexing-name", "plain-name", "plain-new", "never-name", "never-new", "empty-value",
        "resize-0", "resize-32", "resize-4096", "resize-twice", "huffman-letter"])
def test_6_representations(peer, octets):
    assert ask(peer, octets).status == 200


def test_5_2_huffman(peer, record):
    encoder = hpack.Encoder()
    extra, body = sms()
    peer.headers(1, encoder.encode(request(SEND_PATH, "POST", extra=[*extra, ("x-text", "Huffman coded! ~")]), huffman=True), end=False)
    peer.data(1, body, end=True)
    assert peer.answer(1).status == 201
    assert ["x-text", "Huffman coded! ~"] in record.requests()[0]["fields"]


def test_2_3_dynamic_table_over_many_requests(peer, record):
    encoder = hpack.Encoder()
    for index in range(60):
        extra, body = sms()
        fields = request(SEND_PATH, "POST", extra=[*extra, ("x-number", str(index // 3)), ("x-long", "v" * (index * 17 % 700))])
        peer.headers(1 + 2 * index, encoder.encode(fields), end=False)
        peer.data(1 + 2 * index, body, end=True)
        assert peer.answer(1 + 2 * index).status == 201
    assert [dict(map(tuple, r["fields"]))["x-number"] for r in record.requests()] == [str(i // 3) for i in range(60)]


def test_4_4_entry_larger_than_the_table_empties_it(peer):
    assert ask(peer, START + b"\x40\x06x-test\x01a").status == 200
    large = b"\x40" + literal("x-large", "x" * 4096)[1:]
    assert ask(peer, START + large, 3).status == 200
    peer.headers(5, START + b"\xbe")
    peer.expect_connection_error(COMPRESSION_ERROR)


def test_4_3_shrinking_evicts(peer):
    assert ask(peer, START + b"\x40\x06x-test\x01a").status == 200
    peer.headers(3, b"\x20\x3f\xe1\x1f" + START + b"\xbe")
    peer.expect_connection_error(COMPRESSION_ERROR)


BAD = {
    "6.1-index-0": START + b"\x80",
    "2.3.3-index-beyond-tables": START + b"\xc6",
    "2.3.3-index-62-of-empty-table": START + b"\xbe",
    "2.3.3-index-huge": START + b"\xff\xff\xff\xff\x07",
    "2.3.3-name-index-beyond-tables": START + b"\x7f\x20\x01a",
    "2.3.3-name-index-beyond-tables-plain": START + b"\x0f\x50\x01a",
    "4.2-resize-at-the-end": START + b"\x20",
    "4.2-resize-in-the-middle": b"\x82\x20\x87" + START[2:],
    "6.3-resize-above-limit": b"\x3f\xe2\x1f" + START,
    "6.3-resize-huge": b"\x3f\xff\xff\xff\x7f" + START,
    "5.1-integer-overflow": START + b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    "5.1-integer-endless": START + b"\xff" + b"\x80" * 200 + b"\x00",
    "5.1-integer-cut": START + b"\xff\x80",
    "5.2-string-longer-than-block": START + b"\x00\x06x-test\x7f\x00a",
    "5.2-string-length-overflow": START + b"\x00\x06x-test\x7f\xff\xff\xff\xff\xff\xff\xff\xff\x7fa",
    "5.2-value-missing": START + b"\x00\x06x-test",
    "5.2-huffman-padding-of-zeros": START + b"\x00\x01x\x81\x18",
    "5.2-huffman-eos": START + b"\x00\x01x\x84\xff\xff\xff\xff",
    "5.2-huffman-padding-of-8-bits-and-more": START + b"\x00\x01x\x82\x1f\xff",
}


@pytest.mark.parametrize("octets", BAD.values(), ids=BAD.keys())
def test_decoding_errors(peer, record, octets):
    peer.headers(1, octets)
    peer.expect_connection_error(COMPRESSION_ERROR)
    assert record.count() == 0


def test_4_2_resize_is_required_after_a_smaller_setting(peer):
    # We announce 4096, the default, so nothing is required of the client; a second update in the same block is legal.
    assert ask(peer, b"\x3f\x01\x3f\xe1\x1f" + START).status == 200
