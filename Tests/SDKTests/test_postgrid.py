"""The official PostGrid SDK: its base URL set, or its host name resolved to the gate."""

import json

import postgrid
import pytest
import requests

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


@pytest.mark.parametrize("coding", ["data", "files"])
def test_the_same_call_as_a_form_and_in_parts(gate, provider, decisions, coding):
    """As PostGrid's own examples send it with curl."""
    def send(street, **more):
        fields = {"to[firstName]": "Ann", "to[addressLine1]": street, "to[postalOrZip]": "M5V 2H1", "from": "contact_123", "html": "<b>Hi</b>", **more}
        body = {name: (None, value) for name, value in fields.items()} if coding == "files" else fields
        return requests.post(f"{gate.base('postgrid')}/print-mail/v1/letters", **{coding: body}, headers={"x-api-key": "key"}, timeout=30)

    assert send("145 Mulberry St").ok
    for street, more in ((BLOCKED_STREET, {}), ("145 Mulberry St", {"to[email]": BLOCKED_MAILS[0]})):
        answer = send(street, **more)
        assert answer.status_code == 422
        assert answer.json()["error"]["type"] == "recipient_opted_out"
    assert send("145 Mulberry St", to="contact_456").status_code == 400
    [request] = provider.received()
    assert b"to%5BaddressLine1%5D=145+Mulberry+St" in request.body or b'name="to[addressLine1]"' in request.body
    decisions.expect("allow", "reject", "reject", "refuse")


def test_a_contact_only_postgrid_knows_is_refused(client, provider, decisions):
    with pytest.raises(postgrid.APIStatusError):
        client.print_mail.letters.create(to="contact_456", from_="contact_123", html="<b>Hi</b>")
    assert provider.count() == 0
    decisions.expect("refuse")
