"""The admin API as its document and its guide describe it: every answer fits, every door is shut to whoever has no key."""

import http.client
import json
import os
import pathlib
import re
import socket
import subprocess
import time
import urllib.parse

import pytest
import yaml
from openapi_spec_validator import validate

from rig import ROOT, Gate, product
from rig.openapi import DOCUMENT, Description

DESCRIPTION = Description()


class Caller:
    """Calls the admin API by one of its doors, and holds every answer against the document."""

    def __init__(self, gate, token=None, door="port"):
        self.gate, self.token, self.door = gate, token, door

    def connection(self):
        return self.gate.admin() if self.door == "socket" else http.client.HTTPConnection("127.0.0.1", self.gate.admin_port, timeout=30)

    def call(self, method, target, body=None, fields=None, valid=True):
        fields = dict(fields or {})
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            fields.setdefault("Content-Type", "application/json")
        if self.token and "Authorization" not in fields:
            fields["Authorization"] = f"Bearer {self.token}"
        connection = self.connection()
        try:
            connection.request(method, target, body, fields)
            answer = connection.getresponse()
            self.content = answer.read()
            self.fields = {name.lower(): value for name, value in answer.getheaders()}
            self.status = answer.status
        finally:
            connection.close()
        if valid:
            DESCRIPTION.check(method, target, self.status, self.fields, self.content)
            if self.status in (200, 201) and body and fields.get("Content-Type") == "application/json":
                DESCRIPTION.check_request(method, target, body)
        return self

    def get(self, target, status=200):
        return self.json("GET", target, status)

    def post(self, target, body=None, status=200, **fields):
        return self.json("POST", target, status, body, fields)

    def json(self, method, target, status=200, body=None, fields=None):
        self.call(method, target, body, {name.replace("_", "-"): value for name, value in (fields or {}).items()})
        assert self.status == status, f"{method} {target}: {self.status} {self.content[:500]!r}"
        return json.loads(self.content)

    def lines(self, target, body=None):
        self.call("POST", target, body if body is not None else {})
        assert self.status == 200, self.content
        return [json.loads(line) for line in self.content.decode().splitlines()]


@pytest.fixture(scope="module")
def gate(certificates, session_provider, home):
    """A gate of its own, with the port open."""
    with Gate(product("stopgate"), certificates, home / "admin", session_provider, {"admin": {"health_port": 0, "port": 0}}) as gate:
        gate.start()
        gate.admin_port = int(gate.process.wait_for(r"listening address=\S+ port=(\d+) role=admin")[1])
        yield gate
        assert gate.process.is_running, f"the gate died:\n{gate.process.output}"
        assert gate.stop() == 0


def token(gate, name, *scopes, **options):
    arguments = [word for scope in scopes for word in ("--scope", scope)] + [word for key, value in options.items() for word in (f"--{key}", value)]
    return gate.run("token", "create", "--name", name, *arguments).stdout.strip()


@pytest.fixture(scope="module")
def tokens(gate):
    return {scope: token(gate, f"the-{scope}", scope) for scope in ("read", "write", "admin")}


@pytest.fixture
def api(gate, tokens):
    return Caller(gate, tokens["admin"])


@pytest.fixture
def local(gate):
    return Caller(gate, door="socket")


numbers = iter(range(14155570000, 14155579999))


@pytest.fixture
def person():
    return f"+{next(numbers)}"


def quoted(text):
    return urllib.parse.quote(text, safe="")


def test_the_document_is_openapi_3_1():
    validate(yaml.safe_load(DOCUMENT.read_text()))


# -- people

