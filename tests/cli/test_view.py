"""The live view of `status --follow`: on a terminal of any size what matters is seen, and nothing is wider than it."""

from typing import Any

import pytest

from clawmend.cli.view import Screen, view
from clawmend.cli.wrapping import cells

NOW = 1_800_000_000.0
FOLDER = "~/.openclaw/agents/agent-{}/agent"


def waiting(rule: str, number: int) -> dict[str, str]:
    reason = "it may be what somebody wanted, so it is asked for first; to repair it: clawmend repair"
    return {"rule": rule, "path": f"{FOLDER.format(number)}/auth-profiles.json", "reason": reason}


def document(**changes: Any) -> dict[str, Any]:
    """A watcher that runs over twelve agents, and has something to tell of everything."""
    return {
        "running": True, "problem": "", "next": "", "needs_you": True, "pid": 4711, "since": NOW - 3700, "mode": "auto",
        "watched": [{"path": FOLDER.format(number), "proven": True, "problem": ""} for number in range(29)],
        "last_look": {"at": NOW - 3, "result": "14 things are left"},
        "last_repair": {"at": NOW - 90, "result": "repaired (OC101); undo: clawmend undo 20261123T202704Z-598da4"},
        "held": [waiting("OC201", number) for number in range(12)],
        "contested": [waiting("OC101", number) for number in range(2)],
        "gateway": ["the gateway runs and answers on 127.0.0.1:18789"],
        "budget": "1 restart by clawmend and 0 by others in the last hour", "paused": "", "errors": [],
        **changes,
    }  # fmt: skip


def drawn(screen: Screen, **changes: Any) -> list[str]:
    rows = [row for row, _ in view(document(**changes), NOW, screen)]
    assert len(rows) <= screen.height
    assert all(cells(row) <= screen.width for row in rows), rows
    return rows


def labels(rows: list[str]) -> list[str]:
    """The labels, and the word that the view begins with, each once and in their order."""
    found = [rows[0].split()[0]]
    for row in rows[1:-1]:
        label = row[4:14].strip() if row.startswith("    ") else ""
        if label and label not in found:
            found.append(label)
    return found


EVERYTHING = ["clawmend", "looked", "repaired", "held", "contested", "gateway", "restarts", "watching"]


@pytest.mark.parametrize(("width", "height"), [(80, 24), (60, 20), (40, 12), (200, 60)])
def test_everything_is_seen_in_the_order_in_which_it_matters(width: int, height: int) -> None:
    rows = drawn(Screen(width, height, "utf-8"))
    seen = labels(rows)
    assert [label for label in seen if label in EVERYTHING][:6] == EVERYTHING[:6]
    if height >= 20:
        assert seen == EVERYTHING
    assert "Ctrl-C ends this view" in rows[-1]


@pytest.mark.parametrize("width", [40, 80])
def test_on_ten_rows_what_is_left_to_a_person_is_still_seen(width: int) -> None:
    rows = drawn(Screen(width, 10, "utf-8"))
    assert labels(rows)[:5] == EVERYTHING[:5]
    assert rows[-2] == "… more: clawmend status"


def test_what_is_wrong_comes_before_everything_else() -> None:
    rows = drawn(Screen(80, 24, "utf-8"), errors=["the disk is full"], paused="clawmend is paused", running=True)
    assert labels(rows)[:3] == ["clawmend", "error", "paused"]
    stopped = drawn(Screen(80, 24, "utf-8"), running=False, problem="It does not run.", next="clawmend service install")
    assert labels(stopped)[:2] == ["It", "next"]


def test_a_folder_whose_changes_go_unnoticed_is_told_before_the_others() -> None:
    watched = [*document()["watched"], {"path": "~/z", "proven": False, "problem": "no more watches"}]
    assert "    watching  ~/z: no more watches" in drawn(Screen(80, 24, "utf-8"), watched=watched)


def test_what_fits_is_not_cut_and_says_nothing_of_more() -> None:
    calm = {"watched": document()["watched"][:2], "held": [], "contested": []}
    rows = drawn(Screen(80, 24, "utf-8"), **calm)
    assert not [row for row in rows if "more" in row or "…" in row]


@pytest.mark.parametrize("width", [1, 5, 12, 25, 40, 59, 60])
@pytest.mark.parametrize("height", [1, 2, 3, 8])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_no_terminal_is_too_small_or_too_plain(width: int, height: int, encoding: str) -> None:
    rows = drawn(Screen(width, height, encoding), errors=["名名名 é and a sentence that is long " * 3])
    for row in rows:
        row.encode(encoding)  # it is printed as it was measured


def test_an_ellipsis_is_one_that_the_terminal_has() -> None:
    assert any(row.endswith("…") for row in drawn(Screen(40, 12, "utf-8")))
    plain = drawn(Screen(40, 12, "ascii"))
    assert any(row.endswith("...") for row in plain)
    assert not [row for row in plain if "\\u" in row]
