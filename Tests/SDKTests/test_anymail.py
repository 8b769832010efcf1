"""Anymail, which sends Django's mail through any of the providers: each backend with its API URL set, or the host name resolved to the
gate. Senders see Django's own exceptions. Its Mandrill backend names no Content-Type; its Mailjet backend raises nothing for messages
that failed."""

import django
import pytest
from anymail.exceptions import AnymailRecipientsRefused, AnymailRequestsAPIError
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from conftest import BLOCKED_MAILS

GONE = BLOCKED_MAILS[:3]

if not settings.configured:
    settings.configure(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend", SECRET_KEY="x", USE_TZ=True, ANYMAIL={})
    django.setup()

#: Backend, adapter, path of the API URL, credentials, what a blocked mail raises, with which status.
BACKENDS = [
    ("brevo", "brevo", "/v3/", {"api_key": "k"}, AnymailRequestsAPIError, 400),
    ("mailersend", "mailersend", "/v1/", {"api_token": "k"}, AnymailRequestsAPIError, 422),
    ("mailgun", "mailgun", "/v3", {"api_key": "k", "sender_domain": "mg.example.org"}, AnymailRequestsAPIError, 400),
    ("mandrill", "mandrill", "/api/1.0", {"api_key": "k"}, AnymailRecipientsRefused, None),
    ("postmark", "postmark", "/", {"server_token": "k"}, AnymailRecipientsRefused, None),
    ("resend", "resend", "/", {"api_key": "k"}, AnymailRequestsAPIError, 422),
    ("sendgrid", "sendgrid", "/v3/", {"api_key": "k"}, AnymailRequestsAPIError, 400),
    ("sparkpost", "sparkpost", "/api/v1", {"api_key": "k"}, AnymailRequestsAPIError, 400),
]


@pytest.fixture(params=[
    pytest.param(row, id=row[0], marks=pytest.mark.provider(row[1], sdk="django-anymail")) for row in BACKENDS])
def backend(request):
    return request.param


@pytest.fixture
def connection(backend, way, gate):
    name, adapter, path, credentials, *_ = backend
    options = {"api_url": gate.base(adapter) + path} if way == "base-url" else {}
    return get_connection(f"anymail.backends.{name}.EmailBackend", **credentials, **options)


def mail(connection, to, cc=(), bcc=()):
    message = EmailMultiAlternatives("Grüße", f"Hello {GONE[0]}", "News <news@example.org>", to, bcc, connection, cc=cc)
    return message


@pytest.mark.shows("allowed")
def test_an_allowed_mail(connection, provider, decisions):
    message = mail(connection, ["Ann <ann@example.com>", "bob@example.com"])
    assert message.send() == 1
    assert message.anymail_status.status <= {"queued", "sent", "unknown"}
    assert provider.count() == 1
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_what_anymail_raises(connection, backend, provider, decisions):
    error, status = backend[4:]
    with pytest.raises(error) as caught:
        mail(connection, [f"Gone <{GONE[0]}>"]).send()
    if status:
        assert caught.value.status_code == status
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_a_mixed_mail_arrives_stripped(connection, backend, provider, decisions):
    mail(connection, ["Ann <ann@example.com>", "bob@example.com"], bcc=["cy@example.com"]).send()
    message = mail(connection, ["Ann <ann@example.com>", f"Gone <{GONE[0]}>", "bob@example.com"], [GONE[1]], [GONE[2], "cy@example.com"])
    assert message.send() == 1
    plain, stripped = provider.received()
    decisions.expect("allow", "strip")
    if backend[0] == "sparkpost":
        # Copies say whose To line they show, and that line may still name somebody who was taken out.
        return
    assert sizes(stripped) == sizes(plain)
    for address in GONE[1:]:
        assert address.encode() not in stripped.body


def sizes(request):
    """The body's length without its multipart boundary, which is another one every time."""
    boundary = (request.field("content-type") or "").partition("boundary=")[2].encode()
    return len(request.body.replace(boundary, b"") if boundary else request.body)