def test_an_opt_out_is_added_explained_listed_and_taken_back(api, person):
    receipt = api.post("/v1/suppressions", {
        "identifier": person, "channels": ["sms", "voice"], "reason": "complaint", "evidence": "leave me alone",
        "evidence_reference": "ticket 7", "requested_at": "2026-11-20T17:00:00Z", "actor": "ada"}, 201)
    assert receipt["events"][0]["is_new"] is True
    answer = api.get(f"/v1/check?identifier={quoted(person)}")
    assert answer["suppressed"] and answer["enforced"] == ["sms", "voice"]
    [reading] = answer["readings"]
    assert reading["holdings"][0]["words"] == "leave me alone" and reading["holdings"][0]["system"] == "the-admin"
    history = api.get(f"/v1/persons/{quoted(person)}/history")
    [event] = history["events"]
    assert event["evidence_reference"] == "ticket 7" and event["actor"] == "ada" and event["system"] == "the-admin"
    assert event["due_on"] and event["calendar"] == "us-federal-1/10/America/New_York"
    assert api.get(f"/v1/suppressions?prefix={quoted(person)}&channel=sms&reason=complaint")["suppressions"][0]["due_at"] == event["due_at"]
    removal = {"identifier": person, "reason": "mistake", "actor": "ann", "evidence": "called back"}
    assert api.post("/v1/suppressions/remove", {k: v for k, v in removal.items() if k != "actor"}, 422)["at"] == "actor"
    assert api.post("/v1/suppressions/remove", {k: v for k, v in removal.items() if k != "reason"}, 422)["at"] == "reason"
    api.post("/v1/suppressions/remove", removal)
    assert api.get(f"/v1/check?identifier={quoted(person)}")["enforced"] == []
    assert [e["action"] for e in api.get(f"/v1/persons/{quoted(person)}/history")["events"]] == ["opt-out", "removal"]


def test_a_batch_records_what_can_be_read(api):
    people = [f"+{next(numbers)}" for _ in range(5)]
    orders = [{"identifier": person} for person in people]
    receipt = api.post("/v1/suppressions/batch", {"orders": orders}, 201)
    assert (receipt["recorded"], receipt["known"], receipt["rejected"]) == (5, 0, 0)
    mixed = [{"identifier": f"+{next(numbers)}"}, {"identifier": "12"}, {"identifier": "+14155550123", "chanels": ["sms"]}, 7, {}]
    receipt = api.call("POST", "/v1/suppressions/batch", {"orders": mixed}, {"Idempotency-Key": "batch-1"}) and json.loads(api.content)
    assert api.status == 207 and [r["status"] for r in receipt["results"]] == ["recorded"] + ["rejected"] * 4
    assert [r.get("at") for r in receipt["results"]] == [None, "identifier", "chanels", None, "identifier"]
    assert api.get(f"/v1/check?identifier={quoted(mixed[0]['identifier'])}")["suppressed"]
    # One id of the batch says something else than before: it alone is refused.
    same = [{"identifier": people[0], "id": "a"}, {"identifier": people[1], "id": "b"}]
    api.post("/v1/suppressions/batch", {"orders": same}, 201)
    clash = [{"identifier": people[2], "id": "a"}, {"identifier": people[3], "id": "c"}, {"identifier": people[1], "id": "b"}]
    receipt = api.post("/v1/suppressions/batch", {"orders": clash}, 207)
    assert [r["status"] for r in receipt["results"]] == ["rejected", "recorded", "known"]
    assert api.post("/v1/suppressions/batch", {"orders": [{"identifier": "+14155550100"}] * 1001}, 422)["at"] == "orders"


def test_pages_by_cursor_cover_everything_once(api):
    people = [f"+{next(numbers)}" for _ in range(7)]
    api.post("/v1/suppressions/batch", {"orders": [{"identifier": p, "reason": "paging"} for p in people]}, 201)
    seen, cursor = [], None
    while True:
        page = api.get("/v1/suppressions?reason=paging&limit=2" + (f"&cursor={cursor}" if cursor else ""))
        seen += [line["identifier"] for line in page["suppressions"]]
        cursor = page.get("next_cursor")
        if cursor is None:
            break
    assert seen == people
    assert api.get("/v1/suppressions?cursor=xyz", 422)["at"] == "cursor"


