#!/usr/bin/env python3
"""Makes the tables of loadtest/results/load.md, time-split.md and docs/sizing.md from the figures in loadtest/results.

In docs/sizing.md only what stands between `<!-- figures: NAME -->` and `<!-- end -->` is written. A table whose figures are missing says so.
"""

import argparse
import json
import pathlib
import re
import statistics
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
MIB = 1 << 20
#: Sends a day that the guide provides for, how much busier than the average the busiest minute is, and how much of a core may be used in it.
DAYS, PEAK, USED = (10_000_000, 100_000_000, 1_000_000_000), 10, 0.6


def table(rows):
    return ["| " + " | ".join(rows[0]) + " |", "|" + "---|" * len(rows[0])] + ["| " + " | ".join(row) + " |" for row in rows[1:]]


class Figures:
    """What the runs left."""

    def __init__(self, results):
        self.results = results

    def read(self, name):
        return json.loads((self.results / name).read_text())

    def steps(self, scenario, label="stopgate"):
        return self.read(f"load/{scenario}/{label}/result.json")["steps"]

    @staticmethod
    def gate(step):
        return next(process for process in step["processes"] if process["name"] == "stopgate")

    def compared(self, workload, offered, field, proxy="stopgate"):
        values = [sample[field] for sample in self.read("compare.json")["samples"]
                  if (sample["proxy"], sample["workload"], sample["offered"]) == (proxy, workload, offered)]
        return statistics.median(values)


def micro(value):
    return f"{value:,.0f} µs" if value < 10_000 else f"{value / 1000:,.1f} ms"


# Tables of docs/sizing.md and load.md, by name

def latency(figures):
    """What the gate adds to the provider's own answers."""
    direct = {step["name"]: step for step in figures.steps("latency-at-rate", "direct")}
    rows = [["load", "requests a second", "direct p50, p99", "added by the gate, strict: p50", "p99", "batch: p50", "p99"]]
    gates = [{step["name"]: step for step in figures.steps("latency-at-rate", f"stopgate-{audit}")} for audit in ("strict", "batch")]
    for name, base in direct.items():
        cells = []
        for gate in gates:
            step = gate.get(name)
            cells += [micro(step["response"][at] - base["response"][at]) if step else "saturated" for at in ("p50", "p99")]
        rows.append([name, f"{base['step']['rate']:,.0f}", f"{micro(base['response']['p50'])}, {micro(base['response']['p99'])}", *cells])
    return table(rows)


def cores(figures):
    rows = [["", "answers a second", "gate's CPU each", "p50", "p99"]]
    for step in figures.steps("cores"):
        rows.append([step["name"], f"{step['rate']:,.0f}", f"{figures.gate(step)['cpuPerAnswer']:.1f} µs", micro(step["response"]["p50"]), micro(step["response"]["p99"])])
    return table(rows)


def per_core(figures):
    rows = [["what is sent", "CPU at 12,000 a second (60 for 1 MiB)", "CPU flat out", "a second and core, flat out, audit strict", "audit batch"]]
    for workload, offered, label in (
            ("sms-h2", 12000, "text message, HTTP/2 to HTTP/2"), ("sms-h1", 12000, "text message, HTTP/1.1 to HTTP/1.1"),
            ("mail-20-h1", 12000, "JSON mail, 20 recipients, 3 KB, HTTP/1.1"), ("mail-1MiB-h2", 60, "mail of 1 MiB, HTTP/2")):
        rows.append([label, f"{figures.compared(workload, offered, 'cpu_per_request'):,.1f} µs", f"{figures.compared(workload, 0, 'cpu_per_request'):,.1f} µs",
                     f"{figures.compared(workload, 0, 'rate'):,.0f}", f"{figures.compared(workload, 0, 'rate', 'stopgate-batch'):,.0f}"])
    return table(rows)


def memory(figures):
    idle = {step["step"]["at"]: figures.gate(step)["residentPeak"] for step in figures.steps("connections")}
    lookups = {row["entries"]: row for row in figures.read("lookups.json")}
    rows = [["what", "memory"]]
    rows.append(["the gate with nothing to do", f"{min(idle.values()) / MIB:,.0f} MiB"])
    rows.append(["each idle TLS connection", f"{(idle[max(idle)] - idle[0]) / max(idle) / 1024:,.1f} KiB"])
    for size in (1_000_000, 100_000_000):
        if size in lookups:
            rows.append([f"each million suppressions, at {size // 1_000_000:,} M", f"{lookups[size]['bytes an entry'] * 1e6 / MIB:,.1f} MiB"])
    return table(rows)


