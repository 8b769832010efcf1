"""The official Telnyx SDK: its base URL set, or its host name resolved to the gate."""

import json

import pytest
import telnyx

from conftest import ALLOWED_PHONE, ALLOWED_PHONES, BLOCKED_PHONE

pytestmark = pytest.mark.provider("telnyx", sdk="telnyx", stripped="a message has one recipient, a group shares one thread")


@pytest.fixture
def client(way, gate):
    return telnyx.Telnyx(api_key="KEY", **({"base_url": gate.base("telnyx/v2")} if way == "base-url" else {}))


@pytest.mark.shows("allowed")
def test_an_allowed_message(client, provider, decisions):
    answer = client.messages.send(to=ALLOWED_PHONE, from_="+15005550006", text="Your table is ready")
    assert answer.data.id and answer.data.to[0].status == "queued"
    [request] = provider.received()
    assert (request.method, request.host, request.path) == ("POST", "api.telnyx.com", "/v2/messages")
    assert json.loads(request.body) == {"to": ALLOWED_PHONE, "from": "+15005550006", "text": "Your table is ready"}
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_what_telnyx_itself_would_raise(client, provider, decisions):
    with pytest.raises(telnyx.ConflictError) as caught:
        client.messages.send(to=BLOCKED_PHONE, from_="+15005550006", text="Sale")
    assert caught.value.status_code == 409
    assert caught.value.body["errors"][0]["code"] == "40300"
    assert provider.count() == 0
    # Telnyx's SDK sends a 409 again twice, unless x-should-retry says no: one decision, one request.
    decisions.expect("reject")


def test_a_group_with_somebody_suppressed_is_rejected_whole(client, provider, decisions):
    assert client.messages.send_group_mms(from_="+15005550006", to=ALLOWED_PHONES, text="Hi").data.id
    with pytest.raises(telnyx.ConflictError):
        client.messages.send_group_mms(from_="+15005550006", to=[*ALLOWED_PHONES, BLOCKED_PHONE], text="Hi")
    assert provider.count() == 1
    decisions.expect("allow", "reject")


def test_calls_and_verifications(client, provider):
    assert client.calls.dial(connection_id="7", from_="+15005550006", to=ALLOWED_PHONE).data.call_control_id
    assert client.verifications.trigger_sms(phone_number=ALLOWED_PHONE, verify_profile_id="p").data.id
    for send in (
        lambda: client.calls.dial(connection_id="7", from_="+15005550006", to=BLOCKED_PHONE),
        lambda: client.calls.dial(connection_id="7", from_="+15005550006", to=[BLOCKED_PHONE]),
        lambda: client.verifications.trigger_sms(phone_number=BLOCKED_PHONE, verify_profile_id="p"),
    ):
        with pytest.raises(telnyx.ConflictError):
            send()
    assert provider.count() == 2


def test_a_dial_to_several_rings_the_others(client, provider, decisions):
    assert client.calls.dial(connection_id="7", from_="+15005550006", to=[ALLOWED_PHONES[0], BLOCKED_PHONE, ALLOWED_PHONES[1]]).data.call_control_id
    assert client.calls.dial(connection_id="7", from_="+15005550006", to=ALLOWED_PHONES[:2]).data.call_control_id
    stripped, plain = provider.received()
    assert stripped.body == plain.body
    decisions.expect("strip", "allow")
