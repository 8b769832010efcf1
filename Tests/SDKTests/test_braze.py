"""Braze's REST API with requests: Braze has no SDK for servers, and the community's wants a tenacity that no other SDK here can share."""

import json

import pytest
import requests

from conftest import BLOCKED_MAILS

pytestmark = pytest.mark.provider("braze", sdk="requests")
GONE = BLOCKED_MAILS[:2]
HOST = "rest.iad-02.braze.com"


@pytest.fixture
def post(way, gate):
    base = gate.base("braze", HOST) if way == "base-url" else f"https://{HOST}"

    def post(path, **body):
        return requests.post(base + path, json=body, headers={"Authorization": "Bearer rest-key"}, timeout=30)

    return post


def trigger(post, *recipients, **more):
    return post("/campaigns/trigger/send", campaign_id="campaign-7", recipients=list(recipients), **more)


@pytest.mark.shows("allowed")
def test_somebody_who_may_be_written_to(post, provider, decisions):
    answer = trigger(post, {"email": "ann@example.com", "trigger_properties": {"friend": GONE[0]}})
    assert (answer.status_code, answer.json()["message"]) == (201, "success")
    [request] = provider.received()
    assert (request.method, request.host, request.path) == ("POST", HOST, "/campaigns/trigger/send")
    assert json.loads(request.body)["recipients"][0]["email"] == "ann@example.com"
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_is_a_fatal_error(post, provider, decisions):
    # Whatever is not "success" is fatal to those who read Braze's answers.
    answer = trigger(post, {"email": GONE[0]})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Every recipient is blocked")
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_one_of_two(post, provider, decisions):
    trigger(post, {"email": "ann@example.com"})
    trigger(post, {"email": GONE[0]}, {"email": "ann@example.com"}, {"attributes": {"email": GONE[1]}})
    plain, stripped = provider.received()
    assert stripped.body == plain.body
    decisions.expect("allow", "strip")


@pytest.mark.parametrize("fields", [
    {"recipients": [{"external_user_id": "u7"}]}, {"broadcast": True}, {"audience": {"AND": []}}, {}], ids=["id", "broadcast", "audience", "none"])
def test_people_only_braze_knows_are_refused(post, provider, decisions, fields):
    assert post("/campaigns/trigger/send", campaign_id="campaign-7", **fields).status_code == 400
    assert provider.count() == 0
    decisions.expect("refuse")


def test_a_scheduled_message(post, provider, decisions):
    answer = post("/campaigns/trigger/schedule/create", campaign_id="campaign-7", schedule={"time": "2026-12-24T18:30:00Z"},
                  recipients=[{"email": "ann@example.com"}])
    assert answer.status_code == 201
    [decision] = decisions.expect("allow")
    assert decision["scheduled"]


def test_attributes_and_states_may_be_written(post, provider):
    assert post("/users/track", attributes=[{"external_id": "u7", "email": GONE[0]}]).status_code == 201
    assert post("/email/status", email=GONE[0], subscription_state="unsubscribed").status_code == 201
    assert post("/email/spam/remove", email=GONE[0]).status_code == 403
    assert provider.count() == 2
