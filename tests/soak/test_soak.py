"""Faults as they come, beside real gateways and a real Claude Code, with watchers that are killed at any moment.

    CLAWMEND_SOAK_SECONDS=3600 CLAWMEND_SOAK_SEED=5 pytest -m soak tests/soak

Ten minutes unless it is told otherwise. CLAWMEND_SOAK_KILLS=0 leaves the watchers alone, and then their memory has to
stay flat; a life that is cut off every minute says nothing of that. What it prints at the end says how to see a
violation again.
"""

import os
from pathlib import Path

import pytest

from soak.running import Options, run

pytestmark = pytest.mark.soak

SECONDS = float(os.environ.get("CLAWMEND_SOAK_SECONDS", "600"))
SEED = int(os.environ.get("CLAWMEND_SOAK_SEED", "1"))
KILLS = os.environ.get("CLAWMEND_SOAK_KILLS", "1") != "0"


def test_nothing_is_lost_whatever_breaks_and_whoever_is_killed(tmp_path: Path) -> None:
    assert run(Options(tmp_path / "soak", SECONDS, SEED, kills=KILLS)) == []
