"""From an opt-out, however it comes in, to the very next send: the loop the product is for."""

import json
import ssl
import threading
import time
import urllib.parse
import urllib.request
import urllib.error

import pytest
from python_http_client.exceptions import BadRequestsError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Mail, To
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

OURS = "+15005550006"
numbers = iter(range(14155560000, 14155569999))


@pytest.fixture
def person():
    """A number nobody has opted out yet."""
    return f"+{next(numbers)}"


@pytest.fixture
def client(gate):
    client = Client("AC" + "0" * 32, "secret")
    client.api.base_url = gate.base("twilio")
    return client


def send(client, to):
    """Whether an SMS to `to` passes; any other end than the two lawful ones fails the test."""
    try:
        assert client.messages.create(to=to, from_=OURS, body="News").status == "queued"
        return True
    except TwilioRestException as error:
        assert (error.status, error.code) == (400, 21610), error
        return False


def webhook(gate, fields, *, token=None, signature=None, path=None, url=None):
    """Posts what Twilio posts for an inbound message; the status and body of the answer."""
    path = path or gate.INTAKE_PATH
    if signature is None:
        signature = RequestValidator(token or gate.TOKEN).compute_signature((url or gate.PUBLIC_URL) + path, dict(fields))
    request = urllib.request.Request(
        f"https://localhost:{gate.intake_port}{path}", urllib.parse.urlencode(fields).encode(),
        {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8", "X-Twilio-Signature": signature,
         "User-Agent": "TwilioProxy/1.1", "I-Twilio-Idempotency-Token": "1b6a"})
    try:
        with urllib.request.urlopen(request, timeout=20, context=ssl.create_default_context()) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


sids = iter(range(1, 1 << 30))


def message(sender, text, **more):
    sid = f"SM{next(sids):032x}"
    return {
        "ToCountry": "US", "ToState": "CA", "SmsMessageSid": sid, "NumMedia": "0", "FromZip": "94105", "SmsSid": sid,
        "FromState": "CA", "SmsStatus": "received", "FromCity": "SAN FRANCISCO", "Body": text, "FromCountry": "US", "To": OURS,
        "NumSegments": "1", "MessageSid": sid, "AccountSid": "AC" + "0" * 32, "From": sender, "ApiVersion": "2010-04-01", **more}


def test_the_command_line_opts_out_and_the_very_next_send_is_blocked(gate, client, provider, person):
    assert send(client, person)
    result = gate.run("suppress", "add", person, "--reason", "complaint", "--actor", "ada", "--json")
    assert json.loads(result.stdout)["enforced"] is True
    assert not send(client, person)
    assert provider.count() == 1
    assert gate.run("check", person, check=False).returncode == 1
    gate.run("suppress", "remove", person, "--reason", "wrong-number", "--actor", "ada")
    assert gate.run("check", person).returncode == 0
    assert send(client, person)
    assert provider.count() == 2


def test_an_address_opted_out_at_run_time_is_stripped_from_the_very_next_mail(gate, provider):
    client = SendGridAPIClient("SG.key", host=gate.base("sendgrid"))
    mail = Mail(from_email="news@example.org", to_emails=[To("stays@example.com"), To("Goes.Now@Example.com")], subject="x", plain_text_content="x")
    assert client.send(mail).headers["stopgate-verdict"] == "allow"
    gate.suppress("goes.now@example.com")
    assert client.send(mail).headers["stopgate-verdict"] == "strip"
    gate.suppress("stays@example.com")
    with pytest.raises(BadRequestsError):
        client.send(mail)
    assert [len(json.loads(request.body)["personalizations"][0]["to"]) for request in provider.received()] == [2, 1]


def test_an_imported_list_is_in_force_when_the_command_returns(gate, client, provider, home):
    people = [f"+{next(numbers)}" for _ in range(500)]
    table = home / "list.csv"
    table.write_text("phone,reason\n" + "".join(f"{person},do-not-call\n" for person in people))
    gate.run("import", table)
    assert not any(send(client, person) for person in people[::25])
    assert provider.count() == 0


@pytest.mark.parametrize("text", [
    "STOP", "stop", "Stop.", " STOP ", "Stop please", "please stop", "UNSUBSCRIBE", "cancel", "END", "QUIT", "opt out", "STOPALL",
    "Stop!!!", "arret", "ALTO", "\uff33\uff34\uff2f\uff30", "stop\u200b", "🛑 stop"])
def test_a_person_texts_stop_and_the_very_next_send_is_blocked(gate, client, provider, application, person, text):
    assert send(client, person)
    fields = message(person, text)
    status, body, headers = webhook(gate, fields)
    assert (status, body) == (200, application.ANSWER)
    assert not send(client, person)
    assert provider.count() == 1

    [(path, received, content)] = application.requests
    assert path == "/sms/inbound?tenant=7"
    assert content == urllib.parse.urlencode(fields).encode(), "the application gets the webhook untouched"
    assert received["x-twilio-signature"] == RequestValidator(gate.TOKEN).compute_signature(gate.PUBLIC_URL + gate.INTAKE_PATH, fields)
    assert received["content-type"] == "application/x-www-form-urlencoded; charset=UTF-8"


