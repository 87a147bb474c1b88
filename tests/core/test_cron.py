"""Which models cron jobs name, as OpenClaw 2026.3.2 and 2026.9.6 read their jobs."""

from typing import Any

import pytest

from clawmend.core.cron import models_in_jobs, models_of_job, plain_reference


def job(**payload: Any) -> dict[str, Any]:
    return {"id": "1", "enabled": False, "payload": {"kind": "agentTurn", "message": "hi", **payload}}


def test_a_jobs_own_model_and_its_fallbacks_count_also_when_it_is_disabled() -> None:
    jobs = [job(model="a/1"), job(fallbacks=["b/2", " c/3 "]), job()]
    assert models_in_jobs({"version": 1, "jobs": jobs}) == {"a/1", "b/2", "c/3"}
    assert models_in_jobs(jobs) == {"a/1", "b/2", "c/3"}  # 2026.9.6 takes a bare list over as well


def test_an_old_job_has_its_model_beside_the_payload() -> None:
    assert models_of_job({"model": "a/1", "payload": {"kind": "agentTurn"}}) == {"a/1"}


@pytest.mark.parametrize(
    "odd", [None, 5, "a/1", [], {"payload": ["a/1"]}, job(model=5, fallbacks="a/1"), job(model=" ")]
)
def test_what_is_no_model_is_passed_over(odd: Any) -> None:
    assert models_of_job(odd) == frozenset()
    assert models_in_jobs({"jobs": [odd, job(model="b/2")]}) == {"b/2"}


@pytest.mark.parametrize("odd", [None, 5, "a/1", {}, {"jobs": {"1": job(model="a/1")}}, {"jobs": None}])
def test_what_is_no_list_of_jobs_names_nothing(odd: Any) -> None:
    assert models_in_jobs(odd) == frozenset()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a/1@work", "a/1"),
        (" glm-5@a@b ", "glm-5"),
        ("vertex/claude@20250929", "vertex/claude@20250929"),
        ("vertex/claude@20250929@work", "vertex/claude@20250929"),
        ("local/m@q4_k_m", "local/m@q4_k_m"),
        ("local/m@8bit@work", "local/m@8bit"),
        ("p/m@20250929@iq3_xs@work", "p/m@20250929@iq3_xs"),
        ("p@home/m", "p@home/m"),
        ("@work", "@work"),
        ("p/m@", "p/m@"),
        ("", ""),
    ],
)
def test_a_profile_behind_a_reference_is_no_part_of_the_model(text: str, plain: str) -> None:
    assert plain_reference(text) == plain
