import os
import plistlib
import shutil
from pathlib import Path

import pytest

from clawmend.system.files import RealFiles
from clawmend.system.services import (
    Service,
    find_service,
    restart_command,
    run_manager,
    service_pid,
    start_instruction,
)
from system.fakes import stub

FILES = RealFiles()
CAPTURED = Path(__file__).with_name("openclaw-gateway.service")
UNITS = ".config/systemd/user"
AGENTS = "Library/LaunchAgents"
SYSTEMD = Service("systemd", "openclaw-gateway.service", "", ())
LAUNCHD = Service("launchd", "ai.openclaw.gateway", "", ())


def _unit(home: Path, text: str, name: str = "openclaw-gateway.service") -> Path:
    path = home / UNITS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _agent(home: Path, data: bytes, label: str = "ai.openclaw.gateway") -> Path:
    path = home / AGENTS / f"{label}.plist"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_the_unit_that_openclaw_2026_3_2_installs_is_read(tmp_path: Path) -> None:
    path = tmp_path / UNITS / "openclaw-gateway.service"
    path.parent.mkdir(parents=True)
    shutil.copy(CAPTURED, path)

    found = find_service(str(tmp_path), None, {}, FILES)

    assert found is not None
    assert (found.manager, found.name, found.path) == ("systemd", "openclaw-gateway.service", str(path))
    assert found.command == (
        "/usr/bin/node",
        "/usr/lib/node_modules/openclaw/dist/index.js",
        "gateway",
        "--port",
        "18817",
    )
    assert found.environment["HOME"] == "/home/user"
    assert found.environment["NO_PROXY"] == "*"
    assert found.environment["OPENCLAW_GATEWAY_PORT"] == "18817"
    assert len(found.environment) == 12


def test_a_profile_has_a_unit_of_its_own(tmp_path: Path) -> None:
    _unit(tmp_path, "[Service]\nExecStart=/bin/a\n")
    _unit(tmp_path, "[Service]\nExecStart=/bin/b\n", "openclaw-gateway-work.service")
    work, default = (find_service(str(tmp_path), profile, {}, FILES) for profile in ("work", None))
    assert work is not None
    assert default is not None
    assert (work.name, work.command) == ("openclaw-gateway-work.service", ("/bin/b",))
    assert default.command == ("/bin/a",)
    assert find_service(str(tmp_path), "other", {}, FILES) is None


@pytest.mark.parametrize("name", ["mine", "mine.service", " mine "])
def test_the_unit_can_be_named(tmp_path: Path, name: str) -> None:
    _unit(tmp_path, "[Service]\nExecStart=/bin/a\n", "mine.service")
    found = find_service(str(tmp_path), None, {"OPENCLAW_SYSTEMD_UNIT": name}, FILES)
    assert found is not None
    assert found.name == "mine.service"


def test_quoted_words_and_broken_ones_are_read_as_well_as_can_be(tmp_path: Path) -> None:
    _unit(
        tmp_path,
        "ExecStart = \"/opt/my node/bin/node\" 'x y'\n"
        'Environment="A=1 2" B=3 nothing\nEnvironment=C=it\'s\nEnvironment=\n# Environment=D=4\n\xff',
    )
    found = find_service(str(tmp_path), None, {}, FILES)
    assert found is not None
    assert found.command == ("/opt/my node/bin/node", "x y")
    assert found.environment == {"A": "1 2", "B": "3", "C": "it's"}


def test_a_launchd_agent_is_read(tmp_path: Path) -> None:
    path = _agent(
        tmp_path,
        plistlib.dumps(
            {
                "Label": "ai.openclaw.gateway",
                "ProgramArguments": ["/usr/local/bin/node", "/x/openclaw/dist/index.js", "gateway"],
                "EnvironmentVariables": {"OPENCLAW_GATEWAY_PORT": "18789"},
            }
        ),
    )
    assert find_service(str(tmp_path), None, {}, FILES) == Service(
        "launchd",
        "ai.openclaw.gateway",
        str(path),
        ("/usr/local/bin/node", "/x/openclaw/dist/index.js", "gateway"),
        {"OPENCLAW_GATEWAY_PORT": "18789"},
    )


