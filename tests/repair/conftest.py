import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from repair.home import Home


@pytest.fixture
def port() -> Iterator[int]:
    """A port on which nobody listens, and which nobody else gets meanwhile."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield int(holder.getsockname()[1])


@pytest.fixture
def home(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A healthy home, and an environment in which nothing of this machine is found."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return Home(tmp_path, port).healthy()


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that another user may enter; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="clawmend-test-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - another user shall look
        yield Path(folder)
