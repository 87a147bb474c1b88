"""Proof that a function only thinks: an audit hook that does not let it near disk, network or processes."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_FORBIDDEN = ("open", "os.", "socket.", "subprocess.", "shutil.", "sqlite3.", "tempfile.", "glob.", "pathlib.", "time.")
_state = {"armed": False, "installed": False}


class NotPureError(AssertionError):
    """Somebody touched the machine who may only think."""


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _state["armed"] and (event == "open" or event.startswith(_FORBIDDEN[1:])):
        _state["armed"] = False
        raise NotPureError(f"{event}{arguments}")


@contextmanager
def only_thinking() -> Iterator[None]:
    """Raise NotPureError when anything inside touches the machine."""
    if not _state["installed"]:
        sys.addaudithook(_hook)  # cannot be taken away again, hence the switch
        _state["installed"] = True
    _state["armed"] = True
    try:
        yield
    finally:
        _state["armed"] = False
