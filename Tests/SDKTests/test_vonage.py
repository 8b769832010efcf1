"""The official Vonage SDK: SMS, Messages and Verify, by host settings with a path in them and by DNS."""

import json
import urllib.parse

import pytest
from vonage import Auth, HttpClientOptions, Vonage
from vonage_http_client.errors import HttpRequestError
from vonage_messages.models import Sms
from vonage_sms import SmsMessage
from vonage_sms.errors import SmsError
from vonage_verify import SmsChannel, VerifyRequest

from conftest import ALLOWED_PHONE, ALLOWED_PHONES, BLOCKED_PHONE

pytestmark = pytest.mark.provider("vonage", sdk="vonage")
ALLOWED, BLOCKED = ALLOWED_PHONE[1:], BLOCKED_PHONE[1:]


@pytest.fixture
def client(way, gate):
    options = None
    if way == "base-url":
        place = gate.base("vonage").removeprefix("https://")
        options = HttpClientOptions(api_host=place, rest_host=place + "/rest.nexmo.com")
    return Vonage(Auth(api_key="key", api_secret="secret"), options)


def form(body):
    return urllib.parse.parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True)


@pytest.mark.shows("allowed")
def test_an_allowed_sms(client, provider, decisions):
    answer = client.sms.send(SmsMessage(to=ALLOWED, from_="Shop", text="Your table is ready"))
    assert answer.messages[0].status == "0" and answer.messages[0].to == ALLOWED
    [request] = provider.received()
    assert (request.method, request.host, request.path) == ("POST", "rest.nexmo.com", "/sms/json")
    assert dict(form(request.body))["to"] == ALLOWED
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_sms_raises_the_sdks_error(client, provider, decisions):
    with pytest.raises(SmsError, match="Number barred"):
        client.sms.send(SmsMessage(to=BLOCKED, from_="Shop", text="Sale"))
    assert provider.count() == 0
    decisions.expect("reject")


def test_a_signed_sms_goes_on_byte_for_byte(gate, provider, dns_override):
    client = Vonage(Auth(api_key="key", signature_secret="secret", signature_method="sha256"))
    assert client.sms.send(SmsMessage(to=ALLOWED, from_="Shop", text="Hi")).messages[0].status == "0"
    [request] = provider.received()
    assert "sig" in dict(form(request.body))
    with pytest.raises(SmsError):
        client.sms.send(SmsMessage(to=BLOCKED, from_="Shop", text="Hi"))


@pytest.mark.shows("allowed", "blocked")
def test_messages(client, provider, decisions):
    assert client.messages.send(Sms(to=ALLOWED, from_="Shop", text="Hi")).message_uuid
    with pytest.raises(HttpRequestError) as caught:
        client.messages.send(Sms(to=BLOCKED, from_="Shop", text="Sale"))
    assert caught.value.response.status_code == 422
    assert caught.value.response.json()["type"].endswith("#1050")
    assert provider.count() == 1
    decisions.expect("allow", "reject")


@pytest.mark.shows("stripped")
def test_a_failover_to_somebody_suppressed_is_taken_out(client, provider, decisions):
    first = Sms(to=ALLOWED, from_="Shop", text="Hi")
    spare, gone = Sms(to=ALLOWED_PHONES[1][1:], from_="Shop", text="Hi"), Sms(to=BLOCKED, from_="Shop", text="Hi")
    assert client.messages.send(first, failover=[gone, spare]).message_uuid
    assert client.messages.send(first, failover=[spare]).message_uuid
    stripped, plain = provider.received()
    assert stripped.body == plain.body and len(json.loads(plain.body)["failover"]) == 1
    with pytest.raises(HttpRequestError):
        client.messages.send(Sms(to=BLOCKED, from_="Shop", text="Hi"), failover=[spare])
    decisions.expect("strip", "allow", "reject")


def test_verify(client, provider, decisions):
    request = VerifyRequest(brand="Shop", workflow=[SmsChannel(channel="sms", to=ALLOWED)])
    assert client.verify.start_verification(request).request_id
    with pytest.raises(HttpRequestError):
        client.verify.start_verification(VerifyRequest(brand="Shop", workflow=[SmsChannel(channel="sms", to=BLOCKED)]))
    assert provider.count() == 1
    decisions.expect("allow", "reject")
