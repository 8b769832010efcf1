"""Our signatures against the signers of botocore and of Vonage's SDK, over generated requests.

`SigningProbe` is a small program around Sources/Signing; it reads one case a line.
"""

import base64
import datetime
import hashlib
import json
import random
import string
import subprocess
import time
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
import vonage_http_client.auth
from rig import product

SERVICES = ["ses", "sns", "sms-voice", "mobiletargeting"]
SEED = 20261122


class Probe:
    def __init__(self):
        self.process = subprocess.Popen(
            [product("SigningProbe")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def ask(self, **case):
        self.process.stdin.write(json.dumps(case) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().rstrip("\n")


@pytest.fixture(scope="module")
def probe():
    probe = Probe()
    yield probe
    probe.process.stdin.close()
    assert probe.process.wait(10) == 0


def text(rng, alphabet, least, most):
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(least, most)))


SEGMENT = string.ascii_letters + string.digits + "-._~!$'()*+,:@=&"
VALUE = string.ascii_letters + string.digits + " \t  /+=;,:\"'()<>-"


def request(rng):
    """A request such as an SDK makes, and stranger ones: what the wire allows."""
    method = rng.choice(["GET", "POST", "PUT", "DELETE"])
    path = "/" + "/".join(
        urllib.parse.quote(text(rng, SEGMENT + "é %", 1, 12), safe=rng.choice(["", "~@:", "!'()*"]))
        for _ in range(rng.randint(0, 4)))
    if rng.random() < 0.2:
        path += "/"
    if rng.random() < 0.1:
        path = rng.choice(["//a//b", "/a/./b/../c", "/a/b/..", "/./", "/a/.%2e/b"])
    query = ""
    if rng.random() < 0.4:
        pairs = [(text(rng, SEGMENT + "é", 1, 6), text(rng, SEGMENT + " é", 0, 10)) for _ in range(rng.randint(1, 5))]
        pairs += pairs[:1] if rng.random() < 0.3 else []
        query = "?" + "&".join(f"{urllib.parse.quote(k, safe='-_.~')}={urllib.parse.quote(v, safe='-_.~')}" for k, v in pairs)
    body = rng.randbytes(rng.choice([0, 0, 1, 50, 2000])) if method != "GET" else b""
    host = rng.choice(["email.us-east-1.amazonaws.com", "localhost:8443", "sns.eu-west-1.amazonaws.com"])
    headers = {"Content-Type": rng.choice(["application/json", "application/x-www-form-urlencoded; charset=utf-8"])}
    if rng.random() < 0.5:
        headers["X-Amz-Target"] = "PinpointSMSVoiceV2.SendTextMessage"
    if rng.random() < 0.3:
        headers["X-Amz-Content-SHA256"] = hashlib.sha256(body).hexdigest()
    for _ in range(rng.randint(0, 3)):
        headers["X-" + text(rng, string.ascii_letters, 1, 8)] = text(rng, VALUE, 0, 20)
    headers["User-Agent"] = "Boto3/1.44.5"
    return botocore.awsrequest.AWSRequest(method, f"https://{host}{path}{query}", headers=headers, data=body), host, path + query, body


def sign(monkeypatch, aws, credentials, service, region, moment):
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_, **__: moment)
    botocore.auth.SigV4Auth(credentials, service, region).add_auth(aws)


def wire(aws, host):
    return [["host", host]] + [[name.lower(), value] for name, value in aws.headers.items()]


def case(aws, host, target, body, secret, service, now):
    return dict(
        method=aws.method, target=target, fields=wire(aws, host), body=base64.b64encode(body).decode(), secret=secret,
        accessKey="AKIAEXAMPLE", service=service, now=now)


def keys(rng):
    secret = text(rng, string.ascii_letters + string.digits + "+/", 40, 40)
    token = text(rng, string.ascii_letters + string.digits + "+/=", 100, 400) if rng.random() < 0.4 else None
    return botocore.credentials.Credentials("AKIAEXAMPLE", secret, token), secret, token


def test_what_botocore_signs_is_good_and_what_is_changed_is_not(probe, monkeypatch):
    rng = random.Random(SEED)
    for number in range(3000):
        aws, host, target, body = request(rng)
        credentials, secret, _ = keys(rng)
        service = rng.choice(SERVICES)
        moment = datetime.datetime.fromtimestamp(rng.randint(10**9, 4 * 10**9), datetime.timezone.utc).replace(tzinfo=None)
        now = int(moment.replace(tzinfo=datetime.timezone.utc).timestamp())
        sign(monkeypatch, aws, credentials, service, rng.choice(["us-east-1", "eu-west-1"]), moment)
        good = case(aws, host, target, body, secret, service, now)
        assert probe.ask(op="verify", **good) == "good", (number, good)

        bad = dict(good)
        match rng.randrange(7):
            case 0:
                bad["body"] = base64.b64encode(body + b"x").decode()
            case 1:
                bad["secret"] = secret[:-1] + ("A" if secret[-1] != "A" else "B")
            case 2:
                bad["target"] = target + ("&" if "?" in target else "?") + "x=1"
            case 3:
                bad["fields"] = [[n, v + "x" if n == "content-type" else v] for n, v in good["fields"]]
            case 4:
                bad["fields"] = [[n, v + "x" if n == "host" else v] for n, v in good["fields"]]
            case 5:
                bad["now"] = now + rng.choice([-901, 901])
            case 6:
                bad["fields"] = good["fields"] + [["x-amz-evil", "1"]]
        assert probe.ask(op="verify", **bad).startswith("bad: "), (number, bad)


