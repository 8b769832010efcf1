"""The official Mailjet SDK, unchanged. It takes only hosts of Mailjet and the loopback address for its API URL: here the gate is on the
latter; elsewhere the host name leads to it."""

import json

import pytest
from mailjet_rest import Client
from mailjet_rest.errors import ValidationError

from conftest import BLOCKED_MAILS

pytestmark = pytest.mark.provider("mailjet", sdk="mailjet-rest")
GONE = BLOCKED_MAILS[:3]


@pytest.fixture
def connect(way, gate):
    def connect(version):
        return Client(auth=("public", "private"), version=version, **({"api_url": gate.base("mailjet") + "/"} if way == "base-url" else {}))

    return connect


def message(*to, **more):
    return {
        "From": {"Email": "news@example.org", "Name": "The News"}, "To": [{"Email": address, "Name": "N"} for address in to],
        "Subject": "Hello", "TextPart": f"Grüße, {GONE[0]}", **more}


def people(*addresses):
    return [{"Email": address} for address in addresses]


@pytest.mark.shows("allowed")
def test_an_allowed_mail(connect, provider, decisions):
    answer = connect("v3.1").send.create(data={"Messages": [message("ann@example.com")]})
    assert answer.status_code == 200
    assert answer.json()["Messages"][0]["Status"] == "success"
    [request] = provider.received()
    assert (request.method, request.path) == ("POST", "/v3.1/send")
    assert json.loads(request.body) == {"Messages": [message("ann@example.com")]}
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_the_clients_usual_error(connect, provider, decisions):
    with pytest.raises(ValidationError):
        connect("v3.1").send.create(data={"Messages": [message(GONE[0])]})
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_mixed_messages_arrive_stripped_and_results_keep_their_order(connect, provider, decisions):
    client = connect("v3.1")
    client.send.create(data={
        "Messages": [message("ann@example.com", "bob@example.com", Bcc=people("cy@example.com")), message("dan@example.com")],
        "Globals": {"Bcc": people("eve@example.com")}})
    answer = client.send.create(data={
        "Messages": [
            message("ann@example.com", GONE[0], "bob@example.com", Cc=people(GONE[1]), Bcc=people(GONE[2], "cy@example.com")),
            message(GONE[0].upper()), message("dan@example.com")],
        "Globals": {"Cc": people(GONE[0]), "Bcc": people(GONE[1], "eve@example.com")}})
    plain, stripped = provider.received()
    assert stripped.body == plain.body
    assert [item["Status"] for item in answer.json()["Messages"]] == ["success", "error", "success"]
    assert answer.json()["Messages"][1]["Errors"][0]["ErrorCode"] == "mj-0013"
    decisions.expect("allow", "strip")


@pytest.mark.shows("stripped")
def test_the_older_version(connect, provider, decisions):
    client = connect("v3")
    mail = {"FromEmail": "news@example.org", "FromName": "The News", "Subject": "s", "Text-part": f"Hello {GONE[0]}"}
    assert client.send.create(data={**mail, "Recipients": people("ann@example.com", GONE[0])}).status_code == 200
    assert client.send.create(data={**mail, "To": f'"Ann, A" <ann@example.com>, {GONE[0]}', "CC": GONE[1]}).status_code == 200
    with pytest.raises(ValidationError):
        client.send.create(data={**mail, "To": f"G <{GONE[0]}>"})
    objects, texts = (json.loads(request.body) for request in provider.received())
    assert objects["Recipients"] == people("ann@example.com")
    assert texts == {**mail, "To": '"Ann, A" <ann@example.com>'}
    decisions.expect("strip", "strip", "reject")


def test_a_refused_mail_raises_the_clients_usual_error_once(connect, provider, decisions):
    with pytest.raises(ValidationError):
        connect("v3.1").send.create(data={"Messages": [message("nobody")]})
    assert provider.count() == 0
    decisions.expect("refuse")
