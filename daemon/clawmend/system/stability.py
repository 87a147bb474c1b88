"""What a gateway that did not start has left for a post-mortem: `logs/stability/*-gateway.startup_failed.json`.

Its `error.code` is the best cause that a machine can read. From 2026.4.22 on; recorded from 2026.9.6. Source: facts on
eras, "logs".
"""

import json
import os
from datetime import datetime

from clawmend.core.complaints import Bundle
from clawmend.core.log_events import short_line
from clawmend.core.state import Found
from clawmend.system.files import Files

_ENDING = "-gateway.startup_failed.json"
_NEWEST = 2
_LONGEST = 2**18


def read_bundles(directory: str, files: Files) -> tuple[Bundle, ...]:
    """Read the newest ones of a state folder, the oldest first; what does not parse is passed over."""
    folder = os.path.join(directory, "logs", "stability")
    names = [name for name in files.names(folder) if name.endswith(_ENDING)]
    found = [_read(os.path.join(folder, name), files) for name in names[-_NEWEST:]]  # their names sort by their time
    return tuple(bundle for bundle in found if bundle is not None)


def _read(path: str, files: Files) -> Bundle | None:
    contents = files.read(path, _LONGEST)
    if not isinstance(contents, Found):
        return None
    try:
        bundle = json.loads(contents.data)
        error = bundle["error"]
        time = datetime.fromisoformat(bundle["generatedAt"]).timestamp()
        code, text = error.get("code"), error["message"]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError, OverflowError):
        return None
    if not isinstance(text, str):
        return None
    return Bundle(time, code[:64] if isinstance(code, str) and code.isprintable() else None, short_line(text))
