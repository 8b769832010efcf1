#!/usr/bin/env python3
"""`make demo`: a gate between a sender and a mock provider, shown at work. Exit code 0 only if every step held.

Standard library and curl only. Everything lives in a temporary directory that goes away at the end; every port is free and
on 127.0.0.1; every process started here is ended here. What is shown is what came over the wire.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests"))

from rig import ROOT, Application, Gate, IssuedCertificates, Provider, StartFailure, product  # noqa: E402

SENDER, ANN, BOB, CARL, DORA = "+15005550006", "+14155550142", "+14155550123", "+14155550177", "+14155550188"
FORM = "application/x-www-form-urlencoded"


class StepFailed(Exception):
    """What a step was to show did not happen."""


class Screen:
    """What the visitor reads. Colours on a terminal only (and never with NO_COLOR)."""

    def __init__(self):
        self._colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.results = []

    def paint(self, text, code):
        return f"\033[{code}m{text}\033[0m" if self._colours else text

    def line(self, text="", indent=4):
        print(textwrap.indent(text, " " * indent) if text else "", flush=True)

    def command(self, arguments):
        words = " ".join(argument if argument.isascii() and " " not in argument and "&" not in argument else f"'{argument}'" for argument in arguments)
        self.line(self.paint(f"$ {words if len(words) < 150 else words[:147] + '...'}", "2"))

    def step(self, title):
        print(f"\n{self.paint(f'{len(self.results) + 1:2}', '1;36')}  {self.paint(title, '1')}", flush=True)

    def done(self, title, error=None):
        self.results.append((title, error))
        self.line(self.paint(f"failed: {error}", "1;31") if error else self.paint("✓ shown", "32"))

    def summary(self, seconds):
        print("\n" + self.paint("Summary", "1"))
        for number, (title, error) in enumerate(self.results, 1):
            mark = self.paint("✗", "1;31") if error else self.paint("✓", "32")
            print(f" {mark} {number:2}  {title}")
        failed = sum(1 for _, error in self.results if error)
        if failed:
            print(self.paint(f"\n{failed} of {len(self.results)} steps did not show what they say.", "1;31"))
        else:
            print(self.paint(f"\nAll {len(self.results)} steps held, in {seconds:.1f} s.", "1;32"))
        return 1 if failed else 0


def expect(condition, otherwise):
    if not condition:
        raise StepFailed(otherwise)


class Demo:
    """The cast, and the steps in order."""

    def __init__(self, home, screen):
        self.home, self.screen = home, screen
        self.stopgate = product("stopgate")
        self.provider = self.application = self.gate = None

    # The means.

    def run_stopgate(self, *arguments, code=0, show=True):
        self.screen.command(["stopgate", *map(str, arguments)])
        result = self.gate.run(*arguments, check=False)
        if show:
            self.screen.line(result.stdout.strip())
        expect(result.returncode == code, f"exit code {result.returncode} instead of {code}: {result.stderr.strip() or result.stdout.strip()}")
        return result.stdout

    def curl(self, url, body, content_type, *options):
        """A POST by curl: status, head and body of the answer."""
        data = self.home / "body"
        data.write_bytes(body)
        arguments = ["-sS", "-i", "--cacert", str(self.certificates.ca), *options, "-H", f"Content-Type: {content_type}", "--data-binary", f"@{data}", url]
        shown = [*options, "--data-binary", body.decode() if len(body) < 90 else "@mail.json", url]
        self.screen.command(["curl", *shown])
        run = subprocess.run(["curl", "--max-time", "20", *arguments], capture_output=True, stdin=subprocess.DEVNULL)
        expect(run.returncode == 0, run.stderr.decode().strip())
        answer = run.stdout
        while answer.startswith(b"HTTP/1.1 100"):
            answer = answer.partition(b"\r\n\r\n")[2]
        head, _, content = answer.partition(b"\r\n\r\n")
        lines = head.decode().splitlines()
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        status = int(lines[0].split()[1])
        told = [f"{name}: {fields[name]}" for name in ("stopgate-verdict", "stopgate-stripped", "stopgate-audit-id", "x-message-id") if name in fields]
        colour = "32" if status < 300 else "33"
        self.screen.line(self.screen.paint(lines[0].strip(), colour) + "   " + "   ".join(told))
        if content.strip():
            self.screen.line(content.decode().strip())
        return status, fields, content

    def send_sms(self, to, text, *options):
        body = urllib.parse.urlencode({"To": to, "From": SENDER, "Body": text}).encode()
        return self.curl(self.gate.base("twilio") + "/2010-04-01/Accounts/AC1/Messages.json", body, FORM, *options)

    def expect_blocked(self, to, text):
        before = self.provider.count()
        status, fields, content = self.send_sms(to, text)
        expect(status == 400 and json.loads(content)["code"] == 21610, "the send was not rejected with Twilio's 400/21610")
        expect(self.provider.count() == before, "the provider received the send all the same")
        self.screen.line(f"the provider received {self.screen.paint('nothing', '1')}")

    # The steps.

    def certificates_made(self):
        """a local CA and certificates, made by the gate's own command"""
        policies = self.home / "gate" / "policies"
        shutil.copytree(ROOT / "policies", policies)
        directory = self.home / "certs"
        for arguments in (["certs", "init"], ["certs", "issue", "provider"]):
            self.screen.command(["stopgate", *arguments])
            result = subprocess.run(
                [str(self.stopgate), *arguments, "--directory", str(directory), "--config", str(policies)], capture_output=True, text=True)
            expect(result.returncode == 0, result.stderr)
        self.certificates = IssuedCertificates(directory, "gate")
        for path in (self.certificates.ca, self.certificates.chain, self.certificates.key):
            self.screen.line(f"{path.name:14} mode {path.stat().st_mode & 0o777:o}")
        expect(self.certificates.key.stat().st_mode & 0o077 == 0, "others may read the key")

    def started(self):
        """a mock provider (TLS, HTTP/1.1 and HTTP/2), an application, and the gate between them"""
        self.provider = Provider(product("stopgate-mock"), IssuedCertificates(self.home / "certs", "provider"), self.home)
        self.application = Application()
        self.gate = Gate(self.stopgate, self.certificates, self.home / "gate", self.provider, application=self.application)
        self.gate.start()
        ready = json.loads(self.gate.health("ready"))
        self.screen.line(f"provider   {self.provider.origin}\ngate       https://localhost:{self.gate.port}\nintake     {self.gate.intake_url}")
        self.screen.line(f"/ready     {json.dumps(ready)}")
        expect(ready["ready"] is True, "the gate is not ready")

    def allowed(self):
        """an SMS to somebody who said nothing goes to the provider, over HTTP/1.1 and HTTP/2"""
        for version in ("--http1.1", "--http2"):
            status, fields, content = self.send_sms(ANN, "Your table is ready", version)
            expect(status == 201 and json.loads(content)["status"] == "queued", "the provider's 201 did not come back")
            expect(fields["stopgate-verdict"] == "allow", "the verdict is not allow")
        received = self.provider.received()
        self.screen.line(f"the provider received {len(received)}: {[request.body.decode() for request in received]}")
        expect(len(received) == 2, "the provider did not receive two sends")

    def command_line(self):
        """an opt-out by the command line, and the very next send is rejected as Twilio itself would"""
        self.run_stopgate("suppress", "add", "(415) 555-0123", "--reason", "complaint", "--actor", "demo")
        self.expect_blocked(BOB, "Sale! Everything must go")
        self.run_stopgate("check", BOB, code=1)

    def stripped(self):
        """a mail to 20, three of whom have opted out, arrives at the provider with 17"""
        gone = [f"reader{number:02}@example.com" for number in (3, 11, 20)]
        table = self.home / "opt-outs.csv"
        table.write_text("email,reason\n" + "".join(f"{address.upper()},unsubscribe-link\n" for address in gone))
        self.run_stopgate("import", table)
        document = {
            "personalizations": [{"to": [{"email": f"reader{number:02}@example.com", "name": f"Reader {number}"} for number in range(1, 21)]}],
            "from": {"email": "news@example.org", "name": "The News"}, "subject": "Spring news — ☀",
            "content": [{"type": "text/plain", "value": "Dear reader, ..."}]}
        before = len(self.provider.received())
        status, fields, _ = self.curl(self.gate.base("sendgrid") + "/v3/mail/send", json.dumps(document).encode(), "application/json", "--http2")
        expect(status == 202 and fields["stopgate-verdict"] == "strip" and fields["stopgate-stripped"] == "3", "the mail was not stripped of 3")
        [request] = self.provider.received()[before:]
        addresses = [entry["email"] for entry in json.loads(request.body)["personalizations"][0]["to"]]
        self.screen.line(f"the provider received {len(addresses)} recipients:")
        self.screen.line(textwrap.fill(" ".join(address.removesuffix("@example.com") for address in addresses), 100), 8)
        entries = document["personalizations"][0]["to"]
        entries[:] = [entry for entry in entries if entry["email"] not in gone]
        expect(request.body == json.dumps(document).encode(), "what the provider received differs in other bytes than the three entries")
        self.screen.line("every other byte is as it was sent")

    def all_gone(self):
        """a mail to nobody but opted-out people is rejected with SendGrid's own error"""
        before = self.provider.count()
        document = {"personalizations": [{"to": [{"email": "Reader11@Example.com"}]}], "from": {"email": "news@example.org"}, "subject": "x",
                    "content": [{"type": "text/plain", "value": "x"}]}
        status, _, content = self.curl(self.gate.base("sendgrid") + "/v3/mail/send", json.dumps(document).encode(), "application/json")
        expect(status == 400 and json.loads(content)["errors"][0]["field"] == "personalizations.0.to", "not SendGrid's error")
        expect(self.provider.count() == before, "the provider received it all the same")

    def webhook(self, text, token):
        fields = {"From": CARL, "To": SENDER, "Body": text, "MessageSid": "SM" + "7" * 32, "AccountSid": "AC1", "NumMedia": "0"}
        signed = Gate.PUBLIC_URL + Gate.INTAKE_PATH + "".join(name + fields[name] for name in sorted(fields))
        signature = base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()
        body = urllib.parse.urlencode(fields).encode()
        return self.curl(self.gate.intake_url, body, FORM, "-H", f"X-Twilio-Signature: {signature}")[0], body

    def texted_stop(self):
        """a person texts STOP: Twilio's signed webhook comes in, and the very next send to them is blocked"""
        status, _, _ = self.send_sms(CARL, "Hello Carl")
        expect(status == 201, "the send before the STOP did not pass")
        status, body = self.webhook("Stop please", Gate.TOKEN)
        expect(status == 200, "the webhook was not accepted")
        expect([content for _, _, content in self.application.requests] == [body], "the application did not get the webhook untouched")
        self.screen.line("the customer's application received the webhook, byte for byte")
        self.expect_blocked(CARL, "Sale!")

    def forged_stop(self):
        """a webhook with a forged signature changes nothing and reaches nobody"""
        before = len(self.application.requests)
        status, _ = self.webhook("START", "not the token")
        expect(status // 100 == 4, "a forged webhook was accepted")
        expect(len(self.application.requests) == before, "the application received it")
        self.run_stopgate("check", CARL, code=1, show=False)

    def survived(self):
        """kill -9 and a new start: what was acknowledged still blocks"""
        self.run_stopgate("suppress", "add", DORA, show=False)
        self.gate.kill()
        begun = time.monotonic()
        self.gate.start()
        self.screen.line(f"killed; ready again after {(time.monotonic() - begun) * 1000:.0f} ms")
        for number in (DORA, BOB, CARL):
            self.expect_blocked(number, "Sale!")

    def audited(self):
        """the audit trail of all of it, verified; one changed byte is found"""
        self.run_stopgate("audit", "tail", "--lines", "18")
        found = self.run_stopgate("audit", "search", "--person", CARL)
        order = [found.find(word) for word in ("decision allow", "opt-out", "decision reject")]
        expect(-1 not in order and order == sorted(order), "the search does not find the allowed send, the opt-out and the rejection of one person")
        self.run_stopgate("audit", "verify")
        log = self.home / "copy"
        shutil.copytree(self.gate.data / "audit", log)
        segment = sorted(log.glob("*.jsonl"))[0]
        text = segment.read_bytes()
        expect(b'"verdict":"reject"' in text, "no rejection stands in the log")
        segment.write_bytes(text.replace(b'"verdict":"reject"', b'"verdict":"allow!"', 1))
        self.screen.line("one word of a copy is changed:")
        self.run_stopgate("audit", "verify", "--directory", log, code=1)
        plain = b"".join(path.read_bytes() for path in (self.gate.data / "audit").glob("*.jsonl"))
        expect(not any(number[1:].encode() in plain for number in (ANN, BOB, CARL, DORA)) and b"reader11" not in plain, "the log names people in plain")

    def ended(self):
        """SIGTERM ends the gate in good order"""
        code = self.gate.stop()
        self.screen.line(f"exit code {code}")
        expect(code == 0, f"exit code {code}")

    def run(self):
        steps = [
            self.certificates_made, self.started, self.allowed, self.command_line, self.stripped, self.all_gone, self.texted_stop,
            self.forged_stop, self.survived, self.audited, self.ended]
        for step in steps:
            title = step.__doc__[0].upper() + step.__doc__[1:]
            self.screen.step(title)
            try:
                step()
                self.screen.done(title)
            except (StepFailed, StartFailure, AssertionError, OSError, ValueError, KeyError) as error:
                self.screen.done(title, f"{error}" or type(error).__name__)
                if step in (self.certificates_made, self.started):
                    break

    def close(self):
        """Ends what is still running."""
        if self.gate and self.gate.process:
            self.gate.kill()
        if self.provider:
            self.provider.stop()
        if self.application:
            self.application.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="leave the temporary directory and say where it is")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    screen, begun = Screen(), time.monotonic()
    print(screen.paint("Stopgate: a gate between senders and their providers", "1"))
    home = pathlib.Path(tempfile.mkdtemp(prefix="stopgate-demo-"))
    demo = Demo(home, screen)
    try:
        demo.run()
    finally:
        demo.close()
        if options.keep:
            print(f"\nleft in {home}")
        else:
            shutil.rmtree(home, ignore_errors=True)
    return screen.summary(time.monotonic() - begun)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
