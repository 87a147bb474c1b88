"""Many measurements as a few figures: the middle, the far end, how much they vary, and how two series compare."""

import statistics
from collections.abc import Sequence

Figures = dict[str, float]


def spread(values: Sequence[float], *, scale: float = 1.0, digits: int = 2) -> Figures:
    """The figures of a series, each times `scale`; `iqr` is the range of the middle half."""
    if not values:
        raise ValueError("a series without a value has no figures")
    ordered = sorted(values)
    low, high = (percentile(ordered, 25), percentile(ordered, 75))
    named = {
        "median": statistics.median(ordered),
        "p99": percentile(ordered, 99),
        "least": ordered[0],
        "most": ordered[-1],
        "iqr": high - low,
    }
    return {"trials": len(ordered), **{name: round(value * scale, digits) for name, value in named.items()}}


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The smallest value of an ordered series that so many percent of it do not exceed."""
    place = max(0, -(-len(ordered) * percent // 100) - 1)
    return ordered[int(min(place, len(ordered) - 1))]


def ratio(values: Sequence[float], base: Sequence[float]) -> float:
    """How many times the median of one series is that of another, both from the same interleaved run."""
    return round(statistics.median(values) / statistics.median(base), 2)
