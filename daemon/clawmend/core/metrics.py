"""What can be counted and measured, as values: told from what is kept anyway, so that nothing has to be counted twice.

Counters are as long as the history: when an old part of it goes, or it is removed, they begin anew, as Prometheus
expects of a counter that was reset. No label holds a secret or a message.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field, replace

from clawmend.core.budget import By, Restarted
from clawmend.core.finding import Finding, Severity
from clawmend.core.frozen import dataclass
from clawmend.core.gateway import Condition, GatewayHealth
from clawmend.core.outbox import Fate, Message
from clawmend.core.receipt import ROLLED_BACK, Receipt

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric: its name as Prometheus spells it, what it means, the names of its labels, value by labels."""

    name: str
    help: str
    labels: Labels = ()
    values: Mapping[Labels, float] = field(default_factory=dict)
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """What receipts add up to. `seconds` and `at` are of the newest repair, None without one."""

    repairs: Mapping[str, int] = field(default_factory=dict)
    rollbacks: int = 0
    seconds: float | None = None
    at: float | None = None

    def with_receipt(self, receipt: Receipt) -> "Tally":
        """Add a receipt, in the order of time."""
        if receipt.verdict == ROLLED_BACK:
            return replace(self, rollbacks=self.rollbacks + 1)
        if not receipt.mended:
            return self
        repairs = Counter(self.repairs)
        repairs.update(fault.rule for fault in receipt.mended)
        return replace(self, repairs=repairs, seconds=receipt.seconds, at=receipt.time)


def tally(receipts: Iterable[Receipt]) -> Tally:
    """Add receipts up, oldest first."""
    found = Tally()
    for receipt in receipts:
        found = found.with_receipt(receipt)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the figures are made from. `look` is when it was looked last (seconds since the epoch), None if never.

    `gateways` are how each state folder's gateway is, by the folder as people write it.
    """

    version: str
    look: float | None = None
    findings: tuple[Finding, ...] = ()
    gateways: Mapping[str, GatewayHealth] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    restarts: tuple[Restarted, ...] = ()
    contested: int = 0
    messages: tuple[Message, ...] = ()


def figures(measured: Measured) -> tuple[Figure, ...]:
    """Every metric there is; those without a value yet are there without one."""
    done = measured.tally
    found: Counter[Labels] = Counter(
        (one.rule, one.severity.value) for one in measured.findings if one.severity is not Severity.INFO
    )
    fates = Counter(each.fate for one in measured.messages for each in one.deliveries.values())
    by = Counter(one.by for one in measured.restarts)
    up: dict[Labels, float] = {
        (folder,): float(health.condition is Condition.READY)
        for folder, health in measured.gateways.items()
        if health.condition is not Condition.ABSENT
    }
    return (
        Figure("clawmend_info", "The version that runs.", ("version",), {(measured.version,): 1.0}),
        Figure("clawmend_last_look_timestamp_seconds", "When it was looked last.", (), _one(measured.look)),
        Figure("clawmend_findings", "Faults that are there now.", ("rule", "severity"), dict(found)),
        Figure("clawmend_gateway_ready", "Whether the gateway of a state folder is ready.", ("folder",), up),
        Figure(
            "clawmend_repairs_total",
            "Faults repaired, as far back as the history goes.",
            ("rule",),
            {(rule,): float(count) for rule, count in done.repairs.items()},
            counts=True,
        ),
        Figure("clawmend_rollbacks_total", "Repairs that were put back.", (), _one(done.rollbacks), counts=True),
        Figure("clawmend_last_repair_seconds", "How long the last repair took.", (), _one(done.seconds)),
        Figure("clawmend_last_repair_timestamp_seconds", "When the last repair was.", (), _one(done.at)),
        Figure("clawmend_contested", "Faults that somebody puts back.", (), _one(measured.contested)),
        Figure(
            "clawmend_gateway_restarts",
            "Starts of gateways that are remembered (about a day), by who made them.",
            ("by",),
            {(one.value,): float(by[one]) for one in By},
        ),
        Figure(
            "clawmend_notifications",
            "Notifications of the last month, by what has become of them.",
            ("fate",),
            {(one.value,): float(fates[one]) for one in Fate},
        ),
    )


def _one(value: float | None) -> Mapping[Labels, float]:
    return {} if value is None else {(): float(value)}
