"""`clawmend pause` and `clawmend resume`: what a person and a script are told, and what is left alone meanwhile."""

import json
from pathlib import Path

import pytest

from cli.run import VERSION, CommandLine
from repair.home import Home, cache
from system.fakes import tree


def test_without_a_span_it_lasts_until_it_is_resumed(clawmend: CommandLine) -> None:
    run = clawmend("pause")
    assert (run.code, run.out, run.err) == (0, "clawmend is paused until clawmend resume.\n", "")
    run = clawmend("resume")
    assert run.code == 0
    assert run.out.startswith("Resumed after 0")
    assert "To catch up now: clawmend repair" in run.out


@pytest.mark.parametrize(("words", "seconds"), [("30m", 1800), ("2h", 7200), ("1d", 86_400), ("1h30m", 5400)])
def test_with_one_it_ends_by_itself(clawmend: CommandLine, words: str, seconds: float) -> None:
    paused = clawmend("pause", words, "--json").json["paused"]
    assert paused["until"] - paused["since"] == seconds
    assert clawmend("check", "--json", *VERSION).json["paused"] == paused


def test_the_end_and_the_way_to_end_it_sooner_are_said(clawmend: CommandLine) -> None:
    out = clawmend("pause", "30m").out
    assert out.startswith("clawmend is paused until ")
    assert "(30 min)." in out
    assert "To end it sooner: clawmend resume" in out


@pytest.mark.parametrize("words", ["soon", "30", "-5m", "0m", "400d", ""])
def test_what_is_no_span_is_wrong_usage(clawmend: CommandLine, home: Home, words: str) -> None:
    run = clawmend("pause", "--", words)
    assert run.code == 2
    assert "write it like 30m, 2h or 1d" in run.err
    assert not home.state.exists()


def test_quiet_says_nothing(clawmend: CommandLine) -> None:
    assert clawmend("pause", "-q").out == ""
    assert clawmend("resume", "-q").out == ""


def test_resume_without_a_pause_changes_nothing(clawmend: CommandLine, home: Home) -> None:
    run = clawmend("resume")
    assert (run.code, run.out) == (0, "clawmend was not paused.\n")
    assert clawmend("resume", "--json").json == {"schema": 1, "paused": None, "was_paused": False}
    assert not home.state.exists()


def test_while_it_is_paused_check_says_so_and_writes_nothing(clawmend: CommandLine, home: Home) -> None:
    home.write(home.models, cache())
    clawmend("pause")
    before = tree(home.root)
    run = clawmend("check", *VERSION)
    assert run.code == 1
    assert run.out.startswith("clawmend is paused until clawmend resume: look, don't touch.\n")
    assert "OC101" in run.out
    assert tree(home.root) == before


def test_repair_says_so_and_does_nothing(clawmend: CommandLine, home: Home) -> None:
    home.write(home.models, cache())
    clawmend("pause")
    before = tree(home.path)
    run = clawmend("repair", *VERSION)
    assert run.code == 1
    assert "clawmend is paused until clawmend resume" in run.out
    assert "clawmend repair --even-if-paused" in run.out
    assert "What is left needs you." in run.out
    assert tree(home.path) == before
    document = clawmend("repair", "--json", *VERSION).json
    assert (document["verdict"], document["changes"], document["checkpoint"]) == ("needs-you", [], None)
    assert document["paused"]["until"] is None
    assert [item["finding"]["rule"] for item in document["held"]] == ["OC101"]


def test_a_healthy_home_is_healthy_and_the_pause_is_said_all_the_same(clawmend: CommandLine) -> None:
    clawmend("pause")
    run = clawmend("repair", *VERSION)
    assert run.code == 0
    assert "look, don't touch" in run.out
    assert "Nothing to repair." in run.out


def test_even_if_paused_repairs(clawmend: CommandLine, home: Home) -> None:
    home.write(home.models, cache())
    clawmend("pause")
    assert clawmend("repair", "--even-if-paused", *VERSION).code == 0
    assert json.loads(home.models.read_text()) == {"providers": {}}


def test_after_resume_it_is_caught_up_with(clawmend: CommandLine, home: Home) -> None:
    home.write(home.models, cache())
    clawmend("pause")
    assert clawmend("resume", "--json").json["was_paused"]
    assert clawmend("repair", *VERSION).code == 0


def test_a_damaged_memory_is_a_sentence_with_the_way_out(clawmend: CommandLine, home: Home) -> None:
    clawmend("pause")
    path = home.state / "memory" / "memory.json"
    path.write_text("{")
    for command in ("pause", "resume"):
        run = clawmend(command)
        assert run.code == 2
        assert f"mv {path} {path}.aside" in run.err
    assert path.read_text() == "{"
    Path(path).rename(f"{path}.aside")
    assert clawmend("pause").code == 0
