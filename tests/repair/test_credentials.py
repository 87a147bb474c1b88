"""The credentials of the machine, of a dry run, and of whoever has no OpenClaw at hand."""

import json
import os
import sys
from pathlib import Path

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.core.finding import LogOut, TakeOver
from clawmend.repair.credentials import DryRunCredentials, NoCredentials, RealCredentials
from clawmend.repair.observe import observe
from clawmend.repair.tools import Tools
from repair.home import Home
from repair.store import MINE, OLD, VERSION, Stored
from system.fakes import DAEMON, stub, tree

_OPENCLAW = f"""
import json, os, sys
sys.path[:0] = ["{DAEMON}", "{DAEMON.parent}/tests"]
from support.stores import change_store
words, key, store = sys.argv[2:], sys.stdin.read(), sys.argv[1]
with open(os.path.dirname(sys.argv[0]) + "/said", "a") as said:
    print(json.dumps([words[2], os.environ["FROM_THE_UNIT"], os.environ["HOME"]]), file=said)
if words[2] == "logout":
    change_store(store, lambda profiles: profiles.pop(words[3]))
else:
    entry = {{"type": "api_key", "provider": words[4], "key": key}}
    change_store(store, lambda profiles: profiles.update({{words[6]: entry}}))
"""


@pytest.fixture
def stored(home: Home) -> Stored:
    return Stored(home).laid()


@pytest.fixture
def edit(stored: Stored) -> LogOut:
    return LogOut(str(stored.database), "main", "old:one", OLD["old:one"])


def test_openclaw_does_it_in_the_environment_of_the_unit(
    stored: Stored, edit: LogOut, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "openclaw.py").write_text(_OPENCLAW)
    stub(tmp_path / "bin", "openclaw", f'exec {sys.executable} {tmp_path}/openclaw.py {stored.database} "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    unit = stored.home.path / ".config/systemd/user/openclaw-gateway.service"
    stored.home.write(unit, "[Service]\nExecStart=/usr/bin/node gateway\nEnvironment=FROM_THE_UNIT=yes\n")
    tools: Tools = stored.tools
    snapshot = observe(tools.place, tools.files, tools.clock, VERSION)
    real = RealCredentials(tools.place, tools.files, tools.clock)
    (openclaw,) = snapshot.openclaws
    assert real.log_out(openclaw, snapshot.installation, edit) is None
    assert real.stored(edit.path, edit.profile) is None
    assert real.log_in(openclaw, snapshot.installation, edit) is None
    assert real.stored(edit.path, edit.profile) == OLD["old:one"]
    said = [json.loads(line) for line in (tmp_path / "said").read_text().splitlines()]
    home = str(stored.home.path)
    assert said == [["logout", "yes", home], ["paste-api-key", "yes", home]]


def test_a_dry_run_says_yes_to_everything_and_does_nothing(stored: Stored, edit: LogOut) -> None:
    tools: Tools = stored.tools
    snapshot = observe(tools.place, tools.files, tools.clock, VERSION)
    before = tree(stored.home.root)
    dry = DryRunCredentials()
    assert dry.log_out(snapshot.openclaws[0], snapshot.installation, edit) is None
    assert dry.log_in(snapshot.openclaws[0], snapshot.installation, edit) is None
    assert dry.stored(edit.path, "mine:one") == MINE["mine:one"]
    assert tree(stored.home.root) == before


def test_whoever_has_no_openclaw_refuses(stored: Stored, edit: LogOut) -> None:
    tools: Tools = stored.tools
    snapshot = observe(tools.place, tools.files, tools.clock, VERSION)
    nobody = NoCredentials()
    for way in (nobody.log_out, nobody.log_in):
        said = way(snapshot.openclaws[0], snapshot.installation, edit)
        assert said == "OpenClaw is not asked for anything about old:one here"
    with pytest.raises(ClawmendError, match="is not looked at here"):
        nobody.stored(edit.path, edit.profile)


def test_retired_files_are_taken_over_by_the_same_openclaw(
    stored: Stored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = tmp_path / "doctor"
    stub(tmp_path / "bin", "openclaw", f'echo "$@ $OPENCLAW_STATE_DIR" > {said}')
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    tools: Tools = stored.tools
    stored.home.write(stored.home.profiles, "{}")
    snapshot = observe(tools.place, tools.files, tools.clock, VERSION)
    (openclaw,) = snapshot.openclaws
    edit = TakeOver(str(stored.home.profiles), "main")
    real = RealCredentials(tools.place, tools.files, tools.clock)
    assert real.take_over(openclaw, snapshot.installation, edit, b"{}", lambda: "") is None
    assert said.read_text() == f"doctor --fix --non-interactive {openclaw.directory}\n"
    assert DryRunCredentials().take_over(openclaw, snapshot.installation, edit, b"{}", lambda: "all is lacking") is None
    refused = NoCredentials().take_over(openclaw, snapshot.installation, edit, b"{}", lambda: "")
    assert refused == f"OpenClaw is not asked for anything about {edit.path} here"
