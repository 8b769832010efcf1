import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from panel import Panel  # noqa: E402
from probe import Probe  # noqa: E402

REPOSITORY = Path(__file__).resolve().parents[2]


def pytest_addoption(parser):
    parser.addoption("--cases", type=int, default=400, help="generated bodies of each kind")
    parser.addoption("--seed", default="1", help="of the generator; a failure names the body itself")


@pytest.fixture(scope="session")
def probe():
    folder = Path(os.environ.get("STOPGATE_BIN_DIR", REPOSITORY / ".build/debug"))
    probe = Probe(REPOSITORY / folder / "DifferentialProbe")
    yield probe
    probe.close()


@pytest.fixture(scope="session")
def panel():
    panel = Panel()
    yield panel
    panel.close()


COUNTS = []


@pytest.fixture(scope="session")
def counts():
    return COUNTS


def pytest_terminal_summary(terminalreporter):
    for line in COUNTS:
        terminalreporter.write_line(line)
