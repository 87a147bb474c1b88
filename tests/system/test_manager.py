"""What service managers say, recorded from a real systemd 252 (systemctl/*.txt) and written after launchctl's."""

import os
from pathlib import Path

import pytest

from clawmend.core.condition import health_of
from clawmend.core.gateway import Condition, Facts, ServiceFacts, ServiceState
from clawmend.system.manager import ask_manager, read_launchd, read_systemd
from clawmend.system.services import Service
from system.fakes import stub

RECORDED = Path(__file__).with_name("systemctl")
UNIT = "openclaw-gateway.service"
SYSTEMD = Service("systemd", UNIT, "/home/user/.config/systemd/user/openclaw-gateway.service", ())
LAUNCHD = Service("launchd", "ai.openclaw.gateway", "/Users/u/Library/LaunchAgents/ai.openclaw.gateway.plist", ())
NOW = 1_795_884_055.0  # a minute after they were recorded


def recorded(name: str) -> ServiceFacts:
    found = read_systemd((RECORDED / f"{name}.txt").read_text(), SYSTEMD)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "state", "status", "condition"),
    [
        ("no-unit", ServiceState.UNLOADED, None, Condition.STOPPED),
        ("never-started", ServiceState.STOPPED, None, Condition.STOPPED),
        ("running", ServiceState.RUNNING, None, Condition.STARTING),
        ("activating", ServiceState.BEGINNING, None, Condition.STARTING),
        ("deactivating", ServiceState.ENDING, None, Condition.DRAINING),
        ("stopped-by-hand", ServiceState.STOPPED, None, Condition.STOPPED),
        ("stopped-143-not-success", ServiceState.FAILED, 143, Condition.STOPPED),
        ("stop-timeout", ServiceState.FAILED, 137, Condition.STOPPED),
        ("first-auto-restart", ServiceState.WAITING, 1, Condition.STARTING),
        ("auto-restart", ServiceState.WAITING, 1, Condition.CRASH_LOOPING),
        ("exit-0-restart", ServiceState.WAITING, 0, Condition.STARTING),
        ("start-limit", ServiceState.FAILED, 1, Condition.START_LIMIT),
        ("no-program", ServiceState.FAILED, 203, Condition.START_LIMIT),
        ("exit-78", ServiceState.FAILED, 78, Condition.EXIT_78),
        ("failed-no-restart", ServiceState.FAILED, 3, Condition.FAILED),
        ("killed-9", ServiceState.FAILED, 137, Condition.FAILED),
    ],
)
def test_what_a_real_systemd_said(name: str, state: ServiceState, status: int | None, condition: Condition) -> None:
    found = recorded(name)
    assert (found.manager, found.unit, found.state, found.exit_status) == ("systemd", UNIT, state, status)
    assert health_of(Facts(now=NOW, port=18789, service=found)).condition is condition


def test_every_recording_is_tried() -> None:
    tried = test_what_a_real_systemd_said.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {path.stem for path in RECORDED.glob("*.txt")} == {row[0] for row in tried}


def test_moments_and_counts_are_read() -> None:
    found = recorded("start-limit")
    assert (found.restarts, found.limit, found.pid, found.result) == (5, 5, None, "exit-code")
    assert found.started == found.ended == found.entered == found.left == 1_795_884_044.0
    assert recorded("running").pid == 49
    assert recorded("running").ended is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "LoadState=loaded\nActiveState=maintenance\n",
        "LoadState=error\nActiveState=inactive\n",
        "LoadState=loaded\nActiveState=active\nFragmentPath=/home/other/.config/systemd/user/openclaw-gateway.service",
    ],
)
def test_what_is_not_about_this_unit_says_nothing(text: str) -> None:
    assert read_systemd(text, SYSTEMD) is None


def test_a_unit_that_was_found_by_its_control_group_may_lie_anywhere() -> None:
    text = "LoadState=loaded\nActiveState=active\nFragmentPath=/etc/systemd/system/openclaw.service\n"
    found = read_systemd(text, Service("systemd", "openclaw.service", "", ()), system=True)
    assert found is not None
    assert (found.state, found.system, found.limit) == (ServiceState.RUNNING, True, None)


