import tempfile
from pathlib import Path

import pytest

from lab.h1peer import Client
from lab.h2peer import Peer
from lab.processes import Gate, Mock, make_certificate


@pytest.fixture(scope="session")
def folder():
    with tempfile.TemporaryDirectory(prefix="stopgate-conformance-") as path:
        yield Path(path)


@pytest.fixture(scope="session")
def certificate(folder):
    return make_certificate(folder)


def running(process):
    try:
        yield process
        assert process.is_alive(), f"the process died: {process.error_text()}"
    finally:
        process.stop()


@pytest.fixture(scope="session")
def mock(certificate):
    yield from running(Mock(certificate))


@pytest.fixture(scope="session")
def gate(certificate, mock):
    """The gate with its default limits; HTTP/2 to the provider."""
    yield from running(Gate(certificate, mock.port))


@pytest.fixture(scope="session")
def gate_h1(certificate, mock):
    """The same with HTTP/1.1 to the provider."""
    yield from running(Gate(certificate, mock.port, http2=False))


@pytest.fixture
def record(mock):
    """The mock with an empty memory."""
    mock.forget()
    mock.behave()
    return mock


@pytest.fixture
def peer(gate):
    """An HTTP/2 connection to the gate, past its settings exchange."""
    made = Peer(gate.port)
    yield made
    made.close()
    assert gate.is_alive(), f"the gate died: {gate.error_text()}"


@pytest.fixture
def client(gate):
    """An HTTP/1.1 connection to the gate."""
    made = Client(gate.port)
    yield made
    made.close()
    assert gate.is_alive(), f"the gate died: {gate.error_text()}"
