"""What is true on which OpenClaw: the version that is installed decides what a state on disk means.

Measured on published versions from 2026.1.29 to 2026.9.6 (facts on eras). A version outside that range is not
guessed at: its era is `UNKNOWN` or `NEWER`, and only rules proven version-independent may act there.
"""

from enum import Enum
from typing import assert_never

from clawmend.core.frozen import dataclass
from clawmend.core.version import Version

OLDEST_MEASURED = Version(2026, 1, 29)
NEWEST_MEASURED = Version(2026, 9, 6)


class Era(Enum):
    """A span of versions that behave alike; the value is what `check --json` prints."""

    A = "A"  # up to 2026.2.25: openclaw.json corrects the model cache
    B = "B"  # 2026.2.26 - 2026.3.2: the model cache wins over openclaw.json
    C = "C"  # 2026.3.7 - 2026.6.1: cache inert, credentials still in JSON files
    D = "D"  # 2026.6.5 - 2026.7.35: credentials per agent in SQLite
    E = "E"  # 2026.8.1 - 2026.9.6: shared credential store in SQLite, model cache no longer written
    NEWER = "newer"  # newer than anything measured: look, don't touch
    MIXED = "mixed"  # the disk contradicts the installed version (a downgrade): look, don't touch
    UNKNOWN = "unknown"  # no version could be found: look, don't touch


MEASURED = frozenset({Era.A, Era.B, Era.C, Era.D, Era.E})
JSON_CREDENTIALS = frozenset({Era.A, Era.B, Era.C})
CACHE_WINS = frozenset({Era.B})

_FIRST_VERSION = (
    (Version(2026, 8, 1), Era.E),
    (Version(2026, 6, 5), Era.D),
    (Version(2026, 3, 3), Era.C),
    (Version(2026, 2, 26), Era.B),
    (OLDEST_MEASURED, Era.A),
)


_SPANS = {
    Era.A: ("2026.1.29", "2026.2.25"),
    Era.B: ("2026.2.26", "2026.3.2"),
    Era.C: ("2026.3.7", "2026.6.1"),
    Era.D: ("2026.6.5", "2026.7.35"),
    Era.E: ("2026.8.1", "2026.9.6"),
}


def span_of(eras: frozenset[Era] | None) -> str:
    """Write a set of eras as the versions that people know: "2026.2.26 to 2026.3.2"; None is any version.

    The sets in use have no gaps, so the first and the last version say it all.
    """
    if eras is None:
        return "any version"
    spans = [span for era, span in _SPANS.items() if era in eras]
    return f"{spans[0][0]} to {spans[-1][1]}"


def era_of(version: Version | None) -> Era:
    """Return the era of a version; versions before the oldest measured one are unknown, not old."""
    if version is None:
        return Era.UNKNOWN
    if version > NEWEST_MEASURED:
        return Era.NEWER
    for first, era in _FIRST_VERSION:
        if version >= first:
            return era
    return Era.UNKNOWN


@dataclass(frozen=True, slots=True)
class Installation:
    """Which OpenClaw a home belongs to.

    `source` says where the version was read: "option", "package", "database", "meta", or None when nowhere.
    `problem` is one sentence when the sources contradict each other.
    """

    version: Version | None
    source: str | None
    era: Era
    executable: str | None = None
    problem: str | None = None

    def why_hands_off(self) -> str | None:
        """Say in one sentence why nothing version-dependent may be changed here; None when it may."""
        match self.era:
            case Era.A | Era.B | Era.C | Era.D | Era.E:
                return None
            case Era.NEWER:
                return (
                    f"OpenClaw {self.version} is newer than {NEWEST_MEASURED}, the newest version clawmend knows; "
                    "it looks and does not touch"
                )
            case Era.MIXED:
                return self.problem or "the state on disk does not fit the installed OpenClaw"
            case Era.UNKNOWN:
                if self.version is not None:
                    return f"OpenClaw {self.version} is older than {OLDEST_MEASURED}, the oldest version clawmend knows"
                return "the OpenClaw version is not known; name it with --openclaw-version"
            case _:
                assert_never(self.era)
