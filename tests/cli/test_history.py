"""`clawmend history`: what a person and a script are told of what happened."""

import pytest

from cli.run import VERSION, CommandLine
from repair.home import NEW_KEY, OLD_KEY, Home, cache, profiles


@pytest.fixture
def lived(clawmend: CommandLine, home: Home) -> None:
    """A home with a repair, a fault that was held, and an undo."""
    home.write(home.models, cache())
    home.write(home.profiles, profiles(OLD_KEY))
    assert clawmend("repair", *VERSION).code == 1
    assert clawmend("undo").code == 0


def test_nothing_has_happened(clawmend: CommandLine) -> None:
    assert "Nothing has happened yet" in clawmend("history").out
    assert clawmend("history", "--json").json["receipts"] == []


@pytest.mark.usefixtures("lived")
def test_the_newest_comes_first_with_rule_change_verdict_and_the_way_back(clawmend: CommandLine) -> None:
    out = clawmend("history").out
    assert out.index("undo: undone") < out.index("repair: needs-you")
    assert "OC101 stale-model-cache ~/.openclaw/agents/main/agent/models.json" in out
    assert "repaired at once" in out
    assert "OC201 shadowing-credential" in out
    assert "Still open:" in out
    assert "undo: clawmend undo 2" in out
    assert NEW_KEY not in out
    assert OLD_KEY not in out


@pytest.mark.usefixtures("lived")
def test_scripts_get_receipts_and_incidents(clawmend: CommandLine) -> None:
    document = clawmend("history", "--json").json
    assert [one["by"] for one in document["receipts"]] == ["undo", "repair"]
    assert {one["rule"]: one["end"] for one in document["incidents"]} == {"OC101": "repaired", "OC201": "open"}
    assert [one["by"] for one in clawmend("history", "--json", "--limit", "1").json["receipts"]] == ["undo"]


@pytest.mark.usefixtures("lived")
@pytest.mark.parametrize(("since", "count"), [("2h", 2), ("2020-01-01", 2), ("2199-01-01T10:00", 0)])
def test_since_takes_a_span_or_a_date(clawmend: CommandLine, since: str, count: int) -> None:
    assert len(clawmend("history", "--json", "--since", since).json["receipts"]) == count


@pytest.mark.parametrize("since", ["yesterday", "2026-99-99", "2"])
def test_since_refuses_anything_else(clawmend: CommandLine, since: str) -> None:
    run = clawmend("history", "--since", since)
    assert run.code == 2
    assert "neither a span like 2h or 3d nor a date" in run.err


@pytest.mark.usefixtures("lived")
def test_one_receipt_is_shown_whole_with_its_diff(clawmend: CommandLine) -> None:
    checkpoint = clawmend("history", "--json").json["receipts"][1]["checkpoint"]
    run = clawmend("history", "show", checkpoint)
    assert run.code == 0
    assert '-    "bailian"' in run.out
    assert NEW_KEY not in run.out
    assert clawmend("history", "show", checkpoint, "--json").json["receipt"]["checkpoint"] == checkpoint


def test_a_receipt_that_is_not_there_is_2(clawmend: CommandLine) -> None:
    run = clawmend("history", "show", "2026")
    assert run.code == 2
    assert "no receipt begins with '2026'" in run.err


def test_a_repair_is_not_failed_by_a_history_that_cannot_be_kept(clawmend: CommandLine, home: Home) -> None:
    home.write(home.models, cache())
    (home.state / "history.jsonl").mkdir(parents=True)
    run = clawmend("repair", *VERSION, "--json")
    assert run.code == 0
    assert "history" in run.json["history_problem"]


def test_another_home_has_a_history_of_its_own(clawmend: CommandLine, home: Home, lived: None) -> None:
    del lived
    other = home.root / "other"
    other.mkdir()
    assert clawmend("--home", other, "history", "--json").json["receipts"] == []
