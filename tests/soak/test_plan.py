"""The plan of a soak: a seed makes its steps, and nothing else does."""

from collections import Counter
from itertools import islice

from soak.catalogue import FAULTS, fault_named, kinds, noise_named
from soak.plan import Expect, Harm, Kind, Step, steps

MANY = 3000


def planned(seed: int, count: int = MANY, **options: bool) -> list[Step]:
    return list(islice(steps(seed, kinds(), **options), count))


def test_the_same_seed_makes_the_same_steps_and_another_one_others() -> None:
    assert planned(7) == planned(7)
    assert planned(7) != planned(8)


def test_who_goes_on_after_a_step_takes_the_steps_that_were_left() -> None:
    whole = planned(3, 100)
    left = [step for step in planned(3, 100) if step.number > 40]
    assert left == whole[40:]
    assert [step.number for step in whole] == list(range(1, 101))


def test_without_harm_the_steps_are_the_same() -> None:
    harmed, calm = planned(5), planned(5, harms=False)
    assert {step.harm for step in calm} == {Harm.NONE}
    assert {step.harm for step in harmed} == set(Harm)
    assert [(one.home, one.name, one.seed) for one in harmed] == [(one.home, one.name, one.seed) for one in calm]


def test_every_kind_comes_up() -> None:
    assert {(one.home, one.name) for one in planned(1)} == {(one.home, one.name) for one in kinds()}


def test_what_clawmend_cannot_tell_apart_is_contested_the_third_time() -> None:
    kind = [Kind("flag", "desk", Expect.REPAIRED, repeats=True)]
    repaired, contested = Expect.REPAIRED, Expect.CONTESTED
    assert [step.expect for step in islice(steps(1, kind), 6)] == [repaired, repaired, contested] * 2
    unlike = [Kind("url", "desk", Expect.REPAIRED)]
    assert {step.expect for step in islice(steps(1, unlike), 6)} == {repaired}


def test_nobody_saves_the_same_file_in_three_steps_of_a_home_one_after_the_other() -> None:
    saves = {(one.home, one.name): one.saves for one in kinds()}
    for home in {one.home for one in kinds()}:
        saved = [saves[step.home, step.name] for step in planned(2) if step.home == home]
        for first, *others in zip(saved, saved[1:], saved[2:], saved[3:], strict=False):
            assert not first or first not in others


def test_who_has_one_kind_only_takes_it_again() -> None:
    kind = [Kind("url", "desk", Expect.REPAIRED, saves="openclaw.json")]
    assert [step.name for step in islice(steps(1, kind), 4)] == ["url"] * 4


def test_faults_and_noise_keep_their_shares() -> None:
    counted = Counter(step.expect is Expect.NOTHING for step in planned(4))
    assert 0.2 < counted[True] / MANY < 0.35


def test_a_harm_has_a_moment_and_a_suspension_an_end() -> None:
    harmed = [step for step in planned(6) if step.harm is not Harm.NONE]
    assert all(0 <= step.after <= 4 and 0.5 <= step.lasting <= 6.5 for step in harmed)
    assert any(step.after == 0 for step in harmed)


def test_every_kind_is_a_fault_or_a_noise_of_its_home() -> None:
    for kind in kinds():
        if kind.expect is Expect.NOTHING:
            assert kind.home in noise_named(kind.name).homes
        else:
            assert fault_named(kind.name, kind.home).expect is kind.expect
    assert len({(one.name, home) for one in FAULTS for home in one.homes}) == sum(len(one.homes) for one in FAULTS)
