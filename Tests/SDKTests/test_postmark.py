"""The official Postmark SDK, unchanged: its base URL set, or its host name resolved to the gate. It tries again by itself."""

import asyncio
import json

import postmark
import pytest
from postmark.exceptions import InactiveRecipientException, InvalidAPIKeyException, PostmarkAPIException

from conftest import BLOCKED_MAILS

pytestmark = pytest.mark.provider("postmark", sdk="postmark-python")
GONE = BLOCKED_MAILS[:3]


@pytest.fixture
def call(way, gate):
    """Runs one call of a client in a loop of its own."""

    def call(action):
        async def run():
            options = {"base_url": gate.base("postmark")} if way == "base-url" else {}
            async with postmark.ServerClient("server-token", **options) as client:
                return await action(client)

        return asyncio.run(run())

    return call


def mail(to, **more):
    return {"From": "The News <news@example.org>", "To": to, "Subject": "Hello", "HtmlBody": f"<p>Grüße, {GONE[0]}</p>", **more}


@pytest.mark.shows("allowed")
@pytest.mark.parametrize("to", ["ann@example.com", '"Ann, A" <ann@example.com>, bob@example.com'])
def test_an_allowed_mail(call, provider, decisions, to):
    answer = call(lambda client: client.outbound.send(mail(to)))
    assert (answer.error_code, answer.message, answer.success) == (0, "OK", True)
    [request] = provider.received()
    assert (request.method, request.path) == ("POST", "/email")
    assert json.loads(request.body)["To"] == to
    assert request.field("x-postmark-server-token") == "server-token"
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_what_postmark_itself_would(call, provider, decisions):
    with pytest.raises(InactiveRecipientException) as caught:
        call(lambda client: client.outbound.send(mail(f"Gone <{GONE[0].upper()}>, {GONE[1]}")))
    assert (caught.value.error_code, caught.value.http_status) == (406, 422)
    assert caught.value.inactive_recipients == GONE[:2]
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_a_mixed_mail_arrives_stripped_and_otherwise_byte_equal(call, provider, decisions):
    body = mail(f'"Ann, A" <ann@example.com>, "Gone, G" <{GONE[0]}>, bob@example.com', Cc=GONE[1], Bcc=f"{GONE[2]},cy@example.com")
    call(lambda client: client.outbound.send(mail("zed@example.com", Cc="yan@example.com", Bcc="xia@example.com")))
    answer = call(lambda client: client.outbound.send(body))
    assert answer.success
    plain, stripped = provider.received()
    expected = plain.body.replace(b'"zed@example.com"', json.dumps('"Ann, A" <ann@example.com>, bob@example.com').encode())
    expected = expected.replace(b'"Cc":"yan@example.com",', b"").replace(b"xia@example.com", b"cy@example.com")
    assert stripped.body == expected
    decisions.expect("allow", "strip")


def test_a_batch_keeps_its_results_in_order(call, provider, decisions):
    answers = call(lambda client: client.outbound.send_batch(
        [mail("ann@example.com"), mail(GONE[0]), mail(f"{GONE[1]}, bob@example.com")]))
    assert [answer.error_code for answer in answers] == [0, 406, 0]
    assert f"Found inactive addresses: {GONE[0]}. Inactive" in answers[1].message
    [request] = provider.received()
    assert [message["To"] for message in json.loads(request.body)] == ["ann@example.com", "bob@example.com"]
    decisions.expect("strip")


def test_a_batch_of_nobody(call, provider, decisions):
    answers = call(lambda client: client.outbound.send_batch([mail(GONE[0]), mail(f"{GONE[1]}, {GONE[2]}")]))
    assert [answer.error_code for answer in answers] == [406, 406]
    assert provider.count() == 0
    decisions.expect("reject")


def test_templates(call, provider):
    template = {"From": "news@example.org", "TemplateAlias": "hi", "TemplateModel": {"of": GONE[0]}}
    assert call(lambda client: client.outbound.send_with_template({**template, "To": f"ann@example.com, {GONE[0]}"})).success
    answers = call(lambda client: client.outbound.send_batch_with_template(
        [{**template, "To": GONE[0]}, {**template, "To": "bob@example.com"}]))
    assert [answer.error_code for answer in answers] == [406, 0]
    one, batch = provider.received()
    assert json.loads(one.body)["To"] == "ann@example.com"
    assert [message["To"] for message in json.loads(batch.body)["Messages"]] == ["bob@example.com"]


def test_a_call_that_undoes_an_opt_out_is_refused(call, provider):
    with pytest.raises(PostmarkAPIException) as caught:
        call(lambda client: client.suppressions.delete("outbound", [GONE[0]]))
    assert caught.value.http_status == 403
    assert provider.count() == 0


def test_the_providers_own_error(call, provider):
    provider.behave(error="authentication")
    with pytest.raises(InvalidAPIKeyException):
        call(lambda client: client.outbound.send(mail("ann@example.com")))
    assert provider.count() == 1


def test_a_refused_mail_raises_the_clients_usual_error_once(call, provider, decisions):
    with pytest.raises(PostmarkAPIException) as caught:
        call(lambda client: client.outbound.send(mail("nobody")))
    assert caught.value.http_status in (400, 422) and caught.value.error_code
    assert provider.count() == 0
    decisions.expect("refuse")
