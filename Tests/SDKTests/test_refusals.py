"""What cannot be read in one way only: a 4xx in the provider's dialect, a record, a metric, and nothing for the provider."""

import gzip
import json

import httpx
import pytest

from test_clients import FORM, MAIL, SMS, with_curl, with_curl_1, with_curl_2
from test_ordinary_traffic import MAILS

JSON = "application/json"
GOOD = b"To=%2B14155550199&From=%2B15005550006&Body=Hi"
PLAIN_MAIL = MAILS["json.dumps of Python"]


def nested(depth):
    return PLAIN_MAIL[:-1] + b',"custom_args":' + b"[" * depth + b"]" * depth + b"}"


REFUSED = {
    "no body": (SMS, FORM, b"", {}),
    "no recipient": (SMS, FORM, b"From=%2B15005550006&Body=Hi", {}),
    "an empty recipient": (SMS, FORM, b"To=&From=%2B15005550006&Body=Hi", {}),
    "two recipients": (SMS, FORM, GOOD + b"&To=%2B14155550123", {}),
    "two recipients, one escaped": (SMS, FORM, GOOD + b"&%54o=%2B14155550123", {}),
    "the recipient in other case too": (SMS, FORM, GOOD + b"&to=%2B14155550123", {}),
    "a bracketed recipient": (SMS, FORM, b"To[]=%2B14155550123&From=%2B15005550006&Body=Hi", {}),
    "a broken escape": (SMS, FORM, b"To=%2B14155550199&Body=%ZZ", {}),
    "a cut escape": (SMS, FORM, b"To=%2B14155550199&Body=%E", {}),
    "an escaped NUL": (SMS, FORM, b"To=%2B14155550199%00&Body=x", {}),
    "a semicolon that some split at": (SMS, FORM, b"Body=x;To=%2B14155550123&To=%2B14155550199&From=%2B1500", {}),
    "no number": (SMS, FORM, b"To=hello&From=%2B15005550006&Body=Hi", {}),
    "JSON for a form": (SMS, JSON, b'{"To":"+14155550123"}', {}),
    "multipart for a form": (SMS, "multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="To"\r\n\r\n+14155550123\r\n--x--\r\n', {}),
    "no content type": (SMS, "", GOOD, {}),
    "another charset": (SMS, FORM + "; charset=utf-16", GOOD, {}),
    "deflate": (SMS, FORM, GOOD, {"content-encoding": "deflate"}),
    "brotli": (MAIL, JSON, PLAIN_MAIL, {"content-encoding": "br"}),
    "gzip that is none": (MAIL, JSON, PLAIN_MAIL, {"content-encoding": "gzip"}),
    "gzip cut short": (MAIL, JSON, gzip.compress(PLAIN_MAIL)[:-9], {"content-encoding": "gzip"}),
    "gzip with something behind": (MAIL, JSON, gzip.compress(PLAIN_MAIL) + b"x", {"content-encoding": "gzip"}),
    "a gzip bomb": (MAIL, JSON, gzip.compress(b" " * (64 << 20)), {"content-encoding": "gzip"}),
    "no JSON": (MAIL, JSON, b"hello", {}),
    "JSON cut short": (MAIL, JSON, PLAIN_MAIL[:-1], {}),
    "JSON with something behind": (MAIL, JSON, PLAIN_MAIL + b"{}", {}),
    "a member twice": (MAIL, JSON, PLAIN_MAIL[:-1] + b',"personalizations":[{"to":[{"email":"gone0@example.com"}]}]}', {}),
    "a member twice, one escaped": (MAIL, JSON, PLAIN_MAIL[:-1] + b',"person\\u0061lizations":[{"to":[{"email":"gone0@example.com"}]}]}', {}),
    "an address twice in one object": (MAIL, JSON, PLAIN_MAIL.replace(b'"email": "ann@example.com"', b'"email": "ann@example.com", "email": "gone0@example.com"'), {}),
    "personalizations of another type": (MAIL, JSON, PLAIN_MAIL.replace(b'"personalizations": [', b'"personalizations": ["x",'), {}),
    "an address that is a number": (MAIL, JSON, PLAIN_MAIL.replace(b'"ann@example.com"', b"7"), {}),
    "no personalizations": (MAIL, JSON, b'{"from":{"email":"a@example.org"}}', {}),
    "an array": (MAIL, JSON, b"[" + PLAIN_MAIL + b"]", {}),
    "a comment": (MAIL, JSON, PLAIN_MAIL.replace(b"{", b"{/* x */", 1), {}),
    "a trailing comma": (MAIL, JSON, PLAIN_MAIL[:-1] + b",}", {}),
    "NaN": (MAIL, JSON, PLAIN_MAIL[:-1] + b',"send_at":NaN}', {}),
    "bad UTF-8": (MAIL, JSON, PLAIN_MAIL.replace(b"Hello", b"\xff\xfe"), {}),
    "an overlong form of a quote": (MAIL, JSON, PLAIN_MAIL.replace(b"Hello", b"\xc0\xa2"), {}),
    "a lone surrogate in an address": (MAIL, JSON, PLAIN_MAIL.replace(b"ann@", b"ann\\ud800@"), {}),
    "UTF-16": (MAIL, JSON, PLAIN_MAIL.decode().encode("utf-16"), {}),
    "depth beyond the limit": (MAIL, JSON, nested(300), {}),
    "a hundred thousand brackets": (MAIL, JSON, nested(100_000), {}),
    "a form for JSON": (MAIL, FORM, b"personalizations[0][to][0][email]=gone0@example.com", {}),
    "a thousand and one recipients": (MAIL, JSON, json.dumps({
        "personalizations": [{"to": [{"email": f"p{n}@example.com"} for n in range(1001)]}], "from": {"email": "a@example.org"}}).encode(), {}),
    "a member nobody declared that names somebody suppressed": (MAIL, JSON, PLAIN_MAIL[:-1] + b',"also_to":["gone0@example.com"]}', {}),
    "a mail setting that copies to somebody suppressed": (
        MAIL, JSON, PLAIN_MAIL[:-1] + b',"mail_settings":{"bcc":{"enable":true,"email":"gone0@example.com"}}}', {}),
    "an unknown write": ("twilio/2010-04-01/Accounts/AC1/Faxes.json", FORM, GOOD, {}),
    "another method by a header": (SMS, FORM, GOOD, {"x-http-method-override": "GET"}),
    "a signed body whose recipient is suppressed": (
        SMS, FORM, b"To=%2B14155550123&From=%2B15005550006&Body=Hi", {"twilio-client-validation": "a.b.c"}),
}


@pytest.fixture(scope="module", params=[False, True], ids=["http/1.1", "http/2"])
def client(request, gate):
    with httpx.Client(http2=request.param, timeout=30) as client:
        yield client


def check_provider_error(answer, path):
    """An error as the provider words its own, so that an SDK raises what it always raises."""
    assert answer.status_code // 100 == 4, (answer.status_code, answer.text)
    assert answer.status_code not in (408, 425, 429), "SDKs would try again"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-should-retry"] == "false"
    if path.startswith("sendgrid"):
        [error] = answer.json()["errors"]
        assert error["message"]
    else:
        assert isinstance(answer.json()["code"], int) and answer.json()["message"]
        assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused_in_the_providers_dialect(client, gate, provider, decisions, name):
    path, content_type, body, fields = REFUSED[name]
    headers = {"content-type": content_type, **fields} if content_type else fields
    before = gate.metrics()
    answer = client.post(gate.base(path), content=body, headers=headers)
    check_provider_error(answer, path)
    assert provider.count() == 0
    [decision] = decisions.expect(answer.headers["stopgate-verdict"])
    assert decision["verdict"] in ("refuse", "reject")
    assert decision["cause"]
    assert decision["id"] == answer.headers["stopgate-audit-id"]
    after = gate.metrics()
    counted = {name for name in after if after[name] != before.get(name, 0) and name.startswith(("stopgate_requests_total", "stopgate_refusals_total"))}
    provider_name = path.partition("/")[0]
    if decision["verdict"] == "refuse":
        assert counted == {f'stopgate_requests_total{{provider="{provider_name}",verdict="refused"}}', f'stopgate_refusals_total{{cause="{decision["cause"]}"}}'}
    else:
        assert counted == {f'stopgate_requests_total{{provider="{provider_name}",verdict="rejected"}}'}


@pytest.mark.parametrize("client", [with_curl_1, with_curl_2])
@pytest.mark.parametrize("path, content_type, field", [
    (SMS, FORM, {}), (MAIL, JSON, {"content-encoding": "br"}), (MAIL, FORM, {})], ids=["too long", "coding", "type"])
def test_an_upload_is_refused_before_its_end(client, gate, provider, decisions, path, content_type, field):
    status, content = client(gate.base(path), b"x" * (3 << 20), {"Content-Type": content_type, **field})
    assert status in (413, 415)
    assert json.loads(content)
    assert provider.count() == 0
    decisions.expect("refuse")


@pytest.mark.parametrize("path", [
    "/twilio/2010-04-01/Accounts/AC1/x/../Messages.json", "/twilio/2010-04-01/Accounts/AC1/./Messages.json",
    "/twilio/2010-04-01/Accounts%2FAC1/Messages.json", "/twilio//2010-04-01/Accounts/AC1/Messages.json",
    "/twilio/2010-04-01/Accounts/AC1/%2e%2e/Messages.json", "/twilio/2010-04-01/Accounts/AC1/Messages.json;v=1",
    "/twilio/2010-04-01/Accounts/AC1\\Messages.json", "/twilio/2010-04-01/Accounts/AC1/Messages%00.json",
    "/twilio/2010-04-01/Accounts/AC1/%254dessages.json", "/nobody/v1/messages", "/"])
def test_a_path_servers_read_differently_is_refused(gate, provider, decisions, path):
    status, content = with_curl(
        f"https://localhost:{gate.port}" + path, b"To=%2B14155550123&From=%2B15005550006&Body=Hi", {"Content-Type": FORM},
        "--http1.1", "--path-as-is")
    assert status in (400, 404)
    assert json.loads(content)
    assert provider.count() == 0
    decisions.expect("refuse")


@pytest.mark.parametrize("path", [
    "/twilio/2010-04-01/Accounts/AC1/%4dessages.json", "/twilio/2010-04-01/Accounts/AC1/messages.JSON",
    "/twilio/2010-04-01/accounts/AC1/Messages.json", "/twilio/2010-04-01/Accounts/AC1/Messages.json/",
    "/twilio/2010-04-01/Accounts/AC1/Messages", "/twilio/2010-04-01/Accounts/AC1/Messages.xml",
    "/twilio/2010-04-01/Accounts/AC1/Messages.json?x=1", "/twilio/2010-04-01/Accounts/AC1/SMS/Messages.json"])
def test_another_spelling_of_the_path_never_carries_a_suppressed_recipient(gate, provider, path):
    status, _ = with_curl(
        f"https://localhost:{gate.port}" + path, b"To=%2B14155550123&From=%2B15005550006&Body=Hi", {"Content-Type": FORM},
        "--http1.1", "--path-as-is")
    assert status in (400, 404)
    assert provider.count() == 0


def test_a_recipient_in_the_query_counts(client, gate, provider):
    answer = client.post(gate.base(SMS) + "?To=%2B14155550123", content=GOOD, headers={"content-type": FORM})
    assert answer.status_code == 400, answer.text
    assert provider.count() == 0
