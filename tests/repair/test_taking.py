"""How a running gateway takes over what a repair has written: by itself and confirmed, or by one restart."""

import json
import os
from pathlib import Path

import pytest

from clawmend.core.evidence import Event, Evidence, Kind
from clawmend.core.snapshot import GatewayRunning
from clawmend.core.told import NotTaken, Reload, Reloaded, Restarting, Silent, Skipped
from clawmend.core.verdict import Verdict
from clawmend.repair import observe as observing
from clawmend.repair.control import DryRunGatewayControl
from clawmend.repair.cycle import Outcome, repair
from clawmend.repair.planning import Options
from clawmend.repair.tools import dry_tools
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.restart import Restart
from repair.home import OLD_KEY, PLAN_URL, FakeGateway, Home, profiles
from support.machine import health_beside
from system.fakes import FakeClock

WRONG_URL = PLAN_URL.replace("/v1", "/compatible-mode/v1")
PLACEHOLDER = "YOUR_API_KEY"
PENDING = Restart(needed=True, done=False, reason="a turn runs, and after 300 s of waiting it still does", pending=True)


@pytest.fixture(autouse=True)
def running(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = GatewayRunning(4711, 1.0, 18789, "systemd", "openclaw-gateway.service", {})
    monkeypatch.setattr(observing, "find_gateway", lambda *_arguments: gateway)
    monkeypatch.setattr(observing, "_health", lambda _folder, one, *_rest: health_beside(one.gateway))


def run(home: Home, gateway: FakeGateway, *, restart: bool = True, yes: bool = False, on: str = "2026.3.2") -> Outcome:
    return repair(home.tools(gateway=gateway), Options(version=on, restart=restart, yes=yes), dry_run=False)


def with_wrong_url(home: Home) -> Home:
    home.write(home.config, home.config.read_text().replace(PLAN_URL, WRONG_URL))
    return home


def with_mode(home: Home, mode: str) -> Home:
    text = with_wrong_url(home).config.read_text()
    home.write(home.config, text.replace('mode: "local",', f'mode: "local", reload: {{mode: "{mode}"}},'))
    return home


class TestAHotReload:
    def test_is_waited_for_and_its_figure_is_told(self, home: Home) -> None:
        gateway = FakeGateway()
        outcome = run(with_wrong_url(home), gateway)
        assert outcome.verdict is Verdict.REPAIRED
        assert gateway.asked == ["await"]
        assert (outcome.restart.needed, outcome.restart.done) == (False, False)
        assert outcome.restart.reason == "the gateway has taken it over by itself after 0.3 s"
        assert outcome.restart.proof == "config hot reload applied (models)"

    def test_that_is_refused_means_that_the_repair_has_failed_and_is_rolled_back(self, home: Home) -> None:
        before = with_wrong_url(home).config.read_bytes()
        gateway = FakeGateway(told=Skipped("config reload skipped (invalid config): x"))
        outcome = run(home, gateway)
        assert outcome.verdict is Verdict.ROLLED_BACK
        assert home.config.read_bytes() == before
        assert gateway.asked == ["await"]  # what was put back is what the gateway holds
        assert outcome.note == "the gateway refuses openclaw.json: config reload skipped (invalid config): x"

    def test_that_is_refused_as_before_for_something_else_keeps_the_repair_and_tells_the_person(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refusal = "config reload skipped (invalid config): agents.ownership: multi-agent rosters require it"
        said = Event(1_800_000_000.0 - 60, Kind.INVALID_CONFIG, None, None, None, None, refusal)
        monkeypatch.setattr(observing, "_evidence", lambda *_arguments: Evidence((said,), 0.0, None, complete=True))
        gateway = FakeGateway(told=Skipped(refusal))
        outcome = run(with_wrong_url(home), gateway)
        assert outcome.verdict is Verdict.NEEDS_YOU
        assert PLAN_URL in home.config.read_text()
        assert gateway.asked == ["await"]
        assert not outcome.restart.needed
        assert outcome.note == (
            "the gateway refuses openclaw.json as before, for something else; it takes this over once that is mended: "
            + refusal
        )
        assert outcome.checkpoint is not None  # and can be undone

    def test_of_which_nothing_is_heard_is_no_failure_and_no_reason_to_restart(self, home: Home) -> None:
        gateway = FakeGateway(told=Silent("its log has said nothing of it for 10 s"))
        outcome = run(with_wrong_url(home), gateway)
        assert outcome.verdict is Verdict.REPAIRED
        assert gateway.asked == ["await"]
        assert outcome.restart.reason == (
            "whether the gateway has taken it over is not known: its log has said nothing of it for 10 s"
        )

    def test_that_the_gateway_does_not_make_leaves_a_restart_to_do(self, home: Home) -> None:
        gateway = FakeGateway(told=NotTaken("config reload disabled (gateway.reload.mode=off)"))
        outcome = run(with_wrong_url(home), gateway)
        assert outcome.verdict is Verdict.NEEDS_YOU
        assert (outcome.restart.needed, outcome.restart.done, outcome.restart.pending) == (True, False, True)
        assert "systemctl --user restart openclaw-gateway.service" in outcome.restart.reason
        assert PLAN_URL in home.config.read_text()

    def test_that_turns_out_to_be_a_restart_of_its_own_is_proven(self, home: Home) -> None:
        gateway = FakeGateway(told=Restarting("config change requires gateway restart (models)"))
        outcome = run(with_wrong_url(home), gateway)
        assert outcome.verdict is Verdict.REPAIRED
        assert gateway.asked == ["await", "prove"]
        assert outcome.restart.done

    def test_is_not_waited_for_where_no_gateway_runs(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.undo()
        gateway, clock = FakeGateway(), FakeClock()
        tools = with_wrong_url(home).tools(gateway=gateway, clock=clock)
        assert repair(tools, Options(version="2026.3.2"), dry_run=False).verdict is Verdict.REPAIRED
        assert (gateway.asked, clock.slept) == ([], [])

    def test_with_the_mode_off_needs_a_restart(self, home: Home) -> None:
        gateway = FakeGateway()
        outcome = run(with_mode(home, "off"), gateway)
        assert outcome.verdict is Verdict.REPAIRED
        assert gateway.asked == ["validate", "restart"]

    def test_with_no_restart_is_made_all_the_same(self, home: Home) -> None:
        gateway = FakeGateway()
        assert run(with_wrong_url(home), gateway, restart=False).verdict is Verdict.REPAIRED
        assert gateway.asked == ["await"]

    def test_is_foreseen_by_a_dry_run_as_nothing(self, home: Home) -> None:
        tools = dry_tools(with_wrong_url(home).tools().place, FakeClock())
        outcome = repair(tools, Options(version="2026.3.2"), dry_run=True)
        assert (outcome.verdict, outcome.restart.needed) == (Verdict.WOULD_REPAIR, False)


class TestARestartOfItsOwn:
    TOLD: Reload = Restarting("config change requires gateway restart (auth)")

    def test_is_proven_and_not_made_a_second_time(self, home: Home) -> None:
        gateway = FakeGateway(told=self.TOLD)
        outcome = run(with_mode(home, "restart"), gateway, yes=True)
        assert outcome.verdict is Verdict.REPAIRED
        assert gateway.asked == ["await", "prove"]
        assert outcome.restart.done

    def test_is_not_what_who_wants_no_restart_gets(self, home: Home) -> None:
        before = with_mode(home, "restart").config.read_bytes()
        gateway = FakeGateway(told=self.TOLD)
        outcome = run(home, gateway, restart=False, yes=True)
        assert outcome.verdict is Verdict.NEEDS_YOU
        assert home.config.read_bytes() == before
        assert gateway.asked == []
        assert [item.reason for item in outcome.held] == [
            "it makes the gateway restart itself, and --no-restart forbids that"
        ]

    def test_that_leaves_the_gateway_dead_is_rolled_back(self, home: Home) -> None:
        before = with_mode(home, "restart").config.read_bytes()
        dead = Restart(needed=True, done=False, reason="no proof of a restart within 240 seconds")
        outcome = run(home, FakeGateway(told=self.TOLD, results=[dead]), yes=True)
        assert outcome.verdict is Verdict.ROLLED_BACK
        assert home.config.read_bytes() == before

    def test_is_foreseen_by_a_dry_run(self, home: Home) -> None:
        tools = dry_tools(with_mode(home, "restart").tools().place, FakeClock())
        outcome = repair(tools, Options(version="2026.3.2", yes=True), dry_run=True)
        assert outcome.verdict is Verdict.WOULD_REPAIR
        assert outcome.restart.reason == "the gateway (process 4711) would restart itself for this change"

    def test_on_a_version_that_takes_it_over_it_is_none(self, home: Home) -> None:
        gateway = FakeGateway()
        outcome = run(with_mode(home, "restart"), gateway, yes=True, on="2026.9.6")
        assert outcome.verdict is Verdict.REPAIRED
        assert gateway.asked == ["await"]


class TestARestartOfOurs:
    def test_that_has_to_wait_for_a_turn_is_pending_and_nothing_is_rolled_back(self, home: Home) -> None:
        home.write(home.profiles, profiles(PLACEHOLDER))
        gateway = FakeGateway(results=[PENDING])
        outcome = run(home, gateway, yes=True)
        assert outcome.verdict is Verdict.NEEDS_YOU
        assert outcome.restart == PENDING
        assert json.loads(home.profiles.read_text())["profiles"] == {}
        assert gateway.asked == ["validate", "restart"]

    def test_after_which_the_file_is_as_it_was_is_told_as_it_is(self, home: Home) -> None:
        home.write(home.profiles, profiles(PLACEHOLDER))
        gateway = FakeGateway(on_restart=lambda: home.write(home.profiles, profiles(PLACEHOLDER)))
        outcome = run(home, gateway, yes=True)
        assert outcome.verdict is Verdict.NEEDS_YOU
        assert outcome.note == (
            "the gateway has written back what was removed from ~/.openclaw/agents/main/agent/auth-profiles.json"
        )

    def test_after_which_another_profile_is_there_has_worked(self, home: Home) -> None:
        home.write(home.profiles, profiles(PLACEHOLDER))
        other = '{"version": 1, "profiles": {"other:default": {"type": "api_key", "provider": "o", "key": "%s"}}}'
        gateway = FakeGateway(on_restart=lambda: home.write(home.profiles, other % OLD_KEY))
        assert run(home, gateway, yes=True).note == ""

    def test_one_that_works_ends_the_hot_reload_of_the_same_gateway_too(self, home: Home) -> None:
        home.write(with_wrong_url(home).profiles, profiles(PLACEHOLDER))
        gateway = FakeGateway()
        outcome = run(home, gateway, yes=True)
        assert outcome.verdict is Verdict.REPAIRED
        assert "await" not in gateway.asked
        assert gateway.asked[-1] == "restart"


def test_the_control_of_a_dry_run_does_nothing(home: Home, tmp_path: Path) -> None:
    place = home.tools().place
    control = DryRunGatewayControl(place, home.tools().files, FakeClock())
    before = run(home, FakeGateway()).snapshot
    (openclaw,) = before.openclaws
    assert control.start(openclaw, before.installation).reason == "a real run would start the gateway"
    assert control.await_reload(openclaw, (), 0.0) == Silent("nothing was written")
    assert isinstance(Reloaded("x", 1.0), Reloaded)
    assert not (tmp_path / "state").exists() or os.listdir(tmp_path / "state") == []
    assert CheckpointStore(str(home.state)).all() == ()
