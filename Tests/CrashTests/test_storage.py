"""kill -9 at random moments of imports, backups and restores, by the commands that people run; and disks that are full.

Lists, compaction and the rotation of the secret are killed in Tests/ListsTests/CrashTests.swift.
"""

import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import threading

import pytest

from installation import Installation, some
from rig import Certificates, Provider, product
from sender import Operator

ROWS = 12_000
#: Events of one transaction of an import.
BATCH = 4000


def row(number, format):
    if format == "csv":
        return f"{number},sms voice,stop,2026-03-01T09:30:00Z\n"
    return json.dumps({"phone": number, "channels": ["sms", "voice"], "reason": "stop", "requested_at": "2026-03-01T09:30:00Z"}) + "\n"


def write(path, numbers, format):
    header = "phone,channels,reason,requested_at\n" if format == "csv" else ""
    path.write_text(header + "".join(row(number, format) for number in numbers))
    return path


def numbers(area, count):
    return [f"+1{area}{2_000_000 + number}" for number in range(count)]


@pytest.fixture(scope="module")
def home():
    home = pathlib.Path(tempfile.mkdtemp(prefix="stopgate-storage-"))
    yield home
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def provider(home):
    provider = Provider(product("stopgate-mock"), Certificates(home / "certs"), home)
    yield provider
    provider.stop()


class Import:
    """A file of opt-outs that is imported again and again; begun anew when it is all there."""

    def __init__(self, home, provider, format):
        self.people = numbers(415 if format == "csv" else 416, ROWS)
        self.installation = Installation(home / f"import-{format}", provider)
        self.file = write(home / f"in.{format}", self.people, format)
        self.milliseconds = self.installation.duration("import", self.file)
        self.installation.clear()
        self.kills = self.cut = self.recorded = 0

    def check(self):
        """The ledger holds the file's first rows, whole transactions of them, and no fewer than before."""
        recorded = self.installation.verify()
        assert recorded >= self.recorded, "recorded before, and lost"
        assert recorded % BATCH == 0 or recorded == ROWS, "half a transaction"
        assert self.installation.identifiers() == self.people[:recorded]
        self.recorded = recorded
        return recorded


@pytest.fixture(scope="module", params=["csv", "ndjson"])
def imported(request, home, provider):
    imported = Import(home, provider, request.param)
    with imported.installation:
        yield imported
    print(f"import of {request.param}: {imported.kills} kills, {imported.cut} of them after something was recorded")


def test_killed_while_importing(imported, round_number):
    installation = imported.installation
    if imported.recorded == ROWS:
        installation.clear()
        imported.recorded = 0
    code = installation.kill_command(random.uniform(0, imported.milliseconds * 0.9), "import", imported.file)
    assert code in (None, 0)
    imported.kills += code is None
    if not (installation.data / "ledger.sqlite").exists():
        return
    recorded = imported.check()
    imported.cut += code is None and 0 < recorded < ROWS
    if code == 0:
        assert recorded == ROWS, "acknowledged and not there"


def test_what_was_imported_is_in_force_after_all_kills(imported):
    installation = imported.installation
    before = imported.recorded
    answer = json.loads(installation.run("import", imported.file, "--json").stdout)
    assert (answer["known"], answer["added"]) == (before, ROWS - before)
    assert imported.check() == ROWS
    with installation.start():
        asked = some(imported.people)
        assert installation.refused(asked) == asked
        assert installation.refused(numbers(417, 5)) == []


