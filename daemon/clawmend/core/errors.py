"""The one kind of error that a person can do something about; everything else is a bug of ours."""


class ClawmendError(Exception):
    """We could not look or act. The message is one sentence with the path, `remedy` what the person can do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}; {self.remedy}" if self.remedy else self.message


class StaleError(ClawmendError):
    """A file is no longer what the snapshot saw, or somebody is writing it: nothing was written to it."""


class StrayError(StaleError):
    """As StaleError; what we displaced for an instant lies in the temporary file, for recovery to keep."""


class MountedError(ClawmendError):
    """The file is a mount point of its own: nothing can take its place, it can only be written in place."""


class BackupError(ClawmendError):
    """Backups cannot be written, or their list is damaged: nothing is repaired without a way back."""


class BusyError(ClawmendError):
    """Somebody else holds a lock that we honour, for longer than we wait."""
