import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from clawmend.core.era import Era, Installation
from clawmend.core.snapshot import GatewayAbsent, GatewayRunning, GatewayState, GatewayUnknown
from clawmend.core.version import Version
from clawmend.system.restart import (
    Restart,
    Terms,
    manual_instruction,
    prove,
    restart,
    start,
    validate_config,
    why_unrestartable,
)
from clawmend.system.services import Service
from system.fakes import FakeClock, http_gateway, listening, stub

UNIT = Service("systemd", "openclaw-gateway.service", "", ())
ALIVE = (405, {"Allow": "GET, HEAD"}, b"")
SILENT = (200, {}, b"<!doctype html>")


def _installation(version: str | None, executable: str | None = None) -> Installation:
    return Installation(Version.parse(version) if version else None, "package", Era.B, executable)


def _ready(uptime: float, *, ready: bool = True, failing: tuple[str, ...] = ()) -> tuple[int, dict[str, str], bytes]:
    return (200, {}, json.dumps({"ready": ready, "failing": failing, "uptimeMs": uptime * 1000}).encode())


def _gateway(port: int, pid: int = 100, started: float = 1000.0, manager: str | None = "systemd") -> GatewayRunning:
    return GatewayRunning(pid, started, port, manager, UNIT.name if manager else None, environment=dict(os.environ))


def _looks(*states: GatewayState) -> Callable[[], GatewayState]:
    """See these one after the other, the last one for ever."""
    left = list(states)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """A service manager that does nothing but write down what it was asked."""
    for name in ("systemctl", "launchctl"):
        told = f"cat {tmp_path}/state 2>/dev/null"
        asks = f'case " $* " in *" show "*) {told}; exit 0;; *" is-failed "*) test -e {tmp_path}/failed; exit $?;; esac'
        stub(tmp_path / "bin", name, f'{asks}\necho "{name} $@" >> {tmp_path}/calls')
    monkeypatch.setenv("PATH", f"{tmp_path}/bin", prepend=os.pathsep)
    path = tmp_path / "calls"
    return lambda: path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


