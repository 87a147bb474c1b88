"""Where Claude Code keeps its state, and which of its processes run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clawmend.system import claude_files
from clawmend.system.claude_files import claude_homes, claude_paths, claude_processes, copies_of, may_log_in
from clawmend.system.files import RealFiles

FILES = RealFiles()
STAMP = 1_795_450_000_000


def write(path: Path, text: str = "{}") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_each_configuration_that_somebody_points_to_is_found_once(tmp_path: Path) -> None:
    home, other = str(tmp_path), str(tmp_path / "cfg")
    write(tmp_path / "link" / "x")
    os.symlink(other, tmp_path / "same")
    write(tmp_path / "cfg" / ".claude.json")
    named = [{"CLAUDE_CONFIG_DIR": other}, {}, {"CLAUDE_CONFIG_DIR": str(tmp_path / "same")}]
    found = claude_homes(home, {}, named, FILES)
    assert [(one.config, one.settings) for one in found] == [
        (f"{home}/.claude.json", f"{home}/.claude/settings.json"),
        (f"{other}/.claude.json", f"{other}/settings.json"),
    ]
    assert len(claude_homes(home, {}, [{"CLAUDE_CONFIG_DIR": "cfg"}], FILES)) == 1
    alone = claude_homes(home, {"CLAUDE_CONFIG_DIR": other}, (), FILES)
    assert [one.config for one in alone] == [f"{other}/.claude.json"]


def test_the_legacy_file_wins_in_each(tmp_path: Path) -> None:
    write(tmp_path / ".claude" / ".config.json")
    assert claude_homes(str(tmp_path), {}, (), FILES)[0].config == f"{tmp_path}/.claude/.config.json"


def test_every_file_that_counts_is_named_for_the_watcher(tmp_path: Path) -> None:
    assert claude_paths(str(tmp_path), {}, FILES) == (
        f"{tmp_path}/.claude.json",
        f"{tmp_path}/.claude/.config.json",
        f"{tmp_path}/.claude/settings.json",
        f"{tmp_path}/.claude/.credentials.json",
    )
    more = claude_paths(str(tmp_path), {}, FILES, [{"CLAUDE_CONFIG_DIR": "/srv/cfg"}])
    assert "/srv/cfg/.claude.json" in more


def test_copies_come_newest_first_and_corrupted_ones_never(tmp_path: Path) -> None:
    backups = tmp_path / ".claude" / "backups"
    for name in ("backup.1795450000000", "backup.1795450002000", "corrupted.1795450003000", "backup.mine"):
        os.utime(write(backups / f".claude.json.{name}"), (1000, 1000))
    os.utime(write(tmp_path / ".claude.json.backup"), (1_795_450_001, 1_795_450_001))
    write(backups / "other.json.backup.1795450000000")
    one = claude_homes(str(tmp_path), {}, (), FILES)[0]
    assert [(os.path.basename(path), made) for path, made in copies_of(one, FILES)] == [
        (".claude.json.backup.1795450002000", 1_795_450_002.0),
        (".claude.json.backup", 1_795_450_001.0),
        (".claude.json.backup.1795450000000", 1_795_450_000.0),
        (".claude.json.backup.mine", 1000.0),
    ]


def test_no_more_than_twelve_copies_are_looked_at(tmp_path: Path) -> None:
    for number in range(20):
        write(tmp_path / ".claude" / "backups" / f".claude.json.backup.{STAMP + number}")
    found = copies_of(claude_homes(str(tmp_path), {}, (), FILES)[0], FILES)
    assert [int(path.rpartition(".")[2]) - STAMP for path, _ in found] == list(range(19, 7, -1))


@pytest.mark.parametrize(
    ("name", "text", "may"),
    [
        (".claude/.credentials.json", "{}", True),
        (".zshrc", "export ANTHROPIC_API_KEY=$(pass x)", True),
        (".config/fish/config.fish", "set -x ANTHROPIC_AUTH_TOKEN y", True),
        (".bashrc", "alias ls='ls -l'", False),
        ("notes.txt", "ANTHROPIC_API_KEY", False),
    ],
)
def test_a_login_or_a_start_file_may_give_a_key(tmp_path: Path, name: str, text: str, may: bool) -> None:
    write(tmp_path / name, text)
    assert may_log_in(str(tmp_path), claude_homes(str(tmp_path), {}, (), FILES)[0], FILES) is may


def test_a_start_file_that_cannot_be_read_may_give_one(tmp_path: Path) -> None:
    (tmp_path / ".profile").mkdir()
    assert may_log_in(str(tmp_path), claude_homes(str(tmp_path), {}, (), FILES)[0], FILES)


@contextmanager
def running(name: Path, home: Path, **variables: str) -> Iterator[int]:
    """A program of this name, with this home, that has begun (it has answered) and waits."""
    shutil.copy("/bin/cat", name)
    with subprocess.Popen(
        [name], env={"HOME": str(home), **variables}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write("are you there?\n")
        child.stdin.flush()
        child.stdout.readline()
        yield child.pid


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_processes_of_this_home_are_found_with_what_they_were_given(tmp_path: Path) -> None:
    variables = {"CLAUDE_CONFIG_DIR": "/srv/cfg", "ANTHROPIC_BASE_URL": "https://x", "SECRET": "y"}
    with running(tmp_path / "claude", tmp_path, **variables) as pid:
        for table in (False, True):
            found = _processes(tmp_path, table=table)
            assert [(one.pid, one.environment, directory) for one, directory in found] == [
                (pid, {"ANTHROPIC_BASE_URL": "https://x"}, "/srv/cfg")
            ]
            assert not _processes(tmp_path / "elsewhere", table=table)
        assert not claude_processes(str(tmp_path), os.getuid() + 1)
    assert not claude_processes(str(tmp_path), os.getuid())


def _processes(home: Path, *, table: bool) -> tuple[tuple[claude_files.ClaudeProcess, str], ...]:
    with pytest.MonkeyPatch.context() as patch:
        if table:
            patch.setattr(claude_files.os.path, "isdir", lambda _path: False)
        return claude_processes(str(home), os.getuid())


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_a_process_that_does_not_tell_counts_and_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = claude_files._bytes

    def refuse(path: str) -> bytes:
        if path.endswith("/environ"):
            raise PermissionError(13, "no")
        return read(path)

    monkeypatch.setattr(claude_files, "_bytes", refuse)
    with running(tmp_path / "claude", tmp_path) as pid:
        found = claude_processes(str(tmp_path), os.getuid())
    assert (pid, None, "") in [(one.pid, one.environment, directory) for one, directory in found]
