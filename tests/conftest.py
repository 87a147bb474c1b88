"""Fixtures for everybody."""

from pathlib import Path

import pytest

from support.machine import Machine, forget_the_real_machine


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """An empty home on a machine of which everything is known."""
    forget_the_real_machine(monkeypatch)
    found = Machine(tmp_path / "home", tmp_path / "state")
    found.home.mkdir(mode=0o700)
    return found
