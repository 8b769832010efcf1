"""The official Resend SDK, unchanged: its URL set, or its host name resolved to the gate."""

import json

import pytest
import resend
from resend.exceptions import ResendError, ValidationError

from conftest import BLOCKED_MAILS

pytestmark = pytest.mark.provider("resend", sdk="resend")
GONE = BLOCKED_MAILS[:3]


@pytest.fixture
def client(way, gate, monkeypatch):
    monkeypatch.setattr(resend, "api_key", "re_key")
    if way == "base-url":
        monkeypatch.setattr(resend, "api_url", gate.base("resend"))
    return resend


def mail(to, **more):
    return {"from": "The News <news@example.org>", "to": to, "subject": "Hello", "html": f"<p>Grüße, {GONE[0]}</p>", **more}


@pytest.mark.shows("allowed")
@pytest.mark.parametrize("to", ["ann@example.com", ["Ann <ann@example.com>", "bob@example.com"]])
def test_an_allowed_mail(client, provider, decisions, to):
    answer = client.Emails.send(mail(to))
    assert len(answer["id"]) == 36
    [request] = provider.received()
    assert (request.method, request.path) == ("POST", "/emails")
    assert request.body == json.dumps(mail(to)).encode()
    decisions.expect("allow")


@pytest.mark.shows("blocked")
@pytest.mark.parametrize("to", [GONE[0], f'"Gone, G" <{GONE[0]}>', [f"G <{GONE[0].upper()}>", GONE[1]]])
def test_a_suppressed_recipient_raises_the_clients_usual_error(client, provider, decisions, to):
    with pytest.raises(ValidationError) as caught:
        client.Emails.send(mail(to))
    assert (caught.value.code, caught.value.error_type) == (422, "validation_error")
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_a_mixed_mail_arrives_stripped_and_otherwise_byte_equal(client, provider, decisions):
    body = mail(["ann@example.com", f"G <{GONE[0]}>", "Bob <bob@example.com>"], cc=GONE[1], bcc=[GONE[2], "cy@example.com"])
    answer = client.Emails.send(body)
    assert len(answer["id"]) == 36
    [request] = provider.received()
    expected = {**body, "to": ["ann@example.com", "Bob <bob@example.com>"], "bcc": ["cy@example.com"]}
    del expected["cc"]
    assert request.body == json.dumps(expected).encode()
    decisions.expect("strip")


def test_a_batch_keeps_its_ids_in_order(client, provider, decisions):
    answer = client.Batch.send([mail("ann@example.com"), mail(GONE[0]), mail([GONE[1], "bob@example.com"])])
    assert len(answer["data"]) == 3
    assert len({entry["id"] for entry in answer["data"]}) == 3
    [request] = provider.received()
    assert request.body == json.dumps([mail("ann@example.com"), mail(["bob@example.com"])]).encode()
    decisions.expect("strip")


def test_a_permissive_batch_is_taken_whole_or_not_at_all(client, provider, decisions):
    with pytest.raises(ValidationError):
        client.Batch.send([mail("ann@example.com"), mail(GONE[0])], {"batch_validation": "permissive"})
    decisions.expect("reject")
    client.Batch.send([mail("ann@example.com"), mail("bob@example.com")], {"batch_validation": "permissive"})
    assert provider.count() == 1
    decisions.expect("allow")


def test_a_retry_under_the_same_key(client, provider):
    for _ in range(2):
        client.Emails.send(mail(["ann@example.com", GONE[0]]), {"idempotency_key": "order-7"})
    first, second = provider.received()
    assert first.body == second.body
    assert first.field("idempotency-key") == "order-7"


def test_a_scheduled_mail_and_its_cancellation(client, provider, decisions):
    answer = client.Emails.send(mail("ann@example.com", scheduled_at="2026-12-24T18:30:00Z"))
    client.Emails.cancel(answer["id"])
    assert provider.count() == 2
    [decision] = decisions.expect("allow")
    assert decision["scheduled"]


def test_a_broadcast_is_a_draft_or_refused(client, provider):
    client.Broadcasts.create({"segment_id": "s1", "from": "news@example.org", "subject": "s", "html": "x"})
    for send in (
        lambda: client.Broadcasts.send({"broadcast_id": "b1"}),
        lambda: client.Broadcasts.create({"segment_id": "s1", "from": "news@example.org", "subject": "s", "html": "x", "send": True}),
    ):
        with pytest.raises(ResendError):
            send()
    assert provider.count() == 1


def test_a_call_that_undoes_an_opt_out_is_refused(client, provider):
    with pytest.raises(ResendError):
        client.Suppressions.remove(GONE[0])
    assert provider.count() == 0


def test_the_providers_own_error(client, provider):
    provider.behave(error="authentication")
    with pytest.raises(ResendError) as caught:
        client.Emails.send(mail("ann@example.com"))
    assert caught.value.error_type == "missing_api_key"
    assert provider.count() == 1


def test_a_refused_mail_raises_the_clients_usual_error_once(client, provider, decisions):
    with pytest.raises(ResendError) as caught:
        client.Emails.send(mail("nobody"))
    assert caught.value.error_type == "validation_error"
    assert provider.count() == 0
    decisions.expect("refuse")