def test_what_systemd_writes_otherwise_is_not_known() -> None:
    text = (
        "LoadState=loaded\nActiveState=failed\nNRestarts=many\nExecMainCode=1\nExecMainStatus=x\n"
        "StateChangeTimestamp=Sat 2026-99-28 16:40:44 UTC\nExecMainExitTimestamp=Sat 2026-11-28 16:40:44 CET\n"
        "StartLimitIntervalUSec=1min\nStartLimitBurst=0\n"
    )
    found = read_systemd(text, SYSTEMD)
    assert found is not None
    assert (found.restarts, found.exit_status, found.entered, found.ended, found.limit) == (None,) * 5


@pytest.mark.parametrize(("system", "scope"), [(False, "--user "), (True, "")])
def test_systemd_is_asked_once_in_a_language_that_can_be_read(
    system: bool, scope: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (RECORDED / "running.txt").read_text()
    stub(tmp_path, "systemctl", f"echo \"$LC_ALL $TZ $@\" >> {tmp_path}/calls; cat <<'END'\n{text}END")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    found = ask_manager(SYSTEMD, system=system)
    assert (found.state, found.system) == (ServiceState.RUNNING, system)
    (call,) = (tmp_path / "calls").read_text().splitlines()
    assert call.startswith(f"C UTC {scope}show --property=LoadState,")
    assert call.endswith(f"-- {UNIT}")


@pytest.mark.parametrize("script", ["exit 1", "exec sleep 60", "echo nonsense"])
@pytest.mark.parametrize(("service", "tool"), [(SYSTEMD, "systemctl"), (LAUNCHD, "launchctl")])
def test_a_manager_that_fails_hangs_or_raves_was_not_asked(
    script: str, service: Service, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub(tmp_path, tool, script)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert ask_manager(service, timeout=0.2) == ServiceFacts(
        manager=service.manager, unit=service.name, state=ServiceState.UNASKED
    )


@pytest.mark.parametrize("service", [SYSTEMD, LAUNCHD])
def test_a_manager_that_is_not_there_was_not_asked(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ask_manager(service).state is ServiceState.UNASKED


def launchd(**told: str) -> str:
    lines = {"active count": "1", "path": LAUNCHD.path, "type": "LaunchAgent", "state": "running", **told}
    body = "".join(f"\t{name} = {value}\n" for name, value in lines.items() if value)
    deeper = "\tspawn type = daemon (3)\n\tendpoints = {\n\t\tstate = x\n\t}\n"
    return f"gui/501/ai.openclaw.gateway = {{\n{body}\n{deeper}}}\n"


@pytest.mark.parametrize(
    ("told", "state", "status", "restarts"),
    [
        ({"pid": "4711", "runs": "3", "last exit code": "1"}, ServiceState.RUNNING, 1, 2),
        ({"pid": "4711", "runs": "1", "last exit code": "(never exited)"}, ServiceState.RUNNING, None, 0),
        ({"state": "spawn scheduled", "runs": "7", "last exit code": "78: EX_CONFIG"}, ServiceState.WAITING, 78, 6),
        ({"state": "not running", "last exit code": "0"}, ServiceState.STOPPED, 0, None),
        ({"state": "not running", "last terminating signal": "Killed: 9"}, ServiceState.WAITING, 137, None),
        ({"state": "not running", "last terminating signal": "Terminated: 15"}, ServiceState.STOPPED, 143, None),
    ],
)
def test_what_launchd_says(told: dict[str, str], state: ServiceState, status: int | None, restarts: int | None) -> None:
    found = read_launchd(launchd(**told), LAUNCHD)
    assert found is not None
    assert (found.manager, found.unit, found.state) == ("launchd", "ai.openclaw.gateway", state)
    assert (found.exit_status, found.restarts) == (status, restarts)
    assert found.pid == (4711 if "pid" in told else None)


def test_launchd_that_speaks_of_another_file_or_of_no_state_says_nothing() -> None:
    assert read_launchd(launchd(path="/Users/other/x.plist"), LAUNCHD) is None
    assert read_launchd(launchd(state=""), LAUNCHD) is None


def test_an_agent_that_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(tmp_path, "launchctl", "exit 113")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert ask_manager(LAUNCHD).state is ServiceState.UNLOADED


def test_an_agent_is_asked_for_in_the_session_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(tmp_path, "launchctl", f"echo \"$@\" >> {tmp_path}/calls; cat <<'END'\n{launchd(pid='4711')}END")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert ask_manager(LAUNCHD).pid == 4711
    assert (tmp_path / "calls").read_text() == f"print gui/{os.getuid()}/ai.openclaw.gateway\n"
