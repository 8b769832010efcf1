"""Google's own client for Gmail, unchanged: its endpoint set."""

import base64
import email.message
import email.policy
import io
import json

import pytest
import requests
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseUpload

from conftest import BLOCKED_MAILS

pytestmark = pytest.mark.provider(
    "gmail", sdk="google-api-python-client", dns="httplib2 looks names up past this suite's override; requests shows the way")
GONE = BLOCKED_MAILS[:3]


@pytest.fixture(params=["base-url"])
def messages(request, gate):
    options = {"client_options": {"api_endpoint": gate.base("gmail")}}
    service = build("gmail", "v1", credentials=Credentials("token"), static_discovery=True, cache_discovery=False, **options)
    with service:
        yield service.users().messages()


def mime(**fields):
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"] = "news@example.org"
    message["Subject"] = "Grüße"
    for name, value in fields.items():
        message[name] = value
    message.set_content(f"Hello {GONE[0]}, schöne Grüße")
    return message.as_bytes()


def send(messages, **fields):
    return messages.send(userId="me", body={"raw": base64.urlsafe_b64encode(mime(**fields)).decode()}).execute(num_retries=2)


def received(request):
    return base64.urlsafe_b64decode(json.loads(request.body)["raw"] + "==")


@pytest.mark.shows("allowed")
def test_an_allowed_mail(messages, provider, decisions):
    assert send(messages, To="Änn <ann@example.com>, bob@example.com")["labelIds"] == ["SENT"]
    [request] = provider.received()
    assert (request.method, request.path.partition("?")[0]) == ("POST", "/gmail/v1/users/me/messages/send")
    assert received(request) == mime(To="Änn <ann@example.com>, bob@example.com")
    decisions.expect("allow")


@pytest.mark.shows("blocked")
@pytest.mark.parametrize("fields", [{"To": GONE[0]}, {"Bcc": f"Gone <{GONE[0].upper()}>"}, {"To": f"{GONE[0]}, {GONE[1]}", "Cc": GONE[2]}])
def test_a_suppressed_recipient_raises_the_clients_usual_error(messages, provider, decisions, fields):
    with pytest.raises(HttpError) as caught:
        send(messages, **fields)
    assert caught.value.resp.status == 400
    assert caught.value.error_details[0]["reason"] == "invalidArgument"
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_a_mixed_mail_arrives_stripped_and_otherwise_byte_equal(messages, provider, decisions):
    send(messages, To=f"ann@example.com, {GONE[0]}, bob@example.com", Cc=GONE[1], Bcc=f"cy@example.com, {GONE[2]}")
    [request] = provider.received()
    assert received(request) == mime(To="ann@example.com, bob@example.com", Bcc="cy@example.com")
    decisions.expect("strip")


def test_an_upload(dns_override, provider, decisions):
    # The client builds the address of uploads from the host alone, so only the name leads them here; with requests, as httplib2 does.
    answer = requests.post(
        "https://gmail.googleapis.com/upload/gmail/v1/users/me/messages/send?uploadType=media", mime(To=f"ann@example.com, {GONE[0]}"),
        headers={"Content-Type": "message/rfc822", "Authorization": "Bearer token"}, timeout=30)
    assert answer.json()["labelIds"] == ["SENT"]
    [request] = provider.received()
    assert request.body == mime(To="ann@example.com")
    decisions.expect("strip")


def test_a_resumable_upload_is_refused(messages, provider):
    upload = MediaIoBaseUpload(io.BytesIO(mime(To="ann@example.com")), mimetype="message/rfc822", resumable=True)
    with pytest.raises(HttpError):
        messages.send(userId="me", media_body=upload).execute()
    assert provider.count() == 0


def test_drafts_may_be_written_and_not_sent(gate, provider):
    options = {"client_options": {"api_endpoint": gate.base("gmail")}}
    with build("gmail", "v1", credentials=Credentials("token"), static_discovery=True, cache_discovery=False, **options) as service:
        drafts = service.users().drafts()
        raw = base64.urlsafe_b64encode(mime(To="ann@example.com")).decode()
        draft = drafts.create(userId="me", body={"message": {"raw": raw}}).execute()
        with pytest.raises(HttpError) as caught:
            drafts.send(userId="me", body={"id": draft["id"]}).execute()
    assert caught.value.resp.status == 400
    assert provider.count() == 1


def test_the_providers_own_error(messages, provider):
    provider.behave(error="authentication")
    with pytest.raises(Exception) as caught:
        messages.send(userId="me", body={"raw": base64.urlsafe_b64encode(mime(To="ann@example.com")).decode()}).execute()
    # With a token that cannot be renewed, the client says so in place of the 401.
    assert type(caught.value).__name__ in ("HttpError", "RefreshError")
    assert provider.count() == 1


def test_a_refused_mail_raises_the_clients_usual_error_once(messages, provider, decisions):
    with pytest.raises(HttpError) as caught:
        send(messages, To="nobody")
    assert caught.value.resp.status == 400 and caught.value.error_details[0]["reason"] == "invalidArgument"
    assert provider.count() == 0
    decisions.expect("refuse")
