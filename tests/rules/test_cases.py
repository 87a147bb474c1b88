"""Every case under tests/cases, proven from all sides: what is found, what is left, failures, the way back.

A case is data: see support/cases.py for what a case.json may say.
"""

import io
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from clawmend.cli.app import Settings
from clawmend.cli.main import main
from clawmend.cli.repair_report import repair_json
from clawmend.cli.report import check_json
from clawmend.core.era import MEASURED, Era, era_of
from clawmend.core.errors import ClawmendError
from clawmend.core.finding import Rule, Safety
from clawmend.core.verdict import Verdict
from clawmend.core.version import Version
from clawmend.repair.cycle import Outcome, repair
from clawmend.repair.masking import masker_for
from clawmend.repair.observe import observe
from clawmend.repair.planning import look
from clawmend.repair.undo import choose, undo
from clawmend.rules.registry import RULES, diagnose
from support.cases import Case, all_cases, as_blind_row, as_row
from support.credentials import secrets_of
from support.faults import FailingFiles, failing_call
from support.machine import Machine, forget_the_real_machine
from support.purity import NotPureError, only_thinking
from support.trees import Tree, fresh, read_tree, without_times

CASES = all_cases()
REPAIRS = [case for case in CASES if case.repairs]
WATCHED = [case for case in REPAIRS if case.data.get("every_call")]
EVERY_CASE = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
EVERY_REPAIR = pytest.mark.parametrize("case", REPAIRS, ids=lambda case: case.name)
_KEY = b"a key for the masks of a test"


