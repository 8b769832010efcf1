"""Real parsers that read what Stopgate forwards.

A member takes one body and says which texts it finds where recipients stand (to, cc, bcc). Members in other languages are
programs that read cases from standard input and answer on standard output, both with a length in front (four bytes, the
highest first):

    case      kind (length in one byte), Content-Type (length in two bytes), body (the rest)
    answer    JSON: {"to": [text, ...]} or {"error": why the body was not read}
"""

import email.parser
import email.policy
import email.utils
import io
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import unicodedata
import urllib.parse
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "panel"
SLOT = re.compile(r"^\s*\[?(to|cc|bcc)\b", re.IGNORECASE)

# Known to Probe/Judge.swift as well.
SUPPRESSED = {"gone@example.com", "left@example.org", "user@xn--mnchen-3ya.example", "user@münchen.example"}


def suppressed_in(text):
    """Whether any reader could take some part of `text` for the address of somebody who has opted out."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = "".join(c for c in folded if unicodedata.category(c) != "Cf")
    number = re.fullmatch(r"\s*([a-z]+:)?([\d\s()+.\-/~]*)((ext|x|#|;)[^@]*)?", folded)
    if number:
        digits = "".join(str(unicodedata.digit(c)) for c in number.group(2) if c.isdigit())
        if re.sub(r"^(00|011)", "", digits) in ("4155550100", "14155550100"):
            return True
    for word in re.findall(r"[^\s<>,;:\"()\[\]]+@[^\s<>,;:\"()\[\]]+", folded):
        local, _, domain = word.rpartition("@")
        if f"{local.split('+')[0]}@{domain.rstrip('.')}" in SUPPRESSED:
            return True
    return False


class Member:
    """A parser. `readers` maps a kind of body to a function of body and Content-Type that gives texts or raises."""

    def __init__(self, name, readers):
        self.name, self.readers = name, readers

    def read(self, kind, body, content_type):
        try:
            return self.readers[kind](body, content_type)
        except Exception:  # whatever a parser raises: it has read nothing
            return None

    def close(self):
        pass


class Program(Member):
    def __init__(self, name, command, kinds, as_kind=None):
        self.name, self.as_kind = name, as_kind or {}
        self.readers = dict.fromkeys(kinds)
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def read(self, kind, body, content_type):
        kind = self.as_kind.get(kind, kind).encode()
        media = content_type.encode()
        message = bytes([len(kind)]) + kind + struct.pack(">H", len(media)) + media + body
        self.process.stdin.write(struct.pack(">I", len(message)) + message)
        self.process.stdin.flush()
        head = self.process.stdout.read(4)
        if len(head) < 4:
            raise RuntimeError(f"{self.name} has ended")
        return json.loads(self.process.stdout.read(struct.unpack(">I", head)[0])).get("to")

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


def texts(value):
    """Every string in a value that a parser made."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, bytes):
        return [value.decode("utf-8", "replace")]
    if isinstance(value, dict):
        value = value.values()
    if isinstance(value, (list, tuple)) or hasattr(value, "__iter__"):
        return [text for item in value for text in texts(item)]
    return []


def slots(pairs):
    return [text for name, value in pairs if SLOT.match(name) for text in texts(value)]


def document(load):
    # All of it, not only the slots: an address that is known to nobody as a recipient must not stand anywhere but in `data`.
    def read(body, _):
        value = load(body)
        if not isinstance(value, dict):
            return texts(value)
        # A number is a recipient in its place alone: elsewhere it is an id.
        numbers = [str(item) for item in value["sms"]] if isinstance(value.get("sms"), list) else []
        return numbers + texts({k: v for k, v in value.items() if k not in ("text", "from")})

    return read


def members(load):
    """Every name and every text of a document."""
    def names(value):
        if isinstance(value, dict):
            return [text for name, item in value.items() for text in [name, *names(item)]]
        return [text for item in value for text in names(item)] if isinstance(value, list) else texts(value) if isinstance(value, str) else []

    return lambda body, _: names(load(body))


