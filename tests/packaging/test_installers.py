"""The ways to install it, on a machine that has nothing of it: pip, pipx and uv, from the wheel and the source package.

Every Python from 3.11 to 3.13 that is here is tried. Each way begins in an empty home, with the
system's own programs on its PATH, and ends with nothing left of clawmend.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSIONS = ("3.11", "3.12", "3.13")
_SECONDS = 300

pytestmark = pytest.mark.e2e


def python_of(version: str) -> str | None:
    """A Python of this version that really runs: a version manager's stand-in may be there and refuse."""
    kept = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    found = shutil.which(f"python{version}")
    for candidate in [*map(str, kept), *([found] if found else [])]:
        check = (
            f"import ensurepip, sys, venv; sys.exit(sys.version_info[:2] != tuple(map(int, '{version}'.split('.'))))"
        )
        if subprocess.run([candidate, "-c", check], capture_output=True, check=False).returncode == 0:
            return candidate
    return None


@dataclass(frozen=True)
class Bench:
    """The installers, and a wheel and a source package to install."""

    bin: Path
    wheel: Path
    source: Path

    def package(self, kind: str) -> str:
        return str(self.wheel if kind == "wheel" else self.source)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    tools, made = tmp_path_factory.mktemp("tools"), tmp_path_factory.mktemp("made")
    run([sys.executable, "-m", "venv", str(tools)], dict(os.environ))
    run([str(tools / "bin" / "pip"), "install", "--quiet", "pipx>=1.7", "uv>=0.5", "build>=1.2"], dict(os.environ))
    run([str(tools / "bin" / "python"), "-m", "build", "--quiet", "--outdir", str(made), str(ROOT)], dict(os.environ))
    return Bench(tools / "bin", next(made.glob("*.whl")), next(made.glob("*.tar.gz")))


def run(words: list[str], environment: dict[str, str]) -> str:
    """Run a command that has to succeed; what it printed."""
    result = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=_SECONDS)
    assert result.returncode == 0, f"{words}\n{result.stdout}{result.stderr}"
    return result.stdout


class Machine:
    """A home with nothing in it, in which one of the installers puts clawmend."""

    def __init__(self, bench: Bench, home: Path, python: str) -> None:
        home.mkdir()
        self.bench, self.home, self.python = bench, home, python
        kept = {name: text for name, text in os.environ.items() if name.startswith(("PIP_", "SSL_", "UV_", "HTTP"))}
        self.environment = {
            **kept,
            "HOME": str(home),
            "PATH": f"{home}/.local/bin:/usr/bin:/bin",
            "XDG_DATA_HOME": str(home / ".local" / "share"),
            "UV_CACHE_DIR": str(bench.bin.parent / "uv-cache"),
            "UV_PYTHON_DOWNLOADS": "never",
        }

    def run(self, *words: str) -> str:
        return run(list(words), self.environment)

    def install(self, way: str, package: str) -> str:
        """The command that is there afterwards."""
        match way:
            case "pip":
                self.run(self.python, "-m", "venv", str(self.home / "venv"))
                self.run(str(self.home / "venv" / "bin" / "pip"), "install", "--quiet", package)
                return str(self.home / "venv" / "bin" / "clawmend")
            case "pipx":
                self.run(str(self.bench.bin / "pipx"), "install", "--python", self.python, package)
            case _:
                self.run(str(self.bench.bin / "uv"), "tool", "install", "--quiet", "--python", self.python, package)
        return str(self.home / ".local" / "bin" / "clawmend")

    def uninstall(self, way: str) -> None:
        match way:
            case "pip":
                self.run(str(self.home / "venv" / "bin" / "pip"), "uninstall", "--quiet", "--yes", "clawmend")
            case "pipx":
                self.run(str(self.bench.bin / "pipx"), "uninstall", "clawmend")
            case _:
                self.run(str(self.bench.bin / "uv"), "tool", "uninstall", "--quiet", "clawmend")

    def left(self) -> Iterator[Path]:
        """Whatever bears our name and is not the installer's own: pip's cache of what it built, and pipx's lock."""
        own = (".cache/pip", ".local/share/pipx/venvs/.clawmend.lock")
        for path in self.home.rglob("*clawmend*"):
            if not str(path.relative_to(self.home)).startswith(own):
                yield path


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("way", "kind"), [("pip", "sdist"), ("pip", "wheel"), ("pipx", "wheel"), ("uv", "wheel")])
def test_it_is_installed_works_and_goes_away(bench: Bench, tmp_path: Path, way: str, kind: str, version: str) -> None:
    python = python_of(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    machine = Machine(bench, tmp_path / "home", python)
    command = machine.install(way, bench.package(kind))
    assert machine.run(command, "--version").startswith("clawmend ")
    assert "The folder is gone again." in machine.run(command, "demo")
    assert machine.run(command, "check").endswith("Nothing to do.\n")
    unit = machine.run(command, "service", "print", "systemd")
    (start,) = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    assert Path(start.removeprefix("ExecStart=").split()[0].strip('"')).samefile(command), start
    machine.uninstall(way)
    assert list(machine.left()) == []


@pytest.mark.parametrize("way", ["pipx", "uv"])
def test_the_source_package_serves_the_installers_of_tools_too(bench: Bench, tmp_path: Path, way: str) -> None:
    machine = Machine(bench, tmp_path / "home", sys.executable)
    command = machine.install(way, bench.package("sdist"))
    assert "The folder is gone again." in machine.run(command, "demo")
