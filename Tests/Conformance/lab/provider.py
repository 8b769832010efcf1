"""A provider that does what a test tells it to: TLS, HTTP/1.1 octet by octet or HTTP/2 with raw frames."""

import socket
import ssl
import threading
import time

import h2.config
import h2.connection
import h2.events
import h2.settings

from .sockets import kill


class Request:
    def __init__(self, method, path, fields, body, stream=None):
        self.method, self.path, self.fields, self.body, self.stream = method, path, fields, body, stream


class Provider:
    """Calls `respond(connection, request)` for each request, on the connection's thread. `requests` and `connections`
    count what arrived, whatever became of it."""

    def __init__(self, certificate, protocol):
        self.protocol = protocol
        self.lock = threading.Lock()
        self.forget()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*map(str, certificate))
        self.context.set_alpn_protocols(["h2"] if protocol == "h2" else ["http/1.1"])
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.open = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def forget(self):
        with self.lock:
            self.requests, self.connections, self.resets = [], 0, []
            self.respond = answer_created
            self.accepted = None
            self.settings = {}

    def note(self, request):
        with self.lock:
            self.requests.append(request)

    @property
    def count(self):
        with self.lock:
            return len(self.requests)

    def close_all(self):
        """Ends every connection there is. Their own threads close them: a descriptor freed here could be another
        connection's before its thread has noticed."""
        with self.lock:
            open_now = list(self.open)
        for connection in open_now:
            try:
                socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
            except OSError:
                pass
        deadline = time.monotonic() + 3
        while self.open & set(open_now) and time.monotonic() < deadline:
            time.sleep(0.01)

    def stop(self):
        self.listener.close()
        self.close_all()

    def _accept(self):
        while True:
            try:
                raw, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(raw,), daemon=True).start()

    def _serve(self, raw):
        raw.settimeout(30)
        try:
            sock = self.context.wrap_socket(raw, server_side=True)
        except OSError:
            return
        with self.lock:
            self.connections += 1
            number = self.connections
        connection = (H2Connection if self.protocol == "h2" else H1Connection)(self, sock, number)
        with self.lock:
            self.open.add(connection)
        try:
            if self.accepted:
                self.accepted(connection)
            connection.serve()
        except (OSError, EOFError, ValueError, h2.exceptions.ProtocolError):
            pass
        finally:
            connection.close()
            with self.lock:
                self.open.discard(connection)


class _Connection:
    def __init__(self, provider, sock, number):
        self.provider, self.sock, self.number = provider, sock, number

    def send(self, octets):
        self.sock.sendall(octets)

    def kill(self):
        kill(self.sock)

    def close(self):
        """With a close_notify, without which the end of a body could be anybody's."""
        try:
            self.sock.settimeout(0.2)
            self.sock.unwrap()
        except (OSError, ValueError):
            pass
        try:
            self.sock.close()
        except OSError:
            pass


class H1Connection(_Connection):
    def serve(self):
        self.buffer = bytearray()
        while True:
            request = self.read_head()
            if request is None:
                return
            if not getattr(self.provider.respond, "streams", False):
                request.body = self.read_body(request)
            self.provider.note(request)
            if self.provider.respond(self, request) is False:
                return

    def more(self):
        octets = self.sock.recv(65536)
        if not octets:
            raise EOFError
        self.buffer += octets

    def read_head(self):
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        method, path, _ = lines[0].split(" ")
        return Request(method, path, [tuple(l.split(": ", 1)) for l in lines[1:]], b"")

    def read_body(self, request):
        fields = dict(request.fields)
        if fields.get("transfer-encoding") == "chunked":
            body = b""
            while True:
                while b"\r\n" not in self.buffer:
                    self.more()
                line, self.buffer = self.buffer.split(b"\r\n", 1)
                count = int(line, 16)
                while len(self.buffer) < count + 2:
                    self.more()
                body, self.buffer = body + self.buffer[:count], self.buffer[count + 2:]
                if count == 0:
                    return body
        count = int(fields.get("content-length", "0"))
        while len(self.buffer) < count:
            self.more()
        body = bytes(self.buffer[:count])
        del self.buffer[:count]
        return body


class H2Connection(_Connection):
    def serve(self):
        configuration = h2.config.H2Configuration(
            client_side=False, header_encoding="utf-8", validate_outbound_headers=False, normalize_outbound_headers=False)
        self.h2 = h2.connection.H2Connection(configuration)
        self.h2.initiate_connection()
        if self.provider.settings:
            self.h2.update_settings(self.provider.settings)
        self.flush()
        open_requests = {}
        while True:
            octets = self.sock.recv(65536)
            if not octets:
                return
            for event in self.h2.receive_data(octets):
                if isinstance(event, h2.events.RequestReceived):
                    fields = dict(event.headers)
                    request = Request(fields[":method"], fields[":path"], event.headers, bytearray(), event.stream_id)
                    open_requests[event.stream_id] = request
                    if getattr(self.provider.respond, "streams", False):
                        self.provider.note(request)
                        if self.provider.respond(self, request) is False:
                            return
                elif isinstance(event, h2.events.DataReceived):
                    open_requests[event.stream_id].body += event.data
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamReset):
                    with self.provider.lock:
                        self.provider.resets.append(event.stream_id)
                elif isinstance(event, h2.events.StreamEnded) and not getattr(self.provider.respond, "streams", False):
                    request = open_requests.pop(event.stream_id)
                    request.body = bytes(request.body)
                    self.provider.note(request)
                    self.flush()
                    if self.provider.respond(self, request) is False:
                        return
            self.flush()

    def flush(self):
        octets = self.h2.data_to_send()
        if octets:
            self.sock.sendall(octets)

    def answer(self, stream, fields, body=b"", end=True):
        self.h2.send_headers(stream, fields, end_stream=end and not body)
        if body:
            self.h2.send_data(stream, body, end_stream=end)
        self.flush()


CREATED = b'{"sid":"SM00000000000000000000000000000001"}'


def answer_created(connection, request):
    """What Twilio does with a send."""
    if isinstance(connection, H2Connection):
        connection.answer(request.stream, [(":status", "201"), ("content-type", "application/json")], CREATED)
    else:
        connection.send(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(CREATED), CREATED))
