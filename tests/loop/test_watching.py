"""Watching with the real inotify: what is heard, what is not, and what is said when nothing can be."""

import errno
import logging
import os
import queue
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from clawmend.loop import watching
from clawmend.loop.places import Interest
from clawmend.loop.watching import RealWatching
from system.fakes import NOBODY, as_another_user

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these count inotify's watches")

MODELS = Interest(frozenset({"models.json"}))


class Heard:
    """A watching, and the paths that it has told of."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.paths: queue.Queue[str] = queue.Queue()
        self.watching = RealWatching(str(state), self.paths.put)

    def next(self) -> str:
        return self.paths.get(timeout=10)

    def nothing_but(self, sentinel: Path) -> None:
        """Events come in order: when the next one is this one's, there was nothing before it."""
        sentinel.write_text("{}")
        assert self.next() == str(sentinel)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "agent"
    folder.mkdir()
    return folder


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Heard]:
    heard = Heard(tmp_path / "state")
    yield heard
    heard.watching.close()


def test_a_change_that_matters_is_heard_and_no_other(heard: Heard, folder: Path) -> None:
    assert heard.watching.arm({str(folder): MODELS})
    (folder / "other.json").write_text("{}")
    (folder / "models.json.clawmend-1234").write_text("{}")
    (folder / "below").mkdir()
    (folder / "below" / "models.json").write_text("{}")
    heard.nothing_but(folder / "models.json")


def test_both_names_of_a_rename_are_heard(heard: Heard, folder: Path) -> None:
    (folder / "new").write_text("{}")
    heard.watching.arm({str(folder): MODELS})
    os.rename(folder / "new", folder / "models.json")
    assert heard.next() == str(folder / "models.json")
    os.rename(folder / "models.json", folder / "old")
    assert heard.next() == str(folder / "models.json")


def test_what_is_watched_already_is_not_armed_anew_but_its_interest_is(heard: Heard, folder: Path) -> None:
    heard.watching.arm({str(folder): MODELS})
    assert not heard.watching.arm({str(folder): Interest(frozenset({"auth.json"}))})
    (folder / "models.json").write_text("{}")
    heard.nothing_but(folder / "auth.json")