def test_a_binary_agent_of_a_profile_is_read(tmp_path: Path) -> None:
    data = plistlib.dumps({"ProgramArguments": ["/bin/a"]}, fmt=plistlib.FMT_BINARY)
    _agent(tmp_path, data, "ai.openclaw.work")
    _agent(tmp_path, data, "my.label")
    profile = find_service(str(tmp_path), "work", {}, FILES)
    named = find_service(str(tmp_path), None, {"OPENCLAW_LAUNCHD_LABEL": "my.label"}, FILES)
    assert profile is not None
    assert named is not None
    assert (profile.name, named.name) == ("ai.openclaw.work", "my.label")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        b"bplist00garbage",
        b"<?xml version='1.0'?><plist><dict>",
        b"<?xml version='1.0'?><plist><key>a</key></plist>",
        b"<?xml version='1.0'?><plist><integer>x</integer></plist>",
    ],
)
def test_an_agent_that_cannot_be_read_is_none(tmp_path: Path, data: bytes) -> None:
    _agent(tmp_path, data)
    assert find_service(str(tmp_path), None, {}, FILES) is None


@pytest.mark.parametrize("value", [[], {}, {"ProgramArguments": "x", "EnvironmentVariables": 1}])
def test_an_agent_that_says_nothing_is_an_empty_service(tmp_path: Path, value: object) -> None:
    path = _agent(tmp_path, plistlib.dumps(value))  # type: ignore[arg-type]
    assert find_service(str(tmp_path), None, {}, FILES) == Service("launchd", "ai.openclaw.gateway", str(path), ())


def test_without_files_there_is_no_service(tmp_path: Path) -> None:
    assert find_service(str(tmp_path), None, {}, FILES) is None


def test_a_folder_in_the_place_of_the_unit_is_none(tmp_path: Path) -> None:
    (tmp_path / UNITS / "openclaw-gateway.service").mkdir(parents=True)
    assert find_service(str(tmp_path), None, {}, FILES) is None


@pytest.mark.parametrize(("said", "pid"), [("4711", 4711), ("0", None), ("", None), ("x", None)])
def test_systemd_is_asked_for_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, pid: int | None
) -> None:
    stub(tmp_path, "systemctl", f'echo "$@" >> {tmp_path}/calls; echo {said}')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert service_pid(SYSTEMD) == pid
    assert (tmp_path / "calls").read_text() == "--user show --property=MainPID --value openclaw-gateway.service\n"


def test_launchd_is_asked_for_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(tmp_path, "launchctl", f'echo "$@" >> {tmp_path}/calls; printf "state = running\\n\\tpid = 4711\\n"')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert service_pid(LAUNCHD) == 4711
    assert (tmp_path / "calls").read_text() == f"print gui/{os.getuid()}/ai.openclaw.gateway\n"


@pytest.mark.parametrize("service", [SYSTEMD, LAUNCHD])
def test_a_manager_that_is_not_there_knows_no_process(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert service_pid(service) is None


def test_launchd_that_says_nothing_knows_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(tmp_path, "launchctl", "exit 113")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert service_pid(LAUNCHD) is None


def test_a_manager_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(tmp_path, "systemctl", "exec sleep 60")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert run_manager(["systemctl"], 0.05) is None


def test_the_bus_of_the_user_is_found_where_a_shell_without_a_session_lacks_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub(tmp_path, "systemctl", 'echo "$XDG_RUNTIME_DIR $DBUS_SESSION_BUS_ADDRESS"')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    result = run_manager(["systemctl"], 5)
    assert result is not None
    assert result.output.strip() == f"/run/user/{os.getuid()} unix:path=/run/user/{os.getuid()}/bus"


def test_the_owner_of_a_service_restarts_it() -> None:
    assert restart_command(SYSTEMD) == ["systemctl", "--user", "restart", "openclaw-gateway.service"]
    assert restart_command(LAUNCHD) == ["launchctl", "kickstart", "-k", f"gui/{os.getuid()}/ai.openclaw.gateway"]
    assert start_instruction(SYSTEMD) == "systemctl --user restart openclaw-gateway.service"
    assert start_instruction(None) == "openclaw gateway restart"
