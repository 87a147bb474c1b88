"""`clawmend config`: a file that is valid as it is made, shown as it holds, and checked with line numbers."""

import re
import stat
import tomllib
from pathlib import Path

import pytest

from clawmend.cli.app import Settings
from clawmend.core.operation import DEFAULT_OPERATION
from clawmend.core.policy import Mode
from clawmend.loop.engine import LONGEST_REST
from clawmend.rules.registry import RULES
from cli.run import CommandLine
from repair.home import Home


@pytest.fixture
def default(home: Home) -> Path:
    return home.path / ".config/clawmend/config.toml"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    return path


class TestInit:
    def test_it_writes_comments_that_say_what_can_be_set(self, clawmend: CommandLine, default: Path) -> None:
        run = clawmend("config", "init")
        assert (run.code, run.err) == (0, "")
        assert str(default) in run.out
        assert stat.S_IMODE(default.stat().st_mode) == 0o600
        text = default.read_text()
        for rule in RULES:
            assert f'# {rule.id} = "ask"  # {rule.name}\n' in text
        for mode in Mode:
            assert f'"{mode.value}"' in text
        assert max(map(len, text.splitlines())) <= 120
        assert clawmend("config", "check").code == 0

    def test_what_it_says_of_the_sweep_is_what_the_watcher_does(self, clawmend: CommandLine, default: Path) -> None:
        clawmend("config", "init")
        text = " ".join(default.read_text().replace("\n# ", " ").split())
        assert f"(a database, a log, the gateway) it looks at every {LONGEST_REST / 60:g} minutes" in text
        assert f"# debounce = {DEFAULT_OPERATION.debounce:g}" in default.read_text()
        assert f"# sweep = {DEFAULT_OPERATION.sweep:g}" in default.read_text()

    def test_what_it_shows_as_examples_is_valid(self, clawmend: CommandLine, default: Path) -> None:
        clawmend("config", "init")
        lines = default.read_text().splitlines()
        examples = [line.removeprefix("# ") if line.startswith("# ") and " = " in line else line for line in lines]
        examples = [line for line in examples if not line.startswith("thinking_budget")]
        default.write_text("\n".join(examples))
        run = clawmend("config", "check", "--json")
        assert (run.code, run.json["problems"]) == (0, [])
        assert "qwen4" in tomllib.loads(default.read_text())["plan"]["models"]

    def test_an_existing_one_is_left_as_it_is(self, clawmend: CommandLine, default: Path) -> None:
        write(default, "# mine\n")
        run = clawmend("config", "init")
        assert (run.code, run.out) == (2, "")
        assert run.err == f"clawmend: there already is a file {default}; it was left as it is\n"
        assert default.read_text() == "# mine\n"

    def test_another_place_can_be_named(self, clawmend: CommandLine, home: Home, default: Path) -> None:
        path = home.path / "our.toml"
        run = clawmend("config", "init", "--config", path, "--json")
        assert run.json == {"schema": 1, "path": str(path)}
        assert path.exists()
        assert not default.exists()


