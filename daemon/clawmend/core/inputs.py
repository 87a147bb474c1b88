"""The digest of what a finding was made from: as long as it stays the same, so does what a repair of it would come to.

OpenClaw notes in its own files when it was started and which credential it used last. That is no new input, or every
restart would make one.
"""

import hashlib
import json

from clawmend.core.belonging import owner_of, state_of
from clawmend.core.budget import Fault
from clawmend.core.document import Json
from clawmend.core.finding import Finding, LogOut
from clawmend.core.snapshot import Snapshot
from clawmend.core.state import Parsed, bytes_of

_NOTES = frozenset({"meta", "wizard", "usageStats", "lastGood"})


def fault_of(snapshot: Snapshot, finding: Finding) -> Fault:
    """The fault that a finding is, with the digest of its input."""
    return Fault(finding.fingerprint(snapshot.home), _inputs(snapshot, finding))


def _inputs(snapshot: Snapshot, finding: Finding) -> str:
    """16 hex digits of the OpenClaw version, openclaw.json, and every file that the finding speaks of or changes."""
    owner = owner_of(snapshot, finding.path)
    edits = finding.fix.edits if finding.fix else ()
    paths = {finding.path, *(edit.path for edit in edits), *((owner.config.path,) if owner else ())}
    whole = hashlib.sha256(str(snapshot.installation.version).encode())
    for path in sorted(paths):
        whole.update(b"\0" + path.removeprefix(snapshot.home).encode("utf-8", "surrogatepass"))
        whole.update(hashlib.sha256(_content(snapshot, path)).digest())
    for edit in edits:
        if isinstance(edit, LogOut):
            whole.update(hashlib.sha256(_text(edit.stored)).digest())
    return whole.hexdigest()[:16]


def _content(snapshot: Snapshot, path: str) -> bytes:
    state = state_of(snapshot, path)
    if isinstance(state, Parsed):
        value = state.document.value
        if isinstance(value, dict):
            return _text({name: member for name, member in value.items() if name not in _NOTES})
    return (bytes_of(state) if state is not None else None) or b""


def _text(value: Json) -> bytes:
    return json.dumps(value, sort_keys=True).encode()
