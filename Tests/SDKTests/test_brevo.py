"""The official Brevo SDK, unchanged: its base URL set, or its host name resolved to the gate. It tries again twice by itself."""

import datetime
import json

import pytest
from brevo import (
    Brevo, SendTransacEmailRequestBccItem, SendTransacEmailRequestCcItem, SendTransacEmailRequestMessageVersionsItem,
    SendTransacEmailRequestMessageVersionsItemToItem, SendTransacEmailRequestSender, SendTransacEmailRequestToItem)
from brevo.core.api_error import ApiError
from brevo.errors import BadRequestError

from conftest import ALLOWED_PHONE, BLOCKED_MAILS, BLOCKED_PHONE

pytestmark = pytest.mark.provider("brevo", sdk="brevo-python")
GONE = BLOCKED_MAILS[:3]
To, Cc, Bcc = SendTransacEmailRequestToItem, SendTransacEmailRequestCcItem, SendTransacEmailRequestBccItem
SENDER = SendTransacEmailRequestSender(email="news@example.org", name="The News")


@pytest.fixture
def client(way, gate):
    return Brevo(api_key="xkeysib-key", **({"base_url": gate.base("brevo") + "/v3"} if way == "base-url" else {}))


def send(client, **fields):
    return client.transactional_emails.send_transac_email(
        sender=SENDER, subject="Hello", html_content=f"<p>Grüße, {GONE[0]}</p>", **fields)


def compact(document):
    """JSON as httpx writes it."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def body(**fields):
    return {"htmlContent": f"<p>Grüße, {GONE[0]}</p>", "sender": {"email": "news@example.org", "name": "The News"}, "subject": "Hello", **fields}


@pytest.mark.shows("allowed")
def test_an_allowed_mail(client, provider, decisions):
    answer = send(client, to=[To(email="ann@example.com", name="Ann"), To(email="bob@example.com")])
    assert answer.message_id == "<1@smtp-relay.mailin.fr>"
    [request] = provider.received()
    assert (request.method, request.path) == ("POST", "/v3/smtp/email")
    assert request.field("api-key") == "xkeysib-key"
    assert json.loads(request.body) == body(to=[{"email": "ann@example.com", "name": "Ann"}, {"email": "bob@example.com"}])
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_the_clients_usual_error_once(client, provider, decisions):
    with pytest.raises(BadRequestError) as caught:
        send(client, to=[To(email=GONE[0])])
    assert caught.value.status_code == 400
    assert caught.value.body["code"] == "invalid_parameter"
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_a_mixed_mail_arrives_stripped_and_otherwise_byte_equal(client, provider, decisions):
    answer = send(
        client, to=[To(email="ann@example.com", name="Änn"), To(email=GONE[0], name="G"), To(email="bob@example.com")],
        cc=[Cc(email=GONE[1])], bcc=[Bcc(email="cy@example.com"), Bcc(email=GONE[2].upper())], params={"of": GONE[0]})
    assert answer.message_id
    [request] = provider.received()
    assert request.body == compact({
        "bcc": [{"email": "cy@example.com"}], **{key: body()[key] for key in ("htmlContent",)}, "params": {"of": GONE[0]},
        "sender": body()["sender"], "subject": "Hello",
        "to": [{"email": "ann@example.com", "name": "Änn"}, {"email": "bob@example.com"}]})
    decisions.expect("strip")


def versions(*addresses):
    return [
        SendTransacEmailRequestMessageVersionsItem(
            to=[SendTransacEmailRequestMessageVersionsItemToItem(email=address) for address in group], params={"n": number})
        for number, group in enumerate(addresses)]


def test_versions_keep_their_ids_in_order(client, provider, decisions):
    answer = send(client, message_versions=versions(["ann@example.com"], [GONE[0]], [GONE[1], "bob@example.com"]))
    first, blocked, last = answer.message_ids
    assert (first, last) == ("<1.0@smtp-relay.mailin.fr>", "<1.1@smtp-relay.mailin.fr>")
    assert blocked.endswith("@blocked.stopgate.invalid>")
    [request] = provider.received()
    assert [[to["email"] for to in version["to"]] for version in json.loads(request.body)["messageVersions"]] == [
        ["ann@example.com"], ["bob@example.com"]]
    decisions.expect("strip")


def test_all_versions_blocked(client, provider, decisions):
    with pytest.raises(BadRequestError):
        send(client, message_versions=versions([GONE[0]], [GONE[1]]))
    assert provider.count() == 0
    decisions.expect("reject")


def test_a_scheduled_mail_and_its_cancellation(client, provider, decisions):
    when = datetime.datetime(2026, 12, 24, 18, 30, tzinfo=datetime.timezone.utc)
    answer = send(client, to=[To(email="ann@example.com")], scheduled_at=when)
    client.transactional_emails.delete_scheduled_email_by_id(answer.message_id)
    assert [request.method for request in provider.received()] == ["POST", "DELETE"]
    [decision] = decisions.expect("allow")
    assert decision["scheduled"]


def test_text_messages(client, provider, decisions):
    answer = client.transactional_sms.send_transac_sms(recipient=ALLOWED_PHONE, sender="Shop", content="Hi")
    assert answer.message_id == 1
    with pytest.raises(BadRequestError):
        client.transactional_sms.send_transac_sms(recipient=BLOCKED_PHONE, sender="Shop", content="Hi")
    assert provider.count() == 1
    decisions.expect("allow", "reject")


def test_a_call_that_undoes_an_opt_out_is_refused(client, provider):
    with pytest.raises(ApiError) as caught:
        client.transactional_emails.unblock_or_resubscribe_a_transactional_contact(GONE[0])
    assert caught.value.status_code // 100 == 4
    assert provider.count() == 0


def test_a_contact_may_be_updated_and_opted_out(client, provider):
    client.contacts.update_contact("ann@example.com", attributes={"FIRSTNAME": "Ann", "FRIEND": GONE[0]}, email_blacklisted=True)
    assert provider.count() == 1


def test_a_campaign_is_refused(client, provider):
    with pytest.raises(ApiError) as caught:
        client.email_campaigns.send_email_campaign_now(7)
    assert caught.value.status_code == 400
    assert provider.count() == 0


def test_the_providers_own_error(client, provider):
    provider.behave(error="authentication")
    with pytest.raises(ApiError) as caught:
        send(client, to=[To(email="ann@example.com")])
    assert caught.value.status_code == 401
    assert provider.count() == 1


def test_a_refused_mail_raises_the_clients_usual_error_once(client, provider, decisions):
    with pytest.raises(BadRequestError) as caught:
        send(client, to=[To(email="nobody")])
    assert caught.value.body["code"] == "invalid_parameter" and "address" in caught.value.body["message"]
    assert provider.count() == 0
    decisions.expect("refuse")
