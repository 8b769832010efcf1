"""The official ClickSend SDK: its host set, or its host name resolved to the gate. ClickSend answers for each message."""

import json

import clicksend
import pytest
from clicksend.exceptions import BadRequestException
from clicksend.models import SendSmsRequest, SendSmsRequestMessagesInner

from conftest import ALLOWED_PHONES, BLOCKED_PHONE

pytestmark = pytest.mark.provider("clicksend", sdk="clicksend-client")


@pytest.fixture
def client(way, gate, certificates):
    configuration = clicksend.Configuration(username="u", password="k", **({"host": gate.base("clicksend")} if way == "base-url" else {}))
    configuration.ssl_ca_cert = str(certificates.ca)
    return clicksend.SMSApi(clicksend.ApiClient(configuration)) if hasattr(clicksend, "SMSApi") else clicksend.SmsApi(clicksend.ApiClient(configuration))


def messages(*to):
    return SendSmsRequest(messages=[SendSmsRequestMessagesInner(to=phone, body=f"Hi {phone}") for phone in to])


def statuses(answer):
    return [(message.to, message.status) for message in answer.data.messages]


@pytest.mark.shows("allowed")
def test_an_allowed_message(client, provider, decisions):
    answer = client.send_sms(send_sms_request=messages(ALLOWED_PHONES[0]))
    assert answer.response_code == "SUCCESS" and statuses(answer) == [(ALLOWED_PHONES[0], "SUCCESS")]
    [request] = provider.received()
    assert (request.method, request.host, request.path) == ("POST", "rest.clicksend.com", "/v3/sms/send")
    assert json.loads(request.body)["messages"][0]["to"] == ALLOWED_PHONES[0]
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_is_rejected_in_the_answer(client, provider, decisions):
    answer = client.send_sms(send_sms_request=messages(BLOCKED_PHONE))
    assert statuses(answer) == [(BLOCKED_PHONE, "RECIPIENT_OPTED_OUT")]
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_a_mixed_request_arrives_stripped_and_is_answered_whole(client, provider, decisions):
    first, second, _ = ALLOWED_PHONES
    answer = client.send_sms(send_sms_request=messages(first, BLOCKED_PHONE, second))
    assert statuses(answer) == [(first, "SUCCESS"), (BLOCKED_PHONE, "RECIPIENT_OPTED_OUT"), (second, "SUCCESS")]
    client.send_sms(send_sms_request=messages(first, second))
    stripped, plain = provider.received()
    assert stripped.body == plain.body
    decisions.expect("strip", "allow")


def test_a_list_is_refused_with_the_sdks_error(client, provider, decisions):
    with pytest.raises(BadRequestException):
        client.send_sms(send_sms_request=SendSmsRequest(messages=[SendSmsRequestMessagesInner(list_id="428", body="Hi")]))
    assert provider.count() == 0
    decisions.expect("refuse")
