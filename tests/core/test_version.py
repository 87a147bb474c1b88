"""OpenClaw's version numbers."""

import pytest

from clawmend.core.version import Version


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("2026.3.2", (2026, 3, 2)),
        (" v2026.3.2\n", (2026, 3, 2)),
        ("2026.7.1-2", (2026, 7, 1)),
        ("2026.9.0-beta.1", (2026, 9, 0)),
        ("2026.11.1", (2026, 11, 1)),
        ("2026.1.29", (2026, 1, 29)),
    ],
)
def test_a_version_is_three_numbers(text: str, numbers: tuple[int, int, int]) -> None:
    assert Version.parse(text) == Version(*numbers)


@pytest.mark.parametrize(
    "text", ["", "2026", "2026.3", "2026.3.2.1", "3.2", "latest", "2026.3.x", "2026.3.2 or so", "26.3.2"]
)
def test_anything_else_is_no_version(text: str) -> None:
    assert Version.parse(text) is None


def test_versions_compare_as_numbers_and_not_as_text() -> None:
    texts = ["2026.10.1", "2026.7.1", "2026.3.2", "2026.7.35", "2026.2.26", "2026.11.0"]
    versions = sorted(found for text in texts if (found := Version.parse(text)))
    assert [str(one) for one in versions] == [
        "2026.2.26",
        "2026.3.2",
        "2026.7.1",
        "2026.7.35",
        "2026.10.1",
        "2026.11.0",
    ]


def test_a_rebuild_counts_as_what_it_rebuilds() -> None:
    assert Version.parse("2026.7.1-2") == Version.parse("2026.7.1")
