import pytest

from bench.figures import percentile, ratio, spread


def test_the_middle_the_ends_and_the_middle_half_of_a_series() -> None:
    figures = spread([0.004, 0.001, 0.003, 0.002], scale=1e3)
    assert figures == {"trials": 4, "median": 2.5, "p99": 4.0, "least": 1.0, "most": 4.0, "iqr": 2.0}


def test_one_outlier_in_three_hundred_is_not_the_ninety_ninth_percentile_and_four_are() -> None:
    calm = [1.0] * 299
    assert percentile(sorted([*calm, 50.0]), 99) == 1.0
    assert percentile(sorted([*calm[:296], 50.0, 50.0, 50.0, 50.0]), 99) == 50.0


def test_a_percentile_is_always_one_of_the_values() -> None:
    assert [percentile([1.0, 2.0], percent) for percent in (0, 50, 51, 100)] == [1.0, 1.0, 2.0, 2.0]


def test_a_series_without_a_value_has_no_figures() -> None:
    with pytest.raises(ValueError, match="without a value"):
        spread([])


def test_a_ratio_is_of_the_medians_so_that_one_bad_moment_does_not_count() -> None:
    assert ratio([2.0, 2.0, 900.0], [1.0, 1.0, 0.001]) == 2.0