@pytest.mark.parametrize("text", ["Yes", "ok", "What time do you stop serving?", "HELP", "Don't stop", "👍", "", "Liked “Stop”"])
def test_other_texts_go_to_the_application_and_change_nothing(gate, client, provider, application, person, text):
    status, body, _ = webhook(gate, message(person, text))
    assert (status, body) == (200, application.ANSWER)
    assert len(application.requests) == 1
    assert send(client, person)


def test_start_opens_again_what_stop_closed(gate, client, provider, application, person):
    webhook(gate, message(person, "STOP"))
    assert not send(client, person)
    webhook(gate, message(person, "START"))
    assert send(client, person)


def test_twilios_own_word_counts(gate, client, provider, application, person):
    webhook(gate, message(person, "enough of this", OptOutType="STOP"))
    assert not send(client, person)


def test_a_stop_over_whatsapp_names_the_person_by_number(gate, client, provider, application, person):
    status, _, _ = webhook(gate, message(f"whatsapp:{person}", "STOP", WaId=person[1:], ProfileName="Zoë"))
    assert status == 200
    assert not send(client, f"whatsapp:{person}")


@pytest.mark.parametrize("change", [
    {"token": "0" * 32}, {"signature": ""}, {"signature": "AAAA"}, {"url": "https://elsewhere.example.com"}],
    ids=["another token", "no signature", "a short signature", "another URL"])
def test_a_webhook_that_is_not_twilios_changes_nothing(gate, client, provider, application, person, change):
    status, _, _ = webhook(gate, message(person, "STOP"), **change)
    assert status // 100 == 4
    assert application.requests == []
    assert send(client, person)


def test_a_changed_webhook_changes_nothing(gate, client, provider, application, person):
    fields = message("+14155550199", "STOP")
    signature = RequestValidator(gate.TOKEN).compute_signature(gate.PUBLIC_URL + gate.INTAKE_PATH, fields)
    status, _, _ = webhook(gate, {**fields, "From": person}, signature=signature)
    assert status // 100 == 4
    assert send(client, person)
    assert application.requests == []


def test_the_same_webhook_twice_is_one_event(gate, client, provider, application, person):
    fields = message(person, "STOP")
    for _ in range(2):
        assert webhook(gate, fields)[0] == 200
    listed = [line for line in gate.run("suppress", "list", "--limit", "1000").stdout.splitlines() if person in line]
    assert len(listed) == 1
    assert not send(client, person)


def test_a_query_in_the_webhooks_url_is_signed_too(gate, client, provider, application, person):
    status, _, _ = webhook(gate, message(person, "STOP"), path=gate.INTAKE_PATH + "?tenant=7&x=%20")
    assert status == 200
    assert not send(client, person)


def test_no_send_passes_once_its_opt_out_is_acknowledged(gate, client, provider, person):
    """Sends run without pause on connections to both event loops while the opt-outs come in."""
    people = [f"+{next(numbers)}" for _ in range(20)]
    acknowledged, passed, stop = {}, [], threading.Event()

    def sender():
        sender = Client("AC" + "0" * 32, "secret")
        sender.api.base_url = gate.base("twilio")
        while not stop.is_set():
            for to in people:
                begun = time.monotonic()
                if send(sender, to):
                    passed.append((to, begun))

    threads = [threading.Thread(target=sender) for _ in range(4)]
    for thread in threads:
        thread.start()
    for to in people:
        gate.suppress(to)
        acknowledged[to] = time.monotonic()
    time.sleep(0.3)
    stop.set()
    for thread in threads:
        thread.join()
    assert len(passed) > 20, "the race was run"
    assert [(to, begun) for to, begun in passed if begun > acknowledged[to]] == []
    assert provider.count() == len(passed), "every send that passed arrived once, every other never"


def test_the_audit_log_of_all_this_is_good(gate):
    assert "good" in gate.run("audit", "verify").stdout
    text = "\n".join(path.read_text() for path in (gate.data / "audit").glob("*.jsonl"))
    assert "4155550123" not in text and "gone0@example" not in text, "no identifier stands in the log"


def test_the_metrics_tell_what_happened(gate, client, provider, application, person):
    assert json.loads(gate.health("ready"))["ready"] is True
    before = gate.metrics()
    assert send(client, person)
    webhook(gate, message(person, "STOP"))
    webhook(gate, message(person, "STOP"), token="0" * 32)
    assert not send(client, person) and not send(client, person)
    after = gate.metrics()
    grown = {name: after[name] - before[name] for name in after if name.startswith(("stopgate_requests_total", "stopgate_intake")) and after[name] != before[name]}
    assert grown == {
        'stopgate_requests_total{provider="twilio",verdict="allowed"}': 1, 'stopgate_requests_total{provider="twilio",verdict="rejected"}': 2,
        'stopgate_intake_webhooks_total{result="opt-out"}': 1, 'stopgate_intake_webhooks_total{result="bad-signature"}': 1}