class TestProof:
    def test_a_new_process_that_is_ready_and_stays_ready_is_believed(
        self, calls: Callable[[], list[str]], clock: FakeClock
    ) -> None:
        with http_gateway(ALIVE) as web:
            old = _gateway(web.port)
            new = replace(old, pid=200, started=2000.0)
            result = restart(old, UNIT, _installation("2026.3.2"), _looks(old, GatewayAbsent(), old, new), clock)
        assert (result.needed, result.done) == (True, True)
        assert (result.reason, result.proof) == (
            "the gateway held the old state in memory",
            "process 100 became process 200",
        )
        assert calls() == ["systemctl --user --no-block restart openclaw-gateway.service"]
        assert clock.slept == [0.5, 0.5, 0.5, 2.0]

    def test_the_same_number_with_another_start_is_a_new_process(
        self, calls: Callable[[], list[str]], clock: FakeClock
    ) -> None:
        with http_gateway(ALIVE) as web:
            old = _gateway(web.port)
            result = restart(old, UNIT, _installation("2026.3.2"), _looks(old, replace(old, started=2000.0)), clock)
        assert result.done
        assert len(calls()) == 1

    def test_a_claim_without_proof_is_not_believed(self, calls: Callable[[], list[str]], clock: FakeClock) -> None:
        clock.on_sleep = lambda: setattr(clock, "time", clock.time + 20)
        with http_gateway(ALIVE) as web:
            old = _gateway(web.port)
            result = restart(old, UNIT, _installation("2026.3.2"), _looks(old), clock)
        assert result == Restart(needed=True, done=False, reason="no proof of a restart within 240 seconds")
        assert len(calls()) == 1

    def test_a_new_process_that_never_gets_ready_is_none(
        self, calls: Callable[[], list[str]], clock: FakeClock
    ) -> None:
        clock.on_sleep = lambda: setattr(clock, "time", clock.time + 20)
        with http_gateway(ALIVE, SILENT) as web:
            old = _gateway(web.port)
            result = restart(old, UNIT, _installation("2026.3.2"), _looks(old, replace(old, pid=200)), clock)
        reason = "process 100 became process 200, but it was not ready within 240 seconds"
        assert result == Restart(True, False, reason, pending=True)  # it may be starting still, and is left alone
        assert len(calls()) == 1

    def test_one_that_gets_ready_after_a_while_is_waited_for(
        self, calls: Callable[[], list[str]], clock: FakeClock
    ) -> None:
        not_yet = _ready(1, ready=False, failing=("startup",))
        with http_gateway(_ready(900), not_yet, not_yet, _ready(3)) as web:
            old = _gateway(web.port)
            result = restart(old, UNIT, _installation("2026.9.6"), _looks(old, replace(old, pid=200)), clock)
        assert result.done
        assert clock.slept == [0.5, 0.5, 0.5, 11.0]
        assert len(calls()) == 1

    def test_one_that_dies_within_the_stability_window_is_waited_for_again(
        self, calls: Callable[[], list[str]], clock: FakeClock
    ) -> None:
        with http_gateway(_ready(900), _ready(1)) as web:
            old = _gateway(web.port)
            first, second = replace(old, pid=200), replace(old, pid=300)
            looks = _looks(old, first, GatewayAbsent(), second, second)
            result = restart(old, UNIT, _installation("2026.9.6"), looks, clock)
        assert (result.done, result.proof) == (True, "process 100 became process 300")
        assert clock.slept == [0.5, 11.0, 0.5, 11.0]
        assert len(calls()) == 1

    def test_a_restart_within_the_same_process_is_proven_by_its_uptime(self, tmp_path: Path, clock: FakeClock) -> None:
        stub(tmp_path, "openclaw", 'echo \'{"ok": true, "result": "restarted"}\'')
        with http_gateway(_ready(900), _ready(901), _ready(1), _ready(12)) as web:
            old = _gateway(web.port, manager=None)
            result = restart(old, None, _installation("2026.9.6", f"{tmp_path}/openclaw"), _looks(old), clock)
        assert (result.done, result.proof) == (True, "process 100 started anew (uptime 900 s, then 1 s)")

    def test_a_quick_restart_of_a_young_gateway_is_proven_although_its_uptime_has_not_fallen(
        self, tmp_path: Path, clock: FakeClock
    ) -> None:
        stub(tmp_path, "openclaw", 'echo \'{"ok": true, "result": "scheduled"}\'')
        with http_gateway(_ready(0.4), _ready(0.9), _ready(0.5), _ready(11.5)) as web:
            old = _gateway(web.port, manager=None)
            result = restart(old, None, _installation("2026.9.6", f"{tmp_path}/openclaw"), _looks(old), clock)
        assert (result.done, result.proof) == (True, "process 100 started anew (uptime 0 s, then 0 s)")
        assert clock.slept == [0.5, 0.5, 11.0]

    def test_what_failed_before_may_fail_afterwards(self, calls: Callable[[], list[str]], clock: FakeClock) -> None:
        with http_gateway(_ready(900, ready=False, failing=("telegram",))) as web:
            old = _gateway(web.port)
            result = restart(old, UNIT, _installation("2026.9.6"), _looks(old, replace(old, pid=200)), clock)
        assert result.done
        assert len(calls()) == 1


