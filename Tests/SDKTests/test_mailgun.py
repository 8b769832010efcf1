"""The official Mailgun SDK, unchanged: its API URL set, or its host name resolved to the gate."""

import json
import urllib.parse

import pytest
from mailgun.client import Client

from conftest import BLOCKED_MAILS

pytestmark = [
    pytest.mark.provider("mailgun", sdk="mailgun"), pytest.mark.filterwarnings("ignore::UserWarning")]
GONE = BLOCKED_MAILS[:3]


@pytest.fixture
def client(way, gate):
    return Client(auth=("api", "key"), **({"api_url": gate.base("mailgun")} if way == "base-url" else {}))


def send(client, to, files=None, **more):
    data = {"from": "The News <news@example.org>", "to": to, "subject": "Hello", "text": f"Grüße, {GONE[0]}", **more}
    return client.messages.create(data=data, files=files, domain="mg.example.org")


def fields(request):
    return urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True)


@pytest.mark.shows("allowed")
@pytest.mark.parametrize("to", ["ann@example.com", ["Ann <ann@example.com>", '"Bob, B" <bob@example.com>']], ids=["one", "list"])
def test_an_allowed_mail(client, provider, decisions, to):
    answer = send(client, to)
    assert answer.status_code == 200
    assert answer.json() == {"id": "<1@mg.example.org>", "message": "Queued. Thank you."}
    [request] = provider.received()
    assert (request.method, request.path) == ("POST", "/v3/mg.example.org/messages")
    assert [value for name, value in fields(request) if name == "to"] == ([to] if isinstance(to, str) else to)
    decisions.expect("allow")


@pytest.mark.shows("blocked")
@pytest.mark.parametrize("to", [GONE[0], [f"Gone <{GONE[0].upper()}>", GONE[1]], f'"Gone, G" <{GONE[0]}>, {GONE[1]}'], ids=["one", "list", "text"])
def test_a_suppressed_recipient_is_answered_as_mailgun_itself_does(client, provider, decisions, to):
    # The SDK hands the answer over and raises nothing.
    answer = send(client, to)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("to parameter is not a valid address. please check documentation")
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_a_mixed_form_arrives_stripped_and_otherwise_byte_equal(client, provider, decisions):
    send(client, ["Ann <ann@example.com>", "bob@example.com"], bcc="cy@example.com", **{"o:tag": "x", "v:k": "1"})
    send(client, ["Ann <ann@example.com>", f"Gone <{GONE[0]}>", "bob@example.com"], cc=GONE[1], bcc=f"{GONE[2]}, cy@example.com",
         **{"o:tag": "x", "v:k": "1"})
    plain, stripped = provider.received()
    # The one blank behind the comma aside, which belongs to the address that stayed.
    assert fields(stripped) == fields(plain)
    decisions.expect("allow", "strip")


@pytest.mark.parametrize("files", [None, [("attachment", ("a.txt", b"x"))]], ids=["form", "parts"])
def test_recipient_variables_of_somebody_who_opted_out_go_with_them(client, provider, decisions, files):
    variables = {address: {"name": address} for address in ("ann@example.com", GONE[0], "bob@example.com")}
    assert send(client, list(variables), files=files, **{"recipient-variables": json.dumps(variables)}).status_code == 200
    del variables[GONE[0]]
    [request] = provider.received()
    if files:
        assert json.dumps(variables).encode() in request.body
    else:
        assert dict(fields(request))["recipient-variables"] == json.dumps(variables)
        assert [value for name, value in fields(request) if name == "to"] == list(variables)
    assert send(client, [GONE[0]], files=files, **{"recipient-variables": json.dumps({GONE[0]: {}})}).status_code == 400
    decisions.expect("strip", "reject")


@pytest.mark.shows("stripped")
def test_a_mixed_mail_with_an_attachment(client, provider, decisions):
    files = [("attachment", ("a.txt", b"\x00\xff--x\r\n" * 1000))]
    answer = send(client, ["ann@example.com", GONE[0]], files=files, cc=GONE[1])
    assert answer.status_code == 200
    [request] = provider.received()
    boundary = request.field("content-type").partition("boundary=")[2].encode()
    parts = request.body.split(b"--" + boundary)[1:-1]
    named = [part.partition(b'name="')[2].partition(b'"')[0].decode() for part in parts]
    assert named == ["from", "to", "subject", "text", "attachment"]
    assert b"\x00\xff--x\r\n" * 1000 in request.body
    assert GONE[1].encode() not in request.body
    decisions.expect("strip")


def test_a_whole_message(client, provider, decisions):
    message = f"From: news@example.org\r\nTo: Ann <ann@example.com>, {GONE[0]}\r\nSubject: s\r\n\r\nHello\r\n".encode()
    answer = client.mimemessage.create(
        data={"to": ["ann@example.com", GONE[0]]}, files={"message": ("message.mime", message)}, domain="mg.example.org")
    assert answer.status_code == 200
    [request] = provider.received()
    assert request.path == "/v3/mg.example.org/messages.mime"
    assert GONE[0].encode() not in request.body
    assert b"To: Ann <ann@example.com>\r\n" in request.body
    decisions.expect("strip")


def test_a_call_that_undoes_an_opt_out_is_refused(client, provider):
    assert client.unsubscribes.create(data={"address": GONE[0]}, domain="mg.example.org").status_code == 200
    assert client.unsubscribes.delete(domain="mg.example.org", unsubscribe_address=GONE[0]).status_code == 403
    assert provider.count() == 1


def test_the_providers_own_error(client, provider):
    provider.behave(error="authentication")
    assert send(client, "ann@example.com").status_code == 401
    assert provider.count() == 1


def test_a_refused_mail_raises_the_clients_usual_error_once(client, provider, decisions):
    # The SDK hands the answer over and raises nothing.
    answer = send(client, "nobody")
    assert answer.status_code == 400 and "address" in answer.json()["message"]
    assert provider.count() == 0
    decisions.expect("refuse")
