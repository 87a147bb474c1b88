"""What was lost, and what a person took out."""

from dataclasses import replace
from typing import Any

import pytest

from clawmend.core.loss import Loss, loss_of
from clawmend.core.snapshot import OpenClaw
from clawmend.core.state import Parsed
from support.build import CONFIG, identity, malformed, openclaw, parsed, snapshot

WHOLE = {
    "gateway": {"mode": "local"},
    "models": {"providers": {"bailian": {"models": [{"id": "glm-5"}]}}},
    "agents": {"defaults": {"model": "bailian/glm-5"}},
    "channels": {"telegram": {"enabled": True}},
}
REDUCED = {name: WHOLE[name] for name in ("gateway", "models")}


def copy(suffix: str, value: Any, age: float) -> Parsed:
    return replace(parsed(CONFIG + suffix, value), identity=identity(age))


def lost(home: OpenClaw, on: str | None = "2026.5.7") -> Loss | None:
    return loss_of(snapshot(home, on=on), home)


@pytest.mark.parametrize("config", [None, [], "x", malformed(CONFIG)])
def test_what_is_no_configuration_has_lost_nothing(config: Any) -> None:
    assert lost(openclaw(config, copies=(copy(".bak", WHOLE, 60),))) is None


def test_two_sections_at_once_are_lost() -> None:
    found = lost(openclaw(REDUCED, copies=(copy(".bak", WHOLE, 60),)))
    assert found is not None
    assert (found.sections, found.mode, found.stops) == (("agents", "channels"), None, False)
    assert found.names == ("agents", "channels")


def test_what_was_proven_good_after_it_is_what_somebody_wants() -> None:
    proven = copy(".good", {**REDUCED, "tools": {"a": 1}}, 600)
    old = copy(".bak", WHOLE, 6000)
    assert lost(openclaw(REDUCED, copies=(old, proven), known_good=(proven,))) is None
    assert lost(openclaw(REDUCED, copies=(old, proven))) is not None


def test_a_copy_that_does_not_parse_is_passed_over() -> None:
    found = lost(openclaw(REDUCED, copies=(malformed(f"{CONFIG}.bak", "{"), copy(".bak.1", WHOLE, 60))))
    assert found is not None
    assert found.copy.path == f"{CONFIG}.bak.1"


@pytest.mark.parametrize("mode", [None, "", "  ", 5, {}])
def test_a_mode_that_is_no_word_is_gone(mode: Any) -> None:
    found = lost(openclaw({**WHOLE, "gateway": {"mode": mode, "port": 1}}, copies=(copy(".bak", WHOLE, 60),)))
    assert found is not None
    assert (found.mode, found.sections, found.stops) == ("local", (), True)
    assert found.names == ("gateway.mode",)


@pytest.mark.parametrize(("on", "sections"), [("2026.5.7", ("models",)), (None, None)])
def test_whether_lost_models_are_needed_is_known_with_the_version(on: str | None, sections: Any) -> None:
    many = {"providers": {"bailian": {"models": [{"id": f"model-{number}"} for number in range(50)]}}}
    now = {name: value for name, value in WHOLE.items() if name != "models"}
    found = lost(openclaw(now, copies=(copy(".bak", {**WHOLE, "models": many}, 60),)), on)
    assert (found.sections if found else None) == sections
