"""Whose events these are: never guessed."""

from collections.abc import Sequence

import pytest

from clawmend.core.attribution import Log, Names, attribute
from clawmend.core.evidence import Event, Kind

OURS = frozenset({"/home/u/.openclaw"})
DEV = frozenset({"/home/u/.openclaw-dev"})
STRANGER = "/srv/other/.openclaw"


def _event(
    home: str | None = None,
    runs: tuple[str, ...] = (),
    kind: Kind = Kind.AUTH,
    provider: str | None = "bailian",
    profile: str | None = None,
) -> Event:
    return Event(1.0, kind, provider, None, profile, home, "", runs=frozenset(runs))


def _log(*events: Event, stated: dict[str, set[str]] | None = None, mentioned: set[str] | None = None) -> Log:
    linked = {run: frozenset(homes) for run, homes in (stated or {}).items()}
    return Log(events, linked, frozenset(mentioned or set()))


def _mine(log: Log, folder: Names, everyone: Sequence[Names], *, own: bool = False) -> tuple[Event, ...]:
    return attribute(log, folder, everyone, own=own)[0]


def test_what_names_nobody_belongs_to_the_only_folder() -> None:
    assert _mine(_log(_event()), OURS, [OURS])
    assert _mine(_log(_event(), mentioned={"/home/u/.openclaw", "~/.openclaw", "u/.openclaw"}), OURS, [OURS])


def test_with_two_folders_it_belongs_to_nobody() -> None:
    assert _mine(_log(_event()), OURS, [OURS, DEV]) == ()
    assert _mine(_log(_event()), DEV, [OURS, DEV]) == ()


def test_a_log_of_its_own_makes_a_folder_the_only_one() -> None:
    assert _mine(_log(_event()), DEV, [OURS, DEV], own=True)
    assert _mine(_log(_event(), mentioned={"/home/u/.openclaw"}), DEV, [OURS, DEV], own=True)
    assert _mine(_log(_event(), mentioned={STRANGER}), DEV, [OURS, DEV], own=True) == ()


@pytest.mark.parametrize("trace", [STRANGER, "~/.openclaw-gone", "Doe/.openclaw"])
def test_a_trace_of_another_home_leaves_only_what_names_us(trace: str) -> None:
    log = _log(_event(), _event("/home/u/.openclaw"), mentioned={trace})
    assert _mine(log, OURS, [OURS]) == (_event("/home/u/.openclaw"),)


def test_a_line_that_names_another_home_never_counts() -> None:
    log = _log(_event(STRANGER), _event("/home/u/.openclaw-dev"))
    assert _mine(log, OURS, [OURS]) == ()
    assert _mine(log, DEV, [OURS, DEV]) == (_event("/home/u/.openclaw-dev"),)


def test_a_home_written_with_a_tilde_may_be_anybodys() -> None:
    log = _log(_event("~/.openclaw"))
    assert _mine(log, OURS, [OURS, DEV])
    assert _mine(log, DEV, [OURS, DEV]) == ()
    assert _mine(_log(_event("~/.openclaw"), mentioned={STRANGER}), OURS, [OURS]) == ()
    twin = frozenset({"/srv/v/.openclaw"})
    assert _mine(log, OURS, [OURS, twin]) == ()


@pytest.mark.parametrize(
    ("log", "everyone", "certain"),
    [
        (_log(), [OURS, DEV], True),
        (_log(_event()), [OURS], True),
        (_log(_event()), [OURS, DEV], False),
        (_log(_event(), mentioned={STRANGER}), [OURS], False),
        (_log(_event("/home/u/.openclaw-dev"), _event("/home/u/.openclaw")), [OURS, DEV], True),
        (_log(_event("~/.openclaw"), mentioned={STRANGER}), [OURS], False),
        (_log(_event("~/.openclaw")), [OURS], True),
        (_log(_event("/home/u/.openclaw", ("r",)), stated={"r": {STRANGER}}), [OURS], False),
    ],
)
def test_what_may_be_ours_or_not_makes_silence_no_proof(log: Log, everyone: list[Names], certain: bool) -> None:
    assert attribute(log, OURS, everyone)[1] is certain


class TestRuns:
    def test_one_line_of_a_run_that_names_the_folder_is_enough(self) -> None:
        log = _log(_event(runs=("r", "t")), _event(), stated={"t": {"/home/u/.openclaw"}})
        assert _mine(log, OURS, [OURS, DEV]) == (_event(runs=("r", "t")),)
        assert _mine(log, DEV, [OURS, DEV]) == ()

    def test_a_run_of_another_home_does_not_count_even_alone(self) -> None:
        assert _mine(_log(_event(runs=("r",)), stated={"r": {STRANGER}}), OURS, [OURS]) == ()

    def test_a_run_that_names_two_homes_belongs_to_nobody(self) -> None:
        stated = {"r": {"/home/u/.openclaw"}, "t": {"/home/u/.openclaw-dev"}}
        for folder in (OURS, DEV):
            assert _mine(_log(_event(runs=("r", "t")), stated=stated), folder, [OURS, DEV]) == ()
        log = _log(_event("/home/u/.openclaw", ("r",)), stated={"r": {STRANGER}})
        assert _mine(log, OURS, [OURS]) == ()


class TestProfiles:
    def test_a_refusal_is_one_of_the_credential_that_is_put_aside_next(self) -> None:
        log = _log(
            _event(runs=("r",)),
            _event(runs=("r",), kind=Kind.COOLDOWN, profile="a"),
            _event(runs=("r",)),
            _event(runs=("r",), kind=Kind.COOLDOWN, profile="b"),
        )
        assert [event.profile for event in _mine(log, OURS, [OURS])] == ["a", "a", "b", "b"]

    @pytest.mark.parametrize(
        "other",
        [
            _event(runs=("x",)),
            _event(runs=("r",), provider="openai"),
            _event(runs=("r",), kind=Kind.TIMEOUT),
            _event(runs=("r",), profile="named"),
            _event(),
        ],
    )
    def test_a_refusal_of_another_run_or_provider_is_not(self, other: Event) -> None:
        log = _log(other, _event(runs=("r",), kind=Kind.COOLDOWN, profile="a"))
        assert _mine(log, OURS, [OURS])[0] == other

    def test_a_cooldown_without_a_credential_says_nothing(self) -> None:
        log = _log(_event(runs=("r",)), _event(runs=("r",), kind=Kind.COOLDOWN))
        assert _mine(log, OURS, [OURS])[0].profile is None
