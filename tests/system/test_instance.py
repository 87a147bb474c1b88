"""One watcher per home, and the next one may come as soon as the first is gone, however it went."""

import errno
import os
import stat
from pathlib import Path

import pytest

from clawmend.core.errors import BusyError, ClawmendError
from clawmend.system import instance
from clawmend.system.instance import only_watcher


def lock_of(state: Path) -> Path:
    (lock,) = state.iterdir()
    return lock


def test_the_second_one_is_told_who_the_first_one_is(tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    with only_watcher(state, "/home/a"):
        with pytest.raises(
            BusyError, match=rf"watches /home/a already \(process {os.getpid()}\); see: clawmend status"
        ):
            only_watcher(state, "/home/a").__enter__()
        with only_watcher(state, "/home/b"):
            pass  # another home is none of its business
    with only_watcher(state, "/home/a"):
        pass


def test_the_same_home_by_another_path_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "home")
    state = str(tmp_path / "state")
    with only_watcher(state, str(tmp_path / "home")), pytest.raises(BusyError):
        only_watcher(state, str(tmp_path / "link")).__enter__()


def test_the_lock_is_private_and_holds_one_number(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with only_watcher(str(state), "/home/a"):
        pass
    lock_of(state).write_text("4711471147114711\n")
    with only_watcher(str(state), "/home/a"):
        assert lock_of(state).read_text() == f"{os.getpid()}\n"
    assert stat.S_IMODE(lock_of(state).stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_a_lock_of_somebody_who_has_not_said_a_number_yet(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with only_watcher(str(state), "/home/a"):
        lock_of(state).write_text("")
        with pytest.raises(BusyError, match="process unknown"):
            only_watcher(str(state), "/home/a").__enter__()


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with only_watcher(str(state), "/home/a"):
        pass
    lock = lock_of(state)
    lock.unlink()
    (tmp_path / "precious").write_text("precious")
    lock.symlink_to(tmp_path / "precious")
    with pytest.raises(ClawmendError, match=r"cannot use the state folder [^;]*; name another folder with --state-dir"):
        only_watcher(str(state), "/home/a").__enter__()
    assert (tmp_path / "precious").read_text() == "precious"


def test_a_full_disk_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(instance, "write_all", full)
    with (
        pytest.raises(ClawmendError, match=r"No space left on device; free some space"),
        only_watcher(str(tmp_path), str(tmp_path)),
    ):
        pass
    monkeypatch.undo()
    with only_watcher(str(tmp_path), str(tmp_path)):
        assert any(path.name.startswith("watch-") for path in tmp_path.iterdir())
