"""Exit codes and JSON as the command line's own page promises them."""

import json
import os
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from clawmend.cli.app import Settings
from clawmend.core.snapshot import GatewayRunning
from clawmend.repair import budgeting
from clawmend.repair import control as control_module
from clawmend.repair import observe as observing
from clawmend.system.locks import own_lock
from clawmend.system.restart import Restart
from cli.run import VERSION, CommandLine
from repair.home import OLD_KEY, Home, cache, profiles
from system.fakes import as_another_user, tree

FINDING = {
    "rule": str,
    "name": str,
    "severity": str,
    "path": str,
    "pointer": (str, type(None)),
    "summary": str,
    "safety": str,
    "confidence": str,
    "evidence": list,
    "fingerprint": str,
    "advice": list,
}
CHECK = {"schema": int, "home": str, "openclaw": dict, "findings": list, "could_not_look": list, "paused": type(None)}
REPAIR = {
    "schema": int,
    "verdict": str,
    "checkpoint": (str, type(None)),
    "changes": list,
    "held": list,
    "restart": dict,
    "findings": list,
    "seconds": float,
}
ADDED_TO_REPAIR = {
    "home": str,
    "openclaw": dict,
    "could_not_look": list,
    "note": str,
    "recovered": list,
    "repeated": list,
    "settled": bool,
    "backup_problem": str,
    "history_problem": str,
    "paused": type(None),
    "look_again_at": type(None),
    "restarts": list,
}
_UNDO = {
    "schema",
    "checkpoint",
    "made",
    "restored",
    "conflicts",
    "restart_needed",
    "recovered",
    "dry_run",
    "commands",
    "note",
}


