"""The official Sinch SDK: its domains set, or its host names resolved to the gate."""

import json

import pytest
from sinch import SinchClient
from sinch.domains.sms.api.v1.exceptions import SmsException

from conftest import ALLOWED_PHONES, BLOCKED_PHONE

pytestmark = pytest.mark.provider("sinch", sdk="sinch")


@pytest.fixture
def client(way, gate):
    client = SinchClient(service_plan_id="plan", sms_api_token="token", sms_region="eu")
    if way == "base-url":
        client.configuration.sms_domain_with_service_plan_id = gate.base("sinch") + "/{}.sms.api.sinch.com"
        client.configuration.sms_region = "eu"
    return client


def send(client, to, **options):
    return client.sms.batches.send_sms(to=to, from_="15005550006", body="Hi ${name}", **options)


@pytest.mark.shows("allowed")
def test_an_allowed_batch(client, provider, decisions):
    answer = send(client, ALLOWED_PHONES)
    assert answer.id and answer.to == ALLOWED_PHONES
    [request] = provider.received()
    assert (request.method, request.host, request.path) == ("POST", "eu.sms.api.sinch.com", "/xms/v1/plan/batches")
    assert json.loads(request.body)["to"] == ALLOWED_PHONES
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_batch_to_the_suppressed_raises_the_sdks_error(client, provider, decisions):
    with pytest.raises(SmsException) as caught:
        send(client, [BLOCKED_PHONE])
    assert caught.value.http_response.status_code == 403
    assert "opted out" in str(caught.value.http_response.body)
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_a_mixed_batch_arrives_without_the_suppressed_and_their_parameters(client, provider, decisions):
    first, second, _ = ALLOWED_PHONES
    names = {first: "Ann", second: "Bob", "default": "you"}
    assert send(client, [first, BLOCKED_PHONE, second], parameters={"name": {first: "Ann", BLOCKED_PHONE: "Gone", second: "Bob", "default": "you"}}).id
    assert send(client, [first, second], parameters={"name": names}).id
    stripped, plain = provider.received()
    assert stripped.body == plain.body
    decisions.expect("strip", "allow")


def test_a_group_is_refused(client, provider, decisions):
    with pytest.raises(SmsException):
        send(client, ["01FC66621XXXXX119Z8PMV1QPQ"])
    assert provider.count() == 0
    decisions.expect("refuse")
