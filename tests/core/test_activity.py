"""What shows that a turn runs, and what does not."""

import pytest

from clawmend.core.activity import SessionLock, Trace, Written, why_busy
from support.clock import NOW

LOCK = "/s/a.jsonl.lock"


@pytest.mark.parametrize(
    ("traces", "busy"),
    [
        ((), None),
        ((SessionLock(LOCK, NOW - 60, 7, alive=True),), f"process 7 holds {LOCK}"),
        ((SessionLock(LOCK, NOW - 60, 7, alive=False),), None),
        ((SessionLock(LOCK, NOW - 1800, 7, alive=True),), None),
        ((SessionLock(LOCK, NOW - 60, None, alive=False),), None),
        ((Written("/s/a.jsonl", NOW - 4.9),), "/s/a.jsonl was written 5 s ago"),
        ((Written("/s/a.jsonl", NOW),), "/s/a.jsonl was written 0 s ago"),
        ((Written("/s/a.jsonl", NOW - 5),), None),
        ((Written("/s/a.jsonl", NOW + 60),), None),
        ((Written("/s/a.jsonl", NOW), SessionLock(LOCK, NOW, 7, alive=True)), f"process 7 holds {LOCK}"),
    ],
)
def test_why_a_gateway_is_busy(traces: tuple[Trace, ...], busy: str | None) -> None:
    assert why_busy(traces, NOW) == busy