def test_gate_killed_while_it_imports(home, provider, round_number):
    """Through a running gate, which dies: what its ledger holds is in force when it is back, and nothing else."""
    format = "csv" if round_number % 2 else "ndjson"
    installation = Installation(home / f"gate-{round_number}", provider)
    people = numbers(418, ROWS)
    with installation.start():
        file = write(home / f"gate.{format}", people, format)
        child = subprocess.Popen(
            [str(installation.binary), "import", str(file), "--config", str(installation.policies)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        threading.Event().wait(random.uniform(0.05, 1.5))
        installation.kill()
        code = child.wait(180)
        installation.start()
        recorded = installation.verify()
        assert installation.identifiers() == people[:recorded]
        assert recorded % BATCH == 0 or recorded == ROWS
        if code == 0:
            assert recorded == ROWS, "acknowledged and not there"
        asked = some(people[:recorded])
        assert installation.refused(asked) == asked
        assert installation.refused(some(people[recorded:], 5)) == []
    shutil.rmtree(installation.home)


class Vault:
    """A gate whose ledger grows by opt-outs one by one while it is backed up, and a place to try backups in."""

    def __init__(self, home, provider):
        self.installation = Installation(home / "vault", provider)
        self.spare = Installation(home / "spare", provider)
        self.backup = home / "backup"
        file = home / "vault.csv"
        file.write_text("".join(f"{number}\n" for number in numbers(212, 5000)))
        self.installation.run("import", write(home / "many.csv", numbers(213, ROWS), "csv"))
        self.installation.run("list", "load", "dnc", file)
        self.spare.data.mkdir(mode=0o700)
        shutil.copy(self.installation.data / "secret.key", self.spare.data / "secret.key")
        self.milliseconds = self.installation.duration("backup", home / "first")
        self.acknowledged = 0
        self.kills = self.whole = 0
        self._people = iter(numbers(214, 7_000_000))

    def people(self, count):
        return [next(self._people) for _ in range(count)]

    def is_whole(self, least):
        """Whether there is a backup; if so, it is a whole one that a restore takes."""
        if not self.backup.exists():
            return False
        self.spare.clear()
        self.spare.run("restore", self.backup, "--yes")
        assert self.spare.verify() >= least, "acknowledged before the backup began, and not in it"
        assert self.spare.lists() == {"dnc": 5000}
        return True


@pytest.fixture(scope="module")
def vault(home, provider):
    vault = Vault(home, provider)
    with vault.installation:
        yield vault
    print(f"backup: {vault.kills} kills, {vault.whole} backups whole and restored")


def test_killed_while_backing_up(vault, round_number):
    installation = vault.installation
    if vault.backup.exists():
        shutil.rmtree(vault.backup)
    before = installation.verify()
    if round_number % 2:
        # The command itself, on an installation that is stopped.
        if installation.process is not None and installation.process.is_running:
            assert installation.stop() == 0
        code = installation.kill_command(random.uniform(0, vault.milliseconds * 1.1), "backup", vault.backup)
        assert code in (None, 0)
        vault.kills += code is None
    else:
        # The gate that writes it, while people opt out.
        if installation.process is None or not installation.process.is_running:
            installation.start()
        operator = Operator(installation.admin(), vault.people(2000))
        operator.start()
        child = subprocess.Popen(
            [str(installation.binary), "backup", str(vault.backup), "--config", str(installation.policies)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        threading.Event().wait(random.uniform(0, vault.milliseconds * 1.5) / 1000)
        installation.kill()
        code = child.wait(180)
        operator.join(90)
        vault.kills += 1
        assert installation.verify() >= before + len(operator.acknowledged), "an acknowledged opt-out is lost"
    whole = vault.is_whole(before)
    assert whole or code != 0, "acknowledged and not there"
    vault.whole += whole


def test_after_the_kills_a_backup_is_written_where_one_was_cut_off(vault):
    if vault.backup.exists():
        shutil.rmtree(vault.backup)
    events = vault.installation.verify()
    vault.installation.run("backup", vault.backup)
    assert vault.is_whole(events)
    assert not pathlib.Path(f"{vault.backup}.partial").exists()


class Restores:
    """Two backups that differ in ledger and lists, and an installation that is restored from one and the other."""

    def __init__(self, home, provider):
        self.installation = Installation(home / "restored", provider)
        self.backups, self.people, self.keys = [], [numbers(303, 3000), numbers(304, ROWS)], [1000, 6000]
        for which, people in enumerate(self.people):
            self.installation.run("import", write(home / "restored.csv", people, "csv"))
            file = home / "restored-list.csv"
            file.write_text("".join(f"{number}\n" for number in numbers(305 + which, self.keys[which])))
            self.installation.run("list", "load", "dnc", file)
            self.backups.append(home / f"restored-{which}")
            self.installation.run("backup", self.backups[which])
        self.events = [3000, 3000 + ROWS]
        self.milliseconds = self.installation.duration("restore", self.backups[0], "--yes")
        self.present = 0
        self.kills, self.changed, self.finished = 0, 0, 0


@pytest.fixture(scope="module")
def restores(home, provider):
    restores = Restores(home, provider)
    with restores.installation:
        yield restores
    print(
        f"restore: {restores.kills} kills, after {restores.changed} of them the backup was in place, "
        f"{restores.finished} were cut off while they changed the installation and finished by what came next")


def test_killed_while_restoring(restores, round_number):
    installation = restores.installation
    other = 1 - restores.present
    order = ("restore", restores.backups[other], "--yes")
    # Two of three kills fall where things change places.
    if round_number % 3:
        code = installation.kill_when(installation.data / "restoring.json", random.choice([0, random.uniform(0, 30)]), *order)
    else:
        code = installation.kill_command(random.uniform(0, 1) * restores.milliseconds, *order)
    assert code in (None, 0)
    restores.kills += code is None
    restores.finished += (installation.data / "restoring.json").exists()
    if round_number % 3 == 2:
        # The next to open it is a gate.
        with installation.start():
            events = installation.verify()
            present = restores.events.index(events)
            asked = some(restores.people[present]) + some(numbers(305 + present, restores.keys[present]))
            assert installation.refused(asked) == asked
            assert installation.stop() == 0
    # The one or the other, ledger and lists alike.
    lists = installation.lists()
    events = installation.verify()
    assert events in restores.events
    present = restores.events.index(events)
    assert lists == {"dnc": restores.keys[present]}, "the ledger of one backup with the lists of another"
    if code == 0:
        assert present == other, "acknowledged and not done"
    restores.changed += code is None and present == other
    restores.present = present
    for kept in installation.data.glob("before-restore-*"):
        shutil.rmtree(kept)


@pytest.fixture
def small_disk(home):
    """A file system of 40 MiB; only root may make one."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a small tmpfs")
    place = home / "small"
    place.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m,mode=700", "none", str(place)], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no tmpfs here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk, leave):
    """Takes all but `leave` bytes of the disk; the file to remove when there is to be room again."""
    ballast = disk / "ballast"
    with open(ballast, "wb") as file:
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
        file.write(b"\0" * max(0, free - leave))
    return ballast


@pytest.mark.parametrize("leave", [0, 64 << 10, 1 << 20])
def test_import_on_a_full_disk(small_disk, home, provider, leave):
    installation = Installation(home / f"full-import-{leave}", provider, {"storage": {"directory": str(small_disk / "data")}})
    installation.data = small_disk / "data"
    people = numbers(505, ROWS)
    installation.run("suppress", "add", people[0], "--channel", "sms", "--channel", "voice")
    file = write(home / "full.csv", people, "csv")
    ballast = fill(small_disk, leave)
    failed = installation.run("import", file, check=False)
    assert failed.returncode not in (0, 1), failed.stdout
    assert "full" in failed.stderr.lower(), failed.stderr
    ballast.unlink()
    recorded = installation.verify()
    assert 1 <= recorded < ROWS
    assert installation.identifiers() == people[:max(1, recorded - 1)]
    # The first was suppressed before by an event of another source; the file's own event of it is new.
    answer = json.loads(installation.run("import", file, "--json").stdout)
    assert answer["added"] + answer["known"] == ROWS and answer["known"] == recorded - 1
    assert installation.identifiers() == people


def opt_out_until_refused(installation, people):
    """The log beside the ledger has room from earlier, so some opt-outs are still taken. Those, and the first that is not."""
    admin, taken = installation.admin(), []
    for person in people:
        try:
            admin.suppress(person)
        except OSError as refusal:
            assert "full" in str(refusal), refusal
            return taken, person
        taken.append(person)
    raise AssertionError("the disk never filled")


def test_gate_on_a_full_disk(small_disk, home, provider):
    """Lists, snapshots, backups and opt-outs are refused with the cause; what is suppressed stays suppressed."""
    installation = Installation(
        home / "full-gate", provider,
        {"storage": {"directory": str(small_disk / "data"), "audit": str(home / "full-gate-audit")}})
    installation.data = small_disk / "data"
    people = numbers(606, 4000)
    installation.run("import", write(home / "full-gate.csv", people, "csv"))
    listed = numbers(607, 200_000)
    file = home / "full-list.csv"
    file.write_text("".join(f"{number}\n" for number in listed[:1000]))
    with installation.start():
        installation.run("list", "load", "dnc", file)
        file.write_text("".join(f"{number}\n" for number in listed))
        ballast = fill(small_disk, 0)
        failed = installation.run("list", "load", "dnc", file, check=False)
        assert failed.returncode not in (0, 1) and "space" in failed.stderr.lower(), failed.stderr
        failed = installation.run("backup", small_disk / "backup", check=False)
        assert failed.returncode != 0 and ("space" in failed.stderr.lower() or "full" in failed.stderr.lower()), failed.stderr
        assert not (small_disk / "backup").exists() and not (small_disk / "backup.partial").exists()
        taken, refused = opt_out_until_refused(installation, numbers(608, 3000))
        asked = some(people) + some(listed[:1000]) + some(taken)
        assert installation.refused(asked) == asked
        assert installation.refused([refused, listed[-1]]) == []
        ballast.unlink()
        # Room again: everything works, without a start.
        installation.run("suppress", "add", refused)
        installation.run("list", "load", "dnc", file)
        asked += [refused, listed[-1]]
        assert installation.refused(asked) == asked
        installation.run("backup", small_disk / "backup")
        assert installation.stop() == 0
    assert installation.verify() == len(people) + len(taken) + 1
    # A start that has to build the index and has no room for it opens no gate that forgets.
    (installation.data / "index" / "index.snapshot").unlink()
    ballast = fill(small_disk, 0)
    refused = subprocess.run(
        [str(installation.binary), "list", "ls", "--config", str(installation.policies)], capture_output=True, text=True, timeout=60)
    told = refused.stderr.lower()
    assert refused.returncode != 0 and ("space" in told or "full" in told), refused.stdout + refused.stderr
    ballast.unlink()
    with installation.start():
        assert installation.refused(asked) == asked
