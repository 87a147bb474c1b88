"""What a turn came to, in words: the status, the log, the notices."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.budget import By, Restarted
from clawmend.core.event import Event
from clawmend.core.finding import CouldNotLook
from clawmend.core.memory import Memory, Pause
from clawmend.core.notify_options import NotifyOptions, targets_of
from clawmend.core.operation import QuietHours, WatchMode
from clawmend.core.receipt import Deed, Fault, Receipt
from clawmend.core.secret import Masker
from clawmend.loop.engine import Turn
from clawmend.loop.holding import Held
from clawmend.loop.places import Interest
from clawmend.loop.status import Happened, Status, Watched
from clawmend.loop.telling import (
    log_turn,
    notices_for,
    repaired_before,
    settings_line,
    told_of,
    with_memory,
    with_turn,
    with_watches,
)
from clawmend.system.history import History
from loop.bed import START, Bed, settings
from repair.home import NEW_KEY, OLD_KEY, cache, profiles

NOW = 1_800_000_000.0
STATUS = Status(1, NOW, NOW, "0", "/h", "auto", NOW)
ERROR = Fault("f1", "OC101", "stale-model-cache", "error", "~/x", "it is stale", held="it is contested")
WARNING = Fault("f2", "OC201", "stale-key", "warning", "~/y", "an old key")
RECEIPT = Receipt("r1", NOW, "watch", "/h", "2026.3.2", "repaired", 0.1)


class TestStatus:
    def test_a_turn_in_which_nobody_looked_changes_nothing(self) -> None:
        assert with_turn(STATUS, Turn(), Masker(b"k"), NOW) is STATUS

    def test_a_repair_and_its_way_back(self, bed: Bed) -> None:
        bed.home.write(bed.home.models, cache(), age=60)
        turn = bed.turn(START)
        status = with_turn(STATUS, turn, Masker(b"k"), NOW)
        assert status.last_look is not None
        assert status.last_look.result == "nothing to do"
        assert status.last_repair is not None
        assert re.fullmatch(r"repaired \(OC101\); undo: clawmend undo \S+", status.last_repair.result)

    def test_what_is_left_is_held_or_contested_and_no_key_is_told(self, bed: Bed) -> None:
        bed.home.write(bed.home.profiles, profiles(OLD_KEY))
        turn = bed.turn(START)
        assert turn.outcome is not None
        (finding,) = [one for one in turn.outcome.findings if one.rule == "OC201"]
        status = with_turn(STATUS, turn, bed.log.masker, NOW)
        assert [one.rule for one in status.held] == ["OC201"]
        assert status.contested == ()
        assert status.last_look is not None
        assert status.last_look.result == "1 thing is left"
        name = finding.fingerprint(turn.outcome.snapshot.home)
        contested = replace(turn, held=Held(contested={name: (None, "")}))  # type: ignore[dict-item]
        status = with_turn(STATUS, contested, bed.log.masker, NOW)
        assert (status.held, [one.path for one in status.contested]) == (
            (),
            ["~/.openclaw/agents/main/agent/auth-profiles.json"],
        )
        assert OLD_KEY not in repr(status)
        assert NEW_KEY not in repr(status)

    def test_what_could_not_be_looked_at_is_an_error_in_it(self, bed: Bed) -> None:
        turn = bed.turn(START)
        assert turn.outcome is not None
        path = str(bed.home.path / ".openclaw" / "x")
        blind = replace(turn.outcome, blind=(CouldNotLook("OC101", path, "may not be read", "chmod"),))
        assert with_turn(STATUS, replace(turn, outcome=blind), Masker(b"k"), NOW).errors == (
            "~/.openclaw/x may not be read",
        )

    def test_the_restarts_of_the_last_hour_and_a_pause(self) -> None:
        restarts = ((7200, By.US), (60, By.OTHERS), (5, By.US))
        lately = tuple(Restarted(time=NOW - ago, directory="/h/.openclaw", by=by) for ago, by in restarts)
        memory = Memory(restarts=lately, paused=Pause(since=NOW - 60))
        status = with_memory(STATUS, memory, NOW)
        assert status.budget == "1 restart by clawmend and 1 by others in the last hour"
        assert status.paused.startswith("clawmend is paused until clawmend resume")
        assert with_memory(STATUS, Memory(), NOW) == STATUS
        assert with_memory(STATUS, Memory(problem="it is damaged"), NOW).budget == "it is damaged"

    def test_which_folders_are_watched_and_why_not(self) -> None:
        places = {"/h/.openclaw": Interest(), "/h": Interest()}
        assert with_watches(STATUS, places, frozenset({"/h"}), "no more watches").watched == (
            Watched("~", True, ""),
            Watched("~/.openclaw", False, "no more watches"),
        )


class TestRepairedBefore:
    """What the watcher last did is still known to the next one."""

    DID = replace(RECEIPT, checkpoint="c1", deeds=(Deed("~/x", "edit", ("OC101", "OC102")),))

    @pytest.fixture
    def history(self, tmp_path: Path) -> History:
        return History(str(tmp_path / "state"))

    def test_it_is_the_newest_of_the_watchers_own_in_this_home(self, history: History) -> None:
        assert repaired_before(history, "/h") is None
        for receipt in (
            replace(self.DID, time=NOW - 9, checkpoint="c0"), self.DID, replace(RECEIPT, left=(ERROR,)),
            replace(self.DID, home="/other", checkpoint="c2"), replace(self.DID, by="repair", checkpoint="c3"),
        ):  # fmt: skip
            history.append(receipt)
        told = Happened(NOW, "repaired (OC101, OC102); undo: clawmend undo c1")
        assert repaired_before(history, "/h") == told

    def test_it_says_the_same_as_the_watcher_that_did_it(self, bed: Bed) -> None:
        bed.home.write(bed.home.models, cache(), age=60)
        status = with_turn(STATUS, bed.turn(START), Masker(b"k"), bed.clock.now())
        assert repaired_before(bed.engine.history, str(bed.home.path)) == status.last_repair

    def test_what_was_undone_since_names_no_way_back(self, history: History) -> None:
        history.append(self.DID)
        history.append(replace(RECEIPT, by="undo", checkpoint="c2", undoes="c1", deeds=self.DID.deeds))
        assert repaired_before(history, "/h") == Happened(NOW, "repaired (OC101, OC102), and undone since")
        history.append(replace(RECEIPT, by="undo", undoes="c2"))  # that was the undo's own checkpoint
        history.append(replace(RECEIPT, by="undo", undoes="c9"))
        assert repaired_before(history, "/h") == Happened(NOW, "repaired (OC101, OC102); undo: clawmend undo c1")

    def test_a_start_of_a_gateway_has_no_way_back_and_a_cycle_that_left_something_repaired_the_rest(
        self, history: History
    ) -> None:
        history.append(replace(self.DID, checkpoint=None, verdict="needs-you"))
        assert repaired_before(history, "/h") == Happened(NOW, "repaired (OC101, OC102)")

    def test_a_history_that_cannot_be_read_keeps_nobody_from_watching(self, history: History, tmp_path: Path) -> None:
        (tmp_path / "state").mkdir()
        (tmp_path / "state" / "history.jsonl").mkdir()
        assert repaired_before(history, "/h") is None


class TestLog:
    @pytest.fixture
    def lines(self, bed: Bed, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, dict[str, object]]]:
        """What is logged: the level, the text, the fields."""
        said: list[tuple[str, str, dict[str, object]]] = []
        for level in ("note", "caution"):
            monkeypatch.setattr(bed.log, level, lambda text, _=level, **fields: said.append((_, text, fields)))
        return said

    def test_everything_that_was_new(self, lines: list[object], bed: Bed) -> None:
        outcome = bed.turn(START).outcome
        full = replace(
            RECEIPT, checkpoint="c1", mended=(WARNING,), left=(ERROR, WARNING, replace(WARNING, fingerprint="f3")),
            blind=("~/z may not be read",), restart="done", proof="1 became 2", note="a note",
        )  # fmt: skip
        log_turn(bed.log, Turn(outcome, receipt=full))
        assert lines == [
            ("note", "repaired: an old key", {"rule": "OC201", "path": "~/y", "undo": "c1"}),
            ("caution", "left: it is stale", {"rule": "OC101", "path": "~/x", "why": "it is contested"}),
            ("note", "left: an old key", {"rule": "OC201", "path": "~/y", "why": "only told"}),
            ("caution", "could not look: ~/z may not be read", {}),
            ("note", "gateway restart done: 1 became 2", {}),
            ("note", "a note", {}),
        ]

    @pytest.mark.parametrize(("verdict", "said"), [("needs-you", "repaired"), ("rolled-back", "rolled-back")])
    def test_what_was_repaired_is_said_to_be_although_something_else_is_left(
        self, lines: list[tuple[str, str, object]], bed: Bed, verdict: str, said: str
    ) -> None:
        outcome = bed.turn(START).outcome
        log_turn(bed.log, Turn(outcome, receipt=replace(RECEIPT, verdict=verdict, mended=(WARNING,), left=(ERROR,))))
        assert [text for _, text, _ in lines] == [f"{said}: an old key", "left: it is stale"]

    def test_an_end_of_everything_is_one_line_and_nothing_new_is_none(self, lines: list[object], bed: Bed) -> None:
        outcome = bed.turn(START).outcome
        log_turn(bed.log, Turn())
        log_turn(bed.log, Turn(outcome))
        log_turn(bed.log, Turn(outcome, receipt=replace(RECEIPT, verdict="healthy")))
        assert lines == [("note", "nothing is left to do (healthy)", {})]


class TestNotices:
    @pytest.fixture
    def history(self, tmp_path: Path) -> History:
        history = History(str(tmp_path / "state"))
        (tmp_path / "state").mkdir(mode=0o700)
        for number in range(3):
            history.append(replace(RECEIPT, id=f"a{number}", time=NOW + number, left=(ERROR,)))
            history.append(replace(RECEIPT, id=f"b{number}", time=NOW + number, home="/other", left=(WARNING,)))
        return history

    def test_only_this_homes_incidents_are_told(self, history: History) -> None:
        assert [one.fault.fingerprint for one in told_of(history, RECEIPT)] == ["f1"]

    def test_the_history_is_not_read_for_ever(self, history: History, monkeypatch: pytest.MonkeyPatch) -> None:
        read: list[str] = []
        real = history.newest_first

        def counted() -> Any:
            for one in real():
                read.append(one.id)
                yield one

        monkeypatch.setattr("clawmend.loop.telling._MOST_RECEIPTS", 2)
        monkeypatch.setattr(history, "newest_first", counted)
        told_of(history, RECEIPT)
        assert read == ["b2", "a2", "b1", "a1"]

    def test_without_a_receipt_there_is_nothing_to_tell(self, history: History) -> None:
        assert notices_for(history, Turn()) == ()

    def test_with_a_receipt_what_is_news_in_it(self, history: History) -> None:
        receipt = replace(RECEIPT, id="a3", time=NOW + 3, verdict="needs-you", left=(replace(ERROR, fingerprint="f9"),))
        history.append(receipt)
        found = notices_for(history, Turn(receipt=receipt))
        assert [one.event for one in found] == [Event.NEEDS_YOU, Event.OVER]


def test_the_settings_in_one_line() -> None:
    assert settings_line(settings()) == "mode auto, sweep 60 s, 0 notification channels"
    quiet = replace(
        settings(mode=WatchMode.REPORT, sweep=30.0, quiet_hours=QuietHours.parse("23:00-07:00")),
        notify=NotifyOptions(targets_of(("good://x",), desktop=False)),
    )
    assert settings_line(quiet) == "mode report, sweep 30 s, no restarts 23:00-07:00, 1 notification channels"
