"""The official OneSignal SDK: its host set, or its host name resolved to the gate."""

import json

import onesignal
import pytest
from onesignal.api import default_api
from onesignal.model.notification import Notification

from conftest import ALLOWED_PHONES, BLOCKED_MAILS, BLOCKED_PHONE, BLOCKED_USER

pytestmark = pytest.mark.provider("onesignal", sdk="onesignal-python-api")


@pytest.fixture
def client(way, gate, certificates):
    configuration = onesignal.Configuration(rest_api_key="key", **({"host": gate.base("onesignal")} if way == "base-url" else {}))
    configuration.ssl_ca_cert = str(certificates.ca)
    return default_api.DefaultApi(onesignal.ApiClient(configuration))


def sms(*to):
    return Notification(app_id="app", contents={"en": "Your table is ready"}, sms_from="+15005550006", include_phone_numbers=list(to), name="n")


@pytest.mark.shows("allowed")
def test_an_allowed_notification(client, provider, decisions):
    assert client.create_notification(sms(ALLOWED_PHONES[0])).id
    [request] = provider.received()
    assert (request.method, request.host, request.path) == ("POST", "api.onesignal.com", "/notifications")
    assert json.loads(request.body)["include_phone_numbers"] == [ALLOWED_PHONES[0]]
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_nobody_left_is_answered_as_onesignal_would(client, provider, decisions):
    answer = client.create_notification(sms(BLOCKED_PHONE))
    assert answer.id == ""
    assert client.create_notification(Notification(app_id="app", contents={"en": "x"}, target_channel="push", include_aliases={"external_id": [BLOCKED_USER]})).id == ""
    assert client.create_notification(Notification(app_id="app", email_subject="s", email_body="b", email_to=[BLOCKED_MAILS[0]])).id == ""
    assert provider.count() == 0
    decisions.expect("reject", "reject", "reject")


@pytest.mark.shows("stripped")
def test_a_mixed_notification_arrives_without_the_suppressed(client, provider, decisions):
    first, second, _ = ALLOWED_PHONES
    assert client.create_notification(sms(first, BLOCKED_PHONE, second)).id
    assert client.create_notification(sms(first, second)).id
    stripped, plain = provider.received()
    assert stripped.body == plain.body
    decisions.expect("strip", "allow")


def test_segments_and_overrides_are_refused_with_the_sdks_error(client, provider, decisions):
    with pytest.raises(onesignal.ApiException):
        client.create_notification(Notification(app_id="app", contents={"en": "x"}, included_segments=["Subscribed Users"]))
    with pytest.raises(onesignal.ApiException):
        client.create_notification(Notification(app_id="app", email_subject="s", email_body="b", email_to=["ann@example.com"], include_unsubscribed=True))
    assert provider.count() == 0
    decisions.expect("refuse", "refuse")
