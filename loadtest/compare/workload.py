"""What is sent, and who is suppressed: the same for every proxy."""

import dataclasses
import json
import pathlib
import urllib.parse

#: Nobody a request names is among the suppressed: every check is a miss, as nearly every check in production is.
SENDER, RECIPIENT = "+15005550006", "+14155550142"


@dataclasses.dataclass(frozen=True)
class Workload:
    """One kind of send. `path` is the provider's; Stopgate is reached under `prefix` + `path`."""

    name: str
    prefix: str
    path: str
    content_type: str
    body: bytes
    #: The HTTP versions of client and provider it is sent with.
    versions: tuple
    #: Sends a second at which proxies are compared.
    rates: tuple
    #: Bounds the flat-out run.
    flat_out: int
    #: Connections, and requests at a time on each.
    connections: int
    streams: int


def _mail(recipients, size):
    mail = {
        "personalizations": [{"to": [{"email": f"reader{number}@example.com"}]} for number in range(recipients)],
        "from": {"email": "news@example.org"}, "subject": "Your order",
        "content": [{"type": "text/html", "value": ""}]}
    mail["content"][0]["value"] = "x" * (size - len(json.dumps(mail)))
    return json.dumps(mail).encode()


def workloads():
    sms = urllib.parse.urlencode({"To": RECIPIENT, "From": SENDER, "Body": "Your table is ready at seven. " * 3}).encode()
    form, messages = "application/x-www-form-urlencoded", "/2010-04-01/Accounts/AC1/Messages.json"
    return [
        Workload("sms-h2", "/twilio", messages, form, sms, ("h2", "h2"), (5000, 12000, 15000), 60_000, 20, 16),
        Workload("sms-h1", "/twilio", messages, form, sms, ("h1", "h1"), (5000, 12000), 40_000, 50, 1),
        Workload("mail-20-h1", "/sendgrid", "/v3/mail/send", "application/json", _mail(20, 3000), ("h1", "h1"), (5000, 12000), 40_000, 50, 1),
        Workload("mail-1MiB-h2", "/sendgrid", "/v3/mail/send", "application/json", _mail(20, 1 << 20), ("h2", "h2"), (60,), 200, 6, 4),
    ]


def write_suppressions(directory, count):
    """`count` numbers and addresses, one a line: as they are (proxies compare text) and as Stopgate's lists."""
    directory = pathlib.Path(directory)
    phones, mails, form = directory / "phones", directory / "mails", directory / "phones.encoded"
    with open(phones, "w") as plain, open(form, "w") as encoded, open(mails, "w") as addresses:
        for number in range(count):
            # 555-0142 and its neighbours are left out.
            phone = f"+1{2120000000 + number * 7 % 900_000_000}"
            plain.write(phone + "\n")
            encoded.write("%2B" + phone[1:] + "\n")
            addresses.write(f"gone{number}@example.net\n")
    return phones, form, mails
