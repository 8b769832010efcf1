"""boto3 for SNS, End User Messaging SMS and Pinpoint. AWS signs host, path and body: by DNS the requests go on as they were
signed; a base URL needs signing anew (test_sigv4.py)."""

import urllib.parse

import boto3
import botocore.config
import pytest

from conftest import ALLOWED_PHONE, BLOCKED_PHONE


@pytest.fixture(params=["dns"])
def connect(request, dns_override, certificates):
    def connect(service, **options):
        return boto3.client(
            service, region_name="us-east-1", aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret",
            verify=str(certificates.ca), config=botocore.config.Config(retries={"total_max_attempts": 4, "mode": "standard"}), **options)

    return connect


WITHOUT = {"stripped": "the signature covers the body", "base-url": "the signature covers host and path: the gate has to sign anew"}


class TestSNS:
    pytestmark = pytest.mark.provider("aws-sns", sdk="boto3", **WITHOUT)

    @pytest.mark.shows("allowed")
    def test_an_allowed_message(self, connect, provider, decisions):
        assert connect("sns").publish(PhoneNumber=ALLOWED_PHONE, Message="Your table is ready")["MessageId"]
        [request] = provider.received()
        assert request.host == "sns.us-east-1.amazonaws.com"
        assert dict(urllib.parse.parse_qsl(request.body.decode()))["PhoneNumber"] == ALLOWED_PHONE
        assert request.field("authorization").startswith("AWS4-HMAC-SHA256 ")
        decisions.expect("allow")

    @pytest.mark.shows("blocked")
    def test_a_suppressed_recipient_raises_the_sdks_error(self, connect, provider, decisions):
        sns = connect("sns")
        with pytest.raises(sns.exceptions.OptedOutException):
            sns.publish(PhoneNumber=BLOCKED_PHONE, Message="Sale")
        assert provider.count() == 0
        decisions.expect("reject")

    def test_a_topic_is_refused_and_reads_pass(self, connect, provider, decisions):
        sns = connect("sns")
        with pytest.raises(sns.exceptions.InvalidParameterException):
            sns.publish(TopicArn="arn:aws:sns:us-east-1:123456789012:news", Message="Hi")
        with pytest.raises(botocore.exceptions.ClientError):
            sns.opt_in_phone_number(phoneNumber=BLOCKED_PHONE)
        assert provider.count() == 0
        assert sns.check_if_phone_number_is_opted_out(phoneNumber=BLOCKED_PHONE)["isOptedOut"] is False
        assert provider.count() == 1


class TestEndUserMessaging:
    pytestmark = pytest.mark.provider("aws-sms-voice", sdk="boto3", **WITHOUT)

    @pytest.mark.shows("allowed")
    def test_an_allowed_message(self, connect, provider, decisions):
        answer = connect("pinpoint-sms-voice-v2").send_text_message(DestinationPhoneNumber=ALLOWED_PHONE, MessageBody="Your table is ready")
        assert answer["MessageId"]
        [request] = provider.received()
        assert request.host == "sms-voice.us-east-1.amazonaws.com"
        assert request.field("x-amz-target") == "PinpointSMSVoiceV2.SendTextMessage"
        decisions.expect("allow")

    @pytest.mark.shows("blocked")
    def test_a_suppressed_recipient_raises_the_sdks_error(self, connect, provider, decisions):
        client = connect("pinpoint-sms-voice-v2")
        with pytest.raises(client.exceptions.ConflictException) as caught:
            client.send_text_message(DestinationPhoneNumber=BLOCKED_PHONE, MessageBody="Sale")
        assert caught.value.response["Reason"] == "DESTINATION_PHONE_NUMBER_OPTED_OUT"
        with pytest.raises(client.exceptions.ConflictException):
            client.send_voice_message(DestinationPhoneNumber=BLOCKED_PHONE, OriginationIdentity="+15005550006", MessageBody="Sale")
        assert provider.count() == 0
        decisions.expect("reject", "reject")

    def test_an_opt_out_is_not_taken_back_and_reads_pass(self, connect, provider):
        client = connect("pinpoint-sms-voice-v2")
        with pytest.raises(botocore.exceptions.ClientError):
            client.delete_opted_out_number(OptOutListName="Default", OptedOutNumber=BLOCKED_PHONE)
        assert provider.count() == 0
        assert client.describe_pools()["Pools"] == []


class TestPinpoint:
    pytestmark = pytest.mark.provider("aws-pinpoint", sdk="boto3", **WITHOUT)

    @staticmethod
    def send(client, *phones):
        request = {"Addresses": {phone: {"ChannelType": "SMS"} for phone in phones}, "MessageConfiguration": {"SMSMessage": {"Body": "Hi"}}}
        return client.send_messages(ApplicationId="app", MessageRequest=request)["MessageResponse"]["Result"]

    @pytest.mark.shows("allowed")
    def test_an_allowed_message(self, connect, provider, decisions):
        assert self.send(connect("pinpoint"), ALLOWED_PHONE)[ALLOWED_PHONE]["DeliveryStatus"] == "SUCCESSFUL"
        [request] = provider.received()
        assert request.path == "/v1/apps/app/messages"
        decisions.expect("allow")

    @pytest.mark.shows("blocked")
    def test_a_suppressed_recipient_is_told_in_the_answer(self, connect, provider, decisions):
        client = connect("pinpoint")
        assert self.send(client, BLOCKED_PHONE)[BLOCKED_PHONE]["DeliveryStatus"] == "OPT_OUT"
        # Signed by the sender and not to be signed anew: nobody gets it.
        assert {result["DeliveryStatus"] for result in self.send(client, BLOCKED_PHONE, ALLOWED_PHONE).values()} == {"OPT_OUT"}
        assert provider.count() == 0
        decisions.expect("reject", "reject")
