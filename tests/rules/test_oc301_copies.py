"""OC301: of several good copies the one is restored that OpenClaw does not replace at once."""

from dataclasses import replace
from typing import Any

import pytest

from clawmend.core.finding import Finding, RestoreFile
from clawmend.core.state import Parsed
from clawmend.rules.oc301 import RULE
from support.build import CONFIG, identity, malformed, openclaw, parsed, snapshot

WITH_META = {"gateway": {"mode": "local"}, "meta": {"lastTouchedVersion": "2026.9.6"}}
WITHOUT = {"gateway": {"mode": "local"}, "models": {}}


def copy(suffix: str, value: Any, age: float) -> Parsed:
    return replace(parsed(CONFIG + suffix, value), identity=identity(age))


def restored(on: str, *copies: Parsed, broken: str = "{") -> str:
    home = openclaw(malformed(CONFIG, broken), copies=copies)
    (finding,) = RULE.check(snapshot(home, on=on))
    assert isinstance(finding, Finding)
    assert finding.fix is not None
    (edit,) = finding.fix.edits
    assert isinstance(edit, RestoreFile)
    return edit.source.removeprefix(CONFIG)


@pytest.mark.parametrize(
    ("on", "expected"), [("2026.9.6", ".bak.1"), ("2026.7.1", ".bak.1"), ("2026.5.7", ".last-good")]
)
def test_where_a_file_without_meta_is_reverted_one_with_it_goes_first(on: str, expected: str) -> None:
    assert restored(on, copy(".last-good", WITHOUT, 10.0), copy(".bak.1", WITH_META, 99.0)) == expected


def test_the_copy_that_openclaw_would_put_back_itself_holds() -> None:
    assert restored("2026.9.6", copy(".bak", WITHOUT, 10.0), copy(".bak.1", WITH_META, 99.0)) == ".bak"


def test_where_no_file_ever_had_meta_the_newest_one_is_restored() -> None:
    assert (
        restored("2026.9.6", copy(".last-good", WITHOUT, 10.0), copy(".bak", {"models": 1} | WITHOUT, 99.0))
        == ".last-good"
    )


def test_the_broken_file_itself_tells_that_there_was_meta() -> None:
    copies = copy(".last-good", WITHOUT, 10.0), copy(".bak", {"models": 1} | WITHOUT, 99.0)
    assert restored("2026.9.6", *copies, broken='{"meta": {}, ') == ".bak"


def test_without_one_that_holds_the_newest_is_better_than_none() -> None:
    assert restored("2026.9.6", copy(".last-good", WITHOUT, 10.0), broken='{"meta": {}, ') == ".last-good"
