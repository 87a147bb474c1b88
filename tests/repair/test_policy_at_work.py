"""What config.toml says about a rule decides what a repair does: nothing, tell, ask, or do it."""

import pytest

from clawmend.core.finding import Finding
from clawmend.core.policy import Mode, Policy
from clawmend.core.snapshot import Snapshot
from clawmend.core.verdict import Verdict
from clawmend.repair.cycle import Outcome, repair
from clawmend.repair.planning import Options, look
from repair.home import NEW_KEY, OLD_KEY, Home, cache, profiles

NOISY = (
    '{"profiles": {"alibaba-cloud:default": {"type": "api_key", "provider": "alibaba-cloud", "key": "sk-sp-noise"}}}'
)


def run(home: Home, mode: Mode, rule: str = "OC201", **more: bool) -> Outcome:
    return repair(home.tools(), Options(version="2026.3.2", policy=Policy({rule: mode}), **more), dry_run=False)


@pytest.fixture
def shadowed(home: Home) -> Home:
    """A profile that may be what somebody wants."""
    home.write(home.profiles, profiles(OLD_KEY))
    home.write(
        home.models, cache().replace("dashscope.aliyuncs.com/compatible-mode", "coding-intl.dashscope.aliyuncs.com")
    )
    return home


def test_what_would_be_asked_is_held_when_nobody_can_be_asked(shadowed: Home) -> None:
    outcome = run(shadowed, Mode.ASK)
    assert outcome.verdict is Verdict.NEEDS_YOU
    assert "allow it with --yes" in outcome.held[0].reason


def test_auto_answers_yes_beforehand(shadowed: Home) -> None:
    outcome = run(shadowed, Mode.AUTO)
    assert outcome.verdict is Verdict.REPAIRED
    assert OLD_KEY not in shadowed.profiles.read_text()


@pytest.mark.parametrize("yes", [False, True])
def test_report_tells_and_does_nothing_whatever_else_is_said(shadowed: Home, yes: bool) -> None:
    before = shadowed.profiles.read_bytes()
    outcome = run(shadowed, Mode.REPORT, yes=yes)
    assert outcome.verdict is Verdict.NEEDS_YOU
    assert [item.reason for item in outcome.held] == ["config.toml says that this is only reported"]
    assert shadowed.profiles.read_bytes() == before


def test_report_holds_a_safe_repair_too(home: Home) -> None:
    home.write(home.models, cache())
    outcome = run(home, Mode.REPORT, "OC101")
    assert outcome.verdict is Verdict.NEEDS_YOU
    assert not outcome.changes


def test_off_does_not_even_look(shadowed: Home) -> None:
    options = Options(version="2026.3.2", policy=Policy({"OC201": Mode.OFF}))
    assert not [one for one in look(shadowed.tools(), options).findings if one.rule == "OC201"]
    assert run(shadowed, Mode.OFF).verdict is Verdict.HEALTHY


def test_nobody_is_asked_about_a_note_and_only_who_says_so_has_it_done(home: Home) -> None:
    home.write(home.profiles, NOISY)
    asked: list[str] = []

    def ask(finding: Finding, _snapshot: Snapshot) -> bool:
        asked.append(finding.rule)
        return True

    outcome = repair(home.tools(), Options(version="2026.3.2", ask=ask), dry_run=False)
    assert (outcome.verdict, outcome.held, asked) == (Verdict.HEALTHY, (), [])
    withheld = Options(version="2026.3.2", withheld="there can be no restart")
    assert repair(home.tools(), withheld, dry_run=False).held == ()
    assert run(home, Mode.AUTO, "OC205").verdict is Verdict.REPAIRED
    assert "alibaba-cloud" not in home.profiles.read_text()


def test_the_key_that_counts_stays(shadowed: Home) -> None:
    run(shadowed, Mode.AUTO)
    assert NEW_KEY in shadowed.config.read_text()
