"""Pipes, terminals, encodings, widths: where the answers go."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clawmend.cli.render import Screen
from clawmend.core.printable import one_line, printable
from cli.run import INTERRUPT, VERSION, CommandLine
from repair.home import OLD_KEY, PLAN_URL, Home, cache, profiles
from system.fakes import tree

ESCAPE = "\x1b"


class TestAsAProcess:
    def test_the_codes_reach_the_shell(self, clawmend: CommandLine, home: Home) -> None:
        assert clawmend.process("check", *VERSION).code == 0
        home.write(home.models, cache())
        run = clawmend.process("check", "--json", *VERSION)
        assert (run.code, run.err) == (1, "")
        assert run.json["findings"]
        assert clawmend.process("check", "--home", "/nowhere").code == 2

    @pytest.mark.parametrize(
        ("words", "code"),
        [
            (["check", *VERSION], 1),
            (["check", "--json", *VERSION], 1),
            (["repair", *VERSION], 0),
            (["--help"], 0),
            (["rules"], 0),
            (["explain", "OC101"], 0),
            (["completion", "bash"], 0),
            (["check", "--home", "/nowhere"], 2),
        ],
    )
    @pytest.mark.parametrize("streams", [("stdout",), ("stdout", "stderr")], ids=["", "also of what went wrong"])
    def test_a_reader_that_has_gone_changes_no_code(
        self, clawmend: CommandLine, home: Home, words: list[str], code: int, streams: tuple[str, ...]
    ) -> None:
        """Scripts depend on the code, and whether `head` has gone in time is a matter of chance."""
        home.write(home.models, cache())
        reading, writing = os.pipe()
        os.close(reading)
        run = clawmend.process(*words, **dict.fromkeys(streams, writing))
        os.close(writing)
        assert (run.code, bool(run.err)) == (code, "/nowhere" in words and "stderr" not in streams)
        assert (home.models.read_text() == cache()) is (words[0] != "repair")

    @pytest.mark.parametrize("more", [[], ["--json"]])
    def test_what_goes_on_for_ever_ends_with_its_reader(self, clawmend: CommandLine, more: list[str]) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        run = clawmend.process("status", "--follow", *more, stdout=writing)
        os.close(writing)
        assert (run.code, run.err) == (clawmend.process("status").code, "")

    @pytest.mark.parametrize("words", [["check"], ["check", "--json"], ["repair", *VERSION], ["explain", "OC101"]])
    def test_output_for_which_there_is_no_room_ends_nothing_in_the_middle_and_is_told(
        self, clawmend: CommandLine, home: Home, words: list[str]
    ) -> None:
        home.write(home.models, cache())
        full = os.open("/dev/full", os.O_WRONLY)
        run = clawmend.process(*words, stdout=full)
        os.close(full)
        assert run.code == 2
        assert run.err == "clawmend: the output could not be written: No space left on device\n"
        assert (home.models.read_text() == cache()) is (words[0] != "repair")

    def test_what_goes_on_for_ever_ends_where_there_is_no_room_for_it(self, clawmend: CommandLine) -> None:
        full = os.open("/dev/full", os.O_WRONLY)
        run = clawmend.process("status", "--follow", stdout=full)
        os.close(full)
        assert (run.code, run.err) == (2, "clawmend: the output could not be written: No space left on device\n")

    def test_a_shell_that_takes_one_byte_sees_no_complaint(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.models, cache())
        result = subprocess.run(
            ["/bin/sh", "-c", f'"{sys.executable}" -m clawmend demo | head -c 1'],
            env=clawmend.environment,
            capture_output=True,
            check=False,
            timeout=30,
        )
        assert (result.stdout, result.stderr) == (b"A", b"")

    @pytest.mark.parametrize("words", [["check"], ["check", "--json"], ["check", "--home", "/nowhere"]])
    @pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
    def test_closed_streams_change_no_code(
        self, clawmend: CommandLine, home: Home, words: list[str], closed: str
    ) -> None:
        home.write(home.models, cache())
        line = f'exec "{sys.executable}" -m clawmend {" ".join([*words, *VERSION])} {closed}'
        result = subprocess.run(
            ["/bin/sh", "-c", line], env=clawmend.environment, capture_output=True, check=False, timeout=30
        )
        assert result.returncode == (2 if "/nowhere" in words else 1)
        assert b"Traceback" not in result.stdout + result.stderr
        if "/nowhere" in words:
            assert result.stdout == b""

    def test_ctrl_c_is_130_and_everything_is_as_it_was(self, clawmend: CommandLine, home: Home) -> None:
        """It waits for Claude Code's lock, after the checkpoint was registered and a first file was written."""
        home.write(home.models, cache())
        home.write(home.claude, "{}")
        before = tree(home.path)
        lock = home.path / ".claude.json.lock"
        lock.mkdir()
        process = clawmend.start("repair", *VERSION, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            deadline = time.monotonic() + 20
            while home.models.read_text() == cache() and time.monotonic() < deadline:
                os.utime(lock)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=20)
        finally:
            process.kill()
            process.wait()
        assert process.returncode == 130
        assert out == b""
        assert (
            err.decode().strip() == "clawmend: interrupted; every file is whole (what was begun: clawmend backups list)"
        )
        lock.rmdir()
        assert tree(home.path) == before
        assert [found["undone"] for found in clawmend("backups", "list", "--json").json["checkpoints"]] == [True]

    @pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
    def test_any_encoding_is_fine(self, clawmend: CommandLine, home: Home, encoding: str) -> None:
        home.write(home.models, cache().replace(NEW_BY_NAME, "schlüssel-日本"))
        environment = {"PYTHONIOENCODING": encoding, "LANG": "C", "LC_ALL": "C"}
        for words in (["check"], ["repair", "--dry-run"], ["demo"], ["explain", "OC101"]):
            run = subprocess.run(
                [sys.executable, "-m", "clawmend", *words, *VERSION],
                env=clawmend.environment | environment,
                capture_output=True,
                check=False,
                timeout=30,
            )
            assert run.returncode in {0, 1}
            assert run.stderr == b""
            run.stdout.decode(encoding)

    def test_json_is_utf_8_in_any_encoding(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.models, cache("https://bücher.example/v1"))
        process = clawmend.process("check", "--json", *VERSION, environment={"PYTHONIOENCODING": "ascii"})
        assert "https://bücher.example/v1" in process.json["findings"][0]["summary"]


