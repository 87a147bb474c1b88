"""From findings to final bytes: what is applied, what is held back and why."""

from dataclasses import replace
from typing import Any

import pytest

from clawmend.core.belonging import owner_of, state_of
from clawmend.core.document import Syntax
from clawmend.core.finding import (
    Confidence,
    Edit,
    Finding,
    Fix,
    LogOut,
    Need,
    RemoveFile,
    RemoveKey,
    RestoreFile,
    Safety,
    SetKey,
    SetMode,
    Severity,
    TakeOver,
)
from clawmend.core.plan import Action, Command, Plan, make_plan
from clawmend.core.snapshot import Exposed, GatewayUnknown, Snapshot
from support.build import (
    AGENT,
    CONFIG,
    FOLDER,
    HOME,
    agent,
    identity,
    malformed,
    openclaw,
    parsed,
    snapshot,
    unreadable,
)

MODELS = f"{AGENT}/models.json"


def finding(*edits: Edit, need: Need = Need.NOTHING, **fields: Any) -> Finding:
    given = {
        "rule": "OC999",
        "name": "test",
        "severity": Severity.ERROR,
        "safety": Safety.SAFE,
        "confidence": Confidence.CERTAIN,
        "path": CONFIG,
        "summary": "it is wrong",
        "fix": Fix(edits, need) if edits else None,
        **fields,
    }
    return Finding(**given)


def plan_for(shot: Snapshot, *findings: Finding, yes: bool = False, blocked: str | None = None) -> Plan:
    return make_plan(shot, findings, lambda _finding: yes, lambda _path: blocked)


HERE = snapshot(openclaw({"a": 1, "b": {"c": 2}}, agent(models={"providers": {"x": 1, "y": 2}})))


def test_two_fixes_of_one_file_become_one_change() -> None:
    first = finding(SetKey(CONFIG, ("a",), 5))
    second = finding(RemoveKey(CONFIG, ("b", "c")), rule="OC998", need=Need.HOT_RELOAD)
    plan = plan_for(HERE, first, second)
    (change,) = plan.changes
    assert change.after == b'{\n  "a": 5,\n  "b": {}\n}'
    assert change.before.data == b'{\n  "a": 1,\n  "b": {\n    "c": 2\n  }\n}'
    assert change.action is Action.EDIT
    assert change.rules == ("OC999", "OC998")
    assert change.need is Need.HOT_RELOAD
    assert plan.need is Need.HOT_RELOAD
    assert not plan.held


def test_one_fix_may_change_several_places_and_several_files() -> None:
    fix = finding(SetKey(CONFIG, ("a",), 5), SetKey(CONFIG, ("d",), 6), RemoveKey(MODELS, ("providers", "x")))
    plan = plan_for(HERE, fix)
    assert [change.path for change in plan.changes] == [CONFIG, MODELS]
    assert b'"d": 6' in (plan.changes[0].after or b"")
    assert plan.changes[0].findings == (fix,)
    assert plan.changes[1].after == b'{\n  "providers": {\n    "y": 2\n  }\n}'


def test_a_file_may_go() -> None:
    (change,) = plan_for(HERE, finding(RemoveFile(MODELS))).changes
    assert (change.action, change.after, change.source) == (Action.REMOVE, None, None)
    assert change.need is Need.NOTHING


def test_a_file_may_come_back_from_a_copy() -> None:
    shot = snapshot(openclaw(malformed(CONFIG)))
    (change,) = plan_for(shot, finding(RestoreFile(CONFIG, f"{CONFIG}.bak", b"{}"))).changes
    assert (change.action, change.after, change.source) == (Action.RESTORE, b"{}", f"{CONFIG}.bak")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (RemoveFile(MODELS), RemoveKey(MODELS, ("providers", "x"))),
        (RemoveKey(MODELS, ("providers", "x")), RemoveFile(MODELS)),
        (RestoreFile(MODELS, "copy", b"{}"), RemoveFile(MODELS)),
    ],
)
def test_a_fix_that_meets_a_file_in_another_way_waits(first: Edit, second: Edit) -> None:
    late = finding(second, rule="OC998")
    plan = plan_for(HERE, finding(first), late)
    assert len(plan.changes) == 1
    assert plan.changes[0].rules == ("OC999",)
    assert [(held.finding, held.blocked) for held in plan.held] == [(late, False)]
    assert "another repair of this file comes first" in plan.held[0].reason


