"""Bodies and heads as real HTTP clients of many languages write them. All pass; what is forwarded is what was sent."""

import base64
import gzip
import json
import os
import zlib

import httpx
import pytest

from test_clients import FORM, MAIL, SMS

BOUND = {"From": "+15005550006", "Body": "Hello"}


def mail(**changes):
    document = {
        "personalizations": [{"to": [{"email": "ann@example.com", "name": "Ann"}]}], "from": {"email": "news@example.org"},
        "subject": "Hello", "content": [{"type": "text/plain", "value": "Hello"}]}
    document.update(changes)
    return document


def to(*entries):
    return [{"to": list(entries)}]


FORMS = {
    "urlencode of Python": b"To=%2B14155550199&From=%2B15005550006&Body=Hello+there",
    "URLSearchParams of JavaScript": b"To=%2B14155550199&From=%2B15005550006&Body=Hello+*there%21%27%28%29%7E",
    "encodeURIComponent of JavaScript": b"To=%2B14155550199&From=%2B15005550006&Body=Hello%20there!'()~*",
    "http_build_query of PHP": b"To=%2B14155550199&From=%2B15005550006&Body=Hello+there%21%7E&MediaUrl%5B0%5D=https%3A%2F%2Fa.example%2Fx.png",
    "Rack and qs arrays": b"To=%2B14155550199&From=%2B15005550006&Body=Hi&MediaUrl[]=https://a.example/1.png&MediaUrl[]=https://a.example/2.png",
    "FormUrlEncodedContent of .NET": b"To=%2B14155550199&From=%2B15005550006&Body=Gr%C3%BC%C3%9Fe+%F0%9F%98%80",
    "url.Values of Go, sorted": b"Body=Hello+there&From=%2B15005550006&To=%2B14155550199",
    "lower-case escapes": b"To=%2b14155550199&From=%2b15005550006&Body=caf%c3%a9",
    "spaced number": b"To=%2B1+415+555+0199&From=%2B15005550006&Body=Hi",
    "parenthesised number": b"To=%28415%29+555-0199&From=%2B15005550006&Body=Hi",
    "number with %20": b"To=%2B1%20(415)%20555-0199&From=%2B15005550006&Body=Hi",
    "spaces around the number": b"To=+%2B14155550199+&From=%2B15005550006&Body=Hi",
    "whatsapp": b"To=whatsapp%3A%2B14155550199&From=whatsapp%3A%2B15005550006&Body=Hi",
    "whatsapp, colon in plain": b"To=whatsapp:%2B14155550199&From=whatsapp:%2B15005550006&Body=Hi",
    "a field twice": b"To=%2B14155550199&From=%2B15005550006&Body=Hi&MediaUrl=https%3A%2F%2Fa.example%2F1&MediaUrl=https%3A%2F%2Fa.example%2F2",
    "an empty value and a name alone": b"To=%2B14155550199&From=%2B15005550006&Body=&StatusCallback=&ProvideFeedback",
    "fields of tomorrow": b"To=%2B14155550199&From=%2B15005550006&Body=Hi&SomethingNew=yes&x-trace=42&Limit=7",
    "a last ampersand": b"To=%2B14155550199&From=%2B15005550006&Body=Hi&",
    "content variables": b"To=%2B14155550199&From=%2B15005550006&ContentSid=HX1&ContentVariables=%7B%221%22%3A%22Zo%C3%AB%22%7D",
    "a suppressed number in the text": b"To=%2B14155550199&From=%2B15005550006&Body=Call+us+at+%2B14155550123",
    "a body of 1600 characters": b"To=%2B14155550199&From=%2B15005550006&Body=" + b"%F0%9F%98%80" * 1600,
}

