"""The stage on which everything is killed, and what it looks like before and after."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.aftermath import Acts, acts_of
from faults.injection import why_not
from faults.stage import stage_in


@pytest.fixture(scope="session")
def catching() -> None:
    """Calls can be caught here, or the test is skipped."""
    reason = why_not()
    if reason is not None:
        pytest.skip(f"catching system calls {reason}")


@pytest.fixture
def acts(catching: None, tmp_path: Path) -> Iterator[Acts]:
    del catching
    with stage_in(tmp_path) as stage:
        yield acts_of(stage)