class TestWhoIsAsked:
    def test_launchd_for_its_agent(self, calls: Callable[[], list[str]], clock: FakeClock) -> None:
        with http_gateway(ALIVE) as web:
            old = _gateway(web.port, manager="launchd")
            service = Service("launchd", "ai.openclaw.gateway", "", ())
            assert restart(old, service, _installation("2026.3.2"), _looks(old, replace(old, pid=2)), clock).done
        agent = f"gui/{os.getuid()}/ai.openclaw.gateway"
        assert calls() == [f"launchctl print {agent}", f"launchctl kickstart -k {agent}"]

    def test_a_manager_that_fails_is_a_reason(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
    ) -> None:
        stub(tmp_path, "systemctl", "echo 'Failed to connect to bus' >&2; exit 1")
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
        old = _gateway(1)
        result = restart(old, UNIT, _installation("2026.3.2"), _looks(old), clock)
        assert result == Restart(
            True, False, "systemctl --user restart openclaw-gateway.service failed; start it by hand"
        )
        assert clock.slept == []

    def test_a_service_that_does_not_run_this_process_is_not_asked(
        self, calls: Callable[[], list[str]], clock: FakeClock
    ) -> None:
        old = _gateway(1, manager=None)
        result = restart(old, UNIT, _installation("2026.1.29"), _looks(old), clock)
        assert result == Restart(True, False, "nobody manages this gateway; stop it where it runs and start it again")
        assert calls() == []

    @pytest.mark.parametrize(
        "said",
        [
            '{"ok": true, "result": "not-loaded"}',
            '{"ok": true, "result": "scheduled"}',
            '{"ok": false}',
            "Gateway restarted",
            '["restarted"]',
            "{",
            "",
        ],
    )
    def test_openclaws_own_command_is_believed_in_one_word_only(
        self, tmp_path: Path, clock: FakeClock, said: str
    ) -> None:
        stub(tmp_path, "openclaw", f"case $* in *--safe*) exit 1;; esac; echo '{said}'")
        old = _gateway(1, manager=None)
        result = restart(old, None, _installation("2026.9.6", f"{tmp_path}/openclaw"), _looks(old), clock)
        assert not result.done
        assert result.reason.startswith("openclaw gateway restart did not restart it")
        assert clock.slept == []

    def test_openclaws_own_command_gets_the_gateways_environment_and_not_the_services_mark(
        self, tmp_path: Path, clock: FakeClock
    ) -> None:
        stub(tmp_path, "openclaw", f'echo "$@|$OPENCLAW_STATE_DIR|$OPENCLAW_SERVICE_MARKER|" > {tmp_path}/said')
        environment = {**os.environ, "OPENCLAW_STATE_DIR": "/srv/state", "OPENCLAW_SERVICE_MARKER": "openclaw"}
        old = replace(_gateway(1, manager=None), environment=environment)
        restart(old, None, _installation("2026.7.1", f"{tmp_path}/openclaw"), _looks(old), clock)
        assert (tmp_path / "said").read_text() == "gateway restart --json|/srv/state||\n"

    @pytest.mark.parametrize("version", ["2026.9.6", None])
    def test_without_a_command_or_a_version_nobody_is_asked(self, version: str | None, clock: FakeClock) -> None:
        old = _gateway(1, manager=None)
        assert restart(old, None, _installation(version), _looks(old), clock).reason.startswith("nobody manages")


class TestBeforehand:
    @pytest.mark.parametrize(
        ("manager", "version", "executable", "possible"),
        [
            ("systemd", None, None, True),
            (None, "2026.9.6", "/bin/openclaw", True),
            (None, "2026.9.6", None, False),
            (None, "2026.6.36", "/bin/openclaw", False),
            (None, None, "/bin/openclaw", False),
        ],
    )
    def test_who_can_restart_it_is_known(
        self, manager: str | None, version: str | None, executable: str | None, *, possible: bool
    ) -> None:
        refusal = why_unrestartable(_gateway(1, manager=manager), _installation(version, executable))
        assert (refusal is None) is possible

    def test_a_gateway_in_the_foreground_that_takes_the_signal_can_be(self, tmp_path: Path) -> None:
        with listening(tmp_path, os.environ, "openclaw.mjs", "gateway") as child:
            old = _gateway(1, child.pid, child.started, manager=None)
            assert why_unrestartable(old, _installation("2026.3.2")) is None


