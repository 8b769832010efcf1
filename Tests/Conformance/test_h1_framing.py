"""HTTP/1.1 as hardening.md 2.1 wants it: one reading, or none. The oracle is the provider's record: exactly the request
that was meant, or nothing, and never a second one; afterwards a victim's request on another connection is untouched."""

import pytest

from lab.h1peer import Client, FORM, head, sms

BODY = b"To=%2B14155550100&From=%2B14155559999&Body=hi"
N = len(BODY)
SMUGGLED = head("GET", "/twilio/smuggled")


@pytest.fixture(params=["h2-upstream", "h1-upstream"])
def either(request, gate, gate_h1):
    return gate if request.param == "h2-upstream" else gate_h1


def victim(gate, record, seen):
    """Another client's request arrives as it was sent."""
    other = Client(gate.port)
    body = b"To=%2B14155550111&From=%2B14155559999&Body=victim"
    other.send(sms(body))
    answer = other.read()
    assert answer.status == 201
    other.close()
    requests = record.requests()
    assert len(requests) == seen + 1, [r["path"] for r in requests]
    assert requests[-1]["body"] == body and requests[-1]["path"] == "/2010-04-01/Accounts/AC1/Messages.json"


def refused(gate, record, octets, statuses=(400,)):
    """`octets` bring one refusal and the end of the connection; the provider hears nothing."""
    client = Client(gate.port)
    client.send(octets)
    answer = client.read()
    assert answer is not None, "closed without an answer"
    assert answer.status in statuses, f"{answer.status} {answer.body[:200]}"
    assert answer.closes, "the connection stays open"
    assert answer.whole
    assert client.is_over(), f"more than one answer: {client.buffer[:100]!r}"
    client.close()
    assert record.count() == 0
    victim(gate, record, 0)


def raw(*lines, body=b""):
    return b"\r\n".join(l.encode("latin-1") if isinstance(l, str) else l for l in lines) + b"\r\n\r\n" + body


LINE = "POST /twilio/2010-04-01/Accounts/AC1/Messages.json HTTP/1.1"
HOST = "Host: localhost"
TYPE = "Content-Type: application/x-www-form-urlencoded"
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (N, BODY)

LENGTHS = {
    "two-different": [f"Content-Length: {N}", "Content-Length: 0"],
    "two-equal": [f"Content-Length: {N}", f"Content-Length: {N}"],
    "list": [f"Content-Length: {N}, {N}"],
    "list-different": [f"Content-Length: {N}, 0"],
    "plus": [f"Content-Length: +{N}"],
    "minus": [f"Content-Length: -{N}"],
    "inner-space": ["Content-Length: 4 5"],
    "hex": [f"Content-Length: 0x{N:x}"],
    "empty": ["Content-Length: "],
    "20-digits": ["Content-Length: 00000000000000000045"],
    "overflow": ["Content-Length: 18446744073709551661"],
    "overflow-19": ["Content-Length: 9999999999999999999"],
    "float": [f"Content-Length: {N}.0"],
    "quoted": [f'Content-Length: "{N}"'],
    "underscore-digits": ["Content-Length: 4_5"],
    "letters": ["Content-Length: ten"],
    "semicolon": [f"Content-Length: {N};x"],
    "arabic-digits": ["Content-Length: \xd9\xa4"],
}


@pytest.mark.parametrize("lines", LENGTHS.values(), ids=LENGTHS.keys())
def test_content_length(either, record, lines):
    refused(either, record, raw(LINE, HOST, TYPE, *lines, body=BODY + SMUGGLED), statuses=(400, 413))


