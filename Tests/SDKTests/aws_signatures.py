"""AWS Signature Version 4 of a request that a provider received, computed with botocore's own signer."""

import calendar
import re
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials


def check(method, host, path, fields, body, *, key, secret, service, region="us-east-1"):
    """Asserts that AWS would take the signature; `fields` are pairs as received. Returns them as a dictionary."""
    names = [name.lower() for name, _ in fields]
    for name in ("authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"):
        assert names.count(name) <= 1, fields
    fields = {name.lower(): value for name, value in fields} | {"host": host}
    parts = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})", fields["authorization"])
    assert parts, fields["authorization"]
    credential, signed, signature = parts.groups()
    assert credential.split("/") == [key, fields["x-amz-date"][:8], region, service, "aws4_request"]
    signed = signed.split(";")
    assert {"host", "x-amz-date"} | {name for name in names if name.startswith("x-amz-")} <= set(signed)
    request = botocore.awsrequest.AWSRequest(method, f"https://{host}{path}", data=body)
    for name in signed:
        request.headers[name] = fields[name]
    request.context["timestamp"] = fields["x-amz-date"]
    signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials(key, secret), service, region)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    assert signer.signature(text, request) == signature, f"the signature does not verify over {body!r}"
    age = time.time() - calendar.timegm(time.strptime(fields["x-amz-date"], "%Y%m%dT%H%M%SZ"))
    assert abs(age) < 60
    return fields


def check_received(request, **of):
    """The same for what the mock provider received."""
    return check(request.method, request.host, request.path, request.fields, request.body, **of)
