"""Routing (hardening.md 2.3): every spelling of a send's path is refused or reaches the send's rule, over both protocols.
The suppressed number is the oracle: wherever a request is not refused as a request, it has to be refused as a send."""

import itertools
import json
import random

import pytest

from lab.h1peer import Client, FORM, head
from lab.h2peer import Peer, request, Answer

PATH = "/2010-04-01/Accounts/AC1/Messages.json"
BLOCKED = b"To=%2B14155550123&From=%2B14155559999&Body=x"
ALLOWED = b"To=%2B14155550100&From=%2B14155559999&Body=x"


def post(gate, path, body, prefix="/twilio", method="POST", fields=(), protocol="h1"):
    """Status and body of one send."""
    if protocol == "h1":
        client = Client(gate.port)
        client.send(head(method, prefix + path, [FORM, ("Content-Length", str(len(body))), *fields]) + body)
        answer = client.read()
        client.close()
        return answer.status, answer.body
    peer = Peer(gate.port)
    peer.headers(1, request(prefix + path, method, extra=[("content-type", FORM[1]), *[(n.lower(), v) for n, v in fields]]), end=False)
    peer.data(1, body, end=True)
    answer = peer.answers.setdefault(1, Answer())
    peer.read_until(lambda: answer.ended or answer.reset is not None)
    peer.close()
    return answer.status or 400, answer.body


REFUSED = {
    "escaped-slash": "/2010-04-01/Accounts/AC1%2FMessages.json",
    "escaped-slash-lower": "/2010-04-01/Accounts%2fAC1/Messages.json",
    "escaped-backslash": "/2010-04-01/Accounts/AC1%5CMessages.json",
    "backslash": "/2010-04-01\\Accounts/AC1/Messages.json",
    "nul": "/2010-04-01/Accounts/AC1/Messages.json%00",
    "double-escape": "/2010-04-01/Accounts/AC1/Messages%252ejson",
    "escaped-percent": "/2010-04-01/Accounts/AC1/%25/Messages.json",
    "parameter": "/2010-04-01/Accounts/AC1/Messages.json;x=1",
    "parameter-inside": "/2010-04-01;x/Accounts/AC1/Messages.json",
    "empty-segment": "/2010-04-01//Accounts/AC1/Messages.json",
    "empty-last": "/2010-04-01/Accounts/AC1/Messages.json//",
    "empty-first": "//2010-04-01/Accounts/AC1/Messages.json",
    "dot": "/2010-04-01/./Accounts/AC1/Messages.json",
    "dot-last": "/2010-04-01/Accounts/AC1/Messages.json/.",
    "dot-dot": "/2010-04-01/x/../Accounts/AC1/Messages.json",
    "escaped-dot-dot": "/2010-04-01/x/%2e%2E/Accounts/AC1/Messages.json",
    "escaped-dot": "/2010-04-01/%2e/Accounts/AC1/Messages.json",
    "escaped-high": "/2010-04-01/Accounts/AC1/Messages.json%C3%A9",
    "overlong-slash": "/2010-04-01/Accounts/AC1%C0%AFMessages.json",
    "bad-escape": "/2010-04-01/Accounts/AC1/Messages%zzjson",
    "cut-escape": "/2010-04-01/Accounts/AC1/Messages.json%2",
    "lone-percent": "/2010-04-01/Accounts/AC1/Messages.json%",
    "unicode-escape": "/2010-04-01/Accounts/AC1/Messages%u002ejson",
    "escaped-crlf": "/2010-04-01/Accounts/AC1/Messages.json%0d%0aX:y",
    "escaped-question": "/2010-04-01/Accounts/AC1/Messages.json%3Fx",
    "escaped-hash": "/2010-04-01/Accounts/AC1/Messages.json%23x",
    "escaped-semicolon": "/2010-04-01/Accounts/AC1/Messages.json%3Bx",
    "another-path": "/2010-04-01/Accounts/AC1/Messages2.json",
    "deeper": "/2010-04-01/Accounts/AC1/Messages.json/x",
}


@pytest.mark.parametrize("protocol", ["h1", "h2"])
@pytest.mark.parametrize("path", REFUSED.values(), ids=REFUSED.keys())
def test_path_is_refused(gate, record, path, protocol):
    status, _ = post(gate, path, ALLOWED, protocol=protocol)
    assert status in (400, 404)
    assert record.count() == 0


