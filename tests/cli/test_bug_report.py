"""`clawmend report`: complete enough for a stranger, previewed, written once, and without a secret in it."""

import os
import stat
from pathlib import Path

import pytest

from cli.run import VERSION, CommandLine
from repair.home import NEW_KEY, OLD_KEY, Home, cache, profiles


@pytest.fixture
def lived(clawmend: CommandLine, home: Home) -> None:
    """A home with a repair and a fault that was held."""
    home.write(home.models, cache())
    home.write(home.profiles, profiles(OLD_KEY))
    assert clawmend("repair", *VERSION).code == 1


@pytest.mark.usefixtures("lived")
def test_a_stranger_finds_versions_findings_receipts_checkpoints_and_files(clawmend: CommandLine, home: Home) -> None:
    run = clawmend("report", *VERSION)
    assert (run.code, run.err) == (0, "")
    for part in (
        "# clawmend report, ",
        "- OpenClaw 2026.3.2 (era B, from option)",
        "- gateway of ~/.openclaw: ",
        "OC201 shadowing-credential",
        "## What was done, newest first\n\n- 2",
        "edit ~/.openclaw/agents/main/agent/models.json (OC101)",
        "## Checkpoints\n\n- 2",
        "## Could not be looked at\n\n- none",
        f'"apiKey": "sk-sp-…({len(NEW_KEY)} chars, ',
        "## ~/.claude.json (",
    ):
        assert part in run.out, part
    for secret in (NEW_KEY, OLD_KEY, str(home.path)):
        assert secret not in run.out


@pytest.mark.usefixtures("lived")
def test_scripts_get_the_same_as_json(clawmend: CommandLine, home: Home) -> None:
    run = clawmend("report", "--json", *VERSION)
    document = run.json
    assert document["openclaw"]["source"] == "option"
    assert [one["by"] for one in document["receipts"]] == ["repair"]
    assert document["checkpoints"][0]["files"] == ["~/.openclaw/agents/main/agent/models.json"]
    assert document["watcher"]["running"] is False
    assert document["configuration"]["notify"]["targets"] == []
    assert {one["path"] for one in document["files"]} >= {"~/.openclaw/openclaw.json", "~/.claude.json"}
    assert NEW_KEY not in run.out
    assert str(home.path) not in run.out


def test_what_is_broken_is_said_in_its_place_and_hides_nothing_else(clawmend: CommandLine, home: Home) -> None:
    home.write(home.config, "{ broken")
    home.models.unlink()
    os.mkfifo(home.models)
    settings = home.path / ".config/clawmend/config.toml"
    home.write(settings, "[watch]\nmode = 7\n")
    (home.state / "history.jsonl").mkdir(parents=True)
    run = clawmend("report", *VERSION)
    assert run.code == 0
    assert "config.toml:2: watch.mode is 7" in run.out
    assert "## ~/.openclaw/openclaw.json\n\nIt " in run.out
    assert "history.jsonl cannot be read" in run.out
    assert '"hasCompletedOnboarding": true' in run.out


def test_with_a_name_it_is_written_for_its_owner_only_and_never_over_anything(
    clawmend: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "report.md"
    assert f"Wrote {path}." in " ".join(clawmend("report", "--output", path, *VERSION).out.split())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().startswith("# clawmend report, ")
    path.write_text("mine")
    run = clawmend("report", "--output", path, *VERSION)
    assert run.code == 2
    assert "there already is a file" in run.err
    assert path.read_text() == "mine"


def test_it_is_not_written_among_openclaws_files(clawmend: CommandLine, home: Home) -> None:
    run = clawmend("report", "--output", home.path / ".openclaw" / "report.md", *VERSION)
    assert run.code == 2
    assert "is no place for files of clawmend" in run.err
    assert not (home.path / ".openclaw" / "report.md").exists()


def test_a_terminal_sees_it_first_and_is_asked(
    clawmend: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = clawmend.on_terminal("report", *VERSION, answers=(b"n\n",))
    assert run.code == 0
    assert run.out.index("# clawmend report, ") < run.out.index("Write this to clawmend-report-")
    assert list(tmp_path.glob("clawmend-report-*")) == []
    run = clawmend.on_terminal("report", *VERSION, answers=(b"y\n",))
    (path,) = tmp_path.glob("clawmend-report-*.md")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