@pytest.fixture
def at_home(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The home of a case, laid down."""
    forget_the_real_machine(monkeypatch, case.gateway, case.health)
    return lay_down(case, tmp_path)


def lay_down(case: Case, folder: Path) -> Machine:
    home = fresh(folder / "home")
    case.lay_down(home)
    return Machine(home, fresh(folder / "state"), case.environment(home))


def repaired(case: Case, machine: Machine) -> Outcome:
    return repair(machine.real(), case.options, dry_run=False)


@EVERY_CASE
def test_exactly_these_findings(case: Case, at_home: Machine) -> None:
    before = read_tree(at_home.home)
    diagnosis = look(at_home.looking(), case.options)
    assert [as_row(finding, at_home.home) for finding in diagnosis.findings] == case.data["findings"]
    assert [as_blind_row(blind, at_home.home) for blind in diagnosis.blind] == case.data.get("blind", [])
    assert read_tree(at_home.home) == before
    assert not at_home.state.exists()


@EVERY_CASE
def test_rules_only_think_and_say_the_same_twice(case: Case, at_home: Machine) -> None:
    tools = at_home.looking()
    snapshot = observe(tools.place, tools.files, tools.clock, case.options.version)
    with only_thinking():
        first = tuple(diagnose(snapshot))
        second = tuple(diagnose(snapshot))
    assert first == second


@EVERY_CASE
def test_a_repair_leaves_exactly_this_tree(case: Case, at_home: Machine, tmp_path: Path) -> None:
    before = read_tree(at_home.home)
    outcome = repaired(case, at_home)
    assert outcome.verdict.value == case.data["verdict"]
    remaining = [as_row(finding, at_home.home) for finding in outcome.findings]
    expected = [] if case.repairs else case.data["findings"]
    assert remaining == case.data.get("remaining", expected)
    if case.repairs:
        assert without_times(read_tree(at_home.home)) == case.after(tmp_path / "after")
        assert outcome.checkpoint is not None
    else:
        assert read_tree(at_home.home) == before
        assert outcome.checkpoint is None
        assert not at_home.state.exists()


@EVERY_CASE
def test_a_second_repair_does_nothing(case: Case, at_home: Machine) -> None:
    first = repaired(case, at_home)
    left, ours = read_tree(at_home.home), read_tree(at_home.state) if at_home.state.exists() else {}
    second = repaired(case, at_home)
    assert not second.changes
    assert second.verdict is (Verdict.HEALTHY if first.verdict is Verdict.REPAIRED else first.verdict)
    assert read_tree(at_home.home) == left
    assert (read_tree(at_home.state) if at_home.state.exists() else {}) == ours
    assert at_home.gateway.restarts == (1 if first.restart.done else 0)


@EVERY_CASE
def test_a_dry_run_changes_nothing_and_foresees_every_byte(case: Case, at_home: Machine) -> None:
    before = read_tree(at_home.home)
    foreseen = repair(at_home.dry(), case.options, dry_run=True)
    assert foreseen.verdict.value == ("would-repair" if case.repairs else case.data["verdict"])
    assert read_tree(at_home.home) == before
    assert not at_home.state.exists()
    assert foreseen.checkpoint is None
    assert at_home.gateway.restarts == 0
    done = repaired(case, at_home)
    assert [(one.path, one.action, one.after, one.rules) for one in foreseen.changes] == [
        (one.path, one.action, one.after, one.rules) for one in done.changes
    ]


@EVERY_REPAIR
@pytest.mark.usefixtures("at_home")
def test_whichever_write_fails_everything_is_as_it_was(case: Case, tmp_path: Path) -> None:
    for error in (ClawmendError, OSError):
        _fail_every_write(case, tmp_path, error)


def _fail_every_write(case: Case, tmp_path: Path, error: type[Exception]) -> None:
    for number in range(1, 100):
        machine = lay_down(case, tmp_path)
        before = read_tree(machine.home)
        files = FailingFiles(number, lambda: error("the disk is full"))
        try:
            repair(machine.real(files), case.options, dry_run=False)
        except error:
            assert read_tree(machine.home) == before, f"write {number}"
            assert all(checkpoint.undone for checkpoint in machine.store.all())
        else:
            assert not files.failed
            assert number > 1
            return
    pytest.fail("no run came through")


@pytest.mark.parametrize("case", WATCHED, ids=lambda case: case.name)
@pytest.mark.usefixtures("at_home")
def test_whichever_system_call_fails_there_is_no_third_state(case: Case, tmp_path: Path) -> None:
    """Everything is as it was, or repaired with a way back; nothing in between, and nothing left lying about."""
    after = case.after(tmp_path / "after")
    problems: list[str] = []
    for number in range(1, 500):
        machine = lay_down(case, tmp_path)
        before = read_tree(machine.home)
        with failing_call(number) as fault:
            try:
                repair(machine.real(), case.options, dry_run=False)
            except (ClawmendError, OSError):
                complete = False
            else:
                complete = True
        left = read_tree(machine.home)
        unchanged = left == before and not complete
        if not unchanged and not (without_times(left) == after and _can_be_undone(machine, before)):
            problems.append(f"call {number}, {fault.what.replace(str(tmp_path), '')}")
        if not fault.happened:
            assert complete
            break
    assert not problems


def _can_be_undone(machine: Machine, before: Tree) -> bool:
    try:
        checkpoint = choose(machine.store, str(machine.home), None)
    except ClawmendError:
        return False
    undo(machine.real(), machine.store, checkpoint, force=False)
    return read_tree(machine.home) == before


@EVERY_REPAIR
def test_undo_puts_back_bytes_modes_and_times(case: Case, at_home: Machine) -> None:
    before = read_tree(at_home.home)
    outcome = repaired(case, at_home)
    checkpoint = choose(at_home.store, str(at_home.home), None)
    assert checkpoint.id == outcome.checkpoint
    undone = undo(at_home.real(), at_home.store, checkpoint, force=False)
    assert not undone.conflicts
    assert len(undone.restored) == len(outcome.changes)
    assert read_tree(at_home.home) == before


@EVERY_REPAIR
def test_undo_leaves_a_file_alone_that_somebody_changed_since(case: Case, at_home: Machine) -> None:
    before = read_tree(at_home.home)
    outcome = repaired(case, at_home)
    for change in outcome.changes:
        with Path(change.path).open("ab") as file:
            file.write(b"\n ")
    changed = read_tree(at_home.home)
    checkpoint = choose(at_home.store, str(at_home.home), None)
    refused = undo(at_home.real(), at_home.store, checkpoint, force=False)
    assert {item.entry.path for item in refused.conflicts} == {change.path for change in outcome.changes}
    assert not refused.restored
    assert read_tree(at_home.home) == changed
    forced = undo(at_home.real(), at_home.store, checkpoint, force=True)
    assert not forced.conflicts
    assert _contents(read_tree(at_home.home)) == _contents(before)


def _contents(tree: Tree) -> dict[str, bytes | None]:
    return {name: node.content for name, node in tree.items()}


@EVERY_CASE
def test_no_secret_is_ever_shown(
    case: Case, at_home: Machine, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    secrets = secrets_of(read_tree(at_home.home))
    diagnosis = look(at_home.looking(), case.options)
    dry = repair(at_home.dry(), case.options, dry_run=True)
    shown = [orjson.dumps(check_json(diagnosis, masker_for(diagnosis.snapshot, _KEY)))]
    shown.append(orjson.dumps(repair_json(dry, masker_for(dry.snapshot, _KEY))))
    shown.extend(_as_text(case, at_home, monkeypatch, capfdbinary))
    for output in shown:
        text = output.decode()
        assert text
        assert not [secret for secret in secrets if secret in text or secret in text.replace("\n", "")]


def _as_text(
    case: Case, machine: Machine, monkeypatch: pytest.MonkeyPatch, screen: pytest.CaptureFixture[bytes]
) -> Iterator[bytes]:
    """What `check` and `repair` print for people, with everything they have to say."""
    monkeypatch.setattr(Settings, "place", lambda _settings: machine.place)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    machine.stand_in_for_the_real_one(monkeypatch)
    rest = ["--verbose"]
    if case.options.version:
        rest += ["--openclaw-version", case.options.version]
    chosen = ["--yes"] if case.options.yes else []
    chosen += [word for rule in sorted(case.options.only) for word in ("--only", rule)]
    chosen += [word for rule in sorted(case.options.skip) for word in ("--skip", rule)]
    for command in (["check"], ["repair", "--dry-run", *chosen], ["repair", *chosen]):
        main.main([*command, *rest], standalone_mode=False)
        yield b"".join(screen.readouterr())


def test_there_are_repairs_and_traps_for_every_rule() -> None:
    for rule in RULES:
        mine = [case for case in CASES if case.folder.parent.name == rule.id]
        assert any(not case.repairs for case in mine), rule.id
        if rule.safety is not Safety.ADVISE:  # what only tells has nothing to repair
            assert any(case.repairs for case in mine), rule.id
            assert any(case.data.get("every_call") for case in mine), rule.id


def _era(case: Case) -> Era | None:
    version = case.options.version
    return era_of(Version.parse(version)) if version else None


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.eras is not None], ids=lambda rule: rule.id)
def test_a_rule_speaks_on_every_era_that_it_names_and_never_acts_on_the_others(rule: Rule) -> None:
    eras = rule.eras or MEASURED
    spoken = {_era(case) for case in CASES if any(row["rule"] == rule.id for row in case.data["findings"])}
    assert eras & MEASURED <= spoken
    mine = [case for case in CASES if case.folder.parent.name == rule.id and case.options.version]
    elsewhere = [case for case in mine if _era(case) not in eras]
    assert elsewhere
    assert not [case.name for case in elsewhere if case.repairs]


def test_every_case_says_what_it_proves() -> None:
    assert not [case.name for case in CASES if not case.data["proves"].endswith(".")]


def test_the_guard_against_touching_the_machine_works(tmp_path: Path) -> None:
    with pytest.raises(NotPureError), only_thinking():
        (tmp_path / "file").open("w")
