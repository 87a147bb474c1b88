"""One restart of a gateway at a time."""

import os
from pathlib import Path

import pytest

from clawmend.core.errors import BusyError, ClawmendError
from clawmend.system.restart_lock import restart_lock
from system.fakes import FakeClock


def test_a_second_clawmend_waits_and_gives_up(tmp_path: Path) -> None:
    clock = FakeClock()
    with (
        restart_lock(str(tmp_path), "/h/.openclaw", FakeClock(), 5),
        pytest.raises(BusyError, match="another clawmend is restarting this gateway"),
        restart_lock(str(tmp_path), "/h/.openclaw", clock, 5),
    ):
        pass
    assert sum(clock.slept) == 5.0


def test_it_goes_on_as_soon_as_the_first_one_is_done(tmp_path: Path) -> None:
    clock = FakeClock()
    first = restart_lock(str(tmp_path), "/h/.openclaw", FakeClock(), 5)
    first.__enter__()
    clock.on_sleep = lambda: first.__exit__(None, None, None) and None if len(clock.slept) == 2 else None
    with restart_lock(str(tmp_path), "/h/.openclaw", clock, 5):
        assert clock.slept == [0.5, 0.5]


def test_another_gateway_is_nobodys_business(tmp_path: Path) -> None:
    clock = FakeClock()
    with restart_lock(str(tmp_path), "/h/.openclaw", clock, 5), restart_lock(str(tmp_path), "/h/.openclaw-x", clock, 5):
        assert clock.slept == []
    assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o600, 0o600]


def test_a_link_to_the_folder_is_the_same_gateway(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with (
        restart_lock(str(tmp_path), str(tmp_path / "real"), FakeClock(), 0),
        pytest.raises(BusyError),
        restart_lock(str(tmp_path), str(tmp_path / "link"), FakeClock(), 0),
    ):
        pass


def test_it_never_follows_a_link_of_somebody_else(tmp_path: Path) -> None:
    with restart_lock(str(tmp_path), "/h/.openclaw", FakeClock(), 0):
        (name,) = os.listdir(tmp_path)
    (tmp_path / name).unlink()
    (tmp_path / name).symlink_to(tmp_path / "elsewhere")
    with (
        pytest.raises(ClawmendError, match="cannot use the state folder"),
        restart_lock(str(tmp_path), "/h/.openclaw", FakeClock(), 0),
    ):
        pass
    assert not (tmp_path / "elsewhere").exists()
