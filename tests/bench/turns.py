"""Turns of the watcher's engine in a process of their own: what one costs once it has looked before.

    PYTHONPATH=daemon:tests python -m bench.turns HOME STATE TURNS [--break]

`sweep` is a turn in which nothing has changed, `look` one that looks at everything; with `--break` the cache of another
agent goes stale before every look, so that a look is a whole repair. The first one of each is not counted.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

from bench.costs import most_memory
from bench.watcher import break_it
from clawmend.core.configuration import Configuration
from clawmend.core.operation import Operation
from clawmend.core.secret import Masker
from clawmend.core.verdict import Verdict
from clawmend.loop.engine import Engine
from clawmend.loop.journal import Channels, Log
from clawmend.repair.tools import real_tools
from clawmend.system.machine import Place, RealClock
from loop.bed import START, SWEEP, VERSION, FakeWatching
from repair.home import PLAN_URL, cache

_SETTINGS = Configuration("/none", found=False, operation=Operation())


def _untouched(home: Path) -> Path:
    """A cache that was never repaired: what breaks again and again is left alone."""
    caches = home.glob(".openclaw/agents/agent*/agent/models.json")
    return next(path for path in sorted(caches) if path.read_text() == cache(PLAN_URL))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home")
    parser.add_argument("state")
    parser.add_argument("turns", type=int)
    parser.add_argument("--break", dest="breaks", action="store_true")
    chosen = parser.parse_args()
    tools = real_tools(Place(chosen.home, chosen.state, os.environ), RealClock())
    engine = Engine(tools, VERSION, FakeWatching(), Log(Channels(None), Masker(b"key")))
    seconds: dict[str, list[tuple[float, float]]] = {"look": [], "sweep": []}
    for number in range(chosen.turns + 1):
        wanted = Verdict.HEALTHY
        if chosen.breaks:
            break_it(_untouched(Path(chosen.home)), number)
            wanted = Verdict.REPAIRED
        for kind, wake in (("look", START), ("sweep", SWEEP)):
            begun, computed = time.monotonic(), time.process_time()
            turn = engine.turn(wake, _SETTINGS)
            seconds[kind].append((time.monotonic() - begun, time.process_time() - computed))
            verdict = turn.outcome.verdict if turn.outcome is not None else None
            if kind == "look" and verdict is not wanted:
                raise SystemExit(f"a turn ended {verdict} and not {wanted}")
    memory = most_memory(os.getpid())
    found = {kind: [*map(statistics.median, zip(*each[1:], strict=True)), memory] for kind, each in seconds.items()}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
