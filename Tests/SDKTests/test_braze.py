"""A community SDK for Braze, which has none of its own for servers: its API URL set, or the host name resolved to the gate."""

import json

import pytest
from braze.client import BrazeClient, BrazeClientError

from conftest import BLOCKED_MAILS

pytestmark = pytest.mark.provider("braze", sdk="braze-client")
GONE = BLOCKED_MAILS[:2]
SCHEDULE = {"time": "2026-12-24T18:30:00Z"}


@pytest.fixture
def client(way, gate):
    return BrazeClient("rest-key", api_url=gate.base("braze") if way == "base-url" else None)


def trigger(client, *recipients, **more):
    return client.campaign_trigger_schedule_create("campaign-7", SCHEDULE, recipients=list(recipients), **more)


@pytest.mark.shows("allowed")
def test_somebody_who_may_be_written_to(client, provider, decisions):
    assert trigger(client, {"email": "ann@example.com", "trigger_properties": {"friend": GONE[0]}})["success"]
    [request] = provider.received()
    assert (request.method, request.path) == ("POST", "/campaigns/trigger/schedule/create")
    assert json.loads(request.body)["recipients"][0]["email"] == "ann@example.com"
    [decision] = decisions.expect("allow")
    assert decision["scheduled"] is True


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_the_clients_usual_error(client, provider, decisions):
    with pytest.raises(BrazeClientError) as caught:
        trigger(client, {"email": GONE[0]})
    assert caught.value.args[0].startswith("Every recipient is blocked")
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_one_of_two(client, provider, decisions):
    trigger(client, {"email": "ann@example.com"})
    trigger(client, {"email": GONE[0]}, {"email": "ann@example.com"}, {"attributes": {"email": GONE[1]}})
    plain, stripped = provider.received()
    assert stripped.body == plain.body
    decisions.expect("allow", "strip")


@pytest.mark.parametrize("fields", [{"recipients": [{"external_user_id": "u7"}]}, {"broadcast": True}, {"audience": {"AND": []}}])
def test_people_only_braze_knows_are_refused(client, provider, decisions, fields):
    with pytest.raises(BrazeClientError):
        client.campaign_trigger_schedule_create("campaign-7", SCHEDULE, **fields)
    assert provider.count() == 0
    decisions.expect("refuse")


def test_attributes_may_be_written(client, provider):
    assert client.user_track(attributes=[{"external_id": "u7", "email": GONE[0]}])["success"]
    assert provider.count() == 1
