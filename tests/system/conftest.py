import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that another user may enter; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="clawmend-test-") as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - another user shall look
        yield Path(folder)
