"""A soak sees what does not hold: real watchers over a small home, each time with something else broken on purpose."""

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from e2e.home import write_private
from e2e.processes import end_all
from e2e.transcript import Transcript
from soak import stepping
from soak.catalogue import fault_named
from soak.fault import Injected, Where
from soak.homes import DESK, SoakHome
from soak.ledger import Outcome
from soak.noise import Noise
from soak.plan import Expect, Harm, Step
from soak.stepping import Stepping
from soak.watcher import Watcher
from soak.whole import FLAG
from soak.world import World

pytestmark = pytest.mark.faults

FAULT = Step(1, DESK, "flag-lost", Expect.REPAIRED, 1)
NOISE = Step(1, DESK, "touch", Expect.NOTHING, 1)


class Nobody:
    url, plan_port, tunnel = "http://127.0.0.1:9", None, None


class SmallWorld(World):
    """One home with the files of Claude Code, and no program at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ending = ExitStack()
        home = SoakHome(folder / DESK, (), Nobody(), Transcript("small"), 9)  # type: ignore[arg-type]
        home.set_up()
        home.config.unlink()  # whose version nobody could tell
        self._ending.callback(end_all, home.mark)
        self.homes, self.gateways, self.watchers = {DESK: home}, {}, {DESK: Watcher(home)}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[SmallWorld]:
    with closing(SmallWorld(tmp_path)) as made:
        yield made


def taken(world: SmallWorld, step: Step, bound: float = 20.0) -> Outcome:
    watcher = world.watchers[DESK]
    if not watcher.started:
        watcher.start()
    return Stepping(world, bound).take(step)


@pytest.mark.parametrize("step", [FAULT, NOISE], ids=["fault", "noise"])
@pytest.mark.parametrize("harm", Harm)
def test_a_world_in_order_has_no_violations(world: SmallWorld, step: Step, harm: Harm) -> None:
    outcome = taken(world, Step(1, DESK, step.name, step.expect, 1, harm, 0.5, 0.5))
    assert outcome.violations == ()
    assert (outcome.took is not None) == (step is FAULT)


def test_a_fault_that_nobody_repairs_is_seen_and_put_back(world: SmallWorld) -> None:
    home = world.homes[DESK]
    write_private(home.user / ".config" / "clawmend" / "config.toml", '[watch]\nmode = "report"\n')
    outcome = taken(world, FAULT, bound=3.0)
    assert "not repaired within 3 s" in outcome.violations
    assert f'"{FLAG}": true' in home.claude.read_text()


def test_a_file_of_a_person_that_goes_meanwhile_is_seen(world: SmallWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = fault_named("flag-lost", DESK)

    def inject(where: Where) -> Injected:
        (where.home.state / "workspace" / "notes.md").unlink()
        return fault.inject(where)

    monkeypatch.setattr(stepping, "fault_named", lambda *_: replace(fault, inject=inject))
    assert ".openclaw/workspace/notes.md is gone" in taken(world, FAULT).violations


def test_what_is_left_lying_is_seen(world: SmallWorld) -> None:
    write_private(world.homes[DESK].user / ".notes.md.clawmend-12ab34cd", "x")
    assert "home/.notes.md.clawmend-12ab34cd was left lying" in taken(world, NOISE).violations


def test_a_repair_where_nothing_was_wrong_is_seen(world: SmallWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(*_: object) -> str:
        file = world.homes[DESK].claude
        file.write_text(file.read_text().replace(f'"{FLAG}": true', f'"{FLAG}": false'))
        return ""

    monkeypatch.setattr(stepping, "noise_named", lambda name: Noise(name, (DESK,), lose))
    violations = taken(world, NOISE).violations
    assert "CC101 changed ~/.claude.json" in violations
    assert ".claude.json is not what it was" in violations


def test_a_finding_that_stays_is_an_alarm(world: SmallWorld) -> None:
    home = world.homes[DESK]
    write_private(home.claude_settings, home.claude_settings.read_text().replace("/apps/anthropic", "/v1"))
    assert any(text.startswith("CC105 is found where nothing is wrong") for text in taken(world, NOISE).violations)


def test_a_backup_that_is_damaged_is_seen(world: SmallWorld) -> None:
    assert taken(world, FAULT).violations == ()
    shutil.rmtree(world.homes[DESK].ours / "checkpoints" / "blobs")
    assert any("backup" in text or "blob" in text for text in taken(world, FAULT).violations)


def test_a_watcher_that_died_by_itself_is_seen_and_started_again(world: SmallWorld) -> None:
    watcher = world.watchers[DESK]
    watcher.start()
    watcher.wait_ready()
    watcher.kill()
    outcome = taken(world, FAULT)
    assert any(text.startswith("the watcher died by itself (-9)") for text in outcome.violations)
    assert outcome.took is not None
    assert watcher.is_alive


def test_what_should_have_been_asked_about_and_was_repaired_is_seen(world: SmallWorld) -> None:
    began = time.monotonic()
    outcome = taken(world, Step(1, DESK, "flag-lost", Expect.ASKED, 1))
    assert any("should have been asked about" in text for text in outcome.violations)
    assert time.monotonic() - began < 60
