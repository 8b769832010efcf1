"""What a comparison found, as JSON, Markdown, a page and plots."""

import html
import json
import statistics

import budget
import figures
import proxies

CHECKS = {kind.name: kind.checks for kind in proxies.ALL}
SLOWNESS = {kind.name: kind.slowness for kind in proxies.ALL}


class Report:
    """`samples`: dicts of compare.Sample; `where`: date, machine, versions and the like."""

    def __init__(self, samples, where):
        self.samples, self.where = samples, where
        #: Workload and offered rate, in the order they were run.
        self.tables = list(dict.fromkeys((sample["workload"], sample["offered"]) for sample in samples))

    def write(self, directory):
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "compare.json").write_text(json.dumps({"where": self.where, "samples": self.samples}, indent=1) + "\n")
        (directory / "compare.md").write_text(self.markdown())
        (directory / "compare.html").write_text(self.page())
        for workload, offered in self.tables:
            (directory / self._plot_name(workload, offered)).write_text(self._plot(workload, offered, standalone=True))

    def values(self, proxy, workload, offered, field):
        return [sample[field] for sample in self.samples
                if (sample["proxy"], sample["workload"], sample["offered"]) == (proxy, workload, offered)]

    def median(self, proxy, workload, offered, field):
        """`None` for what was not measured."""
        values = self.values(proxy, workload, offered, field)
        return statistics.median(values) if values else None

    def names(self, workload, offered):
        return [kind.name for kind in proxies.ALL if self.values(kind.name, workload, offered, "rate")]

    # Tables, as rows of cells

    def budget_rows(self):
        return [["what", "budget", "strict", "", "batch", ""]] + [
            [text, limit, *[cell for ratio, met in zip(ratios, mets) for cell in (f"{ratio:.2f}" if ratio else "", "met" if met else "not met")]]
            for text, limit, ratios, mets in budget.rows(self.median)]

    def rows(self, workload, offered):
        own = self.median("stopgate", workload, offered, "cpu_per_request")
        rows = [["proxy", "checks", "CPU µs a request", "lowest to highest", "Stopgate ÷ it", "a second", "p50 µs", "p99 µs", "connections to the provider", "failed"]]
        for name in self.names(workload, offered):
            get = lambda field: self.median(name, workload, offered, field)  # noqa: B023, E731
            cpu = self.values(name, workload, offered, "cpu_per_request")
            median = statistics.median(cpu)
            rows.append([
                name + (f" (offered 1/{SLOWNESS[name]})" if SLOWNESS[name] > 1 else ""), "yes" if CHECKS[name] else "",
                f"{median:.1f}" if median else "", f"{min(cpu):.1f} to {max(cpu):.1f}" if median else "", f"{own / median:.2f}" if own and median else "",
                f"{get('rate'):,.0f}", f"{get('p50'):,.0f}", f"{get('p99'):,.0f}", f"{get('upstream_connections'):.0f}" if median else "",
                str(sum(self.values(name, workload, offered, "failed")))])
        return rows

    def bottleneck(self):
        """Whether the load generator or the provider could have been what was measured."""
        cost = [(workload, offered, *(self.median("direct", workload, offered, field) for field in ("rate", "generator", "provider")))
                for workload, offered in self.tables if self.median("direct", workload, offered, "rate") is not None]
        return [["direct to the provider", "a second", "h2load, CPU µs a request", "provider, CPU µs a request"]] + [
            [f"{workload}, {_rate(offered)}", f"{rate:,.0f}", f"{generator:.1f}", f"{provider:.1f}"] for workload, offered, rate, generator, provider in cost]

    def lost(self):
        """Runs that are no measurement."""
        return [f"{sample['proxy']}, {sample['workload']}, {_rate(sample['offered'])}, round {sample['round']}: {sample['failed']} failed, "
                f"{sample['reached_provider']} of {sample['requests']} reached the provider"
                for sample in self.samples if sample["failed"] or sample["reached_provider"] != sample["requests"]]

    @property
    def about(self):
        where = self.where
        return [
            f"Written by `{where['command']}` on {where['date']}, commit {where['commit']}: {where['machine']}, load average before {where['load_before']:.1f}; "
            f"{where['rounds']} interleaved rounds of {where['seconds']} s, medians, {where['minutes']:.0f} minutes in all.",
            "The proxy has core 0, h2load and the mock provider core 1, every proxy one worker. TLS 1.3 on both sides with "
            f"{', '.join(sorted({sample['tls'] for sample in self.samples}))} and one P-256 key. Proxies that check have {where['suppressions']:,} suppressions, and every "
            "check is a miss. Stopgate also keeps evidence: strict means on disk before the send goes out. CPU is the kernel's accounting of the "
            "proxy's processes and all their threads, per request; ratios under 1 mean that Stopgate takes less."]

    # Forms

    def markdown(self):
        lines = ["# Compared with what users run today", ""]
        for text in self.about:
            lines += [text, ""]
        lines += ["[The same as a page with plots](compare.html), [raw figures](compare.json).", "", "## Against the budget", "",
                  "docs/design.md, section 9: Stopgate's figure divided by the other's.", "", *_table(self.budget_rows()), ""]
        for workload, offered in self.tables:
            lines += [f"## {workload}, {_rate(offered)}", "", f"![CPU a request]({self._plot_name(workload, offered)})", "", *_table(self.rows(workload, offered)), ""]
        lines += ["## Neither generator nor provider is the bottleneck", "", *_table(self.bottleneck()), ""]
        if lost := self.lost():
            lines += ["## No measurements", "", "Runs in which something failed or did not arrive once:", "", *[f"- {line}" for line in lost], ""]
        if self.where["missing"]:
            lines += ["## Left out", ""] + [f"- {what}: {' '.join(why.split())}" for what, why in self.where["missing"].items()] + [""]
        lines += ["## Versions and commands", ""] + [f"- {name}: {version}" for name, version in self.where["versions"].items()]
        return "\n".join([*lines, "", "```", *self.where["load_commands"], "```", ""])

    def page(self):
        parts = ["<h1>Compared with what users run today</h1>"] + [f'<p class="soft">{html.escape(text)}</p>' for text in self.about]
        parts += ["<h2>Against the budget</h2>", _html_table(self.budget_rows()),
                  '<h2>CPU for each request</h2><p class="soft">Microseconds; the thin line is the spread of the rounds. <i class="own"></i>Stopgate, checks and keeps evidence '
                  '<i class="check"></i>checks <i class="plain"></i>only forwards</p><div class="figures">']
        for workload, offered in self.tables:
            parts.append(f"<figure><h3>{workload} <small>{_rate(offered)}</small></h3>{self._plot(workload, offered)}</figure>")
        parts += ['</div><h2>The most that goes through one core</h2><p class="soft">Requests a second, flat out.</p><div class="figures">']
        for workload, offered in self.tables:
            if not offered:
                parts.append(f"<figure><h3>{workload}</h3>{self._plot(workload, 0, 'rate')}</figure>")
        parts.append("</div>")
        for workload, offered in self.tables:
            parts += [f"<h2>{workload}, {_rate(offered)}</h2>", _html_table(self.rows(workload, offered))]
        parts += ["<h2>Neither generator nor provider is the bottleneck</h2>", _html_table(self.bottleneck()), "<h2>Versions and commands</h2><pre>"
                  + html.escape("\n".join([*(f"{name}: {version}" for name, version in self.where["versions"].items()), "", *self.where["load_commands"]])) + "</pre>"]
        return figures.page("Stopgate compared", parts)

    def _plot(self, workload, offered, field="cpu_per_request", standalone=False):
        rows = []
        for name in self.names(workload, offered):
            values = self.values(name, workload, offered, field)
            if statistics.median(values) and not (SLOWNESS[name] > 1):
                kind = "own" if name.startswith("stopgate") else "check" if CHECKS[name] else "plain"
                rows.append((name, statistics.median(values), min(values), max(values), kind))
        return figures.bars(f"{workload}, {_rate(offered)}", rows, standalone)

    @staticmethod
    def _plot_name(workload, offered):
        return f"compare-{workload}-{offered or 'flat'}.svg"


def _rate(offered):
    return f"{offered:,} a second" if offered else "flat out"


def _table(rows):
    return ["| " + " | ".join(rows[0]) + " |", "|" + "---|" * len(rows[0])] + ["| " + " | ".join(row) + " |" for row in rows[1:]]


def _html_table(rows):
    cell = lambda text: f'<td class="{"met" if text == "met" else "missed" if text == "not met" else ""}">{html.escape(text)}</td>'  # noqa: E731
    return ('<div class="scroll"><table><thead><tr>' + "".join(f"<th>{html.escape(text)}</th>" for text in rows[0]) + "</tr></thead><tbody>"
            + "".join("<tr>" + "".join(cell(text) for text in row) + "</tr>" for row in rows[1:]) + "</tbody></table></div>")