def test_links_make_one_person_and_are_explained(api, person):
    mail = f"{person[1:]}@example.com"
    api.post("/v1/suppressions", {"identifier": mail, "reach": "person", "channels": ["sms", "email"]}, 201)
    assert api.get(f"/v1/check?identifier={quoted(person)}")["suppressed"] is False
    order = {"identifier": person, "linked_identifier": mail, "reason": "crm-record", "confidence": 0.9, "actor": "ada"}
    receipt = api.post("/v1/links", order, 201)
    assert sorted(receipt["person"]) == sorted([person, mail])
    [reading] = api.get(f"/v1/check?identifier={quoted(person)}")["readings"]
    assert reading["blocked"] == ["sms", "email"] and reading["linked"] == 1
    assert reading["links"][0]["reason"] == "crm-record" and reading["links"][0]["confidence"] == 0.9
    assert reading["holdings"][0]["via"] and mail not in reading["holdings"][0]["via"]
    history = api.get(f"/v1/persons/{quoted(person)}/history")
    assert [event["action"] for event in history["events"]] == ["opt-out", "link"]
    assert api.get(f"/v1/persons/{quoted(mail)}/history?limit=1")["next_cursor"]
    assert api.post("/v1/links/remove", {**order, "reason": ""}, 422)["at"] == "reason"
    assert api.post("/v1/links/remove", {k: v for k, v in order.items() if k != "confidence"})["person"] == [person]
    assert api.get(f"/v1/check?identifier={quoted(person)}")["suppressed"] is False
    assert api.post("/v1/links", {"identifier": person, "linked_identifier": person}, 422)["at"] == "linked_identifier"
    assert api.post("/v1/links", {**order, "confidence": 2}, 422)["at"] == "confidence"


@pytest.mark.parametrize("asked, other", [
    ("+525512345678", "+5215512345678"), ("+541123456789", "+5491123456789"), ("+5511987654321", "+551187654321"),
    ("janedoe@gmail.com", "Jane.Doe+news@googlemail.com")])
def test_equivalents_are_one_identifier(api, asked, other):
    api.post("/v1/suppressions", {"identifier": other}, 201)
    answer = api.get(f"/v1/check?identifier={quoted(asked)}")
    assert answer["suppressed"] and answer["enforced"]
    equivalents = answer["readings"][0]["equivalents"]
    assert equivalents, asked
    if asked.startswith("+"):
        assert other in equivalents or asked in equivalents
    else:
        assert "janedoe@googlemail.com" in equivalents and "janedoe+anything@gmail.com" in equivalents


def test_a_tag_is_covered_by_its_base_address(api):
    api.post("/v1/suppressions", {"identifier": "covering@example.com"}, 201)
    answer = api.get("/v1/check?identifier=" + quoted("covering+news@example.com"))
    assert answer["suppressed"] and answer["enforced"], "the gate blocks it, so the check must say so"
    assert [r["relation"] for r in answer["readings"]] == ["itself", "base-address"]
    assert not answer["readings"][0]["holdings"] and answer["readings"][1]["holdings"]


# -- files, lists, operation

def test_import_and_export(api):
    people = [f"+{next(numbers)}" for _ in range(3)]
    table = "phone,reason\r\n" + "".join(f"{p},imported\r\n" for p in people) + "nobody,imported\r\n"
    csv = {"Content-Type": "text/csv"}
    assert api.json("POST", "/v1/import?dry_run=true", 200, table, csv)["added"] == 3
    receipt = api.json("POST", "/v1/import?source=table.csv", 200, table, csv)
    assert receipt["added"] == 3 and receipt["rejected_rows"][0]["line"] == 5
    assert api.json("POST", "/v1/import?source=table.csv", 200, table, csv)["known"] == 3
    assert api.json("POST", "/v1/import?dry_run=maybe", 422, table, csv)["at"] == "dry_run"
    api.call("GET", "/v1/export?format=ndjson&reason=imported")
    assert [json.loads(line)["identifier"] for line in api.content.splitlines()] == people
    exported = api.call("GET", "/v1/export?reason=imported").content
    assert exported.startswith(b"identifier,kind") and exported.count(b"\r\n") == 4
    assert api.json("POST", "/v1/import", 200, exported.decode(), csv)["rejected"] == 0