def recipients(figures):
    rows = [["recipients in a request", "CPU a request", "CPU a recipient", "p50", "p99"]]
    for step in figures.steps("recipients-per-request"):
        cpu = figures.gate(step)["cpuPerAnswer"]
        rows.append([f"{step['step']['at']:,.0f}", f"{cpu:,.1f} µs", f"{cpu / step['step']['at']:,.2f} µs", micro(step["response"]["p50"]), micro(step["response"]["p99"])])
    return table(rows)


def suppressions(figures):
    lookups = {row["entries"]: row for row in figures.read("lookups.json")}
    steps = {int(step["step"]["at"]): step for step in figures.steps("suppression-scale")}
    rows = [["suppressions", "look-up that misses", "that hits", "memory of the index", "start to ready", "gate's CPU a request at 4,000 a second"]]
    for size in sorted({*lookups, *steps}):
        row, step = lookups.get(size), steps.get(size)
        rows.append([f"{size:,}", *([f"{row['miss']:.0f} ns", f"{row['hit']:.0f} ns", f"{max(0, row['bytes an entry']) * size / MIB:,.1f} MiB", f"{row['start, ms']:,.1f} ms"] if row else [""] * 4),
                     f"{figures.gate(step)['cpuPerAnswer']:.1f} µs" if step else ""])
    return table(rows)


def rules(figures):
    two, all_of_them = (figures.read(name)["forwarded"]["instructions"] for name in ("instructions-2-adapters.json", "instructions.json"))
    count = len(list((ROOT / "policies" / "providers").glob("*.yaml")))
    return table([["adapters loaded", "instructions a forwarded request"], ["2", f"{two:,.0f}"], [f"{count}", f"{all_of_them:,.0f}"]])


def connections(figures):
    rows = [["", "a second", "gate's CPU for each", "p50", "p99"]]
    for step in figures.steps("churn") + figures.steps("handshakes"):
        rows.append([step["name"] + (" handshakes" if step["name"] == "full" else ""), f"{step['rate']:,.0f}", f"{figures.gate(step)['cpuPerAnswer']:,.0f} µs",
                     micro(step["response"]["p50"]), micro(step["response"]["p99"])])
    return table(rows)


