"""`clawmend service` on a Mac: the real commands are run, against a launchctl that has the races of the real one."""

import plistlib
from pathlib import Path

import pytest

from clawmend.cli import service as module
from clawmend.system.reading import identity_of
from clawmend.system.service_launchd import Launchd
from cli.run import CommandLine, neighbour
from repair.home import Home
from system.fakes import FakeClock, stub, tree

# An agent that is booted out is there for a while yet, and while it goes (and once after that) bootstrap fails with 5.
LAUNCHCTL = """
cd "$(dirname "$0")"
echo "$1" >> calls
echo "$*" >> said
case $1 in
print)
  if [ -s going ]; then sed -i 1d going; [ -s going ] || rm -f loaded running; fi
  [ -e loaded ] || { echo 'Could not find service "dev.clawmend" in domain for user gui' >&2; exit 113; }
  printf 'gui/0/dev.clawmend = {\\n\\tstate = running\\n'
  if [ -e running ]; then printf '\\tpid = 4711\\n'; fi
  printf '\\tlast exit code = (never exited)\\n}\\n' ;;
bootout) [ -e loaded ] || exit 3; printf '1\\n2\\n3\\n' > going; printf '1\\n' > late ;;
bootstrap)
  if [ -s going ] || [ -s late ]; then rm -f late; echo 'Bootstrap failed: 5: Input/output error' >&2; exit 5; fi
  [ -e loaded ] && exit 37
  cp "$3" agent && touch loaded ;;
kickstart) [ -e loaded ] || exit 113; touch running ;;
print-disabled) echo 'disabled services = {' ;;
enable) ;;
esac
"""


@pytest.fixture
def launchctl(home: Home, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the stub keeps what it was told."""
    folder = stub(home.root / "launchctl", "launchctl", LAUNCHCTL).parent
    command = stub(home.root / "bin", "clawmend", 'echo "clawmend 1.0"')
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(module, "own_command", lambda: str(command))
    monkeypatch.setattr(module, "own_manager", lambda own, *_given: Launchd(own, FakeClock()))
    monkeypatch.setattr("clawmend.system.launching.home_of_user", lambda: str(home.path))
    return folder


def calls(folder: Path) -> list[str]:
    return [verb for verb in (folder / "calls").read_text().split() if not verb.startswith("print")]


def test_an_agent_is_loaded_replaced_through_the_races_and_taken_down(
    clawmend: CommandLine, home: Home, launchctl: Path
) -> None:
    agent = home.path / "Library/LaunchAgents/dev.clawmend.plist"
    run = clawmend("service", "install", "--now")
    assert (run.code, run.err) == (0, "")
    assert run.out == (
        "Installed ~/Library/LaunchAgents/dev.clawmend.plist\nIt is running (process 4711). See: clawmend status\n"
    )
    assert plistlib.loads(agent.read_bytes())["ProgramArguments"][1:] == ["watch"]
    assert calls(launchctl) == ["enable", "bootstrap", "kickstart"]
    assert clawmend("service", "install", "--now").out.startswith("Already installed, unchanged")
    assert len(calls(launchctl)) == 3

    agent.write_text(agent.read_text().replace("<integer>10</integer>", "<integer>5</integer>"))
    (launchctl / "calls").unlink()
    assert clawmend("service", "install", "--now", "--json").json["change"] == "replaced"
    assert calls(launchctl) == ["enable", "bootout", "bootstrap", "bootstrap", "kickstart"]
    assert (launchctl / "agent").read_bytes() == agent.read_bytes()
    assert clawmend("service", "status").out.startswith("The service is running (process 4711).\n")

    run = clawmend("service", "uninstall")
    assert (run.code, run.err) == (0, "")
    assert not agent.exists()
    assert not (launchctl / "loaded").exists()
    assert clawmend("service", "status").code == 1


def test_the_agent_of_the_gateway_beside_ours_stays_as_it_is(
    clawmend: CommandLine, home: Home, launchctl: Path
) -> None:
    """Bytes, mode, time and the very file; and launchctl is asked for nothing but our own agent."""
    folder = home.path / "Library/LaunchAgents"
    before = neighbour(folder, "ai.openclaw.gateway.plist", "<plist><dict><key>Label</key></dict></plist>\n")
    beside = tree(folder)

    assert clawmend("service", "install").code == 0
    agent = folder / "dev.clawmend.plist"
    agent.write_text(agent.read_text().replace("<integer>10</integer>", "<integer>5</integer>"))
    assert clawmend("service", "install", "--now", "--json").json["change"] == "replaced"
    assert {name: found for name, found in tree(folder).items() if name != agent.name} == beside
    assert clawmend("service", "uninstall", "--json").json["removed"] is True

    assert tree(folder) == beside
    assert identity_of((folder / "ai.openclaw.gateway.plist").stat()) == before
    said = (launchctl / "said").read_text()
    assert "bootout gui/" in said
    assert "ai.openclaw" not in said


def test_without_launchctl_it_is_one_sentence(clawmend: CommandLine, launchctl: Path) -> None:
    (launchctl / "launchctl").unlink()
    run = clawmend("service", "status")
    assert (run.code, run.out) == (2, "")
    assert run.err == "clawmend: launchctl gave no answer; run it in a session at the screen, on a Mac\n"
