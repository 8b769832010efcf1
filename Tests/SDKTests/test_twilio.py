"""The official Twilio SDK, unchanged: its base URL set, or its host name resolved to the gate."""

import asyncio
import datetime
import json
import urllib.parse

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from conftest import ALLOWED_PHONE, ALLOWED_PHONES, BLOCKED_PHONE

pytestmark = pytest.mark.provider("twilio", sdk="twilio")

ACCOUNT, TOKEN, SENDER = "AC" + "0" * 32, "secret", "+15005550006"
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


@pytest.fixture(params=["base-url", "dns-override"])
def client(request, gate):
    client = Client(ACCOUNT, TOKEN)
    if request.param == "base-url":
        client.api.base_url = gate.base("twilio")
    else:
        request.getfixturevalue("dns_override")
    return client


def point(client, gate, product):
    """Each product of the SDK has a base URL of its own; with DNS they are the products' own names."""
    if client.api.base_url.startswith("https://localhost"):
        getattr(client, product).base_url = gate.base("twilio", product.replace("_", "-") + ".twilio.com")


def form(body):
    return urllib.parse.parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True)


@pytest.mark.shows("allowed")
def test_an_allowed_message_returns_the_providers_answer(client, provider, decisions):
    message = client.messages.create(to=ALLOWED_PHONE, from_=SENDER, body="Your table is ready")
    assert message.sid == "SM" + "0" * 31 + "1"
    assert message.status == "queued"
    assert message.error_code is None

    [request] = provider.received()
    assert (request.method, request.path) == ("POST", PATH)
    assert request.body == urllib.parse.urlencode({"To": ALLOWED_PHONE, "From": SENDER, "Body": "Your table is ready"}).encode()
    assert request.field("content-length") == str(len(request.body))
    assert request.field("content-type") == "application/x-www-form-urlencoded"
    assert request.field("authorization").startswith("Basic ")
    assert request.field("user-agent").startswith("twilio-python/")
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_what_twilio_itself_would_raise(client, provider, decisions):
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(to=BLOCKED_PHONE, from_=SENDER, body="Sale")
    assert (caught.value.status, caught.value.code) == (400, 21610)
    assert caught.value.msg.endswith("Attempt to send to unsubscribed recipient")
    assert provider.count() == 0
    # One request came, one record was written: the SDK tried once.
    decisions.expect("reject")


@pytest.mark.parametrize("to", [
    "+1 415 555 0123", "+1 (415) 555-0123", "(415) 555-0123", "415.555.0123", "14155550123", "whatsapp:+14155550123",
    "rcs:+14155550123", "WhatsApp:+14155550123", "+44 20 7946 0123", "+52 1 55 1234 5678", "+525512345678"])
def test_every_spelling_of_a_suppressed_number_is_blocked(client, provider, to):
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(to=to, from_=SENDER, body="Sale")
    assert caught.value.code == 21610
    assert provider.count() == 0


@pytest.mark.parametrize("to", [
    "\uff0b\uff11\uff14\uff11\uff15\uff15\uff15\uff15\uff10\uff11\uff12\uff13", "+1415555012\u0663", "+14155550123\u200b",
    "+14155550123,+14155550199", "+14155550199;+14155550123", "tel:+14155550123", "sip:+14155550123@example.com",
    "messenger:14155550123", "whatsapp:whatsapp:+14155550123", "+14155550123;ext=4"])
def test_a_spelling_that_cannot_be_read_one_way_never_passes(client, provider, to):
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(to=to, from_=SENDER, body="Sale")
    assert caught.value.status == 400
    assert provider.count() == 0


@pytest.mark.parametrize("to", [
    "+1 415 555 0199", "+1 (415) 555-0199", "(415) 555-0199", "whatsapp:+14155550199", "rcs:+14155550199", "+4915112345678",
    "+442079460124", "+919876543210"])
def test_every_spelling_of_another_number_passes_as_written(client, provider, to):
    client.messages.create(to=to, from_=SENDER, body="Hello")
    [request] = provider.received()
    assert dict(form(request.body))["To"] == to


def test_all_that_a_message_can_carry_arrives(client, provider):
    client.messages.create(
        to=ALLOWED_PHONE, messaging_service_sid="MG" + "0" * 32, body="100 % off & more = 5 €\r\n😀 +1",
        media_url=["https://cdn.example.com/a.jpg?x=1&y=2", "https://cdn.example.com/b.png"],
        status_callback="https://app.example.com/status?id=7", schedule_type="fixed",
        send_at=datetime.datetime(2026, 12, 24, 18, 30, tzinfo=datetime.timezone.utc), content_variables='{"1":"Zoë","2":"+14155550123"}',
        validity_period=3600, smart_encoded=True, shorten_urls=False)
    [request] = provider.received()
    fields = form(request.body)
    assert [value for name, value in fields if name == "MediaUrl"] == [
        "https://cdn.example.com/a.jpg?x=1&y=2", "https://cdn.example.com/b.png"]
    named = dict(fields)
    assert named["Body"] == "100 % off & more = 5 €\r\n😀 +1"
    assert named["ContentVariables"] == '{"1":"Zoë","2":"+14155550123"}'
    assert named["SendAt"] == "2026-12-24T18:30:00Z"
    assert named["StatusCallback"] == "https://app.example.com/status?id=7"


