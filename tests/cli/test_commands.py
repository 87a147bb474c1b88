"""What OpenClaw is asked to do: in JSON, as text, in the question, in the backups and on the way back."""

import os
import shutil
import subprocess
import sys

import pytest

from clawmend.core.era import Installation
from clawmend.core.finding import LogOut
from clawmend.core.snapshot import OpenClaw
from clawmend.repair.credentials import RealCredentials
from cli.run import CommandLine
from repair.home import OLD_KEY, Home
from repair.store import LOGIN, MINE, OLD, OUT_ONE, OUT_TWO, Stored
from support.rules import add_rule, dropping
from support.stores import key_entry
from system.fakes import DAEMON, stub, tree

VERSION = ("--openclaw-version", "2026.9.6")
_STORE = "~/.openclaw/state/openclaw.sqlite"
_SECRETS = ("key-number-one", "key-number-two", "key-of-mine")


def _command(line: str) -> dict[str, object]:
    return {"path": _STORE, "action": "command", "rules": ["OC999"], "diff": line}


@pytest.fixture
def stored(home: Home, monkeypatch: pytest.MonkeyPatch) -> Stored:
    add_rule(monkeypatch, dropping)
    found = Stored(home).laid()

    def log_out(_self: RealCredentials, place: OpenClaw, installation: Installation, edit: LogOut) -> str | None:
        return found.openclaw.log_out(place, installation, edit)

    def log_in(_self: RealCredentials, place: OpenClaw, installation: Installation, edit: LogOut) -> str | None:
        return found.openclaw.log_in(place, installation, edit)

    monkeypatch.setattr(RealCredentials, "log_out", log_out)
    monkeypatch.setattr(RealCredentials, "log_in", log_in)
    return found


class TestRepair:
    def test_a_dry_run_shows_the_command_lines_and_changes_nothing(self, clawmend: CommandLine, stored: Stored) -> None:
        before = tree(stored.home.root)
        run = clawmend("repair", "--dry-run", "--json", *VERSION)
        assert (run.code, run.json["verdict"]) == (0, "would-repair")
        assert run.json["changes"] == [_command(OUT_ONE), _command(OUT_TWO)]
        text = " ".join(clawmend("repair", "--dry-run", *VERSION).out.split())
        assert f"old:one is old would run: {OUT_ONE} (OC999)" in text
        assert tree(stored.home.root) == before
        assert stored.openclaw.asked == []

    def test_json_names_the_database_and_the_command_line(self, clawmend: CommandLine, stored: Stored) -> None:
        run = clawmend("repair", "--json", *VERSION)
        assert (run.code, run.json["verdict"]) == (0, "repaired")
        assert run.json["changes"] == [_command(OUT_ONE), _command(OUT_TWO)]
        assert stored.profiles == MINE

    def test_text_says_what_was_run(self, clawmend: CommandLine, stored: Stored) -> None:
        run = clawmend("repair", *VERSION)
        assert run.code == 0
        assert f"ran: {OUT_ONE} (OC999)" in " ".join(run.out.split())
        assert "Undo: clawmend undo " in run.out
        assert stored.openclaw.asked == [OUT_ONE, OUT_TWO]

    def test_files_come_before_commands(self, clawmend: CommandLine, stored: Stored) -> None:
        stored.home.write(stored.home.claude, "{}")
        changes = clawmend("repair", "--json", *VERSION).json["changes"]
        assert [change["action"] for change in changes] == ["edit", "command", "command"]

    def test_a_command_that_failed_is_held_and_not_listed(self, clawmend: CommandLine, stored: Stored) -> None:
        stored.openclaw.refusals |= dict.fromkeys(OLD, f"it said {OLD['old:one']['key']}")
        run = clawmend("repair", "--json", *VERSION)
        assert (run.code, run.json["changes"], run.json["checkpoint"]) == (1, [], None)
        assert [item["finding"]["rule"] for item in run.json["held"]] == ["OC999"] * 2
        assert "key-number-one" not in run.out

    def test_no_credential_is_ever_shown(self, clawmend: CommandLine, stored: Stored) -> None:
        for words in (("repair", "--dry-run"), ("repair",), ("backups", "list"), ("undo",), ("undo", "--json")):
            run = clawmend(*words, *(VERSION if words[0] != "backups" else ()))
            assert not [secret for secret in _SECRETS if secret in run.out + run.err], words
        assert stored.profiles == OLD | MINE

    def test_a_name_that_a_shell_would_take_apart_is_quoted(self, clawmend: CommandLine, stored: Stored) -> None:
        stored.change(old_one=None, old_two=None)
        stored.change(**{"old_it's mine; rm -rf": OLD["old:one"]})
        (change,) = clawmend("repair", "--dry-run", "--json", *VERSION).json["changes"]
        assert change["diff"] == """openclaw models auth logout 'old:it'"'"'s mine; rm -rf' --yes --agent main"""


def test_the_question_shows_the_command(clawmend: CommandLine, home: Home) -> None:
    stored = Stored(home).laid({"bailian:default": key_entry(OLD_KEY)})
    run = clawmend.on_terminal("repair", "--no-color", *VERSION, answers=(b"n\n",))
    assert run.code == 1, run.out
    asked, _, _ = run.out.partition("Do this?")
    line = "would run: openclaw models auth logout bailian:default --yes --agent main (OC201)"
    assert line in " ".join(asked.split())
    assert OLD_KEY not in run.out
    assert stored.profiles


