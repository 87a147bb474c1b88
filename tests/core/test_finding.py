"""Findings: one fault has one fingerprint, wherever the home lies."""

from dataclasses import replace

import pytest

from clawmend.core.finding import Confidence, Finding, Rule, Safety, Severity

FINDING = Finding(
    rule="OC101",
    name="stale-model-cache",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
    confidence=Confidence.CERTAIN,
    path="/home/user/.openclaw/openclaw.json",
    summary="one says this, the other says that",
    pointer=("providers", "a/b"),
    cause="this and that",
)


def test_a_fingerprint_is_sixteen_digits_and_stays() -> None:
    first = FINDING.fingerprint("/home/user")
    assert len(first) == 16
    assert int(first, 16) >= 0
    assert FINDING.fingerprint("/home/user") == first


def test_a_fingerprint_does_not_depend_on_where_the_home_lies() -> None:
    elsewhere = replace(FINDING, path="/Users/me/.openclaw/openclaw.json")
    assert elsewhere.fingerprint("/Users/me") == FINDING.fingerprint("/home/user")


def test_a_fingerprint_does_not_depend_on_words_or_severity() -> None:
    other = replace(FINDING, summary="in other words", severity=Severity.INFO, evidence=("seen",), advice=("do",))
    assert other.fingerprint("/home/user") == FINDING.fingerprint("/home/user")


@pytest.mark.parametrize(
    "other",
    [
        replace(FINDING, rule="OC102"),
        replace(FINDING, path="/home/user/.openclaw/other.json"),
        replace(FINDING, pointer=("providers", "c")),
        replace(FINDING, pointer=None),
        replace(FINDING, cause="something else"),
    ],
)
def test_another_fault_has_another_fingerprint(other: Finding) -> None:
    assert other.fingerprint("/home/user") != FINDING.fingerprint("/home/user")


@pytest.mark.parametrize("text", ["\ud800", "a file \udcff", "\0", "日本"])
def test_any_text_and_any_file_name_has_a_fingerprint(text: str) -> None:
    assert replace(FINDING, cause=text, path=f"/home/user/{text}", pointer=(text,)).fingerprint("/home/user")


def test_the_title_of_a_rule_is_its_first_line() -> None:
    rule = Rule("X1", "x", Severity.INFO, Safety.SAFE, None, lambda _snapshot: (), "\nOne line.\n\nMore of it.\n")
    assert rule.title == "One line"
