"""The file of our own service: written whole, kept before it goes, and never through a link."""

import stat
from pathlib import Path

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.system.unit_files import keep_unit, read_unit, remove_unit, write_unit
from system.fakes import FakeClock


def test_it_is_written_where_no_folder_was_read_and_removed(tmp_path: Path) -> None:
    path = tmp_path / "a/b/x.service"
    assert read_unit(str(path)) is None
    write_unit(str(path), "one")
    write_unit(str(path), "two")
    assert read_unit(str(path)) == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    remove_unit(str(path))
    remove_unit(str(path))
    assert list(path.parent.iterdir()) == []


def test_a_link_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.service"
    path.symlink_to("/dev/null")
    with pytest.raises(ClawmendError, match=r"is a link to /dev/null.*unmask it first"):
        read_unit(str(path))
    path.unlink()
    path.symlink_to("mine")
    with pytest.raises(ClawmendError, match="is a link to mine, so it was left as it is; remove it"):
        read_unit(str(path))


def test_what_cannot_be_read_or_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.service").mkdir()
    with pytest.raises(ClawmendError, match="is a directory"):
        read_unit(str(tmp_path / "x.service"))
    with pytest.raises(ClawmendError, match=r"cannot write .*x\.service"):
        write_unit(str(tmp_path / "x.service"), "")
    assert [child.name for child in tmp_path.iterdir()] == ["x.service"]
    with pytest.raises(ClawmendError, match="cannot write /proc/clawmend"):
        write_unit("/proc/clawmend/x.service", "")


def test_what_is_kept_is_ours_alone(tmp_path: Path) -> None:
    kept = Path(keep_unit("/u/x.service", b"old", str(tmp_path / "state"), FakeClock(1234.5)))
    assert kept == tmp_path / "state/units/x.service.1234"
    assert kept.read_bytes() == b"old"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
