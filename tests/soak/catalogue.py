"""Everything that can happen in a soak, as the plan wants it."""

from soak import caches, texts, whole
from soak.fault import Fault
from soak.noise import NOISE, Noise
from soak.plan import Expect, Kind

FAULTS: tuple[Fault, ...] = (*texts.FAULTS, *caches.FAULTS, *whole.FAULTS)


def kinds() -> list[Kind]:
    """The kinds of steps of all homes."""
    found = [
        Kind(one.name, home, one.expect, one.weight, one.repeats, one.saves) for one in FAULTS for home in one.homes
    ]
    return [
        *found,
        *(Kind(one.name, home, Expect.NOTHING, one.weight, saves=one.saves) for one in NOISE for home in one.homes),
    ]


def fault_named(name: str, home: str) -> Fault:
    return next(one for one in FAULTS if one.name == name and home in one.homes)


def noise_named(name: str) -> Noise:
    return next(one for one in NOISE if one.name == name)
