"""Which version belongs to which era, and when to keep our hands off."""

import pytest

from clawmend.core.era import CACHE_WINS, JSON_CREDENTIALS, MEASURED, Era, Installation, era_of, span_of
from clawmend.core.version import Version
from support.build import version


@pytest.mark.parametrize(
    ("text", "era"),
    [
        ("2025.12.31", Era.UNKNOWN),
        ("2026.1.28", Era.UNKNOWN),
        ("2026.1.29", Era.A),
        ("2026.2.25", Era.A),
        ("2026.2.26", Era.B),
        ("2026.3.2", Era.B),
        ("2026.3.7", Era.C),
        ("2026.6.1", Era.C),
        ("2026.6.5", Era.D),
        ("2026.6.33", Era.D),
        ("2026.7.1-2", Era.D),
        ("2026.7.35", Era.D),
        ("2026.8.1", Era.E),
        ("2026.9.6", Era.E),
        ("2026.9.7", Era.NEWER),
        ("2026.11.1", Era.NEWER),
        ("2027.1.1", Era.NEWER),
    ],
)
def test_the_era_of_a_version(text: str, era: Era) -> None:
    assert era_of(version(text)) is era


def test_no_version_has_no_era() -> None:
    assert era_of(None) is Era.UNKNOWN


@pytest.mark.parametrize("text", ["2026.1.29", "2026.3.2", "2026.5.7", "2026.7.1", "2026.9.6"])
def test_measured_versions_may_be_touched(text: str) -> None:
    found = version(text)
    assert Installation(found, "package", era_of(found)).why_hands_off() is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026.11.1", "OpenClaw 2026.11.1 is newer than 2026.9.6"),
        ("2026.1.1", "OpenClaw 2026.1.1 is older than 2026.1.29"),
        (None, "the OpenClaw version is not known; name it with --openclaw-version"),
    ],
)
def test_other_versions_are_looked_at_and_not_touched(text: str | None, words: str) -> None:
    found = version(text) if text else None
    reason = Installation(found, None, era_of(found)).why_hands_off()
    assert reason is not None
    assert words in reason


def test_a_contradiction_is_named() -> None:
    mixed = Installation(Version(2026, 3, 2), "meta", Era.MIXED, problem="there is a newer store")
    assert mixed.why_hands_off() == "there is a newer store"
    assert Installation(None, None, Era.MIXED).why_hands_off()


def test_sets_of_eras_read_as_spans_of_versions() -> None:
    assert span_of(None) == "any version"
    assert span_of(CACHE_WINS) == "2026.2.26 to 2026.3.2"
    assert span_of(JSON_CREDENTIALS) == "2026.1.29 to 2026.6.1"
    assert span_of(MEASURED) == "2026.1.29 to 2026.9.6"


def test_the_spans_name_versions_of_their_own_era() -> None:
    for era in MEASURED:
        first, last = span_of(frozenset({era})).split(" to ")
        assert era_of(version(first)) is era
        assert era_of(version(last)) is era
