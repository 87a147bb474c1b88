"""The place of one file: its name and a temporary name in one opened folder, and the renames between the two."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from clawmend.core.errors import MountedError, StaleError
from clawmend.core.frozen import dataclass
from clawmend.core.state import Contents, Found
from clawmend.system.durable import open_folder, temporary_name
from clawmend.system.exchange import exchange, rename_to_free
from clawmend.system.lease import Answer, read_lease
from clawmend.system.reading import MAX_BYTES, read_open

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MOUNTED = frozenset({errno.EBUSY, errno.EXDEV})
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the work is done: `path` is for people, `name` and `temporary` are names in the open `folder`."""

    path: str
    folder: int
    name: str
    temporary: str

    def changed(self) -> StaleError:
        """What is said when the file is not what it was."""
        return StaleError(f"{self.path} was changed by somebody else while clawmend was at work; it was left as it is")

    @contextmanager
    def opened(self, name: str | None = None) -> Iterator[int | None]:
        """Open the file (or another name) to read; None when there is none, StaleError when a link was swapped in."""
        try:
            descriptor = os.open(name or self.name, _READ, dir_fd=self.folder)
        except FileNotFoundError:
            yield None
            return
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise self.changed() from error
            raise
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def read(self, descriptor: int) -> Contents:
        """Read the file that `opened` has opened, from its start."""
        with suppress(OSError):  # a FIFO has no start; read_open says what it is
            os.lseek(descriptor, 0, os.SEEK_SET)
        return read_open(descriptor, self.path, MAX_BYTES)

    def content(self, name: str) -> bytes | None:
        """The bytes under a name of the folder; None when there is nothing, or nothing that can be read."""
        try:
            descriptor = os.open(name, _READ, dir_fd=self.folder)
        except OSError:
            return None
        try:
            found = read_open(descriptor, self.path, MAX_BYTES)
        finally:
            os.close(descriptor)
        return found.data if isinstance(found, Found) else None

    def status(self, name: str) -> os.stat_result | None:
        """What has a name of the folder, links not followed; None when nothing has it."""
        try:
            return os.stat(name, dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def swap(self) -> bool:
        """Swap file and temporary file and return True; rename the one over the other where there is no swapping.

        StaleError when one of them is not there any more, MountedError when nothing can take the file's place.
        """
        with self._told():
            if exchange(self.folder, self.temporary, self.name):
                return True
            os.rename(self.temporary, self.name, src_dir_fd=self.folder, dst_dir_fd=self.folder)
            return False

    def move_away(self) -> None:
        """Give the file the temporary name; errors as for `swap`, FileExistsError when something has that name."""
        with self._told():
            if not rename_to_free(self.folder, self.name, self.temporary):
                if self.status(self.temporary) is not None:
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), self.temporary)
                os.rename(self.name, self.temporary, src_dir_fd=self.folder, dst_dir_fd=self.folder)

    def take_free_name(self) -> None:
        """Give the temporary file the file's name; StaleError when somebody has taken that."""
        try:
            if rename_to_free(self.folder, self.temporary, self.name):
                return
            folders = {"src_dir_fd": self.folder, "dst_dir_fd": self.folder}
            try:
                os.link(self.temporary, self.name, follow_symlinks=False, **folders)
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                if self.status(self.name) is not None:
                    raise self.changed() from error
                os.rename(self.temporary, self.name, **folders)
            else:
                self.discard()
        except FileExistsError as error:
            raise self.changed() from error

    def discard(self) -> None:
        """Remove what has the temporary name, if anything."""
        with suppress(FileNotFoundError):
            os.unlink(self.temporary, dir_fd=self.folder)

    def is_written(self, lease: Answer) -> bool:
        """Tell whether somebody has the file open for writing, from what the lease on it said.

        Some network file systems refuse every lease in the same words: then it is tried on the temporary file, which
        nobody else knows. Where that is not there yet it is made for the moment; recovery knows its name.
        """
        if lease is not Answer.WRITER:
            return False
        made = self.status(self.temporary) is None
        if made:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            os.close(os.open(self.temporary, flags, 0o600, dir_fd=self.folder))
        try:
            descriptor = os.open(self.temporary, _READ, dir_fd=self.folder)
            try:
                with read_lease(descriptor) as answer:
                    return answer is Answer.HELD
            finally:
                os.close(descriptor)
        finally:
            if made:
                self.discard()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise self.changed() from error
        except OSError as error:
            if error.errno in _MOUNTED:
                raise MountedError(
                    f"{self.path} is a mount point of its own; nothing can take its place",
                    "mount the folder instead of the file, or change the file by hand",
                ) from error
            raise


@contextmanager
def slot(path: str, label: str) -> Iterator[Slot]:
    """Open the folder of a file, symbolic links resolved once; `label` settles the temporary name."""
    target = os.path.realpath(path)
    if os.path.islink(target):  # what could not be resolved
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
    folder, name = os.path.split(target)
    with open_folder(folder) as descriptor:
        yield Slot(path, descriptor, name, temporary_name(name, label))
