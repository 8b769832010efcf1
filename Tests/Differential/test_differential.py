"""No body that Stopgate forwards lets any real parser find somebody who has opted out; no ordinary body is refused."""

import collections
import email.message
import email.mime.text
import email.policy
import email.utils
import json
import urllib.parse

import pytest
from generate import cases, unwrapped, wrapped
from panel import suppressed_in

KINDS = ["json", "variables", "form", "multipart", "mime"]

# A process for each body is slow: php-cgi sees every so many.
SLOW = {"php-cgi": 8}


def read(member, kind, body, content_type, number):
    if number % SLOW.get(member.name, 1):
        return None
    return member.read(kind, body, content_type)


@pytest.mark.parametrize("kind", KINDS)
def test_no_reader_finds_somebody_who_has_opted_out(kind, probe, panel, counts, request):
    verdicts, readings, failures = collections.Counter(), collections.Counter(), []
    members = panel.of(kind)
    for number, case in enumerate(cases(kind, request.config.getoption("--seed"), request.config.getoption("--cases"))):
        verdict, forwarded, why = probe.judge(*wrapped(*case))
        verdicts[verdict] += 1
        if forwarded is None:
            continue
        body, content_type = unwrapped(kind, forwarded), case[1]
        for member in members:
            found = read(member, kind, body, content_type, number)
            if found is None:
                continue
            readings[member.name] += 1
            if any(suppressed_in(text) for text in found):
                failures.append((member.name, verdict, case[2], body, found))
    counts.append(
        f"{kind}: {dict(verdicts)}; bodies read by " + ", ".join(f"{member.name} {readings[member.name]}" for member in members)
        + ("; not here: " + ", ".join(panel.skipped) if panel.skipped else ""))
    assert not failures, f"{len(failures)} failures, the first: {failures[0]}"
    # A gate that refuses everything would pass the test above.
    assert verdicts["allow"] + verdicts["strip"] > sum(verdicts.values()) / 10
    assert verdicts["strip"] > sum(verdicts.values()) / 50
    assert all(readings[member.name] for member in members), readings


def multipart_requests(fields, files=None):
    import requests

    request = requests.Request("POST", "http://x/", data=fields, files=files or {"attachment": ("a.txt", b"x", "text/plain")}).prepare()
    return request.headers["Content-Type"], request.body


def ordinary():
    """Bodies as SDKs and libraries write them."""
    people = ["ann@example.com", "Bob Miller <bob@example.net>", '"Miller, Bob" <bob@example.net>', email.utils.formataddr(("Jörg Ö", "jo@example.org"))]
    for separators in ((",", ":"), (", ", ": ")):
        for ascii_only in (True, False):
            document = {"to": [{"email": people[0], "name": "Ann 😀"}, {"email": people[1]}], "cc": people[2:3], "text": "Hi é \u2028 \x00"[:5], "id": 7}
            yield "json", "application/json", json.dumps(document, ensure_ascii=ascii_only, separators=separators).encode()
    yield "json", "application/json; charset=utf-8", json.dumps({"to": [{"email": people[0]}]}, indent=2).encode()
    for to in (people[0], ", ".join(people[:2]), ",".join(people[2:])):
        yield "form", "application/x-www-form-urlencoded", urllib.parse.urlencode([("to", to), ("to", people[0]), ("text", "Hi & bye; é")]).encode()
        content_type, body = multipart_requests([("to", to), ("to", people[1]), ("text", "Hi\r\n--x")])
        yield "multipart", content_type, body
    yield "multipart", "multipart/form-data; boundary=----formdata-undici-0123", (
        '------formdata-undici-0123\r\nContent-Disposition: form-data; name="to"\r\n\r\nann@example.com\r\n------formdata-undici-0123--\r\n').encode()
    yield "multipart", 'multipart/form-data; boundary="0f3c-net"', (
        "--0f3c-net\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=to\r\n\r\nann@example.com\r\n--0f3c-net--\r\n").encode()
    for policy in (email.policy.default, email.policy.SMTP, email.policy.compat32):
        message = email.message.EmailMessage(policy) if policy is not email.policy.compat32 else email.mime.text.MIMEText("Grüße", "plain", "utf-8")
        message["Subject"] = "Grüße aus Köln, ein ziemlich langer Betreff, der gefaltet werden muss, weil er nicht in eine Zeile passt"
        message["From"] = "Shop <shop@example.com>"
        message["To"] = ", ".join(people + [f"Person Number {n} <p{n}@example.com>" for n in range(20)])
        message["Cc"] = "Team: ann@example.com, bob@example.net;"
        message["Bcc"] = "undisclosed-recipients:;"
        if policy is not email.policy.compat32:
            message.set_content("Grüße\n")
            message.add_attachment(b"\x00\xff" * 1000, maintype="image", subtype="png", filename="ä.png")
        yield "mime", "message/rfc822", message.as_bytes()


def test_ordinary_bodies_pass(probe, counts):
    refused, number = [], 0
    for number, case in enumerate((case for case in ordinary() if case[0] in KINDS), 1):
        verdict, _, why = probe.judge(*wrapped(*case))
        if verdict != "allow":
            refused.append((verdict, why, case))
    counts.append(f"ordinary bodies of libraries: {number}, refused: {len(refused)}")
    assert not refused


def test_ordinary_bodies_are_stripped(probe, panel, counts):
    """The same bodies with somebody in them who has opted out lose that one address."""
    number = 0
    for kind, content_type, body in ordinary():
        if kind not in KINDS or b"ann@example.com" not in body:
            continue
        changed = body.replace(b"bob@example.net", b"gone@example.com")
        if changed == body:
            continue
        verdict, forwarded, why = probe.judge(*wrapped(kind, content_type, changed))
        assert verdict == "strip", (verdict, why, changed)
        rest = unwrapped(kind, forwarded)
        assert b"gone" not in rest
        for member in panel.of(kind):
            found = read(member, kind, rest, content_type, 0)
            # Who knows CRLF alone sees no header in a message without it.
            if found is not None and (member.name != "CRLF alone" or b"\r" in rest):
                assert any("ann@example.com" in text for text in found), (member.name, rest)
        number += 1
    counts.append(f"ordinary bodies stripped: {number}")
    assert number > 5
