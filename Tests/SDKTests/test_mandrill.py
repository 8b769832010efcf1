"""The official Mailchimp Transactional SDK, unchanged. It has no setting for its host: `api_client.host` is the way its users take."""

import json

import mailchimp_transactional
import pytest
from mailchimp_transactional.api_client import ApiClientError

from conftest import BLOCKED_MAILS

pytestmark = pytest.mark.provider("mandrill", sdk="mailchimp-transactional")
GONE = BLOCKED_MAILS[:3]


@pytest.fixture
def client(way, gate):
    client = mailchimp_transactional.Client("md-key")
    if way == "base-url":
        client.api_client.host = gate.base("mandrill") + "/api/1.3"
    return client


def message(*addresses, **more):
    return {
        "from_email": "news@example.org", "from_name": "The News", "subject": "Hello", "html": f"<p>{GONE[0]} is quoted</p>",
        "to": [{"email": address, "name": f"Person {number}", "type": "to"} for number, address in enumerate(addresses)], **more}


def sent(body):
    """The bytes the SDK sends: requests' `data` of a json.dumps, the key first."""
    return json.dumps(body).encode()


@pytest.mark.shows("allowed")
def test_an_allowed_mail(client, provider, decisions):
    answer = client.messages.send({"message": message("ann@example.com", "bob@example.com")})
    assert [(item["email"], item["status"]) for item in answer] == [("ann@example.com", "sent"), ("bob@example.com", "sent")]
    [request] = provider.received()
    assert (request.method, request.path) == ("POST", "/api/1.3/messages/send.json")
    assert json.loads(request.body) == {"message": message("ann@example.com", "bob@example.com"), "key": "md-key"}
    assert request.field("content-length") == str(len(request.body))
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_is_rejected_as_mandrill_itself_does(client, provider, decisions):
    answer = client.messages.send({"message": message(*GONE[:2])})
    assert [(item["email"], item["status"], item["reject_reason"]) for item in answer] == [
        (GONE[0], "rejected", "unsub"), (GONE[1], "rejected", "unsub")]
    assert len({item["_id"] for item in answer}) == 2
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_a_mixed_mail_arrives_stripped(client, provider, decisions):
    mail = message(
        "ann@example.com", GONE[0], "bob@example.com", GONE[1],
        merge_vars=[{"rcpt": address, "vars": [{"name": "n", "content": address}]} for address in ("ann@example.com", GONE[0].upper())],
        recipient_metadata=[{"rcpt": GONE[1], "values": {"user": 7}}])
    mail["to"][3]["type"] = "bcc"
    answer = client.messages.send({"message": mail})
    assert [(item["email"], item["status"]) for item in answer] == [
        ("ann@example.com", "sent"), (GONE[0], "rejected"), ("bob@example.com", "sent"), (GONE[1], "rejected")]
    [request] = provider.received()
    expected = {**mail, "to": [mail["to"][0], mail["to"][2]], "merge_vars": mail["merge_vars"][:1]}
    del expected["recipient_metadata"]
    assert request.body == sent({"message": expected, "key": "md-key"})
    decisions.expect("strip")


@pytest.mark.parametrize("call", ["send_template", "send_mc_template"])
def test_templates(client, provider, call):
    body = {"message": message("ann@example.com", GONE[0]), "template_name": "t", "template_content": [{"name": "main", "content": "x"}]}
    answer = getattr(client.messages, call)(body)
    assert [item["status"] for item in answer] == ["sent", "rejected"]
    [request] = provider.received()
    assert [to["email"] for to in json.loads(request.body)["message"]["to"]] == ["ann@example.com"]


def test_a_hidden_copy(client, provider):
    client.messages.send({"message": message("ann@example.com", bcc_address=GONE[0])})
    [request] = provider.received()
    assert "bcc_address" not in json.loads(request.body)["message"]


def test_a_copy_hidden_in_a_header_is_refused(client, provider, decisions):
    with pytest.raises(ApiClientError) as caught:
        client.messages.send({"message": message("ann@example.com", headers={"X-MC-BccAddress": GONE[0]})})
    assert (caught.value.status_code, caught.value.text["name"]) == (400, "ValidationError")
    assert provider.count() == 0
    decisions.expect("refuse")


def test_a_raw_message(client, provider, decisions):
    raw = f"From: news@example.org\r\nTo: Ann <ann@example.com>, {GONE[0]}\r\nSubject: s\r\n\r\nHello {GONE[0]}\r\n"
    answer = client.messages.send_raw({"raw_message": raw, "to": ["ann@example.com", GONE[0]]})
    assert [item["email"] for item in answer] == ["ann@example.com"] or len(answer) == 2
    [request] = provider.received()
    received = json.loads(request.body)
    assert received["to"] == ["ann@example.com"]
    assert received["raw_message"] == raw.replace(f", {GONE[0]}", "", 1)
    decisions.expect("strip")


def test_a_scheduled_mail_and_its_cancellation(client, provider):
    [item] = client.messages.send({"message": message("ann@example.com"), "send_at": "2026-12-24 18:30:00"})
    client.messages.cancel_scheduled({"id": item["_id"]})
    assert provider.count() == 2


def test_other_calls_of_the_api(client, provider):
    assert client.users.ping() == "PONG!"
    assert client.rejects.list({})[0]["reason"] == "unsub"
    assert provider.count() == 2


@pytest.mark.parametrize("undo", [
    lambda client: client.rejects.delete({"email": GONE[0]}), lambda client: client.allowlists.add({"email": GONE[0]})])
def test_a_call_that_undoes_an_opt_out_is_refused(client, provider, undo):
    with pytest.raises(ApiClientError) as caught:
        undo(client)
    assert caught.value.status_code == 403
    assert provider.count() == 0


def test_the_providers_own_error(client, provider):
    provider.behave(error="authentication")
    with pytest.raises(ApiClientError) as caught:
        client.messages.send({"message": message("ann@example.com")})
    assert (caught.value.status_code, caught.value.text["name"]) == (401, "Invalid_Key")
    assert provider.count() == 1
