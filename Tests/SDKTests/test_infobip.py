"""The official Infobip SDK: its host set, or its host name resolved to the gate. Infobip rejects each recipient inside a 200."""

import json

import pytest
from infobip_api_client import ApiClient, Configuration, SmsApi
from infobip_api_client.exceptions import BadRequestException
from infobip_api_client.models import SmsDestination, SmsMessage, SmsMessageContent, SmsRequest, SmsTextContent

from conftest import ALLOWED_PHONES, BLOCKED_PHONE

pytestmark = pytest.mark.provider("infobip", sdk="infobip-api-python-client")
BLOCKED = BLOCKED_PHONE[1:]
FIRST, SECOND, THIRD = (phone[1:] for phone in ALLOWED_PHONES)


@pytest.fixture
def client(way, gate, certificates):
    host = gate.base("infobip", "acc1.api.infobip.com") if way == "base-url" else "https://acc1.api.infobip.com"
    configuration = Configuration(host=host, api_key={"APIKeyHeader": "key"}, api_key_prefix={"APIKeyHeader": "App"})
    configuration.ssl_ca_cert = str(certificates.ca)
    return SmsApi(ApiClient(configuration))


def message(*to, text="Your table is ready"):
    return SmsMessage(
        sender="Shop", destinations=[SmsDestination(to=phone) for phone in to], content=SmsMessageContent(SmsTextContent(text=text)))


def statuses(answer):
    return [(message.destination, message.status.id, message.status.name) for message in answer.messages]


@pytest.mark.shows("allowed")
def test_an_allowed_message(client, provider, decisions):
    answer = client.send_sms_messages(SmsRequest(messages=[message(FIRST, SECOND)]))
    assert statuses(answer) == [(FIRST, 26, "PENDING_ACCEPTED"), (SECOND, 26, "PENDING_ACCEPTED")]
    [request] = provider.received()
    assert (request.method, request.host, request.path) == ("POST", "acc1.api.infobip.com", "/sms/3/messages")
    assert json.loads(request.body)["messages"][0]["destinations"] == [{"to": FIRST}, {"to": SECOND}]
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_is_rejected_in_the_answer(client, provider, decisions):
    answer = client.send_sms_messages(SmsRequest(messages=[message(BLOCKED)]))
    assert statuses(answer) == [(BLOCKED, 14, "REJECTED_DESTINATION_BLOCKLISTED")]
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_a_mixed_request_arrives_stripped_and_is_answered_whole(client, provider, decisions):
    answer = client.send_sms_messages(SmsRequest(messages=[message(FIRST, BLOCKED, SECOND), message(BLOCKED, text="b"), message(THIRD, text="c")]))
    assert [(to, status) for to, status, _ in statuses(answer)] == [(FIRST, 26), (BLOCKED, 14), (SECOND, 26), (BLOCKED, 14), (THIRD, 26)]
    client.send_sms_messages(SmsRequest(messages=[message(FIRST, SECOND), message(THIRD, text="c")]))
    stripped, plain = provider.received()
    assert stripped.body == plain.body
    decisions.expect("strip", "allow")


def test_what_cannot_be_read_raises_the_sdks_error(client, provider, decisions):
    with pytest.raises(BadRequestException):
        client.send_sms_messages(SmsRequest(messages=[message("hello")]))
    assert provider.count() == 0
    decisions.expect("refuse")
