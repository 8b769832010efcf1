"""A send that the provider's flow control holds back has not left: an opt-out acknowledged meanwhile still stops it."""

import json
import socket
import ssl
import threading
import time

import h2.config
import h2.connection
import h2.events
import h2.settings
import pytest
import requests

from rig import Gate, product


class HeldProvider:
    """An HTTP/2 server that can stop granting windows to new streams, and notes every request body that arrives whole."""

    def __init__(self, certificates):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificates.chain, certificates.key)
        context.set_alpn_protocols(["h2"])
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.origin = f"https://localhost:{self._listener.getsockname()[1]}"
        self.heads, self.bodies, self.resets = threading.Semaphore(0), [], threading.Semaphore(0)
        self.hold, self.holding, self.release = threading.Event(), threading.Event(), threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self.release.set()
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, raw):
        tls = self._context.wrap_socket(raw, server_side=True)
        peer = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        peer.initiate_connection()
        tls.sendall(peer.data_to_send())
        tls.settimeout(0.05)
        held, bodies, told = [], {}, False
        while True:
            if self.hold.is_set() and not told:
                peer.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 0})
                told = True
            if self.release.is_set() and told:
                for stream in held:
                    peer.increment_flow_control_window(1 << 16, stream)
                held = []
            try:
                tls.sendall(peer.data_to_send())
                data = tls.recv(65536)
                if not data:
                    return
            except TimeoutError:
                continue
            except OSError:
                return
            for event in peer.receive_data(data):
                if isinstance(event, h2.events.SettingsAcknowledged) and told:
                    self.holding.set()
                elif isinstance(event, h2.events.RequestReceived):
                    held.append(event.stream_id)
                    bodies[event.stream_id] = b""
                    self.heads.release()
                elif isinstance(event, h2.events.DataReceived):
                    bodies[event.stream_id] += event.data
                elif isinstance(event, h2.events.StreamReset):
                    held = [stream for stream in held if stream != event.stream_id]
                    self.resets.release()
                elif isinstance(event, h2.events.StreamEnded):
                    held = [stream for stream in held if stream != event.stream_id]
                    self.bodies.append(bodies[event.stream_id])
                    peer.send_headers(event.stream_id, [(":status", "202"), ("x-message-id", "held")], end_stream=True)


@pytest.fixture
def held(certificates, tmp_path):
    provider = HeldProvider(certificates)
    gate = Gate(product("stopgate"), certificates, tmp_path / "gate", provider, {"workers": 1}).start()
    # The gate learns the window from a connection that is open, so there has to be one.
    assert post(gate, ["first@example.com"]).status_code == 202
    assert provider.heads.acquire(timeout=10)
    provider.bodies.clear()
    provider.hold.set()
    assert provider.holding.wait(10)
    yield gate, provider
    provider.stop()
    gate.stop()


def post(gate, mails):
    body = {
        "personalizations": [{"to": [{"email": mail} for mail in mails]}], "from": {"email": "news@shop.example"},
        "subject": "s", "content": [{"type": "text/plain", "value": "hi"}],
    }
    return requests.post(
        gate.base("sendgrid") + "/v3/mail/send", data=json.dumps(body), headers={"content-type": "application/json"}, timeout=20)


def in_background(work):
    result = {}
    thread = threading.Thread(target=lambda: result.update(answer=work()))
    thread.start()
    return thread, result


def test_the_only_recipient_opts_out_while_the_send_is_held(held):
    gate, provider = held
    thread, result = in_background(lambda: post(gate, ["late@example.com"]))
    assert provider.heads.acquire(timeout=10), "the gate never opened a stream"
    gate.admin().suppress("late@example.com")
    provider.release.set()
    thread.join(20)
    assert provider.resets.acquire(timeout=10), "the held send was not taken back"
    assert result["answer"].status_code == 400
    time.sleep(0.3)
    assert provider.bodies == []


def test_one_of_two_opts_out_while_the_send_is_held(held):
    gate, provider = held
    thread, result = in_background(lambda: post(gate, ["late@example.com", "stays@example.com"]))
    assert provider.heads.acquire(timeout=10), "the gate never opened a stream"
    gate.admin().suppress("late@example.com")
    provider.release.set()
    thread.join(20)
    assert provider.resets.acquire(timeout=10), "the held send was not taken back"
    assert result["answer"].status_code == 202
    assert result["answer"].headers["stopgate-verdict"] == "strip"
    assert len(provider.bodies) == 1 and b"late@example.com" not in provider.bodies[0] and b"stays@example.com" in provider.bodies[0]


def test_a_stranger_opts_out_while_the_send_is_held(held):
    gate, provider = held
    thread, result = in_background(lambda: post(gate, ["stays@example.com"]))
    assert provider.heads.acquire(timeout=10), "the gate never opened a stream"
    gate.admin().suppress("stranger@example.com")
    provider.release.set()
    thread.join(20)
    assert result["answer"].status_code == 202
    assert len(provider.bodies) == 1
