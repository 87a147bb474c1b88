"""What is kept as known good, what never is, and that it is what a broken openclaw.json is restored from."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.core.snapshot import GatewayRunning
from clawmend.core.verdict import Verdict
from clawmend.repair import observe
from clawmend.repair.cycle import repair
from clawmend.repair.known_good import promote
from clawmend.repair.planning import Options, look
from clawmend.repair.tools import Tools
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.records import Kind
from repair.home import NEW_KEY, FakeGateway, Home, cache, profiles
from system.fakes import FakeClock

_OPTIONS = Options(version="2026.3.2")
_CLAUDE = json.dumps({"numStartups": 3, "hasCompletedOnboarding": True, "projects": {"/p": {}, "/q": {}}})


@dataclass
class Bench:
    """A home, its tools, and a gateway that was started when the test says so."""

    home: Home
    tools: Tools
    monkeypatch: pytest.MonkeyPatch

    @property
    def store(self) -> CheckpointStore:
        return CheckpointStore(str(self.home.state))

    def gateway(self, *, age: float | None) -> None:
        """Let a gateway run since `age` seconds; None: let there be none."""
        if age is None:
            self.monkeypatch.undo()
            return
        running = GatewayRunning(4711, FakeClock.time - age, 1)
        self.monkeypatch.setattr(observe, "find_gateway", lambda *_: running)

    def promote(self) -> list[str]:
        """Keep what is good now; the names of the files that were kept."""
        return [Path(path).name for path in promote(self.tools, self.store, look(self.tools, _OPTIONS))]


@pytest.fixture
def bench(home: Home, monkeypatch: pytest.MonkeyPatch) -> Bench:
    home.write(home.claude, _CLAUDE)
    made = Bench(home, home.tools(), monkeypatch)
    made.gateway(age=3_600)
    return made


def test_what_a_gateway_has_run_on_is_kept_once(bench: Bench) -> None:
    bench.home.write(bench.home.profiles, profiles(NEW_KEY))
    assert bench.promote() == ["openclaw.json", "auth-profiles.json", ".claude.json"]
    assert bench.promote() == []
    (found,) = bench.store.known_good(str(bench.home.config))
    assert found.data == bench.home.config.read_bytes()
    assert {one.kind for one in bench.store.all()} == {Kind.GOOD}


@pytest.mark.parametrize("age", [None, 119])
def test_without_a_gateway_that_has_run_for_two_minutes_only_claude_codes_file_is(
    bench: Bench, age: float | None
) -> None:
    bench.gateway(age=age)
    assert bench.promote() == [".claude.json"]


def test_a_gateway_that_is_not_ready_proves_nothing(bench: Bench) -> None:
    bench.tools = replace(bench.tools, gateway=FakeGateway(ready=False))
    assert bench.promote() == [".claude.json"]


def test_a_config_that_was_changed_after_the_gateway_started_is_not_proven_by_it(bench: Bench) -> None:
    bench.home.write(bench.home.config, bench.home.config.read_text(), age=60)
    assert bench.promote() == [".claude.json"]


def test_a_config_with_an_error_beside_it_is_not_kept(bench: Bench) -> None:
    bench.home.write(bench.home.models, cache())
    assert bench.promote() == [".claude.json"]


def test_a_redacted_config_is_never_kept(bench: Bench) -> None:
    text = bench.home.config.read_text().replace(NEW_KEY, "__OPENCLAW_REDACTED__")
    bench.home.write(bench.home.config, text)
    assert "openclaw.json" not in bench.promote()


@pytest.mark.parametrize(
    "text",
    [
        '{"numStartups": 0, "hasCompletedOnboarding": true, "theme": "dark"}',
        '{"hasCompletedOnboarding": true}',
        '{"numStartups": 4}',
        "{",
        "[]",
    ],
)
def test_a_skeleton_is_never_kept(bench: Bench, text: str) -> None:
    bench.home.write(bench.home.claude, text)
    assert ".claude.json" not in bench.promote()


def test_a_file_that_has_lost_most_of_what_it_held_is_not_kept(bench: Bench) -> None:
    many = {"numStartups": 3, "hasCompletedOnboarding": True, "projects": {f"/{n}": {} for n in range(20)}}
    bench.home.write(bench.home.claude, json.dumps(many))
    assert ".claude.json" in bench.promote()
    bench.tools.clock.sleep(7 * 3600)
    bench.home.write(bench.home.claude, '{"numStartups": 1, "hasCompletedOnboarding": true}')
    assert bench.promote() == []


def test_a_file_that_changes_all_the_time_is_kept_every_six_hours_and_the_newest_three_stay(bench: Bench) -> None:
    bench.gateway(age=None)
    kept = 0
    for number in range(50):
        bench.home.write(bench.home.claude, _CLAUDE.replace("3", str(number + 3)))
        kept += len(bench.promote())
        bench.tools.clock.sleep(3600)
    assert kept == 9
    assert len(list(bench.store.known_good(str(bench.home.claude)))) == 4  # the first that was seen stays for ever
    assert len(bench.store.blobs.sizes()) == 4


def test_a_broken_config_is_restored_from_what_was_good(bench: Bench) -> None:
    good = bench.home.config.read_bytes()
    bench.promote()
    bench.gateway(age=None)
    bench.home.write(bench.home.config, good.decode()[:200], age=3_600)
    outcome = repair(bench.tools, _OPTIONS, dry_run=False)
    assert outcome.verdict is Verdict.REPAIRED
    assert bench.home.config.read_bytes() == good


def test_a_damaged_one_is_no_candidate(bench: Bench) -> None:
    bench.promote()
    for blob in (bench.home.state / "checkpoints" / "blobs").iterdir():
        blob.chmod(0o600)
        blob.write_bytes(b"damaged")
    assert list(bench.store.known_good(str(bench.home.config))) == []


def test_what_is_too_big_is_not_kept(bench: Bench) -> None:
    bench.gateway(age=None)
    bench.home.write(bench.home.claude, _CLAUDE[:-1] + ', "x": "' + "y" * (9 * 2**20) + '"}')
    assert bench.promote() == []


def test_a_store_that_cannot_be_written_is_an_error_and_nothing_else(bench: Bench) -> None:
    bench.home.state.write_text("a file in its place")
    with pytest.raises(ClawmendError, match="cannot read the backups"):
        bench.promote()