class TestWhatSomebodyElseDoes:
    def test_a_restart_after_the_files_were_written_is_proven_and_not_repeated(
        self, calls: Callable[[], list[str]], clock: FakeClock
    ) -> None:
        with http_gateway(ALIVE) as web:
            old = _gateway(web.port)
            new = replace(old, pid=200, started=clock.time + 1)
            result = restart(old, UNIT, _installation("2026.3.2"), _looks(new), clock, Terms(since=clock.time))
        assert (result.done, result.proof) == (True, "process 200 was started")
        assert result.reason == "the gateway was started anew meanwhile, after the files had been written"
        assert calls() == []

    def test_a_restart_before_that_has_read_the_old_ones_and_is_repeated(
        self, calls: Callable[[], list[str]], clock: FakeClock
    ) -> None:
        with http_gateway(ALIVE) as web:
            old = _gateway(web.port)
            theirs = replace(old, pid=200, started=clock.time - 1)
            looks = _looks(theirs, replace(old, pid=300, started=clock.time + 5))
            result = restart(old, UNIT, _installation("2026.3.2"), looks, clock, Terms(since=clock.time))
        assert (result.done, result.proof) == (True, "process 200 became process 300")
        assert len(calls()) == 1

    def test_a_restart_within_the_process_is_seen_by_its_uptime(
        self, calls: Callable[[], list[str]], clock: FakeClock
    ) -> None:
        with http_gateway(_ready(2), _ready(3)) as web:
            old = _gateway(web.port)
            terms = Terms(since=clock.time - 10)
            result = restart(old, UNIT, _installation("2026.9.6"), _looks(old), clock, terms)
        assert result.done
        assert calls() == []

    @pytest.mark.parametrize("state", ["ActiveState=deactivating\nJob=0", "ActiveState=active\nJob=4711"])
    def test_a_restart_that_is_under_way_is_waited_for(
        self, tmp_path: Path, calls: Callable[[], list[str]], clock: FakeClock, state: str
    ) -> None:
        (tmp_path / "state").write_text(state)
        with http_gateway(ALIVE) as web:
            old = _gateway(web.port)
            result = restart(old, UNIT, _installation("2026.3.2"), _looks(old, replace(old, pid=200)), clock)
        assert result.done
        assert calls() == []

    @pytest.mark.parametrize("state", ["ActiveState=active\nJob=0\nInvocationID=b", "ActiveState=active\nJob=4711"])
    def test_one_that_comes_while_turns_are_waited_for_is_waited_for_too(
        self, tmp_path: Path, calls: Callable[[], list[str]], clock: FakeClock, state: str
    ) -> None:
        """Somebody else's restart is over, or under way, when ours would have been asked for."""
        (tmp_path / "state").write_text("ActiveState=active\nJob=0\nInvocationID=a")

        def quiet(_seconds: float) -> None:
            (tmp_path / "state").write_text(state)

        with http_gateway(ALIVE) as web:
            old = _gateway(web.port)
            looks = _looks(old, replace(old, pid=200))
            result = restart(old, UNIT, _installation("2026.3.2"), looks, clock, Terms(quiet=quiet))
        assert (result.done, result.proof) == (True, "process 100 became process 200")
        assert result.reason == "the gateway was started anew meanwhile, after the files had been written"
        assert calls() == []

    @pytest.mark.parametrize(
        "states", [("", "ActiveState=active\nInvocationID=a"), ("ActiveState=active\nInvocationID=a", "")]
    )
    def test_a_manager_that_did_not_answer_has_not_said_that_somebody_came_first(
        self, tmp_path: Path, calls: Callable[[], list[str]], clock: FakeClock, states: tuple[str, str]
    ) -> None:
        (tmp_path / "state").write_text(states[0])

        def quiet(_seconds: float) -> None:
            (tmp_path / "state").write_text(states[1])

        with http_gateway(ALIVE) as web:
            old = _gateway(web.port)
            looks = _looks(old, replace(old, pid=200))
            result = restart(old, UNIT, _installation("2026.3.2"), looks, clock, Terms(quiet=quiet))
        assert result.reason == "the gateway held the old state in memory"
        assert len(calls()) == 1

    def test_a_gateway_that_has_just_ended_is_given_the_time_to_come_back(
        self, calls: Callable[[], list[str]], clock: FakeClock
    ) -> None:
        with http_gateway(ALIVE) as web:
            old = _gateway(web.port)
            new = replace(old, pid=200, started=clock.time + 2)
            looks = _looks(GatewayAbsent(), GatewayAbsent(), new)
            result = restart(old, UNIT, _installation("2026.3.2"), looks, clock, Terms(since=clock.time))
        assert result.done
        assert calls() == []

    def test_one_that_stays_away_is_started(self, calls: Callable[[], list[str]], clock: FakeClock) -> None:
        with http_gateway(ALIVE) as web:
            old = _gateway(web.port)
            new = replace(old, pid=200)
            looks = _looks(*[GatewayAbsent()] * 33, new)
            result = restart(old, UNIT, _installation("2026.3.2"), looks, clock)
        assert (result.done, result.proof) == (True, "process 100 became process 200")
        assert calls() == ["systemctl --user --no-block start openclaw-gateway.service"]

    def test_one_that_nobody_starts_is_told(self, calls: Callable[[], list[str]], clock: FakeClock) -> None:
        old = _gateway(1, manager=None)
        result = restart(old, None, _installation("2026.3.2"), _looks(GatewayAbsent()), clock)
        assert result == Restart(True, False, "the gateway has ended meanwhile; start it again")
        assert (calls(), clock.slept) == ([], [])

    def test_one_that_cannot_be_seen_is_left_alone(self, calls: Callable[[], list[str]], clock: FakeClock) -> None:
        unknown = GatewayUnknown("something listens on port 1 and this user may not see which process it is")
        result = restart(_gateway(1), UNIT, _installation("2026.3.2"), _looks(unknown), clock)
        assert result == Restart(True, False, unknown.problem)
        assert calls() == []


