"""Signed sends, retries under a key, results of what was taken out, sends for later: through a gate whose adapters are this
file's, to a provider that is this file's too and looks at every byte."""

import base64
import concurrent.futures
import gzip
import hashlib
import http.client
import http.server
import json
import ssl
import threading
import time
import urllib.parse

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.exceptions
import httpx
import pytest
import urllib3.util.connection
import vonage_http_client.auth

import aws_signatures
from rig import Gate, StartFailure, product

BLOCKED = "gone@example.com"
SES = "email.us-east-1.amazonaws.com"
SNS = "sns.us-east-1.amazonaws.com"
KEY, SECRET = "AKIAWIRETEST", "wire/secret+with=signs"

ADAPTERS = {
    "wire-ses": """
provider: wire-ses
hosts: ["email.{region}.amazonaws.com"]
prefix: /wire-ses
origin: https://email.us-east-1.amazonaws.com
unmatched: reject
endpoints:
  - id: send-email
    method: POST
    path: /v2/email/outbound-emails
    body: json
    body_limit: 32MiB
    channels: [email]
    mode: fanout
    recipients:
      - {at: "Destination.ToAddresses[*]", kind: email}
      - {at: "Destination.CcAddresses[*]", kind: email}
    strip:
      - {remove: "Destination.ToAddresses[*]", when_empty: reject}
      - {remove: "Destination.CcAddresses[*]", when_empty: "Destination.CcAddresses"}
    data: [Content, FromEmailAddress, EmailTags, ConfigurationSetName]
    signature: {kind: sigv4, service: ses}
    message_id: {member: MessageId}
errors:
  suppressed:
    status: 400
    content_type: application/json
    body: '{"message":"{{message}}"}'
  refused:
    content_type: application/json
    body: '{"message":"{{message}}","code":"{{code}}"}'
  codes: {default: BadRequestException, signature-wrong: InvalidSignatureException}
""",
    "wire-batch": """
provider: wire-batch
hosts: [batch.example.com]
prefix: /wire-batch
origin: https://batch.example.com
unmatched: reject
endpoints:
  - id: batch
    method: POST
    path: /email/batch
    body: json
    body_limit: 4MiB
    channels: [email]
    mode: fanout
    recipients:
      - {at: "[*].To[*]", kind: email, required: true}
    strip:
      - {remove: "[*].To[*]", when_empty: "[*]"}
      - {remove: "[*]", when_empty: reject}
    data: ["[*].Body"]
    results: {of: "[*]", at: "results[*]", blocked: '{"ErrorCode":406,"To":"{{recipient}}","id":"{{audit_id}}"}'}
    message_id: {path: "results[0].MessageID"}
  - id: keyed
    method: POST
    path: /keyed
    body: json
    body_limit: 4MiB
    channels: [email]
    mode: fanout
    recipients:
      - {at: "to[*]", kind: email, required: true}
    strip:
      - {remove: "to[*]", when_empty: reject}
    data: [text]
    idempotency: {header: Idempotency-Key}
  - id: keyed-inside
    method: POST
    path: /keyed-inside
    body: json
    body_limit: 4MiB
    channels: [email]
    mode: fanout
    recipients:
      - {at: "to[*]", kind: email, required: true}
    strip:
      - {remove: "to[*]", when_empty: reject}
    data: [message]
    idempotency: {at: message.sendId}
  - id: later
    method: POST
    path: /accounts/{account}/later
    body: json
    body_limit: 1MiB
    channels: [email]
    mode: fanout
    recipients:
      - {at: "to[*]", kind: email, required: true}
    strip:
      - {remove: "to[*]", when_empty: reject}
    scheduled: {at: [send_at, "parts[*].send_at"], policy: allow, cancel: 'POST /accounts/{account}/messages/{message_id}/cancel {"status":"cancel"}'}
    message_id: {path: "data.id"}
  - id: never-later
    method: POST
    path: /never-later
    body: json
    body_limit: 1MiB
    channels: [email]
    mode: fanout
    recipients:
      - {at: "to[*]", kind: email, required: true}
    strip:
      - {remove: "to[*]", when_empty: reject}
    scheduled: {at: [send_at], policy: reject}
errors:
  suppressed: {status: 422, content_type: application/json, body: '{"error":"{{message}}"}'}
  refused: {content_type: application/json, body: '{"error":"{{message}}"}'}
""",
    "wire-postmark": """
provider: wire-postmark
hosts: [api.postmarkapp.com]
prefix: /wire-postmark
origin: https://api.postmarkapp.com
unmatched: reject
endpoints:
  - id: batch
    method: POST
    path: /email/batch
    body: json
    body_limit: 4MiB
    channels: [email]
    mode: fanout
    recipients:
      - {at: "[*].To", kind: email, required: true}
    strip:
      - {remove: "[*]", when_empty: reject}
    data: ["[*].Text"]
    results: {of: "[*]", at: "[*]", blocked: '{"ErrorCode":406,"To":"{{recipient}}"}'}
    message_id: {path: "[0].MessageID"}
errors:
  suppressed: {status: 422, content_type: application/json, body: '{"ErrorCode":406,"Message":"{{message}}"}'}
  refused: {content_type: application/json, body: '{"ErrorCode":300,"Message":"{{message}}"}'}
""",
    "wire-sns": """
provider: wire-sns
hosts: ["sns.{region}.amazonaws.com"]
prefix: /wire-sns
origin: https://sns.us-east-1.amazonaws.com
unmatched: reject
pass:
  - {call: POST /, field: Action, value: GetSMSAttributes}
endpoints:
  - id: publish
    method: POST
    path: /
    match: {field: Action, value: Publish}
    body: form
    body_limit: 1MiB
    channels: [sms]
    mode: single
    recipients:
      - {at: PhoneNumber, kind: phone, required: true}
    data: [Message, Action, Version]
    signature: {kind: sigv4, service: sns}
errors:
  suppressed: {status: 400, content_type: text/xml, body: "<ErrorResponse><Error><Type>Sender</Type><Code>OptedOut</Code><Message>{{message}}</Message></Error></ErrorResponse>"}
  refused: {content_type: text/xml, body: "<ErrorResponse><Error><Type>Sender</Type><Code>{{code}}</Code><Message>{{message}}</Message></Error></ErrorResponse>"}
  codes: {default: InvalidParameter, signature-wrong: InvalidSignature}
""",
    "wire-sms": """
provider: wire-sms
hosts: [rest.wire.example.com]
prefix: /wire-sms
origin: https://rest.wire.example.com
unmatched: reject
endpoints:
  - id: sms
    method: POST
    path: /sms/json
    body: form
    body_limit: 1MiB
    channels: [sms]
    mode: single
    recipients:
      - {at: to, kind: phone, required: true}
    data: [text]
    signature: {kind: vonage, field: sig}
  - id: later
    method: POST
    path: /Accounts/{Sid}/later.json
    body: form
    body_limit: 1MiB
    channels: [sms]
    mode: single
    recipients:
      - {at: to, kind: phone, required: true}
    scheduled: {at: [SendAt], policy: allow, cancel: "POST /Accounts/{Sid}/Messages/{message_id}.json Status=canceled"}
    message_id: {member: sid}
  - id: many
    method: POST
    path: /many/json
    body: json
    body_limit: 1MiB
    channels: [sms]
    mode: fanout
    recipients:
      - {at: "to[*]", kind: phone, required: true}
    strip:
      - {remove: "to[*]", when_empty: reject}
    data: [text]
    signature: {kind: vonage, field: sig}
errors:
  suppressed: {status: 403, content_type: application/json, body: '{"error":"{{message}}"}'}
  refused: {content_type: application/json, body: '{"error":"{{message}}"}'}
""",
}


