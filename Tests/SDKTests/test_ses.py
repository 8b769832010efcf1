"""boto3 for Amazon SES, API v2 and v1, unchanged: its endpoint set, or its host name resolved to the gate. It tries again by itself.
Whatever arrives at the provider must carry a signature that verifies."""

import base64
import email.message
import email.policy
import json
import urllib.parse

import boto3
import botocore.config
import botocore.exceptions
import httpx
import pytest

from aws_signatures import check_received
from conftest import AWS_KEY, AWS_SECRET, BLOCKED_MAILS

pytestmark = pytest.mark.provider("ses", sdk="boto3")
GONE = BLOCKED_MAILS[:3]
HOST = "email.us-east-1.amazonaws.com"


@pytest.fixture
def connect(way, gate, monkeypatch, provider):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", AWS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", AWS_SECRET)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    signs = {"key": AWS_KEY, "secret": AWS_SECRET}

    def connect(service, key=AWS_KEY, secret=AWS_SECRET, **options):
        signs.update(key=key, secret=secret)
        client = boto3.client(
            service, region_name="us-east-1", endpoint_url=gate.base("ses") if way == "base-url" else None,
            aws_access_key_id=key, aws_secret_access_key=secret,
            config=botocore.config.Config(retries={"mode": "standard", "max_attempts": 3}), **options)
        client.sent = []
        client.meta.events.register("before-send", lambda request, **_: client.sent.append(request) and None)
        return client

    yield connect
    for request in provider.received():
        assert request.host == HOST
        check_received(request, service="ses", **signs)


def simple(client, to, **more):
    return client.send_email(
        FromEmailAddress="news@example.org", Destination={"ToAddresses": to, **more},
        Content={"Simple": {"Subject": {"Data": "Grüße"}, "Body": {"Text": {"Data": f"Hello {GONE[0]}"}}}})


def mime(**fields):
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"] = "news@example.org"
    message["Subject"] = "Grüße"
    for name, value in fields.items():
        message[name] = value
    message.set_content(f"Hello {GONE[0]}, schöne Grüße")
    return message.as_bytes()


@pytest.mark.shows("allowed")
def test_an_allowed_mail(connect, provider, decisions):
    answer = simple(connect("sesv2"), ["Ann <ann@example.com>", "bob@example.com"])
    assert answer["MessageId"].endswith("-000000")
    [request] = provider.received()
    assert (request.method, request.host, request.path) == ("POST", HOST, "/v2/email/outbound-emails")
    assert json.loads(request.body)["Destination"]["ToAddresses"] == ["Ann <ann@example.com>", "bob@example.com"]
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_what_ses_itself_would(connect, provider, decisions):
    client = connect("sesv2")
    with pytest.raises(client.exceptions.MessageRejected) as caught:
        simple(client, [f"Gone <{GONE[0].upper()}>"], CcAddresses=[GONE[1]])
    assert caught.value.response["Error"]["Code"] == "MessageRejected"
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_a_mixed_mail_arrives_stripped_and_signed_anew(connect, provider, decisions):
    client = connect("sesv2")
    simple(client, ["ann@example.com", "bob@example.com"], CcAddresses=[], BccAddresses=["cy@example.com"])
    simple(client, ["ann@example.com", f"Gone <{GONE[0]}>", "bob@example.com"], CcAddresses=[GONE[1]], BccAddresses=[GONE[2], "cy@example.com"])
    plain, stripped = provider.received()
    assert json.loads(stripped.body) == json.loads(plain.body)
    decisions.expect("allow", "strip")


@pytest.mark.shows("stripped")
@pytest.mark.parametrize("envelope", [None, ["ann@example.com", GONE[0]]], ids=["headers", "envelope"])
def test_a_raw_mail(connect, provider, decisions, envelope):
    client = connect("sesv2")
    more = {"Destination": {"ToAddresses": envelope}} if envelope else {}
    client.send_email(Content={"Raw": {"Data": mime(To=f"Änn <ann@example.com>, {GONE[0]}", Cc=GONE[1])}}, **more)
    [request] = provider.received()
    received = json.loads(request.body)
    assert base64.b64decode(received["Content"]["Raw"]["Data"]) == mime(To="Änn <ann@example.com>")
    if envelope:
        assert received["Destination"]["ToAddresses"] == ["ann@example.com"]
    decisions.expect("strip")


def bulk(client, *entries):
    return client.send_bulk_email(
        FromEmailAddress="news@example.org", DefaultContent={"Template": {"TemplateName": "t", "TemplateData": "{}"}},
        BulkEmailEntries=[{"Destination": {"ToAddresses": to}} for to in entries])


