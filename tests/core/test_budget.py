"""The restart budget: what it allows when, as tables, and over a simulated day of a gateway that keeps falling."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clawmend.core.budget import (
    Allowed,
    By,
    CircuitOpen,
    Fault,
    NotYet,
    Restarted,
    StartLimit,
    Wish,
    decide,
    kept,
    start_limit,
)
from clawmend.core.version import Version
from support.flapping import Day, fingerprints, lucky

NOW = 1_800_000_000.0
HOME = "/home/ana/.openclaw"
STALE, OTHER = Fault("9f2c", "in"), Fault("77aa", "in")
WISH = Wish(directory=HOME, faults=(STALE,))


def ours(*ages: float, fault: Fault | None = None, by: By = By.US, directory: str = HOME) -> list[Restarted]:
    """Restarts so many seconds ago; the first of them found the gateway well."""
    return [
        Restarted(
            time=NOW - age,
            directory=directory,
            by=by,
            faults=(fault or Fault(f"f{number}", "in"),),
            fresh=number == 0,
        )
        for number, age in enumerate(ages)
    ]


def until(decision: object) -> float:
    assert isinstance(decision, NotYet), decision
    return decision.until - NOW


class TestSpacing:
    def test_the_first_restart_is_allowed_and_begins_a_row(self) -> None:
        assert decide([], WISH, NOW) == Allowed(fresh=True)

    @pytest.mark.parametrize(
        ("ages", "wait"),
        [
            ((1,), 9),
            ((1000, 1), 59.0 - 40.0),  # 20 s after the second
            ((1000, 900, 1), 39),
            ((1000, 900, 800, 1), 79),
            ((1000, 900, 800, 700, 1), 159),
            ((1000, 900, 800, 700, 650, 1), 299),
            ((1000, 900, 800, 700, 650, 620, 1), 299),
        ],
    )
    def test_each_further_one_waits_twice_as_long_up_to_five_minutes(
        self, ages: tuple[float, ...], wait: float
    ) -> None:
        assert until(decide(ours(*ages), WISH, NOW)) == wait

    def test_after_the_pause_it_is_allowed_and_goes_on_with_the_row(self) -> None:
        assert decide(ours(10), WISH, NOW) == Allowed(fresh=False)

    def test_a_gateway_that_was_well_for_ten_minutes_begins_a_new_row(self) -> None:
        row = ours(3000, 2900, 2800, 2700, 2600, 700)
        assert decide(row, replace(WISH, well_since=NOW - 650), NOW) == Allowed(fresh=True)
        assert decide(row, replace(WISH, well_since=NOW - 590), NOW) == Allowed(fresh=False)

    def test_it_was_not_well_before_our_last_restart_whatever_its_start_time_says(self) -> None:
        assert until(decide(ours(5), replace(WISH, well_since=NOW - 90_000), NOW)) == 5

    def test_a_row_begins_with_its_last_fresh_one(self) -> None:
        row = [*ours(5000, 4000, 3000, 2000), *ours(5)]
        assert until(decide(row, WISH, NOW)) == 5

    def test_another_gateway_has_a_row_of_its_own(self) -> None:
        assert decide(ours(1, directory="/home/ana/.openclaw-work"), WISH, NOW) == Allowed(fresh=True)


class TestTheMinute:
    def test_a_third_within_a_minute_waits_for_the_first_to_be_a_minute_old(self) -> None:
        assert until(decide(ours(50, 30), WISH, NOW)) == 10

    def test_going_back_counts_as_well(self) -> None:
        assert until(decide([*ours(50), *ours(30, by=By.ROLLBACK)], WISH, NOW)) == 10

    def test_what_others_restarted_does_not(self) -> None:
        assert decide(ours(50, 30, 20, by=By.OTHERS), WISH, NOW) == Allowed(fresh=True)


class TestTheCircuit:
    def test_it_opens_after_three_restarts_for_the_same_fault(self) -> None:
        decision = decide(ours(9000, 6000, 3000, fault=STALE), replace(WISH, well_since=NOW - 2000), NOW)
        assert decision == CircuitOpen((STALE,), "3 restarts have not helped against it")

    def test_it_is_closed_for_other_faults_and_for_other_input(self) -> None:
        row = ours(9000, 6000, 3000, fault=STALE)
        for fault in (OTHER, Fault(STALE.fingerprint, "other")):
            assert isinstance(decide(row, replace(WISH, faults=(fault,)), NOW), Allowed)

    def test_a_person_may_try_once_more(self) -> None:
        """`repair --again` asks for no fault."""
        assert isinstance(decide(ours(9000, 6000, 3000, fault=STALE), replace(WISH, faults=()), NOW), Allowed)

    def test_restarts_to_go_back_are_none_of_its_three(self) -> None:
        row = [*ours(9000, 6000, fault=STALE), *ours(3000, fault=STALE, by=By.ROLLBACK)]
        assert isinstance(decide(row, WISH, NOW), Allowed)


class TestTheStartLimit:
    limit = StartLimit(5, 60.0)

    def test_one_more_start_than_ours_stays_free_below_it(self) -> None:
        wish = replace(WISH, limit=self.limit)
        assert isinstance(decide(ours(50, 40, by=By.OTHERS), wish, NOW), Allowed)
        decision = decide(ours(50, 40, 30, by=By.OTHERS), wish, NOW)
        assert until(decision) == 10
        assert isinstance(decision, NotYet)
        assert decision.reason == "it was started 3 times in 60 s, and its unit allows 5"

    def test_it_waits_until_enough_of_them_are_old(self) -> None:
        wish = replace(WISH, limit=self.limit)
        assert until(decide(ours(50, 40, 30, 20, by=By.OTHERS), wish, NOW)) == 20

    def test_two_of_its_starts_are_ours_at_most_for_nobody_knows_how_many_will_follow(self) -> None:
        wish = replace(WISH, limit=StartLimit(10, 300.0))
        assert until(decide(ours(290, 200), wish, NOW)) == 10
        assert isinstance(decide(ours(301, 200), wish, NOW), Allowed)

    def test_what_the_manager_is_told_to_forget_does_not_count(self) -> None:
        starts = ours(50, 40, 30, 20, 10, by=By.OTHERS)
        assert isinstance(decide(starts, replace(WISH, limit=self.limit, reset=True), NOW), Allowed)
        told = Restarted(time=NOW - 15, directory=HOME, by=By.OTHERS, reset=True)
        assert isinstance(decide([*starts[:3], told], replace(WISH, limit=self.limit), NOW), Allowed)

    def test_a_tiny_limit_still_lets_one_start_happen(self) -> None:
        wish = replace(WISH, limit=StartLimit(2, 60.0))
        assert isinstance(decide([], wish, NOW), Allowed)
        assert until(decide(ours(50, by=By.OTHERS), wish, NOW)) == 10

    @pytest.mark.parametrize(
        ("version", "limit"),
        [
            (None, StartLimit(5, 300.0)),
            (Version(2026, 3, 2), None),
            (Version(2026, 4, 9), None),
            (Version(2026, 4, 10), StartLimit(5, 60.0)),
            (Version(2026, 9, 4), StartLimit(5, 60.0)),
            (Version(2026, 9, 5), StartLimit(10, 300.0)),
        ],
    )
    def test_it_is_the_one_in_the_unit_of_the_version(self, version: Version | None, limit: StartLimit | None) -> None:
        assert start_limit(version) == limit


class TestAClockThatWasWrong:
    def test_a_record_of_a_moment_ahead_counts_as_now(self) -> None:
        assert until(decide(ours(-100), WISH, NOW)) == 10

    def test_one_of_far_ahead_does_not_keep_a_gateway_down_for_years(self) -> None:
        assert isinstance(decide(ours(-90_000_000), WISH, NOW), Allowed)


class TestWhatIsKept:
    def test_a_day_of_records(self) -> None:
        assert kept(ours(90_000, 80_000, 5), NOW) == tuple(ours(90_000, 80_000, 5)[1:])

    def test_those_of_an_open_circuit_for_as_long_as_it_takes(self) -> None:
        row = ours(990_000, 980_000, 970_000, fault=STALE)
        assert kept(row, NOW) == tuple(row)
        assert kept(row[:2], NOW) == ()

    def test_no_more_than_five_hundred(self) -> None:
        assert len(kept(ours(*range(1000)), NOW)) == 500


# What a unit allows, and for how long its gateway lasts at least, so that it alone never comes to the limit.
UNITS = [(None, 1.0), (StartLimit(5, 60.0), 20.0), (StartLimit(10, 300.0), 35.0)]


class TestADay:
    """24 hours of a gateway that keeps falling, with a service manager that counts starts as systemd does."""

    @pytest.mark.parametrize(("limit", "shortest"), UNITS)
    def test_never_three_in_a_minute_nor_four_for_a_fault_and_no_start_limit_is_hit(
        self, limit: StartLimit | None, shortest: float
    ) -> None:
        day = Day(lucky(7), limit, shortest=shortest).live()
        assert day.wishes > 5000
        assert len(day.ours) > 100
        day.holds()

    def test_without_a_look_at_the_start_limit_it_would_be_hit(self) -> None:
        limit, shortest = UNITS[2]
        days = [Day(lucky(seed), limit, shortest=shortest, run=1.0, careless=True) for seed in range(8)]
        assert sum(day.live(hours=2).latches for day in days) > 0
        days = [Day(lucky(seed), limit, shortest=shortest, run=1.0) for seed in range(8)]
        assert sum(day.live(hours=2).latches for day in days) == 0

    def test_the_same_fault_all_day_costs_three_restarts(self) -> None:
        day = Day(lucky(1), StartLimit(5, 60.0), faults=fingerprints(1)).live()
        assert len(day.ours) == 3

    @settings(max_examples=15, deadline=None)
    @given(
        seed=st.integers(0, 10**9),
        unit=st.sampled_from(UNITS),
        faults=st.integers(1, 400),
        run=st.floats(1.0, 4000.0),
    )
    def test_whatever_the_day_is_like(
        self, seed: int, unit: tuple[StartLimit | None, float], faults: int, run: float
    ) -> None:
        limit, shortest = unit
        day = Day(lucky(seed), limit, faults=fingerprints(faults), run=run, shortest=shortest, persons=0.0)
        day.live(hours=2).holds()
