"""What can be counted: from receipts, the last look, the memory and the outbox."""

from dataclasses import replace

from clawmend.core.budget import By, Restarted
from clawmend.core.event import Event
from clawmend.core.finding import Confidence, Finding, Safety, Severity
from clawmend.core.gateway import NO_GATEWAY, Condition, GatewayHealth
from clawmend.core.metrics import Figure, Measured, figures, tally
from clawmend.core.metrics_options import MetricsOptions
from clawmend.core.notices import Notice
from clawmend.core.outbox import Delivery, Fate, Message
from clawmend.core.receipt import Fault, Receipt

FAULT = Fault("f", "OC101", "stale-model-cache", "error", "~/x", "it is stale")
RECEIPT = Receipt("1", 100.0, "watch", "/home", None, "repaired", 0.25, mended=(FAULT, FAULT))


def finding(rule: str, severity: Severity) -> Finding:
    return Finding(
        rule=rule,
        name="n",
        severity=severity,
        safety=Safety.SAFE,
        confidence=Confidence.CERTAIN,
        path="/x",
        summary="s",
    )


def by_name(measured: Measured) -> dict[str, Figure]:
    return {one.name: one for one in figures(measured)}


def test_receipts_add_up_and_the_newest_repair_is_the_last_one() -> None:
    rolled_back = replace(RECEIPT, verdict="rolled-back", mended=(), time=200.0)
    later = replace(RECEIPT, mended=(replace(FAULT, rule="CC101"),), time=300.0, seconds=4.0)
    found = tally([RECEIPT, replace(RECEIPT, mended=()), rolled_back, later])
    assert found.repairs == {"OC101": 2, "CC101": 1}
    assert (found.rollbacks, found.seconds, found.at) == (1, 4.0, 300.0)


def test_before_anything_has_happened_there_are_counts_of_nothing_and_no_times() -> None:
    found = by_name(Measured(version="1"))
    assert found["clawmend_info"].values == {("1",): 1.0}
    assert found["clawmend_rollbacks_total"].values == {(): 0.0}
    assert found["clawmend_contested"].values == {(): 0.0}
    for name in ("last_look_timestamp_seconds", "last_repair_seconds", "findings", "gateway_ready", "repairs_total"):
        assert found[f"clawmend_{name}"].values == {}


def test_every_figure_tells_what_it_is_made_from() -> None:
    notice = Notice("k", Event.NEEDS_YOU, 1.0, "t", ("l",))
    measured = Measured(
        version="1",
        look=50.0,
        findings=(finding("OC101", Severity.ERROR), finding("OC101", Severity.ERROR), finding("X", Severity.INFO)),
        gateways={
            "~/.openclaw": GatewayHealth(condition=Condition.READY, why="it answers"),
            "~/.openclaw-dead": GatewayHealth(condition=Condition.STOPPED, why="it was stopped"),
            "~/.openclaw-none": NO_GATEWAY,
        },
        tally=tally([RECEIPT]),
        restarts=(Restarted(time=1.0, directory="/x", by=By.OTHERS), Restarted(time=2.0, directory="/x", by=By.US)),
        contested=3,
        messages=(Message(notice, {"a": Delivery(Fate.SENT), "b": Delivery(Fate.WAITING)}),),
    )
    found = by_name(measured)
    assert found["clawmend_last_look_timestamp_seconds"].values == {(): 50.0}
    assert found["clawmend_findings"].values == {("OC101", "error"): 2}
    assert found["clawmend_gateway_ready"].values == {("~/.openclaw",): 1.0, ("~/.openclaw-dead",): 0.0}
    assert found["clawmend_repairs_total"].values == {("OC101",): 2.0}
    assert found["clawmend_last_repair_seconds"].values == {(): 0.25}
    assert found["clawmend_contested"].values == {(): 3.0}
    assert found["clawmend_gateway_restarts"].values == {("clawmend",): 1.0, ("rollback",): 0.0, ("others",): 1.0}
    fates = found["clawmend_notifications"].values
    assert (fates["sent",], fates["waiting",], fates["expired",]) == (1.0, 1.0, 0.0)


def test_only_what_was_asked_for_is_wanted() -> None:
    assert not MetricsOptions().wanted
    assert MetricsOptions(file="").wanted
    assert MetricsOptions(port=9464).wanted
