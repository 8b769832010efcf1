"""The official MailerSend SDK, unchanged: its base URL set, or its host name resolved to the gate."""

import json

import pytest
from mailersend import EmailBuilder, MailerSendClient
from mailersend.exceptions import AuthenticationError, BadRequestError, MailerSendError

from conftest import BLOCKED_MAILS

pytestmark = pytest.mark.provider("mailersend", sdk="mailersend")
GONE = BLOCKED_MAILS[:3]


@pytest.fixture
def client(way, gate):
    return MailerSendClient("mlsn.key", **({"base_url": gate.base("mailersend") + "/v1"} if way == "base-url" else {}))


def mail(to, cc=(), bcc=(), personalization=()):
    builder = EmailBuilder().from_email("news@example.org", "The News").subject("Hello").html(f"<p>Grüße, {GONE[0]}</p>")
    for address in to:
        builder = builder.to(address, "Person")
    for address in cc:
        builder = builder.cc(address)
    for address in bcc:
        builder = builder.bcc(address)
    for address in personalization:
        builder = builder.personalize(address, n=len(address))
    return builder.build()


def sent(document):
    return json.dumps(document).encode()


@pytest.mark.shows("allowed")
def test_an_allowed_mail(client, provider, decisions):
    email = mail(["ann@example.com"])
    answer = client.emails.send(email)
    assert answer.status_code == 202
    assert len(answer.headers["x-message-id"]) == 24
    [request] = provider.received()
    assert (request.method, request.path) == ("POST", "/v1/email")
    assert request.body == sent(email.model_dump(by_alias=True, exclude_none=True))
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_the_clients_usual_error(client, provider, decisions):
    with pytest.raises(BadRequestError) as caught:
        client.emails.send(mail([GONE[0]]))
    assert caught.value.response.status_code == 422
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_a_mixed_mail_arrives_stripped_and_otherwise_byte_equal(client, provider, decisions):
    email = mail(
        ["ann@example.com", GONE[0], "bob@example.com"], cc=[GONE[1]], bcc=["cy@example.com", GONE[2]],
        personalization=["ann@example.com", GONE[0]])
    answer = client.emails.send(email)
    assert answer.status_code == 202
    [request] = provider.received()
    expected = email.model_dump(by_alias=True, exclude_none=True)
    for name in ("to", "bcc", "personalization"):
        expected[name] = [entry for entry in expected[name] if entry["email"] not in GONE]
    del expected["cc"]
    assert request.body == sent(expected)
    decisions.expect("strip")


def test_a_bulk(client, provider, decisions):
    emails = [mail(["ann@example.com"]), mail([GONE[0]]), mail([GONE[1], "bob@example.com"])]
    answer = client.emails.send_bulk(emails)
    assert len(answer["bulk_email_id"]) == 24
    [request] = provider.received()
    assert [[to["email"] for to in email["to"]] for email in json.loads(request.body)] == [["ann@example.com"], ["bob@example.com"]]
    with pytest.raises(BadRequestError):
        client.emails.send_bulk([mail([GONE[0]]), mail([GONE[1]])])
    decisions.expect("strip", "reject")


def test_the_providers_own_error(client, provider):
    provider.behave(error="authentication")
    with pytest.raises(AuthenticationError):
        client.emails.send(mail(["ann@example.com"]))
    assert provider.count() == 1


def test_a_call_that_undoes_an_opt_out_is_refused(client, provider):
    with pytest.raises(MailerSendError):
        client.recipients._request(method="DELETE", path="suppressions/unsubscribes", body={"ids": ["x"]})
    assert provider.count() == 0
