"""Bodies of sends, well-formed ones and broken ones, from a seed. A case is (kind, Content-Type, body)."""

import base64
import json
import random
import urllib.parse

GONE = [
    "gone@example.com", "GONE@Example.com", "Gone <gone@example.com>", '"Gone, G" <gone@example.com>', " gone@example.com", "gone+tag@example.com",
    "left@example.org", "<left@example.org>", "user@münchen.example", "user@xn--mnchen-3ya.example", "gone@example.com.", '"gone"@example.com',
    "gone(c)@example.com", "ｇｏｎｅ@example.com", "gone@example。com", "gone\u200b@example.com", "go\u00adne@example.com",
]
FREE = ["ann@example.com", "Bob <bob@example.net>", '"C, D" <cd@example.com>', "eve+x@example.org", "jo@bücher.example", "ann.other@example.com"]
GONE_PHONES = [
    '"+14155550100"', '"(415) 555-0100"', '"1-415-555-0100"', "14155550100", '"0014155550100"', '"+1 415 555 0100"', '"tel:+14155550100"', '"+1415555010０"', '"+1415555\\u00300100"',
    "4155550100", '"4155550100"', '"+1 (415) 555-0100 ext 5"', "14155550100.0", "1.4155550100e10", '"١٤١٥٥٥٥٠١٠٠"',
]
FREE_PHONES = ['"+14155550111"', "14155550112", '"(415) 555-0113"', '"+442079460959"']
LISTS = ["{}, {}", "{},{}", "{}; {}", "Team: {}, {};", "{} {}", "{},\r\n {}", "{}\n{}", '"{}" <{}>', "{} ({})", "{}, {},", ", {},, {}", "{} <{}>", "<{},{}>"]


def pick(r):
    if r.random() > 0.4:
        return r.choice(FREE)
    # Plain spellings more often than the others: those are refused whatever else the body is.
    return r.choice(GONE[:4] if r.random() < 0.8 else GONE)


def address(r):
    """One text for a recipient's place: an address, a list, or something that is nearly one."""
    if r.random() < 0.93:
        return pick(r)
    return r.choice(LISTS).format(pick(r), pick(r))


def mutate(r, body, tokens, most=3):
    body = bytearray(body)
    for _ in range(r.choice([0, 0, 0, 0, 1, 1, 1, 2, most])):
        at = r.randrange(len(body) + 1)
        way = r.random()
        if way < 0.5:
            body[at:at] = r.choice(tokens)
        elif way < 0.65:
            del body[at : at + r.choice([1, 1, 2, 5, 20])]
        elif way < 0.8:
            other = r.randrange(len(body) + 1)
            body[at:at] = body[other : other + r.choice([1, 8, 40])]
        elif body:
            body[min(at, len(body) - 1)] = r.choice([0, 9, 10, 13, 32, 34, 44, 45, 58, 59, 92, 127, 128, 192, 239, 255, r.randrange(256)])
    return bytes(body)


# JSON

JSON_TOKENS = [
    b'"sms":["+14155550100"],', b'"SMS":[14155550100],', b"14155550100,", b'"+14155550100",',
    b'"to":[{"email":"gone@example.com"}],', b'"cc":["left@example.org"],', b'{"email":"gone@example.com"},', b'"left@example.org",', b'"To":[{"email":"gone@example.com"}],',
    b'"t\\u006f":[{"email":"gone@example.com"}],', b'"to ":[{"email":"gone@example.com"}],', '"ｔｏ":[{"email":"gone@example.com"}],'.encode(), b'"email":"gone@example.com",',
    b'"Email":"gone@example.com",', b'"e\\u006dail":"gone@example.com",', b'"email\\u0000":"gone@example.com",', b'"bcc":["gone@example.com"],', b'"other":{"x":"gone@example.com"},',
    b"\\u0000", b"\\ud800", b"\\u0040", b"\\", b'"', b"'", b",", b"[", b"]", b"{", b"}", b":", b"//", b"/*", b"*/", b"\xef\xbb\xbf", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"NaN", b"1e999",
    b"0x10", b"null", b"\x00", b"\n", b'{"to":[{"email":"gone@example.com"}]}', "\u212a".encode(), "ſ".encode(), b"\x85", b"\\/",
]