def test_lists(api, home, gate):
    name, path = "dnc", home / "dnc.csv"
    path.write_text("phone\n+14155558001\n+14155558002\nnonsense\n")
    lines = api.lines(f"/v1/lists/{name}", {"path": str(path), "kind": "phone", "channels": ["voice"], "reason": "dnc", "rejected_rows": str(home / "rejected.csv")})
    assert lines[-1]["done"]["list"]["rejected"] == 1
    assert api.get("/v1/check?identifier=%2B14155558001")["lists"][0]["name"] == name
    assert api.lines(f"/v1/lists/{name}", {"path": str(path), "kind": "phone", "channels": ["voice"], "reason": "dnc"})[-1]["done"]["unchanged"]
    path.write_text("phone\n+14155558002\n+14155558003\n")
    assert "done" in api.lines(f"/v1/lists/{name}", {"path": str(path), "kind": "phone", "channels": ["voice"], "reason": "dnc"})[-1]
    versions = api.get("/v1/lists")["lists"]
    assert [entry["current"] for entry in versions] == [True, False]
    # A rollback that is called again with its key is not a second one.
    first = api.post(f"/v1/lists/{name}/rollback", Idempotency_Key="rollback-1")
    assert first["version"] == versions[1]["version"]
    assert api.post(f"/v1/lists/{name}/rollback", Idempotency_Key="rollback-1") == first
    assert api.fields["idempotency-replayed"] == "true"
    assert api.get("/v1/lists")["lists"][0]["version"] == first["version"]
    assert "failed" in api.lines(f"/v1/lists/{name}", {"path": str(home / "nowhere"), "kind": "phone"})[-1]
    # Rejected rows may not be written over anything else.
    victim = gate.data / "secret.key"
    before = victim.read_bytes()
    problem = api.post(f"/v1/lists/{name}", {"path": str(path), "kind": "phone", "rejected_rows": str(victim)}, 422)
    assert problem["at"] == "rejected_rows" and victim.read_bytes() == before
    assert api.json("DELETE", f"/v1/lists/{name}")["lists"] == []
    assert api.json("DELETE", f"/v1/lists/{name}", 404)["detail"]


def test_operation(api, home):
    assert api.get("/v1/status")["ready"] is True
    assert api.get("/v1/snapshot")["changes"] >= 0
    assert api.post("/v1/snapshot")["changes"] == 0
    assert api.post("/v1/reload")["ready"] is True
    lines = api.lines("/v1/ledger/verify")
    assert lines[-1]["done"]["sound"] is True, lines[-1]
    assert {line["step"]["phase"] for line in lines[:-1]} == {"ledger", "lists", "index"}
    directory = str(home / "backup")
    assert api.post("/v1/backup", {"directory": directory}, 201)["directory"] == directory
    assert api.post("/v1/backup", {"directory": directory}, 409)["at"] == "directory"
    assert api.post("/v1/backup", {"directory": "here"}, 422)["at"] == "directory"
    assert "failed" in api.lines("/v1/rotation", {"drop_lists": ["unknown"]})[-1]
    assert api.lines("/v1/rotation")[-1]["done"]["at_next_start"] is True


# -- idempotency

def test_a_call_with_a_key_is_made_once(api, gate, tokens, person):
    order = {"identifier": person, "reason": "once"}
    first = api.post("/v1/suppressions", order, 201, Idempotency_Key="crm-1")
    assert api.post("/v1/suppressions", order, 201, Idempotency_Key="crm-1") == first
    assert api.fields["idempotency-replayed"] == "true"
    assert api.post("/v1/suppressions", order, 201, Idempotency_Key='"crm-1"') == first, "RFC 8941 writes it in quotes"
    assert api.post("/v1/suppressions", {"identifier": "+14155550199"}, 422, Idempotency_Key="crm-1")["at"] == "idempotency-key"
    # Another caller's key of the same name is another key.
    other = Caller(gate, tokens["write"])
    assert other.post("/v1/suppressions", {"identifier": f"+{next(numbers)}"}, 201, Idempotency_Key="crm-1")["events"][0]["is_new"]
    for bad in ("", "a b", "x" * 201, "é".encode().decode("latin-1")):
        assert api.post("/v1/suppressions", order, 400, Idempotency_Key=bad)["at"] == "idempotency-key"
    # Nor does anybody's id take another's: of a token, of a provider's signal, of an import.
    own = {"identifier": f"+{next(numbers)}", "id": "twilio:SM1"}
    assert api.post("/v1/suppressions", own, 201)["events"][0]["event_id"] == "id:the-admin:twilio:SM1"
    assert other.post("/v1/suppressions", {**own, "identifier": f"+{next(numbers)}"}, 201)["events"][0]["is_new"]
    assert api.post("/v1/suppressions", {**own, "identifier": f"+{next(numbers)}"}, 409)
    # What was refused may be mended and sent again under its key.
    assert api.post("/v1/suppressions", {"identifier": "12"}, 422, Idempotency_Key="crm-2")
    assert api.post("/v1/suppressions", order, 201, Idempotency_Key="crm-2")["events"][0]["is_new"]


