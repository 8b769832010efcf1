"""kill -9 under load, again and again over the same files, and a race of opt-outs against sends.

Numbers are taken from +1 201 upwards, each used once, so that what the provider received, what the log says and what the
gate acknowledged can be compared number by number.
"""

import collections
import hashlib
import hmac
import itertools
import pathlib
import random
import shutil
import tempfile
import threading
import time
import urllib.parse

import pytest

from installation import Installation
from rig import Certificates, Provider, product
from sender import Operator, Sender

SENDERS = 4


class Numbers:
    """Phone numbers, each handed out once; may be shared by threads."""

    def __init__(self, first):
        self._next, self._lock = itertools.count(first), threading.Lock()

    def __iter__(self):
        return self

    def __next__(self):
        with self._lock:
            return f"+{next(self._next)}"


@pytest.fixture(scope="module")
def home():
    home = pathlib.Path(tempfile.mkdtemp(prefix="stopgate-crash-"))
    yield home
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def provider(home):
    provider = Provider(product("stopgate-mock"), Certificates(home / "certs"), home, ["--remember", "1000000"])
    yield provider
    provider.stop()


def recipients(received):
    """The number each received send was for."""
    return [dict(urllib.parse.parse_qsl(request.body.decode()))["To"] for request in received]


class Scene:
    """One gate's files, and what has to hold of them however often it was killed."""

    def __init__(self, home, provider):
        self.gate = Installation(home / "gate", provider)
        self.provider = provider
        self.to_send, self.to_suppress = Numbers(12015000000), Numbers(13035000000)
        self.suppressed = []
        self.rounds = 0

    def digest(self, number):
        """What the log calls a number: docs/audit-format.md."""
        key = (self.gate.data / "audit.key").read_bytes()
        return hmac.new(key, b"phone:" + number.encode(), hashlib.sha256).hexdigest()[:32]

    def allowed(self):
        """Digests of the recipients of every decision that let a send out."""
        return {
            recipient["hmac"] for record in self.gate.audit_records() if record["kind"] == "decision" and record["verdict"] == "allow"
            for recipient in record["recipients"]}


@pytest.fixture(scope="module")
def scene(home, provider):
    scene = Scene(home, provider)
    with scene.gate:
        yield scene


def test_kill_under_load(scene, provider, round_number):
    gate = scene.gate
    if gate.process is None or not gate.process.is_running:
        gate.start()
    provider.forget()
    # A slow answer keeps sends in flight at the moment of the kill.
    provider.behave(delayMilliseconds=random.choice([0, 0, 5, 30]))
    senders = [Sender(gate.port, gate.certificates.ca, scene.to_send) for _ in range(SENDERS)]
    operator = Operator(gate.admin(), scene.to_suppress)
    for thread in (*senders, operator):
        thread.start()
    # Any moment once the work is under way, however long its beginning takes here.
    deadline = time.monotonic() + 60
    while not (operator.acknowledged and any(sender.accepted for sender in senders)) and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(random.uniform(0, 0.75))
    gate.kill()
    for thread in (*senders, operator):
        thread.join(90)
        assert not thread.is_alive()
    assert [entry for sender in senders for entry in sender.unexpected] == []
    time.sleep(0.1)

    gate.start()
    provider.behave()
    received = collections.Counter(recipients(provider.received()))
    accepted = [number for sender in senders for number in sender.accepted]
    assert accepted, "there was load"
    assert [number for number, count in received.items() if count > 1] == [], "sent twice"
    assert [number for number in accepted if received[number] != 1] == [], "acknowledged and not sent"
    allowed = scene.allowed()
    assert [number for number in received if scene.digest(number) not in allowed] == [], "sent without a decision record"

    verdict = gate.run("audit", "verify", check=False)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    scene.suppressed += operator.acknowledged
    provider.forget()
    probe = Sender(gate.port, gate.certificates.ca, iter(()))
    # The newest are those a crash endangers; the older ones are sampled.
    asked = list(operator.acknowledged) + random.sample(scene.suppressed, min(50, len(scene.suppressed)))
    assert [number for number in asked if probe.send(number) != 400] == [], "an acknowledged opt-out was forgotten"
    assert provider.count() == 0
    scene.rounds += 1


def test_the_files_are_sound_after_all_rounds(scene):
    assert scene.rounds > 0 and scene.suppressed
    assert scene.gate.stop() == 0
    for command in (("audit", "verify"), ("ledger", "verify")):
        result = scene.gate.run(*command, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
    print(f"{scene.rounds} kills, {len(scene.suppressed)} opt-outs acknowledged, {len(scene.allowed())} sends let out")


def test_no_send_begun_after_an_acknowledgement_is_received(home, provider):
    """Two event loops, eight senders that ask for the same people over and over, and an operator that opts them out."""
    people = [f"+1404500{number:04}" for number in range(150)]
    gate = Installation(home / "race", provider)
    with gate.start():
        provider.behave()
        provider.forget()
        senders = [Sender(gate.port, gate.certificates.ca, iter(())) for _ in range(8)]
        passed, stop = [], threading.Event()

        def ask(sender):
            while not stop.is_set():
                person = random.choice(people)
                begun = time.monotonic()
                if sender.send(person) == 201:
                    passed.append((person, begun))

        threads = [threading.Thread(target=ask, args=(sender,)) for sender in senders]
        for thread in threads:
            thread.start()
        operator = Operator(gate.admin(), iter(people))
        operator.run()
        time.sleep(0.3)
        stop.set()
        for thread in threads:
            thread.join()
        assert len(operator.acknowledged) == len(people)
        assert len(passed) > 50, "the race was run"
        assert [entry for entry in passed if entry[1] > operator.acknowledged[entry[0]]] == []
        assert len(provider.received()) == len(passed)
        assert gate.stop() == 0