def test_a_fix_is_applied_whole_or_not_at_all() -> None:
    half = finding(SetKey(CONFIG, ("a",), 5), RemoveKey(MODELS, ("providers", "gone", "deeper")))
    plan = plan_for(HERE, half)
    assert not plan.changes
    assert "the edit does not fit the file" in plan.held[0].reason


def test_an_edit_of_a_file_that_does_not_parse_is_held() -> None:
    plan = plan_for(snapshot(openclaw(malformed(CONFIG))), finding(SetKey(CONFIG, ("a",), 5)))
    assert plan.held[0].reason == "the file does not parse"


def test_an_edit_of_a_file_that_cannot_be_read_or_is_not_there_is_held() -> None:
    shot = snapshot(openclaw(unreadable(CONFIG), agent()))
    plan = plan_for(
        shot, finding(SetKey(CONFIG, ("a",), 5)), finding(RemoveFile(MODELS)), finding(RemoveFile("/etc/x"))
    )
    assert [held.reason for held in plan.held] == [
        f"{CONFIG} may not be accessed by this user",
        f"{MODELS} is not there",
        "/etc/x is not there",
    ]


def test_a_note_without_a_fix_needs_no_word() -> None:
    plan = plan_for(HERE, finding(severity=Severity.INFO, safety=Safety.ADVISE))
    assert not plan.changes
    assert not plan.held


def test_a_note_with_a_fix_is_applied_when_asked_and_else_needs_no_word() -> None:
    note = finding(SetKey(CONFIG, ("a",), 5), severity=Severity.INFO, safety=Safety.ASK)
    assert not plan_for(HERE, note).held
    assert not plan_for(HERE, note).changes
    assert plan_for(HERE, note, yes=True).changes


def test_what_only_a_person_can_do_is_held() -> None:
    plan = plan_for(HERE, finding(), finding(SetKey(CONFIG, ("a",), 5), safety=Safety.ADVISE), yes=True)
    assert [held.reason for held in plan.held] == ["only you can do this"] * 2


def test_the_reason_of_the_rule_itself_comes_first() -> None:
    held = plan_for(HERE, finding(SetKey(CONFIG, ("a",), 5), hold="the version is not known"), yes=True).held
    assert held[0].reason == "the version is not known"


def test_an_ask_fix_needs_consent() -> None:
    question = finding(SetKey(CONFIG, ("a",), 5), safety=Safety.ASK)
    refused, allowed = plan_for(HERE, question), plan_for(HERE, question, yes=True)
    assert not refused.changes
    assert "allow it with --yes" in refused.held[0].reason
    assert allowed.changes
    assert not allowed.held


def test_a_safe_fix_asks_nobody() -> None:
    asked: list[Finding] = []
    make_plan(HERE, [finding(SetKey(CONFIG, ("a",), 5))], lambda one: bool(asked.append(one)))
    assert not asked


def test_somebody_elses_configuration_is_read_only() -> None:
    shot = snapshot(openclaw({"a": 1}, read_only=True))
    assert "read-only" in plan_for(shot, finding(SetKey(CONFIG, ("a",), 5)), yes=True).held[0].reason


def test_a_gateway_that_cannot_be_seen_would_undo_what_needs_a_restart() -> None:
    shot = snapshot(openclaw({"a": 1}, gateway=GatewayUnknown("something listens")))
    assert "something listens" in plan_for(shot, finding(SetKey(CONFIG, ("a",), 5), need=Need.RESTART)).held[0].reason
    assert plan_for(shot, finding(SetKey(CONFIG, ("a",), 5), need=Need.HOT_RELOAD)).changes


def test_a_file_that_cannot_be_written_is_named_and_marked() -> None:
    held = plan_for(HERE, finding(SetKey(CONFIG, ("a",), 5)), blocked="it lies on a read-only file system").held
    assert (held[0].reason, held[0].blocked) == ("it lies on a read-only file system", True)


def test_an_empty_plan_needs_nothing() -> None:
    assert plan_for(HERE).need is Need.NOTHING


def test_every_file_has_its_owner_and_its_state() -> None:
    claude = parsed(f"{HOME}/.claude.json", {})
    mine = agent(profiles={"a": 1})
    shot = snapshot(openclaw({"a": 1}, mine), claude=claude)
    assert owner_of(shot, CONFIG) is shot.openclaws[0]
    assert owner_of(shot, MODELS) is shot.openclaws[0]
    assert owner_of(shot, f"{FOLDER}-work/openclaw.json") is None
    assert owner_of(shot, claude.path) is None
    assert state_of(shot, claude.path) is claude
    assert state_of(shot, CONFIG) is shot.openclaws[0].config
    assert state_of(shot, mine.profiles.path) is mine.profiles
    assert state_of(shot, "/etc/x") is None
    assert state_of(snapshot(), CONFIG) is None