def test_the_key_of_an_order_outlives_the_gate(certificates, session_provider, home):
    with Gate(product("stopgate"), certificates, home / "again", session_provider) as gate:
        gate.start()
        local = Caller(gate, door="socket")
        order = {"identifier": "+14155550123"}
        assert local.post("/v1/suppressions", order, 201, Idempotency_Key="k")["events"][0]["is_new"]
        local.post("/v1/suppressions/remove", {**order, "reason": "x", "actor": "ann"}, Idempotency_Key="r")
        gate.kill()
        gate.start()
        assert local.post("/v1/suppressions", {"identifier": "+14155550124"}, 409, Idempotency_Key="k")
        assert local.post("/v1/suppressions", order, 201, Idempotency_Key="k")["events"][0]["is_new"] is False
        assert local.get("/v1/check?identifier=%2B14155550123")["suppressed"] is False, "the old call does not undo the removal"


# -- who may

OPERATIONS = sorted((method, path, operation["x-scope"]) for (method, path), operation in DESCRIPTION.operations.items())


def target(path):
    return path.replace("{identifier}", quoted("+14155550123")).replace("{name}", "nolist")


@pytest.mark.parametrize("method, path, scope", OPERATIONS)
def test_every_operation_asks_for_its_scope(gate, tokens, method, path, scope):
    """One row of the table (operation, credential) -> status."""
    before = Caller(gate, door="socket").get("/v1/status")["ledger_position"]
    for held, secret in tokens.items():
        caller = Caller(gate, secret).call(method, target(path), b"" if method == "POST" else None)
        if held in (scope, "admin"):
            assert caller.status not in (401, 403), f"{held}: {caller.content}"
        else:
            problem = json.loads(caller.content)
            assert (caller.status, problem["required_scope"], problem["token_scopes"]) == (403, scope, [held])
            assert f'scope="{scope}"' in caller.fields["www-authenticate"]
    assert Caller(gate, door="socket").get("/v1/status")["ledger_position"] == before


@pytest.fixture(scope="module")
def guarded(certificates, session_provider, home):
    """A gate whose refusals run out: its own, so that they do for nobody else."""
    with Gate(product("stopgate"), certificates, home / "guarded", session_provider, {"admin": {"health_port": 0, "port": 0}}) as gate:
        gate.start()
        gate.admin_port = int(gate.process.wait_for(r"listening address=\S+ port=(\d+) role=admin")[1])
        yield gate
        assert gate.stop() == 0


def test_nobody_gets_in_without_a_good_token_and_refusals_run_out(guarded):
    good = token(guarded, "good", "admin")
    short = token(guarded, "short", "admin", expires="2999-01-01")
    revoked = token(guarded, "revoked", "admin")
    guarded.run("token", "revoke", "revoked")
    titles = []
    for fields in ({}, {"Authorization": "Bearer stopgate_" + "A" * 43}, {"Authorization": f"Bearer {revoked}"}, {"Authorization": f"Basic {good}"},
                   {"Authorization": "Bearer"}, {"Authorization": f"Bearer {good} {good}"}, {"Authorization": f"Bearer {good[:-1]}"}):
        caller = Caller(guarded).call("GET", "/v1/status", fields=fields)
        assert caller.status == 401 and caller.fields["www-authenticate"].startswith("Bearer realm="), fields
        titles.append(json.loads(caller.content)["title"])
        assert good not in caller.content.decode()
    assert titles == ["no token", "unknown token", "revoked token", "no bearer token", "no bearer token", "no bearer token", "unknown token"]
    assert Caller(guarded, short).call("GET", "/v1/status").status == 200
    # Even a path that there is not says nothing to a stranger.
    assert Caller(guarded).call("GET", "/v1/nowhere").status == 401
    # The limit lets go of one refusal a second, which a slow machine must outrun.
    statuses = [401]
    while statuses[-1] == 401 and len(statuses) < 300:
        statuses.append(Caller(guarded, "stopgate_guess").call("GET", "/v1/status").status)
    assert statuses[1] == 401 and statuses[-1] == 429
    limited = Caller(guarded, "stopgate_guess").call("GET", "/v1/status")
    assert int(limited.fields["retry-after"]) >= 1
    assert Caller(guarded, good).call("GET", "/v1/status").status == 200, "whoever guesses locks nobody out"
    refused = [record for record in guarded.audit_records() if record.get("what") == "admin-refused"]
    assert 7 <= len(refused) <= 7 + len(statuses), "noted, and no more than were refused before the limit"


