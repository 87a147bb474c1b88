"""A made-up home directory in which the real programs live."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from e2e.install import Program
from e2e.processes import MARK, free_port, run
from e2e.provider import Provider
from e2e.transcript import Transcript

DAEMON = str(Path(__file__).parents[2] / "daemon")

HERE = Path(__file__).parent
KEY = "sk-sp-accepted-0000000000000000000a11"
OLD_KEY = "sk-sp-replaced-0000000000000000000b22"
GATEWAY_TOKEN = "made-up-gateway-token"
NOWHERE = "http://127.0.0.1:9"


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of clawmend ended: its exit code, the JSON it printed, and what it logged."""

    code: int
    said: dict[str, Any]
    log: str

    @property
    def verdict(self) -> str | None:
        return self.said.get("verdict")


@dataclasses.dataclass(frozen=True, slots=True)
class Home:
    """The folder of one test: home/ is the user's HOME, tmp/ its TMPDIR, state/ is clawmend's."""

    folder: Path
    programs: tuple[Program, ...]
    provider: Provider
    transcript: Transcript
    port: int = dataclasses.field(default_factory=free_port)

    @property
    def user(self) -> Path:
        return self.folder / "home"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    @property
    def state(self) -> Path:
        return self.user / ".openclaw"

    @property
    def config(self) -> Path:
        return self.state / "openclaw.json"

    @property
    def agent(self) -> Path:
        return self.state / "agents" / "main" / "agent"

    @property
    def models(self) -> Path:
        return self.agent / "models.json"

    @property
    def profiles(self) -> Path:
        return self.agent / "auth-profiles.json"

    @property
    def mark(self) -> str:
        return str(self.folder)

    @property
    def is_native(self) -> bool:
        """Tell whether the program of this home is no JavaScript, so that it takes no NODE_OPTIONS."""
        return len(self.programs[0].path) == 1

    def lay_down(self) -> None:
        """Make the folders."""
        for folder in (self.user, self.temporary, self.folder / "state"):
            folder.mkdir(mode=0o700, parents=True)

    def set_up_openclaw(self) -> None:
        """Write a healthy openclaw.json, the way people write theirs: comments, an unquoted key, trailing commas."""
        self.temporary.joinpath("jiti").symlink_to(self.programs[0].compiled)
        text = (HERE / "openclaw.json5").read_text()
        for name, value in {
            "PORT": str(self.port),
            "TOKEN": GATEWAY_TOKEN,
            "BASE_URL": f"{self.provider.url}/v1",
            "KEY": KEY,
            "LOG": str(self.state / "logs" / "gateway.log"),
        }.items():
            text = text.replace(f"@{name}@", value)
        write_private(self.config, text)

    def env(self) -> dict[str, str]:
        """Return an environment of this home only, from which nothing but loopback can be reached."""
        path = [str(folder) for program in self.programs for folder in program.path]
        proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), NOWHERE)
        plan = {}
        if self.provider.plan_port:
            plan = {"CLAWMEND_E2E_PLAN_PORT": str(self.provider.plan_port), "NODE_TLS_REJECT_UNAUTHORIZED": "0"}
            proxies = {}
        if self.provider.tunnel is not None and self.is_native:
            proxies = {"HTTPS_PROXY": self.provider.tunnel.url}
        return (
            proxies
            | plan
            | {
                "PATH": os.pathsep.join([*path, "/usr/local/bin", "/usr/bin", "/bin"]),
                "PYTHONPATH": DAEMON,  # this checkout's clawmend, whichever is installed
                "HOME": str(self.user),
                "USER": "somebody",
                "LOGNAME": "somebody",
                "LANG": "C.UTF-8",
                "TMPDIR": str(self.temporary),
                "XDG_STATE_HOME": str(self.folder / "state"),
                "NO_PROXY": "127.0.0.1,localhost",
                "no_proxy": "127.0.0.1,localhost",
                "NODE_OPTIONS": f'--require "{HERE / "loopback_only.cjs"}"',
                "DISABLE_AUTOUPDATER": "1",
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
                MARK: self.mark,
            }
        )

    def command(self, *command: str, seconds: float = 120, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program of this home, by the name that its user would type."""
        self.transcript.say("$ " + " ".join(command).replace(f"{sys.executable} -m ", ""))
        installed = {program.command.name: str(program.command) for program in self.programs}
        real = [installed.get(command[0], command[0]), *command[1:]]
        ended = run(real, seconds=seconds, env=self.env() | {"NO_COLOR": "1"}, folder=self.user, stdin=stdin)
        self.transcript.say(f"  exit {ended.returncode}")
        return ended

    def clawmend(self, *arguments: str, seconds: float = 180) -> Outcome:
        """Run the real command line of clawmend, in a process of its own, and read the JSON that it prints."""
        ended = self.command(sys.executable, "-m", "clawmend", "--json", *arguments, seconds=seconds)
        try:
            said = json.loads(ended.stdout)
        except ValueError:
            if not ended.stdout:
                return Outcome(ended.returncode, {}, ended.stderr)
            raise AssertionError(
                f"clawmend {' '.join(arguments)} printed no JSON (exit {ended.returncode}): "
                f"{ended.stdout[-2000:]!r} {ended.stderr[-4000:]}"
            ) from None
        for line in _summary(said):
            self.transcript.say(f"  {line}")
        return Outcome(ended.returncode, said, ended.stderr)


def write_private(file: Path, content: str | bytes) -> None:
    """Write a file as the programs do: readable by its owner only."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def _summary(said: dict[str, Any]) -> list[str]:
    """Return the lines of an answer that a reader of the transcript wants."""
    lines = [f"verdict {said['verdict']}"] if "verdict" in said else []
    lines += [f"{f['severity']} {f['rule']} {f['path']}: {f['summary']}" for f in said.get("findings", ())]
    lines += [f"{c['action']} {c['path']} ({', '.join(c['rules'])})" for c in said.get("changes", ())]
    lines += [f"held {h['finding']['rule']}: {h['reason']}" for h in said.get("held", ())]
    if restart := said.get("restart"):
        lines.append(
            f"restart needed {restart['needed']}, done {restart['done']}: {restart['proof'] or restart['reason']}"
        )
    return lines
