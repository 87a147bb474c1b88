"""Fixtures for everybody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clawmend.repair import observe
from support.machine import Machine, forget_the_real_machine, health_beside


@pytest.fixture(autouse=True, scope="session")
def _nobody_is_asked_how_the_gateway_is() -> Iterator[None]:
    """Many tests make up a gateway that runs; nothing answers on its port, and its number is somebody else's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(observe, "_health", lambda _folder, openclaw, *_rest: health_beside(openclaw.gateway))
        yield


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """An empty home on a machine of which everything is known."""
    forget_the_real_machine(monkeypatch)
    found = Machine(tmp_path / "home", tmp_path / "state")
    found.home.mkdir(mode=0o700)
    return found
