"""What a soak does: steps drawn from a seed alone, so that the same seed makes the same steps on any machine.

A step is a fault or some harmless noise in one home, and perhaps harm to the watcher of that home at a drawn moment.
Clawmend leaves a fault alone that it repaired twice within a day. Most faults of a plan differ from step to step in
what clawmend tells them apart by; those that cannot (a lost flag is a lost flag) are expected to be left alone the
third time, until the person of the soak has repaired them.
"""

import random
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

_TIMES = 2
_MOST_HARMLESS = 0.55
_FAULTS = 0.72
_STRIKES = 0.03
_TURNS = 0.3
_RESTED = 3


class Expect(StrEnum):
    """What clawmend is to do: repair it by itself, leave it to a person, leave what keeps coming back, or nothing."""

    REPAIRED = "repaired"
    ASKED = "asked"
    CONTESTED = "contested"
    NOTHING = "nothing"


class Harm(StrEnum):
    """What happens to the watcher."""

    NONE = "none"
    ABSENT = "absent"  # killed before the fault, started after it
    KILLED = "killed"
    STRUCK = "struck"  # killed as soon as it has begun to repair
    TERMINATED = "terminated"
    SUSPENDED = "suspended"


_HARMS = (
    Harm.ABSENT, Harm.KILLED, Harm.KILLED, Harm.STRUCK, Harm.STRUCK, Harm.STRUCK, Harm.TERMINATED, Harm.SUSPENDED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of step that a home can have. `repeats`: clawmend cannot tell one time from the next.

    `saves` is the file that a person saves in it: nobody saves the same one again in the next steps of that home, since
    clawmend would take that for somebody at work, and wait for a minute.
    """

    name: str
    home: str
    expect: Expect
    weight: int = 1
    repeats: bool = False
    saves: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `after` are the seconds from the fault to the harm (struck: from the first sign of a repair to the
    kill), `lasting` those to its end.
    """

    number: int
    home: str
    name: str
    expect: Expect
    seed: int
    harm: Harm = Harm.NONE
    after: float = 0.0
    lasting: float = 0.0
    turn: bool = False

    def json(self) -> dict[str, Any]:
        return asdict(self)


def steps(seed: int, kinds: Sequence[Kind], *, harms: bool = True) -> Iterator[Step]:
    """The steps of a seed, without end. Homes take turns, so that no file is saved again and again within a minute."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    homes = list(dict.fromkeys(kind.home for kind in kinds))
    mended: Counter[tuple[str, str]] = Counter()
    saved = {home: deque[str](maxlen=_RESTED) for home in homes}
    number = 0
    while True:
        chance.shuffle(homes)
        for home in homes:
            number += 1
            among = [one for one in kinds if one.home == home]
            kind = _drawn(chance, [one for one in among if one.saves not in saved[home]] or among)
            saved[home].append(kind.saves or f"nothing in step {number}")
            harm, after, lasting = _harm(chance)
            step = Step(
                number=number,
                home=home,
                name=kind.name,
                expect=_expected(kind, mended),
                seed=chance.getrandbits(32),
                harm=harm if harms else Harm.NONE,
                after=after if harms else 0.0,
                lasting=lasting if harms else 0.0,
                turn=chance.random() < _TURNS,
            )
            yield step


def _drawn(chance: random.Random, kinds: Sequence[Kind]) -> Kind:
    """Faults and noise keep their shares, however many kinds there are of each."""
    noise = [kind for kind in kinds if kind.expect is Expect.NOTHING]
    faults = [kind for kind in kinds if kind.expect is not Expect.NOTHING]
    wanted = chance.random() < _FAULTS
    among = (faults or noise) if wanted else (noise or faults)
    return chance.choices(among, [kind.weight for kind in among])[0]


def _expected(kind: Kind, mended: Counter[tuple[str, str]]) -> Expect:
    if not kind.repeats or kind.expect is not Expect.REPAIRED:
        return kind.expect
    place = (kind.home, kind.name)
    if mended[place] < _TIMES:
        mended[place] += 1
        return Expect.REPAIRED
    mended[place] = 0  # a person repairs it, and what was before counts no more
    return Expect.CONTESTED


def _harm(chance: random.Random) -> tuple[Harm, float, float]:
    """Always as many draws, so that a soak without harm has the same steps."""
    kind, share, lasting = chance.random(), chance.random(), chance.random()
    if kind < _MOST_HARMLESS:
        return Harm.NONE, 0.0, 0.0
    harm = _HARMS[int(share * len(_HARMS))]
    # At once; or about when the debounce of a second is over, in the middle of a repair; or later.
    moment = chance.choices((0.0, 0.9 + chance.random() * 0.8, chance.random() * 4), (1, 3, 1))[0]
    if harm is Harm.STRUCK:
        moment = lasting * _STRIKES
    return harm, round(moment, 3), round(0.5 + lasting * 6, 3)
