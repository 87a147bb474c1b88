"""The memory on disk: private, whole, never written over when it cannot be read, and one writer at a time."""

import errno
import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from clawmend.core.budget import By, Restarted
from clawmend.core.errors import BusyError, ClawmendError
from clawmend.core.memory import Memory, Pause
from clawmend.system import memory as module
from clawmend.system.locks import own_lock
from clawmend.system.memory import Forgetting, MemoryStore
from system.fakes import DAEMON, FakeClock, as_another_user

NOW = 1_800_000_000.0


def paused(memory: Memory) -> Memory:
    return replace(memory, paused=Pause(NOW))


def restarted(memory: Memory) -> Memory:
    return memory.with_restart(Restarted(time=NOW + len(memory.restarts), directory="/h", by=By.US))


@pytest.fixture
def store(tmp_path: Path) -> MemoryStore:
    return MemoryStore(str(tmp_path / "state"), FakeClock())


class TestOnDisk:
    def test_reading_makes_nothing(self, store: MemoryStore, tmp_path: Path) -> None:
        assert store.read() == Memory()
        assert list(tmp_path.iterdir()) == []

    def test_what_is_changed_is_there_for_the_next_one(self, store: MemoryStore, tmp_path: Path) -> None:
        assert store.change(paused) == Memory(paused=Pause(NOW))
        assert MemoryStore(str(tmp_path / "state"), FakeClock()).read() == Memory(paused=Pause(NOW))

    def test_it_is_private(self, store: MemoryStore) -> None:
        store.change(paused)
        assert stat.S_IMODE(os.stat(store.path).st_mode) == 0o600
        assert stat.S_IMODE(os.stat(Path(store.path).parent).st_mode) == 0o700

    def test_what_changes_nothing_writes_nothing(self, store: MemoryStore) -> None:
        store.change(paused)
        before = os.stat(store.path).st_ino
        store.change(lambda memory: memory)
        assert os.stat(store.path).st_ino == before

    def test_what_a_killed_one_left_is_swept(self, store: MemoryStore) -> None:
        store.change(paused)
        left = Path(f"{store.path}.clawmend-0badf00d")
        left.write_text("half")
        store.change(restarted)
        assert sorted(one.name for one in left.parent.iterdir()) == ["lock", "memory.json"]


class TestDamage:
    @pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 1}', "[" * 100_000, "\x00" * 10])
    def test_it_is_said_and_never_written_over(self, store: MemoryStore, text: str) -> None:
        store.change(paused)
        Path(store.path).write_text(text)
        assert store.read().problem == f"{store.path} is damaged; to begin anew: mv {store.path} {store.path}.aside"
        with pytest.raises(ClawmendError, match=r"nothing can be remembered: .* is damaged"):
            store.change(restarted)
        assert Path(store.path).read_text() == text

    def test_one_of_a_newer_clawmend_is_left_alone(self, store: MemoryStore) -> None:
        store.change(paused)
        Path(store.path).write_text(json.dumps({"schema": 9}))
        assert "was written by a newer clawmend" in store.read().problem

    def test_a_folder_in_its_place_is_a_sentence(self, store: MemoryStore) -> None:
        Path(store.path).mkdir(parents=True)
        assert "is a directory" in store.read().problem

    def test_members_of_a_newer_clawmend_are_kept(self, store: MemoryStore) -> None:
        store.change(lambda memory: replace(memory, others={"later": 1}))
        store.change(paused)
        assert json.loads(Path(store.path).read_text())["later"] == 1


class TestNoPlaceForIt:
    def test_a_full_disk_leaves_the_old_one_whole(self, store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
        store.change(paused)
        before = Path(store.path).read_bytes()

        def full(*_arguments: object) -> str:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(module, "replace_whole", full)
        with pytest.raises(ClawmendError, match="No space left on device; free some space"):
            store.change(restarted)
        assert Path(store.path).read_bytes() == before

    def test_space_is_no_remedy_on_a_disk_that_only_may_not_be_written(
        self, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refused(*_arguments: object) -> str:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))

        monkeypatch.setattr(module, "replace_whole", refused)
        with pytest.raises(ClawmendError, match="Read-only file system; name another folder with --state-dir"):
            store.change(paused)

    def test_a_rename_that_fails_leaves_no_litter(self, store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
        store.change(paused)

        def refused(*_arguments: object) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        monkeypatch.setattr(os, "replace", refused)
        with pytest.raises(ClawmendError):
            store.change(restarted)
        assert sorted(os.listdir(Path(store.path).parent)) == ["lock", "memory.json"]

    def test_a_folder_that_may_not_be_written_is_a_sentence(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o755)
        shut = MemoryStore(str(tmp_path / "state"), FakeClock())
        (tmp_path / "state").mkdir(mode=0o555)

        def change() -> Memory:
            return shut.change(paused)

        if os.geteuid() != 0:
            with pytest.raises(ClawmendError, match="nothing can be remembered in"):
                as_another_user(change)


class TestSeveralAtOnce:
    def test_one_that_is_held_is_waited_for_and_then_given_up(self, store: MemoryStore) -> None:
        store.change(paused)
        clock = FakeClock()
        with own_lock(str(Path(store.path).parent)), pytest.raises(BusyError):
            MemoryStore(str(Path(store.path).parents[1]), clock).change(restarted)
        assert 5.0 <= sum(clock.slept) < 6.0

    def test_no_change_of_four_processes_is_lost(self, store: MemoryStore) -> None:
        store.change(paused)
        state = str(Path(store.path).parents[1])
        command = [sys.executable, "-c", REJECT_TEN, state]
        environment = {**os.environ, "PYTHONPATH": str(DAEMON)}
        workers = [subprocess.Popen([*command, str(number)], env=environment) for number in range(4)]
        assert [worker.wait(60) for worker in workers] == [0] * 4
        assert len(store.read().rejected) == 40


REJECT_TEN = """
import sys
from clawmend.core.budget import Fault
from clawmend.core.memory import Rejected
from clawmend.system.machine import RealClock
from clawmend.system.memory import MemoryStore
store = MemoryStore(sys.argv[1], RealClock())
for place in range(10):
    one = Rejected(Fault(f"{sys.argv[2]}-{place}", ""), 1.0)
    store.change(lambda memory: memory.with_rejected((one,)))
"""


def test_who_keeps_nothing_remembers_as_long_as_it_lives() -> None:
    forgetting = Forgetting()
    assert forgetting.read() == Memory()
    assert forgetting.change(paused).paused == Pause(NOW)
    assert forgetting.read().paused == Pause(NOW)
