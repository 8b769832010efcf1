"""Senders and an operator that work until the gate dies, and remember what it acknowledged. Standard library only."""

import http.client
import random
import ssl
import threading
import time
import urllib.parse

#: The socket failures and torn answers a dying gate may cause.
DEATH = (OSError, http.client.HTTPException)


class Sender(threading.Thread):
    """Sends SMS to one new number after another over one connection; never sends again what it did not see answered."""

    def __init__(self, port, authority, numbers):
        super().__init__(daemon=True)
        self._connection = http.client.HTTPSConnection(
            "localhost", port, context=ssl.create_default_context(cafile=str(authority)), timeout=60)
        self._numbers = numbers
        self.accepted, self.begun, self.unexpected = [], {}, []
        self.stopped = threading.Event()

    def run(self):
        try:
            while not self.stopped.is_set():
                to = next(self._numbers)
                self.begun[to] = time.monotonic()
                status = self.send(to)
                if status == 201:
                    self.accepted.append(to)
                elif status != 400:
                    self.unexpected.append((to, status))
        except DEATH:
            pass
        finally:
            self._connection.close()

    def send(self, to):
        body = urllib.parse.urlencode({"To": to, "From": "+15005550006", "Body": "x" * random.randrange(600)})
        self._connection.request(
            "POST", "/twilio/2010-04-01/Accounts/AC1/Messages.json", body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = self._connection.getresponse()
        answer.read()
        return answer.status


class Operator(threading.Thread):
    """Opts out one person after another; `acknowledged` holds when the gate said it was done."""

    def __init__(self, connection, people):
        super().__init__(daemon=True)
        self._connection, self._people = connection, people
        self.acknowledged = {}
        self.stopped = threading.Event()

    def run(self):
        try:
            for person in self._people:
                if self.stopped.is_set():
                    return
                self._connection.suppress(person)
                self.acknowledged[person] = time.monotonic()
        except DEATH:
            pass
        finally:
            self._connection.close()
