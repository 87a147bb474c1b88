"""Recording: a receipt of what is worth a line, masked, and nothing that depends on it."""

from dataclasses import replace
from pathlib import Path

from clawmend.core.finding import Confidence, Finding, Fix, Need, Safety, Severity
from clawmend.core.finding import Restart as RestartEdit
from clawmend.core.receipt import Receipt
from clawmend.core.verdict import Verdict
from clawmend.core.wanted import wanted_restarts
from clawmend.repair.cycle import Outcome, repair
from clawmend.repair.planning import Options
from clawmend.repair.recording import record, record_undo
from clawmend.repair.undo import choose, undo
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.history import History
from clawmend.system.restart import Restart
from repair.home import NEW_KEY, OLD_KEY, Home, cache, profiles

RIGHT = "coding-intl.dashscope.aliyuncs.com"


def run(home: Home) -> Outcome:
    return repair(home.tools(), Options(version="2026.3.2"), dry_run=False)


def kept(home: Home) -> list[Receipt]:
    return list(History(str(home.state)).newest_first())


def keep(home: Home, outcome: Outcome, now: float = 1_800_000_000.0, **more: tuple[str, ...]) -> Receipt | None:
    receipt, problem = record(History(str(home.state)), outcome, by="watch", now=now, **more)
    assert problem == ""
    return receipt


def test_a_home_in_order_leaves_no_line_and_no_folder(home: Home) -> None:
    assert keep(home, run(home)) is None
    assert not home.state.exists()


def test_a_repair_is_kept_with_what_it_changed_and_how_it_is_undone(home: Home) -> None:
    home.write(home.models, cache())
    outcome = run(home)
    receipt = keep(home, outcome, writers=(f"somebody at {home.path}/.openclaw",))
    assert kept(home) == [receipt]
    assert receipt is not None
    assert (receipt.by, receipt.verdict, receipt.version) == ("watch", "repaired", "2026.3.2")
    assert receipt.checkpoint == outcome.checkpoint
    assert [(one.path, one.action, one.rules) for one in receipt.deeds] == [
        ("~/.openclaw/agents/main/agent/models.json", "edit", ("OC101",))
    ]
    assert '-    "bailian"' in receipt.deeds[0].diff
    assert [one.rule for one in receipt.mended] == ["OC101"]
    assert receipt.left == ()
    assert receipt.writers == ("somebody at ~/.openclaw",)


def test_what_is_held_is_kept_once_with_the_reason_and_its_end_is_kept_too(home: Home) -> None:
    home.write(home.models, cache().replace("dashscope.aliyuncs.com/compatible-mode", RIGHT))
    home.write(home.profiles, profiles(OLD_KEY))
    first = keep(home, run(home))
    assert first is not None
    assert [(one.rule, bool(one.held)) for one in first.left] == [("OC201", True)]
    assert keep(home, run(home)) is None
    home.profiles.unlink()
    last = keep(home, run(home))
    assert last is not None
    assert (last.verdict, last.left) == ("healthy", ())
    assert keep(home, run(home)) is None
    assert len(kept(home)) == 2


def test_no_secret_is_kept(home: Home) -> None:
    home.write(home.models, cache())
    home.write(home.profiles, profiles(OLD_KEY))
    keep(home, run(home), writers=(f"a program with {OLD_KEY}",))
    text = Path(History(str(home.state)).path).read_text()
    assert NEW_KEY not in text
    assert OLD_KEY not in text


def test_an_undo_is_kept_too(home: Home) -> None:
    home.write(home.models, cache())
    tools, store = home.tools(), CheckpointStore(str(home.state))
    keep(home, run(home))
    undone = undo(tools, store, choose(store, str(home.path), None), force=False)
    assert record_undo(History(str(home.state)), undone, str(home.path), now=5.0) == ""
    newest = kept(home)[0]
    assert (newest.by, newest.checkpoint) == ("undo", undone.made)
    assert newest.note == f"undid {undone.checkpoint.id}"
    assert [one.path for one in newest.deeds] == ["~/.openclaw/agents/main/agent/models.json"]


def test_a_history_that_cannot_be_written_is_one_sentence_and_the_repair_stands(home: Home) -> None:
    home.write(home.models, cache())
    (home.state / "history.jsonl").mkdir(parents=True)
    outcome = run(home)
    assert outcome.verdict is Verdict.REPAIRED
    receipt, problem = record(History(str(home.state)), outcome, by="repair", now=1.0)
    assert receipt is None
    assert "cannot be read" in problem or "cannot be written" in problem
    store = CheckpointStore(str(home.state))
    undone = undo(home.tools(), store, choose(store, str(home.path), None), force=False)
    assert "cannot be written" in record_undo(History(str(home.state)), undone, str(home.path), now=1.0)


def test_a_gateway_that_only_had_to_be_started_is_kept_as_what_was_mended(home: Home) -> None:
    down = Finding(
        rule="OC402",
        name="gateway-down",
        severity=Severity.ERROR,
        safety=Safety.SAFE,
        confidence=Confidence.CERTAIN,
        path=str(home.config),
        summary="the gateway is down",
        fix=Fix((RestartEdit(str(home.config), reset_failed=False),), Need.RESTART),
    )
    outcome = replace(run(home), verdict=Verdict.REPAIRED, restarts=wanted_restarts(down))
    waiting = replace(outcome, restart=Restart(needed=True, done=False, reason="not yet", pending=True))
    pending = keep(home, waiting)
    assert pending is not None
    assert (pending.mended, pending.deeds, pending.restart) == ((), (), "waiting")
    started = replace(outcome, restart=Restart(needed=True, done=True, reason="it was down", proof="process 7"))
    receipt = keep(home, started, now=1_800_000_060.0)
    assert receipt is not None
    assert [fault.rule for fault in receipt.mended] == ["OC402"]
    assert [(deed.path, deed.action) for deed in receipt.deeds] == [("~/.openclaw/openclaw.json", "start")]
    assert (receipt.restart, receipt.checkpoint) == ("done", None)
