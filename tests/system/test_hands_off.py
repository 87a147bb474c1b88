"""Who writes OpenClaw's files as a user, told from the command lines of processes, the real ones among them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from clawmend.system import hands_off
from clawmend.system.hands_off import AtWork, doing_of, who_is_at_work

MJS = "/usr/lib/node_modules/openclaw/openclaw.mjs"
AT_WORK = [
    # As 2026.9.6 shows itself before it has hidden its words, and as every version does after that.
    (f"/usr/bin/node {MJS} doctor --non-interactive", "openclaw doctor runs"),
    ("openclaw-doctor", "openclaw doctor runs"),
    ("openclaw-update", "openclaw update runs"),
    ("/usr/bin/node /usr/bin/openclaw update", "openclaw update runs"),
    ("node --no-warnings /opt/openclaw/dist/index.js onboard", "openclaw onboard runs"),
    ("node -r ./hook.js /opt/openclaw/dist/entry.js --profile work configure", "openclaw configure runs"),
    ("openclaw --profile=work migrate", "openclaw migrate runs"),
    ("bun /root/.bun/bin/openclaw setup", "openclaw setup runs"),
    ("npm install --global openclaw", "npm install of openclaw runs"),
    ("npm i -g openclaw@2026.9.6", "npm i of openclaw runs"),
    ("node /usr/lib/node_modules/npm/bin/npm-cli.js install -g openclaw@latest", "npm install of openclaw runs"),
    ("node /usr/bin/pnpm add -g openclaw", "pnpm add of openclaw runs"),
    ("pnpm.cjs add openclaw", "pnpm add of openclaw runs"),
    ("bun add -g openclaw", "bun add of openclaw runs"),
    ("npm install ./openclaw-2026.9.6.tgz", "npm install of openclaw runs"),
    ("npm install /tmp/openclaw.tgz", "npm install of openclaw runs"),
]
NOT_AT_WORK = [
    "openclaw-gateway",
    "openclaw",
    f"/usr/bin/node {MJS} gateway run --port 18789",
    f"/usr/bin/node {MJS} config validate --json",
    f"/usr/bin/node {MJS} models auth logout --provider bailian",
    "openclaw-models",
    "openclaw update status",
    "openclaw doctor --help",
    "openclaw agent --message doctor",
    "vim /home/ana/notes/openclaw doctor.md",
    "vim openclaw.json",
    "nano /etc/openclaw update",
    "less openclaw-update.log",
    "grep -r openclaw update",
    "npm run openclaw update",
    "npm install openclaw-plugin-weather",
    "npm install lodash",
    "npm view openclaw",
    "npm",
    "node",
    "node --version",
    "bun run build",
    "clawmend repair",
    "",
]


@pytest.mark.parametrize(("line", "doing"), AT_WORK)
def test_what_writes_openclaws_files_is_named(line: str, doing: str) -> None:
    assert doing_of(line.split()) == doing


@pytest.mark.parametrize("line", NOT_AT_WORK)
def test_what_does_not_is_left_out(line: str) -> None:
    assert doing_of(line.split()) is None


def test_a_title_that_linux_pads_is_read_all_the_same() -> None:
    assert doing_of(["openclaw-doctor", "", "", ""]) == "openclaw doctor runs"


@contextmanager
def another(script: Path, *words: str, orphaned: bool) -> Iterator[int]:
    """A process with such a command line: a child of ours, or one whose parent has gone."""
    script.parent.mkdir(parents=True)
    script.write_text("import os, sys\nprint(os.getpid(), flush=True)\nsys.stdin.read()\n")
    runner = script.with_name("node")
    runner.symlink_to(sys.executable)
    command = [str(runner), str(script), *words]
    if orphaned:
        command = ["sh", "-c", 'exec 3<&0; "$@" <&3 3<&- & exit 0', "sh", *command]
    environment = {"HOME": str(script.parents[1]), "PATH": os.environ["PATH"]}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        pid = int(process.stdout.readline())
        if orphaned:
            process.wait(10)
        yield pid
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(10)


def test_one_of_this_home_is_found_with_its_number_and_one_of_another_home_is_not(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with another(tmp_path / "home" / "bin" / "openclaw", "doctor", "--fix", orphaned=True) as pid:
        found = who_is_at_work(str(tmp_path / "home"), time.time())
        assert found is not None
        assert (found.pid, found.doing) == (pid, "openclaw doctor runs")
        assert who_is_at_work(str(tmp_path / "other"), time.time()) is None


def test_one_that_we_have_started_ourselves_is_not(tmp_path: Path) -> None:
    with another(tmp_path / "home" / "bin" / "openclaw", "doctor", "--fix", orphaned=False):
        assert who_is_at_work(str(tmp_path / "home"), time.time()) is None


@contextmanager
def titled(home: Path, title: str) -> Iterator[int]:
    """An orphan that shows nothing but this title, as OpenClaw's commands do."""
    home.mkdir()
    body = "import os, sys; print(os.getpid(), flush=True); sys.stdin.read()"
    code = "import os, sys; os.execve(sys.executable, [sys.argv[1]], os.environ)"
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONSTARTUP": "", "PYTHONINSPECT": ""}
    shell = 'exec 3<&0; printf %s "$BODY" >"$HOME/body.py"; "$@" 0<"$HOME/body.py" 3<&3 & exit 0'
    process = subprocess.Popen(
        ["sh", "-c", shell, "sh", sys.executable, "-c", code, title],
        env=environment | {"BODY": body.replace("sys.stdin.read()", "os.read(3, 1)")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        pid = int(process.stdout.readline())
        process.wait(10)
        yield pid
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(10)


def test_one_that_shows_only_its_title_is_known_by_it(tmp_path: Path) -> None:
    with titled(tmp_path / "home", "openclaw-doctor") as pid:
        assert who_is_at_work(str(tmp_path / "home"), time.time()) == AtWork(pid, "openclaw doctor runs")


def test_one_of_a_home_whose_name_only_begins_alike_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "ana").mkdir()
    with titled(tmp_path / "ana2", "openclaw-doctor"):
        assert who_is_at_work(str(tmp_path / "ana"), time.time()) is None


def test_one_that_has_just_begun_may_become_anything_and_one_that_stays_so_is_nothing(tmp_path: Path) -> None:
    with titled(tmp_path / "home", "openclaw") as pid:
        found = who_is_at_work(str(tmp_path / "home"), time.time())
        assert found is not None
        assert (found.pid, found.unnamed) == (pid, True)
        assert who_is_at_work(str(tmp_path / "home"), time.time() + 60) is None


def test_a_home_that_is_gone_has_nobody_at_work(tmp_path: Path) -> None:
    assert who_is_at_work(str(tmp_path / "gone"), time.time()) is None


class _Process:
    """A process that may be seen but not asked, or that ends meanwhile."""

    pid = 4711

    def __init__(self, error: type[psutil.Error]) -> None:
        self._error = error

    def environ(self) -> dict[str, str]:
        raise self._error(self.pid)

    def create_time(self) -> float:
        raise self._error(self.pid)

    def parents(self) -> list[psutil.Process]:
        raise self._error(self.pid)


def test_one_whose_home_is_unknown_counts_and_one_that_has_ended_does_not() -> None:
    assert hands_off._is_for(_Process(psutil.AccessDenied), "/home/ana")
    assert not hands_off._is_for(_Process(psutil.NoSuchProcess), "/home/ana")
    assert hands_off._is_ours(_Process(psutil.NoSuchProcess))
    assert not hands_off._is_new(_Process(psutil.NoSuchProcess), 0.0)
