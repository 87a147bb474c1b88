import pytest

from clawmend.core.configuration import Configuration, Problem
from clawmend.core.errors import ClawmendError
from clawmend.core.plan_data import CODING_PLAN
from clawmend.core.policy import DEFAULT_POLICY, Mode, Policy


def test_a_rule_that_nobody_spoke_of_asks() -> None:
    assert DEFAULT_POLICY.mode("OC101") is Mode.ASK
    assert DEFAULT_POLICY.plan is CODING_PLAN


def test_what_was_decided_holds_for_that_rule_alone() -> None:
    policy = Policy({"OC201": Mode.OFF})
    assert policy.mode("OC201") is Mode.OFF
    assert policy.mode("OC101") is Mode.ASK


def test_a_problem_is_one_sentence_with_what_is_known_of_its_place() -> None:
    assert str(Problem("/c", 3, "rules.X", "is no rule")) == "/c:3: rules.X is no rule"
    assert str(Problem("/c", None, "rules.X", "is no rule")) == "/c: rules.X is no rule"
    assert str(Problem("/c", 3, "", "this is no TOML")) == "/c:3: this is no TOML"


def test_a_policy_with_problems_is_not_handed_out() -> None:
    assert Configuration("/c", found=False).checked_policy() is DEFAULT_POLICY
    one, two = Problem("/c", 1, "a", "is unknown"), Problem("/c", 2, "b", "is unknown")
    with pytest.raises(ClawmendError) as caught:
        Configuration("/c", True, problems=(one,)).checked_policy()
    assert str(caught.value) == "/c:1: a is unknown"
    with pytest.raises(ClawmendError, match=r"a is unknown \(and 1 more: clawmend config check\)"):
        Configuration("/c", True, problems=(one, two)).checked_policy()