SAME = {
    "plain": PATH, "escaped-letter": "/2010-04-01/Accounts/AC1/M%65ssages.json", "escaped-dot-in-name": "/2010-04-01/Accounts/AC1/Messages%2Ejson",
    "escaped-dash": "/2010%2d04-01/Accounts/AC1/Messages.json", "upper-case": PATH.upper(), "lower-case": PATH.lower(), "trailing-slash": PATH + "/",
    "other-suffix": PATH.replace(".json", ".csv"), "no-suffix": PATH.replace(".json", ""), "query": PATH + "?x=1",
}


@pytest.mark.parametrize("protocol", ["h1", "h2"])
@pytest.mark.parametrize("path", SAME.values(), ids=SAME.keys())
def test_path_reaches_the_send_rule(gate, record, path, protocol):
    status, body = post(gate, path, BLOCKED, protocol=protocol)
    assert status == 400 and json.loads(body)["code"] == 21610
    assert record.count() == 0
    assert post(gate, path, ALLOWED, protocol=protocol)[0] == 201
    forwarded = record.requests()[0]["path"]
    assert "%" not in forwarded and forwarded.lower().startswith("/2010-04-01/accounts/ac1/messages")


def test_random_spellings_never_pass_blind(gate, record):
    rng = random.Random(20)
    pieces = list(PATH)
    clients = Client(gate.port)
    outcomes = {}
    for _ in range(400):
        letters = list(pieces)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(1, len(letters))
            letter = letters[at]
            letters[at] = rng.choice([
                f"%{ord(letter[0]):02x}", f"%{ord(letter[0]):02X}", letter.swapcase(), letter + "/", "/" + letter, letter + "%20", letter + ";",
                f"%25{ord(letter[0]):02x}", letter + "/.", letter + "%00", letter + "?", "\\" if letter == "/" else letter, letter + "%2f"])
        path = "".join(letters)
        clients.send(head("POST", "/twilio" + path, [FORM, ("Content-Length", str(len(BLOCKED)))]) + BLOCKED)
        answer = clients.read()
        assert answer is not None and 400 <= answer.status < 500, path
        outcomes[answer.status] = outcomes.get(answer.status, 0) + 1
        if answer.closes:
            clients.close()
            clients = Client(gate.port)
    assert record.count() == 0, [r["path"] for r in record.requests()]
    assert len(outcomes) >= 2


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "post", "POSTX", "OPTIONS", "QUERY", "GET"])
def test_other_methods_on_a_send_route(gate, record, method):
    status, _ = post(gate, PATH, BLOCKED, method=method)
    assert 400 <= status < 500
    assert record.count() == 0


@pytest.mark.parametrize("protocol", ["h1", "h2"])
@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-URL", "X-Rewrite-URL"])
def test_override_headers(gate, record, name, protocol):
    status, _ = post(gate, PATH, ALLOWED, fields=[(name, "GET")], protocol=protocol)
    assert status == 400 and record.count() == 0


@pytest.mark.parametrize("query", ["_method=PUT", "a=1&_method=PUT", "%5Fmethod=PUT", "_METHOD=put"])
def test_override_parameter(gate, record, query):
    assert post(gate, PATH + "?" + query, ALLOWED)[0] == 400
    assert record.count() == 0


@pytest.mark.parametrize("query", ["To=%2B14155550123", "to=%2B14155550123", "T%6F=%2B14155550123", "x=1&To=%2B14155550123"])
def test_recipient_in_the_query(gate, record, query):
    assert post(gate, PATH + "?" + query, ALLOWED)[0] == 400
    assert record.count() == 0


@pytest.mark.parametrize("prefix", ["", "/", "/twiliox", "/Twilio", "/twilio%2F", "/sendgrid", "/%74wilio/x"])
def test_unknown_prefix(gate, record, prefix):
    status, _ = post(gate, PATH, ALLOWED, prefix=prefix)
    assert status in (400, 404) and record.count() == 0


@pytest.mark.parametrize("host,sni", [("api.sendgrid.com", "api.twilio.com"), ("api.twilio.com", "api.sendgrid.com"),
                                      ("localhost", "api.twilio.com"), ("api.twilio.com", "localhost")])
def test_host_and_sni_name_two_routes(gate, record, host, sni):
    client = Client(gate.port, server_name=sni)
    client.send(head("POST", PATH, [FORM, ("Content-Length", str(len(ALLOWED)))], host=host) + ALLOWED)
    assert client.read().status == 421
    peer = Peer(gate.port, server_name=sni)
    peer.headers(1, request(PATH, "POST", authority=host, extra=[("content-type", FORM[1])]), end=False)
    peer.data(1, ALLOWED, end=True)
    assert peer.answer(1).status == 421
    assert record.count() == 0
