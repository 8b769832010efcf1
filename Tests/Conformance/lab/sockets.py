"""TLS client sockets."""

import socket
import ssl
import struct


def connect(port, alpn, server_name="localhost", source="127.0.0.1", timeout=20, receive_buffer=None):
    """A TLS connection to 127.0.0.1 that verifies nothing: the server's certificate is not what these tests are about."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(alpn)
    raw = socket.socket()
    raw.settimeout(timeout)
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if receive_buffer:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    raw.bind((source, 0))
    raw.connect(("127.0.0.1", port))
    wrapped = context.wrap_socket(raw, server_hostname=server_name)
    assert not alpn or wrapped.selected_alpn_protocol() == alpn[0]
    return wrapped


def kill(sock):
    """Ends a connection with a TCP reset."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    try:
        # Detach from TLS so that no close_notify is sent.
        socket.socket(fileno=sock.detach()).close()
    except (OSError, ValueError):
        pass
