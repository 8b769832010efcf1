"""The Firebase Admin SDK: its URL constant changed, or its host name resolved to the gate."""

import json

import firebase_admin
import google.auth.credentials
import pytest
from firebase_admin import messaging

from conftest import ALLOWED_TOKEN, BLOCKED_TOKEN

pytestmark = pytest.mark.provider("fcm", sdk="firebase-admin", stripped="a message has one recipient")


class Token(google.auth.credentials.Credentials):
    """Credentials that need no network."""

    def __init__(self):
        super().__init__()
        self.token = "t"

    def refresh(self, request):
        self.token = "t"


class Credential(firebase_admin.credentials.Base):
    def get_credential(self):
        return Token()


@pytest.fixture
def app(way, gate, monkeypatch):
    if way == "base-url":
        monkeypatch.setattr(messaging._MessagingService, "FCM_URL", gate.base("fcm") + "/v1/projects/{0}/messages:send")
    app = firebase_admin.initialize_app(Credential(), {"projectId": "shop"}, name=f"tests-{way}")
    yield app
    firebase_admin.delete_app(app)


def notification(token):
    return messaging.Message(token=token, notification=messaging.Notification(title="Shop", body="Your table is ready"), data={"table": "7"})


@pytest.mark.shows("allowed")
def test_an_allowed_message(app, provider, decisions):
    assert messaging.send(notification(ALLOWED_TOKEN), app=app).startswith("projects/shop/messages/")
    [request] = provider.received()
    assert (request.method, request.host, request.path) == ("POST", "fcm.googleapis.com", "/v1/projects/shop/messages:send")
    assert json.loads(request.body)["message"]["token"] == ALLOWED_TOKEN
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_device_raises_what_google_itself_would_raise(app, provider, decisions):
    with pytest.raises(messaging.UnregisteredError) as caught:
        messaging.send(notification(BLOCKED_TOKEN), app=app)
    assert caught.value.http_response.status_code == 404
    assert provider.count() == 0
    decisions.expect("reject")


def test_many_messages_are_many_requests(app, provider, decisions):
    answer = messaging.send_each([notification(token) for token in (ALLOWED_TOKEN, BLOCKED_TOKEN, ALLOWED_TOKEN[::-1])], app=app)
    assert [response.success for response in answer.responses] == [True, False, True]
    assert isinstance(answer.responses[1].exception, messaging.UnregisteredError)
    assert provider.count() == 2


def test_a_topic_is_refused(app, provider, decisions):
    with pytest.raises(firebase_admin.exceptions.FirebaseError):
        messaging.send(messaging.Message(topic="news", data={"a": "b"}), app=app)
    assert provider.count() == 0
    decisions.expect("refuse")