def test_a_token_ends_when_it_is_said_to(gate):
    path = gate.data / "tokens.json"
    secret = token(gate, "brief", "read", expires="1h")
    assert Caller(gate, secret).call("GET", "/v1/status").status == 200
    content = json.loads(path.read_text())
    for entry in content["tokens"]:
        if entry["name"] == "brief":
            entry["expires_at"] = "2020-01-01T00:00:00.000Z"
    replacement = path.with_suffix(".new")
    replacement.touch(0o600)
    replacement.write_text(json.dumps(content))
    os.replace(replacement, path)
    caller = Caller(gate, secret).call("GET", "/v1/status")
    assert caller.status == 401 and "expired" in json.loads(caller.content)["detail"]


def test_a_revocation_holds_for_the_next_call_and_is_in_the_audit_log(gate):
    secret = token(gate, "leaked", "read")
    caller = Caller(gate, secret)
    assert caller.call("GET", "/v1/status").status == 200
    gate.run("token", "revoke", "leaked")
    assert caller.call("GET", "/v1/status").status == 401
    listed = json.loads(gate.run("token", "list", "--json").stdout)["tokens"]
    assert [t["state"] for t in listed if t["name"] == "leaked"] == ["revoked"]
    assert secret not in json.dumps(listed)
    uid = f"uid:{os.getuid()}"
    wanted = {("token-created", uid, "leaked: read"), ("token-revoked", uid, "leaked")}
    # The gate looks at the file of tokens once a second.
    deadline = time.monotonic() + 30
    while True:
        events = {(r["what"], r["actor"], r["detail"]) for r in gate.audit_records() if r.get("what", "").startswith("token-")}
        if wanted <= events or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    assert wanted <= events


def test_every_change_names_its_caller_in_the_audit_log(api, local, gate, person):
    api.post("/v1/suppressions", {"identifier": person, "reason": "audited", "actor": "ada"}, 201)
    local.post("/v1/suppressions", {"identifier": f"+{next(numbers)}", "reason": "audited"}, 201)
    local.post("/v1/suppressions/remove", {"identifier": person, "reason": "audited", "actor": "ann"})
    found = [(r["what"], r["actor"], r["detail"]) for r in gate.audit_records() if r.get("what", "").startswith("suppression-") and "audited" in r["detail"]]
    uid = f"uid:{os.getuid()}"
    assert found == [("suppression-add", "token:the-admin", "audited for ada"), ("suppression-add", uid, "audited"),
                     ("suppression-remove", uid, "audited for ann")]


def test_a_token_limits_its_holder_on_the_socket_too(gate, tokens):
    caller = Caller(gate, tokens["read"], door="socket")
    assert caller.call("GET", "/v1/status").status == 200
    assert caller.call("POST", "/v1/reload").status == 403


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_another_user_needs_a_token_on_a_socket_that_was_opened_wider(gate, tokens):
    path = gate.data / "admin.sock"
    modes = [(place, place.stat().st_mode & 0o777) for place in (gate.data, path)]
    os.chmod(gate.data, 0o711)
    os.chmod(path, 0o666)
    reading, writing = os.pipe()
    try:
        if (child := os.fork()) == 0:
            try:
                os.chdir(gate.data)
                os.setuid(65534)
                for token in ("", tokens["read"]):
                    with socket.socket(socket.AF_UNIX) as connection:
                        connection.connect("admin.sock")
                        credential = f"Authorization: Bearer {token}\r\n" if token else ""
                        connection.sendall(f"GET /v1/status HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n{credential}\r\n".encode())
                        os.write(writing, connection.recv(65536).split()[1] + b" ")
                os._exit(0)
            finally:
                os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
        assert os.read(reading, 100).split() == [b"401", b"200"]
    finally:
        for place, mode in modes:
            os.chmod(place, mode)
        os.close(reading)
        os.close(writing)