class TestShow:
    def test_without_a_file_it_is_the_defaults(self, clawmend: CommandLine, default: Path) -> None:
        run = clawmend("config", "show")
        assert (run.code, run.err) == (0, "")
        assert f"There is no {default}" in run.out.replace("\n", " ").replace("  ", " ")
        document = clawmend("config", "show", "--json").json
        assert set(document) == {
            "schema",
            "path",
            "found",
            "rules",
            "plan",
            "watch",
            "gateway",
            "log",
            "notify",
            "metrics",
        }
        assert document["watch"] == {"mode": "auto", "debounce": 1.0, "sweep": 60.0}
        assert document["gateway"] == {"restart_wait": 300.0, "quiet_hours": None}
        assert document["log"] == {"format": "text", "level": "info"}
        assert document["found"] is False
        lines = run.out.splitlines()
        assert all(any(line.split() == [rule.id, rule.name, "ask"] for line in lines) for rule in RULES)
        assert document["rules"] == {rule.id: "ask" for rule in RULES}

    def test_what_was_set_is_shown(self, clawmend: CommandLine, default: Path) -> None:
        write(
            default,
            """
            rules.OC201 = "auto"
            [plan]
            as_of = "2026-11"
            extra_hosts.us = "coding-us.example.com"
            models.qwen4 = { context_window = 5000, thinking_budget = false, max_output = 4000 }
            """,
        )
        run = clawmend("config", "show")
        assert run.code == 0
        assert re.search(r"^OC201  shadowing-credential  +auto$", run.out, re.MULTILINE)
        for text in ("as of 2026-11", "coding-us.example.com  us",
                     "context 5,000, does not think, answers up to"):  # fmt: skip
            assert text in run.out
        plan = clawmend("config", "show", "--json").json["plan"]
        assert {"name": "coding-us.example.com", "region": "us", "source": "config.toml"} in plan["hosts"]
        assert plan["models"][-1] == {
            "id": "qwen4",
            "context_window": 5000,
            "thinking_budget": None,
            "max_output": 4000,
            "image_input": False,
            "budget_covers_reply": False,
        }

    def test_with_a_mistake_in_it_nothing_holds(self, clawmend: CommandLine, default: Path) -> None:
        write(default, 'rules.OC201 = "x"\nrules.y = "off"\n')
        run = clawmend("config", "show")
        assert (run.code, run.out) == (2, "")
        assert ":1: rules.OC201" in run.err
        assert run.err.endswith("(and 1 more: clawmend config check)\n")


class TestCheck:
    def test_every_problem_has_its_line_and_its_key(self, clawmend: CommandLine, default: Path) -> None:
        write(default, '[rules]\nOC201 = "x"\n\ny = "off"\n')
        run = clawmend("config", "check")
        assert run.code == 2
        assert f"{default}:2:" in run.out
        assert f"{default}:4:" in run.out
        document = clawmend("config", "check", "--json").json
        assert set(document) == {"schema", "path", "found", "problems"}
        assert [(one["line"], one["key"]) for one in document["problems"]] == [(2, "rules.OC201"), (4, "rules.y")]

    def test_a_valid_one_and_none_are_both_fine(self, clawmend: CommandLine, default: Path) -> None:
        assert "the defaults hold" in clawmend("config", "check").out.replace("\n", " ")
        write(default, "")
        run = clawmend("config", "check")
        assert (run.code, run.err) == (0, "")
        assert "is valid" in run.out.replace("\n", " ")

    @pytest.mark.parametrize("verb", ["check", "show"])
    def test_a_named_file_that_is_missing_is_an_error(self, clawmend: CommandLine, verb: str) -> None:
        run = clawmend("--config", "/nowhere/c.toml", "config", verb)
        assert (run.code, run.out) == (2, "")
        assert run.err.startswith("clawmend: there is no file /nowhere/c.toml; make one with: clawmend config init")

    def test_an_empty_name_is_a_mistake(self, clawmend: CommandLine) -> None:
        assert clawmend("config", "check", "--config", "").code == 2

    def test_a_key_in_it_is_never_printed(self, clawmend: CommandLine, default: Path) -> None:
        key = "sk-sp-0123456789abcdef0123456789abcdef"
        write(default, f'rules.OC201 = "{key}"\nplan.as_of = "{key}"\n"\\u001b[31m" = 1\n')
        for words in (["check"], ["check", "--json"], ["show"]):
            run = clawmend("config", *words)
            assert run.code == 2
            assert key not in run.out + run.err
            assert "\x1b" not in run.out + run.err


class TestPolicy:
    def test_it_is_the_operators_also_for_another_home(
        self, home: Home, default: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(default, 'rules.OC201 = "report"\n')
        settings = Settings(home="/somewhere/else")
        assert settings.policy().mode("OC201") is Mode.REPORT
        monkeypatch.setenv("XDG_CONFIG_HOME", str(home.path / "xdg"))
        assert Settings().policy().mode("OC201") is Mode.ASK

    def test_it_is_read_once(self, default: Path) -> None:
        write(default, 'rules.OC201 = "report"\n')
        settings = Settings()
        first = settings.policy()
        default.unlink()
        assert settings.policy() is first