def test_a_bulk_keeps_its_results_in_order(connect, provider, decisions):
    answer = bulk(connect("sesv2"), ["ann@example.com"], [GONE[0]], [GONE[1], "bob@example.com"])
    assert [entry["Status"] for entry in answer["BulkEmailEntryResults"]] == ["SUCCESS", "MESSAGE_REJECTED", "SUCCESS"]
    [request] = provider.received()
    assert [entry["Destination"]["ToAddresses"] for entry in json.loads(request.body)["BulkEmailEntries"]] == [
        ["ann@example.com"], ["bob@example.com"]]
    answer = bulk(connect("sesv2"), [GONE[0]], [GONE[1]])
    assert [entry["Status"] for entry in answer["BulkEmailEntryResults"]] == ["MESSAGE_REJECTED"] * 2
    assert provider.count() == 1
    decisions.expect("strip", "reject")


def form(request):
    return dict(urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True))


@pytest.mark.shows("stripped")
def test_version_1(connect, provider, decisions):
    client = connect("ses")
    message = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": f"Hello {GONE[0]}"}}}
    answer = client.send_email(
        Source="news@example.org", Message=message,
        Destination={"ToAddresses": ["ann@example.com", GONE[0], "bob@example.com"], "BccAddresses": [GONE[1]]})
    assert answer["MessageId"]
    [request] = provider.received()
    assert {name: value for name, value in form(request).items() if name.startswith("Destination")} == {
        "Destination.ToAddresses.member.1": "ann@example.com", "Destination.ToAddresses.member.2": "bob@example.com"}
    with pytest.raises(client.exceptions.MessageRejected):
        client.send_email(Source="news@example.org", Message=message, Destination={"ToAddresses": [GONE[0]]})
    assert provider.count() == 1
    decisions.expect("strip", "reject")


@pytest.mark.shows("stripped")
def test_version_1_raw(connect, provider, decisions):
    client = connect("ses")
    client.send_raw_email(Destinations=["ann@example.com", GONE[0]], RawMessage={"Data": mime(To=f"ann@example.com, {GONE[0]}")})
    [request] = provider.received()
    fields = form(request)
    assert fields["Destinations.member.1"] == "ann@example.com" and "Destinations.member.2" not in fields
    assert base64.b64decode(fields["RawMessage.Data"]) == mime(To="ann@example.com")
    decisions.expect("strip")


def test_version_1_templates_and_reads(connect, provider, decisions):
    client = connect("ses")
    client.send_templated_email(Source="news@example.org", Destination={"ToAddresses": ["ann@example.com"]}, Template="t", TemplateData="{}")
    with pytest.raises(client.exceptions.MessageRejected):
        client.send_bulk_templated_email(
            Source="news@example.org", Template="t", DefaultTemplateData="{}",
            Destinations=[{"Destination": {"ToAddresses": ["ann@example.com"]}}, {"Destination": {"ToAddresses": [GONE[0]]}}])
    assert client.get_send_quota()["Max24HourSend"] == 200.0
    assert provider.count() == 2
    decisions.expect("allow", "reject")


def test_a_call_that_undoes_an_opt_out_is_refused(connect, provider, decisions):
    client = connect("sesv2")
    with pytest.raises(client.exceptions.ClientError):
        client.delete_suppressed_destination(EmailAddress=GONE[0])
    assert provider.count() == 0
    decisions.expect("refuse")


MESSAGE = {"Subject": {"Data": "Grüße & more"}, "Body": {"Text": {"Data": f"Hello {GONE[0]}"}}}
TEMPLATE = {"TemplateName": "t", "TemplateData": '{"name":"Ann"}'}
#: Every call that mails people: the service, and the call with its recipients.
CALLS = {
    "v2-simple": ("sesv2", simple),
    "v2-template": ("sesv2", lambda client, to: client.send_email(
        FromEmailAddress="news@example.org", Destination={"ToAddresses": to}, Content={"Template": TEMPLATE})),
    "v2-raw": ("sesv2", lambda client, to: client.send_email(
        Destination={"ToAddresses": to}, Content={"Raw": {"Data": mime(To="list@example.org")}})),
    "v2-bulk": ("sesv2", lambda client, to: bulk(client, *[[one] for one in to])),
    "v1-simple": ("ses", lambda client, to: client.send_email(Source="news@example.org", Message=MESSAGE, Destination={"ToAddresses": to})),
    "v1-raw": ("ses", lambda client, to: client.send_raw_email(Destinations=to, RawMessage={"Data": mime(To="list@example.org")})),
    "v1-template": ("ses", lambda client, to: client.send_templated_email(
        Source="news@example.org", Destination={"ToAddresses": to}, Template="t", TemplateData='{"name":"Ann"}')),
    "v1-bulk": ("ses", lambda client, to: client.send_bulk_templated_email(
        Source="news@example.org", Template="t", DefaultTemplateData="{}",
        Destinations=[{"Destination": {"ToAddresses": [one]}} for one in to])),
}
calls = pytest.mark.parametrize("service, call", CALLS.values(), ids=CALLS.keys())


