"""The official PostGrid SDK: its base URL set, or its host name resolved to the gate."""

import json

import postgrid
import pytest

from conftest import BLOCKED_MAILS, BLOCKED_STREET

pytestmark = pytest.mark.provider("postgrid", sdk="postgrid-python", stripped="a letter has one recipient")


@pytest.fixture
def client(way, gate):
    return postgrid.PostGrid(print_mail_api_key="key", **({"base_url": gate.base("postgrid")} if way == "base-url" else {}))


def letter(client, street, **more):
    to = {"firstName": "Ann", "lastName": "Example", "addressLine1": street, "city": "Toronto", "provinceOrState": "ON", "postalOrZip": "M5V 2H1", "countryCode": "CA", **more}
    return client.print_mail.letters.create(to=to, from_="contact_123", html="<b>Hi</b>")


@pytest.mark.shows("allowed")
def test_an_allowed_letter(client, provider, decisions):
    assert letter(client, "145 Mulberry St").id.startswith("letter_")
    [request] = provider.received()
    assert (request.method, request.host, request.path) == ("POST", "api.postgrid.com", "/print-mail/v1/letters")
    assert json.loads(request.body)["to"]["addressLine1"] == "145 Mulberry St"
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_the_sdks_error(client, provider, decisions):
    for street, more in ((BLOCKED_STREET, {}), ("145 Mulberry St", {"email": BLOCKED_MAILS[0]})):
        with pytest.raises(postgrid.UnprocessableEntityError) as caught:
            letter(client, street, **more)
        assert caught.value.body["error"]["type"] == "recipient_opted_out"
    assert provider.count() == 0
    # The SDK repeats some statuses by itself: one decision for each call.
    decisions.expect("reject", "reject")


def test_a_contact_only_postgrid_knows_is_refused(client, provider, decisions):
    with pytest.raises(postgrid.APIStatusError):
        client.print_mail.letters.create(to="contact_456", from_="contact_123", html="<b>Hi</b>")
    assert provider.count() == 0
    decisions.expect("refuse")
