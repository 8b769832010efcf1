"""docs/providers.md, written from what the tests showed. A pytest plugin that conftest.py loads.

A module of one provider says `pytestmark = pytest.mark.provider("telnyx", sdk="telnyx", stripped="one recipient a message")`: the
adapter's name, the SDK's name on PyPI, and why a column stays empty, if one does. A test says what it shows:
`@pytest.mark.shows("allowed")`, and by the parameter `base-url` or `dns` which way it went. A column is "yes" when at least one
test that shows it passed and none failed. Run with `--providers-table` to write the file; without, a full run that would write
another one fails.
"""

import importlib.metadata
import pathlib

import pytest

TABLE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "providers.md"
COLUMNS = {"allowed": "allowed", "blocked": "blocked", "stripped": "stripped", "base-url": "by base URL", "dns": "by DNS"}
PROPERTY = "providers-table"
MARK = "<!-- from here on written by `make providers-table` -->\n"


def pytest_addoption(parser):
    parser.addoption("--providers-table", action="store_true", help="write docs/providers.md from this run")


def pytest_configure(config):
    config.addinivalue_line("markers", "provider(name, sdk, **why): the adapter this module drives, and with which package")
    config.addinivalue_line("markers", "shows(*columns): what of docs/providers.md this test shows")
    config.pluginmanager.register(Matrix(config), "providers-table")


class Matrix:
    """What items show travels in their reports, because the process that writes the table may have left running them to others
    (pytest-xdist)."""

    def __init__(self, config):
        self._config = config
        #: By provider and SDK: reasons, and outcomes by column.
        self._rows = {}
        self._modules = set()

    def pytest_collection_modifyitems(self, items):
        for item in items:
            provider = item.get_closest_marker("provider")
            if provider is None:
                continue
            reasons = {column: reason for column, reason in provider.kwargs.items() if column != "sdk"}
            shown = [column for mark in item.iter_markers("shows") for column in mark.args]
            assert set(shown) <= set(COLUMNS), f"{item.nodeid} shows {shown}"
            if shown and hasattr(item, "callspec"):
                ways = {"base-url": "base-url", "dns": "dns", "dns-override": "dns"}
                shown += [ways[value] for value in item.callspec.params.values() if isinstance(value, str) and value in ways]
            item.user_properties.append((PROPERTY, [provider.args[0], provider.kwargs["sdk"], reasons, shown]))

    def pytest_runtest_logreport(self, report):
        self._modules.add(pathlib.PurePath(report.nodeid.partition("::")[0]).name)
        for name, value in report.user_properties:
            if name != PROPERTY:
                continue
            provider, sdk, reasons, shown = value
            row = self._rows.setdefault((provider, sdk), ({}, {}))
            row[0].update(reasons)
            if report.when == "call" or report.failed:
                for column in shown:
                    row[1].setdefault(column, set()).add(report.outcome)

    @property
    def _is_whole(self):
        return self._modules >= {path.name for path in pathlib.Path(__file__).parent.glob("test_*.py")} and not self._config.option.keyword

    def table(self):
        lines = ["| provider | SDK (Python) | " + " | ".join(COLUMNS.values()) + " |", "|" + "---|" * (len(COLUMNS) + 2)]
        notes = []
        for (provider, sdk), (reasons, outcomes) in sorted(self._rows.items()):
            cells = []
            for column in COLUMNS:
                if outcomes.get(column) == {"passed"}:
                    cells.append("yes")
                elif column in outcomes:
                    cells.append("**fails**")
                elif column in reasons:
                    notes.append(reasons[column])
                    cells.append(f"– ({len(notes)})" if reasons[column] not in notes[:-1] else f"– ({notes.index(reasons[column]) + 1})")
                    if reasons[column] in notes[:-1]:
                        notes.pop()
                else:
                    cells.append("not tested")
            name = f"{sdk} {importlib.metadata.version(sdk)}"
            lines.append(f"| {provider} | {name} | " + " | ".join(cells) + " |")
        lines += [""] + [f"{number}. {note}" for number, note in enumerate(notes, 1)]
        return "\n".join(lines).rstrip() + "\n"

    def pytest_sessionfinish(self, session, exitstatus):
        if hasattr(self._config, "workerinput") or not self._rows or not TABLE.exists():
            return
        text = TABLE.read_text()
        head, mark, _ = text.partition(MARK)
        wanted = head + MARK + "\n" + self.table()
        if self._config.option.providers_table:
            TABLE.write_text(wanted)
        elif self._is_whole and exitstatus == pytest.ExitCode.OK and text != wanted:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            self._stale = True

    _stale = False

    def pytest_terminal_summary(self, terminalreporter):
        if self._stale:
            terminalreporter.write_line("docs/providers.md says something else than this run: make providers-table", red=True)
