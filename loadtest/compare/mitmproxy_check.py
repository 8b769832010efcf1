"""A check of recipients as an addon of mitmproxy."""

import json
import os

from mitmproxy import http

with open(os.environ["SUPPRESSED"]) as file:
    SUPPRESSED = set(file.read().split())


def recipients(request):
    if request.headers.get("content-type", "").startswith("application/json"):
        return [to["email"] for person in json.loads(request.content)["personalizations"] for to in person["to"]]
    return [request.urlencoded_form.get("To")]


def request(flow):
    if any(to in SUPPRESSED for to in recipients(flow.request)):
        flow.response = http.Response.make(400, b"{}")
