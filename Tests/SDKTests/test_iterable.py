"""A community SDK for Iterable, which has none of its own for servers: its base URI set, or the host name resolved to the gate."""

import json

import pytest
from iterable import Iterable
from iterable.exceptions import AuthorizationError, InvalidParameters

from conftest import BLOCKED_MAILS

pytestmark = pytest.mark.provider("iterable", sdk="iterable-api", stripped="a message has one recipient")
GONE = BLOCKED_MAILS[0]


@pytest.fixture
def client(way, gate):
    return Iterable("key", **({"base_uri": gate.base("iterable")} if way == "base-url" else {}))


@pytest.mark.shows("allowed")
def test_an_allowed_mail(client, provider, decisions):
    answer = client.email.send(recipient_email="ann@example.com", campaign_id=7, data_fields={"friend": GONE})
    assert answer.data["code"] == "Success"
    [request] = provider.received()
    assert (request.method, request.path) == ("POST", "/api/email/target")
    assert json.loads(request.body)["recipientEmail"] == "ann@example.com"
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_the_clients_usual_error(client, provider, decisions):
    with pytest.raises(InvalidParameters) as caught:
        client.email.send(recipient_email=GONE, campaign_id=7)
    assert caught.value.args[0]["code"] == "InvalidEmailAddressError"
    assert provider.count() == 0
    decisions.expect("reject")


def test_an_event_of_somebody_who_opted_out_starts_nothing(client, provider, decisions):
    client.events.track(event_name="bought", email="ann@example.com")
    with pytest.raises(InvalidParameters):
        client.events.track(event_name="bought", email=GONE)
    assert provider.count() == 1
    decisions.expect("allow", "reject")


def test_an_id_only_iterable_knows_is_refused(client, provider, decisions):
    with pytest.raises(InvalidParameters):
        client.email.send(recipient_user_id="u-7", campaign_id=7)
    assert provider.count() == 0
    decisions.expect("refuse")


def test_users_may_be_written(client, provider):
    client.users.update(email=GONE, data_fields={"city": "Ulm"})
    assert provider.count() == 1


def test_the_providers_own_error(client, provider):
    provider.behave(error="authentication")
    with pytest.raises(AuthorizationError):
        client.email.send(recipient_email="ann@example.com", campaign_id=7)
    assert provider.count() == 1