class TestTurns:
    def test_no_restart_while_a_turn_runs(self, calls: Callable[[], list[str]], clock: FakeClock) -> None:
        waited: list[float] = []

        def quiet(seconds: float) -> str:
            waited.append(seconds)
            return "process 100 holds /s/a.jsonl.lock"

        with http_gateway(ALIVE) as web:
            old = _gateway(web.port)
            terms = Terms(wait=60, quiet=quiet)
            result = restart(old, UNIT, _installation("2026.3.2"), _looks(old), clock, terms)
        assert (result.needed, result.done, result.pending) == (True, False, True)
        assert result.reason == (
            "a turn runs (process 100 holds /s/a.jsonl.lock), and after 60 s of waiting it still does; "
            "the gateway is restarted later"
        )
        assert (waited, calls()) == ([60], [])

    @pytest.mark.parametrize("answer", ["scheduled", "deferred", "coalesced"])
    def test_openclaws_safe_restart_comes_first_where_there_is_one(
        self, tmp_path: Path, calls: Callable[[], list[str]], clock: FakeClock, answer: str
    ) -> None:
        stub(tmp_path, "openclaw", f'echo "$*" >> {tmp_path}/said; echo \'{{"ok": true, "result": "{answer}"}}\'')
        with http_gateway(_ready(900), _ready(901), _ready(1), _ready(12)) as web:
            old = _gateway(web.port)
            installation = _installation("2026.9.6", f"{tmp_path}/openclaw")
            result = restart(old, UNIT, installation, _looks(old), clock)
        assert (result.done, result.proof) == (True, "process 100 started anew (uptime 900 s, then 1 s)")
        assert (tmp_path / "said").read_text() == "gateway restart --safe --json\n"
        assert calls() == []

    @pytest.mark.parametrize("script", ["exit 1", 'echo \'{"result": "refused"}\'', "echo '{\"result\": 1}'"])
    def test_when_it_will_not_the_owner_is_asked(
        self, tmp_path: Path, calls: Callable[[], list[str]], clock: FakeClock, script: str
    ) -> None:
        stub(tmp_path, "openclaw", script)
        with http_gateway(_ready(900)) as web:
            old = _gateway(web.port)
            installation = _installation("2026.9.6", f"{tmp_path}/openclaw")
            assert restart(old, UNIT, installation, _looks(old, replace(old, pid=200)), clock).done
        assert calls() == ["systemctl --user --no-block restart openclaw-gateway.service"]

    def test_one_that_is_put_off_for_longer_than_we_wait_is_pending(
        self, tmp_path: Path, calls: Callable[[], list[str]], clock: FakeClock
    ) -> None:
        stub(tmp_path, "openclaw", 'echo \'{"ok": true, "result": "deferred"}\'')
        with http_gateway(*[_ready(900 + seconds / 2) for seconds in range(1200)]) as web:
            old = _gateway(web.port)
            installation = _installation("2026.9.6", f"{tmp_path}/openclaw")
            result = restart(old, UNIT, installation, _looks(old), clock)
        assert result == Restart(True, False, "the gateway restarts itself as soon as its turns are done", pending=True)
        assert calls() == []


class TestByItself:
    def test_a_restart_of_its_own_is_proven(self, calls: Callable[[], list[str]], clock: FakeClock) -> None:
        with http_gateway(ALIVE) as web:
            old = _gateway(web.port)
            looks = _looks(old, old, replace(old, pid=200))
            result = prove(old, _installation("2026.3.2"), looks, clock, clock.time)
        assert (result.done, result.proof) == (True, "process 100 became process 200")
        assert result.reason == "the gateway restarts itself for this change"
        assert calls() == []

    def test_one_that_has_come_back_already_only_has_to_be_ready(self, clock: FakeClock) -> None:
        with http_gateway(ALIVE) as web:
            new = _gateway(web.port, pid=200, started=clock.time + 1)
            result = prove(_gateway(web.port), _installation("2026.3.2"), _looks(new), clock, clock.time)
        assert (result.done, result.proof) == (True, "process 200 was started")

    def test_one_that_is_away_just_now_is_waited_for(self, clock: FakeClock) -> None:
        with http_gateway(ALIVE) as web:
            old = _gateway(web.port)
            looks = _looks(GatewayAbsent(), replace(old, pid=200))
            assert prove(old, _installation("2026.3.2"), looks, clock, clock.time).done


