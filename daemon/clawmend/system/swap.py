"""Compare-and-swap on the disk: a file is replaced only while it is what the plan was made from.

The new content is written and synced under a temporary name, then swapped with the file in one step, and what came
out is compared. If somebody wrote in between, the swap is taken back and StaleError says so: their edit wins. A read
lease keeps those who write in place out for the moment it takes. Where the system cannot swap, the file is compared
and then renamed over. Everything happens in one opened folder, so a link that is swapped in is never followed.
"""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

from clawmend.core.errors import ClawmendError, StaleError, StrayError
from clawmend.core.state import Found, Identity, Unreadable
from clawmend.system.durable import flush, sync_folder, write_all, write_temporary
from clawmend.system.lease import Answer, is_waited_for, read_lease, write_lease
from clawmend.system.reading import identity_of
from clawmend.system.slot import Slot, slot

Guard = Callable[[], AbstractContextManager[None]]


def replace(
    path: str,
    data: bytes,
    *,
    expected: bytes | None,
    identity: Identity | None = None,
    label: str = "",
    guard: Guard = nullcontext,
) -> None:
    """See Files.replace; OSError as the system says it."""
    with slot(path, label) as place:
        was: Found | None = None
        with place.opened() as descriptor:
            if descriptor is not None:
                was = _expected(place, descriptor, expected)
                _refuse_hard_links(path, was)
            elif expected is not None:
                raise place.changed()
            source = descriptor if identity is None else None
            like = identity or (was.identity if was else None)
            write_temporary(place.folder, place.temporary, data, like=like, source=source)
        with _tidied(place, data, expected):
            with guard():
                if was is None or expected is None:
                    place.take_free_name()
                else:
                    _swap(place, data, expected, was.identity)
            place.discard()
            sync_folder(place.folder)


def remove(path: str, *, expected: bytes, label: str = "", guard: Guard = nullcontext) -> None:
    """See Files.remove. Of a symbolic link the target is removed and the link stays."""
    with slot(path, label) as place:
        with guard():
            _move_away(place, expected)
        with _tidied(place, expected, None):
            place.discard()
            sync_folder(place.folder)


def overwrite(
    path: str,
    data: bytes,
    *,
    expected: bytes,
    identity: Identity | None = None,
    label: str = "",
    guard: Guard = nullcontext,
) -> None:
    """See Files.overwrite; OSError as the system says it, after the old content was put back."""
    with slot(path, label) as place, guard():
        with place.opened() as descriptor:
            if descriptor is None:
                raise place.changed()
            with read_lease(descriptor) as lease:
                if place.is_written(lease):
                    raise _being_written(path)
                _expected(place, descriptor, expected)
        descriptor = os.open(place.name, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=place.folder)
        try:
            with write_lease(descriptor) as alone:
                if alone is Answer.WRITER and lease is Answer.HELD:  # leases work here, so this one can be believed
                    raise _being_written(path)
                _expected(place, descriptor, expected)  # somebody may have written between the two
                _fill_as(descriptor, data, expected, identity)
            if identity is not None:
                os.utime(descriptor, ns=(identity.mtime_ns, identity.mtime_ns))
        finally:
            os.close(descriptor)


def leftover(path: str, label: str) -> bytes | None:
    """What an interrupted write has left under its temporary name; None when there is nothing."""
    try:
        with slot(path, label) as place:
            lying = place.content(place.temporary)
            if lying is None and place.status(place.temporary) is not None:
                beside = os.path.join(os.path.dirname(os.path.realpath(path)), place.temporary)
                raise ClawmendError(f"{beside} cannot be read", f"look whose it is with: ls -l {beside}")
            return lying
    except FileNotFoundError:
        return None  # with its folder, everything beside the file has gone


def discard(path: str, label: str) -> None:
    """Remove what an interrupted write has left, if anything."""
    with suppress(FileNotFoundError), slot(path, label) as place:
        place.discard()
        sync_folder(place.folder)


def _swap(place: Slot, data: bytes, expected: bytes, was: Identity) -> None:
    """Swap the temporary file with the file; when StaleError is raised both are as they were."""
    with place.opened() as descriptor:
        if descriptor is None:
            raise place.changed()
        with read_lease(descriptor) as lease:
            if place.is_written(lease):
                raise _being_written(place.path)
            found = _expected(place, descriptor, expected)
            _refuse_hard_links(place.path, found)
            now = found.identity
            if (now.mode, now.uid, now.gid) != (was.mode, was.uid, was.gid):
                raise place.changed()
            if not place.swap() or _is_displaced(place, descriptor, now, expected, lease):
                return
            try:
                place.swap()
            except StaleError as error:
                raise StrayError(error.message) from error  # ours was removed in that instant
            if _is_ours_alone(place, data, lease):
                raise place.changed()
            # Somebody wrote over ours in that instant, or is about to: theirs is the newest and stays, what we
            # displaced is kept.
            place.swap()
            raise StrayError(f"{place.path} was changed twice while clawmend was at work; it was left as it is")


