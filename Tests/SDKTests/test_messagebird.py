"""The MessageBird SDK: an HTTP client with the gate's address, or DNS."""

import json

import messagebird
import pytest
import requests
from messagebird.http_client import HttpClient

from conftest import ALLOWED_PHONES, BLOCKED_PHONE

pytestmark = pytest.mark.provider("messagebird", sdk="messagebird")


@pytest.fixture
def client(way, gate):
    if way == "base-url":
        return messagebird.Client("key", http_client=HttpClient(gate.base("messagebird") + "/", "key", "tests"))
    return messagebird.Client("key")


@pytest.mark.shows("allowed")
def test_an_allowed_message(client, provider, decisions):
    answer = client.message_create("Shop", [ALLOWED_PHONES[0]], "Your table is ready")
    assert answer.id and answer.recipients["totalSentCount"] == 1
    [request] = provider.received()
    assert (request.method, request.host, request.path) == ("POST", "rest.messagebird.com", "/messages")
    assert json.loads(request.body)["recipients"] == ALLOWED_PHONES[0]
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_the_sdks_error(client, provider, decisions):
    with pytest.raises(messagebird.ErrorException) as caught:
        client.message_create("Shop", [BLOCKED_PHONE], "Sale")
    assert caught.value.errors[0].code == 9
    with pytest.raises(messagebird.ErrorException):
        client.verify_create(BLOCKED_PHONE)
    assert provider.count() == 0
    decisions.expect("reject", "reject")


@pytest.mark.shows("stripped")
def test_a_mixed_message_arrives_without_the_suppressed(client, provider, decisions):
    first, second, _ = ALLOWED_PHONES
    assert client.message_create("Shop", [first, BLOCKED_PHONE, second], "Hi").id
    assert client.message_create("Shop", [first, second], "Hi").id
    stripped, plain = provider.received()
    assert stripped.body == plain.body
    decisions.expect("strip", "allow")


def test_a_group_of_contacts_is_refused(client, provider, decisions):
    # A status that this SDK knows no error for reaches its caller as the HTTP library's.
    with pytest.raises(requests.HTTPError):
        client.message_create("Shop", [ALLOWED_PHONES[0]], "Hi", {"groupIds": ["61afc0531573b08ddbe36e1c85602827"]})
    assert provider.count() == 0
    decisions.expect("refuse")


@pytest.mark.parametrize("name", ["recipients", "recipients[]"])
def test_the_same_call_as_a_form(gate, provider, decisions, name):
    def send(*phones):
        recipients = [(name, ",".join(phones))] if name == "recipients" else [(name, phone) for phone in phones]
        return requests.post(
            f"{gate.base('messagebird')}/messages", data=[("originator", "Shop"), *recipients, ("body", "Hi")],
            headers={"Authorization": "AccessKey k"}, timeout=30)

    first, second, _ = ALLOWED_PHONES
    assert send(first, BLOCKED_PHONE, second).ok
    assert send(first, second).ok
    assert send(BLOCKED_PHONE).status_code == 422
    stripped, plain = provider.received()
    assert stripped.body == plain.body
    decisions.expect("strip", "allow", "reject")
