"""The official SendGrid SDK, unchanged: its host set, or its host name resolved to the gate."""

import base64
import copy
import json
import os

import pytest
from python_http_client.exceptions import BadRequestsError, HTTPError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import (
    Asm, Attachment, Bcc, Cc, Content, DynamicTemplateData, Email, Header, Mail, Personalization, ReplyTo, To)

from conftest import BLOCKED_MAILS

pytestmark = pytest.mark.provider("sendgrid", sdk="sendgrid")

GONE = BLOCKED_MAILS[:3]


@pytest.fixture(params=["base-url", "dns-override"])
def client(request, gate):
    if request.param == "base-url":
        return SendGridAPIClient("SG.key", host=gate.base("sendgrid"))
    request.getfixturevalue("dns_override")
    return SendGridAPIClient("SG.key")


def mail_to(*addresses):
    return Mail(
        from_email=("news@example.org", "The News"), to_emails=[To(address, f"Person {n}") for n, address in enumerate(addresses)],
        subject="Hello", html_content="<p>Hello</p>")


def sent(mail):
    """The bytes the SDK sends."""
    return json.dumps(mail.get() if isinstance(mail, Mail) else mail).encode()


def without(document, addresses):
    """What SendGrid may see of `document`: removed by a plain reading of the rules, not by the code under test."""
    document = copy.deepcopy(document)
    kept = []
    for personalization in document["personalizations"]:
        for kind in ("to", "cc", "bcc"):
            if kind in personalization:
                personalization[kind] = [entry for entry in personalization[kind] if entry["email"].lower() not in addresses]
        if personalization["to"]:
            kept.append({key: value for key, value in personalization.items() if value != []})
    document["personalizations"] = kept
    return document


@pytest.mark.shows("allowed")
def test_an_allowed_mail_returns_the_providers_answer(client, provider, decisions):
    mail = mail_to("ann@example.com", "bob@example.com")
    answer = client.send(mail)
    assert answer.status_code == 202
    assert answer.headers["X-Message-Id"] == "mock-1.filter0001"
    assert answer.body == b""

    [request] = provider.received()
    assert (request.method, request.path) == ("POST", "/v3/mail/send")
    assert request.body == sent(mail)
    assert request.field("authorization") == "Bearer SG.key"
    assert request.field("content-type") == "application/json"
    assert request.field("content-length") == str(len(request.body))
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_the_clients_usual_error(client, provider, decisions):
    with pytest.raises(BadRequestsError) as caught:
        client.send(mail_to(GONE[0]))
    assert caught.value.status_code == 400
    [error] = caught.value.to_dict["errors"]
    assert error["field"] == "personalizations.0.to"
    assert "at least one email object with a valid email address" in error["message"]
    assert caught.value.headers["stopgate-verdict"] == "reject"
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_a_mixed_mail_arrives_stripped_and_otherwise_byte_equal(client, provider, decisions):
    everybody = [f"person{number}@example.com" for number in range(17)]
    for place, address in zip((0, 9, 19), GONE):
        everybody.insert(place, address)
    mail = mail_to(*everybody)
    answer = client.send(mail)
    assert answer.status_code == 202
    assert answer.headers["stopgate-verdict"] == "strip"
    assert answer.headers["stopgate-stripped"] == "3"

    [request] = provider.received()
    assert request.body == sent(without(mail.get(), GONE))
    assert request.field("content-length") == str(len(request.body))
    for address in GONE:
        assert address.encode() not in request.body
    [decision] = decisions.expect("strip")
    assert [recipient["verdict"] for recipient in decision["recipients"]].count("block") == 3


def test_personalizations_copies_and_template_data(client, provider):
    mail = Mail(from_email="news@example.org")
    mail.template_id, mail.asm = "d-123", Asm(7, [7, 8])
    mail.reply_to = ReplyTo("help@example.org", "Help")
    for number, (to, cc, bcc) in enumerate([
        (["a@example.com", GONE[0]], [GONE[1]], ["b@example.com"]),
        ([GONE[2]], ["c@example.com"], []),
        (["d@example.com"], ["e@example.com", GONE[0]], [GONE[1], GONE[2]]),
    ]):
        personalization = Personalization()
        for address in to:
            personalization.add_to(Email(address, f'Ünï "{number}" <x>, 😀'))
        for address in cc:
            personalization.add_cc(Cc(address))
        for address in bcc:
            personalization.add_bcc(Bcc(address))
        personalization.dynamic_template_data = DynamicTemplateData({"n": number, "text": "gone0@example.com may be quoted"}).get()
        personalization.add_header(Header("X-Number", str(number)))
        mail.add_personalization(personalization)
    client.send(mail)
    [request] = provider.received()
    assert request.body == sent(without(mail.get(), GONE))
    assert [len(p["to"]) for p in json.loads(request.body)["personalizations"]] == [1, 1]


