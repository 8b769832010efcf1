"""The official SparkPost SDK, unchanged: its base URI set, or its host name resolved to the gate."""

import json

import pytest
from sparkpost import SparkPost
from sparkpost.exceptions import SparkPostAPIException

from conftest import BLOCKED_MAILS

pytestmark = pytest.mark.provider("sparkpost", sdk="sparkpost")
GONE = BLOCKED_MAILS[:3]


@pytest.fixture
def client(way, gate):
    return SparkPost("key", **({"base_uri": gate.base("sparkpost").removeprefix("https://")} if way == "base-url" else {}))


def send(client, *recipients, **more):
    return client.transmissions.send(
        recipients=list(recipients), html=f"<p>{GONE[0]}</p>", from_email="The News <news@example.org>", subject="Hello",
        track_opens=True, **more)


@pytest.mark.shows("allowed")
def test_an_allowed_mail(client, provider, decisions):
    answer = send(client, "ann@example.com", {"address": {"email": "bob@example.com", "name": "Bob"}, "metadata": {"n": 1}})
    assert (answer["total_accepted_recipients"], answer["total_rejected_recipients"]) == (2, 0)
    [request] = provider.received()
    assert (request.method, request.path) == ("POST", "/api/v1/transmissions")
    assert request.field("authorization") == "key"
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_the_clients_usual_error(client, provider, decisions):
    with pytest.raises(SparkPostAPIException) as caught:
        send(client, GONE[0])
    assert caught.value.status == 400
    assert caught.value.errors == [
        "Message generation rejected Code: 1902 Description: recipient address suppressed due to customer policy \n"]
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_a_mixed_mail_arrives_stripped(client, provider, decisions):
    send(client, "ann@example.com", "bob@example.com", cc=["cy@example.com"], bcc=["dan@example.com"])
    send(client, "ann@example.com", GONE[0], "bob@example.com", cc=[GONE[1], "cy@example.com"], bcc=["dan@example.com", GONE[2]])
    plain, stripped = (json.loads(request.body) for request in provider.received())
    # Copies say whose To line they show: that line may still name somebody who was taken out.
    for body in (plain, stripped):
        for recipient in body["recipients"]:
            recipient["address"].pop("header_to", None)
    assert stripped == plain
    decisions.expect("allow", "strip")


def test_a_stored_list_is_refused(client, provider, decisions):
    with pytest.raises(SparkPostAPIException):
        client.transmissions.send(recipient_list="customers", html="x", from_email="news@example.org", subject="s")
    assert provider.count() == 0
    decisions.expect("refuse")


def test_suppressions_may_be_added_and_not_taken_away(client, provider):
    client.suppression_list.create({"email": GONE[0], "transactional": False, "non_transactional": True})
    with pytest.raises(SparkPostAPIException) as caught:
        client.suppression_list.delete(GONE[0])
    assert caught.value.status == 403
    assert provider.count() == 1


def test_the_providers_own_error(client, provider):
    provider.behave(error="authentication")
    with pytest.raises(SparkPostAPIException) as caught:
        send(client, "ann@example.com")
    assert caught.value.status == 401
    assert provider.count() == 1