def first_wins(body):
    def keep(pairs):
        out = {}
        for name, value in pairs:
            out.setdefault(name.casefold(), value)
        return out

    return json.loads(body, object_pairs_hook=keep)


def all_count(body):
    return texts(json.loads(body, object_pairs_hook=lambda pairs: [list(pair) for pair in pairs if pair[0] not in ("text", "from")]))


def by_email(policy):
    """A multipart body as the head and body of a mail: what frameworks did for years."""

    def read(body, content_type):
        head = f"Content-Type: {content_type}\r\n\r\n".encode()
        message = email.parser.BytesParser(policy=policy).parsebytes(head + body)
        out = []
        for part in message.walk():
            name = part.get_param("name", header="content-disposition")
            if name and SLOT.match(name if isinstance(name, str) else name[2]):
                out += texts(part.get_payload(decode=True))
        return out

    return read


def message(policy):
    def read(body, _):
        found = email.parser.BytesParser(policy=policy).parsebytes(body)
        out = []
        for name in ("to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc"):
            values = [str(value) for value in found.get_all(name, [])]
            out += values + [address for _, address in email.utils.getaddresses(values)]
        return out

    return read


def naive_message(lines):
    """A server that knows a header by its first letters, wherever a line begins."""
    head = re.compile(rb"^\s*(resent-)?(to|cc|bcc)\s*:(.*)$", re.IGNORECASE)

    def read(body, _):
        out, is_slot = [], False
        for line in lines(body):
            if not line.strip(b"\r\n"):
                break
            match = head.match(line)
            is_slot = bool(match) or is_slot and line[:1] in b" \t"
            if is_slot:
                out.append((match.group(3) if match else line).decode("utf-8", "replace"))
        return out

    return read


def werkzeug_form(body, content_type):
    from werkzeug.formparser import FormDataParser

    _, form, files = FormDataParser().parse(io.BytesIO(body), content_type.split(";")[0], len(body), options_of(content_type))
    return slots((name, value) for name, value in form.items(multi=True)) + [
        file.read().decode("utf-8", "replace") for name, file in files.items(multi=True) if SLOT.match(name)
    ]


def options_of(content_type):
    from werkzeug.http import parse_options_header

    return parse_options_header(content_type)[1]


def python_multipart(body, content_type):
    from python_multipart import FormParser

    fields = []

    def note(field):
        fields.append((field.field_name.decode("utf-8", "replace"), field.value or b""))

    def note_file(file):
        file.file_object.seek(0)
        fields.append(((file.field_name or b"").decode("utf-8", "replace"), file.file_object.read()))

    media = "multipart/form-data" if "multipart" in content_type else "application/x-www-form-urlencoded"
    boundary = options_of(content_type).get("boundary", "").encode() or None
    parser = FormParser(media, note, note_file, boundary=boundary)
    parser.write(body)
    parser.finalize()
    return slots(fields)


def multipart_package(body, content_type):
    import multipart

    fields = []
    for part in multipart.MultipartParser(io.BytesIO(body), options_of(content_type)["boundary"], strict=False):
        fields.append((part.name, part.raw))
    return slots(fields)


def php_cgi(body, content_type):
    environment = {
        "REQUEST_METHOD": "POST", "CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body)), "REDIRECT_STATUS": "200",
        "SCRIPT_FILENAME": str(FOLDER / "panel.php"), "PATH": os.environ["PATH"],
    }
    result = subprocess.run(["php-cgi"], input=body, env=environment, capture_output=True, timeout=30, check=True)
    return json.loads(result.stdout.split(b"\r\n\r\n", 1)[1])["to"]


def pairs(body):
    return urllib.parse.parse_qsl(body.decode("utf-8"), keep_blank_values=True)


def lax_pairs(body):
    return urllib.parse.parse_qsl(body.decode("latin-1").replace(";", "&"), keep_blank_values=True, encoding="utf-8", errors="replace")


