import os
import re
import resource
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.errors import ClawmendError, StaleError
from clawmend.core.state import Absent, Contents, Found, Identity, Unreadable
from clawmend.system import slot
from clawmend.system.blobs import Blobs, digest
from clawmend.system.files import RealFiles
from clawmend.system.pretend import DryRunFiles, ReadOnlyFiles
from clawmend.system.reading import identity_of
from system.fakes import NOBODY, as_another_user, run_on_own_mounts, tree

FILES = RealFiles()


def _unreadable(contents: Contents) -> Unreadable:
    assert isinstance(contents, Unreadable)
    return contents


class TestEveryStateOfAPath:
    def test_a_file_is_found_with_its_bytes_and_identity(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"\xff\x00 text")
        path.chmod(0o640)
        os.utime(path, ns=(5, 1_700_000_000_123_456_789))

        found = FILES.read(str(path))

        assert isinstance(found, Found)
        assert found.data == b"\xff\x00 text"
        assert found.identity == identity_of(path.stat())
        assert (found.identity.mode, found.identity.mtime_ns) == (0o640, 1_700_000_000_123_456_789)

    def test_nothing_there_is_absent(self, tmp_path: Path) -> None:
        assert FILES.read(str(tmp_path / "a")) == Absent(str(tmp_path / "a"))

    def test_below_something_that_is_no_folder_is_absent(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"")
        assert isinstance(FILES.read(str(tmp_path / "a" / "b")), Absent)

    def test_a_directory_is_said_to_be_one(self, tmp_path: Path) -> None:
        assert _unreadable(FILES.read(str(tmp_path))).problem == "is a directory"

    def test_the_advice_about_a_directory_loses_nothing_that_is_in_it(self, tmp_path: Path) -> None:
        """It may be a whole home that a setting names in the place of a file."""
        folder = tmp_path / "a b"
        folder.mkdir()
        assert _unreadable(FILES.read(str(folder))).remedy == f"it is empty: rmdir '{folder}'"
        (folder / "a").mkdir()
        remedy = "a file has to be there, or another one be named; look into the folder first: ls "
        assert _unreadable(FILES.read(str(folder))).remedy == f"{remedy}'{folder}'"

    def test_nobody_is_told_to_move_a_device(self) -> None:
        assert _unreadable(FILES.read("/dev/null")).remedy == "see what it is: ls -ld /dev/null"

    def test_a_fifo_does_not_block(self, tmp_path: Path) -> None:
        path = tmp_path / "fifo"
        os.mkfifo(path)
        found = _unreadable(FILES.read(str(path)))
        assert found.problem == "is not a regular file"
        assert found.remedy == f"move it out of the way: mv {path} {path}.aside"

    def test_a_device_is_not_read(self) -> None:
        assert _unreadable(FILES.read("/dev/zero")).problem == "is not a regular file"

    def test_a_link_that_leads_nowhere_is_not_absent(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(tmp_path / "gone")
        assert "leads nowhere" in _unreadable(FILES.read(str(tmp_path / "link"))).problem

    def test_a_loop_of_links_is_said_to_be_one(self, tmp_path: Path) -> None:
        (tmp_path / "a").symlink_to(tmp_path / "b")
        (tmp_path / "b").symlink_to(tmp_path / "a")
        assert _unreadable(FILES.read(str(tmp_path / "a"))).problem == "is a loop of symbolic links"

    def test_a_name_that_is_too_long_is_a_state_and_no_exception(self, tmp_path: Path) -> None:
        assert isinstance(FILES.read(str(tmp_path / ("a" * 300))), Unreadable)

    def test_what_another_user_owns_is_unreadable(self, public: Path) -> None:
        path = public / "a"
        path.write_bytes(b"secret")
        path.chmod(0o600 if os.geteuid() == 0 else 0o000)

        state = _unreadable(as_another_user(lambda: FILES.read(str(path))))

        assert state.problem == "may not be accessed by this user"
        assert state.remedy == f"see who owns it with: ls -ld {path}"

    def test_a_file_in_a_closed_folder_is_unreadable_and_not_absent(self, public: Path) -> None:
        folder = public / "closed"
        folder.mkdir()
        (folder / "a").write_bytes(b"")
        folder.chmod(0o700 if os.geteuid() == 0 else 0o000)
        try:
            assert isinstance(as_another_user(lambda: FILES.read(str(folder / "a"))), Unreadable)
            assert as_another_user(lambda: FILES.names(str(folder))) == ()
        finally:
            folder.chmod(0o700)

    def test_a_file_that_is_too_big_is_never_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "big"
        with path.open("wb") as file:
            file.truncate(100 * 2**20)

        def refuse(descriptor: int, length: int) -> bytes:
            raise AssertionError((descriptor, length))

        monkeypatch.setattr(os, "read", refuse)

        assert "is 100 MB, more than the 64 MB" in _unreadable(FILES.read(str(path))).problem

    def test_a_file_that_grows_without_end_is_given_up(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "log"
        path.write_bytes(b"x")
        monkeypatch.setattr(os, "read", lambda _descriptor, length: b"x" * length)
        assert "grows beyond 4 MB" in _unreadable(FILES.read(str(path), limit=4 * 2**20)).problem

    def test_a_failing_disk_is_a_state_and_no_exception(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"x")

        def fail(_descriptor: int, _length: int) -> bytes:
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(os, "read", fail)
        assert "EIO" in _unreadable(FILES.read(str(path))).problem

    def test_too_many_open_files_are_a_state_and_no_exception(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"x")
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        lowest = os.dup(0)
        os.close(lowest)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
        try:
            state = FILES.read(str(path))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert "too many files are open" in _unreadable(state).problem

    @pytest.mark.parametrize("name", ["with space", "new\nline", os.fsdecode(b"\xff\xfe"), "'\"$(echo)`", "-rf"])
    def test_names_may_hold_anything(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / name
        path.write_bytes(b"old")

        FILES.replace(str(path), b"new", expected=b"old")

        assert path.read_bytes() == b"new"
        assert FILES.names(str(tmp_path)) == (name,)

    def test_a_folder_that_is_none_has_no_names(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        assert FILES.names(str(tmp_path / "gone")) == ()
        assert FILES.names(str(tmp_path / "file")) == ()
        assert FILES.is_directory(str(tmp_path))
        assert not FILES.is_directory(str(tmp_path / "file"))

    def test_what_is_no_file_is_told_from_a_file_and_from_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        (tmp_path / "link").symlink_to("file")
        (tmp_path / "nowhere").symlink_to("gone")
        os.mkfifo(tmp_path / "pipe")
        names = ("file", "link", "nowhere", "gone", "pipe", ".")
        assert [name for name in names if FILES.is_special(str(tmp_path / name))] == ["pipe", "."]


class TestReplacing:
    @pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o444])
    def test_mode_and_owner_stay(self, tmp_path: Path, mode: int) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"old")
        path.chmod(mode)
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)
        before = path.stat()

        FILES.replace(str(path), b"new", expected=b"old")

        after = path.stat()
        assert path.read_bytes() == b"new"
        assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
        assert list(tmp_path.iterdir()) == [path]

    def test_a_new_file_is_private(self, tmp_path: Path) -> None:
        FILES.replace(str(tmp_path / "a"), b"new", expected=None)
        assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600

    def test_extended_attributes_stay(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"old")
        try:
            os.setxattr(path, "user.note", b"keep me")
        except OSError:
            pytest.skip("this file system has no extended attributes")

        FILES.replace(str(path), b"new", expected=b"old")

        assert os.getxattr(path, "user.note") == b"keep me"

    def test_access_lists_stay(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"old")
        path.chmod(0o640)
        # version 2; user:: rw-, user:nobody r--, group:: r--, mask:: r--, other:: ---
        entries = [(1, 6, 0xFFFFFFFF), (2, 4, NOBODY), (4, 4, 0xFFFFFFFF), (16, 4, 0xFFFFFFFF), (32, 0, 0xFFFFFFFF)]
        access = (2).to_bytes(4, "little") + b"".join(
            tag.to_bytes(2, "little") + rights.to_bytes(2, "little") + who.to_bytes(4, "little")
            for tag, rights, who in entries
        )
        try:
            os.setxattr(path, "system.posix_acl_access", access)
        except OSError:
            pytest.skip("this file system has no access lists")
        mode = path.stat().st_mode

        FILES.replace(str(path), b"new", expected=b"old")

        assert os.getxattr(path, "system.posix_acl_access") == access
        assert path.stat().st_mode == mode

    def test_it_writes_through_a_chain_of_links_and_leaves_the_links(self, tmp_path: Path) -> None:
        real = tmp_path / "dotfiles" / "real.json"
        real.parent.mkdir()
        real.write_bytes(b"old")
        (tmp_path / "middle").symlink_to("dotfiles/real.json")
        (tmp_path / "link").symlink_to(tmp_path / "middle")

        FILES.replace(str(tmp_path / "link"), b"new", expected=b"old")

        assert real.read_bytes() == b"new"
        assert os.readlink(tmp_path / "link") == str(tmp_path / "middle")
        assert os.readlink(tmp_path / "middle") == "dotfiles/real.json"
        assert list(real.parent.iterdir()) == [real]

    def test_a_file_with_two_names_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"old")
        os.link(path, tmp_path / "b")

        with pytest.raises(ClawmendError, match=re.escape("has 2 names (hard links)")):
            FILES.replace(str(path), b"new", expected=b"old")

        assert path.read_bytes() == b"old"
        assert FILES.names(str(tmp_path)) == ("a", "b")

    @pytest.mark.parametrize("expected", [b"older", b"", None])
    def test_another_content_than_expected_is_refused_and_leaves_nothing(
        self, tmp_path: Path, expected: bytes | None
    ) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"old")
        before = tree(tmp_path)

        with pytest.raises(StaleError, match="was changed by somebody else"):
            FILES.replace(str(path), b"new", expected=expected)

        assert tree(tmp_path) == before

    def test_a_file_that_has_gone_is_not_made_anew(self, tmp_path: Path) -> None:
        with pytest.raises(StaleError):
            FILES.replace(str(tmp_path / "a"), b"new", expected=b"old")
        assert tree(tmp_path) == {}

    def test_a_change_while_the_new_bytes_are_written_is_noticed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"old")
        fsync = os.fsync

        def interfere(descriptor: int) -> None:
            path.write_bytes(b"theirs")
            fsync(descriptor)

        monkeypatch.setattr(os, "fsync", interfere)

        with pytest.raises(StaleError):
            FILES.replace(str(path), b"new", expected=b"old")

        assert path.read_bytes() == b"theirs"
        assert FILES.names(str(tmp_path)) == ("a",)

    def test_a_directory_in_the_place_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ClawmendError, match="is a directory"):
            FILES.replace(str(tmp_path), b"new", expected=None)

    def test_a_loop_of_links_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a").symlink_to("a")
        with pytest.raises(ClawmendError, match="loop of symbolic links"):
            FILES.replace(str(tmp_path / "a"), b"new", expected=None)

    def test_an_identity_puts_back_mode_owner_and_time(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"old")
        path.chmod(0o644)
        owner = NOBODY if os.geteuid() == 0 else os.geteuid()
        group = NOBODY if os.geteuid() == 0 else os.getegid()
        identity = Identity(0, 0, 0o600, owner, group, 3, 1_600_000_000_000_000_001)

        FILES.replace(str(path), b"new", expected=b"old", identity=identity)

        status = path.stat()
        assert stat.S_IMODE(status.st_mode) == 0o600
        assert (status.st_uid, status.st_gid, status.st_mtime_ns) == (owner, group, 1_600_000_000_000_000_001)

    def test_a_removed_file_comes_back_with_its_identity(self, tmp_path: Path) -> None:
        identity = Identity(0, 0, 0o640, os.geteuid(), os.getegid(), 3, 1_600_000_000_000_000_001)
        FILES.replace(str(tmp_path / "a"), b"new", expected=None, identity=identity)
        status = (tmp_path / "a").stat()
        assert (stat.S_IMODE(status.st_mode), status.st_mtime_ns) == (0o640, 1_600_000_000_000_000_001)

    def test_a_read_only_folder_is_refused_in_a_sentence(self, public: Path) -> None:
        path = public / "a"
        path.write_bytes(b"old")
        path.chmod(0o666)
        public.chmod(0o555)
        before = tree(public)
        try:
            with pytest.raises(ClawmendError, match="it may not be accessed by this user; see who owns it"):
                as_another_user(lambda: FILES.replace(str(path), b"new", expected=b"old"))
            with pytest.raises(ClawmendError, match="cannot remove"):
                as_another_user(lambda: FILES.remove(str(path), expected=b"old"))
        finally:
            public.chmod(0o755)
        assert tree(public) == before

    def test_a_folder_that_may_be_written_but_not_listed_is_refused_before_the_file_is_changed(
        self, public: Path
    ) -> None:
        folder = public / "drop"
        folder.mkdir()
        path = folder / "a"
        path.write_bytes(b"old")
        path.chmod(0o666)
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)
            os.chown(folder, NOBODY, NOBODY)
        folder.chmod(0o300)
        try:
            with pytest.raises(ClawmendError):
                as_another_user(lambda: FILES.replace(str(path), b"new", expected=b"old"))
            with pytest.raises(ClawmendError):
                as_another_user(lambda: FILES.remove(str(path), expected=b"old"))
        finally:
            folder.chmod(0o755)
        assert tree(folder)["a"][1] == b"old"
        assert FILES.names(str(folder)) == ("a",)

    def test_a_file_system_that_cannot_sync_folders_is_no_failure(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"old")
        fsync = os.fsync

        def refuse_folders(descriptor: int) -> None:
            if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                raise OSError(22, "Invalid argument")
            fsync(descriptor)

        monkeypatch.setattr(os, "fsync", refuse_folders)

        FILES.replace(str(path), b"new", expected=b"old")

        assert path.read_bytes() == b"new"

    def test_a_disk_that_fills_up_leaves_the_file_and_no_temporary_one(self, tmp_path: Path) -> None:
        script = """
            mount -t tmpfs -o size=64k tmpfs "$1"
            printf old > "$1/a"
            "$PYTHON" - "$1/a" <<'PYTHON'
import os, sys
from clawmend.core.errors import ClawmendError
from clawmend.system.files import RealFiles
try:
    RealFiles().replace(sys.argv[1], b"x" * 100_000, expected=b"old")
except ClawmendError as error:
    print(error)
print(open(sys.argv[1]).read(), os.listdir(os.path.dirname(sys.argv[1])))
PYTHON
        """
        result = run_on_own_mounts(script, str(tmp_path))
        if result.returncode == 99:
            pytest.skip(result.stderr)
        assert result.returncode == 0, result.stderr
        said, left = result.stdout.splitlines()
        assert said == (f"cannot write {tmp_path}/a: it lies on a full disk; free some space and run clawmend again")
        assert left == "old ['a']"

    def test_a_read_only_file_system_is_refused_in_a_sentence(self, tmp_path: Path) -> None:
        script = """
            mount -t tmpfs tmpfs "$1"
            printf old > "$1/a"
            mount -o remount,bind,ro "$1"
            "$PYTHON" - "$1/a" <<'PYTHON'
import sys
from clawmend.core.errors import ClawmendError
from clawmend.system.files import RealFiles
for work in (
    lambda: RealFiles().replace(sys.argv[1], b"new", expected=b"old"),
    lambda: RealFiles().remove(sys.argv[1], expected=b"old"),
):
    try:
        work()
    except ClawmendError as error:
        print(error)
PYTHON
        """
        result = run_on_own_mounts(script, str(tmp_path))
        if result.returncode == 99:
            pytest.skip(result.stderr)
        assert result.returncode == 0, result.stderr
        assert result.stdout.splitlines() == [
            f"cannot {verb} {tmp_path}/a: it lies on a read-only file system; "
            "make the file system writable and run clawmend again"
            for verb in ("write", "remove")
        ]

    def test_a_file_that_is_its_own_mount_is_told_apart_and_can_be_written_in_place(self, tmp_path: Path) -> None:
        script = """
            mount -t tmpfs tmpfs "$1"
            printf old > "$1/a"; printf old > "$1/b"
            mount --bind "$1/b" "$1/a"
            "$PYTHON" - "$1/a" <<'PYTHON'
import os, sys
from clawmend.core.errors import MountedError
from clawmend.system.files import RealFiles
for work in (
    lambda: RealFiles().replace(sys.argv[1], b"new", expected=b"old"),
    lambda: RealFiles().remove(sys.argv[1], expected=b"old"),
):
    try:
        work()
    except MountedError as error:
        print(error.message, sorted(os.listdir(os.path.dirname(sys.argv[1]))))
RealFiles().overwrite(sys.argv[1], b"newer", expected=b"old")
print(open(sys.argv[1]).read(), sorted(os.listdir(os.path.dirname(sys.argv[1]))))
PYTHON
        """
        result = run_on_own_mounts(script, str(tmp_path))
        if result.returncode == 99:
            pytest.skip(result.stderr)
        assert result.returncode == 0, result.stderr
        refused = f"{tmp_path}/a is a mount point of its own; nothing can take its place ['a', 'b']"
        assert result.stdout.splitlines() == [refused, refused, "newer ['a', 'b']"]

    def test_a_reader_sees_the_old_bytes_or_the_new_ones_and_never_a_mixture(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        old, new = b"o" * 300_000, b"n" * 300_000
        path.write_bytes(old)
        seen: set[bytes] = set()
        stop = threading.Event()

        def watch() -> None:
            while not stop.is_set():
                seen.add(path.read_bytes())

        watcher = threading.Thread(target=watch)
        watcher.start()
        for before, after in [(old, new), (new, old)] * 10:
            FILES.replace(str(path), after, expected=before)
        stop.set()
        watcher.join()
        assert seen <= {old, new}


class TestOrder:
    def test_the_file_is_synced_before_it_gets_its_name_and_the_folder_after(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"old")
        steps = _record(monkeypatch)

        FILES.replace(str(path), b"new", expected=b"old")

        assert steps == ["chmod", "write", "fsync file", "swap a", "unlink", "fsync folder"]

    def test_a_new_file_is_synced_before_it_gets_its_name_too(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        steps = _record(monkeypatch)

        FILES.replace(str(tmp_path / "a"), b"new", expected=None)

        assert steps == ["write", "fsync file", "take a", "unlink", "fsync folder"]

    def test_a_removal_is_synced_too(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"old")
        steps = _record(monkeypatch)

        FILES.remove(str(path), expected=b"old")

        assert steps == ["take", "unlink", "fsync folder"]

    def test_a_file_of_our_own_is_synced_in_the_same_order(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        steps = _record(monkeypatch)
        Blobs(str(tmp_path)).keep([b"ours"])
        assert steps == ["write", "fsync file", f"rename {digest(b'ours')}", "fsync folder"]

    def test_a_short_write_is_continued(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write = os.write
        monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:2]))
        FILES.replace(str(tmp_path / "a"), b"longer than two", expected=None)
        assert (tmp_path / "a").read_bytes() == b"longer than two"

    @pytest.mark.parametrize("call", ["write", "fsync", "exchange", "rename", "fchmod", "open"])
    def test_whatever_call_fails_the_file_is_whole_and_no_other_is_left(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
    ) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"old")
        if call == "rename":
            monkeypatch.setattr(slot, "exchange", lambda *_arguments: False)
        module = slot if call == "exchange" else os
        real = getattr(module, call)

        def fail(*arguments: object, **options: object) -> object:
            if call == "open" and not str(arguments[0]).count(".clawmend-"):
                return real(*arguments, **options)
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(module, call, fail)

        with pytest.raises(ClawmendError, match=r"cannot write .*/a: it lies on a disk that fails \(EIO\)"):
            FILES.replace(str(path), b"new", expected=b"old")

        monkeypatch.undo()
        assert path.read_bytes() == b"old"
        assert FILES.names(str(tmp_path)) == ("a",)

    def test_our_own_files_stay_what_they_were_when_a_write_fails(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        blobs = Blobs(str(tmp_path))
        blobs.keep([b"old"])

        def fail(_descriptor: int) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(KeyboardInterrupt):
            blobs.keep([b"new"])
        assert blobs.read(str(digest(b"old"))) == b"old"
        assert FILES.names(str(tmp_path)) == (digest(b"old"),)


class TestRemoving:
    def test_it_removes_what_is_expected(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"old")
        FILES.remove(str(path), expected=b"old")
        assert not path.exists()

    def test_it_leaves_what_is_not(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"theirs")
        with pytest.raises(StaleError):
            FILES.remove(str(path), expected=b"old")
        assert path.read_bytes() == b"theirs"

    def test_of_a_link_the_target_goes(self, tmp_path: Path) -> None:
        (tmp_path / "real").write_bytes(b"old")
        (tmp_path / "link").symlink_to("real")
        FILES.remove(str(tmp_path / "link"), expected=b"old")
        assert FILES.names(str(tmp_path)) == ("link",)


class TestObstacles:
    def test_a_file_of_ours_has_none(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"")
        (tmp_path / "link").symlink_to("a")
        for name in ("a", "link", "not there yet"):
            assert FILES.obstacle(str(tmp_path / name)) is None
            assert DryRunFiles(FILES).obstacle(str(tmp_path / name)) is None

    def test_two_names_are_one(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"")
        os.link(tmp_path / "a", tmp_path / "b")
        assert "has 2 names (hard links)" in str(FILES.obstacle(str(tmp_path / "a")))

    def test_so_is_a_loop_of_links(self, tmp_path: Path) -> None:
        (tmp_path / "a").symlink_to("a")
        assert "loop of symbolic links" in str(FILES.obstacle(str(tmp_path / "a")))

    def test_so_are_a_closed_folder_and_another_owner(self, public: Path) -> None:
        (public / "a").write_bytes(b"")
        if os.geteuid() != 0:
            public.chmod(0o555)
        said = as_another_user(lambda: FILES.obstacle(str(public / "a")))
        assert said == f"the folder {public} cannot be written by this user"
        public.chmod(0o777)
        if os.geteuid() == 0:
            said = as_another_user(lambda: FILES.obstacle(str(public / "a")))
            assert said == f"{public}/a belongs to another user; run clawmend as its owner"


class TestModes:
    def test_read_only_refuses_every_write(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"old")
        files = ReadOnlyFiles(FILES)
        with pytest.raises(AssertionError):
            files.replace(str(tmp_path / "a"), b"new", expected=b"old")
        with pytest.raises(AssertionError):
            files.remove(str(tmp_path / "a"), expected=b"old")
        with pytest.raises(AssertionError):
            files.overwrite(str(tmp_path / "a"), b"new", expected=b"old")
        with pytest.raises(AssertionError):
            files.discard(str(tmp_path / "a"), "label")
        assert files.leftover(str(tmp_path / "a"), "label") is None
        found = files.read(str(tmp_path / "a"))
        assert isinstance(found, Found)
        assert found.data == b"old"
        assert files.names(str(tmp_path)) == ("a",)
        assert files.is_directory(str(tmp_path))
        assert files.is_special(str(tmp_path))

    def test_a_dry_run_remembers_its_writes_and_makes_none(self, tmp_path: Path) -> None:
        path, new = tmp_path / "a", tmp_path / "b"
        path.write_bytes(b"old")
        path.chmod(0o640)
        before = tree(tmp_path)
        files = DryRunFiles(ReadOnlyFiles(FILES))

        files.replace(str(path), b"new", expected=b"old")
        files.replace(str(new), b"born", expected=None)

        found, born = files.read(str(path)), files.read(str(new))
        assert isinstance(found, Found)
        assert isinstance(born, Found)
        assert (found.data, found.identity.mode) == (b"new", 0o640)
        assert (born.data, born.identity.mode) == (b"born", 0o600)
        files.remove(str(path), expected=b"new")
        assert files.read(str(path)) == Absent(str(path))
        assert tree(tmp_path) == before

    def test_a_dry_run_compares_as_the_real_one_does(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"theirs")
        files = DryRunFiles(FILES)
        refused: list[Callable[[], None]] = [
            lambda: files.replace(str(path), b"new", expected=b"old"),
            lambda: files.replace(str(path), b"new", expected=None),
            lambda: files.remove(str(path), expected=b"old"),
        ]
        for write in refused:
            with pytest.raises(StaleError):
                write()


def _record(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note the calls that make a write durable, in their order."""
    steps: list[str] = []
    fsync, rename, unlink, write, fchmod = os.fsync, os.rename, os.unlink, os.write, os.fchmod
    exchange, rename_to_free = slot.exchange, slot.rename_to_free

    def recorded_fsync(descriptor: int) -> None:
        folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        steps.append("fsync folder" if folder else "fsync file")
        fsync(descriptor)

    def named(verb: str, path: str) -> str:
        """The temporary name is another every time."""
        return verb if ".clawmend-" in path else f"{verb} {os.path.basename(path)}"

    def recorded_rename(source: str, target: str, **options: Any) -> None:
        steps.append(named("rename", target))
        rename(source, target, **options)

    def recorded_unlink(path: str, **options: Any) -> None:
        steps.append(named("unlink", path))
        unlink(path, **options)

    def recorded_exchange(folder: int, first: str, second: str) -> bool:
        steps.append(named("swap", second))
        return exchange(folder, first, second)

    def recorded_rename_to_free(folder: int, old: str, new: str) -> bool:
        steps.append(named("take", new))
        return rename_to_free(folder, old, new)

    def recorded_write(descriptor: int, data: bytes) -> int:
        steps.append("write")
        return write(descriptor, data)

    def recorded_fchmod(descriptor: int, mode: int) -> None:
        steps.append("chmod")
        fchmod(descriptor, mode)

    monkeypatch.setattr(os, "fsync", recorded_fsync)
    monkeypatch.setattr(os, "rename", recorded_rename)
    monkeypatch.setattr(os, "unlink", recorded_unlink)
    monkeypatch.setattr(slot, "exchange", recorded_exchange)
    monkeypatch.setattr(slot, "rename_to_free", recorded_rename_to_free)
    monkeypatch.setattr(os, "write", recorded_write)
    monkeypatch.setattr(os, "fchmod", recorded_fchmod)
    return steps


def test_a_folder_that_may_not_be_listed_says_why(public: Path) -> None:
    closed = public / "closed"
    closed.mkdir(mode=0)
    (public / "file").write_text("")
    for files in (FILES, ReadOnlyFiles(FILES), DryRunFiles(FILES)):
        found = as_another_user(lambda files=files: files.listing_problem(str(closed)))  # type: ignore[misc]
        assert found is not None
        assert (found.path, found.problem) == (str(closed), "may not be accessed by this user")
        for name in ("", "file", "gone", "file/below"):
            assert files.listing_problem(os.path.join(public, name)) is None
