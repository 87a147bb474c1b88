"""What is shipped: wheel, source package, and a wheel made from the source package."""

import importlib.util
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNITS = {"clawmend/units/systemd/clawmend.service", "clawmend/units/launchd/dev.clawmend.plist"}
UNWANTED = {".git", ".venv", "__pycache__", "node_modules", ".hypothesis"}


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the build backend is at hand; it is fetched once where it is not installed."""
    if importlib.util.find_spec("hatchling"):
        return dict(os.environ)
    folder = str(tmp_path_factory.mktemp("backend"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", folder, "hatchling>=1.25"]
    subprocess.run(pip, check=True, timeout=120, stdout=subprocess.DEVNULL)
    return {**os.environ, "PYTHONPATH": folder}


def _build(source: Path, folder: Path, backend: dict[str, str], what: str) -> Path:
    result = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", what, "--outdir", str(folder), str(source)],
        env=backend,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def source(backend: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build(ROOT, tmp_path_factory.mktemp("source"), backend, "--sdist")


@pytest.fixture(scope="module")
def wheel(backend: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build(ROOT, tmp_path_factory.mktemp("wheel"), backend, "--wheel")


@pytest.fixture(scope="module")
def wheel_from_source(source: Path, backend: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(source) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = folder.iterdir()
    return _build(unpacked, tmp_path_factory.mktemp("again"), backend, "--wheel")


def _files(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_every_module_and_the_units(wheel: Path) -> None:
    folder = ROOT / "daemon"
    modules = {str(path.relative_to(folder)) for path in folder.rglob("*.py")}
    assert modules | UNITS | {"clawmend/py.typed", "clawmend/grafana/dashboard.json"} <= set(_files(wheel))


def test_it_holds_nothing_else(wheel: Path) -> None:
    names = set(_files(wheel))
    others = {name for name in names if not name.startswith("clawmend/")}
    assert all(".dist-info/" in name for name in others)
    assert any(name.endswith("/licenses/LICENSE") for name in others)
    assert not [name for name in names if name.endswith((".pyc", ".gitkeep")) or "tests/" in name]


def test_the_wheel_made_from_the_source_package_is_the_same(wheel: Path, wheel_from_source: Path) -> None:
    assert _files(wheel_from_source) == _files(wheel)


def test_its_description_names_the_command_and_what_it_needs(wheel: Path) -> None:
    texts = {name.rpartition("/")[2]: data.decode() for name, data in _files(wheel).items() if ".dist-info/" in name}
    description = texts["METADATA"].splitlines()
    needed = {re.split("[<>=!~]", line.split()[1])[0] for line in description if line.startswith("Requires-Dist")}
    assert "clawmend = clawmend.cli.main:entry" in texts["entry_points.txt"]
    assert {"apscheduler", "click", "loguru", "orjson", "psutil", "rich", "watchdog"} <= needed
    assert {"Requires-Python: >=3.11", "License-Expression: MIT"} <= set(description)


def test_the_source_package_holds_what_a_build_and_its_tests_need(source: Path) -> None:
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "pyproject.toml",
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        "daemon/clawmend/cli/main.py",
        "systemd/clawmend.service",
        "launchd/dev.clawmend.plist",
        "tests/packaging/test_packages.py",
    } <= names
    # Homes in the tests hold what homes hold, node_modules among it.
    ours = [name for name in names if not name.startswith("tests/cases/")]
    assert not [name for name in ours if UNWANTED & set(name.split("/"))]


def test_the_wheel_runs_from_anywhere_and_prints_its_units(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")  # noqa: S202 - we have just built it
    (tmp_path / "home").mkdir()
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "clawmend"
    command.write_text(f"#!{sys.executable}\nfrom clawmend.cli.main import entry\nentry()\n")
    command.chmod(0o755)
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path / "site"),
        "HOME": str(tmp_path / "home"),
        "CLAWMEND_STATE_DIR": str(tmp_path / "state"),
    }

    def run(*words: str) -> str:
        result = subprocess.run(words, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (result.returncode, result.stderr) == (0, "")
        return result.stdout

    assert run(sys.executable, "-c", "import clawmend; print(clawmend.__file__)").startswith(f"{tmp_path}/site/")
    for manager, mark in (("systemd", "[Service]"), ("launchd", "<plist")):
        text = run(str(command), "service", "print", manager)
        assert mark in text
        assert str(command) in text
    assert "The folder is gone again." in run(str(command), "demo")
