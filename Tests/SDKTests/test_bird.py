"""The Bird SDK (messagebird-sdk): its base URL set, or its host name resolved to the gate."""

import json

import bird
import pytest

from conftest import ALLOWED_PHONES, BLOCKED_PHONE

pytestmark = pytest.mark.provider("bird", sdk="messagebird-sdk")


@pytest.fixture
def client(way, gate):
    return bird.Bird(api_key="bk_us1_" + "k" * 32, **({"base_url": gate.base("bird")} if way == "base-url" else {}))


@pytest.mark.shows("allowed")
def test_an_allowed_message(client, provider, decisions):
    answer = client.sms.send(to=ALLOWED_PHONES[0], from_="+15005550006", text="Your table is ready", category="transactional")
    assert answer.id.startswith("sms_") and answer.status == "accepted"
    [request] = provider.received()
    assert (request.method, request.host, request.path) == ("POST", "us1.platform.bird.com", "/v1/sms/messages")
    assert json.loads(request.body)["to"] == ALLOWED_PHONES[0]
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_the_sdks_error(client, provider, decisions):
    with pytest.raises(bird.ValidationError) as caught:
        client.sms.send(to=BLOCKED_PHONE, from_="+15005550006", text="Sale", category="marketing")
    assert caught.value.code == "recipient_opted_out"
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_a_mixed_batch_arrives_without_the_suppressed(client, provider, decisions):
    def batch(*phones):
        return [{"to": phone, "from_": "+15005550006", "text": f"Hi {phone}", "category": "marketing"} for phone in phones]

    first, second, _ = ALLOWED_PHONES
    assert [message.to for message in client.sms.send_batch(messages=batch(first, BLOCKED_PHONE, second)).data] == [first, second]
    client.sms.send_batch(messages=batch(first, second))
    stripped, plain = provider.received()
    assert stripped.body == plain.body
    decisions.expect("strip", "allow")


def test_an_opt_out_at_bird_is_not_taken_back(client, provider, decisions):
    with pytest.raises(bird.APIStatusError):
        client.sms_suppressions.remove("sup_1")
    assert provider.count() == 0
