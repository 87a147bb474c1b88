"""Watching folders with watchdog: few of them, none with what is below it, and proof that the watching works.

inotify says nothing when a watch could not be set or when events were lost, so the watches that the kernel has are
counted, and a file of our own is written now and then: if that does not wake us, nothing would. Then, and where the
system gives no more watches, the files are looked at every few seconds instead. Source: facts on benches, "Watching".
"""

import errno
import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from clawmend.loop.places import Interest, Places
from clawmend.system.durable import TEMPORARY_MARK, private_folder

_CANARY = "canary"
CANARY_SECONDS = 2.0
_NO_THREADS = f"see: {'systemctl --user show -p TasksMax clawmend; ' * (sys.platform == 'linux')}ulimit -u"
_INSTEAD = "files are looked at every few seconds instead"
_LOST = f"the system has dropped watches; {_INSTEAD}"
_REMEDIES = {
    errno.ENOSPC: "raise fs.inotify.max_user_watches",
    errno.EMFILE: "raise fs.inotify.max_user_instances",
    errno.ENFILE: "raise fs.file-max",
}


class Watching(Protocol):
    """Watches folders and tells of changes that matter."""

    @property
    def problem(self) -> str:
        """One sentence when changes may go unnoticed until the next sweep; empty when all is well."""
        ...

    def arm(self, places: Places) -> bool:
        """Watch these folders from now on; True when watches had to be set, so that something may have been missed."""
        ...

    def proven(self) -> frozenset[str]:
        """The folders in which a change would wake us."""
        ...

    def prove(self) -> bool:
        """Find out whether a change is noticed at all; takes up to two seconds when it is not.

        Where there could be no watching at all, the next `arm` tries anew.
        """
        ...

    def close(self) -> None:
        """Watch nothing any more."""
        ...


@dataclass(slots=True)
class _Watched:
    """One folder: watchdog's own handle, the folder's identity when it was set, and what matters in it."""

    handle: Any
    identity: tuple[int, int]
    interest: Interest