# -- browsers

@pytest.mark.parametrize("host, good", [
    ("localhost", True), ("127.0.0.1:80", True), ("[::1]:9465", True), ("LOCALHOST:1", True), ("evil.example", False), ("127.0.0.1.evil.example", False),
    ("localhost:80:80", False), ("localhost:", False), ("127.0.0.1:x", False), ("127.0.0.2", False), ("2130706433", False)])
def test_another_hosts_name_is_refused(gate, tokens, host, good):
    """What a page sends whose name resolves to 127.0.0.1 (DNS rebinding)."""
    with socket.create_connection(("127.0.0.1", gate.admin_port), timeout=10) as connection:
        connection.sendall(f"GET /v1/status HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {tokens['read']}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    assert int(answer.split()[1]) == (200 if good else 421), answer[:300]


def test_two_hosts_are_refused(gate, tokens):
    with socket.create_connection(("127.0.0.1", gate.admin_port), timeout=10) as connection:
        connection.sendall(
            f"GET /v1/status HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nAuthorization: Bearer {tokens['read']}\r\nConnection: close\r\n\r\n".encode())
        answer = connection.recv(65536)
    assert answer.split()[1] in (b"400", b"421"), answer[:300]


@pytest.mark.parametrize("fields, status", [
    ({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403), ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-origin"}, 200), ({"Sec-Fetch-Site": "none"}, 200)])
def test_other_origins_are_refused(gate, tokens, fields, status):
    assert Caller(gate, tokens["read"]).call("GET", "/v1/status", fields=fields).status == status


def test_there_is_no_preflight(gate, tokens):
    fields = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    assert Caller(gate).call("OPTIONS", "/v1/suppressions", fields=fields).status == 403
    caller = Caller(gate, tokens["admin"]).call("OPTIONS", "/v1/suppressions")
    assert caller.status == 405 and caller.fields["allow"] == "GET, POST"


# -- limits and mistakes

def test_large_and_foreign_bodies_are_refused(api):
    assert api.call("POST", "/v1/suppressions", "x" * (1 << 20 | 1), {"Content-Type": "application/json"}).status == 413
    assert api.call("POST", "/v1/suppressions", "identifier=1", {"Content-Type": "application/x-www-form-urlencoded"}).status == 415
    assert api.call("POST", "/v1/suppressions", "[]", {"Content-Type": "application/json"}).status == 400
    assert api.call("PATCH", "/v1/suppressions", "{}", {"Content-Type": "application/json"}).status == 405
    assert api.call("GET", "/v1/nothing").status == 404
    assert api.call("GET", "/v1/persons/%ff%zz/history").status in (400, 422)
    assert json.loads(api.call("GET", "/v1/status?colour=red").content)["at"] == "colour"


def test_a_port_elsewhere_than_on_loopback_is_refused(gate, home):
    other = home / "elsewhere"
    other.mkdir(exist_ok=True)
    settings = json.loads((gate.policies / "stopgate.yaml").read_text())
    settings["admin"] = {"port": 1234, "address": "0.0.0.0"}
    subprocess.run(["cp", "-r", str(gate.policies), str(other / "policies")], check=True)
    (other / "policies" / "stopgate.yaml").write_text(json.dumps(settings, indent=2))
    result = subprocess.run([str(gate.binary), "policy", "check", "--config", str(other / "policies")], capture_output=True, text=True)
    assert result.returncode == 1 and "loopback" in result.stdout + result.stderr


# -- the command line

def test_the_command_line_links_unlinks_and_shows_histories(gate, person):
    mail = f"{person[1:]}@example.org"
    gate.run("suppress", "add", mail, "--reach", "person", "--evidence", "never again", "--requested-at", "2026-11-20")
    assert "linked" in gate.run("link", person, mail, "--reason", "crm-record", "--confidence", "0.8", "--actor", "ada").stdout
    check = gate.run("check", person, check=False)
    assert check.returncode == 1
    assert "link " in check.stdout and "crm-record" in check.stdout and "confidence 0.8" in check.stdout and "blocked by the running gate now" in check.stdout
    history = gate.run("history", person).stdout
    assert mail in history and "due by the end of 20" in history and '"never again"' in history and "us-federal-1" in history
    page = json.loads(gate.run("history", mail, "--json").stdout)
    DESCRIPTION._validate(page, {"$ref": "#/components/schemas/HistoryPage"}, "history --json")
    assert [event["action"] for event in page["events"]] == ["opt-out", "link"]
    assert gate.run("unlink", person, mail, "--reason", "wrong-match", check=False).returncode == 64
    assert "unlinked" in gate.run("unlink", person, mail, "--reason", "wrong-match", "--actor", "ann").stdout
    assert gate.run("check", person).returncode == 0
    assert gate.run("history", "+14155550000", check=False).returncode == 1
    bad = gate.run("link", person, "12", "--reason", "x", check=False)
    assert bad.returncode == 2 and "linked_identifier" in bad.stderr
    assert gate.run("link", person, person, "--reason", "x", check=False).returncode == 2
    other = json.loads(gate.run("link", person, "crm-4711", "--linked-kind", "external", "--reason", "crm", "--json").stdout)
    assert other["is_new"] and other["enforced"]


def test_the_command_line_verifies(gate):
    result = gate.run("ledger", "verify")
    assert "sound" in result.stdout and "index compared key by key" in result.stdout
    report = json.loads(gate.run("ledger", "verify", "--json").stdout)
    DESCRIPTION._validate({"done": report}, {"$ref": "#/components/schemas/VerificationLine"}, "verify --json")


def test_the_command_line_says_what_is_wrong_with_a_token(gate):
    for arguments, code, word in [
            (["--name", "Bad", "--scope", "read"], 2, "small letters"), (["--name", "ok"], 64, "--scope"), (["--name", "ok", "--scope", "root"], 64, "root"),
            (["--name", "the-read", "--scope", "read"], 2, "already"), (["--name", "ok", "--scope", "read", "--expires", "soon"], 2, "soon"),
            (["--name", "ok", "--scope", "read", "--expires", "2020-01-01"], 2, "over already")]:
        result = gate.run("token", "create", *arguments, check=False)
        assert result.returncode == code and word in result.stderr, (arguments, result)
    assert gate.run("token", "revoke", "nobody", check=False).returncode == 2


# -- the guide

def test_the_examples_of_the_guide_work(certificates, session_provider, home):
    """Every command of docs/admin-api.md, in its order, against a fresh gate."""
    text = (ROOT / "docs" / "admin-api.md").read_text()
    blocks = re.findall(r"```sh\n(.*?)```", text, re.S)
    assert len(blocks) > 8
    with Gate(product("stopgate"), certificates, home / "guide", session_provider, {"admin": {"health_port": 0, "port": 0}}) as gate:
        gate.start()
        port = gate.process.wait_for(r"listening address=\S+ port=(\d+) role=admin")[1]
        (gate.home / "dnc.csv").write_text("phone\n+14155550188\n")
        (gate.home / "opt-outs.csv").write_text("phone,reason\n+14155550177,stop\n")
        function = f'stopgate() {{ "{pathlib.Path(gate.binary).resolve()}" "$@"; }}'
        script = "\n".join(["set -eu -o pipefail", function, *blocks]).replace("9465", port)
        result = subprocess.run(["bash", "-c", script], cwd=gate.home, capture_output=True, text=True, timeout=120)
        assert result.returncode == 0, result.stdout + result.stderr


def test_zz_every_operation_was_called_and_answered():
    """Last: what no test calls is not kept true."""
    assert DESCRIPTION.called == set(DESCRIPTION.operations)
