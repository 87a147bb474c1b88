"""Fixtures of the end-to-end tests."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from e2e.install import Cache
from e2e.lab import Lab
from e2e.transcript import Transcript


@pytest.fixture
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    with closing(Lab(tmp_path, Cache.of_user(), Transcript(request.node.name))) as lab:
        yield lab