MAILS = {
    "json.dumps of Python": json.dumps(mail()).encode(),
    "JSON.stringify of JavaScript": json.dumps(mail(), separators=(",", ":")).encode(),
    "pretty printed": json.dumps(mail(), indent=4).encode() + b"\n",
    "Windows line ends and tabs": json.dumps(mail(), indent="\t").replace("\n", "\r\n").encode(),
    "encoding/json of Go": json.dumps(mail(subject="a<b>&c"), separators=(",", ":")).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").encode(),
    "json_encode of PHP": json.dumps(mail(custom_args={"url": "https://a.example/b"}), separators=(",", ":")).replace("/", "\\/").encode(),
    "UTF-8 in plain": json.dumps(mail(subject="Grüße 😀"), ensure_ascii=False).encode(),
    "escaped Unicode": json.dumps(mail(subject="Grüße 😀")).encode(),
    "an escaped address": json.dumps(mail()).replace("ann@", "\\u0061nn\\u0040").encode(),
    "line separators": json.dumps(mail(subject="a\u2028b\u2029c"), ensure_ascii=False).encode(),
    "display names": json.dumps(mail(personalizations=to({"email": "ann@example.com", "name": 'Ann "A." O\'Hara, <Ltd> {x}; Zoë'}))).encode(),
    "an address with its name": json.dumps(mail(personalizations=to({"email": "Ann Smith <ann@example.com>"}))).encode(),
    "a name that is null": json.dumps(mail(personalizations=to({"email": "ann@example.com", "name": None}))).encode(),
    "a plus tag and capitals": json.dumps(mail(personalizations=to({"email": "Ann.Smith+Tag@Mail.Example.COM"}))).encode(),
    "an apostrophe": json.dumps(mail(personalizations=to({"email": "o'hara@example.ie"}))).encode(),
    "an international domain": json.dumps(mail(personalizations=to({"email": "info@münchen.example"})), ensure_ascii=False).encode(),
    "an international domain as ASCII": json.dumps(mail(personalizations=to({"email": "info@xn--mnchen-3ya.example"}))).encode(),
    "cc and bcc empty": json.dumps(mail(personalizations=[{"to": [{"email": "ann@example.com"}], "cc": [], "bcc": []}])).encode(),
    "many personalizations": json.dumps(mail(personalizations=[
        {"to": [{"email": f"p{n}@example.com"}], "substitutions": {"-n-": str(n)}, "subject": f"Hi {n}"} for n in range(500)])).encode(),
    "nested template data": json.dumps(mail(personalizations=[{
        "to": [{"email": "ann@example.com"}],
        "dynamic_template_data": {"items": [{"n": n, "price": 1.5e3, "ok": True, "x": None, "d": {"e": [[], {}]}} for n in range(50)]}}])).encode(),
    "numbers of every kind": json.dumps(mail(send_at=1796000000, custom_args={"a": "1"}, asm={"group_id": 1, "groups_to_display": [1, 2]})).encode(),
    "headers": json.dumps(mail(headers={"X-Campaign": "spring", "List-Unsubscribe": "<mailto:u@example.org>, <https://example.org/u>"})).encode(),
    "an inline attachment": json.dumps(mail(attachments=[{
        "content": base64.b64encode(os.urandom(200_000)).decode(), "type": "image/png", "filename": "löwe.png", "disposition": "inline",
        "content_id": "lion"}])).encode(),
    "tracking and sandbox": json.dumps(mail(
        tracking_settings={"click_tracking": {"enable": True, "enable_text": False}}, mail_settings={"sandbox_mode": {"enable": True}},
        categories=["a", "b"], ip_pool_name="marketing", batch_id="b1")).encode(),
    "fields of tomorrow": json.dumps(mail(something_new={"a": [1, 2, {"b": "c"}]}, trace="42")).encode(),
    "a kilobyte of spaces": json.dumps(mail()).replace(": ", ":" + " " * 100).encode(),
}


@pytest.fixture(scope="module", params=[False, True], ids=["http/1.1", "http/2"])
def client(request, gate):
    with httpx.Client(http2=request.param, timeout=30) as client:
        yield client


@pytest.mark.parametrize("name", FORMS)
def test_a_form_passes(client, gate, provider, name):
    answer = client.post(gate.base(SMS), content=FORMS[name], headers={"content-type": FORM})
    assert answer.status_code == 201, answer.text
    [request] = provider.received()
    assert request.body == FORMS[name]


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_passes(client, gate, provider, name):
    answer = client.post(gate.base(MAIL), content=MAILS[name], headers={"content-type": "application/json"})
    assert answer.status_code == 202, answer.text
    [request] = provider.received()
    assert request.body == MAILS[name]


@pytest.mark.parametrize("path, content_type, body", [
    (SMS, "application/x-www-form-urlencoded; charset=utf-8", FORMS["urlencode of Python"]),
    (SMS, "application/x-www-form-urlencoded;charset=UTF-8", FORMS["urlencode of Python"]),
    (SMS, 'application/x-www-form-urlencoded; charset="utf-8"', FORMS["urlencode of Python"]),
    (SMS, "Application/X-WWW-Form-URLEncoded", FORMS["urlencode of Python"]),
    (MAIL, "application/json; charset=utf-8", MAILS["UTF-8 in plain"]),
    (MAIL, "application/json;charset=UTF-8", MAILS["UTF-8 in plain"]),
    (MAIL, 'application/json; charset="utf-8"', MAILS["UTF-8 in plain"]),
    (MAIL, "application/json;", MAILS["UTF-8 in plain"]),
])
def test_a_content_type_passes(client, gate, provider, path, content_type, body):
    answer = client.post(gate.base(path), content=body, headers={"content-type": content_type})
    assert answer.status_code in (201, 202), answer.text
    [request] = provider.received()
    assert (request.body, request.field("content-type")) == (body, content_type)


