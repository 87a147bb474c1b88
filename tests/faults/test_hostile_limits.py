"""Limits, other users and other clocks: a sentence or a whole repair, and a whole undo."""

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from clawmend.system.machine import RealClock
from faults.bed import Bed
from faults.figures import note
from faults.five import CLAUDE, MODELS, NAMES, PROFILES, VERSION, clawmend, lay, new, old
from system.fakes import NOBODY

pytestmark = pytest.mark.faults

AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


@pytest.fixture
def bed(tmp_path: Path) -> Bed:
    return Bed(tmp_path / "home", tmp_path / "state").laid()


@pytest.fixture
def theirs() -> Iterator[Bed]:
    """The home of another user, in a folder that this user may enter."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("giving a home to another user needs root and setpriv")
    with tempfile.TemporaryDirectory(prefix="clawmend-test-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - another user shall look
        for name in ("home", "states"):
            Path(folder, name).mkdir(mode=0o700)
        bed = Bed(Path(folder, "home"), Path(folder, "states", "clawmend")).laid()
        for place, inner, files in os.walk(folder):
            for name in (*inner, *files):
                os.chown(os.path.join(place, name), NOBODY, NOBODY)
        yield bed


def _limited(name: str, value: int) -> tuple[str, ...]:
    if shutil.which("prlimit") is None:
        pytest.skip("limits need prlimit")
    return ("prlimit", f"--{name}={value}")


def _strangers(folder: Path, owner: int) -> list[str]:
    """What below a folder does not belong to the owner."""
    found = [Path(place, name) for place, inner, files in os.walk(folder) for name in (*inner, *files)]
    return [str(path) for path in found if path.lstat().st_uid != owner]


class TestLimits:
    def test_a_limit_on_the_size_of_files_is_a_refusal_in_a_sentence(self, bed: Bed) -> None:
        bed.is_refused(bed.repair(prefix=_limited("fsize", 4096)), "cannot write")
        bed.works_again()

    def test_whatever_the_limit_on_the_size_of_files_it_is_all_or_nothing(self, tmp_path: Path) -> None:
        done = []
        for limit in (0, 1, 200, 500, 1000, 1500, 2000, 3000, 19_363, 19_364, 30_000):
            bed = Bed(tmp_path / f"home-{limit}", tmp_path / f"state-{limit}").laid()
            if bed.is_all_or_nothing(bed.repair(prefix=_limited("fsize", limit))):
                done.append(limit)
                bed.can_be_undone()
            else:
                bed.works_again()
        note(f"limit on the size of files: repaired from {done[0]} bytes on")
        assert 19_363 not in done
        assert 30_000 in done

    def test_however_few_files_may_be_open_it_is_all_or_nothing(self, tmp_path: Path) -> None:
        done, never_began = [], []
        for limit in range(3, 16):
            bed = Bed(tmp_path / f"home-{limit}", tmp_path / f"state-{limit}").laid()
            run = bed.repair(prefix=_limited("nofile", limit))
            if _never_began(run.err):
                never_began.append(limit)
                assert bed.contents == dict(old())
            elif run.code in {0, 2} and bed.is_all_or_nothing(run):
                done.append(limit)
            assert run.code != 3, (limit, run)
            bed.works_again() if run.code else bed.can_be_undone()
        note(f"limit on open files: Python itself does not start with {never_began}, repaired with {done}")
        assert 15 in done

    def test_however_little_memory_there_is_it_is_all_or_nothing(self, tmp_path: Path) -> None:
        done, codes = [], {}
        for megabytes in range(20, 300, 14):
            bed = Bed(tmp_path / f"home-{megabytes}", tmp_path / f"state-{megabytes}").laid()
            padding = b'{"padding": "' + b"x" * 15_000_000 + b'", '
            large = padding + old()[CLAUDE].lstrip(b"{")
            lay(bed.home, {CLAUDE: large})
            run = bed.repair(prefix=_limited("as", megabytes * 2**20))
            began = not _never_began(run.err)
            codes[megabytes] = run.code if began else "-"
            found = bed.contents
            whole = {CLAUDE: large}, {CLAUDE: padding + (new()[CLAUDE] or b"").lstrip(b"{")}
            if began and run.code and found not in (dict(old()) | whole[0], new() | whole[1]):
                # There was no memory either to put back what was changed: that is left to recovery.
                assert bed.run("undo", "--recover").code == 0
                found = bed.contents
            assert found in (dict(old()) | whole[0], new() | whole[1]), megabytes
            if not began:
                continue
            assert run.code != 3, (megabytes, run.err)
            assert bed.leftovers == []
            if run.code == 0:
                done.append(megabytes)
                break
        note(f"limit on memory (15 MB to repair): exit codes by MB {codes}")
        assert done
        assert 2 in codes.values()


def _never_began(said: str) -> bool:
    """Python itself, or a library that it loads, had no room: no line of clawmend's was run."""
    return bool(
        re.search(r"Fatal Python error|error while loading shared libraries|Could not find|ImportError", said)
    ) or ("Traceback" in said and "guarded" not in said)


