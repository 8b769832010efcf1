"""Checks answers of the admin API against docs/openapi.yaml. Needs jsonschema and PyYAML; the rest of the rig does not."""

import json
import re

import yaml
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from .products import ROOT

DOCUMENT = ROOT / "docs" / "openapi.yaml"


class Description:
    """The document, and the operations of it that were called."""

    METHODS = ("get", "put", "post", "delete", "patch")

    def __init__(self):
        self.document = yaml.safe_load(DOCUMENT.read_text())
        self.called = set()
        self.operations = {}
        for path, item in self.document["paths"].items():
            for method in self.METHODS:
                if method in item:
                    self.operations[method.upper(), path] = item[method]

    def template(self, method, target):
        """The path of the document that a request's target is one of; None for a path that is not described."""
        segments = target.partition("?")[0].strip("/").split("/")
        for (known, path) in self.operations:
            parts = path.strip("/").split("/")
            if known == method and len(parts) == len(segments) and all(a.startswith("{") or a == b for a, b in zip(parts, segments)):
                return path
        return None

    def check_request(self, method, target, body):
        """Asserts that a body that the gate took is one that the document allows."""
        content = self.operations[method, self.template(method, target)].get("requestBody", {}).get("content", {})
        if "application/json" in content:
            self._validate(json.loads(body or "null"), content["application/json"]["schema"], f"{method} {target} request")

    def check(self, method, target, status, fields, body):
        """Asserts that an answer is one that the document allows."""
        path = self.template(method, target)
        if path is None:
            assert status in (401, 404, 405, 421, 429, 403), f"{method} {target}: {status}, and the document does not know the path"
            response = self.document["components"]["responses"]["Problem"]
        else:
            self.called.add((method, path))
            responses = self.operations[method, path]["responses"]
            response = self.resolve(responses.get(str(status), responses["default"]))
            assert str(status) in responses or status >= 400, f"{method} {target}: the document knows no {status}"
        media = fields.get("content-type", "")
        content = response["content"]
        assert media in content, f"{method} {target}: {status} with {media!r} instead of {sorted(content)}"
        schema = content[media]["schema"]
        where = f"{method} {target}: {status}"
        if "ndjson" in media:
            lines = body.decode().splitlines()
            for line in lines:
                self._validate(json.loads(line), schema, where)
        elif "json" in media:
            self._validate(json.loads(body), schema, where)
        if status >= 400:
            assert json.loads(body)["status"] == status
        assert fields.get("cache-control") == "no-store" and fields.get("x-content-type-options") == "nosniff", where
        assert not [name for name in fields if name.startswith("access-control-")], where

    def resolve(self, value):
        while "$ref" in value:
            found = self.document
            for part in value["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            value = found
        return value

    def _validate(self, value, schema, where):
        # The references of a schema are looked up in the whole document.
        whole = {**schema, "components": self.document["components"]}
        problems = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(whole).iter_errors(value)]
        assert not problems, f"{where}: {problems[:5]}\n{json.dumps(value)[:2000]}"

    def examples_in(self, text):
        """The operations that curl examples in a page call."""
        return set(re.findall(r"/v1/[a-z/_{}-]*", text))


assert validator_for({"$schema": "https://json-schema.org/draft/2020-12/schema"}) is Draft202012Validator