def json_string(r, text):
    """`text` as a JSON string, with more escapes than it needs."""
    out = json.dumps(text, ensure_ascii=r.random() < 0.5)[1:-1]
    if r.random() < 0.2:
        at = r.randrange(len(text) or 1)
        if text and ord(text[at]) < 0x10000:
            out = json.dumps(text[:at])[1:-1] + f"\\u{ord(text[at]):04{r.choice('xX')}}" + json.dumps(text[at + 1 :])[1:-1]
    return f'"{out}"'


def json_body(r):
    blank = lambda: r.choice(["", "", "", " ", "\n  ", "\t"])
    key = lambda name: json_string(r, name)
    person = lambda: "{" + ",".join(
        [f'{blank()}{key("email")}{blank()}:{blank()}{json_string(r, address(r))}'] + [f'"name":{json_string(r, r.choice(["Ann", "Ö", "a@b", ""]))}'] * (r.random() < 0.3)
    ) + "}"
    members = [f'{key("to")}{blank()}:{blank()}[' + f"{blank()},{blank()}".join(person() for _ in range(r.choice([0, 1, 1, 2, 3, 6]))) + "]"]
    if r.random() < 0.5:
        members.append(f'{key("cc")}:[' + ",".join(json_string(r, address(r)) for _ in range(r.choice([0, 1, 2]))) + "]")
    if r.random() < 0.4:
        numbers = [r.choice(GONE_PHONES[: 4 if r.random() < 0.7 else None] if r.random() < 0.35 else FREE_PHONES) for _ in range(r.choice([1, 1, 2]))]
        members.append(f'{key("sms")}:[' + ",".join(numbers) + "]")
    if r.random() < 0.7:
        members.append(f'{key("text")}:{json_string(r, r.choice(["Hi gone@example.com", "text", "é😀"]))}')
    if r.random() < 0.15:
        members.append(r.choice(['"meta":{"a":[1,2.5,true,null]}', '"id":12345678901', '"x":{"y":{"z":"ann@example.com"}}', '"TO":[]', '"Cc":[]', '"note":"left@example.org"']))
    r.shuffle(members)
    return (blank() + "{" + f",{blank()}".join(members) + blank() + "}" + blank()).encode()


def json_case(r):
    return "json", "application/json", mutate(r, json_body(r), JSON_TOKENS)


def variables_body(r):
    """Values by address, which go with their recipient."""
    value = lambda: r.choice(["1", '"a"', '{"name":"Ann"}', '{"mail":"eve@example.org"}', "{}", "[1,2]"] + ['{"mail":"gone@example.com"}'] * (r.random() < 0.2))
    blank = lambda: r.choice(["", "", " ", "\n "])
    return ("{" + ",".join(f"{blank()}{json_string(r, address(r))}{blank()}:{value()}" for _ in range(r.choice([0, 1, 2, 2, 4]))) + blank() + "}").encode()


def variables_case(r):
    return "variables", "application/x-www-form-urlencoded", mutate(r, variables_body(r), JSON_TOKENS)


# Forms

FORM_TOKENS = [
    b"&to=gone@example.com", b"&to=gone%40example.com", b"&To=gone@example.com", b"&to[]=gone@example.com", b"&to[0]=gone@example.com", b"&to.x=gone@example.com", b";to=gone@example.com",
    b"&%74o=gone@example.com", b"&+to=gone@example.com", b"&to%00=gone@example.com", b"&to%00x=gone@example.com", b"&[to]=gone@example.com", b"&t%EF%BD%8F=gone@example.com",
    b"&to=gone%2540example.com", b"&to=%67one@example.com", b"&bcc=gone@example.com", b"&x=gone@example.com", b"%00", b"%", b"%u0040", b"%C0%AE", b"%ff", b"&", b"=", b"+", b"\xff", b"&&",
    b"&_method=PUT", b"&to%5B%5D=gone@example.com", b"&to_=gone@example.com", b"&cc[a][b]=left@example.org", b"\r\n", b"&=gone@example.com", b"&gone@example.com", b"&gone@example.com=1",
]