class TestStart:
    def test_a_unit_that_is_stopped_is_started_and_proven(
        self, calls: Callable[[], list[str]], clock: FakeClock
    ) -> None:
        with http_gateway(ALIVE) as web:
            looks = _looks(GatewayAbsent(), GatewayAbsent(), _gateway(web.port))
            result = start(UNIT, _installation("2026.3.2"), looks, clock)
        assert (result.done, result.reason, result.proof) == (
            True,
            "the gateway did not run",
            "process 100 was started",
        )
        assert calls() == ["systemctl --user --no-block start openclaw-gateway.service"]
        assert result.seconds == 3.0

    def test_an_agent_of_launchd_is_started_as_launchd_wants_it(
        self, calls: Callable[[], list[str]], clock: FakeClock
    ) -> None:
        agent = Service("launchd", "ai.openclaw.gateway", "/x.plist", ())
        with http_gateway(ALIVE) as web:
            looks = _looks(GatewayAbsent(), GatewayAbsent(), _gateway(web.port))
            assert start(agent, _installation("2026.3.2"), looks, clock).done
        target = f"gui/{os.getuid()}/ai.openclaw.gateway"
        assert calls() == [f"launchctl print {target}", f"launchctl kickstart {target}"]

    def test_one_that_was_given_up_is_reset_only_when_that_is_asked_for(
        self, calls: Callable[[], list[str]], clock: FakeClock
    ) -> None:
        with http_gateway(ALIVE) as web:
            looks = _looks(GatewayAbsent(), _gateway(web.port))
            assert start(UNIT, _installation("2026.3.2"), looks, clock, reset_failed=True).done
        assert calls() == [
            "systemctl --user reset-failed openclaw-gateway.service",
            "systemctl --user --no-block start openclaw-gateway.service",
        ]

    def test_one_that_runs_by_now_is_not_started(self, calls: Callable[[], list[str]], clock: FakeClock) -> None:
        with http_gateway(ALIVE) as web:
            assert start(UNIT, _installation("2026.3.2"), _looks(_gateway(web.port)), clock).done
        assert calls() == []

    def test_one_that_fails_again_is_not_waited_for_to_the_end(
        self, tmp_path: Path, calls: Callable[[], list[str]], clock: FakeClock
    ) -> None:
        (tmp_path / "failed").touch()
        result = start(UNIT, _installation("2026.3.2"), _looks(GatewayAbsent()), clock)
        assert result == Restart(True, False, "openclaw-gateway.service has failed again right after its start")
        assert clock.slept == [0.5]
        assert len(calls()) == 1

    @pytest.mark.parametrize("failing", ["reset-failed", "start"])
    def test_a_manager_that_refuses_is_a_reason(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock, failing: str
    ) -> None:
        stub(tmp_path, "systemctl", f'case " $* " in *" {failing} "*) exit 1;; esac')
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
        result = start(UNIT, _installation("2026.3.2"), _looks(GatewayAbsent()), clock, reset_failed=True)
        assert result == Restart(
            True, False, f"systemctl --user {failing} openclaw-gateway.service failed; start it by hand"
        )


