import json
import re

import pytest

from bench import render
from bench.__main__ import README, RESULTS

MACHINE = {
    "date": "2026-11-28", "cpu": "a processor", "cores": 2, "kernel": "Linux 6", "file_system": "ext4",
    "python": "3.11.7", "load_before": [0.1, 0.1, 0.1],
}  # fmt: skip


def test_the_measured_part_of_the_readme_is_what_the_stored_figures_say() -> None:
    stored = json.loads((RESULTS / "result.json").read_text())
    found = re.search(rf"{render.BEGIN}\n(.*?)\n{render.END}", README.read_text(), re.DOTALL)
    assert found is not None
    assert found.group(1) == render.summary(stored), "write it with: python -m bench readme"


def test_the_stored_document_is_what_the_stored_figures_say() -> None:
    stored = json.loads((RESULTS / "result.json").read_text())
    assert (RESULTS / "result.md").read_text() == render.document(stored)


def test_only_what_is_between_the_marks_is_replaced() -> None:
    readme = f"before\n{render.BEGIN}\nold\n{render.END}\nafter\n"
    assert render.into_readme(readme, "new") == f"before\n{render.BEGIN}\nnew\n{render.END}\nafter\n"


@pytest.mark.parametrize("readme", ["", f"{render.BEGIN} only"])
def test_a_readme_without_both_marks_is_refused(readme: str) -> None:
    with pytest.raises(ValueError, match="has no"):
        render.into_readme(readme, "new")


def test_a_part_that_could_not_be_measured_says_why() -> None:
    result = {"short": ["idle"], "machine": MACHINE, "idle": {"not_measured": "no namespaces here"}}
    assert "idle: not measured here (no namespaces here)." in render.summary(result)


@pytest.mark.parametrize(
    ("short", "said"),
    [
        ([], "From a full run on"),
        (["idle", "harm"], "From a short run (`--quick`) on"),
        (["harm"], "From a full run, a short one (`--quick`) of harm, on"),
    ],
)
def test_it_is_said_which_parts_are_from_a_short_run(short: list[str], said: str) -> None:
    failed = {"not_measured": "no namespaces here"}
    found = render.summary({"machine": MACHINE, "short": short, "idle": failed, "harm": failed})
    assert said in " ".join(found.split())


def test_a_cell_cannot_break_its_table() -> None:
    assert render.table(["a"], [["x|y"]]) == ["| a |", "|---|", "| x\\|y |"]
