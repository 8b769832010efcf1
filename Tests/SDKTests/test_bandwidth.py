"""The official Bandwidth SDK: its host set, or its host name resolved to the gate."""

import json

import bandwidth
import pytest
from bandwidth.exceptions import BadRequestException
from bandwidth.models import CreateCall, MessageRequest

from conftest import ALLOWED_PHONES, BLOCKED_PHONE

pytestmark = pytest.mark.provider("bandwidth", sdk="bandwidth-sdk", stripped="several recipients share one thread")


def configuration(way, gate, certificates, host, path):
    options = {"host": gate.base("bandwidth", host) + path, "ignore_operation_servers": True} if way == "base-url" else {}
    return bandwidth.Configuration(username="u", password="p", ssl_ca_cert=str(certificates.ca), **options)


@pytest.fixture
def messages(way, gate, certificates):
    return bandwidth.MessagesApi(bandwidth.ApiClient(configuration(way, gate, certificates, "messaging.bandwidth.com", "/api/v2")))


def message(*to):
    return MessageRequest(application_id="93de2206", to=list(to), var_from="+15005550006", text="Your table is ready")


@pytest.mark.shows("allowed")
def test_an_allowed_message(messages, provider, decisions):
    answer = messages.create_message("900", message(ALLOWED_PHONES[0]))
    assert answer.id and answer.to == [ALLOWED_PHONES[0]]
    [request] = provider.received()
    assert (request.method, request.host, request.path) == ("POST", "messaging.bandwidth.com", "/api/v2/users/900/messages")
    assert json.loads(request.body)["to"] == [ALLOWED_PHONES[0]]
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_the_sdks_error(messages, provider, decisions):
    with pytest.raises(BadRequestException) as caught:
        messages.create_message("900", message(BLOCKED_PHONE))
    assert json.loads(caught.value.body)["fieldErrors"][0]["fieldName"] == "to"
    # A group with somebody suppressed in it is another group without them.
    with pytest.raises(BadRequestException):
        messages.create_message("900", message(ALLOWED_PHONES[0], BLOCKED_PHONE))
    assert provider.count() == 0
    decisions.expect("reject", "reject")


def test_calls(way, gate, certificates, provider, decisions):
    calls = bandwidth.CallsApi(bandwidth.ApiClient(configuration(way, gate, certificates, "voice.bandwidth.com", "/api/v2")))

    def call(to):
        return calls.create_call("900", CreateCall(
            application_id="1", to=to, var_from="+15005550006", answer_url="https://app.example.com/a"))

    assert call(ALLOWED_PHONES[0]).call_id
    with pytest.raises(BadRequestException):
        call(BLOCKED_PHONE)
    assert [request.host for request in provider.received()] == ["voice.bandwidth.com"]
    decisions.expect("allow", "reject")