class RealWatching:
    """The folders of this machine. `changed` is called from another thread with the path of a change that matters."""

    def __init__(self, state: str, changed: Callable[[str], None]) -> None:
        self._state, self._changed = state, changed
        self._own = os.path.realpath(state)
        self._observer: Any = None
        self._unavailable = ""  # why there can be no observer, for now
        self._watched: dict[str, _Watched] = {}
        self._canary = threading.Event()
        self._refused: dict[str, str] = {}
        self._deaf = ""
        self._has_missed = False
        self._complaints = _Complaints(self._missed)
        private_folder(state)

    @property
    def problem(self) -> str:
        """See Watching.problem."""
        if self._deaf and self._own not in self._refused:
            return self._deaf
        if self._refused:
            first = next(iter(self._refused.values()))
            wanted = len(self._watched) + len(self._refused)
            return f"{len(self._refused)} of {wanted} folders are not watched, {_INSTEAD}: {first}"
        return ""

    def arm(self, places: Places) -> bool:
        """See Watching.arm."""
        canary = Interest(frozenset({_CANARY}))
        wanted = {self._own: canary, **places}  # ours first: without it nobody can tell whether the others work
        wanted[self._own] |= canary
        fresh, self._has_missed = self._has_missed, False
        has_lost_some = self._has_lost_some()  # a folder that was deleted and made anew may be of the same identity
        for folder, watched in tuple(self._watched.items()):
            if has_lost_some or folder not in wanted or _identity(folder) != watched.identity:
                self._drop(folder)
        self._refused.clear()
        if self._observer is None and not self._unavailable:
            self._begin()
        for folder, interest in wanted.items():
            before = self._watched.get(folder)
            if before is not None:
                before.interest = interest
            elif self._set(folder, interest):
                fresh = True
        if self._deaf == _LOST and not self._has_lost_some():
            self._deaf = ""
        return fresh

    def proven(self) -> frozenset[str]:
        """See Watching.proven."""
        return frozenset() if self._deaf or self._has_lost_some() else frozenset(self._watched)

    def prove(self) -> bool:
        """See Watching.prove."""
        if self._unavailable:
            self._unavailable = ""
            return False
        if self._has_lost_some():
            self._deaf = _LOST
            return False
        self._canary.clear()
        try:
            with open(os.path.join(self._state, _CANARY), "w", encoding="ascii", opener=_private) as file:
                file.write("a change that nobody but clawmend needs to notice\n")
        except OSError as error:
            self._deaf = (
                f"{self._state} cannot be written ({error.strerror}), so nobody can tell whether watching works"
            )
            return False
        heard = self._canary.wait(CANARY_SECONDS)
        self._deaf = "" if heard else f"changes are not noticed; {_INSTEAD}"
        return heard

    def close(self) -> None:
        """See Watching.close."""
        self._complaints.end()
        self._end()

    def _begin(self) -> None:
        from watchdog.observers import Observer  # noqa: PLC0415 - only the watcher itself watches

        try:
            observer = Observer()
            observer.start()
        except OSError as error:
            remedy = _REMEDIES.get(error.errno or 0, "see: ulimit -n")
            self._unavailable = f"{error.strerror or error}; {remedy}"
        except RuntimeError as error:
            self._unavailable = f"{error}; {_NO_THREADS}"
        else:
            self._observer = observer

    def _end(self) -> None:
        observer, self._observer = self._observer, None
        self._watched.clear()
        if observer is not None:
            observer.stop()
            observer.join(1.0)

    def _set(self, folder: str, interest: Interest) -> bool:
        if self._observer is None:
            self._refused[folder] = self._unavailable
            return False
        try:
            identity = _identity(folder)
            if identity is not None and not os.access(folder, os.R_OK):  # watchdog would keep silent about it
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            handle = self._observer.schedule(
                _handler(self._heard), folder, recursive=False, event_filter=_event_filter()
            )
        except OSError as error:
            remedy = _REMEDIES.get(error.errno or 0, f"see: ls -ld {folder}")
            self._refused[folder] = f"{folder}: {error.strerror or error}; {remedy}"
            return False
        except RuntimeError as error:  # what watchdog had begun for this folder nobody can take back
            self._unavailable = f"{error}; {_NO_THREADS}"
            self._refused.update(dict.fromkeys((*self._watched, folder), self._unavailable))
            self._end()
            return False
        if identity is None:
            self._observer.unschedule(handle)
            return False
        self._watched[folder] = _Watched(handle, identity, interest)
        return True

    def _drop(self, folder: str) -> None:
        try:
            self._observer.unschedule(self._watched.pop(folder).handle)
        except KeyError:
            return  # its thread has ended with the folder, and the observer forgot it by itself

    def _has_lost_some(self) -> bool:
        counted = _kernel_watches()
        return counted is not None and counted < len(self._watched)

    def _missed(self) -> None:
        self._has_missed = True
        self._changed(self._state)

    def _heard(self, path: str) -> None:
        folder, name = os.path.split(path)
        if name == _CANARY and folder == self._own:
            self._canary.set()
            return
        known = self._watched.get(folder)
        if known is not None and TEMPORARY_MARK not in name and known.interest.covers(name):
            self._changed(path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


class _Complaints(logging.Handler):
    """What watchdog complains of in its own log, above all a queue that ran over: something may have been missed."""

    def __init__(self, missed: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._missed = missed
        self._logger = logging.getLogger("watchdog")
        self._logger.addHandler(self)
        self._logger.propagate = False

    def emit(self, record: logging.LogRecord) -> None:
        """Take it as a reason to look, instead of words on standard error."""
        del record
        self._missed()

    def end(self) -> None:
        """Listen no more."""
        self._logger.removeHandler(self)
        self._logger.propagate = True


def _handler(heard: Callable[[str], None]) -> Any:
    """What watchdog calls. It passes on both ends of an event: a rename tells of the old name and of the new one."""
    from watchdog.events import FileSystemEvent, FileSystemEventHandler  # noqa: PLC0415 - only the watcher watches

    class Handler(FileSystemEventHandler):
        def dispatch(self, event: FileSystemEvent) -> None:
            for path in (event.src_path, event.dest_path):
                if path:
                    heard(os.fsdecode(path))

    return Handler()


def _event_filter() -> list[Any]:
    """What says that something is different; opening and reading is what we do ourselves."""
    from watchdog import events  # noqa: PLC0415 - as above

    return [
        events.FileClosedEvent,
        events.FileMovedEvent,
        events.FileCreatedEvent,
        events.FileDeletedEvent,
        events.DirCreatedEvent,
        events.DirMovedEvent,
        events.DirDeletedEvent,
        *([] if sys.platform == "linux" else [events.FileModifiedEvent]),
    ]


def _identity(folder: str) -> tuple[int, int] | None:
    try:
        found = os.stat(folder)
    except OSError:
        return None
    return (found.st_dev, found.st_ino)


def _kernel_watches() -> int | None:
    """How many inotify watches this process has, as the kernel counts them; None where it does not say."""
    if sys.platform != "linux":
        return None
    total = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(f"/proc/self/fd/{name}") == "anon_inode:inotify":
                with open(f"/proc/self/fdinfo/{name}", encoding="ascii") as file:
                    total += sum(line.startswith("inotify ") for line in file)
        except FileNotFoundError:
            continue  # the descriptor with which the folder was listed
    return total
