"""Full, read-only, locked-down and oddly mounted disks: a sentence, nothing half done, and it works again after."""

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from faults.bed import Bed
from faults.figures import note
from faults.five import CLAUDE, CONFIGURATION, MODELS, NAMES, new, old
from faults.mounts import mounted, private_mounts

pytestmark = pytest.mark.faults

_GET_FLAGS, _SET_FLAGS = 0x80086601, 0x40086602
_IMMUTABLE, _APPEND_ONLY = 0x10, 0x20
PAGE = 4096
_FULL, _READ_ONLY = "lies on a full disk; free some space", "read-only file system"


@pytest.fixture(autouse=True)
def _own_mounts() -> Iterator[None]:
    with private_mounts():
        yield


@pytest.fixture
def bed(tmp_path: Path) -> Bed:
    return Bed(tmp_path / "home", tmp_path / "state").laid()


@contextmanager
def _tmpfs(folder: Path, options: str) -> Iterator[Path]:
    folder.mkdir(exist_ok=True)
    with mounted(folder, "-t", "tmpfs", "-o", options, "tmpfs"):
        yield folder


def _fill(folder: Path, leave: int = 0) -> Path:
    """Take every byte of a disk but some pages."""
    filler = folder / "filler"
    with open(filler, "wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * PAGE)
    os.truncate(filler, filler.stat().st_size - leave * PAGE)
    return filler


def _take_inodes(folder: Path, leave: int) -> None:
    taken = 0
    with suppress(OSError):
        while True:
            (folder / f"taken-{taken}").touch()
            taken += 1
    for number in range(leave):
        (folder / f"taken-{number}").unlink()


@contextmanager
def _flagged(path: Path, flag: int) -> Iterator[None]:
    """Set a flag as chattr(1) does."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        try:
            (flags,) = struct.unpack("l", fcntl.ioctl(descriptor, _GET_FLAGS, bytes(8)))
            fcntl.ioctl(descriptor, _SET_FLAGS, struct.pack("l", flags | flag))
        except OSError as error:
            pytest.skip(f"needs a file system with chattr: {error.strerror}")
        try:
            yield
        finally:
            fcntl.ioctl(descriptor, _SET_FLAGS, struct.pack("l", flags))
    finally:
        os.close(descriptor)


class TestFull:
    def test_a_full_home_is_refused_and_stays_whole(self, tmp_path: Path) -> None:
        with _tmpfs(tmp_path / "home", "size=2m") as home:
            bed = Bed(home, tmp_path / "state").laid()
            filler = _fill(home)
            bed.is_refused(bed.repair(), str(home), _FULL)
            filler.unlink()
            bed.works_again()

    def test_a_full_state_folder_is_refused_before_anything_is_changed(self, bed: Bed) -> None:
        with _tmpfs(bed.state, "size=1m") as state:
            filler = _fill(state)
            bed.is_refused(bed.repair(), str(state), "cannot write", "free")
            filler.unlink()
            bed.works_again()

    def test_a_home_that_is_full_when_it_is_undone_stays_repaired(self, tmp_path: Path) -> None:
        with _tmpfs(tmp_path / "home", "size=2m") as home:
            bed = Bed(home, tmp_path / "state").laid()
            assert bed.repair().code == 0
            filler = _fill(home)
            run = bed.undo()
            bed.has_sentence(run, _FULL)
            assert run.code == 2
            bed.is_repaired()
            filler.unlink()
            bed.can_be_undone()

    @pytest.mark.parametrize("where", ["home", "state", "both"])
    @pytest.mark.parametrize("what", ["bytes", "inodes"])
    def test_however_much_is_left_on_the_disk_it_is_all_or_nothing(self, tmp_path: Path, where: str, what: str) -> None:
        refused, left = 0, 0
        for left in range(60):
            folder = tmp_path / f"disk-{left}"
            with _tmpfs(folder, "size=2m,nr_inodes=64"):
                places = {"home": folder / "home", "state": tmp_path / f"state-{left}"}
                if where == "state":
                    places = {"home": tmp_path / f"home-{left}", "state": folder / "state"}
                elif where == "both":
                    places["state"] = folder / "state"
                bed = Bed(places["home"], places["state"]).laid()
                if what == "bytes":
                    _fill(folder, left)
                else:
                    _take_inodes(folder, left)
                if bed.is_all_or_nothing(bed.repair()):
                    break
                refused += 1
                for taken in (folder / "filler", *folder.glob("taken-*")):
                    taken.unlink(missing_ok=True)
                assert bed.repair().code == 0
                bed.is_repaired()
        note(f"full disk ({where}, {what}): refused with 0 to {left - 1} left, done with {left}")
        assert 1 <= refused == left


class TestReadOnly:
    def test_a_read_only_home_is_refused(self, bed: Bed) -> None:
        with mounted(bed.home, "--bind", "-o", "ro", bed.home):
            bed.is_refused(bed.repair(), str(bed.home))
        bed.works_again()

    def test_a_read_only_home_is_said_to_be_read_only(self, bed: Bed) -> None:
        with mounted(bed.home, "--bind", "-o", "ro", bed.home):
            bed.is_refused(bed.repair(), _READ_ONLY)

    def test_a_read_only_state_folder_is_refused(self, bed: Bed) -> None:
        bed.state.mkdir()
        with mounted(bed.state, "--bind", "-o", "ro", bed.state):
            run = bed.repair()
            bed.is_refused(run, str(bed.state), "Read-only file system", "--state-dir")
        bed.works_again()

    @pytest.mark.parametrize("name", [CLAUDE, MODELS])
    def test_a_single_read_only_file_is_refused_or_held(self, bed: Bed, name: str) -> None:
        path = bed.home / name
        with mounted(path, "--bind", "-o", "ro", path):
            bed.is_held(bed.repair(), name, name)
        bed.works_again()

    def test_a_home_that_has_become_read_only_cannot_be_undone_and_stays_repaired(self, bed: Bed) -> None:
        assert bed.repair().code == 0
        with mounted(bed.home, "--bind", "-o", "ro", bed.home):
            run = bed.undo()
            bed.has_sentence(run, str(bed.home), _READ_ONLY)
            assert run.code == 2
            bed.is_repaired()
        bed.can_be_undone()


class TestFlags:
    @pytest.mark.parametrize("name", NAMES)
    @pytest.mark.parametrize("flag", [_IMMUTABLE, _APPEND_ONLY], ids=["immutable", "append-only"])
    def test_a_flagged_file_is_refused_or_held(self, bed: Bed, name: str, flag: int) -> None:
        path = bed.home / name
        with _flagged(path, flag):
            bed.is_held(bed.repair(), name, name)
        bed.works_again()

    def test_the_remedy_for_a_flagged_file_is_not_to_look_who_owns_it(self, bed: Bed) -> None:
        with _flagged(bed.home / MODELS, _IMMUTABLE):
            bed.has_sentence(bed.repair(), "lsattr")

    @pytest.mark.parametrize("name", [CLAUDE, CONFIGURATION, MODELS])
    def test_an_immutable_folder_is_refused_or_held(self, bed: Bed, name: str) -> None:
        folder = (bed.home / name).parent
        with _flagged(folder, _IMMUTABLE):
            run = bed.repair()
            bed.has_sentence(run, folder.name)
            assert run.code in {1, 2}
            assert bed.contents[name] == old()[name]
            assert bed.leftovers == []
            if bed.contents != dict(old()):
                bed.can_be_undone()
        bed.works_again()

    @pytest.mark.parametrize("name", [CLAUDE, MODELS])
    def test_an_append_only_folder_leaves_every_file_whole_and_nothing_that_the_next_repair_does_not_clear(
        self, bed: Bed, name: str
    ) -> None:
        """In such a folder names can be made and never taken away: not even our temporary file, until it ends."""
        folder = (bed.home / name).parent
        with _flagged(folder, _APPEND_ONLY):
            run = bed.repair()
            bed.has_sentence(run, folder.name)
            assert run.code in {1, 2}
            assert all(data in {old()[one], new()[one]} for one, data in bed.contents.items())
            assert bed.contents[name] == old()[name]
        assert bed.undo("--recover").code == 0
        assert bed.leftovers == []
        if bed.contents != dict(old()):
            bed.can_be_undone()
        bed.works_again()


class TestSingleFileMounts:
    @pytest.mark.parametrize("name", [CLAUDE, CONFIGURATION, MODELS])
    def test_a_file_that_is_its_own_mount_is_repaired_in_place_and_undone(
        self, bed: Bed, tmp_path: Path, name: str
    ) -> None:
        """As a container has it: `-v ~/.claude.json:/root/.claude.json`."""
        path, outside = bed.home / name, tmp_path / "outside"
        outside.mkdir()
        source = outside / path.name
        source.write_bytes(old()[name])
        source.chmod(0o600)
        with mounted(path, "--bind", source):
            os.utime(path, ns=(1_700_000_000_123_456_789,) * 2)
            inode = source.stat().st_ino
            run = bed.repair()
            assert run.code == 0, run
            bed.is_repaired()
            assert source.read_bytes() == new()[name]
            bed.can_be_undone()
            assert (source.read_bytes(), source.stat().st_ino) == (old()[name], inode)
            assert list(outside.iterdir()) == [source]
        bed.works_again()

    def test_both_of_them_on_a_full_disk_are_refused_or_repaired_and_whole(self, bed: Bed, tmp_path: Path) -> None:
        """A write in place on a full disk could leave half a file; there must be room, or no write."""
        with _tmpfs(tmp_path / "outside", "size=256k") as outside:
            for name in (CLAUDE, CONFIGURATION):
                (outside / Path(name).name).write_bytes(old()[name])
            _fill(outside)
            with (
                mounted(bed.home / CLAUDE, "--bind", outside / Path(CLAUDE).name),
                mounted(bed.home / CONFIGURATION, "--bind", outside / Path(CONFIGURATION).name),
            ):
                bed.is_all_or_nothing(bed.repair())