@pytest.mark.shows("allowed")
@calls
def test_what_nobody_is_taken_out_of_goes_as_it_was_signed(connect, provider, decisions, way, service, call):
    client = connect(service)
    call(client, ["ann@example.com", "bob@example.com"])
    [request], [sent] = provider.received(), client.sent
    assert request.body == (sent.body.encode() if isinstance(sent.body, str) else sent.body)
    own = sent.headers["Authorization"]
    if way == "dns":
        assert request.field("authorization") == (own.decode() if isinstance(own, bytes) else own)
    decisions.expect("allow")


@pytest.mark.shows("blocked")
@pytest.mark.parametrize("name", CALLS)
def test_one_request_is_made_when_everybody_opted_out(connect, provider, decisions, name):
    service, call = CALLS[name]
    client = connect(service)
    if name == "v2-bulk":
        assert [entry["Status"] for entry in call(client, GONE[:2])["BulkEmailEntryResults"]] == ["MESSAGE_REJECTED"] * 2
    else:
        with pytest.raises(client.exceptions.MessageRejected) as caught:
            call(client, GONE[:2])
        assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert len(client.sent) == 1 and provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
@pytest.mark.parametrize("token", [None, "a/token+of=mine=="], ids=["key", "session"])
@pytest.mark.parametrize("name", [name for name in CALLS if name != "v1-bulk"])
def test_what_somebody_is_taken_out_of_is_what_the_others_would_have_got(connect, provider, decisions, name, token):
    service, call = CALLS[name]
    client = connect(service, aws_session_token=token)
    call(client, ["ann@example.com", "bob@example.com"])
    call(client, ["ann@example.com", GONE[0], "bob@example.com", GONE[1]])
    plain, stripped = provider.received()
    # Every text with a boundary or a date in it would differ by itself: there is none.
    assert stripped.body == plain.body and stripped.field("x-amz-security-token") == token
    decisions.expect("allow", "strip")


@pytest.mark.parametrize("name", [name for name in CALLS if name != "v1-bulk"])
def test_without_the_key_mixed_recipients_are_refused_whole(connect, provider, decisions, name):
    service, call = CALLS[name]
    client = connect(service, key="AKIASOMEBODYELSE", secret="theirs")
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(client, ["ann@example.com", GONE[0]])
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    assert "signing in stopgate.yaml" in caught.value.response["Error"]["Message"]
    assert len(client.sent) == 1 and provider.count() == 0
    [decision] = decisions.expect("refuse")
    assert decision["cause"] == "signature-unknown-key"


@calls
def test_a_wrong_signature_is_refused(connect, provider, decisions, service, call):
    client = connect(service, secret="another")
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(client, ["ann@example.com"])
    assert caught.value.response["Error"]["Code"] == {"sesv2": "InvalidSignatureException", "ses": "SignatureDoesNotMatch"}[service]
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert len(client.sent) == 1 and provider.count() == 0
    decisions.expect("refuse")


def test_calls_that_send_nothing_are_signed_anew_by_base_url(connect, provider):
    """What arrives is verified when the test ends."""
    client = connect("sesv2")
    client.create_email_template(TemplateName="t", TemplateContent={"Subject": "Grüße", "Text": "x" * 100_000})
    client.put_account_sending_attributes(SendingEnabled=True)
    client.get_account()
    assert [(request.method, request.path) for request in provider.received()] == [
        ("POST", "/v2/email/templates"), ("PUT", "/v2/email/account/sending"), ("GET", "/v2/email/account")]
    assert len(provider.received()[0].body) > 100_000


def test_a_call_that_sends_nothing_is_refused_over_a_wrong_signature(connect, provider, decisions, way):
    client = connect("sesv2", secret="another")
    if way == "dns":
        client.create_email_template(TemplateName="t", TemplateContent={"Subject": "s", "Text": "x"})
        assert provider.count() == 1
        return
    with pytest.raises(botocore.exceptions.ClientError):
        client.create_email_template(TemplateName="t", TemplateContent={"Subject": "s", "Text": "x"})
    assert provider.count() == 0
    decisions.expect("refuse")


def test_signature_version_4a_is_refused_by_name(gate, provider, decisions):
    answer = httpx.post(f"{gate.base('ses')}/v2/email/outbound-emails", json={}, headers={
        "authorization": "AWS4-ECDSA-P256-SHA256 Credential=AKIA/20261122/ses/aws4_request, SignedHeaders=host;x-amz-region-set, Signature=00"})
    assert answer.status_code == 400 and "Signature Version 4a" in answer.json()["message"] and "regional endpoint" in answer.json()["message"]
    assert provider.count() == 0
    decisions.expect("refuse")