@pytest.mark.parametrize("address", [
    "gone0@example.com,ann@example.com", "gone0@example.com ann@example.com", "gone0(x)@example.com",
    "gone0@example.com\n", "gone0@example.com\u0000", "gone0@ex\u00adample.com", "gone0@example\u3002com", "gone@BÜCHER.example",
    "\uff47one0@example.com", ""])
def test_an_address_that_cannot_be_read_one_way_never_passes(client, provider, address):
    with pytest.raises(BadRequestsError):
        client.client.mail.send.post(request_body={
            "personalizations": [{"to": [{"email": "ann@example.com"}, {"email": address}]}], "from": {"email": "news@example.org"},
            "subject": "Hello", "content": [{"type": "text/plain", "value": "Hello"}]})
    assert provider.count() == 0


@pytest.mark.parametrize("address", [
    "GONE0@Example.COM", "<gone0@example.com>", "Gone <gone0@example.com>", "gone0+news@example.com", "gone@xn--bcher-kva.example",
    "gone@bücher.example"])
def test_every_spelling_of_a_suppressed_address_is_blocked(client, provider, decisions, address):
    # Mail's own checks would mend nothing; the plain dictionary is the SDK's other documented way to send.
    with pytest.raises(BadRequestsError):
        client.client.mail.send.post(request_body={
            "personalizations": [{"to": [{"email": address}]}], "from": {"email": "news@example.org"}, "subject": "Hello",
            "content": [{"type": "text/plain", "value": "Hello"}]})
    assert provider.count() == 0
    decisions.expect("reject")


def test_an_attachment_of_five_mebibytes(client, provider):
    mail = mail_to("ann@example.com", GONE[0], "bob@example.com")
    mail.attachment = Attachment(base64.b64encode(os.urandom(5 << 20)).decode(), "scan.pdf", "application/pdf", "attachment")
    assert client.send(mail).status_code == 202
    [request] = provider.received()
    assert len(request.body) > 6 << 20
    assert request.body == sent(without(mail.get(), GONE))


def test_a_thousand_recipients(client, provider):
    mail = mail_to(*[f"person{number}@example.com" for number in range(999)], GONE[0])
    client.send(mail)
    [request] = provider.received()
    assert request.body == sent(without(mail.get(), GONE))


def test_content_is_not_mistaken_for_recipients(client, provider):
    mail = mail_to("ann@example.com")
    mail.add_content(Content("text/plain", f"{GONE[0]} has left us; write to \"to\": [{{\"email\": \"{GONE[1]}\"}}]"))
    client.send(mail)
    [request] = provider.received()
    assert request.body == sent(mail)


def test_other_calls_of_the_api(client, provider):
    client.client.suppression.bounces.get(query_params={"limit": 5})
    client.client.asm.suppressions._("global").post(request_body={"recipient_emails": [GONE[0]]})
    assert [(request.method, request.path) for request in provider.received()] == [
        ("GET", "/v3/suppression/bounces?limit=5"), ("POST", "/v3/asm/suppressions/global")]


def test_a_send_no_adapter_knows_is_refused(client, provider, decisions):
    with pytest.raises(HTTPError) as caught:
        client.client.marketing.singlesends.post(request_body={"name": "x", "send_to": {"all": True}})
    assert caught.value.status_code // 100 == 4
    assert "policies/providers/sendgrid.yaml" in caught.value.to_dict["errors"][0]["message"]
    assert provider.count() == 0
    decisions.expect("refuse")


@pytest.mark.parametrize("status", [401, 413, 429, 500, 503])
def test_the_providers_own_errors_reach_the_sender_and_nothing_is_sent_twice(client, provider, status):
    provider.behave(status=status)
    with pytest.raises(HTTPError) as caught:
        client.send(mail_to("ann@example.com"))
    assert caught.value.status_code == status
    assert provider.count() == 1


def test_a_subuser_and_the_european_region(request, gate, provider):
    request.getfixturevalue("dns_override")
    client = SendGridAPIClient("SG.key", impersonate_subuser="branch-7")
    client.set_sendgrid_data_residency("eu")
    client.send(mail_to("ann@example.com", GONE[0]))
    [received] = provider.received()
    assert received.field("on-behalf-of") == "branch-7"
    assert GONE[0].encode() not in received.body