NEW_BY_NAME = "qwen3.5-plus"


class TestColours:
    def test_a_terminal_gets_colours_and_a_pipe_none(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.models, cache())
        assert f"{ESCAPE}[1;31mERROR" in clawmend.on_terminal("check", *VERSION).out
        assert ESCAPE not in clawmend("check", *VERSION).out

    @pytest.mark.parametrize(
        ("words", "environment"), [(["--no-color"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"})]
    )
    def test_who_wants_none_gets_none(
        self, clawmend: CommandLine, home: Home, words: list[str], environment: dict[str, str]
    ) -> None:
        home.write(home.models, cache())
        home.write(home.profiles, profiles(OLD_KEY))
        for command in (["check"], ["repair"]):
            run = clawmend.on_terminal(*command, *words, *VERSION, answers=(b"n\n",), environment=environment)
            assert not re.search(rf"{ESCAPE}\[[0-9;]*3[0-9]m", run.out)
            assert "OC101" in run.out


class TestAsking:
    def test_a_person_is_asked_once_with_the_change_and_n_keeps_it(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.profiles, profiles(OLD_KEY))
        before = tree(home.path)
        run = clawmend.on_terminal("repair", *VERSION, "--no-color", answers=(b"n\n", b"n\n"))
        assert run.out.count("[y/N]") == 1
        assert "would edit ~/.openclaw/agents/main/agent/auth-profiles.json" in run.out
        assert OLD_KEY not in run.out
        assert run.code == 1
        assert tree(home.path) == before

    def test_y_does_it(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.profiles, profiles(OLD_KEY))
        run = clawmend.on_terminal("repair", *VERSION, answers=(b"y\n",))
        assert run.code == 0
        assert OLD_KEY not in home.profiles.read_text()

    @pytest.mark.parametrize("answer", [INTERRUPT, b"\x04"])
    def test_ctrl_c_and_the_end_of_input_change_nothing(self, clawmend: CommandLine, home: Home, answer: bytes) -> None:
        home.write(home.profiles, profiles(OLD_KEY))
        before = tree(home.path)
        run = clawmend.on_terminal("repair", *VERSION, answers=(answer,))
        assert run.code == 130
        assert "Traceback" not in run.out
        assert tree(home.path) == before

    @pytest.mark.parametrize("words", [["--dry-run"], ["--json"], ["-q"], ["--yes"]])
    def test_some_are_never_asked(self, clawmend: CommandLine, home: Home, words: list[str]) -> None:
        home.write(home.profiles, profiles(OLD_KEY))
        run = clawmend.on_terminal("repair", *words, *VERSION)
        assert "[y/N]" not in run.out
        assert run.code == (0 if words == ["--yes"] else 1)

    def test_without_a_terminal_nobody_is_asked_and_the_reason_is_said(self, clawmend: CommandLine, home: Home) -> None:
        home.write(home.profiles, profiles(OLD_KEY))
        run = clawmend.process("repair", *VERSION, stdin=subprocess.DEVNULL)
        assert run.code == 1
        assert "allow it with --yes" in run.out


class TestWidths:
    @pytest.mark.parametrize("width", [60, 80])
    def test_no_line_is_wider_than_the_terminal(
        self, clawmend: CommandLine, home: Home, width: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", str(width))
        home.write(home.models, cache())
        home.write(home.profiles, profiles(OLD_KEY))
        home.write(home.claude, "{")
        for words in (
            ["check"],
            ["check", "-v"],
            ["repair", "--dry-run"],
            ["rules"],
            ["explain", "OC201"],
            ["backups", "verify"],
            ["--help"],
            ["repair", "--help"],
        ):
            run = clawmend(*words, *(VERSION if words[0] in {"check", "repair"} and "--help" not in words else ()))
            for line in run.out.splitlines():
                diff = line.startswith(("    @@", "    +", "    -", "     "))
                path = "/" in line
                assert len(line) <= width or diff or path, (words, line)
                assert line == line.rstrip() or diff, (words, line)

    def test_a_path_is_never_broken(self, clawmend: CommandLine, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "60")
        name = "an-agent-with-a-name-that-is-longer-than-most-names-are"
        home.write(home.path / f".openclaw/agents/{name}/agent/models.json", cache())
        path = f"~/.openclaw/agents/{name}/agent/models.json"
        assert path in clawmend("check", *VERSION).out
        assert path in clawmend("repair", *VERSION).out
        assert path in clawmend("backups", "list").out
        assert path in clawmend("undo").out

    def test_a_narrow_terminal_is_survived(
        self, clawmend: CommandLine, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home.write(home.models, cache())
        for width in ("1", "5", "0"):
            monkeypatch.setenv("COLUMNS", width)
            assert clawmend("check", *VERSION).code == 1

    def test_an_empty_line_is_empty(self, capsys: pytest.CaptureFixture[str]) -> None:
        screen = Screen(color=False, quiet=False, verbose=False)
        screen.line()
        screen.line("a")
        screen.code("+b\n\n c")
        assert capsys.readouterr().out == "\na\n    +b\n    \n     c\n"


class TestForeignText:
    def test_control_characters_in_a_file_do_not_reach_the_terminal(self, clawmend: CommandLine, home: Home) -> None:
        wicked = f"https://x{ESCAPE}]0;owned\x07{ESCAPE}[31m\u202e\u0085.example/v1"
        home.write(home.models, cache(wicked).encode().decode("unicode_escape"))
        home.models.write_text(cache("https://WICKED.example/v1").replace("WICKED", f"x{ESCAPE}[31m\u202e"))
        home.write(home.models, cache("https://WICKED.example/v1").replace("WICKED", "x\\u001b[31m\\u202e\\u0007"))
        for words in (["check"], ["check", "--json"], ["repair", "--dry-run"], ["repair", "--dry-run", "--json"]):
            run = clawmend(*words, *VERSION)
            assert not set(run.out) & {ESCAPE, "\x07", "\u202e"}

    def test_neither_do_those_in_names(self, clawmend: CommandLine, home: Home) -> None:
        for name in (f"a{ESCAPE}[31m", "two\nlines", os.fsdecode(b"\xff\xfe")):
            home.write(home.path / f".openclaw/agents/{name}/agent/models.json", cache())
        for words in (["check"], ["check", "--json"], ["repair", "--json"], ["backups", "list"], ["undo", "--json"]):
            run = clawmend(*words, *VERSION)
            assert run.code in {0, 1}
            assert ESCAPE not in run.out
            assert "two\nlines" not in run.out
            assert "two\\nlines" in run.out or "--json" in words

    def test_a_home_with_such_a_name_is_one_sentence(self, clawmend: CommandLine) -> None:
        run = clawmend("check", "--home", f"/nowhere{ESCAPE}[31m\nclawmend: all is well")
        assert run.err == (
            "clawmend: there is no folder /nowhere\\x1b[31m\\nclawmend: all is well; name another one with --home\n"
        )

    def test_a_home_with_such_a_name_works(self, clawmend: CommandLine, home: Home, tmp_path: Path) -> None:
        odd = tmp_path / os.fsdecode(b"odd \xff\x1b[31m\nhome")
        home.path.rename(odd)
        home.path.mkdir()
        models = odd / ".openclaw/agents/main/agent/models.json"
        home.write(models, cache())
        before = models.read_bytes()
        for words in (["check"], ["check", "--json"], ["repair"], ["backups", "list"], ["backups", "list", "--json"]):
            run = clawmend(*words, "--home", odd, *VERSION)
            assert run.code in {0, 1}, run
            assert ESCAPE not in run.out + run.err
        assert PLAN_URL not in models.read_text()
        assert clawmend("undo", "--home", odd).code == 0
        assert models.read_bytes() == before

    def test_what_is_printable_stays(self) -> None:
        assert printable("ä 日本 é\ttab\nline …") == "ä 日本 é\ttab\nline …"
        assert printable("\x00\x1b\x7f\x9b\u202e\udcff\ud800") == "\\x00\\x1b\\x7f\\x9b\\u202e\\xff\\ud800"
        assert one_line("a\nb") == "a\\nb"


class TestCompletion:
    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_a_script_is_printed(self, clawmend: CommandLine, shell: str) -> None:
        run = clawmend.process("completion", shell)
        assert (run.code, run.err) == (0, "")
        assert f"_CLAWMEND_COMPLETE={shell}_complete" in run.out

    def test_with_json_it_is_a_member_of_the_answer(self, clawmend: CommandLine) -> None:
        script = clawmend("completion", "bash").out
        answer = {"schema": 1, "shell": "bash", "script": script}
        assert clawmend("completion", "bash", "--json").json == answer

    def test_bash_accepts_it(self, clawmend: CommandLine) -> None:
        script = clawmend("completion", "bash").out
        result = subprocess.run(["bash", "-n"], input=script.encode(), capture_output=True, check=False)
        assert (result.returncode, result.stderr) == (0, b"")

    @pytest.mark.parametrize(
        ("words", "count", "expected"),
        [
            ("clawmend re", 1, {"repair", "resume", "report"}),
            ("clawmend ", 1, {"check", "repair", "undo", "backups", "rules", "explain", "demo", "completion"}),
            ("clawmend backups ", 2, {"list", "show", "verify", "prune"}),
            ("clawmend repair --on", 2, {"--only"}),
            ("clawmend completion z", 2, {"zsh"}),
            ("clawmend --format j", 2, {"json"}),
        ],
    )
    def test_words_are_completed(self, clawmend: CommandLine, words: str, count: int, expected: set[str]) -> None:
        run = clawmend.process(
            environment={"_CLAWMEND_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(count)}
        )
        assert (run.code, run.err) == (0, "")
        found = {line.partition(",")[2] for line in run.out.splitlines()}
        assert expected <= found if words == "clawmend " else found == expected

    def test_the_script_of_zsh_and_fish_get_what_they_understand(self, clawmend: CommandLine) -> None:
        zsh = {"_CLAWMEND_COMPLETE": "zsh_complete", "COMP_WORDS": "clawmend re", "COMP_CWORD": "1"}
        assert clawmend.process(environment=zsh).out.startswith("plain\nrepair\n")
        fish = {"_CLAWMEND_COMPLETE": "fish_complete", "COMP_WORDS": "clawmend", "COMP_CWORD": "re"}
        assert "repair" in clawmend.process(environment=fish).out

    def test_an_unknown_wish_is_2_and_no_traceback(self, clawmend: CommandLine) -> None:
        run = clawmend.process(environment={"_CLAWMEND_COMPLETE": "tcsh_complete"})
        assert run.code == 2
        assert "Traceback" not in run.err


def test_the_installed_command_is_the_same(clawmend: CommandLine) -> None:
    command = Path(sys.executable).with_name("clawmend")
    with contextlib.suppress(FileNotFoundError):
        result = subprocess.run([command, "--version"], env=clawmend.environment, capture_output=True, check=True)
        assert result.stdout.startswith(b"clawmend ")