class TestTheSignal:
    def test_a_gateway_in_the_foreground_gets_it_where_it_means_a_restart(
        self, tmp_path: Path, clock: FakeClock
    ) -> None:
        with listening(tmp_path, os.environ, "openclaw.mjs", "gateway") as child, http_gateway(ALIVE) as web:
            old = _gateway(web.port, child.pid, child.started, manager=None)
            result = restart(old, None, _installation("2026.3.2"), _looks(old, replace(old, pid=1)), clock)
            assert child.end() == "signalled\n"
        assert result.done

    @pytest.mark.parametrize("version", ["2026.2.16", "2026.6.36"])
    def test_versions_that_mean_something_else_by_it_do_not(
        self, tmp_path: Path, clock: FakeClock, version: str
    ) -> None:
        with listening(tmp_path, os.environ, "openclaw.mjs", "gateway") as child:
            old = _gateway(1, child.pid, child.started, manager=None)
            result = restart(old, None, _installation(version), _looks(old), clock)
            assert child.end() == ""
        assert result.reason.startswith("nobody manages")

    @pytest.mark.parametrize("words", [("server.mjs",), ("server.mjs", "--gateway"), ("openclaw.mjs", "logs")])
    def test_a_process_that_is_no_gateway_never_gets_it(
        self, tmp_path: Path, clock: FakeClock, words: tuple[str, ...]
    ) -> None:
        with listening(tmp_path, os.environ, *words) as child:
            old = _gateway(1, child.pid, child.started, manager=None)
            result = restart(old, None, _installation("2026.3.2"), _looks(old), clock)
            assert child.end() == ""
        assert not result.done

    def test_another_process_that_has_the_number_by_now_never_gets_it(self, tmp_path: Path, clock: FakeClock) -> None:
        with listening(tmp_path, os.environ, "openclaw.mjs", "gateway") as child:
            old = _gateway(1, child.pid, child.started - 60, manager=None)
            result = restart(old, None, _installation("2026.3.2"), _looks(old), clock)
            assert child.end() == ""
        assert not result.done

    def test_a_process_that_has_gone_gets_none(self, tmp_path: Path, clock: FakeClock) -> None:
        with listening(tmp_path, os.environ) as child:
            old = _gateway(1, child.pid, child.started, manager=None)
        assert not restart(old, None, _installation("2026.3.2"), _looks(old), clock).done

    def test_who_forbids_restarts_from_outside_gets_none(self, tmp_path: Path, clock: FakeClock) -> None:
        with listening(tmp_path, os.environ, "openclaw.mjs", "gateway") as child:
            old = _gateway(1, child.pid, child.started, manager=None)
            result = restart(old, None, _installation("2026.3.2"), _looks(old), clock, Terms(by_signal=False))
            assert child.end() == ""
        assert result.reason.startswith("openclaw.json forbids a restart from outside (commands.restart)")

    def test_a_signal_that_is_refused_is_a_reason(
        self, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(_pid: int, _signal: int) -> None:
            raise PermissionError(1, "Operation not permitted")

        with listening(tmp_path, os.environ, "openclaw.mjs", "gateway") as child:
            old = _gateway(1, child.pid, child.started, manager=None)
            monkeypatch.setattr("clawmend.system.owner.os.kill", refuse)
            result = restart(old, None, _installation("2026.3.2"), _looks(old), clock)
            monkeypatch.undo()
        assert result.reason == f"the gateway (process {child.pid}) could not be signalled: Operation not permitted"


class TestValidation:
    @pytest.mark.parametrize(
        ("code", "printed", "expected"),
        [
            (0, '{"valid": true}', None),
            (1, '{"valid": false}', "says the configuration is not valid"),
            (78, 'a line of the log\n{"valid": false}', "says the configuration is not valid"),
            (1, "", "could not say whether the configuration is valid (exit code 1)"),
            (127, "[]", "could not say whether the configuration is valid (exit code 127)"),
        ],
    )
    def test_openclaw_itself_is_asked(self, tmp_path: Path, code: int, printed: str, expected: str | None) -> None:
        stub(tmp_path, "openclaw", f"echo \"$@\" > {tmp_path}/said; printf '%s' '{printed}'; exit {code}")
        answer = validate_config(_installation("2026.3.2", f"{tmp_path}/openclaw"), _gateway(1))
        assert answer == (None if expected is None else f"openclaw config validate {expected}")
        assert (tmp_path / "said").read_text() == "config validate --json\n"

    @pytest.mark.parametrize(("version", "executable"), [(None, "x"), ("2026.3.1", "x"), ("2026.3.2", None)])
    def test_where_it_cannot_be_asked_nothing_is_said(self, version: str | None, executable: str | None) -> None:
        assert validate_config(_installation(version, executable), _gateway(1)) is None

    def test_one_that_gives_no_answer_is_not_taken_for_a_yes(self, tmp_path: Path) -> None:
        answer = validate_config(_installation("2026.3.2", f"{tmp_path}/gone"), _gateway(1))
        assert answer == "openclaw config validate gave no answer within 90 seconds"


def test_the_instruction_names_the_manager_or_the_hand() -> None:
    assert manual_instruction(_gateway(1), UNIT) == "systemctl --user restart openclaw-gateway.service"
    assert manual_instruction(_gateway(1, manager=None), UNIT).startswith("stop the gateway where it runs")
