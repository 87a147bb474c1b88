import json

import pytest

from bench.gate import LIMITS, over

ROOMY = {"start": {"at_most": 10.0, "why": "it imports more"}}


def test_a_ratio_within_its_limit_passes() -> None:
    assert over({"start": 10.0}, ROOMY) == []


def test_a_ratio_over_its_limit_fails_and_says_why() -> None:
    (excess,) = over({"start": 15.0}, ROOMY)
    assert str(excess) == "start: 15, and at most 10 is allowed. it imports more"


@pytest.mark.parametrize("found", [{}, {"start": 1.0, "other": 1.0}])
def test_what_is_measured_and_what_is_limited_are_the_same_set(found: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="measured and limited differ"):
        over(found, ROOMY)


def test_every_stored_limit_has_a_figure_and_a_reason() -> None:
    for name, limit in json.loads(LIMITS.read_text()).items():
        assert limit["at_most"] > 0, name
        assert len(limit["why"]) > 40, name
