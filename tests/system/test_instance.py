"""One watcher per home, and a sentence where the state folder cannot be used."""

import errno
from pathlib import Path

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.system import instance
from clawmend.system.instance import only_watcher


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
