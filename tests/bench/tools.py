"""What a user would use instead: OpenClaw's own doctor, and programs that others publish to watch or mend OpenClaw.

The others come from PyPI by exact version, each into an environment of its own in the cache. Their code was read before
they were let in here; they run in the sandbox only. easyclaw ends processes with openclaw on their command line (it
ended ours until none had), and originclaw-monitor and openclaw-doctor ask addresses of the Internet: in the sandbox
there are neither.
"""

import dataclasses
import os
import subprocess
import sys
import venv
from pathlib import Path

from bench.sandbox import CACHE, TESTS
from e2e.install import Cache, run_once

OLD, NEW = "2026.3.2", "2026.9.6"
_SYSTEM = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")


@dataclasses.dataclass(frozen=True, slots=True)
class Tool:
    """A program: its commands for looking, for mending, and for staying and watching; empty where it has none."""

    name: str
    version: str
    source: str
    look: tuple[str, ...] = ()
    mend: tuple[str, ...] = ()
    watch: tuple[str, ...] = ()
    openclaw: str | None = None  # the only OpenClaw that it is for; every other tool is for any


def _published(package: str, version: str) -> Path:
    """The folder of commands of a package from PyPI, installed once."""
    folder = CACHE / "pypi" / f"{package}-{version}"

    def install() -> None:
        venv.create(folder, with_pip=True, clear=True)
        command = [str(folder / "bin" / "pip"), "install", "--quiet", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*command, f"{package}=={version}"], check=True)

    run_once(folder, install)
    return folder / "bin"


def clawmend() -> Tool:
    """Ourselves, from this checkout, compiled to bytecode as an installed package is."""
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(TESTS.parent / "daemon")], check=True)
    ours = (sys.executable, "-m", "clawmend")
    return Tool(
        "clawmend", "this checkout", "this checkout", (*ours, "check"), (*ours, "repair", "--yes"), (*ours, "watch")
    )


def doctors() -> list[Tool]:
    """The two doctors; the older one has no look that is promised to change nothing, its dry form is the nearest."""
    ask = ("openclaw", "doctor", "--non-interactive")
    lint = ("openclaw", "doctor", "--lint")
    return [
        Tool("openclaw doctor", OLD, "npm", ask, (*ask, "--fix"), openclaw=OLD),
        Tool("openclaw doctor", NEW, "npm", lint, (*ask, "--fix"), openclaw=NEW),
    ]


def watchdogs() -> list[Tool]:
    """The two that stay and watch."""
    easy = str(_published("easyclaw", "0.2.2") / "easyclaw")
    origin = str(_published("originclaw-monitor", "0.1.4") / "originclaw-monitor")
    return [
        Tool("easyclaw", "0.2.2", "PyPI", (easy, "doctor"), (), (easy, "start", "--foreground")),
        Tool("originclaw-monitor", "0.1.4", "PyPI", (origin, "run"), (), (origin, "watchdog")),
    ]


def menders() -> list[Tool]:
    """Others that look and mend once."""
    command = str(_published("openclaw-doctor", "0.1.0") / "openclaw-doctor")
    return [Tool("openclaw-doctor", "0.1.0", "PyPI", (command, "doctor"), (command, "doctor", "--fix"))]


@dataclasses.dataclass(frozen=True, slots=True)
class Installed:
    """An OpenClaw in the cache: where its command is, and where it keeps what it compiled at its first start ever."""

    path: tuple[str, ...]
    compiled: str


def installed(openclaw: str) -> Installed:
    """Install an OpenClaw unless it was before; outside a sandbox, in which nothing can be installed."""
    program = Cache.of_user().openclaw(openclaw)
    return Installed(tuple(map(str, program.path)), str(program.compiled))


def environment(folder: Path, openclaw: Installed) -> dict[str, str]:
    """The variables of a made-up user, whose home is `folder/home`, and who has this OpenClaw on PATH."""
    return {
        "PATH": os.pathsep.join([*openclaw.path, *_SYSTEM]),
        "HOME": str(folder / "home"),
        "USER": "somebody",
        "LOGNAME": "somebody",
        "LANG": "C.UTF-8",
        "NO_COLOR": "1",
        "TMPDIR": str(folder / "tmp"),
        "PYTHONPATH": str(TESTS.parent / "daemon"),
        "CLAWMEND_STATE_DIR": str(folder / "state"),
    }


def make_room(folder: Path, openclaw: Installed) -> None:
    """Make the folders beside a home; what OpenClaw compiled is shared by all homes, as on a real machine."""
    for name in ("home", "tmp", "state"):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "tmp" / "jiti").symlink_to(openclaw.compiled)