def _has(document: dict[str, object], shape: dict[str, object]) -> None:
    assert set(document) == set(shape)
    for name, kind in shape.items():
        assert isinstance(document[name], kind), (name, document[name])  # type: ignore[arg-type]


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway runs, and nobody manages to restart it."""
    gateway = GatewayRunning(4711, 1.0, 18789, "systemd", "openclaw-gateway.service", {})
    monkeypatch.setattr(observing, "find_gateway", lambda *_arguments: gateway)
    monkeypatch.setattr(control_module, "validate_config", lambda *_arguments: None)
    refused = Restart(needed=True, done=False, reason="nobody manages this gateway")
    monkeypatch.setattr(control_module, "restart", lambda *_arguments: refused)


class TestCheck:
    def test_a_healthy_home_is_0(self, clawmend: CommandLine) -> None:
        run = clawmend("check", *VERSION)
        assert (run.code, run.err) == (0, "")
        assert run.out.endswith("Nothing to do.\n")

    def test_findings_are_1_and_each_says_what_and_what_next(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.models, cache())
        run = clawmend("check", *VERSION)
        assert run.code == 1
        assert "ERROR   OC101 stale-model-cache\n" in run.out
        assert "    where ~/.openclaw/agents/main/agent/models.json" in run.out
        assert "    next  clawmend repair\n" in run.out
        assert run.out.endswith("1 error, 0 warnings.\n")

    def test_notes_alone_are_0(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.models, cache())
        run = clawmend("check", "--openclaw-version", "2026.9.6")
        assert run.code == 0
        assert "1 note: see with -v." in run.out
        assert "OC101" in clawmend("check", "--openclaw-version", "2026.9.6", "-v").out

    def test_a_place_where_nobody_could_look_is_2_and_not_fine(self, clawmend: CommandLine, home: Home) -> None:
        home.claude.unlink()
        os.mkfifo(home.claude)
        run = clawmend("check", *VERSION)
        assert run.code == 2
        assert "BLIND   CC104 could not look" in run.out
        assert "Nothing to do" not in run.out

    def test_json_is_one_document_with_the_promised_members(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.models, cache())
        run = clawmend("check", "--json", *VERSION)
        assert run.code == 1
        _has(run.json, CHECK)
        (finding,) = run.json["findings"]
        _has(finding, FINDING)
        assert run.json["openclaw"] == {"version": "2026.3.2", "era": "B", "source": "option"}
        assert run.json["home"] == str(home.path)
        assert (finding["rule"], finding["path"]) == ("OC101", "~/.openclaw/agents/main/agent/models.json")
        assert finding["pointer"] == "/providers/bailian/baseUrl"
        assert (finding["severity"], finding["safety"], finding["confidence"]) == ("error", "safe", "certain")

    def test_json_of_a_place_where_nobody_could_look(self, clawmend: CommandLine, home: Home) -> None:
        home.claude.write_text("[" * 600)  # deeper than anybody may judge
        (blind,) = clawmend("check", "--json", *VERSION).json["could_not_look"]
        assert set(blind) == {"rule", "path", "problem"}
        assert (blind["rule"], blind["path"]) == ("CC104", "~/.claude.json")

    def test_an_unknown_version_is_null_and_nothing_is_touched(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.models, cache())
        assert clawmend("check", "--json").json["openclaw"] == {"version": None, "era": "unknown", "source": None}
        before = tree(home.path)
        run = clawmend("repair", "--yes")
        assert run.code == 1
        assert tree(home.path) == before

    def test_a_newer_version_is_looked_at_and_not_touched(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.models, cache())
        before = tree(home.path)
        run = clawmend("check", "--openclaw-version", "2027.1.1")
        assert "Look, don't touch: OpenClaw 2027.1.1 is newer than 2026.9.6" in run.out
        assert clawmend("repair", "--yes", "--openclaw-version", "2027.1.1").code in {0, 1}
        assert tree(home.path) == before

    def test_it_creates_nothing_anywhere(
        self, clawmend: CommandLine, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("CLAWMEND_STATE_DIR")
        home.write(home.models, cache())
        home.write(home.claude, "{")
        before = tree(home.root)
        for words in (["check"], ["check", "--json"], ["rules"], ["explain", "OC101"], ["backups", "list"]):
            clawmend(*words, *VERSION)
        clawmend("repair", "--dry-run", *VERSION)
        assert tree(home.root) == before

    def test_an_empty_home_is_0(self, clawmend: CommandLine, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        run = clawmend("check", "--home", tmp_path / "empty")
        assert run.code == 0
        assert "There is no OpenClaw state here." in run.out


class TestRepair:
    def test_what_is_repaired_is_0_and_can_be_undone(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.models, cache())
        run = clawmend("repair", *VERSION)
        assert run.code == 0
        assert "edited ~/.openclaw/agents/main/agent/models.json  (OC101)" in run.out
        checkpoint = run.out.splitlines()[-1].removeprefix("Undo: clawmend undo ")
        again = clawmend("repair", *VERSION)
        assert (again.code, "Nothing to repair." in again.out) == (0, True)
        undone = clawmend("undo", checkpoint)
        assert undone.out.startswith(
            "put back ~/.openclaw/agents/main/agent/models.json\nUndo this undo: clawmend undo "
        )
        assert undone.code == 0
        assert home.models.read_text() == cache()

    def test_what_is_left_to_a_person_is_1(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.profiles, profiles(OLD_KEY))
        run = clawmend("repair", *VERSION)
        assert run.code == 1
        assert "held  this may be what somebody wants; allow it with --yes" in " ".join(run.out.split(" "))
        assert "What is left needs you." in run.out

    def test_json_has_the_promised_members(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.models, cache())
        home.write(home.profiles, profiles(OLD_KEY))
        run = clawmend("repair", "--json", *VERSION)
        assert run.code == 1
        _has(run.json, REPAIR | ADDED_TO_REPAIR)
        assert run.json["verdict"] == "needs-you"
        (change,) = run.json["changes"]
        assert (change["path"], change["action"], change["rules"]) == (
            "~/.openclaw/agents/main/agent/models.json",
            "edit",
            ["OC101"],
        )
        assert set(change) == {"path", "action", "rules", "diff"}
        (held,) = run.json["held"]
        assert set(held) == {"finding", "reason"}
        _has(held["finding"], FINDING)
        assert run.json["restart"] == {
            "needed": False,
            "done": False,
            "reason": "nothing that was changed needs a restart of the gateway",
            "proof": "",
            "seconds": 0.0,
        }
        assert [finding["rule"] for finding in run.json["findings"]] == ["OC201"]
        assert clawmend("backups", "list", "--json").json["checkpoints"][0]["id"] == run.json["checkpoint"]

    def test_a_healthy_home_has_no_checkpoint(self, clawmend: CommandLine) -> None:
        run = clawmend("repair", "--json", *VERSION)
        assert (run.code, run.json["verdict"], run.json["checkpoint"]) == (0, "healthy", None)

    def test_a_dry_run_shows_the_diff_and_its_code_is_what_the_repair_would_leave(
        self, clawmend: CommandLine, home: Home
    ) -> None:
        home.write(home.models, cache())
        before = tree(home.root)
        run = clawmend("repair", "--dry-run", *VERSION)
        assert run.code == 0
        assert "would edit ~/.openclaw/agents/main/agent/models.json" in run.out
        assert '-      "baseUrl": "https://dashscope.aliyuncs.com/compatible-mode/v1"' in run.out
        assert tree(home.root) == before
        home.write(home.profiles, profiles(OLD_KEY))
        assert clawmend("repair", "--dry-run", "--json", *VERSION).json["verdict"] == "would-repair"
        assert clawmend("repair", "--dry-run", *VERSION).code == 1

    @pytest.mark.usefixtures("running")
    def test_what_was_rolled_back_is_4(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.profiles, profiles())
        before = tree(home.path)
        run = clawmend("repair", *VERSION)
        assert run.code == 4
        assert "The repair did not help and was rolled back." in run.out
        assert "nobody manages this gateway" in run.out
        assert tree(home.path) == before
        again = clawmend("repair", "--json", *VERSION).json
        assert again["verdict"] == "needs-you"
        assert "this repair was rolled back before (nobody manages this gateway)" in again["held"][0]["reason"]
        elsewhere = ("--state-dir", str(home.root / "elsewhere"))
        assert clawmend("repair", "--json", *elsewhere, *VERSION).json["verdict"] == "rolled-back"

    @pytest.mark.usefixtures("running")
    def test_without_a_restart_the_instruction_is_printed_and_the_code_is_1(
        self, clawmend: CommandLine, home: Home
    ) -> None:
        home.write(home.profiles, profiles())
        run = clawmend("repair", "--no-restart", *VERSION)
        assert run.code == 1
        assert "The gateway has to be restarted: left to you by --no-restart" in run.out
        undone = clawmend("undo", "--json")
        assert undone.json["restart_needed"] is True

    def test_a_file_that_keeps_changing_is_2(
        self, clawmend: CommandLine, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home.write(home.models, cache())
        propose = budgeting.propose
        count = 0

        def meddle(*arguments: object) -> object:
            nonlocal count
            count += 1
            proposal = propose(*arguments)  # type: ignore[arg-type]
            home.write(home.models, cache(f"https://{count}.example/v1"))
            return proposal

        monkeypatch.setattr(budgeting, "propose", meddle)
        run = clawmend("repair", "--json", *VERSION)
        assert (run.code, run.json["verdict"], run.json["changes"]) == (2, "stale", [])
        assert "https://3.example/v1" in home.models.read_text()

    def test_a_state_folder_that_cannot_be_made_is_2_and_nothing_is_changed(
        self, clawmend: CommandLine, home: Home
    ) -> None:
        home.write(home.models, cache())
        before = tree(home.root)
        run = clawmend("repair", "--state-dir", "/proc/clawmend", *VERSION)
        assert run.code == 2
        assert run.out == ""
        assert run.err.startswith("clawmend: cannot write backups in /proc/clawmend/checkpoints: ")
        assert "nothing was changed" in run.err
        assert run.err.count("\n") == 1
        assert tree(home.root) == before
        assert clawmend("check", "--state-dir", "/proc/clawmend", *VERSION).code == 1
        home.write(home.models, cache("https://coding-intl.dashscope.aliyuncs.com/v1"))
        assert clawmend("repair", "--state-dir", "/proc/clawmend", *VERSION).code == 0

    @pytest.mark.parametrize("below", ["", "/sub/folder"])
    def test_a_file_in_the_place_of_the_state_folder_is_2_and_said_to_be_one(
        self, clawmend: CommandLine, home: Home, below: str
    ) -> None:
        (home.root / "a file").write_text("")
        for words in (["check"], ["repair"], ["undo"], ["backups", "list"], ["status"], ["history"]):
            run = clawmend(*words, "--state-dir", f"{home.root}/a file{below}")
            assert run.code == 2
            assert run.err == f"clawmend: {home.root}/a file is no folder; name another one with --state-dir\n"

    def test_two_repairs_at_once_are_2_for_the_second(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.models, cache())
        home.state.mkdir()
        with own_lock(str(home.state)):
            run = clawmend("repair", *VERSION)
        assert (run.code, run.err) == (
            2,
            "clawmend: another clawmend is changing something right now; try again in a moment\n",
        )
        assert clawmend("repair", *VERSION).code == 0

    def test_only_one_rule_and_all_but_one(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.models, cache())
        home.write(home.claude, "{}")
        one = clawmend("repair", "--json", "--only", "cc101", *VERSION)
        assert [change["rules"] for change in one.json["changes"]] == [["CC101"]]
        assert one.code == 1
        assert clawmend("repair", "--json", "--skip", "stale-model-cache", *VERSION).json["changes"] == []


class TestUndo:
    def test_a_file_changed_since_is_2_with_a_diff(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.models, cache())
        clawmend("repair", *VERSION)
        home.write(home.models, '{"providers": {"mine": {}}}')
        run = clawmend("undo")
        assert run.code == 2
        assert "was changed since; undoing would do this to it:" in " ".join(run.out.split())
        assert '-{"providers": {"mine": {}}}' in run.out
        assert "\n    clawmend undo " in run.out
        assert run.out.endswith(" --force\n")
        assert "mine" in home.models.read_text()
        assert len(clawmend("undo", "--json").json["conflicts"]) == 1
        assert clawmend("undo", "--force").code == 0
        assert home.models.read_text() == cache()

    @pytest.mark.parametrize("words", [["undo"], ["undo", "2026"], ["backups", "show", "x"]])
    def test_nothing_to_undo_is_2(self, clawmend: CommandLine, words: list[str]) -> None:
        run = clawmend(*words)
        assert run.code == 2
        assert run.out == ""
        assert run.err.startswith("clawmend: ")
        assert run.err.endswith("clawmend backups list\n")

    def test_json(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.models, cache())
        clawmend("repair", *VERSION)
        document = clawmend("undo", "--json").json
        assert set(document) == _UNDO
        assert [item["path"] for item in document["restored"]] == ["~/.openclaw/agents/main/agent/models.json"]


class TestBackups:
    def test_they_are_listed_shown_and_verified(self, clawmend: CommandLine, home: Home) -> None:
        assert "There are no checkpoints" in clawmend("backups", "list").out
        assert "There are no backups yet." in clawmend("backups", "verify").out
        home.write(home.models, cache())
        clawmend("repair", *VERSION)
        (listed,) = clawmend("backups", "list", "--json").json["checkpoints"]
        assert set(listed) == {"id", "made", "kind", "reason", "done", "undone", "files", "commands"}
        text = clawmend("backups", "list").out
        assert text.startswith(listed["id"])
        assert "~/.openclaw/agents/main/agent/models.json  (OC101)" in text
        shown = clawmend("backups", "show", listed["id"])
        assert "from what it was then to what it is now" in " ".join(shown.out.split())
        assert '-      "baseUrl": "https://dashscope.aliyuncs.com/compatible-mode/v1"' in shown.out
        assert clawmend("backups", "show", listed["id"], "--json").json["checkpoint"]["files"][0]["diff"]
        assert clawmend("backups", "verify").out == "All 1 backups are whole.\n"
        clawmend("undo")
        assert "the same as then" in clawmend("backups", "show", listed["id"]).out

    def test_a_secret_known_only_by_its_place_is_not_shown(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.models, cache())
        clawmend("repair", *VERSION)
        (listed,) = clawmend("backups", "list", "--json").json["checkpoints"]
        home.write(home.models, '{"customApiKeyResponses": {"approved": [\n"tail-of-key-1",\n"tail-of-key-2"]}}')
        shown = clawmend("backups", "show", listed["id"]).out
        assert "(13 chars" in shown
        assert "tail-of-key" not in shown
        undone = clawmend("undo", "--json")
        assert undone.code == 2
        assert "(13 chars" in undone.out
        assert "tail-of-key" not in undone.out
        home.write(home.models, "broken {")
        assert "broken {" in clawmend("backups", "show", listed["id"]).out
        home.write(home.models, "[" * 1_000)
        assert clawmend("backups", "show", listed["id"]).code == 0

    def test_a_damaged_one_is_2(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.models, cache())
        clawmend("repair", *VERSION)
        (blob,) = (home.state / "checkpoints" / "blobs").iterdir()
        blob.chmod(0o600)
        blob.write_text("damaged")
        run = clawmend("backups", "verify")
        assert run.code == 2
        assert "is damaged" in run.out
        assert len(clawmend("backups", "verify", "--json").json["problems"]) == 1


class TestWrongUse:
    @pytest.mark.parametrize(
        "words",
        [
            ["nonsense"],
            ["check", "--nonsense"],
            ["check", "too", "many"],
            ["repair", "--only", "OC999"],
            ["repair", "--skip", "nonsense"],
            ["check", "--openclaw-version", "yesterday"],
            ["--openclaw-version", "1.2", "check"],
            ["check", "--format", "xml"],
            ["backups", "nonsense"],
            ["explain"],
            ["explain", "OC999"],
            ["completion", "powershell"],
        ],
    )
    def test_it_is_2_with_a_sentence_on_standard_error(self, clawmend: CommandLine, words: list[str]) -> None:
        run = clawmend(*words)
        assert run.code == 2
        assert run.out == ""
        assert run.err
        assert "Traceback" not in run.err

    @pytest.mark.parametrize("command", ["check", "repair", "undo"])
    def test_a_home_that_is_not_there_is_2_with_one_sentence(self, clawmend: CommandLine, command: str) -> None:
        run = clawmend(command, "--home", "/nowhere/at all")
        assert (run.code, run.out) == (2, "")
        assert run.err == "clawmend: there is no folder /nowhere/at all; name another one with --home\n"

    def test_a_file_in_the_place_of_the_home_is_2(self, clawmend: CommandLine, home: Home) -> None:
        assert clawmend("check", "--home", home.claude).code == 2

    def test_a_home_that_may_not_be_read_is_2(self, clawmend: CommandLine, public: Path) -> None:
        public.chmod(0o700 if os.geteuid() == 0 else 0o000)
        try:
            assert as_another_user(lambda: clawmend("check", "--home", public).code) == 2
        finally:
            public.chmod(0o755)

    def test_another_users_file_is_looked_at_no_further(self, clawmend: CommandLine, public: Path) -> None:
        (public / ".claude.json").write_text('{"hasCompletedOnboarding": false}')
        (public / ".claude.json").chmod(0o600 if os.geteuid() == 0 else 0)
        assert as_another_user(lambda: clawmend("check", "--home", public).code) == 2


class TestGlobalOptions:
    @pytest.mark.parametrize(
        "words",
        [
            ["--json", "--openclaw-version", "2026.3.2", "check"],
            ["check", "--json", "--openclaw-version", "2026.3.2"],
            ["--format", "json", "check", "--openclaw-version", "2026.3.2"],
            ["--openclaw-version", "2026.3.2", "check", "--format=json"],
            ["--openclaw-version", "2026.1.29", "check", "--json", "--openclaw-version", "2026.3.2"],
        ],
    )
    def test_they_are_taken_before_and_after_the_command(
        self, clawmend: CommandLine, home: Home, words: list[str]
    ) -> None:
        home.write(home.models, cache())
        run = clawmend(*words)
        assert run.code == 1
        assert run.json["openclaw"]["version"] == "2026.3.2"

    def test_they_are_taken_at_every_place_of_a_command_in_a_group(self, clawmend: CommandLine, tmp_path: Path) -> None:
        state = ["--state-dir", str(tmp_path / "other")]
        for words in (
            [*state, "--json", "backups", "list"],
            ["backups", *state, "--json", "list"],
            ["backups", "list", *state, "--json"],
        ):
            assert clawmend(*words).json == {"schema": 1, "checkpoints": [], "known_good": []}

    def test_the_home_named_beats_the_variables(
        self, clawmend: CommandLine, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home.write(home.models, cache())
        monkeypatch.setenv("OPENCLAW_STATE_DIR", "/nowhere")
        monkeypatch.setenv("CLAUDE_CONFIG_DIR", "/nowhere")
        assert clawmend("check", *VERSION).code == 0
        assert clawmend("check", "--home", home.path, *VERSION).code == 1

    @pytest.mark.parametrize("words", [["check"], ["repair"], ["undo"], ["backups", "list"], ["rules"], ["demo"]])
    def test_quiet_says_nothing_and_the_code_tells(self, clawmend: CommandLine, home: Home, words: list[str]) -> None:
        home.write(home.models, cache())
        if words == ["undo"]:
            clawmend("repair", *VERSION)
        run = clawmend(*words, "-q", *VERSION)
        assert (run.out, run.err) == ("", "")
        assert run.code == (1 if words == ["check"] else 0)

    def test_verbose_says_how_sure_it_is(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.models, cache())
        assert "sure  certain; fingerprint" in clawmend("check", "-v", *VERSION).out

    def test_the_version_and_the_help(self, clawmend: CommandLine) -> None:
        assert clawmend("--version").out.startswith("clawmend 0.")
        for words in (["--help"], ["-h"], ["check", "--help"], ["backups", "show", "-h"]):
            run = clawmend(*words)
            assert run.code == 0
            assert run.out.startswith("Usage: clawmend")


class TestABugOfOurs:
    def test_it_is_3_with_a_private_report_without_secrets(
        self, clawmend: CommandLine, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_arguments: object) -> None:
            raise RuntimeError(f'{OLD_KEY} and apiKey: "hunter2-hunter2"')

        monkeypatch.setattr(Settings, "place", fail)
        run = clawmend("check")
        assert run.code == 3
        assert run.out == ""
        path = Path(run.err.strip().rpartition(" ")[2])
        assert path.parent == home.state / "bugs"
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert home.state.stat().st_mode & 0o777 == 0o700
        text = path.read_text()
        assert "RuntimeError" in text
        assert "test_contract.py" in text
        assert OLD_KEY not in text + run.err
        assert "hunter2-hunter2" not in text + run.err

    @pytest.mark.parametrize("path", [f"/lib/orjson{EXTENSION_SUFFIXES[0]}", "/lib/some.py", None])
    def test_a_library_whose_compiled_part_cannot_be_loaded_is_none(
        self, clawmend: CommandLine, home: Home, monkeypatch: pytest.MonkeyPatch, path: str | None
    ) -> None:
        def fail(*_arguments: object) -> None:
            raise ImportError("failed to map segment from shared object", name="some", path=path)

        monkeypatch.setattr(Settings, "place", fail)
        run = clawmend("check")
        compiled = path is not None and not path.endswith(".py")
        assert run.code == (2 if compiled else 3)
        assert (f"clawmend: {path} cannot be loaded (failed to map segment" in run.err) is compiled
        assert (home.state / "bugs").exists() is not compiled

    def test_without_a_place_for_it_the_report_is_printed(
        self, clawmend: CommandLine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_arguments: object) -> None:
            raise RuntimeError(OLD_KEY)

        monkeypatch.setattr(Settings, "place", fail)
        monkeypatch.setenv("CLAWMEND_STATE_DIR", "/proc/clawmend")
        run = clawmend("check")
        assert run.code == 3
        assert "RuntimeError" in run.err
        assert OLD_KEY not in run.err
        assert "Please report the text above." in run.err


class TestService:
    def test_the_unit_and_the_agent_are_printed(self, clawmend: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("clawmend.cli.service.own_command", lambda: "/opt/clawmend")
        assert "ExecStart=/opt/clawmend watch\n" in clawmend("service", "print", "systemd").out
        assert "<string>/opt/clawmend</string>" in clawmend("service", "print", "launchd").out
        document = clawmend("service", "print", "--json").json
        assert set(document) == {"schema", "manager", "name", "text"}


class TestRulesAndDemo:
    def test_rules_are_listed_and_explained(self, clawmend: CommandLine) -> None:
        listed = clawmend("rules", "--json").json["rules"]
        assert [rule["id"] for rule in listed] == sorted(rule["id"] for rule in listed)
        assert {"OC101", "OC102", "OC104", "OC201", "OC301", "OC303", "OC307", "CC101"} <= {
            rule["id"] for rule in listed
        }
        for rule in listed:
            assert set(rule) == {"id", "name", "title", "severity", "safety", "eras"}
            text = clawmend("explain", rule["name"]).out
            assert text.startswith(f"{rule['id']} {rule['name']} (")
            for heading in ("What it checks", "Why it matters", "The fix and its safety", "References"):
                assert f"\n{heading}\n" in text
            assert "The fix" in clawmend("explain", rule["id"].lower(), "--json").json["documentation"]

    def test_the_demo_keeps_its_promise_and_looks_at_nothing_else(self, clawmend: CommandLine, home: Home) -> None:
        before = tree(home.root)
        run = clawmend("demo", "--json")
        assert run.code == 0
        assert run.json["as_promised"] is True
        assert {finding["rule"] for finding in run.json["check"]["findings"]} == {"OC101", "OC307", "CC101"}
        assert run.json["repair"]["verdict"] == "repaired"
        assert run.json["second_repair"] == "healthy"
        text = clawmend("demo")
        assert text.code == 0
        assert "The folder is gone again." in text.out
        assert json.dumps(str(home.path)) not in run.out
        assert tree(home.root) == before