CODINGS = {
    "with-length": ["Transfer-Encoding: chunked", f"Content-Length: {N}"],
    "length-first": [f"Content-Length: {N}", "Transfer-Encoding: chunked"],
    "with-length-0": ["Content-Length: 0", "Transfer-Encoding: chunked"],
    "identity": ["Transfer-Encoding: identity"],
    "identity-with-length": ["Transfer-Encoding: identity", f"Content-Length: {N}"],
    "gzip-chunked": ["Transfer-Encoding: gzip, chunked"],
    "chunked-chunked": ["Transfer-Encoding: chunked, chunked"],
    "chunked-identity": ["Transfer-Encoding: chunked, identity"],
    "twice": ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
    "twice-other": ["Transfer-Encoding: chunked", "Transfer-Encoding: x"],
    "prefix": ["Transfer-Encoding: xchunked"],
    "suffix": ["Transfer-Encoding: chunkedx"],
    "quoted": ['Transfer-Encoding: "chunked"'],
    "parameter": ["Transfer-Encoding: chunked;a=b"],
    "comma": ["Transfer-Encoding: chunked,"],
    "leading-comma": ["Transfer-Encoding: ,chunked"],
    "empty": ["Transfer-Encoding: "],
    "vertical-tab": ["Transfer-Encoding: \x0bchunked"],
    "nul": ["Transfer-Encoding: chunked\0"],
    "space-before-colon": ["Transfer-Encoding : chunked", f"Content-Length: {N}"],
    "folded": ["Transfer-Encoding:", " chunked", f"Content-Length: {N}"],
    "leading-space": [" Transfer-Encoding: chunked", f"Content-Length: {N}"],
    "bare-lf": [f"Content-Length: {N}", "X: y\nTransfer-Encoding: chunked"],
    "bare-cr": [f"Content-Length: {N}", "X: y\rTransfer-Encoding: chunked"],
    "underscore": ["Transfer_Encoding: chunked", f"Content-Length: {N}"],
    "underscore-length": ["Content_Length: 0", f"Content-Length: {N}"],
    "nul-in-name": ["Transfer-Encoding\0: chunked", f"Content-Length: {N}"],
    "long-s": ["Tran\xc5\xbffer-Encoding: chunked", f"Content-Length: {N}"],
}


@pytest.mark.parametrize("lines", CODINGS.values(), ids=CODINGS.keys())
def test_transfer_encoding(either, record, lines):
    refused(either, record, raw(LINE, HOST, TYPE, *lines, body=CHUNKED + SMUGGLED))


@pytest.mark.parametrize("value", ["chunked", "Chunked", "CHUNKED", " chunked ", "\tchunked"])
def test_transfer_encoding_chunked(either, record, value):
    client = Client(either.port)
    client.send(raw(LINE, HOST, TYPE, f"Transfer-Encoding:{value}", body=CHUNKED))
    assert client.read().status == 201
    assert [r["body"] for r in record.requests()] == [BODY]
    fields = dict(map(tuple, record.requests()[0]["fields"]))
    assert "transfer-encoding" not in fields and fields["content-length"] == str(N)


def test_transfer_encoding_in_http10(either, record):
    refused(either, record, raw(LINE[:-1] + "0", HOST, TYPE, "Transfer-Encoding: chunked", body=CHUNKED))


