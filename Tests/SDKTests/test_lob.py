"""The official Lob SDK: its host set, or its host name resolved to the gate."""

import json

import lob_python
import pytest
from lob_python.api.postcards_api import PostcardsApi
from lob_python.model.address_editable import AddressEditable
from lob_python.model.country_extended import CountryExtended
from lob_python.model.postcard_editable import PostcardEditable
from lob_python.model.psc_use_type import PscUseType

from conftest import BLOCKED_MAILS, BLOCKED_STREET

pytestmark = pytest.mark.provider("lob", sdk="lob-python", stripped="a letter has one recipient")


@pytest.fixture
def client(way, gate, certificates):
    configuration = lob_python.Configuration(username="test_key", **({"host": gate.base("lob/v1")} if way == "base-url" else {}))
    configuration.ssl_ca_cert = str(certificates.ca)
    return PostcardsApi(lob_python.ApiClient(configuration))


def address(street, **more):
    return AddressEditable(name="Ann Example", address_line1=street, address_city="San Francisco", address_state="CA", address_zip="94107", address_country=CountryExtended("US"), **more)


def postcard(to):
    return PostcardEditable(to=to, _from="adr_210a8d4b0b76d77b", front="<b>Hi</b>", back="<i>there</i>", use_type=PscUseType("marketing"))


@pytest.mark.shows("allowed")
def test_an_allowed_postcard(client, provider, decisions):
    assert client.create(postcard(address("185 Berry Street"))).id.startswith("psc_")
    [request] = provider.received()
    assert (request.method, request.host, request.path) == ("POST", "api.lob.com", "/v1/postcards")
    assert json.loads(request.body)["to"]["address_line1"] == "185 Berry Street"
    decisions.expect("allow")


@pytest.mark.shows("blocked")
def test_a_suppressed_recipient_raises_the_sdks_error(client, provider, decisions):
    for to in (address(BLOCKED_STREET), address("185 Berry Street", email=BLOCKED_MAILS[0])):
        with pytest.raises(lob_python.ApiException) as caught:
            client.create(postcard(to))
        assert caught.value.status == 422
        assert json.loads(caught.value.body)["error"]["status_code"] == 422
    assert provider.count() == 0
    decisions.expect("reject", "reject")


def test_an_address_only_lob_knows_is_refused(client, provider, decisions):
    with pytest.raises(lob_python.ApiException):
        client.create(postcard("adr_210a8d4b0b76d77c"))
    assert provider.count() == 0
    decisions.expect("refuse")
