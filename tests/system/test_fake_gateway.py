"""The fake gateway keeps the contract that tests/e2e/test_fake_gateway.py holds the real one to."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clawmend.core.era import Installation, era_of
from clawmend.system.probe import ask_health
from e2e.processes import MARK, end_all, free_port, wait_until
from support.build import version
from support.gateway_contract import CONTRACT, Subject
from system.fakes import stub

SCRIPT = Path(__file__).parents[1] / "support" / "fake_openclaw.py"
CONFIG = {"gateway": {"mode": "local"}, "models": {"providers": {"bailian": {"models": [{"id": "a", "name": "a"}]}}}}
FASTER = 5


class FasterClock:
    """The computer's clock for whoever looks at the time, and short waits for whoever waits."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / FASTER)


@pytest.fixture(params=["2026.3.2", "2026.5.7", "2026.9.6"])
def subject(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Subject]:
    text: str = request.param
    config = tmp_path / ".openclaw" / "openclaw.json"
    config.parent.mkdir()
    config.write_text(json.dumps(CONFIG))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    name = f"gateway.{hashlib.sha256(str(config).encode()).hexdigest()[:8]}.lock"
    lock, log, port = tmp_path / f"openclaw-{os.getuid()}" / name, tmp_path / "gateway.log", free_port()
    words = ["openclaw", "gateway", text, str(config), str(log), str(lock), str(port), "0.2"]
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(SCRIPT), *words],
        env={"HOME": str(tmp_path), MARK: str(tmp_path), "PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process, process.stdout:
        assert process.stdout.readline() == "ready\n"
        safe = f'kill -USR2 {process.pid}; echo \'{{"ok": true, "result": "scheduled"}}\''
        command = stub(tmp_path, "openclaw", safe) if text == "2026.9.6" else None
        found = version(text)
        installation = Installation(found, "package", era_of(found), str(command) if command else None)
        wait_until(lambda: ask_health(port, found).ready, 30, "it is ready")
        yield Subject(installation, config, log, port, FasterClock())
        end_all(str(tmp_path))


@pytest.mark.parametrize("clause", CONTRACT, ids=lambda clause: clause.__name__)
def test_the_fake_gateway_keeps_the_contract(clause: Callable[[Subject], object], subject: Subject) -> None:
    clause(subject)