def _move_away(place: Slot, expected: bytes) -> None:
    """Give the file the temporary name, and its own again if it is not what was expected."""
    with place.opened() as descriptor:
        if descriptor is None:
            raise place.changed()
        with read_lease(descriptor) as lease:
            if place.is_written(lease):
                raise _being_written(place.path)
            now = _expected(place, descriptor, expected).identity
            try:
                place.move_away()
            except FileExistsError as error:
                raise StrayError(f"something lies beside {place.path} that clawmend has to look at first") from error
            if _is_displaced(place, descriptor, now, expected, lease):
                return
            try:
                place.take_free_name()
            except StaleError as error:
                raise StrayError(error.message) from error
            raise place.changed()


def _is_displaced(place: Slot, descriptor: int, now: Identity, expected: bytes, lease: Answer) -> bool:
    """Tell whether the temporary name has what was expected, as it was, and nobody is about to write it."""
    there = place.status(place.temporary)
    if there is None or (lease is Answer.HELD and is_waited_for(descriptor)):
        return False
    seen = identity_of(there)
    if (seen.mode, seen.uid, seen.gid, seen.links) != (now.mode, now.uid, now.gid, now.links):
        return False
    if lease is Answer.HELD:
        # Nobody could open that file for writing since it was compared; another one is not what was expected.
        return (seen.device, seen.inode) == (now.device, now.inode)
    return place.content(place.temporary) == expected


def _is_ours_alone(place: Slot, data: bytes, lease: Answer) -> bool:
    """Tell whether the temporary name has our content again, and nobody who opened it under the file's name writes it.

    `lease` is what the one on the file told: only where leases work can this one be believed.
    """
    if place.content(place.temporary) != data:  # a link or a folder of somebody's, too
        return False
    with place.opened(place.temporary) as descriptor:
        if descriptor is None:
            return False
        with read_lease(descriptor) as ours:
            if lease is Answer.HELD and (ours is Answer.WRITER or (ours is Answer.HELD and is_waited_for(descriptor))):
                return False
            return place.content(place.temporary) == data  # who wrote since then has closed it again


def _expected(place: Slot, descriptor: int, expected: bytes | None) -> Found:
    """Read the open file; StaleError when it is not what is expected, ClawmendError when it is not to be read."""
    match place.read(descriptor):
        case Found() as found if found.data == expected:
            return found
        case Unreadable() as unreadable:
            raise ClawmendError(f"{place.path} {unreadable.problem}", unreadable.remedy)
        case _:
            raise place.changed()


def _fill_as(descriptor: int, data: bytes, expected: bytes, identity: Identity | None) -> None:
    """Write the new content, the mode before the bytes; when that fails both are what they were."""
    mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
    becomes = mode if identity is None else identity.mode
    try:
        if becomes != mode:
            os.fchmod(descriptor, becomes)
        if data != expected:
            _fill(descriptor, data)
    except BaseException:
        if data != expected:
            _fill(descriptor, expected)
        if becomes != mode:
            with suppress(OSError):  # what went wrong first is what the person has to know
                os.fchmod(descriptor, mode)
        raise


def _fill(descriptor: int, data: bytes) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    write_all(descriptor, data)
    os.ftruncate(descriptor, len(data))
    flush(descriptor)


@contextmanager
def _tidied(place: Slot, data: bytes, expected: bytes | None) -> Iterator[None]:
    """Remove the temporary file when something fails; what is neither ours nor known stays for recovery to keep."""
    try:
        yield
    except BaseException:
        if place.content(place.temporary) in {data, expected}:
            place.discard()
        raise


def _refuse_hard_links(path: str, found: Found) -> None:
    """A rename would leave the other names with the old content, and nobody could tell which one is meant."""
    if found.identity.links > 1:
        raise ClawmendError(
            f"{path} has {found.identity.links} names (hard links); replacing one would part it from the others",
            f"find the others with: find ~ -samefile {path}",
        )


def _being_written(path: str) -> StaleError:
    return StaleError(f"{path} is open for writing by somebody else; it was left as it is")
