"""boto3 for SNS, End User Messaging and Pinpoint, unchanged: its endpoint set, or its host names resolved to the gate. AWS signs
host, path and body: what the gate changes it signs anew, and every request that arrives must carry a signature that verifies."""

import base64
import json
import urllib.parse

import boto3
import botocore.config
import botocore.exceptions
import pytest

from aws_signatures import check_received
from conftest import ALLOWED_PHONE, ALLOWED_PHONES, AWS_KEY, AWS_SECRET, BLOCKED_PHONE

ONE = {"stripped": "a message has one recipient"}
#: Services of boto3: the provider that serves them, the first label of their host, the name they sign as.
SERVICES = {
    "sns": ("aws-sns", "sns", "sns"),
    "pinpoint-sms-voice-v2": ("aws-sms-voice", "sms-voice", "sms-voice"),
    "pinpoint": ("aws-pinpoint", "pinpoint", "mobiletargeting"),
    "socialmessaging": ("aws-pinpoint", "social-messaging", "social-messaging"),
}


class Client:
    """A client of boto3 that remembers what it put on the wire."""

    def __init__(self, service, gate, way, region="us-east-1", key=AWS_KEY, secret=AWS_SECRET, token=None):
        adapter, label, self.signs_as = SERVICES[service]
        self.way, self.region, self.key, self.secret, self.token = way, region, key, secret, token
        self.host, self.sent = f"{label}.{region}.amazonaws.com", []
        self.sdk = boto3.client(
            service, region_name=region, aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token,
            endpoint_url=gate.base(adapter, self.host) if way == "base-url" else None,
            config=botocore.config.Config(retries={"total_max_attempts": 4, "mode": "standard"}))
        self.sdk.meta.events.register("before-send", lambda request, **_: self.sent.append(request) and None)

    def arrived(self, provider):
        """What the provider received of the last call, with its signature verified."""
        request = provider.received()[-1]
        assert request.host == self.host
        fields = check_received(request, key=self.key, secret=self.secret, service=self.signs_as, region=self.region)
        assert fields.get("x-amz-security-token") == self.token
        return request

    def arrived_untouched(self, provider):
        """The same, of a call that nobody was taken out of: the body as the client wrote it and, by DNS, its own signature."""
        request, sent = self.arrived(provider), self.sent[-1]
        body = sent.body.encode() if isinstance(sent.body, str) else sent.body
        assert request.body == body
        own = sent.headers["Authorization"]
        if self.way == "dns":
            assert request.field("authorization") == (own.decode() if isinstance(own, bytes) else own)
        assert len(self.sent) == 1
        return request

    def fails(self, code, call, status=400):
        """The answer of a call that must raise AWS's error at once."""
        self.sent.clear()
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            call(self.sdk)
        answer = caught.value.response
        assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
        assert answer["ResponseMetadata"]["RetryAttempts"] == 0 and len(self.sent) == 1
        return answer


@pytest.fixture
def connect(way, gate):
    return lambda service, **options: Client(service, gate, way, **options)