class TestOtherUsers:
    def test_root_repairs_for_a_user_and_everything_stays_the_users(self, theirs: Bed) -> None:
        assert theirs.repair().code == 0
        theirs.is_repaired()
        assert _strangers(theirs.home, NOBODY) == []
        assert _strangers(theirs.state.parent, NOBODY) == []

    def test_the_user_can_undo_what_root_did_and_root_what_the_user_did(self, theirs: Bed) -> None:
        theirs.repair()
        undone = theirs.undo(prefix=AS_NOBODY)
        assert undone.code == 0, undone
        assert theirs.contents == dict(old())
        repaired = theirs.repair(prefix=AS_NOBODY)
        assert repaired.code == 0, repaired
        theirs.can_be_undone()
        assert _strangers(theirs.home, NOBODY) == []
        assert _strangers(theirs.state.parent, NOBODY) == []

    def test_a_state_folder_of_roots_stays_roots(self, theirs: Bed, tmp_path: Path) -> None:
        bed = Bed(theirs.home, tmp_path / "state")
        bed.works_again()
        assert _strangers(bed.home, NOBODY) == []
        assert _strangers(bed.state, 0) == []

    @pytest.mark.parametrize("mode", [0o600, 0o644], ids=["unreadable", "readable"])
    @pytest.mark.parametrize("name", [CLAUDE, MODELS, PROFILES])
    def test_a_file_of_another_user_is_left_alone_with_a_sentence(self, theirs: Bed, name: str, mode: int) -> None:
        path = theirs.home / name
        os.chown(path, 0, 0)
        path.chmod(mode)
        run = theirs.repair(prefix=AS_NOBODY)
        theirs.is_held(run, name, name)
        assert stat.S_IMODE(path.stat().st_mode) == mode
        os.chown(path, NOBODY, NOBODY)
        path.chmod(0o600)
        run = theirs.repair(prefix=AS_NOBODY)
        assert run.code == 0, run
        theirs.is_repaired()

    def test_a_home_that_this_user_may_only_look_at_is_refused(self, theirs: Bed) -> None:
        for place, inner, files in os.walk(theirs.home.parent):
            for name in (*inner, *files):
                os.chown(os.path.join(place, name), 0, 0)
                os.chmod(os.path.join(place, name), 0o644 if name in files else 0o755)
        bed = Bed(theirs.home, theirs.home.parent / "their-state")
        bed.state.mkdir()
        os.chown(bed.state, NOBODY, NOBODY)
        bed.is_refused(bed.repair(prefix=AS_NOBODY), "belongs to another user")


class TestClocks:
    @pytest.mark.parametrize("seconds", [0, 1, 4_102_444_800, 7_258_118_400], ids=["1970", "1970+1", "2100", "2200"])
    def test_files_of_any_time_are_repaired_and_get_that_time_back(self, bed: Bed, seconds: int) -> None:
        when = seconds * 10**9 + 123_456_788
        for name in NAMES:
            os.utime(bed.home / name, ns=(when, when))
            if (bed.home / name).stat().st_mtime_ns != when:
                pytest.skip(f"needs a file system that knows the time {seconds}")
        assert bed.repair().code == 0
        bed.is_repaired()
        assert bed.undo().code == 0
        assert bed.contents == dict(old())
        assert {(bed.home / name).stat().st_mtime_ns for name in NAMES} == {when}

    def test_a_clock_that_jumps_between_the_runs_confuses_nobody(
        self, bed: Bed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        where = ("--home", str(bed.home), "--state-dir", str(bed.state))
        for year in (7_258_118_400.0, 0.0, 1_800_000_000.0, 4e9, 1.0):
            monkeypatch.setattr(RealClock, "now", lambda _self, year=year: year)
            answer = clawmend("repair", *where, *VERSION)
            assert answer.code == 0, answer
            bed.is_repaired()
            monkeypatch.setattr(RealClock, "now", lambda _self, year=year: abs(5e9 - year))
            answer = clawmend("undo", *where)
            assert answer.code == 0, answer
            assert bed.contents == dict(old())
        assert clawmend("backups", "verify", *where).code == 0
        assert bed.leftovers == []
