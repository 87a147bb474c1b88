"""The sweeps can fail: writers that are known to be careless are caught, and a call that is refused did not happen."""

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from faults import syscalls
from faults.aftermath import Acts
from faults.figures import note
from faults.injection import Call, Kill, run
from faults.stage import REPAIR, bytes_of
from faults.sweep import Nth
from system.fakes import DAEMON

pytestmark = pytest.mark.faults

# What a run calls besides, and what changes no file.
_HARMLESS = """
    arch_prctl brk clock_gettime clock_nanosleep clone clone3 close connect dup dup2 dup3 epoll_create1 execve exit
    exit_group fadvise64 futex getcwd getegid geteuid getgid getpid getppid getpeername getrandom getresgid
    getresuid getrlimit getsockname getsockopt gettid getuid ioctl kill lseek madvise mmap mprotect mremap munmap
    pipe2 poll ppoll prctl prlimit64 recvfrom recvmsg restart_syscall rseq rt_sigaction rt_sigprocmask rt_sigreturn
    sched_yield sched_getaffinity select sendto set_robust_list set_tid_address setsockopt sigaltstack socket statfs
    fstatfs statx sysinfo umask uname vfork wait4 bind
"""


def _in_place(acts: Acts) -> Callable[[], int]:
    def work() -> int:
        for path, new in zip(acts.stage.five, bytes_of(acts.new), strict=True):
            with open(path, "wb") as file:
                file.write(new or b"{}")
        return 0

    return work


def _one_by_one(acts: Acts) -> Callable[[], int]:
    def work() -> int:
        for path, old, new in zip(acts.stage.five, acts.old, bytes_of(acts.new), strict=True):
            beside = f"{path}.clawmend-0"
            if new is None:
                os.unlink(path)
                continue
            with open(beside, "wb") as file:
                file.write(new)
            os.chmod(beside, old[1] if old else 0o600)
            os.rename(beside, path)
        return 0

    return work


def _killed_everywhere(acts: Acts, work: Callable[[], int]) -> tuple[list[str], list[str]]:
    """What is torn and what is mixed after a kill before any call of the work."""
    torn: list[str] = []
    mixed: list[str] = []
    for n in range(1, 200):
        acts.stage.lay()
        killer = Nth(n, Kill)
        ended = run(work, killer, acts.stage.root)
        if killer.hit is None:
            assert ended.code == 0, ended.said
            break
        assert ended.code == -signal.SIGKILL
        torn += acts.torn()
        mixed += acts.mixed()
    return torn, mixed


def test_a_writer_in_place_is_caught_with_a_torn_file(acts: Acts) -> None:
    torn, _ = _killed_everywhere(acts, _in_place(acts))
    note(f"sweep: control: a writer in place was caught {len(torn)} times")
    assert any("neither old nor new: (b''" in problem for problem in torn)


def test_a_writer_that_renames_one_file_after_the_other_is_caught_with_a_mixture(acts: Acts) -> None:
    torn, mixed = _killed_everywhere(acts, _one_by_one(acts))
    note(f"sweep: control: a writer without a journal was caught {len(mixed)} times")
    assert torn == []
    for kept in ("new old old old old", "new new new old old", "new new new new old"):
        assert any(kept in problem for problem in mixed)
    assert any("left behind" in problem for problem in mixed)


def test_a_call_that_is_killed_or_refused_does_not_happen(acts: Acts) -> None:
    path = acts.stage.home.path / "made"

    def work() -> int:
        try:
            path.mkdir()
        except OSError as error:
            return error.errno or 0
        return 0

    root = acts.stage.root
    assert run(work, Nth(1, errno.EDQUOT), root).code == errno.EDQUOT
    assert run(work, Nth(1, Kill), root).code == -signal.SIGKILL
    assert not path.exists()
    assert run(work, Nth(2, Kill), root).code == 0
    assert path.is_dir()


def test_calls_beside_an_open_folder_and_on_open_files_are_met_with_their_paths(acts: Acts) -> None:
    home = acts.stage.home.path
    met: list[Call] = []

    def work() -> int:
        folder = os.open(home, os.O_RDONLY)
        descriptor = os.open("one", os.O_CREAT | os.O_WRONLY, dir_fd=folder)
        os.write(descriptor, b"x")
        os.rename("one", "two", src_dir_fd=folder, dst_dir_fd=folder)
        os.unlink("two", dir_fd=folder)
        return 0

    assert run(work, met.append, acts.stage.root).code == 0
    assert [call.path for call in met] == [f"{home}/one"] * 3 + [f"{home}/two"]


def test_no_call_of_a_repair_that_could_change_a_file_escapes_the_sweep(acts: Acts, tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("a second opinion on the calls of a repair needs strace")
    acts.stage.lay()
    met: Counter[str] = Counter()

    def count(call: Call) -> None:
        met[call.name] += 1

    assert acts.stage.run_watched(count, *REPAIR).code == 0
    acts.stage.lay()
    place = ("--home", str(acts.stage.home.path), "--state-dir", str(acts.stage.home.state))
    words = (*place, "--openclaw-version", "2026.3.2", *REPAIR)
    log = tmp_path / "strace"
    environment = {**os.environ, "PYTHONPATH": str(DAEMON), "PYTHONDONTWRITEBYTECODE": "1"}
    command = ["strace", "-f", "-qq", "-y", "-o", str(log), sys.executable, "-m", "clawmend", *words]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    if "ptrace" in ended.stderr:
        pytest.skip(f"a second opinion on the calls of a repair needs strace: {ended.stderr}")
    assert ended.returncode == 0, ended.stderr
    lines = [line for line in log.read_text(errors="replace").splitlines() if re.match(r"\d+ +\w+\(", line)]
    names = Counter(line.split(maxsplit=1)[1].partition("(")[0] for line in lines)
    assert names.keys() - set(_HARMLESS.split()) - syscalls.ALL.keys() == set()
    ours = Counter(
        line.split(maxsplit=1)[1].partition("(")[0] for line in lines if f"{acts.stage.root}/" in line
    )  # those on the home and the state folder
    moving = {"rename", "renameat", "renameat2", "unlink", "unlinkat", "fsync", "mkdir", "rmdir", "fchmod"}
    assert {name: ours[name] for name in moving if ours[name]} == {name: met[name] for name in moving if met[name]}
    note(f"sweep: strace and the listener agree on {sum(met[name] for name in moving)} calls of a repair")
