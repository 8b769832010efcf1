"""The official Klaviyo SDK, unchanged: its test host set, or its host name resolved to the gate. Klaviyo has no call that mails one
person; events start flows that do, and subscription jobs take opt-outs back."""

import json

import pytest
from klaviyo_api import KlaviyoAPI
from openapi_client.exceptions import ApiException, BadRequestException

from conftest import BLOCKED_MAILS, BLOCKED_PHONE

pytestmark = pytest.mark.provider("klaviyo", sdk="klaviyo-api")
GONE = BLOCKED_MAILS[:3]


@pytest.fixture
def client(way, gate):
    return KlaviyoAPI("pk_key", max_delay=1, max_retries=3, **({"test_host": gate.base("klaviyo")} if way == "base-url" else {}))


def event(**profile):
    return {"data": {"type": "event", "attributes": {
        "metric": {"data": {"type": "metric", "attributes": {"name": "Bought"}}}, "properties": {"friend": GONE[0]},
        "profile": {"data": {"type": "profile", "attributes": profile}}}}}


def subscription(*addresses):
    return {"data": {"type": "profile-subscription-bulk-create-job", "attributes": {"profiles": {"data": [
        {"type": "profile", "attributes": {
            "email": address, "subscriptions": {"email": {"marketing": {"consent": "SUBSCRIBED"}}}}} for address in addresses]}},
        "relationships": {"list": {"data": {"type": "list", "id": "L1"}}}}}


@pytest.mark.shows("allowed")
def test_an_event_of_somebody_who_may_be_written_to(client, provider, decisions):
    client.Events.create_event(event(email="ann@example.com", first_name="Ann"))
    [request] = provider.received()
    assert (request.method, request.path) == ("POST", "/api/events")
    assert request.field("content-type") == "application/vnd.api+json"
    profile = json.loads(request.body)["data"]["attributes"]["profile"]["data"]
    assert profile["attributes"]["email"] == "ann@example.com"
    decisions.expect("allow")


@pytest.mark.shows("blocked")
@pytest.mark.parametrize("profile", [{"email": GONE[0]}, {"phone_number": BLOCKED_PHONE}], ids=["email", "phone"])
def test_an_event_of_somebody_who_opted_out(client, provider, decisions, profile):
    with pytest.raises(BadRequestException) as caught:
        client.Events.create_event(event(**profile))
    assert json.loads(caught.value.body)["errors"][0]["code"] == "invalid"
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_nobody_who_opted_out_is_subscribed_again(client, provider, decisions):
    client.Profiles.bulk_subscribe_profiles(subscription("ann@example.com", "bob@example.com"))
    client.Profiles.bulk_subscribe_profiles(subscription(GONE[0], "ann@example.com", GONE[1], "bob@example.com"))
    plain, stripped = provider.received()
    assert stripped.body == plain.body
    with pytest.raises(BadRequestException):
        client.Profiles.bulk_subscribe_profiles(subscription(GONE[0]))
    assert provider.count() == 2
    decisions.expect("allow", "strip", "reject")


def test_a_campaign_is_refused(client, provider):
    with pytest.raises(ApiException) as caught:
        client.Campaigns.send_campaign({"data": {"type": "campaign-send-job", "id": "01GXX"}})
    assert caught.value.status == 400
    assert provider.count() == 0


def test_a_call_that_undoes_an_opt_out_is_refused(client, provider):
    with pytest.raises(ApiException) as caught:
        client.Profiles.bulk_unsuppress_profiles({"data": {"type": "profile-suppression-bulk-delete-job", "attributes": {
            "profiles": {"data": [{"type": "profile", "attributes": {"email": GONE[0]}}]}}}})
    assert caught.value.status == 403
    assert provider.count() == 0


def test_the_providers_own_error(client, provider):
    provider.behave(error="authentication")
    with pytest.raises(ApiException) as caught:
        client.Events.create_event(event(email="ann@example.com"))
    assert caught.value.status == 401
    assert provider.count() == 1


def test_a_refused_mail_raises_the_clients_usual_error_once(client, provider, decisions):
    with pytest.raises(BadRequestException) as caught:
        client.Events.create_event(event(email="nobody"))
    assert json.loads(caught.value.body)["errors"][0]["code"] == "invalid"
    assert provider.count() == 0
    decisions.expect("refuse")