class Upstream:
    """A provider of one thread: keeps what it gets, answers what it is told to."""

    def __init__(self, certificates):
        self.seen, self.answer = [], None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                outer.seen.append((self.path, list(self.headers.items()), body))
                status, fields, content = outer.answer(body) if outer.answer else (200, {}, b"{}")
                self.send_response(status)
                fields = {"content-type": "application/json", "content-length": str(len(content))} | fields
                for name, value in fields.items():
                    if value is not None:
                        self.send_header(name, value)
                self.end_headers()
                if "chunked" == fields.get("transfer-encoding"):
                    for at in range(0, len(content), 1000):
                        piece = content[at:at + 1000]
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                    content = b"0\r\n\r\n"
                self.wfile.write(content)

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.chain, certificates.key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    origin = property(lambda self: f"https://localhost:{self.port}")

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def upstream(certificates):
    upstream = Upstream(certificates)
    yield upstream
    upstream.stop()


@pytest.fixture(autouse=True)
def forget(upstream):
    upstream.seen.clear()
    upstream.answer = None


def private(file, text):
    """A file that only its owner may read."""
    file.write_text(text)
    file.chmod(0o600)
    return file


def wire_gate(certificates, home, upstream, mock):
    """A gate of this file's adapters that holds two keys; not started."""
    home.mkdir()
    keys = private(home / "aws-credentials", f"[mail]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
    secret = private(home / "vonage-secret", "vonagesecret\n")
    here = {"connect": f"localhost:{upstream.port}"}
    providers = {
        "wire-ses": here, "wire-sns": here, "wire-postmark": {"connect": mock.address},
        "wire-batch": {"origin": upstream.origin}, "wire-sms": {"origin": upstream.origin}}
    settings = {
        "signing": {
            "aws": {"credentials": "file", "path": str(keys), "profile": "mail"},
            "vonage": [{"api_key": "abcd1234", "secret_file": str(secret), "method": "sha256"}]},
        "upstream": {"providers": providers}, "intake": None}
    return Gate(product("stopgate"), certificates, home, upstream, settings, adapters=ADAPTERS)


@pytest.fixture(scope="module")
def wire(certificates, home, upstream, session_provider):
    with wire_gate(certificates, home / "wire", upstream, session_provider) as gate:
        gate.start()
        gate.suppress(BLOCKED, "+14155550123")
        yield gate
        assert gate.process.is_running, gate.process.output
        assert gate.stop() == 0


def post(gate, path, body, fields=(), host=None, raw=None):
    """One request on a connection of its own; `(status, fields, body)`."""
    context = ssl.create_default_context(cafile=str(gate.certificates.ca))
    context.check_hostname = False
    connection = http.client.HTTPSConnection("localhost", gate.port, context=context, timeout=20)
    headers = {"content-type": "application/json"} | dict(fields)
    if host:
        headers["host"] = host
    try:
        connection.request("POST", path, raw if raw is not None else json.dumps(body).encode(), headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


# AWS


def boto(gate, monkeypatch, key=KEY, secret=SECRET, token=None, host=None, service="sesv2", prefix="wire-ses"):
    """A client of the real SDK, by base URL or, with `host`, as if DNS led that name to the gate."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    client = boto3.client(
        service, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token,
        endpoint_url=f"https://{host}" if host else gate.base(prefix), verify=str(gate.certificates.ca),
        config=botocore.config.Config(retries={"total_max_attempts": 3}))
    if host:
        plain = urllib3.util.connection.create_connection

        def lead(address, *arguments, **options):
            return plain(("localhost", gate.port) if address == (host, 443) else address, *arguments, **options)

        monkeypatch.setattr(urllib3.util.connection, "create_connection", lead)
    return client


def mail(*to, cc=()):
    return {
        "FromEmailAddress": "me@example.com", "Destination": {"ToAddresses": list(to)} | ({"CcAddresses": list(cc)} if cc else {}),
        "Content": {"Simple": {"Subject": {"Data": "Grüße"}, "Body": {"Text": {"Data": "hello"}}}}}


def check_signature(seen, key=KEY, secret=SECRET, host=SES, service="ses", method="POST"):
    path, fields, body = seen
    assert [value for name, value in fields if name.lower() == "host"] == [host], fields
    return aws_signatures.check(method, host, path, fields, body, key=key, secret=secret, service=service)


def sent(answer=b'{"MessageId":"m-1"}'):
    return lambda body: (200, {}, answer)


def test_by_base_url_the_request_is_signed_anew(wire, upstream, monkeypatch):
    upstream.answer = sent()
    answer = boto(wire, monkeypatch).send_email(**mail("ann@example.com", "bob@example.com"))
    assert answer["MessageId"] == "m-1"
    check_signature(upstream.seen[0])
    assert json.loads(upstream.seen[0][2]) == mail("ann@example.com", "bob@example.com")


def test_stripped_and_signed_anew(wire, upstream, monkeypatch):
    upstream.answer = sent()
    boto(wire, monkeypatch).send_email(**mail("ann@example.com", BLOCKED, cc=[BLOCKED]))
    check_signature(upstream.seen[0])
    assert json.loads(upstream.seen[0][2]) == mail("ann@example.com")


def test_session_tokens_go_along(wire, upstream, monkeypatch):
    upstream.answer = sent()
    boto(wire, monkeypatch, token="a/token+of=mine").send_email(**mail("ann@example.com", BLOCKED))
    fields = check_signature(upstream.seen[0])
    assert fields["x-amz-security-token"] == "a/token+of=mine"
    assert "x-amz-security-token" in fields["authorization"]


def test_blocked_is_the_providers_error_and_is_not_retried(wire, upstream, monkeypatch):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        boto(wire, monkeypatch).send_email(**mail(BLOCKED))
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error.value.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert upstream.seen == []


def test_a_wrong_secret_is_refused(wire, upstream, monkeypatch):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        boto(wire, monkeypatch, secret="wrong").send_email(**mail("ann@example.com"))
    assert error.value.response["Error"]["Code"] == "InvalidSignatureException"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert error.value.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert upstream.seen == []


def test_an_unknown_key_by_base_url_is_refused(wire, upstream, monkeypatch):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        boto(wire, monkeypatch, key="AKIASOMEBODYELSE").send_email(**mail("ann@example.com"))
    assert "signing" in error.value.response["Error"]["Message"]
    assert upstream.seen == []


def test_by_dns_the_request_passes_byte_for_byte_without_the_key(wire, upstream, monkeypatch):
    upstream.answer = sent()
    client = boto(wire, monkeypatch, key="AKIASOMEBODYELSE", secret="theirs", host=SES)
    signed = []
    client.meta.events.register("before-send.sesv2.*", lambda request, **_: signed.append(dict(request.headers)) and None)
    client.send_email(**mail("ann@example.com"))
    fields = check_signature(upstream.seen[0], "AKIASOMEBODYELSE", "theirs")
    for name in ("Authorization", "X-Amz-Date", "Content-Type"):
        value = signed[0][name]
        assert fields[name.lower()] == (value.decode() if isinstance(value, bytes) else value)


def test_by_dns_without_the_key_one_blocked_refuses_all(wire, upstream, monkeypatch):
    client = boto(wire, monkeypatch, key="AKIASOMEBODYELSE", secret="theirs", host=SES)
    with pytest.raises(botocore.exceptions.ClientError) as error:
        client.send_email(**mail("ann@example.com", BLOCKED))
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert "signing in stopgate.yaml" in error.value.response["Error"]["Message"]
    assert upstream.seen == []


def test_by_dns_with_the_key_only_what_changes_is_signed_anew(wire, upstream, monkeypatch):
    upstream.answer = sent()
    client = boto(wire, monkeypatch, host=SES)
    client.send_email(**mail("ann@example.com"))
    client.send_email(**mail("ann@example.com", BLOCKED))
    for seen in upstream.seen:
        check_signature(seen)
    assert [json.loads(seen[2]) for seen in upstream.seen] == [mail("ann@example.com")] * 2


def signed_fields(body, host, path="/v2/email/outbound-emails", extra=(), moment=None):
    request = botocore.awsrequest.AWSRequest("POST", f"https://{host}{path}", data=body, headers={"content-type": "application/json"} | dict(extra))
    botocore.auth.SigV4Auth(botocore.credentials.Credentials(KEY, SECRET), "ses", "us-east-1").add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


def test_what_is_signed_in_other_ways_is_refused_by_name(wire, upstream):
    body = json.dumps(mail("ann@example.com")).encode()
    base = "/wire-ses/v2/email/outbound-emails"
    cases = [
        ({"authorization": "AWS4-ECDSA-P256-SHA256 Credential=AKIA/20261122/ses/aws4_request, SignedHeaders=host, Signature=00"}, base, b"4a"),
        ({"authorization": "Basic QUtJQTpzZWNyZXQ="}, base, b"AWS4-HMAC-SHA256"),
        ({"authorization": "AWS4-HMAC-SHA256 Credential=x"}, base, b"Credential"),
        ({}, base + "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00", b"resigned"),
        ({}, base + "?x-%61mz-signature=00", b"resigned"),
    ]
    for fields, path, word in cases:
        status, _, answer = post(wire, path, None, fields, raw=body)
        assert status == 400 and word in answer, (status, answer)
    assert upstream.seen == []


def test_a_signature_covers_the_body_and_is_not_old(wire, upstream):
    body = json.dumps(mail("ann@example.com")).encode()
    host = f"localhost:{wire.port}"
    path = "/wire-ses/v2/email/outbound-emails"
    good = signed_fields(body, host, path)
    assert post(wire, path, None, good, raw=body)[0] == 200
    assert post(wire, path, None, good, raw=body.replace(b"ann", b"bob"))[0] == 403
    assert post(wire, path, None, good | {"x-amz-date": "20200101T000000Z"}, raw=body)[0] == 403
    assert post(wire, path, None, good | {"x-amz-extra": "1"}, raw=body)[0] == 403
    assert len(upstream.seen) == 1


def test_a_gzip_body_is_decoded_and_signed_anew(wire, upstream):
    body = gzip.compress(json.dumps(mail("ann@example.com", BLOCKED)).encode())
    host, path = f"localhost:{wire.port}", "/wire-ses/v2/email/outbound-emails"
    fields = signed_fields(body, host, path, {"content-encoding": "gzip", "x-amz-content-sha256": hashlib.sha256(body).hexdigest()})
    assert post(wire, path, None, fields, raw=body)[0] == 200
    seen = check_signature(upstream.seen[0])
    assert "content-encoding" not in seen
    assert seen["x-amz-content-sha256"] == hashlib.sha256(upstream.seen[0][2]).hexdigest()
    assert json.loads(upstream.seen[0][2]) == mail("ann@example.com")


def test_calls_told_apart_by_the_body_are_signed_anew(wire, upstream, monkeypatch):
    client = boto(wire, monkeypatch, service="sns", prefix="wire-sns")
    upstream.answer = lambda body: (200, {"content-type": "text/xml"}, (
        b'<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>'
        if b"Publish" in body else b'<GetSMSAttributesResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><GetSMSAttributesResult/></GetSMSAttributesResponse>'))
    assert client.publish(PhoneNumber="+14155550199", Message="hi & bye")["MessageId"] == "m"
    client.get_sms_attributes()
    for seen in upstream.seen:
        check_signature(seen, host=SNS, service="sns")
    assert len(upstream.seen) == 2
    with pytest.raises(botocore.exceptions.ClientError) as error:
        client.publish(PhoneNumber="+14155550123", Message="hi")
    assert error.value.response["Error"]["Code"] == "OptedOut"
    wrong = boto(wire, monkeypatch, service="sns", prefix="wire-sns", secret="wrong")
    for call in (lambda: wrong.publish(PhoneNumber="+14155550199", Message="hi"), wrong.get_sms_attributes):
        with pytest.raises(botocore.exceptions.ClientError) as error:
            call()
        assert error.value.response["Error"]["Code"] == "InvalidSignature"
    assert len(upstream.seen) == 2


def test_reads_by_base_url_are_signed_anew(wire, upstream, monkeypatch):
    upstream.answer = lambda body: (200, {}, b'{"SendingEnabled":true}')
    assert boto(wire, monkeypatch).get_account()["SendingEnabled"] is True
    check_signature(upstream.seen[0], method="GET")
    with pytest.raises(botocore.exceptions.ClientError):
        boto(wire, monkeypatch, secret="wrong").get_account()
    boto(wire, monkeypatch, key="AKIASOMEBODYELSE").get_account()
    assert "AKIASOMEBODYELSE" in dict((n.lower(), v) for n, v in upstream.seen[1][1])["authorization"]
    assert len(upstream.seen) == 2


def test_the_credentials_file_must_be_private(certificates, home, upstream, session_provider):
    gate = wire_gate(certificates, home / "open-credentials", upstream, session_provider)
    (gate.home / "aws-credentials").chmod(0o644)
    with pytest.raises(StartFailure):
        gate.start()
    assert "chmod 600" in gate.process.output and SECRET not in gate.process.output
    gate.process.kill()


# Vonage


def vonage_form(**parameters):
    auth = vonage_http_client.auth.Auth(api_key="abcd1234", signature_secret="vonagesecret", signature_method="sha256")
    parameters = {"api_key": "abcd1234", "timestamp": str(int(time.time()))} | parameters
    return parameters | {"sig": auth.sign_params(dict(parameters))}


FORM = {"content-type": "application/x-www-form-urlencoded"}


def test_vonage_signatures_are_checked(wire, upstream):
    good = vonage_form(to="14155550199", text="a & b = c")
    raw = urllib.parse.urlencode(good).encode()
    assert post(wire, "/wire-sms/sms/json", None, FORM, raw=raw)[0] == 200
    assert upstream.seen[0][2] == raw
    for bad in (good | {"to": "14155550198"}, good | {"timestamp": "1"}, good | {"sig": "0" * 64}):
        status, _, answer = post(wire, "/wire-sms/sms/json", None, FORM, raw=urllib.parse.urlencode(bad).encode())
        assert status == 403, answer
    unknown = urllib.parse.urlencode(good | {"api_key": "other"}).encode()
    assert post(wire, "/wire-sms/sms/json", None, FORM, raw=unknown)[0] == 200
    assert len(upstream.seen) == 2


def test_vonage_signatures_are_made_anew(wire, upstream):
    auth = vonage_http_client.auth.Auth(api_key="abcd1234", signature_secret="vonagesecret", signature_method="sha256")

    def signed(to):
        # As the gate reads it: members that are no text are signed as they are written.
        plain = {"api_key": "abcd1234", "timestamp": str(int(time.time())), "text": "hi"}
        plain["sig"] = auth.sign_params(plain | {"to": json.dumps(to)})
        return plain | {"to": to}

    request = signed(["+14155550199", "+14155550123", "+14155550198"])
    assert post(wire, "/wire-sms/many/json", request)[0] == 200
    got = json.loads(upstream.seen[0][2])
    assert got["to"] == ["+14155550199", "+14155550198"]
    sig = got.pop("sig")
    text = upstream.seen[0][2].decode()
    written = text[text.index("["):text.index("]") + 1]
    assert auth.sign_params(got | {"to": written}) == sig
    unknown = request | {"api_key": "other"}
    assert post(wire, "/wire-sms/many/json", unknown)[0] == 403
    assert len(upstream.seen) == 1


# Results


def batch(*people):
    return [{"To": [person], "Body": f"to {person}"} for person in people]


def results(body):
    return [{"ErrorCode": 0, "To": item["To"][0], "MessageID": f"id-{index}"} for index, item in enumerate(json.loads(body))]


@pytest.mark.parametrize("coding", [None, "gzip", "chunked"])
def test_results_are_put_where_items_were_taken_out(wire, upstream, coding):
    def answer(body):
        content = json.dumps({"note": "Größe", "results": results(body)}, ensure_ascii=False, indent=1).encode()
        if coding == "gzip":
            return 200, {"content-encoding": "gzip", "content-length": str(len(gzip.compress(content, mtime=0)))}, gzip.compress(content, mtime=0)
        if coding == "chunked":
            return 200, {"transfer-encoding": "chunked", "content-length": None}, content
        return 200, {"etag": "x"}, content

    upstream.answer = answer
    people = [BLOCKED, "a@example.com", "b@example.com", BLOCKED, "c@example.com", BLOCKED]
    status, fields, content = post(wire, "/wire-batch/email/batch", batch(*people), {"accept-encoding": "gzip, br"})
    assert status == 200 and fields["stopgate-stripped"] == "3" and "stopgate-results" not in fields
    assert "content-encoding" not in fields and int(fields["content-length"]) == len(content)
    found = json.loads(content)["results"]
    assert [item["To"] for item in found] == people
    assert [item["ErrorCode"] for item in found] == [406, 0, 0, 406, 0, 406]
    assert found[0]["id"] == fields["stopgate-audit-id"]
    assert json.loads(content)["note"] == "Größe"
    sent_fields = {name.lower(): value for name, value in upstream.seen[0][1]}
    assert sent_fields["accept-encoding"] == "identity"
    assert json.loads(upstream.seen[0][2]) == batch("a@example.com", "b@example.com", "c@example.com")
    outcome = wire_outcome(wire, fields["stopgate-audit-id"])
    assert outcome["message"] == "id-0"


@pytest.mark.parametrize("http2", [True, False])
@pytest.mark.parametrize("count", [2, 900])
def test_results_over_http2_and_of_any_length(wire, provider, http2, count):
    """900 results are more than a stream's window, and more than is passed on at once."""
    people = [BLOCKED if number % 3 == 1 else f"p{number}@example.com" for number in range(count)]
    body = [{"To": person, "Text": "x"} for person in people]
    context = ssl.create_default_context(cafile=str(wire.certificates.ca))
    with httpx.Client(http2=http2, verify=context) as client:
        for _ in range(3):
            answer = client.post(f"{wire.base('wire-postmark')}/email/batch", json=body, headers={"accept-encoding": "gzip"})
            assert answer.http_version == ("HTTP/2" if http2 else "HTTP/1.1")
            assert answer.status_code == 200 and "stopgate-results" not in answer.headers
            assert len(answer.content) == int(answer.headers["content-length"])
            assert [item["To"] for item in answer.json()] == people
            assert [item["ErrorCode"] for item in answer.json()] == [406 if person == BLOCKED else 0 for person in people]
    received = provider.received()
    assert len(received) == 3 and all("2" in request.protocol for request in received), received[0].protocol
    assert json.loads(received[0].body) == [item for item in body if item["To"] != BLOCKED]


def test_without_anything_taken_out_answers_stream_as_they_are(wire, upstream):
    upstream.answer = lambda body: (200, {}, json.dumps({"results": results(body)}, indent=3).encode())
    status, fields, content = post(wire, "/wire-batch/email/batch", batch("a@example.com"), {"accept-encoding": "gzip"})
    assert (status, content) == (200, json.dumps({"results": results(json.dumps(batch("a@example.com")))}, indent=3).encode())
    assert dict((n.lower(), v) for n, v in upstream.seen[0][1])["accept-encoding"] == "gzip"


@pytest.mark.parametrize("answer", [
    (200, {}, b'{"results":[{"To":"x"}]}'),
    (200, {}, b'{"results":{}}'),
    (200, {}, b'{"other":[]}'),
    (200, {}, b"not json"),
    (200, {}, b'{"results":[{},{}'),
    (200, {"content-encoding": "br"}, b'{"results":[{},{}]}'),
    (200, {"content-encoding": "gzip"}, b'{"results":[{},{}]}'),
    (200, {}, b'{"results":[{},{}],"pad":"' + b"x" * (1 << 20) + b'"}'),
    (200, {}, b""),
])
def test_what_cannot_be_spliced_goes_on_with_a_header(wire, upstream, answer):
    upstream.answer = lambda body: answer
    status, fields, content = post(wire, "/wire-batch/email/batch", batch("a@example.com", BLOCKED, "b@example.com"))
    assert status == 200 and fields["stopgate-results"] == "unspliced" and content == answer[2]


def test_errors_of_the_provider_go_on_as_they_are(wire, upstream):
    upstream.answer = lambda body: (400, {}, b'{"results":[1,2]}')
    status, fields, content = post(wire, "/wire-batch/email/batch", batch("a@example.com", BLOCKED, "b@example.com"))
    assert (status, content) == (400, b'{"results":[1,2]}') and "stopgate-results" not in fields


def test_an_answer_that_breaks_off_is_no_success_and_no_retry(wire, upstream):
    upstream.answer = lambda body: (200, {"content-length": "1000", "connection": "close"}, b'{"results":[')
    status, _, _ = post(wire, "/wire-batch/email/batch", batch("a@example.com", BLOCKED))
    assert status in (502, 504)
    assert len(upstream.seen) == 1


# Idempotency


def keyed(*to, text="x"):
    return {"to": list(to), "text": text}


def opt(gate, person, *, out):
    if out:
        gate.run("suppress", "add", person)
    else:
        gate.run("suppress", "remove", person, "--reason", "test", "--actor", "test")


def test_a_retry_gets_the_bytes_of_the_first_decision(wire, upstream):
    fields = {"Idempotency-Key": "k1", "Authorization": "Bearer one"}
    body = keyed("a@example.com", "first@example.com", "b@example.com")
    opt(wire, "first@example.com", out=True)
    assert post(wire, "/wire-batch/keyed", body, fields)[0] == 200
    opt(wire, "first@example.com", out=False)
    status, answered, _ = post(wire, "/wire-batch/keyed", body, fields)
    assert status == 200 and answered["stopgate-stripped"] == "1"
    assert [seen[2] for seen in upstream.seen] == [json.dumps(keyed("a@example.com", "b@example.com")).encode()] * 2
    # Another credential, another key, another body: another send.
    for other in ({"Authorization": "Bearer two"}, {"Idempotency-Key": "k2"}):
        post(wire, "/wire-batch/keyed", body, fields | other)
        assert json.loads(upstream.seen[-1][2]) == body
    post(wire, "/wire-batch/keyed", keyed("first@example.com", text="y"), fields)
    assert json.loads(upstream.seen[-1][2]) == keyed("first@example.com", text="y")


def test_a_retry_whose_bytes_hold_somebody_who_opted_out_since_is_rejected_whole(wire, upstream):
    fields = {"Idempotency-Key": "k3", "Authorization": "Bearer one"}
    body = keyed("a@example.com", "late@example.com")
    assert post(wire, "/wire-batch/keyed", body, fields)[0] == 200
    opt(wire, "late@example.com", out=True)
    status, answered, _ = post(wire, "/wire-batch/keyed", body, fields)
    assert status == 422 and answered["stopgate-verdict"] == "reject"
    opt(wire, "late@example.com", out=False)
    assert post(wire, "/wire-batch/keyed", body, fields)[0] == 200
    assert [json.loads(seen[2]) for seen in upstream.seen] == [body, body]


def test_a_decision_that_never_left_binds_nobody(wire, upstream):
    fields = {"Idempotency-Key": "k4", "Authorization": "Bearer one"}
    body = keyed("only@example.com", BLOCKED)
    opt(wire, "only@example.com", out=True)
    assert post(wire, "/wire-batch/keyed", body, fields)[0] == 422
    opt(wire, "only@example.com", out=False)
    assert post(wire, "/wire-batch/keyed", body, fields)[0] == 200
    assert json.loads(upstream.seen[0][2]) == keyed("only@example.com")


def test_keys_inside_the_body(wire, upstream):
    def body(key):
        return {"to": ["a@example.com", "inside@example.com"], "message": {"sendId": key, "x": 1}}

    opt(wire, "inside@example.com", out=True)
    post(wire, "/wire-batch/keyed-inside", body("s1"))
    opt(wire, "inside@example.com", out=False)
    post(wire, "/wire-batch/keyed-inside", body("s1"))
    post(wire, "/wire-batch/keyed-inside", body("s2"))
    assert [len(json.loads(seen[2])["to"]) for seen in upstream.seen] == [1, 1, 2]


def test_retries_at_the_same_time_agree(wire, upstream):
    opt(wire, "race@example.com", out=True)
    body = keyed("a@example.com", "race@example.com")
    for number in range(10):
        upstream.seen.clear()
        fields = {"Idempotency-Key": f"race-{number}", "Authorization": "Bearer one"}
        out = bool(number % 2)
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            retries = [pool.submit(post, wire, "/wire-batch/keyed", body, fields) for _ in range(6)]
            opt(wire, "race@example.com", out=out)
        statuses = [retry.result()[0] for retry in retries]
        # Those that come after the opt-out, under a decision from before it, are rejected whole.
        assert set(statuses) <= ({200, 422} if out else {200})
        assert len(upstream.seen) == statuses.count(200)
        assert len({seen[2] for seen in upstream.seen}) <= 1
    opt(wire, "race@example.com", out=False)


# Later


def wire_outcome(gate, decision):
    for _ in range(400):
        for record in gate.audit_records():
            if record.get("kind") == "outcome" and record["id"] == decision:
                return record
        time.sleep(0.05)
    raise AssertionError("no outcome")


def test_sends_for_later_are_listed_with_the_call_that_takes_them_back(wire, upstream):
    upstream.answer = lambda body: (202, {}, b'{"data":{"x":[1,{"id":0}],"id":"msg-7"}}')
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    status, fields, _ = post(
        wire, "/wire-batch/accounts/AC9/later", {"to": ["later@example.com", "other@example.com", BLOCKED], "send_at": soon})
    assert status == 202
    wire_outcome(wire, fields["stopgate-audit-id"])
    # Past, at once, and refused by the provider.
    post(wire, "/wire-batch/accounts/AC9/later", {"to": ["later@example.com"], "send_at": 1_700_000_000})
    post(wire, "/wire-batch/accounts/AC9/later", {"to": ["later@example.com"]})
    upstream.answer = lambda body: (400, {}, b"{}")
    _, failed, _ = post(wire, "/wire-batch/accounts/AC9/later", {"to": ["later@example.com"], "parts": [{}, {"send_at": int(time.time()) + 99}]})
    wire_outcome(wire, failed["stopgate-audit-id"])
    found = wire.run("audit", "scheduled", "--to", "Later@Example.com", "--json").stdout.splitlines()
    assert len(found) == 1
    waiting = json.loads(found[0])
    assert waiting["id"] == fields["stopgate-audit-id"]
    assert waiting["cancel"] == 'POST /accounts/AC9/messages/msg-7/cancel {"status":"cancel"}'
    assert waiting["recipients"] == 2 and waiting["accepted"] is True and waiting["scheduled"] == soon
    assert wire.run("audit", "scheduled", "--to", BLOCKED, check=False).returncode == 1
    assert wire.run("audit", "scheduled", "--to", "nobody@example.com", check=False).returncode == 1
    text = wire.run("audit", "scheduled").stdout
    assert "wire-batch.later to 2 recipients msg-7" in text and "messages/msg-7/cancel" in text
    record = next(r for r in wire.audit_records() if r.get("id") == fields["stopgate-audit-id"] and r["kind"] == "decision")
    assert record["scheduled"] == soon and "{message_id}" in record["cancel"]


def test_forms_for_later(wire, upstream):
    upstream.answer = lambda body: (201, {}, b'{"sid":"SM1"}')
    moment = str(int(time.time()) + 5000)
    raw = urllib.parse.urlencode({"to": "+14155550177", "SendAt": moment}).encode()
    status, fields, _ = post(wire, "/wire-sms/Accounts/AC7/later.json", None, FORM | {"accept-encoding": "gzip"}, raw=raw)
    assert status == 201
    wire_outcome(wire, fields["stopgate-audit-id"])
    waiting = json.loads(wire.run("audit", "scheduled", "--to", "(415) 555-0177", "--json").stdout)
    assert waiting["cancel"] == "POST /Accounts/AC7/Messages/SM1.json Status=canceled" and waiting["scheduled"] == moment
    assert dict((n.lower(), v) for n, v in upstream.seen[0][1])["accept-encoding"] == "identity"


def test_policy_refuses_sends_for_later(wire, upstream):
    for value in ("2030-01-01T00:00:00Z", 1_900_000_000, True):
        status, fields, answer = post(wire, "/wire-batch/never-later", {"to": ["a@example.com"], "send_at": value})
        assert status == 400 and b"later" in answer, answer
    status, _, _ = post(wire, "/wire-batch/never-later", {"to": ["a@example.com"]})
    assert status == 200
    assert len(upstream.seen) == 1
