"""aioapns, a community SDK for Apple's push service, HTTP/2 only. It has no setting for its host: DNS alone."""

import asyncio
import ssl

import pytest
from aioapns import APNs, NotificationRequest, PushType
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from conftest import ALLOWED_TOKEN, BLOCKED_TOKEN

pytestmark = pytest.mark.provider(
    "apns", sdk="aioapns", stripped="a notification has one recipient", **{"base-url": "the SDK has no setting for its host"})


@pytest.fixture(scope="module")
def key():
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


@pytest.fixture(params=["dns"])
def send(request, gate, key, certificates, dns_override):
    context = ssl.create_default_context(cafile=str(certificates.ca))
    context.set_alpn_protocols(["h2"])

    def send(*tokens):
        async def run():
            client = APNs(key=key, key_id="KEYID12345", team_id="TEAMID1234", topic="com.example.app", ssl_context=context)
            notification = {"aps": {"alert": "Your table is ready"}, "table": {"number": 7}}
            results = [
                await client.send_notification(NotificationRequest(device_token=token, message=notification, push_type=PushType.ALERT))
                for token in tokens]
            client.pool.close()
            return results

        return asyncio.run(run())

    return send


@pytest.mark.shows("allowed")
def test_an_allowed_notification(send, provider, decisions):
    [result] = send(ALLOWED_TOKEN)
    assert result.is_successful and result.status == "200"
    [request] = provider.received()
    assert (request.method, request.host, request.path, request.protocol) == ("POST", "api.push.apple.com", f"/3/device/{ALLOWED_TOKEN}", "HTTP/2")
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_device_is_answered_as_apple_would(send, provider, decisions):
    [result, other] = send(BLOCKED_TOKEN, ALLOWED_TOKEN)
    assert (result.is_successful, result.status, result.description) == (False, "410", "Unregistered")
    assert other.is_successful
    assert provider.count() == 1
    decisions.expect("reject", "allow")


def test_the_spelling_of_a_token_does_not_matter(send, provider):
    [result] = send(BLOCKED_TOKEN.upper())
    assert result.description == "Unregistered"
    assert provider.count() == 0