def test_a_byte_order_mark_is_never_read_in_two_ways(client, gate, provider):
    answer = client.post(gate.base(MAIL), content=b"\xef\xbb\xbf" + MAILS["json.dumps of Python"], headers={"content-type": "application/json"})
    if answer.status_code == 202:
        assert provider.received()[0].body.removeprefix(b"\xef\xbb\xbf") == MAILS["json.dumps of Python"]
    else:
        assert (answer.status_code, provider.count()) == (400, 0)


@pytest.mark.parametrize("coding", ["gzip", "GZIP"])
@pytest.mark.parametrize("level", [0, 1, 9])
def test_a_gzip_body_passes_decoded(client, gate, provider, coding, level):
    body = MAILS["an inline attachment"]
    answer = client.post(
        gate.base(MAIL), content=gzip.compress(body, level), headers={"content-type": "application/json", "content-encoding": coding})
    assert answer.status_code == 202, answer.text
    [request] = provider.received()
    assert (request.body, request.field("content-encoding")) == (body, None)


def test_a_gzip_form_passes_decoded(client, gate, provider):
    body = FORMS["a body of 1600 characters"]
    answer = client.post(gate.base(SMS), content=gzip.compress(body), headers={"content-type": FORM, "content-encoding": "gzip"})
    assert answer.status_code == 201, answer.text
    assert provider.received()[0].body == body


FIELDS = {
    "accept": "application/json, text/plain, */*",
    "accept-encoding": "gzip, deflate, br, zstd",
    "accept-language": "en-GB,en;q=0.9",
    "authorization": "Basic " + base64.b64encode(b"AC" + b"0" * 32 + b":" + b"s" * 32).decode(),
    "cookie": "a=b; c=\"d e\"; e=",
    "idempotency-key": "6f1c1a1e-0000-4000-8000-000000000000",
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "tracestate": "vendor=value,other=\t1",
    "baggage": "user=ann,tier=gold;ttl=5",
    "user-agent": "twilio-node/6.0.2 (linux x64) node/24.1.0 \"quoted\" (compatible; ünïcode)".encode("latin-1"),
    "x-empty": "",
    "x-long": "v" * 4000,
    "sec-fetch-mode": "cors",
    "priority": "u=1, i",
    "dnt": "1",
}


@pytest.mark.parametrize("name", FIELDS)
def test_a_header_field_passes(client, gate, provider, name):
    body = FORMS["urlencode of Python"]
    answer = client.post(gate.base(SMS), content=body, headers={"content-type": FORM, name: FIELDS[name]})
    assert answer.status_code == 201, answer.text
    [request] = provider.received()
    assert request.body == body
    wanted = FIELDS[name]
    if isinstance(wanted, str):
        assert request.field(name) == wanted


@pytest.mark.parametrize("name", ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded"])
def test_what_a_sender_says_of_its_way_is_dropped(client, gate, provider, name):
    answer = client.post(gate.base(SMS), content=FORMS["urlencode of Python"], headers={"content-type": FORM, name: "203.0.113.7"})
    assert answer.status_code == 201, answer.text
    assert provider.received()[0].field(name) is None


@pytest.mark.parametrize("query", ["?", "?a=b", "?PageSize=50&Page=0&x=%20%2F", "?a[]=1&a[]=2"])
def test_a_query_passes(client, gate, provider, query):
    answer = client.get(f"https://localhost:{gate.port}/twilio/2010-04-01/Accounts/AC1/Messages.json" + query)
    assert answer.status_code == 200
    assert provider.received()[0].path == "/2010-04-01/Accounts/AC1/Messages.json" + query


def test_many_requests_on_one_connection(client, gate, provider):
    for number in range(300):
        answer = client.post(gate.base(SMS), data={"To": "+14155550199", **BOUND, "Body": str(number)})
        assert answer.status_code == 201
    assert [request.body.rpartition(b"=")[2].decode() for request in provider.received()] == [str(number) for number in range(300)]
