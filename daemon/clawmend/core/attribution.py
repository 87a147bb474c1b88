"""Whose events these are: one log serves all gateways and command lines of a user, and most lines name nobody.

An event belongs to a state folder when its line names that folder, or when another line of the same run does. What
names nobody belongs to the only state folder there is; with two of them, or with a trace of a third in the log, it
belongs to nobody. Nothing is guessed: a refusal in another home must not cost anybody a key here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from clawmend.core.evidence import Event, Kind
from clawmend.core.frozen import dataclass
from clawmend.core.log_homes import is_named

Names = frozenset[str]  # all the absolute paths that mean one state folder: its own, its config's, its agents'


@dataclass(frozen=True, slots=True)
class Log:
    """What one log file tells. `stated` are the state folders that the lines of a run name, by the id of the run.

    `mentioned` is every state folder that any line mentions, as it is written there.
    """

    events: tuple[Event, ...] = ()
    stated: Mapping[str, frozenset[str]] = field(default_factory=dict)
    mentioned: frozenset[str] = frozenset()


def attribute(
    log: Log, folder: Names, everyone: Sequence[Names], *, own: bool = False
) -> tuple[tuple[Event, ...], bool]:
    """The events that belong to a state folder, and whether that are all: False when some may be its own or not.

    `everyone` are all state folders that are known, `folder` among them; `own` says that the file is this folder's by
    its name, and that none of the others writes to it.
    """
    strangers = frozenset(name for name in log.mentioned if not any(is_named(each, name) for each in everyone))
    others = [each for each in everyone if each != folder]
    alone = not strangers and (own or not others)
    mine: list[Event] = []
    certain = True
    for event in log.events:
        names = _names_of(event, log)
        if all(is_named(folder, name) for name in names) if names else alone:
            shared = any(_is_of_another(name, others, strangers) for name in names)
            certain = certain and not shared
            mine += [] if shared else [event]
        else:
            certain = certain and bool(names) and not any(is_named(folder, name) for name in names)
    return tuple(_with_profiles(mine)), certain


def _names_of(event: Event, log: Log) -> frozenset[str]:
    linked = frozenset(name for run in event.runs for name in log.stated.get(run, ()))
    return linked if event.home is None else linked | {event.home}


def _is_of_another(name: str, others: Sequence[Names], strangers: frozenset[str]) -> bool:
    """`~/.openclaw` is a folder of this home and of every other one that writes to the same log."""
    return any(is_named(each, name) for each in others) or any(is_named(frozenset({each}), name) for each in strangers)


def _with_profiles(events: Sequence[Event]) -> list[Event]:
    """Say of each refusal which credential was refused: the one that OpenClaw puts aside next, in the same run."""
    told = list(events)
    for position, event in enumerate(told):
        if event.kind is not Kind.COOLDOWN or event.profile is None:
            continue
        for earlier in range(position - 1, -1, -1):
            refusal = told[earlier]
            if refusal.runs & event.runs and refusal.provider == event.provider:
                if refusal.kind in {Kind.AUTH, Kind.FORBIDDEN, Kind.QUOTA, Kind.RATE_LIMIT} and not refusal.profile:
                    told[earlier] = replace(refusal, profile=event.profile)
                break
    return told