CHUNKS = {
    "size-plus": b"+2d\r\n" + BODY + b"\r\n0\r\n\r\n",
    "size-minus": b"-1\r\n" + BODY + b"\r\n0\r\n\r\n",
    "size-0x": b"0x2d\r\n" + BODY + b"\r\n0\r\n\r\n",
    "size-leading-space": b" 2d\r\n" + BODY + b"\r\n0\r\n\r\n",
    "size-trailing-space": b"2d \r\n" + BODY + b"\r\n0\r\n\r\n",
    "size-trailing-tab": b"2d\t\r\n" + BODY + b"\r\n0\r\n\r\n",
    "size-9-digits": b"00000002d\r\n" + BODY + b"\r\n0\r\n\r\n",
    "size-overflow": b"1000000000000002d\r\n" + BODY + b"\r\n0\r\n\r\n",
    "size-empty": b"\r\n" + BODY + b"\r\n0\r\n\r\n",
    "size-not-hex": b"zz\r\n" + BODY + b"\r\n0\r\n\r\n",
    "size-underscore": b"2_d\r\n" + BODY + b"\r\n0\r\n\r\n",
    "size-line-lf": b"2d\n" + BODY + b"\r\n0\r\n\r\n",
    "size-line-cr": b"2d\r" + BODY + b"\r\n0\r\n\r\n",
    "size-line-nul": b"2d\0\r\n" + BODY + b"\r\n0\r\n\r\n",
    "data-lf": b"2d\r\n" + BODY + b"\n0\r\n\r\n",
    "data-no-end": b"2d\r\n" + BODY + b"0\r\n\r\n",
    "data-too-long": b"2c\r\n" + BODY + b"\r\n0\r\n\r\n",
    "data-too-short": b"2e\r\n" + BODY + b"\r\n0\r\n\r\n",
    "data-two-octets": b"2d\r\n" + BODY + b"XX0\r\n\r\n",
    "extension-space": b"2d ;a\r\n" + BODY + b"\r\n0\r\n\r\n",
    "extension-empty": b"2d;\r\n" + BODY + b"\r\n0\r\n\r\n",
    "extension-no-name": b"2d;=1\r\n" + BODY + b"\r\n0\r\n\r\n",
    "extension-lf": b"2d;a\nb\r\n" + BODY + b"\r\n0\r\n\r\n",
    "extension-cr": b"2d;a\rb\r\n" + BODY + b"\r\n0\r\n\r\n",
    "extension-open-quote": b'2d;a="b\r\n' + BODY + b"\r\n0\r\n\r\n",
    "extension-257": b"2d;" + b"a" * 254 + b"\r\n" + BODY + b"\r\n0\r\n\r\n",
    "end-lf": b"2d\r\n" + BODY + b"\r\n0\n\n",
    "end-cr": b"2d\r\n" + BODY + b"\r\n0\r\r",
    "trailer-no-colon": b"2d\r\n" + BODY + b"\r\n0\r\nX\r\n\r\n",
    "trailer-folded": b"2d\r\n" + BODY + b"\r\n0\r\nX: y\r\n z\r\n\r\n",
    "trailer-lf": b"2d\r\n" + BODY + b"\r\n0\r\nX: y\n\r\n",
    "trailer-nul": b"2d\r\n" + BODY + b"\r\n0\r\nX: \0\r\n\r\n",
    "trailer-space-name": b"2d\r\n" + BODY + b"\r\n0\r\nX : y\r\n\r\n",
    "trailer-17-fields": b"2d\r\n" + BODY + b"\r\n0\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(17)) + b"\r\n",
    "trailer-4097": b"2d\r\n" + BODY + b"\r\n0\r\nX: " + b"y" * (4097 - 5) + b"\r\n\r\n",
}


@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=CHUNKS.keys())
def test_chunks(gate, record, chunks):
    refused(gate, record, raw(LINE, HOST, TYPE, "Transfer-Encoding: chunked", body=chunks + SMUGGLED))


GOOD_CHUNKS = {
    "upper-case-size": b"2D\r\n" + BODY + b"\r\n0\r\n\r\n",
    "8-digits": b"0000002d\r\n" + BODY + b"\r\n0\r\n\r\n",
    "long-zero": b"2d\r\n" + BODY + b"\r\n00000000\r\n\r\n",
    "one-octet-chunks": b"".join(b"1\r\n%c\r\n" % c for c in BODY) + b"0\r\n\r\n",
    "extension": b"2d;a=b;c\r\n" + BODY + b"\r\n0;last\r\n\r\n",
    "extension-quoted": b'2d;a="b;\\"c"\r\n' + BODY + b"\r\n0\r\n\r\n",
    "extension-256": b"2d;" + b"a" * 253 + b"\r\n" + BODY + b"\r\n0\r\n\r\n",
    "trailers": b"2d\r\n" + BODY + b"\r\n0\r\nX-Trailer: y\r\nZ: \r\n\r\n",
    "trailer-16-fields": b"2d\r\n" + BODY + b"\r\n0\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(16)) + b"\r\n",
    "trailer-4096": b"2d\r\n" + BODY + b"\r\n0\r\nX: " + b"y" * (4096 - 5) + b"\r\n\r\n",
}