def provision(figures):
    """Cores, memory and disk for so many sends a day."""
    cpu = figures.compared("sms-h2", 12000, "cpu_per_request")
    idle = {step["step"]["at"]: figures.gate(step)["residentPeak"] for step in figures.steps("connections")}
    each_connection = (idle[max(idle)] - idle[0]) / max(idle)
    entry = next(row["bytes an entry"] for row in figures.read("lookups.json") if row["entries"] == 100_000_000)
    audit = figures.read("load/audit.json")
    record = audit["bytes"] / audit["records"]
    rows = [["sends a day", "on average", f"busiest minute (× {PEAK})", "event loops", "memory, 10 M suppressions", "100 M suppressions", "evidence a day"]]
    for sends in DAYS:
        peak = sends / 86_400 * PEAK
        loops = max(1, -(-peak * cpu / 1e6 // USED))
        base = min(idle.values()) + 10_000 * each_connection
        rows.append([f"{sends // 1_000_000:,} M", f"{sends / 86_400:,.0f} a second", f"{peak:,.0f} a second", f"{loops:.0f}",
                     *[f"{(base + 2 * entry * count) / MIB / 1024:,.1f} GiB" for count in (10_000_000, 100_000_000)], f"{sends * record / 1e9:,.0f} GB"])
    return [*table(rows), "", f"One record of evidence takes {record:,.0f} bytes. Memory is for 10,000 connections and for the moment in which a new snapshot of the index "
            "stands beside the old one, so twice the index."]


TABLES = {table.__name__: table for table in (per_core, latency, cores, memory, recipients, suppressions, rules, connections, provision)}


def fill(figures, text):
    """The text with every block of figures written anew, and the names of those that cannot be."""
    missing = []

    def block(match):
        name = match[1]
        try:
            lines = TABLES[name](figures)
        except (OSError, KeyError, StopIteration, statistics.StatisticsError) as problem:
            missing.append(f"{name}: {problem!r}")
            lines = ["Not measured yet: `make measure`."]
        return "\n".join([f"<!-- figures: {name} -->", *lines, "<!-- end -->"])

    return re.sub(r"<!-- figures: (\w+) -->\n.*?<!-- end -->", block, text, flags=re.DOTALL), missing


def load_page(figures):
    """Markdown about all scenarios that were run."""
    lines = ["# Scenarios", "", "Written by `make measure` (loadtest/all.py). Every scenario has a page with plots; `direct` is the same load on the provider alone.", ""]
    shown = sorted((figures.results / "load").glob("*/report.html"))
    for page in shown:
        result = json.loads(next(iter(sorted(page.parent.glob("stopgate*/result.json")))).read_text())
        where, step = result["environment"], result["steps"][-1]
        lines.append(f"- [{page.parent.name}](load/{page.parent.name}/report.html): {result['scenario']['about']} {where['date'][:10]}, load average before {where['load']:.1f}; "
                     f"{sum(one['wrong'] + sum(one['failures'].values()) for one in result['steps'])} unexpected answers.")
    for title, name in (("Added latency", "latency"), ("One core and two", "cores")):
        lines += ["", f"## {title}", ""]
        try:
            lines += TABLES[name](figures)
        except (OSError, KeyError) as problem:
            lines.append(f"Not measured: {problem}")
    return "\n".join([*lines, ""])


def soak_page(figures):
    """Markdown about the long run: what went through, whose failures there were, and what stayed flat."""
    folder = figures.results / "load" / "soak"
    step = figures.steps("soak")[-1]
    gate, meanwhile = figures.gate(step), json.loads((folder / "stopgate" / "meanwhile.json").read_text())
    rows = [["", ""],
            ["sends", f"{step['sent']:,}, {step['rate']:,.0f} a second for {step['seconds'] / 60:.0f} minutes; {step['blocked']:,} blocked"],
            ["latency", f"p50 {micro(step['response']['p50'])}, p99 {micro(step['response']['p99'])}, p99.9 {micro(step['response']['p999'])}, with the provider's own delay in it"],
            ["connections", f"{step['handshakes']:,} handshakes, {step['resumed']:,} resumed"], ["meanwhile", ", ".join(f"{name}: {count:,}" for name, count in meanwhile.items())],
            ["errors and dropped requests of the provider's own", f"{step['injected']:,} and {step['lost']:,}, the numbers it was told to make"],
            ["failures that were ours", f"{step['wrong'] + sum(step['failures'].values()):,}"], ["gate's CPU for each send", f"{gate['cpuPerAnswer']:.1f} µs"]]
    remarks = folder / "remarks.md"
    rule = (ROOT / "loadtest" / "flatness.py").read_text().split('"""')[1].strip().partition("\n\n")[2]
    return "\n".join([
        "# Soak", "", "Written by `make soak` and loadtest/tables.py. [Page with plots](load/soak/report.html).", "", *table(rows), "", " ".join(rule.split()), "",
        "```", *(line.strip() for line in (folder / "flatness.txt").read_text().splitlines()), "```", "",
        *(remarks.read_text().splitlines() + [""] if remarks.exists() else [])])


def split_page(figures):
    """Markdown: where the time goes, before and after."""
    runs = []
    for name, title in (("time-split-before.json", "before, 12,000/s"), ("time-split-12000.json", "12,000/s"), ("time-split-flat-before.json", "before, flat out"), ("time-split-flat.json", "flat out"),
                        ("time-split-flat-batch.json", "flat out, audit batch")):
        if (figures.results / name).exists():
            runs.append((title, figures.read(name)))
    parts = sorted({part for _, run in runs for part in run["parts"]}, key=lambda part: (part.split(":")[0], part))
    lines = ["# Where the time goes", "", "`python3 loadtest/time_split.py`: perf record -e cpu-clock on the gate under h2load, a form POST of one text message, HTTP/2 in and out, "
             "1 M suppressions. Microseconds of CPU for each request.", ""]
    rows = [["", *(title for title, _ in runs)], ["**requests a second**", *(f"{run['rate']:,.0f}" for _, run in runs)], ["**all**", *(f"**{run['cpu']:.1f}**" for _, run in runs)]]
    for group in dict.fromkeys(part.split(":")[0] for part in parts):
        inner = [part for part in parts if part.split(":")[0] == group]
        rows.append([f"**{group}**", *(f"**{sum(run['parts'].get(part, 0) for part in inner):.2f}**" for _, run in runs)])
        rows += [[part, *(f"{run['parts'].get(part, 0):.2f}" for _, run in runs)] for part in inner if ":" in part]
    return "\n".join([*lines, *table(rows), "", "Before: commit 249df95, of the evening before the tuning.", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=pathlib.Path, default=ROOT / "loadtest" / "results")
    arguments = parser.parse_args()
    figures = Figures(arguments.results)
    guide = ROOT / "docs" / "sizing.md"
    text, missing = fill(figures, guide.read_text())
    guide.write_text(text)
    if (arguments.results / "load").is_dir():
        (arguments.results / "load.md").write_text(load_page(figures))
    if (arguments.results / "load" / "soak" / "flatness.txt").exists():
        (arguments.results / "soak.md").write_text(soak_page(figures))
    if any(arguments.results.glob("time-split-*.json")):
        (arguments.results / "time-split.md").write_text(split_page(figures))
    print("\n".join(["Without figures:", *missing]) if missing else "All tables have figures.")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
