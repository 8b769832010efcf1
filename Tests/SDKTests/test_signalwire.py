"""SignalWire's compatibility API with Twilio's SDK, which SignalWire's own wraps in an older version that cannot be installed
beside it: its base URL set, or the space's host name resolved to the gate."""

import urllib.parse

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from conftest import ALLOWED_PHONE, BLOCKED_PHONE

pytestmark = pytest.mark.provider("signalwire", sdk="twilio", stripped="a message has one recipient")


@pytest.fixture
def client(way, gate):
    client = Client("project", "token")
    host = "example.signalwire.com"
    client.api.base_url = (gate.base("signalwire", host) if way == "base-url" else f"https://{host}") + "/api/laml"
    return client


@pytest.mark.shows("allowed")
def test_an_allowed_message(client, provider, decisions):
    message = client.messages.create(to=ALLOWED_PHONE, from_="+15005550006", body="Your table is ready")
    assert message.sid and message.status == "queued"
    [request] = provider.received()
    assert (request.method, request.host, request.path) == ("POST", "example.signalwire.com", "/api/laml/2010-04-01/Accounts/project/Messages.json")
    assert dict(urllib.parse.parse_qsl(request.body.decode()))["To"] == ALLOWED_PHONE
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_the_sdks_error(client, provider, decisions):
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(to=BLOCKED_PHONE, from_="+15005550006", body="Sale")
    assert (caught.value.status, caught.value.code) == (422, 21610)
    with pytest.raises(TwilioRestException):
        client.calls.create(to=BLOCKED_PHONE, from_="+15005550006", url="https://app.example.com/voice")
    assert provider.count() == 0
    decisions.expect("reject", "reject")
