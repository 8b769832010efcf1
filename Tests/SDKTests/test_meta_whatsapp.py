"""pywa, a community SDK for WhatsApp's Cloud API: the base URL of its session, or DNS."""

import json

import pytest
import pywa
from pywa.errors import UserStoppedMarketingMessages, WhatsAppError

from conftest import ALLOWED_PHONE, BLOCKED_PHONE

pytestmark = pytest.mark.provider("meta-whatsapp", sdk="pywa", stripped="a message has one recipient")


@pytest.fixture
def client(way, gate):
    client = pywa.WhatsApp(phone_id="15550001111", token="t")
    if way == "base-url":
        session = client.api._session
        session.base_url = str(session.base_url).replace("https://graph.facebook.com", gate.base("meta-whatsapp"))
    return client


@pytest.mark.shows("allowed")
def test_an_allowed_message(client, provider, decisions):
    assert client.send_message(to=ALLOWED_PHONE, text="Your table is ready").id.startswith("wamid.")
    [request] = provider.received()
    assert (request.method, request.host) == ("POST", "graph.facebook.com")
    assert request.path.endswith("/15550001111/messages")
    assert json.loads(request.body)["to"] == ALLOWED_PHONE
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_what_meta_itself_would_raise(client, provider, decisions):
    with pytest.raises(UserStoppedMarketingMessages) as caught:
        client.send_message(to=BLOCKED_PHONE, text="Sale")
    assert caught.value.code == 131050
    assert provider.count() == 0
    decisions.expect("reject")


def test_read_receipts_pass(client, provider, decisions):
    client.mark_message_as_read("wamid.HBgLM")
    [request] = provider.received()
    assert json.loads(request.body)["status"] == "read"
    decisions.expect("allow")


def test_a_user_id_only_meta_knows_is_refused(client, provider, decisions):
    with pytest.raises(WhatsAppError):
        client.send_message(to="US.13491208655302741918", text="Hi")
    assert provider.count() == 0
    decisions.expect("refuse")