def test_what_is_no_longer_wanted_is_dropped(heard: Heard, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    heard.watching.arm({str(folder): MODELS})
    heard.watching.arm({str(other): MODELS})
    assert heard.watching.proven() == {str(other), str(tmp_path / "state")}
    (folder / "models.json").write_text("{}")
    heard.nothing_but(other / "models.json")


def test_a_folder_in_the_place_of_another_is_armed_anew(heard: Heard, folder: Path, tmp_path: Path) -> None:
    heard.watching.arm({str(folder): MODELS})
    os.rename(folder, tmp_path / "away")
    folder.mkdir()
    assert heard.watching.arm({str(folder): MODELS})
    heard.nothing_but(folder / "models.json")


def test_a_folder_that_was_deleted_and_made_anew_is_armed_anew_even_if_it_looks_the_same(
    heard: Heard, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_identity", lambda path: (1, 1) if os.path.isdir(path) else None)
    heard.watching.arm({str(folder): MODELS})
    shutil.rmtree(folder)
    folder.mkdir()
    for _ in range(1000):  # until watchdog has taken note of it
        if heard.watching._has_lost_some():
            break
        heard.watching._canary.wait(0.01)
    assert not heard.watching.prove()
    assert heard.watching.problem.startswith("the system has dropped watches")
    assert heard.watching.proven() == frozenset()
    assert heard.watching.arm({str(folder): MODELS})
    assert heard.watching.problem == ""
    assert heard.watching.prove()
    heard.nothing_but(folder / "models.json")


def test_a_folder_that_is_gone_is_not_armed_and_no_problem(heard: Heard, folder: Path, tmp_path: Path) -> None:
    heard.watching.arm({str(folder): MODELS, str(tmp_path / "gone"): MODELS})
    assert str(tmp_path / "gone") not in heard.watching.proven()


def test_the_canary_proves_that_changes_are_noticed_and_wakes_nobody(heard: Heard, folder: Path) -> None:
    heard.watching.arm({str(folder): MODELS})
    assert heard.watching.prove()
    assert heard.watching.problem == ""
    assert heard.watching.proven() == {str(folder), str(heard.state)}
    heard.nothing_but(folder / "models.json")


def test_when_the_canary_is_not_heard_it_is_said(heard: Heard, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "CANARY_SECONDS", 0.01)
    heard.watching.arm({str(folder): MODELS})
    monkeypatch.setattr(heard.watching, "_heard", lambda _path: None)
    monkeypatch.setattr(heard.watching, "_own", "/elsewhere")
    assert not heard.watching.prove()
    assert heard.watching.problem == "changes are not noticed; files are looked at every few seconds instead"
    assert heard.watching.proven() == frozenset()


def test_a_canary_that_cannot_be_written_proves_nothing(heard: Heard) -> None:
    heard.watching.arm({})
    (heard.state / "canary").mkdir()
    assert not heard.watching.prove()
    assert heard.watching.problem.endswith(
        "cannot be written (Is a directory), so nobody can tell whether watching works"
    )


@pytest.mark.parametrize(
    ("number", "remedy"), [(errno.ENOSPC, "raise fs.inotify.max_user_watches"), (errno.EACCES, "see: ls -ld ")]
)
def test_a_watch_that_is_refused_is_told_with_its_remedy_and_tried_again(
    heard: Heard, folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, remedy: str
) -> None:
    heard.watching.arm({})
    schedule = heard.watching._observer.schedule

    def refuse(handler: Any, path: str, **options: Any) -> Any:
        if path == str(folder):
            raise OSError(number, os.strerror(number))
        return schedule(handler, path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(heard.watching._observer, "schedule", refuse)
        heard.watching.arm({str(folder): MODELS})
    assert heard.watching.problem.startswith(
        f"1 of 2 folders are not watched, {watching._INSTEAD}: {folder}: {os.strerror(number)}; "
    )
    assert remedy in heard.watching.problem
    assert heard.watching.proven() == {str(heard.state)}
    assert heard.watching.arm({str(folder): MODELS})
    assert heard.watching.problem == ""


def test_without_a_watch_for_the_canary_the_reason_is_told(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any, **_options: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(watching, "CANARY_SECONDS", 0.01)
    monkeypatch.setattr(BaseObserver, "schedule", refuse)
    heard.watching.arm({})
    assert not heard.watching.prove()
    assert heard.watching.problem.endswith("No space left on device; raise fs.inotify.max_user_watches")


def test_a_folder_that_may_not_be_read_is_refused_and_no_watch_is_missed() -> None:
    with tempfile.TemporaryDirectory() as name:
        public = Path(name)
        public.chmod(0o711)
        locked, fine = public / "locked", public / "fine"
        locked.mkdir(0o700)
        locked.chmod(0o000 if os.geteuid() else 0o700)  # root's own, for whoever is not root
        fine.mkdir()
        fine.chmod(0o755)
        state = public / "state"
        state.mkdir(0o700)
        if os.geteuid() == 0:
            os.chown(state, NOBODY, NOBODY)

        def look() -> tuple[bool, bool, str, int]:
            watching = RealWatching(str(state), lambda _path: None)
            first, again = (watching.arm({str(locked): MODELS, str(fine): MODELS}) for _ in range(2))
            found = first, again, watching.problem, len(watching.proven())
            watching.close()
            return found

        first, again, problem, proven = as_another_user(look)
        locked.chmod(0o700)
    assert (first, again, proven) == (True, False, 2)
    assert f"{locked}: Permission denied; see: ls -ld {locked}" in problem
    assert problem.startswith("1 of 3 folders are not watched")


class TestNoObserver:
    """The system gives no inotify instance, or no thread: all is looked at, and it is tried again."""

    @pytest.mark.parametrize(
        ("error", "told"),
        [
            (OSError(errno.EMFILE, "inotify instance limit reached"), "raise fs.inotify.max_user_instances"),
            (OSError(errno.ENFILE, "Too many open files in system"), "raise fs.file-max"),
            (OSError(errno.ENOMEM, "Cannot allocate memory"), "see: ulimit -n"),
            (RuntimeError("can't start new thread"), "TasksMax"),
        ],
    )
    def test_it_is_said_and_tried_anew_when_it_was_proved_that_nothing_is_heard(
        self, heard: Heard, folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
    ) -> None:
        def refuse(*_arguments: Any, **_options: Any) -> Any:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(Observer, "__init__", refuse)
            assert not heard.watching.arm({str(folder): MODELS})
            assert heard.watching.problem.startswith(f"2 of 2 folders are not watched, {watching._INSTEAD}: ")
            assert told in heard.watching.problem
            assert heard.watching.proven() == frozenset()
            assert not heard.watching.prove()
            assert not heard.watching.arm({str(folder): MODELS})
        assert not heard.watching.arm({str(folder): MODELS})  # not at every turn
        assert not heard.watching.prove()
        assert heard.watching.arm({str(folder): MODELS})
        assert heard.watching.prove()
        assert heard.watching.problem == ""
        (folder / "models.json").write_text("{}")
        assert heard.next() == str(folder / "models.json")

    def test_without_a_thread_for_one_folder_none_is_watched(
        self, heard: Heard, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        heard.watching.arm({})
        other = tmp_path / "other"
        other.mkdir()
        start = threading.Thread.start

        def refuse(thread: threading.Thread) -> None:
            if getattr(getattr(thread, "watch", None), "path", "") == str(other):
                raise RuntimeError("can't start new thread")
            start(thread)

        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            heard.watching.arm({str(folder): MODELS, str(other): MODELS})
        assert heard.watching.problem.startswith(f"3 of 3 folders are not watched, {watching._INSTEAD}: can't start")
        assert heard.watching.proven() == frozenset()
        assert not heard.watching.prove()
        assert heard.watching.arm({str(folder): MODELS, str(other): MODELS})
        assert heard.watching.prove()
        (other / "models.json").write_text("{}")
        assert heard.next() == str(other / "models.json")


def test_what_watchdog_complains_of_is_a_reason_to_look(
    heard: Heard, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heard.watching.arm({str(folder): MODELS})
    assert not heard.watching.arm({str(folder): MODELS})
    logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed; filesystem events were lost")
    assert heard.next() == str(heard.state)
    assert heard.watching.arm({str(folder): MODELS})
    assert not heard.watching.arm({str(folder): MODELS})
    assert capsys.readouterr().err == ""


def test_a_folder_that_goes_while_it_is_armed_is_not_kept(
    heard: Heard, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_identity", lambda path: None if path == str(folder) else (1, 1))
    heard.watching.arm({str(folder): MODELS})
    assert heard.watching.proven() == {str(heard.state)}


def test_a_watch_that_watchdog_has_forgotten_by_itself_is_dropped_all_the_same(heard: Heard, folder: Path) -> None:
    heard.watching.arm({str(folder): MODELS})
    heard.watching._observer.unschedule_all()
    assert heard.watching.arm({str(folder): MODELS})
    heard.nothing_but(folder / "models.json")


def test_what_is_closed_hears_nothing_any_more(heard: Heard, folder: Path) -> None:
    heard.watching.arm({str(folder): MODELS})
    heard.watching.close()
    (folder / "models.json").write_text("{}")
    assert heard.paths.empty()
    assert heard.watching._complaints not in logging.getLogger("watchdog").handlers


def test_elsewhere_nobody_counts_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching.sys, "platform", "darwin")
    assert watching._kernel_watches() is None
    assert len(watching._event_filter()) == 8  # macOS has no event for closing a file
