import plistlib
import sys
from pathlib import Path

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.system import units
from clawmend.system.commands import Ran, run
from clawmend.system.units import own_command, unit_text
from system.fakes import stub

ODD = '/opt/a b/"x"/100%/$HOME/\\<&>/clawmend'


def test_the_unit_starts_the_command_it_is_given() -> None:
    lines = unit_text("systemd", "/opt/clawmend").splitlines()
    assert "ExecStart=/opt/clawmend repair" in lines
    assert "@CLAWMEND@" not in "".join(lines)


def test_what_means_something_to_systemd_is_quoted() -> None:
    line = next(line for line in unit_text("systemd", ODD).splitlines() if line.startswith("ExecStart="))
    assert line == 'ExecStart="/opt/a b/\\"x\\"/100%%/$$HOME/\\\\<&>/clawmend" repair'


def test_the_agent_is_a_property_list_whatever_the_path_holds() -> None:
    agent = plistlib.loads(unit_text("launchd", ODD).encode())
    assert agent["ProgramArguments"] == [ODD, "repair"]
    assert agent["Label"] == "dev.clawmend"


def test_one_that_was_not_shipped_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(units, "files", lambda _package: tmp_path)
    monkeypatch.setattr(units, "__file__", str(tmp_path / "clawmend" / "system" / "units.py"))
    with pytest.raises(ClawmendError, match=r"clawmend\.service was not installed with clawmend"):
        unit_text("systemd", "/opt/clawmend")


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
