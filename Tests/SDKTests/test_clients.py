"""The HTTP clients senders are written with, each sending the same messages: framing, versions and keep-alive differ."""

import gzip
import http.client
import json
import ssl
import subprocess

import httpx
import pytest
import requests
import urllib3

from conftest import ALLOWED_PHONE, BLOCKED_PHONE

SMS = "twilio/2010-04-01/Accounts/AC1/Messages.json"
MAIL = "sendgrid/v3/mail/send"
FORM = "application/x-www-form-urlencoded"
MIXED = (b'{"personalizations": [ {"to":[{"email":"ann@example.com"}, {"email":"gone1@example.com" , "name":"Z, [o\\u00eb]"},'
         b'\t{"email":"bob@example.com"}]}],"from":{"email":"n@example.org"},\r\n "subject":"caf\xc3\xa9 \\ud83d\\ude00","content":'
         b'[{"type":"text/plain","value":"x"}]}\n')
#: MIXED as SendGrid may see it: one entry and one comma less, every other byte as it was.
STRIPPED = (b'{"personalizations": [ {"to":[{"email":"ann@example.com"},'
            b'\t{"email":"bob@example.com"}]}],"from":{"email":"n@example.org"},\r\n "subject":"caf\xc3\xa9 \\ud83d\\ude00","content":'
            b'[{"type":"text/plain","value":"x"}]}\n')


def with_requests(url, body, headers):
    answer = requests.post(url, body, headers=headers, timeout=30)
    return answer.status_code, answer.content


def with_requests_chunked(url, body, headers):
    answer = requests.post(url, (body[at:at + 7] for at in range(0, len(body), 7)), headers=headers, timeout=30)
    return answer.status_code, answer.content


def with_httpx(url, body, headers, http2=False):
    with httpx.Client(http2=http2, timeout=30) as client:
        answer = client.post(url, content=body, headers=headers)
        assert answer.http_version == ("HTTP/2" if http2 else "HTTP/1.1")
        return answer.status_code, answer.content


def with_httpx_2(url, body, headers):
    return with_httpx(url, body, headers, http2=True)


def with_httpx_2_in_pieces(url, body, headers):
    return with_httpx(url, (body[at:at + 7] for at in range(0, len(body), 7)), headers, http2=True)


def with_urllib3(url, body, headers):
    retry = urllib3.Retry(total=5, status_forcelist=[408, 413, 425, 429, 500, 502, 503, 504], allowed_methods=None, raise_on_status=False)
    with urllib3.PoolManager(ssl_context=ssl.create_default_context()) as pool:
        answer = pool.request("POST", url, body=body, headers=headers, retries=retry)
        return answer.status, answer.data


def with_the_standard_library(url, body, headers):
    host, _, path = url.removeprefix("https://").partition("/")
    connection = http.client.HTTPSConnection(host, timeout=30)
    connection.request("POST", "/" + path, body, headers)
    answer = connection.getresponse()
    result = answer.status, answer.read()
    connection.close()
    return result


def with_curl(url, body, headers, *options):
    fields = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    run = subprocess.run(
        ["curl", "--silent", "--show-error", *options, *fields, "--data-binary", "@-", "--write-out", "\n%{http_code} %{http_version}", url],
        input=body, capture_output=True, timeout=30, check=True)
    content, _, last = run.stdout.rpartition(b"\n")
    status, version = last.decode().split()
    assert version == ("2" if "--http2" in options else "1.1")
    return int(status), content


def with_curl_1(url, body, headers):
    return with_curl(url, body, headers, "--http1.1")


def with_curl_2(url, body, headers):
    return with_curl(url, body, headers, "--http2")


def with_curl_that_waits_for_100(url, body, headers):
    return with_curl(url, body, {**headers, "Expect": "100-continue"}, "--http1.1")


def with_curl_chunked(url, body, headers):
    return with_curl(url, body, {**headers, "Transfer-Encoding": "chunked"}, "--http1.1")


def with_curl_tls_1_2(url, body, headers):
    return with_curl(url, body, headers, "--http1.1", "--tls-max", "1.2")


CLIENTS = [
    with_requests, with_requests_chunked, with_httpx, with_httpx_2, with_httpx_2_in_pieces, with_urllib3, with_the_standard_library,
    with_curl_1, with_curl_2, with_curl_that_waits_for_100, with_curl_chunked, with_curl_tls_1_2]


@pytest.fixture(params=CLIENTS, ids=[client.__name__.removeprefix("with_") for client in CLIENTS])
def post(request, gate):
    def post(path, body, content_type, **headers):
        return request.param(gate.base(path), body, {"Content-Type": content_type, **headers})

    return post


def test_an_allowed_sms(post, provider, decisions):
    body = f"To=%2B{ALLOWED_PHONE[1:]}&From=%2B15005550006&Body=Hello+%26+welcome%21".encode()
    status, content = post(SMS, body, FORM)
    assert status == 201
    assert json.loads(content)["status"] == "queued"
    [request] = provider.received()
    assert request.body == body
    assert request.field("content-length") == str(len(body))
    decisions.expect("allow")


def test_a_suppressed_sms(post, provider, decisions):
    status, content = post(SMS, f"To=%2B{BLOCKED_PHONE[1:]}&From=%2B15005550006&Body=Sale".encode(), FORM)
    assert status == 400
    assert json.loads(content)["code"] == 21610
    assert provider.count() == 0
    # Once: no client takes the answer for one to try again.
    decisions.expect("reject")


def test_a_mixed_mail(post, provider, decisions):
    status, content = post(MAIL, MIXED, "application/json")
    assert (status, content) == (202, b"")
    [request] = provider.received()
    assert request.body == STRIPPED
    assert request.field("content-length") == str(len(STRIPPED))
    decisions.expect("strip")


def test_a_gzip_mail(post, provider, decisions):
    status, _ = post(MAIL, gzip.compress(MIXED), "application/json; charset=utf-8", **{"Content-Encoding": "gzip"})
    assert status == 202
    [request] = provider.received()
    assert request.body == STRIPPED
    assert request.field("content-encoding") is None
    assert request.field("content-length") == str(len(STRIPPED))
    decisions.expect("strip")


@pytest.mark.parametrize("client", [with_requests, with_httpx_2, with_curl_1, with_curl_2, with_curl_chunked])
def test_a_mail_of_eight_mebibytes(client, gate, provider):
    text = b'"value":"' + b"0123456789abcdef" * (1 << 19) + b'"'
    status, _ = client(gate.base(MAIL), MIXED.replace(b'"value":"x"', text), {"Content-Type": "application/json"})
    assert status == 202
    [request] = provider.received()
    assert request.body == STRIPPED.replace(b'"value":"x"', text)