@pytest.mark.parametrize("chunks", GOOD_CHUNKS.values(), ids=GOOD_CHUNKS.keys())
@pytest.mark.parametrize("split", [False, True], ids=["whole", "octets"])
def test_good_chunks(either, record, chunks, split):
    client = Client(either.port)
    octets = raw(LINE, HOST, TYPE, "Transfer-Encoding: chunked", body=chunks)
    if split and len(octets) < 800:
        for index in range(len(octets)):
            client.send(octets[index:index + 1])
    else:
        client.send(octets)
    answer = client.read()
    assert answer.status == 201 and not answer.closes
    requests = record.requests()
    assert [r["body"] for r in requests] == [BODY]
    names = [n for n, _ in requests[0]["fields"]]
    assert "x-trailer" not in names and "x-0" not in names
    client.send(sms())
    assert client.read().status == 201


HEADS = {
    "bare-lf-line": LINE + "\n" + HOST,
    "nul-in-line": LINE.replace("Messages", "Mess\0ages"),
    "cr-in-line": LINE.replace("Messages", "Mess\rages"),
    "two-spaces": LINE.replace("POST ", "POST  "),
    "two-spaces-version": LINE.replace(" HTTP", "  HTTP"),
    "tab": LINE.replace("POST ", "POST\t"),
    "leading-space": " " + LINE,
    "trailing-space": LINE + " ",
    "no-version": LINE.split(" HTTP")[0],
    "lower-case-version": LINE.replace("HTTP", "http"),
    "method-lower-octet": "PO\x01ST" + LINE[4:],
    "method-brackets": "PO[ST" + LINE[4:],
    "target-space": LINE.replace("AC1", "AC 1"),
    "target-high": LINE.replace("AC1", "AC\xe9"),
    "target-del": LINE.replace("AC1", "AC\x7f"),
    "target-fragment": LINE.replace(".json", ".json#x"),
    "target-relative": LINE.replace(" /twilio", " twilio"),
    "target-empty": "POST  HTTP/1.1",
    "target-asterisk": "POST * HTTP/1.1",
    "target-authority": "POST localhost:443 HTTP/1.1",
    "target-absolute-other": LINE.replace(" /twilio", " https://other.example/twilio"),
    "target-absolute-userinfo": LINE.replace(" /twilio", " https://user@localhost/twilio"),
    "target-ftp": LINE.replace(" /twilio", " ftp://localhost/twilio"),
}


@pytest.mark.parametrize("line", HEADS.values(), ids=HEADS.keys())
def test_request_line(gate, record, line):
    refused(gate, record, raw(line, HOST, TYPE, f"Content-Length: {N}", body=BODY))


@pytest.mark.parametrize("version,statuses", [
    ("HTTP/1.2", (505,)), ("HTTP/2.0", (505,)), ("HTTP/0.9", (505,)), ("HTTP/1.10", (400,)), ("HTTP/01.1", (400,)), ("HTTP/1", (400,)),
    ("HTTP/1.1x", (400,)), ("HTTPS/1.1", (400,)), ("HTTP/9.9", (505,))])
def test_version(gate, record, version, statuses):
    refused(gate, record, raw(LINE.replace("HTTP/1.1", version), HOST, TYPE, f"Content-Length: {N}", body=BODY), statuses)


@pytest.mark.parametrize("line,status", [("CONNECT localhost:443 HTTP/1.1", 501), ("TRACE / HTTP/1.1", 405)])
def test_connect_and_trace(gate, record, line, status):
    refused(gate, record, raw(line, HOST), (status,))


def test_http2_preface_on_http1(gate, record):
    client = Client(gate.port)
    client.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    answer = client.read()
    assert answer.status in (400, 505) and client.is_over()