class Panel:
    def __init__(self):
        self.members = []
        self.skipped = []
        self.folder = tempfile.TemporaryDirectory(prefix="panel-")
        self.add("Python json", {"json": document(json.loads), "variables": members(json.loads)})
        self.add("first key wins, caseless", {"json": document(first_wins)})
        self.add("every key counts", {"json": lambda body, _: all_count(body), "variables": lambda body, _: texts(json.loads(body, object_pairs_hook=list))})
        for name in ("orjson", "ujson"):
            self.try_import(name, lambda module: {"json": document(module.loads), "variables": members(module.loads)})
        self.add("Python parse_qsl", {"form": lambda body, _: slots(pairs(body)), "query": None})
        self.add("; separates too", {"form": lambda body, _: slots(lax_pairs(body))})
        self.try_import("werkzeug", lambda _: {"form": werkzeug_form, "multipart": werkzeug_form})
        self.try_import("python_multipart", lambda _: {"multipart": python_multipart})
        self.try_import("multipart", lambda _: {"multipart": multipart_package})
        self.add("Python email", {"multipart": by_email(email.policy.compat32), "mime": message(email.policy.compat32)})
        self.add("Python email, new", {"multipart": by_email(email.policy.default), "mime": message(email.policy.default)})
        self.add("any line end", {"mime": naive_message(bytes.splitlines)})
        self.add("CRLF alone", {"mime": naive_message(lambda body: body.split(b"\r\n"))})
        self.program("Node", "node", ["node", FOLDER / "panel.js"], ["json", "form", "multipart"])
        self.program("Node URLSearchParams", "node", ["node", FOLDER / "panel.js"], ["form"], {"form": "form-url"})
        self.program("PHP", "php", ["php", FOLDER / "panel.php"], ["json", "form"])
        if shutil.which("php-cgi"):
            self.add("php-cgi", {"multipart": php_cgi})
        else:
            self.skipped.append("php-cgi")
        self.ruby()
        self.go()
        self.java()

    def add(self, name, readers):
        self.members.append(Member(name, {kind: reader for kind, reader in readers.items() if reader}))

    def try_import(self, name, readers):
        try:
            self.add(name, readers(__import__(name)))
        except ImportError:
            self.skipped.append(name)

    def program(self, name, needed, command, kinds, as_kind=None):
        if shutil.which(needed):
            self.members.append(Program(name, [str(word) for word in command], kinds, as_kind))
        else:
            self.skipped.append(name)

    def ruby(self):
        if not self.works(["ruby", "-e", "require 'rack'"]):
            return self.skipped.append("Ruby with Rack")
        has_mail = self.works(["ruby", "-e", "require 'mail'"])
        if not has_mail:
            self.skipped.append("Ruby mail")
        self.program("Ruby", "ruby", ["ruby", FOLDER / "panel.rb"], ["json", "form", "multipart"] + ["mime"] * has_mail)

    def go(self):
        out = Path(self.folder.name) / "panel-go"
        environment = os.environ | {"GOCACHE": str(Path(self.folder.name) / "go"), "GOFLAGS": "-mod=mod", "HOME": self.folder.name}
        if not self.works(["go", "build", "-o", str(out), str(FOLDER / "panel.go")], environment):
            return self.skipped.append("Go")
        self.members.append(Program("Go", [str(out)], ["json", "form", "multipart", "mime"]))

    def java(self):
        jars = ":".join(f"/usr/share/java/jackson-{name}.jar" for name in ("core", "databind", "annotations"))
        if not self.works(["javac", "-d", self.folder.name, "-cp", jars, str(FOLDER / "Panel.java")]):
            return self.skipped.append("Java with Jackson")
        self.members.append(Program("Jackson", ["java", "-Xshare:auto", "-cp", f"{jars}:{self.folder.name}", "Panel"], ["json"]))

    def works(self, command, environment=None):
        if not shutil.which(command[0]):
            return False
        return subprocess.run(command, env=environment, capture_output=True, timeout=300).returncode == 0

    def of(self, kind):
        return [member for member in self.members if kind in member.readers]

    def close(self):
        for member in self.members:
            member.close()
        self.folder.cleanup()
