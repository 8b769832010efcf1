"""Microsoft's own SDK for Graph, unchanged: the base URL of its request adapter set, or the host name resolved to the gate."""

import asyncio
import base64
import json

import httpx
import pytest
from azure.core.credentials import AccessToken
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.message import Message
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.recipient import Recipient
from msgraph.generated.users.item.messages.item.forward.forward_post_request_body import ForwardPostRequestBody
from msgraph.generated.users.item.send_mail.send_mail_post_request_body import SendMailPostRequestBody

from conftest import BLOCKED_MAILS

pytestmark = pytest.mark.provider("microsoft-graph", sdk="msgraph-sdk")
GONE = BLOCKED_MAILS[:3]


class Credential:
    """A token that needs no network."""

    async def get_token(self, *_, **__):
        return AccessToken("token", 1 << 40)

    async def close(self):
        pass


@pytest.fixture
def call(way, gate):
    """Runs one call of a client in a loop of its own."""

    def call(action):
        async def run():
            adapter = GraphRequestAdapter(
                AzureIdentityAuthenticationProvider(Credential(), allowed_hosts=["localhost", "graph.microsoft.com"]))
            # Its own base URL ends in a slash, and so its paths begin with two: the gate passes one on.
            if way == "base-url":
                adapter.base_url = gate.base("microsoft-graph") + "/v1.0/"
            return await action(GraphServiceClient(request_adapter=adapter))

        return asyncio.run(run())

    return call


def people(*addresses):
    return [Recipient(email_address=EmailAddress(address=address, name="N")) for address in addresses]


def mail(to, cc=(), bcc=()):
    return SendMailPostRequestBody(message=Message(
        subject="Grüße", body=ItemBody(content_type=BodyType.Text, content=f"Hello {GONE[0]}"), to_recipients=people(*to),
        cc_recipients=people(*cc) or None, bcc_recipients=people(*bcc) or None), save_to_sent_items=False)


def send(call, *people):
    return call(lambda client: client.users.by_user_id("news@example.org").send_mail.post(mail(*people)))


@pytest.mark.shows("allowed")
def test_an_allowed_mail(call, provider, decisions):
    assert send(call, ["ann@example.com"]) is None
    [request] = provider.received()
    assert (request.method, request.path) == ("POST", "/v1.0/users/news%40example.org/sendMail")
    assert [to["emailAddress"]["address"] for to in json.loads(request.body)["Message"]["toRecipients"]] == ["ann@example.com"]
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_the_clients_usual_error(call, provider, decisions):
    with pytest.raises(ODataError) as caught:
        send(call, [GONE[0]])
    assert caught.value.response_status_code == 400
    assert caught.value.error.code == "ErrorInvalidRecipients"
    assert provider.count() == 0
    decisions.expect("reject")


@pytest.mark.shows("stripped")
def test_a_mixed_mail_arrives_stripped_and_otherwise_byte_equal(call, provider, decisions):
    send(call, ["ann@example.com", "bob@example.com"], [], ["cy@example.com"])
    send(call, ["ann@example.com", GONE[0], "bob@example.com"], [GONE[1]], [GONE[2].upper(), "cy@example.com"])
    plain, stripped = provider.received()
    assert stripped.body == plain.body
    decisions.expect("allow", "strip")


def test_a_forward(call, provider, decisions):
    call(lambda client: client.users.by_user_id("me").messages.by_message_id("AAMk").forward.post(
        ForwardPostRequestBody(comment="see below", to_recipients=people("ann@example.com", GONE[0]))))
    [request] = provider.received()
    assert GONE[0].encode() not in request.body
    decisions.expect("strip")


def test_stored_messages_are_refused(call, provider, decisions):
    with pytest.raises(ODataError) as caught:
        call(lambda client: client.users.by_user_id("me").messages.by_message_id("AAMk").send.post())
    assert caught.value.response_status_code == 400
    assert provider.count() == 0
    decisions.expect("refuse")


def test_a_whole_message_as_text(way, gate, provider, decisions):
    # The SDK has no call for it.
    base = gate.base("microsoft-graph") if way == "base-url" else "https://graph.microsoft.com"
    message = f"From: news@example.org\r\nTo: ann@example.com, {GONE[0]}\r\nSubject: s\r\n\r\nHello\r\n"

    def post(text):
        return httpx.post(f"{base}/v1.0/me/sendMail", content=base64.b64encode(text.encode()), headers={"Content-Type": "text/plain"}, timeout=30)

    assert post(message).status_code == 202
    [request] = provider.received()
    assert base64.b64decode(request.body).decode() == message.replace(f", {GONE[0]}", "")
    assert post(message.replace("ann@example.com, ", "")).json()["error"]["code"] == "ErrorInvalidRecipients"
    decisions.expect("strip", "reject")


def test_drafts_may_be_written(call, provider):
    call(lambda client: client.users.by_user_id("me").messages.post(Message(subject="s", to_recipients=people(GONE[0]))))
    assert provider.count() == 1


def test_the_providers_own_error(call, provider):
    provider.behave(error="authentication")
    with pytest.raises(ODataError) as caught:
        send(call, ["ann@example.com"])
    assert caught.value.response_status_code == 401
    assert provider.count() == 1