FIELDS = {
    "bare-lf": "X: a\nY: b",
    "bare-cr": "X: a\rb",
    "nul": "X: a\0b",
    "folded": "X: a\r\n b",
    "folded-tab": "X: a\r\n\tb",
    "no-colon": "X",
    "empty-name": ": a",
    "space-before-colon": "X : a",
    "tab-before-colon": "X\t: a",
    "space-in-name": "X Y: a",
    "control-in-name": "X\x01: a",
    "high-in-name": "X\xe9: a",
    "brackets-in-name": "X[0]: a",
    "underscore-in-name": "X_Y: a",
    "control-in-value": "X: a\x01",
    "del-in-value": "X: a\x7f",
    "connection-content-length": "Connection: content-length",
    "connection-content-type": "Connection: close, Content-Type",
    "connection-content-encoding": "Connection: content-encoding",
    "connection-host": "Connection: host",
    "connection-authorization": "Connection: keep-alive, authorization",
    "connection-transfer-encoding": "Connection: transfer-encoding",
    "connection-not-a-token": "Connection: a b",
}


@pytest.mark.parametrize("line", FIELDS.values(), ids=FIELDS.keys())
def test_field_line(gate, record, line):
    refused(gate, record, raw(LINE, HOST, TYPE, f"Content-Length: {N}", line, body=BODY))


HOSTS = {
    "missing": [], "twice": [HOST, HOST], "twice-other": [HOST, "Host: other.example"], "empty": ["Host: "], "space": ["Host: local host"],
    "slash": ["Host: localhost/x"], "userinfo": ["Host: user@localhost"], "port-text": ["Host: localhost:x"], "port-zero": ["Host: localhost:0"],
    "port-big": ["Host: localhost:65536"], "comma": ["Host: localhost,other.example"], "crlf": ["Host: localhost\x0b"], "high": ["Host: localh\xf6st"],
    "percent": ["Host: local%68ost"], "folded": ["Host:", " localhost"],
}


@pytest.mark.parametrize("lines", HOSTS.values(), ids=HOSTS.keys())
def test_host(gate, record, lines):
    refused(gate, record, raw(LINE, *lines, TYPE, f"Content-Length: {N}", body=BODY))


@pytest.mark.parametrize("host", ["other.example", "api.twilio.com", "localhost.evil.example", "localhos"])
def test_host_other_than_server_name(gate, record, host):
    client = Client(gate.port)
    client.send(sms(host=host))
    assert client.read().status == 421
    assert record.count() == 0


@pytest.mark.parametrize("host,name", [("LOCALHOST", "localhost"), ("localhost:8443", "localhost"), ("localhost", None), ("API.twilio.com", "api.twilio.com")])
def test_host_equal_to_server_name(gate, record, host, name):
    client = Client(gate.port, server_name=name)
    target = "/2010-04-01/Accounts/AC1/Messages.json" if "twilio" in host else "/twilio/2010-04-01/Accounts/AC1/Messages.json"
    client.send(sms(host=host, target=target))
    assert client.read().status == 201
    assert record.requests()[0]["host"].startswith("localhost:")


def test_absolute_form_is_rewritten(either, record):
    client = Client(either.port)
    client.send(sms(target="https://LOCALHOST/twilio/2010-04-01/Accounts/AC1/Messages.json?x=1"))
    assert client.read().status == 201
    assert record.requests()[0]["path"] == "/2010-04-01/Accounts/AC1/Messages.json?x=1"


EXPECTATIONS = {"other": ["Expect: 200-ok"], "list": ["Expect: 100-continue, x"], "twice": ["Expect: 100-continue"] * 2, "empty": ["Expect:"]}


@pytest.mark.parametrize("lines", EXPECTATIONS.values(), ids=EXPECTATIONS.keys())
def test_expect_anything_else(gate, record, lines):
    refused(gate, record, raw(LINE, HOST, TYPE, f"Content-Length: {N}", *lines, body=BODY), (417,))
