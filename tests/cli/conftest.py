import os
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clawmend.system import installation
from cli.run import CommandLine
from repair.home import Home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A healthy home that is also ours, in an environment where nothing of this machine is found."""
    for name in ("OPENCLAW_HOME", "OPENCLAW_STATE_DIR", "OPENCLAW_CONFIG_PATH", "OPENCLAW_PROFILE", "XDG_STATE_HOME",
                 "XDG_CONFIG_HOME", "CLAUDE_CONFIG_DIR", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE",
                 "PYTHONIOENCODING"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CLAWMEND_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(installation, "_SYSTEM_FOLDERS", ())
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield Home(tmp_path, holder.getsockname()[1], now=time.time()).healthy()


@pytest.fixture
def clawmend(home: Home, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(home, capsys)


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that another user may enter; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="clawmend-test-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - another user shall look
        yield Path(folder)


@pytest.fixture(autouse=True)
def ctrl_c_is_heard() -> Iterator[None]:
    """A suite that a shell started in the background was told to ignore Ctrl-C, and its children with it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