def escape(r, text):
    out = []
    for byte in text.encode():
        if byte == 0x20:
            out.append(r.choice(["+", "%20"]))
        elif chr(byte).isalnum() and r.random() > 0.03 or chr(byte) in "@.-_" and r.random() < 0.6:
            out.append(chr(byte))
        else:
            out.append(f"%{byte:02{r.choice('xX')}}")
    return "".join(out)


def form_body(r):
    fields = []
    for name, most in (("to", 3), ("cc", 1)):
        for _ in range(r.randrange(most + 1)):
            fields.append(f"{name}={escape(r, address(r))}")
    fields += [f"text={escape(r, r.choice(['Hi', 'gone@example.com', 'a=b&c', 'é']))}"] * (r.random() < 0.7)
    fields += [r.choice(["id=1", "x=left@example.org", "tag[]=a", "n=1;2", ""])] * (r.random() < 0.3)
    r.shuffle(fields)
    return "&".join(fields).encode()


def form_case(r):
    return "form", "application/x-www-form-urlencoded", mutate(r, form_body(r), FORM_TOKENS)


# Multipart

def multipart_tokens(boundary):
    b = boundary.encode()
    to = b'Content-Disposition: form-data; name="to"\r\n\r\ngone@example.com'
    return [
        b"\r\n--" + b + b"\r\n" + to, b"\n--" + b + b"\n" + to.replace(b"\r", b""), b"--" + b, b"--" + b + b"--", b"\r\n--" + b, b"\r\n--" + b + b" \r\n" + to, b"\r\n--" + b + b"--\r\n",
        b"\r\n--" + b + b"x\r\n" + to, b"\r\n" + to, b"\r\n", b"\n", b"\r", b"--", b'; name="to"', b"; name=to", b"; name*=utf-8''to", b'; filename="x"', b"; filename*=utf-8''x", b'name="to"',
        b"Content-Type: text/plain\r\n", b"Content-Type: multipart/mixed; boundary=c\r\n", b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n",
        b"X-Header: y\r\n", b"Content-Disposition: form-data; name=\"cc\"\r\n", b"\\", b'"', b";", b"\x00", b"\xff", b"%74", b"=?utf-8?q?to?=", b'[]', b"\r\n ", b"\t", b"'",
    ]


