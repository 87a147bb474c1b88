"""The pictures of how things grow."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("matplotlib")
from bench.plots import draw, short


def point(size: int, seconds: float) -> dict[str, Any]:
    return {
        "size": size, "unit": "agents", "runs": 3, "memory_mib": 30.0,
        "seconds": {"median": seconds, "least": seconds / 2, "most": seconds * 2},
    }  # fmt: skip


FIGURES = {"agents": {"check": [point(1, 0.1), point(2_000, 1.5)], "sweep": []}, "nothing": {"check": []}}


def test_a_picture_is_drawn_of_every_subject_that_was_measured(tmp_path: Path) -> None:
    (written,) = draw(FIGURES, tmp_path / "pictures")
    assert written.name == "growth-agents.svg"
    text = written.read_text()
    assert all(word in text for word in ("agents", "check", "seconds", "MiB"))
    assert "sweep" not in text
    assert "#ffffff" not in text


def test_the_same_figures_make_the_same_bytes(tmp_path: Path) -> None:
    first, second = (draw(FIGURES, tmp_path / name)[0].read_bytes() for name in ("a", "b"))
    assert first == second
    assert b"<dc:date>" not in first


@pytest.mark.parametrize(
    ("value", "text"), [(1, "1"), (20, "20"), (5_000, "5 k"), (1e7, "10 M"), (1e9, "1 G"), (1_500, "1.5 k")]
)
def test_sizes_are_written_as_people_write_them(value: float, text: str) -> None:
    assert short(value) == text
