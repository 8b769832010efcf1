"""Postmarker, the older SDK for Postmark. Its root URL loses its path, so only the host name leads it to the gate."""

import json

import pytest
from postmarker.core import PostmarkClient
from postmarker.exceptions import ClientError

from conftest import BLOCKED_MAILS

pytestmark = pytest.mark.provider("postmark", sdk="postmarker", **{"base-url": "the SDK drops the path of its URL setting"})
GONE = BLOCKED_MAILS[:3]


@pytest.fixture(params=["dns"])
def client(request, dns_override):
    return PostmarkClient(server_token="server-token")


def send(client, to, **more):
    return client.emails.send(From="news@example.org", To=to, Subject="Hello", TextBody="Hello", **more)


@pytest.mark.shows("allowed")
def test_an_allowed_mail(client, provider, decisions):
    assert send(client, ["ann@example.com", "bob@example.com"])["Message"] == "OK"
    [request] = provider.received()
    assert json.loads(request.body)["To"] == "ann@example.com,bob@example.com"
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_the_clients_usual_error(client, provider, decisions):
    with pytest.raises(ClientError) as caught:
        send(client, GONE[0])
    assert caught.value.error_code == 406
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_a_mixed_mail_arrives_stripped(client, provider, decisions):
    send(client, "zed@example.com", Bcc="yan@example.com")
    send(client, ["ann@example.com", GONE[0], "bob@example.com"], Bcc=[GONE[1], "yan@example.com"])
    plain, stripped = provider.received()
    assert stripped.body == plain.body.replace(b"zed@example.com", b"ann@example.com,bob@example.com")
    decisions.expect("allow", "strip")


def test_a_batch(client, provider):
    mail = {"From": "news@example.org", "Subject": "s", "TextBody": "x"}
    answers = client.emails.send_batch({**mail, "To": "ann@example.com"}, {**mail, "To": GONE[0]})
    assert [answer["ErrorCode"] for answer in answers] == [0, 406]
