"""Which OpenClaw a process runs that does not say so."""

import json
import os
import time
from pathlib import Path

import pytest

from clawmend.system import running_version as module
from clawmend.system.running_version import running_version

SOON = time.time() + 3600


def package(folder: Path, content: object, name: str = "openclaw") -> str:
    inside = folder / "node_modules" / name
    inside.mkdir(parents=True)
    (inside / "package.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return str(inside / "dist" / "index.js")


@pytest.mark.parametrize("name", ["openclaw", "clawdbot"])
def test_the_package_beside_what_it_runs_tells(name: str, tmp_path: Path) -> None:
    script = package(tmp_path, {"version": "2026.9.6"}, name)
    assert running_version(2**22 + 1, SOON, ("node", script)) == "2026.9.6"


def test_a_file_of_another_package_that_is_mapped_leads_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(tmp_path, {"version": "2026.3.2"})
    mapped = str(tmp_path / "node_modules" / "@snazzah" / "davey" / "davey.node")
    monkeypatch.setattr(module, "_mapped", lambda _pid: iter(["/usr/lib/libc.so", mapped, mapped]))
    assert running_version(1, SOON) == "2026.3.2"


def test_a_package_that_was_replaced_since_is_not_what_runs(tmp_path: Path) -> None:
    script = package(tmp_path, {"version": "2026.9.6"})
    assert running_version(2**22 + 1, time.time() - 3600, (script,)) is None


@pytest.mark.parametrize("content", ["{", "[]", {"version": 5}, {}])
def test_what_is_no_package_tells_nothing(content: object, tmp_path: Path) -> None:
    assert running_version(2**22 + 1, SOON, (package(tmp_path, content),)) is None


def test_a_process_that_runs_nothing_of_openclaws_has_no_version(tmp_path: Path) -> None:
    assert running_version(os.getpid(), SOON, (str(tmp_path / "node_modules" / "x.js"),)) is None


def test_the_files_of_a_real_process_are_listed() -> None:
    if not Path("/proc/self/maps").exists():
        pytest.skip("only Linux tells what a process has mapped")
    assert any("/" in path for path in module._mapped(os.getpid()))