def whatsapp(to):
    return {"originationPhoneNumberId": "phone-number-id-1", "metaApiVersion": "v20.0", "message": json.dumps(
        {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": "Your table is ready"}}).encode()}


#: Every call that carries one recipient: the service, the call, the code of the error that says that somebody opted out.
SINGLE = {
    "sns-publish": ("sns", lambda sdk, to: sdk.publish(PhoneNumber=to, Message="Your table is ready, & +1?"), "OptedOut"),
    "sms": (
        "pinpoint-sms-voice-v2", lambda sdk, to: sdk.send_text_message(DestinationPhoneNumber=to, MessageBody="Grüße"), "ConflictException"),
    "mms": (
        "pinpoint-sms-voice-v2", lambda sdk, to: sdk.send_media_message(
            DestinationPhoneNumber=to, OriginationIdentity="+15005550006", MediaUrls=["s3://b/k.png"]), "ConflictException"),
    "voice": (
        "pinpoint-sms-voice-v2", lambda sdk, to: sdk.send_voice_message(
            DestinationPhoneNumber=to, OriginationIdentity="+15005550006", MessageBody="Hello"), "ConflictException"),
    "otp": (
        "pinpoint", lambda sdk, to: sdk.send_otp_message(ApplicationId="app", SendOTPMessageRequestParameters={
            "BrandName": "B", "Channel": "SMS", "DestinationIdentity": to, "OriginationIdentity": "+15005550006", "ReferenceId": "r"}),
        "BadRequestException"),
    "whatsapp": ("socialmessaging", lambda sdk, to: sdk.send_whatsapp_message(**whatsapp(to)), "ValidationException"),
}


def singles(*services):
    rows = {name: row for name, row in SINGLE.items() if row[0] in services}
    return pytest.mark.parametrize("service, call, code", rows.values(), ids=rows.keys())


def one_goes_as_signed(connect, provider, decisions, service, call):
    client = connect(service)
    call(client.sdk, ALLOWED_PHONE)
    client.arrived_untouched(provider)
    assert provider.count() == 1
    decisions.expect("allow")


def one_is_blocked(connect, provider, decisions, service, call, code):
    client = connect(service)
    client.fails(code, lambda sdk: call(sdk, BLOCKED_PHONE))
    assert provider.count() == 0
    decisions.expect("reject")


class TestSNS:
    pytestmark = pytest.mark.provider("aws-sns", sdk="boto3", **ONE)

    @pytest.mark.shows("allowed")
    @singles("sns")
    def test_an_allowed_message(self, connect, provider, decisions, service, call, code):
        one_goes_as_signed(connect, provider, decisions, service, call)

    @pytest.mark.shows("blocked")
    @singles("sns")
    def test_a_suppressed_recipient_raises_the_sdks_error(self, connect, provider, decisions, service, call, code):
        one_is_blocked(connect, provider, decisions, service, call, code)

    def test_the_error_is_the_modelled_one(self, connect, decisions):
        sdk = connect("sns").sdk
        with pytest.raises(sdk.exceptions.OptedOutException):
            sdk.publish(PhoneNumber=BLOCKED_PHONE, Message="Sale")
        decisions.expect("reject")

    def test_topics_are_refused_and_reads_pass(self, connect, provider, decisions):
        client, topic = connect("sns"), "arn:aws:sns:us-east-1:123456789012:news"
        client.fails("InvalidParameter", lambda sdk: sdk.publish(TopicArn=topic, Message="Hi"))
        client.fails("InvalidParameter", lambda sdk: sdk.publish_batch(
            TopicArn=topic, PublishBatchRequestEntries=[{"Id": "1", "Message": "Hi"}, {"Id": "2", "Message": "Ho"}]))
        client.fails("InvalidParameter", lambda sdk: sdk.opt_in_phone_number(phoneNumber=BLOCKED_PHONE), 403)
        decisions.expect("refuse", "refuse", "refuse")
        assert provider.count() == 0
        assert client.sdk.check_if_phone_number_is_opted_out(phoneNumber=BLOCKED_PHONE)["isOptedOut"] is False
        client.arrived(provider)

    def test_nobody_who_opted_out_subscribes(self, connect, provider, decisions):
        client = connect("sns")
        subscribe = lambda sdk, to: sdk.subscribe(TopicArn="arn:aws:sns:us-east-1:123456789012:news", Protocol="sms", Endpoint=to)  # noqa: E731
        client.fails("OptedOut", lambda sdk: subscribe(sdk, BLOCKED_PHONE))
        assert provider.count() == 0
        subscribe(client.sdk, ALLOWED_PHONE)
        client.arrived(provider)
        decisions.expect("reject", "allow")

    def test_it_is_the_phone_number_of_the_body_that_is_signed(self, connect, provider):
        client = connect("sns")
        client.sdk.publish(PhoneNumber=ALLOWED_PHONE, Message="Hi")
        assert dict(urllib.parse.parse_qsl(client.arrived(provider).body.decode()))["PhoneNumber"] == ALLOWED_PHONE


class TestEndUserMessaging:
    pytestmark = pytest.mark.provider("aws-sms-voice", sdk="boto3", **ONE)

    @pytest.mark.shows("allowed")
    @singles("pinpoint-sms-voice-v2")
    def test_an_allowed_message(self, connect, provider, decisions, service, call, code):
        one_goes_as_signed(connect, provider, decisions, service, call)

    @pytest.mark.shows("blocked")
    @singles("pinpoint-sms-voice-v2")
    def test_a_suppressed_recipient_raises_the_sdks_error(self, connect, provider, decisions, service, call, code):
        one_is_blocked(connect, provider, decisions, service, call, code)

    def test_the_reason_is_the_modelled_one(self, connect, decisions):
        client = connect("pinpoint-sms-voice-v2")
        answer = client.fails("ConflictException", lambda sdk: sdk.send_text_message(DestinationPhoneNumber=BLOCKED_PHONE, MessageBody="Sale"))
        assert answer["Reason"] == "DESTINATION_PHONE_NUMBER_OPTED_OUT"
        decisions.expect("reject")

    def test_an_opt_out_is_not_taken_back_and_reads_pass(self, connect, provider, decisions):
        client = connect("pinpoint-sms-voice-v2")
        client.fails(
            "ValidationException", lambda sdk: sdk.delete_opted_out_number(OptOutListName="Default", OptedOutNumber=BLOCKED_PHONE), 403)
        decisions.expect("refuse")
        assert provider.count() == 0
        assert client.sdk.describe_pools()["Pools"] == []
        client.arrived(provider)


class TestPinpoint:
    pytestmark = pytest.mark.provider("aws-pinpoint", sdk="boto3")

    @staticmethod
    def send(sdk, *phones):
        request = {"Addresses": {phone: {"ChannelType": "SMS"} for phone in phones}, "MessageConfiguration": {"SMSMessage": {"Body": "Hi"}}}
        result = sdk.send_messages(ApplicationId="app", MessageRequest=request)["MessageResponse"]["Result"]
        return {phone: of["DeliveryStatus"] for phone, of in result.items()}

    @pytest.mark.shows("allowed")
    def test_an_allowed_message(self, connect, provider, decisions):
        client = connect("pinpoint")
        assert self.send(client.sdk, *ALLOWED_PHONES) == dict.fromkeys(ALLOWED_PHONES, "SUCCESSFUL")
        assert client.arrived_untouched(provider).path == "/v1/apps/app/messages"
        decisions.expect("allow")

    @pytest.mark.shows("blocked")
    def test_a_suppressed_recipient_is_told_in_the_answer(self, connect, provider, decisions):
        client = connect("pinpoint")
        assert self.send(client.sdk, BLOCKED_PHONE) == {BLOCKED_PHONE: "OPT_OUT"}
        assert provider.count() == 0 and len(client.sent) == 1
        decisions.expect("reject")

    @pytest.mark.shows("stripped")
    @pytest.mark.parametrize("token", [None, "a/token+of=mine=="], ids=["key", "session"])
    def test_mixed_recipients_arrive_stripped_and_signed_anew(self, connect, provider, decisions, token):
        client = connect("pinpoint", token=token)
        answer = self.send(client.sdk, ALLOWED_PHONES[0], BLOCKED_PHONE, ALLOWED_PHONES[1])
        assert answer == {ALLOWED_PHONES[0]: "SUCCESSFUL", BLOCKED_PHONE: "OPT_OUT", ALLOWED_PHONES[1]: "SUCCESSFUL"}
        request = client.arrived(provider)
        sent = json.loads(client.sent[0].body)
        del sent["Addresses"][BLOCKED_PHONE]
        assert json.loads(request.body) == sent
        assert provider.count() == 1
        decisions.expect("strip")

    def test_without_the_key_mixed_recipients_are_refused_whole(self, connect, provider, decisions):
        client = connect("pinpoint", key="AKIASOMEBODYELSE", secret="theirs")
        answer = client.fails("ForbiddenException", lambda sdk: self.send(sdk, ALLOWED_PHONE, BLOCKED_PHONE), 403)
        assert "signing in stopgate.yaml" in answer["Error"]["Message"]
        assert provider.count() == 0
        [decision] = decisions.expect("refuse")
        assert decision["cause"] == "signature-unknown-key"

    @pytest.mark.shows("allowed")
    @singles("pinpoint", "socialmessaging")
    def test_an_allowed_message_to_one(self, connect, provider, decisions, service, call, code):
        one_goes_as_signed(connect, provider, decisions, service, call)

    @pytest.mark.shows("blocked")
    @singles("pinpoint", "socialmessaging")
    def test_a_suppressed_recipient_raises_the_sdks_error(self, connect, provider, decisions, service, call, code):
        one_is_blocked(connect, provider, decisions, service, call, code)

    def test_the_message_in_base64_is_read(self, connect, provider):
        client = connect("socialmessaging")
        client.sdk.send_whatsapp_message(**whatsapp(ALLOWED_PHONE))
        received = json.loads(client.arrived(provider).body)
        assert json.loads(base64.b64decode(received["message"]))["to"] == ALLOWED_PHONE


class TestSignatures:
    """What holds for every service."""

    @pytest.mark.parametrize("name", [name for name in SINGLE if name != "whatsapp"])  # the tests' certificate has one region of it
    def test_another_region_by_its_host(self, connect, provider, name):
        service, call, _ = SINGLE[name]
        client = connect(service, region="eu-west-1", token="a/token+of=mine==")
        call(client.sdk, ALLOWED_PHONE)
        client.arrived_untouched(provider)

    @pytest.mark.parametrize("name", SINGLE)
    def test_a_wrong_signature_is_refused(self, connect, provider, decisions, name):
        service, call, _ = SINGLE[name]
        code = {"sns": "SignatureDoesNotMatch", "pinpoint-sms-voice-v2": "ValidationException"}.get(service, "InvalidSignatureException")
        client = connect(service, secret="another")
        answer = client.fails(code, lambda sdk: call(sdk, ALLOWED_PHONE), 403)
        assert "secret key" in answer["Error"]["Message"]
        assert provider.count() == 0
        [decision] = decisions.expect("refuse")
        assert decision["cause"] == "signature-wrong"

    @pytest.mark.parametrize("name", SINGLE)
    def test_an_unknown_key_passes_by_dns_alone(self, connect, provider, decisions, way, name):
        service, call, _ = SINGLE[name]
        client = connect(service, key="AKIASOMEBODYELSE", secret="theirs")
        if way == "dns":
            call(client.sdk, ALLOWED_PHONE)
            client.arrived_untouched(provider)
            decisions.expect("allow")
            return
        code = {"sns": "AuthorizationError", "pinpoint-sms-voice-v2": "ValidationException"}.get(service, "ForbiddenException")
        answer = client.fails(code, lambda sdk: call(sdk, ALLOWED_PHONE), 403)
        assert "signing in stopgate.yaml" in answer["Error"]["Message"] and "DNS" in answer["Error"]["Message"]
        assert provider.count() == 0
        decisions.expect("refuse")