def test_what_we_sign_is_what_botocore_signs(probe, monkeypatch):
    rng = random.Random(SEED + 1)
    for number in range(3000):
        aws, host, target, body = request(rng)
        client, client_secret, _ = keys(rng)
        ours, secret, token = keys(rng)
        service, region = rng.choice(SERVICES), rng.choice(["us-east-1", "eu-west-1"])
        moment = datetime.datetime.fromtimestamp(rng.randint(10**9, 4 * 10**9), datetime.timezone.utc).replace(tzinfo=None)
        now = int(moment.replace(tzinfo=datetime.timezone.utc).timestamp())
        sign(monkeypatch, aws, client, service, region, moment)
        new_host = "email.us-east-1.amazonaws.com"
        forwarded = rng.randbytes(100)
        answer = probe.ask(
            op="sign", **(case(aws, new_host, target, forwarded, secret, service, now) | {"token": token}))
        added = dict(field.split(": ", 1) for field in answer.split("\t"))

        # The same by botocore: only what it would sign of its own, and what AWS asks to be signed.
        mine = botocore.awsrequest.AWSRequest(aws.method, f"https://{new_host}{target}", data=forwarded)
        for name, value in aws.headers.items():
            lower = name.lower()
            if lower in ("authorization", "x-amz-date"):
                continue
            if lower == "x-amz-content-sha256":
                value = hashlib.sha256(forwarded).hexdigest()
            if lower.startswith("x-amz-") or lower == "content-type":
                mine.headers[name] = value
        if token is None and client.token:
            ours = botocore.credentials.Credentials("AKIAEXAMPLE", secret, client.token)
        sign(monkeypatch, mine, ours, service, region, moment)
        for name, value in added.items():
            assert mine.headers[name] == value, (number, name)
        assert ("x-amz-security-token" in added) == bool(ours.token)


def test_vonage_sdk_signs_as_we_do(probe):
    rng = random.Random(SEED + 2)
    alphabet = string.printable.strip() + " &=äß😀"
    for number in range(2000):
        algorithm = rng.choice(["md5", "sha1", "sha256", "sha512"])
        secret = text(rng, string.ascii_letters + string.digits, 1, 32)
        auth = vonage_http_client.auth.Auth(api_key="abcd1234", signature_secret=secret, signature_method=algorithm)
        names = {text(rng, string.ascii_lowercase + "-_", 1, 8) for _ in range(rng.randint(1, 8))} - {"sig", "timestamp"}
        parameters = {name: text(rng, alphabet, 0, 20) for name in names} | {"timestamp": str(int(time.time()))}
        expected = auth.sign_params(dict(parameters))
        pairs = [[k, v] for k, v in parameters.items()]
        rng.shuffle(pairs)
        assert probe.ask(op="vonage", parameters=pairs, secret=secret, algorithm=algorithm) == expected, number
        now = int(parameters["timestamp"])
        signed = pairs + [["sig", expected.upper() if rng.random() < 0.2 else expected]]
        assert probe.ask(op="vonage-verify", parameters=signed, secret=secret, algorithm=algorithm, now=now) == "good"
        wrong = [[k, v + "x" if k == "timestamp" else v] for k, v in signed]
        assert probe.ask(op="vonage-verify", parameters=wrong, secret=secret, algorithm=algorithm, now=now) != "good"
        assert probe.ask(op="vonage-verify", parameters=signed, secret=secret + "x", algorithm=algorithm, now=now) != "good"


def test_what_the_vonage_sdk_puts_on_the_wire_is_good(probe, monkeypatch):
    """The SDK signs the fields it leaves out as well, as the text None."""
    from vonage_http_client.http_client import HttpClient
    from vonage_sms import Sms
    from vonage_sms.requests import SmsMessage

    for algorithm in ("md5", "sha1", "sha256", "sha512"):
        client = HttpClient(vonage_http_client.auth.Auth(
            api_key="abcd1234", signature_secret="secret", signature_method=algorithm))
        sent = []

        class Stop(Exception):
            pass

        def send(_, prepared, **__):
            sent.append(prepared.body)
            raise Stop

        monkeypatch.setattr("requests.Session.send", send)
        for extra in ({}, {"client_ref": "a&b=c"}, {"ttl": 20000, "type": "unicode"}, {"trusted_number": True}):
            with pytest.raises(Stop):
                Sms(client).send(SmsMessage(to="15550001111", from_="Me", text="hello & goodbye = ä", **extra))
            pairs = [list(pair) for pair in urllib.parse.parse_qsl(sent[-1], keep_blank_values=True)]
            now = int(time.time())
            assert probe.ask(op="vonage-verify", parameters=pairs, secret="secret", algorithm=algorithm, now=now) == "good"
            changed = [[k, "15550002222" if k == "to" else v] for k, v in pairs]
            assert probe.ask(op="vonage-verify", parameters=changed, secret="secret", algorithm=algorithm, now=now) != "good"
