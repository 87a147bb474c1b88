"""What the bench of growth measures with: homes of the size they should have, and costs that are counted."""

import os
import sys
from pathlib import Path

import pytest

from bench import grown
from bench.costs import Cost, cost_of, point
from bench.growth import SUBJECTS, summary
from clawmend.core.document import Document, Syntax
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.history import History
from repair.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return grown.plain_home(tmp_path)


def nothing() -> None:
    """Nothing has to be done before a run."""


def test_a_run_is_timed_and_its_memory_and_its_end_are_told() -> None:
    script = "import sys; held = bytearray(60 * 2**20); sys.exit(3)"
    cost = cost_of([sys.executable, "-I", "-S", "-c", script], os.environ)
    assert cost.code == 3
    assert 60 < cost.memory_mib < 120
    assert 0 < cost.processor <= cost.seconds * 2 + 1


def test_of_several_runs_the_middle_and_both_ends_are_told() -> None:
    costs = iter([Cost(3.0, 1.0, 30), Cost(1.0, 1.0, 40), Cost(2.0, 2.0, 35)])
    begun: list[int] = []
    found = point(7, "agents", lambda: next(costs), runs=3, patience=60, before=lambda: begun.append(1))
    assert found == {
        "size": 7, "unit": "agents", "runs": 3, "seconds": {"median": 2.0, "least": 1.0, "most": 3.0},
        "processor_seconds": 1.0, "memory_mib": 40,
    }  # fmt: skip
    assert begun == [1, 1, 1]


def test_what_takes_long_is_run_less_often() -> None:
    found = point(1, "agents", lambda: Cost(10.0, 1.0, 1), runs=5, patience=25, before=nothing)
    assert found["runs"] == 2
    assert point(1, "agents", lambda: Cost(99.0, 1.0, 1), runs=5, patience=25, before=nothing)["runs"] == 1


@pytest.mark.parametrize("size", [10_000, 300_000])
def test_the_files_have_the_size_that_was_asked_for(home: Home, size: int) -> None:
    grown.grow_config(home, size)
    grown.grow_claude(home, size)
    grown.grow_log(home, size)
    for path in (home.config, home.claude, home.root / "gateway.log"):
        if path != home.config:
            assert size * 0.9 <= path.stat().st_size <= size * 1.4
    assert not (home.root / "gateway.log").read_text().startswith("\0")
    grown.grow_config(home, size)
    assert size <= home.config.stat().st_size <= size * 1.1
    Document.parse(home.config.read_bytes(), Syntax.JSON5)
    assert Document.parse(home.claude.read_bytes(), Syntax.JSON_BOM).get(("hasCompletedOnboarding",)) is True


def test_agents_and_sessions_are_as_many_as_were_asked_for(home: Home) -> None:
    grown.grow_agents(home, 7)
    grown.grow_sessions(home, 50)
    assert len(list(home.config.parent.glob("agents/*/agent/models.json"))) == 7
    assert len(list((home.agent.parent / "sessions").iterdir())) == 50


def test_a_history_is_one_that_clawmend_has_written_itself(home: Home) -> None:
    grown.grow_history(home, 300)
    store = CheckpointStore(str(home.state))
    assert len(store.all()) == 300
    assert store.damage() == ()
    assert store.unfinished() == ()
    assert len(store.recent()) < 60
    receipts = list(History(str(home.state)).newest_first())
    assert len(receipts) == 300
    assert receipts[0].time > receipts[-1].time
    assert {one.home for one in receipts} == {str(home.path)}


def test_every_subject_has_sizes_for_both_kinds_of_run() -> None:
    for subject in SUBJECTS.values():
        assert list(subject.sizes) == sorted(subject.sizes)
        assert list(subject.quick) == sorted(subject.quick)
        assert subject.quick[-1] < subject.sizes[-1]


def test_the_summary_has_a_line_per_curve_and_names_the_pictures() -> None:
    def point(size: int, seconds: float) -> dict[str, object]:
        return {"size": size, "unit": "agents", "seconds": {"median": seconds}, "memory_mib": 40.4}

    lines = summary({"agents": {"check": [point(1, 0.25), point(2000, 1.1)]}})
    assert "| agents: check | 1 to 2,000 | 0.25 to 1.10 | 40 |" in lines
    assert lines[-1] == "As curves: [agents](tests/bench/results/growth-agents.svg)."
