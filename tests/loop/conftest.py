import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from loop.bed import Bed, silent_log
from repair.home import Home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A healthy home, and an environment in which nothing of this machine is found."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield Home(tmp_path, holder.getsockname()[1]).healthy()


@pytest.fixture
def bed(home: Home) -> Iterator[Bed]:
    """A watcher's engine, before its first look."""
    log = silent_log()
    yield Bed(home, log)
    log.close()
