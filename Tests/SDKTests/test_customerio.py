"""The official Customer.io SDK, unchanged: its URL set, or its host name resolved to the gate. It tries again by itself."""

import json

import pytest
from customerio import APIClient, CustomerIO, CustomerIOException, SendEmailRequest

from conftest import BLOCKED_MAILS

pytestmark = pytest.mark.provider("customerio", sdk="customerio")
GONE = BLOCKED_MAILS[:3]


@pytest.fixture
def client(way, gate):
    return APIClient("app-key", **({"url": gate.base("customerio")} if way == "base-url" else {}))


@pytest.fixture
def track(way, gate):
    if way == "base-url":
        return CustomerIO("site", "key", host=gate.base("customerio", "track.customer.io").removeprefix("https://"))
    return CustomerIO("site", "key")


def mail(to, **more):
    return SendEmailRequest(
        to=to, identifiers=more.pop("identifiers", {"id": "7"}), _from="news@example.org", subject="Hello", body=f"<p>{GONE[0]}</p>", **more)


@pytest.mark.shows("allowed")
@pytest.mark.parametrize("to", ["ann@example.com", '"Ann, A" <ann@example.com>, bob@example.com'])
def test_an_allowed_mail(client, provider, decisions, to):
    assert client.send_email(mail(to))["delivery_id"].startswith("RPILA")
    [request] = provider.received()
    assert (request.method, request.path) == ("POST", "/v1/send/email")
    assert json.loads(request.body)["to"] == to
    decisions.expect("allow")


@pytest.mark.shows("blocked")
@pytest.mark.parametrize("fields", [{"to": GONE[0]}, {"to": "ann@example.com", "identifiers": {"email": GONE[1]}}], ids=["to", "person"])
def test_a_suppressed_recipient_raises_the_clients_usual_error(client, provider, decisions, fields):
    with pytest.raises(CustomerIOException) as caught:
        client.send_email(mail(**fields))
    assert str(caught.value).startswith("400:")
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_a_mixed_mail_arrives_stripped_and_otherwise_byte_equal(client, provider, decisions):
    client.send_email(mail("ann@example.com, Bob <bob@example.com>", bcc="cy@example.com"))
    client.send_email(mail(f'ann@example.com, "Gone, G" <{GONE[0]}>, Bob <bob@example.com>', cc=GONE[1], bcc=f"{GONE[2]},cy@example.com"))
    plain, stripped = provider.received()
    assert stripped.body == plain.body
    decisions.expect("allow", "strip")


def test_an_event_of_somebody_who_opted_out_starts_nothing(track, provider, decisions):
    track.track("ann@example.com", "bought", {"friend": GONE[0]})
    track.track("user-7", "bought")
    for attempt in (lambda: track.track(GONE[0], "bought"), lambda: track.track("user-7", "bought", {"recipient": GONE[0]})):
        with pytest.raises(CustomerIOException):
            attempt()
    assert provider.count() == 2
    assert [request.host for request in provider.received()] == ["track.customer.io"] * 2
    decisions.expect("allow", "allow", "reject", "reject")


def test_people_may_be_written_and_not_unsuppressed(track, provider):
    track.identify("user-7", email=GONE[0], unsubscribed=True, plan="free")
    with pytest.raises(CustomerIOException):
        track.unsuppress("user-7")
    assert provider.count() == 1


def test_the_providers_own_error(client, provider):
    provider.behave(error="authentication")
    with pytest.raises(CustomerIOException) as caught:
        client.send_email(mail("ann@example.com"))
    assert str(caught.value).startswith("401:")
    assert provider.count() == 1


def test_a_refused_mail_raises_the_clients_usual_error_once(client, provider, decisions):
    with pytest.raises(CustomerIOException) as caught:
        client.send_email(mail("nobody"))
    assert str(caught.value).startswith("400:")
    assert provider.count() == 0
    decisions.expect("refuse")
