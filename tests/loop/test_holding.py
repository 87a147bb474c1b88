"""What is held back although it could be repaired, and for how long."""

import os
from dataclasses import replace

import pytest

from clawmend.core.receipt import Fault, Receipt
from clawmend.loop.editing import Saves
from clawmend.loop.holding import Held, held_back
from clawmend.repair.looking import Diagnosis
from clawmend.repair.planning import Options, look
from clawmend.system.history import History
from loop.bed import VERSION, Bed, held_open
from repair.home import OLD_URL, cache


@pytest.fixture
def diagnosis(bed: Bed) -> Diagnosis:
    """A stale cache has been found."""
    bed.home.write(bed.home.models, cache(OLD_URL), age=60)
    return look(bed.tools(), Options(version=VERSION))


def held(bed: Bed, diagnosis: Diagnosis, saves: Saves | None = None) -> Held:
    return held_back(diagnosis, bed.engine.history, saves or Saves(), bed.tools().place, bed.clock.time)


def fingerprint(diagnosis: Diagnosis) -> str:
    (finding,) = diagnosis.findings
    return finding.fingerprint(diagnosis.snapshot.home)


def repaired(bed: Bed, diagnosis: Diagnosis, ago: float, home: str = "") -> None:
    fault = Fault(fingerprint(diagnosis), "OC101", "stale-model-cache", "error", "~/x", "it is stale")
    bed.home.state.mkdir(mode=0o700, exist_ok=True)
    History(str(bed.home.state)).append(
        Receipt(
            id=f"r{ago}", time=bed.clock.time - ago, by="watch", home=home or str(bed.home.path), version=VERSION,
            verdict="repaired", seconds=0.1, mended=(fault,),
        )
    )  # fmt: skip


def test_what_is_new_and_at_rest_is_not_held(bed: Bed, diagnosis: Diagnosis) -> None:
    assert held(bed, diagnosis) == Held()


def test_what_came_back_twice_is_contested_and_who_wrote_it_is_told(bed: Bed, diagnosis: Diagnosis) -> None:
    repaired(bed, diagnosis, 7200)
    assert held(bed, diagnosis) == Held()
    repaired(bed, diagnosis, 3600)
    with held_open(bed.home.models) as pid:
        found = held(bed, diagnosis)
    contest, who = found.contested[fingerprint(diagnosis)]
    assert contest.repairs == 2
    assert who.startswith(f"process {pid} ")
    assert who in found.reasons[fingerprint(diagnosis)]
    assert found.until is None


def test_what_was_repaired_in_another_home_is_not_contested_in_this_one(bed: Bed, diagnosis: Diagnosis) -> None:
    for ago in (7200, 3600):
        repaired(bed, diagnosis, ago, home="/home/other")
    assert held(bed, diagnosis) == Held()


def test_what_somebody_is_writing_is_looked_at_soon_again(bed: Bed, diagnosis: Diagnosis) -> None:
    with held_open(bed.home.models) as pid:
        found = held(bed, diagnosis)
    assert f"process {pid} " in found.reasons[fingerprint(diagnosis)]
    assert found.until == bed.clock.time + 10


def test_what_is_open_in_an_editor_is_left_alone(bed: Bed, diagnosis: Diagnosis) -> None:
    trace = bed.home.models.with_name(".models.json.swp")
    trace.write_text("")
    os.utime(trace, (bed.clock.time, bed.clock.time))
    found = held(bed, diagnosis)
    assert "as long as it is open in an editor" in found.reasons[fingerprint(diagnosis)]
    assert found.until == bed.clock.time + 15


def test_what_was_saved_again_and_again_has_to_be_quiet_for_a_minute(bed: Bed, diagnosis: Diagnosis) -> None:
    saves = Saves()
    for ago in (30.0, 20.0, 10.0):
        saves._times.setdefault(str(bed.home.models), []).append(bed.clock.time - ago)
    found = held(bed, diagnosis, saves)
    assert "until it has been quiet for a minute" in found.reasons[fingerprint(diagnosis)]
    assert found.until == bed.clock.time + 50


def test_what_nobody_could_repair_needs_no_reason(bed: Bed, diagnosis: Diagnosis) -> None:
    findings = tuple(replace(finding, fix=None) for finding in diagnosis.findings)
    for ago in (7200, 3600):
        repaired(bed, diagnosis, ago)
    assert held(bed, diagnosis).contested
    with held_open(bed.home.models):
        assert held(bed, replace(diagnosis, findings=findings)) == Held()
