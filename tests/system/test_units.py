import plistlib
import sys
from pathlib import Path

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.system import units
from clawmend.system.commands import Ran, run
from clawmend.system.units import Launch, own_command, unit_text, why_fleeting
from system.fakes import stub

ODD = '/opt/a b/"x"/100%/$HOME/\\<&>/clawmend'
PLAIN = Launch(("/opt/clawmend", "watch"))
GIVEN = Launch((ODD, "watch", "--home", "/h; rm"), {"OPENCLAW_PROFILE": "a 'b' 100%", "CLAWMEND_STATE_DIR": "/$s/\\<&"})


def test_the_unit_starts_the_command_it_is_given() -> None:
    lines = unit_text("systemd", PLAIN).splitlines()
    assert "ExecStart=/opt/clawmend watch" in lines
    assert "@" not in "".join(lines)
    assert not [line for line in lines if line.startswith("Environment=")]


def test_what_means_something_to_systemd_is_quoted() -> None:
    lines = [
        line for line in unit_text("systemd", GIVEN).splitlines() if line.startswith(("ExecStart=", "Environment="))
    ]
    assert lines == [
        'ExecStart="/opt/a b/\\"x\\"/100%%/$$HOME/\\\\<&>/clawmend" watch --home "/h; rm"',
        "Environment=\"OPENCLAW_PROFILE=a 'b' 100%%\"",
        'Environment="CLAWMEND_STATE_DIR=/$s/\\\\<&"',
    ]


def test_the_unit_promises_no_wall_that_a_users_manager_does_not_build() -> None:
    keys = {line.partition("=")[0] for line in unit_text("systemd", PLAIN).splitlines() if "=" in line}
    walls = ("Protect", "Private", "Restrict", "ReadWrite", "ReadOnly", "Inaccessible", "SystemCall", "Capability")
    assert not [key for key in keys if key.startswith(walls)]
    assert not keys & {"RestartSteps", "RestartMaxDelaySec", "NoNewPrivileges"}  # the first two are newer than 252
    assert {"Type", "WatchdogSec", "Restart", "StartLimitBurst", "TimeoutStopSec", "Nice", "WantedBy"} <= keys


def test_the_agent_is_a_property_list_whatever_the_path_holds() -> None:
    agent = plistlib.loads(unit_text("launchd", GIVEN).encode())
    assert agent["ProgramArguments"] == list(GIVEN.words)
    assert agent["EnvironmentVariables"] == GIVEN.environment
    assert agent["Label"] == "dev.clawmend"
    assert (agent["KeepAlive"], agent["RunAtLoad"], agent["ProcessType"]) == (
        {"SuccessfulExit": False},
        True,
        "Background",
    )
    assert agent["ThrottleInterval"] >= 10
    assert "EnvironmentVariables" not in plistlib.loads(unit_text("launchd", PLAIN).encode())


@pytest.mark.parametrize("manager", ["systemd", "launchd"])
@pytest.mark.parametrize(
    "launch",
    [Launch(("/opt/a\nExecStartPre=/bin/x", "watch")), Launch(("/c",), {"HOME": "/h\x00"}), Launch(("/\ud800",))],
)
def test_a_line_break_in_a_name_is_refused(manager: str, launch: Launch) -> None:
    with pytest.raises(ClawmendError, match="a service cannot be given"):
        unit_text(manager, launch)


@pytest.mark.parametrize(
    ("path", "fleeting"),
    [
        ("/home/a/.local/bin/clawmend", False),
        ("/home/a/.local/share/uv/tools/clawmend/bin/clawmend", False),
        ("/home/a/.local/share/pipx/venvs/clawmend/bin/clawmend", False),
        ("/home/a/.cache/uv/archive-v0/x/bin/clawmend", True),
        ("/home/a/.local/share/pipx/.cache/x/bin/clawmend", True),
    ],
)
def test_what_lies_in_a_cache_will_be_gone_tomorrow(path: str, fleeting: bool) -> None:
    assert (why_fleeting(path) is not None) is fleeting


def test_one_that_was_not_shipped_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(units, "files", lambda _package: tmp_path)
    monkeypatch.setattr(units, "__file__", str(tmp_path / "clawmend" / "system" / "units.py"))
    with pytest.raises(ClawmendError, match=r"clawmend\.service was not installed with clawmend"):
        unit_text("systemd", PLAIN)


def test_our_own_command_is_the_one_that_runs_or_the_one_beside_python(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ours, beside = stub(tmp_path / "a", "clawmend", ""), stub(tmp_path / "b", "clawmend", "")
    monkeypatch.setenv("PATH", str(tmp_path / "c"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "b" / "python"))
    monkeypatch.setattr(sys, "argv", [str(ours)])
    assert own_command() == str(ours)
    for name in ("__main__.py", "clawmend", str(tmp_path / "gone" / "clawmend")):
        monkeypatch.setattr(sys, "argv", [name])
        assert own_command() == str(beside)


def test_without_any_it_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(sys, "argv", ["-c"])
    with pytest.raises(ClawmendError, match="cannot tell by which path"):
        own_command()


def test_a_program_that_ends_says_how(tmp_path: Path) -> None:
    script = stub(tmp_path, "a", 'cat; echo "$MARK"; printf "\\377"; exit 3')
    assert run([str(script)], {"MARK": "said", "PATH": "/usr/bin:/bin"}, 10) == Ran(3, "said\n\ufffd")


def test_one_that_is_not_there_or_does_not_end_says_nothing(tmp_path: Path) -> None:
    assert run([str(tmp_path / "gone")], {}, 10) is None
    assert run([str(stub(tmp_path, "a", "exec sleep 60"))], {"PATH": "/usr/bin:/bin"}, 0.05) is None
