"""The ratios of docs/design.md, section 9, that a comparison can tell, and whether they are met."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Limit:
    """Stopgate's figure divided by the same figure of `against`."""

    workload: str
    #: Sends a second; 0 flat out.
    offered: int
    against: str
    field: str
    limit: float
    #: Whether the ratio may be higher instead of lower.
    at_least: bool = False

    @property
    def text(self):
        what = "CPU per request" if self.field == "cpu_per_request" else "highest rate"
        return f"{what} ÷ {self.against}, {self.workload}, {f'{self.offered:,}/s' if self.offered else 'flat out'}"

    def is_met(self, ratio):
        return ratio >= self.limit if self.at_least else ratio <= self.limit


LIMITS = [
    Limit("sms-h2", 5000, "nghttpx", "cpu_per_request", 0.6),
    Limit("sms-h2", 15000, "nghttpx", "cpu_per_request", 0.8),
    Limit("sms-h2", 0, "nghttpx", "cpu_per_request", 0.9),
    Limit("sms-h2", 12000, "haproxy-acl", "cpu_per_request", 0.7),
    Limit("sms-h1", 12000, "haproxy-acl", "cpu_per_request", 0.8),
    Limit("mail-20-h1", 12000, "haproxy-acl", "cpu_per_request", 0.8),
    Limit("sms-h1", 12000, "nginx", "cpu_per_request", 0.95),
    Limit("sms-h2", 0, "nghttpx", "rate", 1.3, at_least=True),
]


def rows(median):
    """Of each limit: text, limit, ratio with audit strict and batch, met or not. `median(proxy, workload, offered, field)`."""
    found = []
    for limit in LIMITS:
        base = median(limit.against, limit.workload, limit.offered, limit.field)
        own = [median(name, limit.workload, limit.offered, limit.field) for name in ("stopgate", "stopgate-batch")]
        if base and own[0]:
            ratios = [value / base if value else None for value in own]
            found.append((limit.text, ("≥ " if limit.at_least else "≤ ") + f"{limit.limit:g}", ratios, [ratio is not None and limit.is_met(ratio) for ratio in ratios]))
    return found