def multipart_body(r, boundary):
    parts = []
    names = ["to"] * r.randrange(4) + ["cc"] * r.randrange(2) + ["text"] * r.randrange(2) + ["file"] * r.randrange(2) + [r.choice(["x", "to[]", "To", "é"])] * (r.random() < 0.15)
    r.shuffle(names)
    for name in names or ["to"]:
        lines = [f'Content-Disposition: form-data; name="{name}"' if r.random() < 0.9 else f"Content-Disposition: form-data; name={name}"]
        content = address(r).encode() if name in ("to", "cc") else r.choice([b"Hi", b"gone@example.com", b"\x00\xff\r\n--", bytes(r.randrange(256) for _ in range(30))])
        if name == "file":
            lines[0] += '; filename="a.png"'
            lines.append("Content-Type: image/png")
        elif r.random() < 0.2:
            lines.append(r.choice(["Content-Type: text/plain; charset=utf-8", "Content-Type: text/plain", f"Content-Length: {len(content)}", "Content-Type: application/octet-stream"]))
        if r.random() < 0.1:
            lines.reverse()
        parts.append("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
    b = boundary.encode()
    return b"".join(b"--" + b + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + b + b"--" + r.choice([b"\r\n", b""])


def multipart_case(r):
    boundary = r.choice(["b", "----WebKitFormBoundaryAbC123", "a-b", "--", "aab", "0123456789abcdef"])
    written = r.choice([boundary, f'"{boundary}"'])
    body = mutate(r, multipart_body(r, boundary), multipart_tokens(boundary))
    return "multipart", f"multipart/form-data; boundary={written}", body


# MIME

MIME_TOKENS = [
    b"\r\nBcc: gone@example.com", b"\nBcc: gone@example.com", b"\rBcc: gone@example.com", b"\r\nBcc : gone@example.com", b"\r\nTo: gone@example.com", b"\r\n gone@example.com,", b"\r\n\r\n", b"\n\n",
    b"\r\n \r\n", b"Bcc: gone@example.com\r\n", b"Resent-To: gone@example.com\r\n", b"Apparently-To: gone@example.com\r\n", b"X-Receiver: gone@example.com\r\n", b", gone@example.com", b"(", b")", b'"',
    b"<", b">", b";", b":", b",", b"Team:", b"=?utf-8?q?gone=40example.com?=", b"=?utf-8?b?Z29uZUBleGFtcGxlLmNvbQ==?=", b"\x00", b"\xff", b"\x0b", b"\x0c", b"\xc2\x85", b"\xe2\x80\xa8", b"\r", b"\n",
    b"\t", b" ", b"\\", b"@", b"\x1c", b"\r\nTO:left@example.org", b"\x85Bcc: gone@example.com", b"\xe2\x80\xa8Bcc: gone@example.com", b"\x0cBcc: gone@example.com",
]


def mime_body(r):
    end = r.choice(["\r\n", "\r\n", "\n"])
    lines = ["From: sender@shop.example", "Subject: " + r.choice(["Hi", "=?utf-8?q?=C3=96?=", "about gone@example.com", "é"]), "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8"]
    for name in ("To", "Cc", "Bcc"):
        if r.random() < (0.9 if name == "To" else 0.35):
            people = [address(r).replace("\r\n ", " ").replace("\n", " ") for _ in range(r.choice([0, 1, 1, 2, 3]))]
            name = r.choice([name, name, name.lower(), name.upper()])
            lines.append(f"{name}:{r.choice([' ', '', ' ' + end + ' '])}" + r.choice([", ", "," + end + " ", "," + end + "\t", ","]).join(people))
    if r.random() < 0.1:
        lines.append(r.choice(["Resent-To: gone@example.com", "X-Other: left@example.org", "List-Unsubscribe: <mailto:u@shop.example>", "X-SMTPAPI: {\"to\":[\"gone@example.com\"]}"]))
    r.shuffle(lines)
    return (end.join(lines) + end + end + r.choice(["Hello\r\nBcc: gone@example.com\r\n", "Hello" + end, "To: gone@example.com" + end])).encode()


def mime_case(r):
    return "mime", "message/rfc822", mutate(r, mime_body(r), MIME_TOKENS)


KINDS = {"json": json_case, "variables": variables_case, "form": form_case, "multipart": multipart_case, "mime": mime_case}


def cases(kind, seed, count):
    for number in range(count):
        yield KINDS[kind](random.Random(f"{kind}-{seed}-{number}"))


def wrapped(kind, content_type, body):
    """How a case goes to the gate: endpoint, Content-Type, body."""
    if kind == "variables":
        return kind, content_type, urllib.parse.urlencode([("to", "ann@example.com"), ("vars", body)]).encode()
    if kind == "mime":
        return "raw", "application/json", json.dumps({"raw": base64.b64encode(body).decode()}).encode()
    return ("form" if kind == "multipart" else kind), content_type, body


def unwrapped(kind, body):
    if kind == "variables":
        [value] = [value for name, value in (field.split(b"=") for field in body.split(b"&")) if name == b"vars"]
        return urllib.parse.unquote_to_bytes(value.replace(b"+", b" "))
    return base64.b64decode(json.loads(body)["raw"], validate=True) if kind == "mime" else body
