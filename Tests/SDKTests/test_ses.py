"""boto3 for Amazon SES, API v2 and v1, unchanged: its endpoint set, or its host name resolved to the gate. It tries again by itself."""

import email.message
import email.policy
import json
import urllib.parse

import boto3
import botocore.config
import pytest

from conftest import AWS_KEY, AWS_SECRET, BLOCKED_MAILS

pytestmark = pytest.mark.provider("ses", sdk="boto3")
GONE = BLOCKED_MAILS[:3]
HOST = "email.us-east-1.amazonaws.com"


@pytest.fixture
def connect(way, gate, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", AWS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", AWS_SECRET)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    def connect(service):
        return boto3.client(
            service, region_name="us-east-1", endpoint_url=gate.base("ses") if way == "base-url" else None,
            config=botocore.config.Config(retries={"mode": "standard", "max_attempts": 3}))

    return connect


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
    import base64

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
    import base64

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


def test_a_call_that_undoes_an_opt_out_is_refused(connect, provider):
    client = connect("sesv2")
    with pytest.raises(client.exceptions.ClientError):
        client.delete_suppressed_destination(EmailAddress=GONE[0])
    assert provider.count() == 0
