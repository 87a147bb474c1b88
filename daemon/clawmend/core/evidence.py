"""stub"""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    AUTH = "auth"


@dataclass(frozen=True, slots=True)
class Event:
    time: float
    kind: Kind
    provider: str | None
    model: str | None
    profile: str | None
    home: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    events: tuple[Event, ...]
    since: float
    problem: str | None
    complete: bool


NO_EVIDENCE = Evidence((), 0.0, None, False)
