"""The official HubSpot SDK, unchanged: the host of its configuration set, or its host name resolved to the gate."""

import json

import pytest
from hubspot import HubSpot
from hubspot.marketing.transactional import ApiException, PublicSingleSendEmail, PublicSingleSendRequestEgg

from conftest import BLOCKED_MAILS

pytestmark = pytest.mark.provider("hubspot", sdk="hubspot-api-client")
GONE = BLOCKED_MAILS[:3]


@pytest.fixture
def client(way, gate):
    return HubSpot(access_token="pat-key", **({"host": gate.base("hubspot")} if way == "base-url" else {}))


def send(client, to, **message):
    return client.marketing.transactional.single_send_api.send_email(
        PublicSingleSendRequestEgg(
            email_id=4126643121, message=PublicSingleSendEmail(to=to, **message), contact_properties={"firstname": "Ann"},
            custom_properties={"note": f"{GONE[0]} is quoted"}))


@pytest.mark.shows("allowed")
def test_an_allowed_mail(client, provider, decisions):
    assert send(client, "ann@example.com").status == "PENDING"
    [request] = provider.received()
    assert (request.method, request.path) == ("POST", "/marketing/v3/transactional/single-email/send")
    assert json.loads(request.body)["message"] == {"to": "ann@example.com"}
    assert request.field("authorization") == "Bearer pat-key"
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_is_answered_as_hubspot_itself_does(client, provider, decisions):
    answer = send(client, GONE[0])
    assert (answer.status, answer.send_result) == ("COMPLETE", "PREVIOUSLY_UNSUBSCRIBED_PORTAL")
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_copies_are_stripped(client, way, provider, decisions):
    assert send(client, "ann@example.com", cc=[GONE[0], "bob@example.com"], bcc=[GONE[1]], send_id=f"s-{way}").status == "PENDING"
    [request] = provider.received()
    assert request.body == json.dumps({
        "customProperties": {"note": f"{GONE[0]} is quoted"}, "emailId": 4126643121,
        "message": {"cc": ["bob@example.com"], "sendId": f"s-{way}", "to": "ann@example.com"},
        "contactProperties": {"firstname": "Ann"}}).encode()
    decisions.expect("strip")


def test_the_providers_own_error(client, provider):
    provider.behave(error="authentication")
    with pytest.raises(ApiException) as caught:
        send(client, "ann@example.com")
    assert caught.value.status == 401
    assert provider.count() == 1


def test_contacts_may_be_written(client, provider):
    client.crm.contacts.basic_api.create({"properties": {"email": GONE[0]}})
    assert provider.count() == 1


def test_a_refused_mail_raises_the_clients_usual_error_once(client, provider, decisions):
    with pytest.raises(ApiException) as caught:
        send(client, "nobody")
    assert caught.value.status == 400 and json.loads(caught.value.body)["category"] == "VALIDATION_ERROR"
    assert provider.count() == 0
    decisions.expect("refuse")
