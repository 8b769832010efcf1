"""The official Plivo SDK, which has no setting for its host: the module's constant, or DNS."""

import json

import plivo
import pytest
from plivo.exceptions import ValidationError

from conftest import ALLOWED_PHONES, BLOCKED_PHONE

pytestmark = pytest.mark.provider("plivo", sdk="plivo")


@pytest.fixture
def client(way, gate, certificates, monkeypatch):
    # The SDK looks at no variable for CAs: an operator puts ours into the store that requests uses.
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificates.ca))
    if way == "base-url":
        for name in ("PLIVO_API_BASE_URI", "API_VOICE_BASE_URI"):
            monkeypatch.setattr(f"plivo.rest.client.{name}", gate.base("plivo") + "/v1/Account")
    return plivo.RestClient("MA" + "X" * 18, "token")


@pytest.mark.shows("allowed")
def test_an_allowed_message(client, provider, decisions):
    answer = client.messages.create(src="15005550006", dst=ALLOWED_PHONES[0], text="Your table is ready")
    assert answer.message_uuid
    [request] = provider.received()
    assert (request.method, request.host) == ("POST", "api.plivo.com")
    assert json.loads(request.body)["dst"] == ALLOWED_PHONES[0]
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_the_sdks_error(client, provider, decisions):
    with pytest.raises(ValidationError, match="opted out"):
        client.messages.create(src="15005550006", dst=BLOCKED_PHONE, text="Sale")
    with pytest.raises(ValidationError):
        client.calls.create(from_="15005550006", to_=BLOCKED_PHONE, answer_url="https://app.example.com/a")
    with pytest.raises(ValidationError):
        client.verify_session.create(recipient=BLOCKED_PHONE)
    assert provider.count() == 0
    decisions.expect("reject", "reject", "reject")


@pytest.mark.shows("stripped")
def test_a_mixed_message_arrives_without_the_suppressed(client, provider, decisions):
    first, second, third = ALLOWED_PHONES
    assert client.messages.create(src="15005550006", dst="<".join([first, BLOCKED_PHONE, second, third]), text="Hi").message_uuid
    assert client.messages.create(src="15005550006", dst="<".join([first, second, third]), text="Hi").message_uuid
    stripped, plain = provider.received()
    assert stripped.body == plain.body
    decisions.expect("strip", "allow")


def test_calls_with_lists_aligned_with_the_callees(client, provider, decisions):
    first, second, _ = ALLOWED_PHONES
    client.multi_party_calls.add_participant(
        role="Agent", friendly_name="desk", from_="15005550006", to_=f"{first}<{BLOCKED_PHONE}<{second}", ring_timeout="10<20<30", delay_dial="1<2<3")
    client.multi_party_calls.add_participant(
        role="Agent", friendly_name="desk", from_="15005550006", to_=f"{first}<{second}", ring_timeout="10<30", delay_dial="1<3")
    stripped, plain = provider.received()
    assert json.loads(stripped.body) == json.loads(plain.body)
    decisions.expect("strip", "allow")