class TestBackups:
    def test_they_name_what_openclaw_was_asked_to_remove(self, clawmend: CommandLine, stored: Stored) -> None:
        name = clawmend("repair", "--json", *VERSION).json["checkpoint"]
        (listed,) = clawmend("backups", "list", "--json").json["checkpoints"]
        assert listed["commands"][0] == {"path": _STORE, "agent": "main", "profile": "old:one", "rules": ["OC999"]}
        said = f"{_STORE}: the credential old:two of agent main, which OpenClaw was asked to remove (OC999)"
        assert said in " ".join(clawmend("backups", "list").out.split())
        assert said in " ".join(clawmend("backups", "show", name).out.split())
        assert clawmend("backups", "show", name, "--json").json["checkpoint"]["commands"] == listed["commands"]
        assert clawmend("backups", "verify").out == "All 3 backups are whole.\n"
        assert stored.kept.damage() == ()


class TestUndo:
    def test_json_says_of_each_whether_it_is_stored_again(self, clawmend: CommandLine, stored: Stored) -> None:
        clawmend("repair", *VERSION)
        one = {"path": _STORE, "agent": "main", "profile": "old:one", "done": False, "problem": ""}
        assert clawmend("undo", "--dry-run", "--json", *VERSION).json["commands"][0] == one
        run = clawmend("undo", "--json", *VERSION)
        assert (run.code, run.json["commands"][0]) == (0, one | {"done": True})
        assert stored.profiles == OLD | MINE

    def test_text(self, clawmend: CommandLine, stored: Stored) -> None:
        clawmend("repair", *VERSION)
        dry = clawmend("undo", "--dry-run", *VERSION).out
        assert "the credential old:one of agent main would be stored again by OpenClaw" in " ".join(dry.split())
        run = clawmend("undo", *VERSION)
        assert "the credential old:one of agent main is stored, as it was" in " ".join(run.out.split())
        assert "Every file already is" not in run.out
        assert "Undo this undo: clawmend undo " in run.out
        assert stored.openclaw.asked[2:]

    def test_on_a_terminal_it_is_shown_before_the_question(self, clawmend: CommandLine, stored: Stored) -> None:
        clawmend("repair", *VERSION)
        run = clawmend.on_terminal("undo", "--no-color", *VERSION, answers=(b"n\n",))
        asked, _, rest = run.out.partition("Do this?")
        assert "old:two of agent main would be stored again by OpenClaw" in " ".join(asked.split())
        assert "Nothing was undone." in rest
        assert stored.profiles == MINE

    def test_what_cannot_come_back_is_1_with_the_place_of_its_entry(
        self, clawmend: CommandLine, stored: Stored
    ) -> None:
        stored.change(old_one=LOGIN, old_two=None)
        clawmend("repair", *VERSION)
        run = clawmend("undo", *VERSION)
        assert run.code == 1
        said = " ".join(run.out.split())
        assert "old:one of agent main is not stored again: OpenClaw has no command that stores an OAuth login" in said
        assert f"{stored.home.state}/checkpoints/blobs/" in said
        assert "a-token" not in run.out

    def test_another_credential_is_left_alone_and_replaced_by_force(
        self, clawmend: CommandLine, stored: Stored
    ) -> None:
        stored.change(old_two=None)
        name = clawmend("repair", "--json", *VERSION).json["checkpoint"]
        stored.change(old_one=MINE["mine:one"])
        run = clawmend("undo", "--json", *VERSION)
        assert (run.code, "left alone" in run.json["commands"][0]["problem"]) == (1, True)
        assert clawmend("undo", name, "--force", *VERSION).code == 0
        assert stored.profiles["old:one"] == OLD["old:one"]

    def test_a_recovery_tells_of_no_commands(self, clawmend: CommandLine) -> None:
        assert clawmend("undo", "--recover", "--json").json["commands"] == []


_OPENCLAW = f"""
import os, sys
sys.path[:0] = ["{DAEMON}", "{DAEMON.parent}/tests"]
from support.stores import change_store
words, key = sys.argv[1:], sys.stdin.read()
store = os.environ["HOME"] + "/.openclaw/state/openclaw.sqlite"
if words[2] == "logout":
    change_store(store, lambda profiles: profiles.pop(words[3]))
else:
    entry = {{"type": "api_key", "provider": words[4], "key": key.strip()}}
    change_store(store, lambda profiles: profiles.update({{words[6]: entry}}))
"""


def test_with_an_openclaw_in_path_nothing_else_is_needed(clawmend: CommandLine, home: Home) -> None:
    """From the shell to the database and back, with a program of that name in the place of the real one."""
    stored = Stored(home).laid({"bailian:default": key_entry(OLD_KEY)})
    (home.root / "openclaw.py").write_text(_OPENCLAW)
    stub(home.root / "bin", "openclaw", f'exec {sys.executable} {home.root}/openclaw.py "$@"')
    environment = {"PATH": f"{home.root}/bin:{os.environ['PATH']}"}
    before = stored.files
    repair = clawmend.process("repair", "--yes", "--json", *VERSION, environment=environment)
    assert (repair.code, repair.json["verdict"]) == (0, "repaired"), repair
    assert (stored.profiles, stored.files) == ({}, before)
    undo = clawmend.process("undo", "--json", *VERSION, environment=environment, stdin=subprocess.DEVNULL)
    assert (undo.code, [one["done"] for one in undo.json["commands"]]) == (0, [True]), undo
    assert (stored.profiles, stored.files) == ({"bailian:default": key_entry(OLD_KEY)}, before)
    assert shutil.which("openclaw") is None  # it was the one of the test