def test_reads_and_writes_that_send_nothing_pass(client, provider, decisions):
    client.messages("SM" + "0" * 32).fetch()
    client.messages("SM" + "0" * 32).update(body="")
    client.messages("SM" + "0" * 32).delete()
    assert [request.method for request in provider.received()] == ["GET", "POST", "DELETE"]


@pytest.mark.parametrize("send", [
    lambda client: client.chat.v2.services("IS1").channels("CH1").messages.create(body="Hi"),
    lambda client: client.flex_api.v1.interaction.create(channel={"type": "sms", "initiated_by": "agent"}),
], ids=["chat", "flex"])
def test_a_send_no_adapter_knows_is_refused(client, gate, provider, decisions, send):
    for product in ("chat", "flex_api"):
        point(client, gate, product)
    with pytest.raises(TwilioRestException) as caught:
        send(client)
    assert caught.value.status // 100 == 4
    assert "policies/providers/twilio.yaml" in caught.value.msg
    assert provider.count() == 0
    decisions.expect("refuse")


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
def test_the_providers_own_errors_reach_the_sender_and_nothing_is_sent_twice(client, provider, status):
    provider.behave(status=status)
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(to=ALLOWED_PHONE, from_=SENDER, body="Once")
    assert caught.value.status == status
    assert provider.count() == 1


def test_two_hundred_messages_over_one_session_each_arrive_once(client, provider):
    wanted = []
    for number in range(200):
        to = BLOCKED_PHONE if number % 10 == 3 else f"+1415555{2000 + number}"
        try:
            client.messages.create(to=to, from_=SENDER, body=f"number {number}")
            wanted.append((to, f"number {number}"))
        except TwilioRestException as error:
            assert (to, error.code) == (BLOCKED_PHONE, 21610)
    assert len(wanted) == 180
    assert [(dict(form(request.body))["To"], dict(form(request.body))["Body"]) for request in provider.received()] == wanted


def test_the_asynchronous_client(gate, provider):
    async def run():
        async with AsyncTwilioHttpClient() as transport:
            client = Client(ACCOUNT, TOKEN, http_client=transport)
            client.api.base_url = gate.base("twilio")
            message = await client.messages.create_async(to=ALLOWED_PHONE, from_=SENDER, body="Hello")
            with pytest.raises(TwilioRestException) as caught:
                await client.messages.create_async(to=BLOCKED_PHONE, from_=SENDER, body="Sale")
            return message, caught.value

    message, error = asyncio.run(run())
    assert message.status == "queued"
    assert (error.status, error.code) == (400, 21610)
    assert provider.count() == 1


def test_an_edge_and_region_host(request, gate, provider):
    request.getfixturevalue("dns_override")
    client = Client(ACCOUNT, TOKEN, region="ie1", edge="dublin")
    client.messages.create(to=ALLOWED_PHONE, from_=SENDER, body="Hello")
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(to=BLOCKED_PHONE, from_=SENDER, body="Sale")
    assert caught.value.code == 21610
    assert provider.count() == 1


#: A send of each product: whom it goes to, the path of the request, and the code when they opted out.
PRODUCTS = {
    "call": (lambda client, to: client.calls.create(to=to, from_=SENDER, url="https://app.example.com/voice"), "api", 21216),
    "conference": (
        lambda client, to: client.api.v2010.accounts(ACCOUNT).conferences("CF" + "0" * 32).participants.create(to=to, from_=SENDER), "api", 21216),
    "verification": (lambda client, to: client.verify.v2.services("VA1").verifications.create(to=to, channel="sms"), "verify", 60605),
    "notification": (
        lambda client, to: client.notify.v1.services("IS1").notifications.create(
            to_binding=[json.dumps({"binding_type": "sms", "address": to})], body="Hi"), "notify", 21610),
    "conversation": (
        lambda client, to: client.conversations.v1.conversations("CH1").participants.create(
            messaging_binding_address=to, messaging_binding_proxy_address=SENDER), "conversations", 21610),
    "proxy session": (
        lambda client, to: client.proxy.v1.services("KS1").sessions("KC1").participants.create(identifier=to), "proxy", 21610),
    "flow": (lambda client, to: client.studio.v2.flows("FW1").executions.create(to=to, from_=SENDER), "studio", 21610),
}


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_product(client, gate, provider, decisions, product):
    send, host, code = PRODUCTS[product]
    if host != "api":
        point(client, gate, host)
    assert send(client, ALLOWED_PHONE)
    with pytest.raises(TwilioRestException) as caught:
        send(client, BLOCKED_PHONE)
    assert caught.value.code == code
    [request] = provider.received()
    assert request.host == f"{host}.twilio.com"
    decisions.expect("allow", "reject")


@pytest.mark.shows("stripped")
def test_a_notification_arrives_without_the_suppressed(client, gate, provider, decisions):
    point(client, gate, "notify")

    def notify(*phones):
        client.notify.v1.services("IS1").notifications.create(
            to_binding=[json.dumps({"binding_type": "sms", "address": phone}) for phone in phones], body="Hi")

    first, second, third = ALLOWED_PHONES
    notify(first, BLOCKED_PHONE, second, third)
    notify(first, second, third)
    stripped, plain = provider.received()
    assert stripped.body == plain.body
    decisions.expect("strip", "allow")


def test_a_check_of_a_code_passes(client, gate, provider):
    point(client, gate, "verify")
    assert client.verify.v2.services("VA1").verification_checks.create(to=BLOCKED_PHONE, code="123456").status == "approved"
    assert provider.count() == 1