def test_what_lies_beside_has_its_state_too() -> None:
    included, login, copy = (parsed(f"{FOLDER}/{name}", {}) for name in ("more.json", "oauth.json", "copy"))
    exposed = tuple(Exposed(state.path if state else "db", 0o644, 0, True, state) for state in (None, copy))
    shot = snapshot(openclaw({"a": 1}, includes=(included,), oauth_sources=(login,), exposed=exposed))
    assert [state_of(shot, state.path) for state in (included, login, copy)] == [included, login, copy]
    assert state_of(shot, "db") is None


class TestModes:
    closing = finding(SetMode(CONFIG, 0o600))
    shot = snapshot(
        openclaw(replace(parsed(CONFIG, {"a": 1}, Syntax.JSON5), identity=replace(identity(), mode=0o644)), agent())
    )

    def test_a_file_gets_another_mode_and_keeps_its_bytes(self) -> None:
        (change,) = plan_for(self.shot, self.closing).changes
        assert (change.action, change.after, change.mode) == (Action.MODE, change.before.data, 0o600)
        assert not change.is_none

    def test_one_that_has_it_already_is_no_change(self) -> None:
        (change,) = plan_for(HERE, self.closing).changes
        assert change.is_none

    @pytest.mark.parametrize("order", [1, -1])
    def test_with_an_edit_of_the_same_file_it_is_one_change(self, order: int) -> None:
        edit = finding(SetKey(CONFIG, ("a",), 5), rule="OC998")
        (change,) = plan_for(self.shot, *[edit, self.closing][::order]).changes
        assert (change.action, change.mode) == (Action.EDIT, 0o600)
        assert b"5" in (change.after or b"")
        assert change.rules == ("OC998", "OC999")[::order]

    def test_one_finding_may_ask_for_both(self) -> None:
        (change,) = plan_for(self.shot, finding(SetKey(CONFIG, ("a",), 5), SetMode(CONFIG, 0o600))).changes
        assert (change.action, change.mode, change.rules) == (Action.EDIT, 0o600, ("OC999",))

    def test_what_is_restored_gets_it_too_and_what_goes_gets_none(self) -> None:
        restored = finding(RestoreFile(CONFIG, "copy", b"{}"), rule="OC998")
        (change,) = plan_for(self.shot, restored, self.closing).changes
        assert (change.action, change.after, change.mode) == (Action.RESTORE, b"{}", 0o600)
        plan = plan_for(self.shot, finding(RemoveFile(CONFIG), rule="OC998"), self.closing)
        assert [(change.action, change.mode) for change in plan.changes] == [(Action.REMOVE, None)]
        assert "another repair of this file comes first" in plan.held[0].reason


class TestCommands:
    logout = LogOut(f"{AGENT}/openclaw-agent.sqlite", "main", "a:b", {"key": "k"})

    def test_a_database_is_never_a_change_and_needs_no_right_to_write(self) -> None:
        plan = plan_for(HERE, finding(self.logout), blocked="the folder cannot be written")
        assert plan.changes == ()
        (command,) = plan.commands
        assert (command.edit, command.rules, command.need) == (self.logout, ("OC999",), Need.NOTHING)
        assert not plan.held

    def test_files_that_openclaw_takes_over_are_no_change_either(self) -> None:
        edit = TakeOver(f"{AGENT}/auth-profiles.json", "main")
        plan = plan_for(HERE, finding(edit), blocked="the folder cannot be written")
        assert (plan.changes, [command.edit for command in plan.commands]) == ((), [edit])

    def test_what_it_needs_of_the_gateway_counts(self) -> None:
        plan = plan_for(HERE, finding(self.logout, need=Need.RESTART), finding(SetKey(CONFIG, ("a",), 5), rule="OC998"))
        assert (plan.commands[0].need, plan.need) == (Need.RESTART, Need.RESTART)
        assert Command(self.logout, finding()).need is Need.NOTHING

    def test_a_fix_that_cannot_be_applied_whole_asks_for_nothing(self) -> None:
        plan = plan_for(HERE, finding(self.logout, RemoveKey(CONFIG, ("gone",))))
        assert (plan.changes, plan.commands) == ((), ())
        assert "does not fit the file" in plan.held[0].reason
