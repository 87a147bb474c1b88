"""Measures clawmend beside what a user would use instead, and beside the physical limit. One command for every figure.

    PYTHONPATH=daemon:tests python -m bench                    everything, most of an hour on a quiet machine
    PYTHONPATH=daemon:tests python -m bench --quick            the same in minutes, with fewer trials
    PYTHONPATH=daemon:tests python -m bench --only idle,harm   some parts; others of this machine stay as they were
    PYTHONPATH=daemon:tests python -m bench readme             writes the stored figures into README.md
    PYTHONPATH=daemon:tests python -m bench gate               fails when a ratio is over its limit (two minutes)

Results are stored in tests/bench/results. npm, PyPI and the right to make namespaces are needed for the comparisons;
a part that cannot be measured says why.
"""

import argparse
import importlib
import importlib.util
import json
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from bench import render
from bench.machine import STAYS, describe
from bench.sandbox import TESTS

RESULTS = Path(__file__).parent / "results"
README = TESTS.parent / "README.md"
PARTS = ("latency", "oneshot", "idle", "harm", "growth")


def measure(only: list[str], *, quick: bool) -> dict[str, Any]:
    """Run these parts; what was stored of the others stays, as long as it was measured on this machine."""
    stored, machine = _stored(), describe()
    here = all(stored.get("machine", {}).get(name) == machine[name] for name in STAYS)
    kept = [name for name in PARTS if name in stored and name not in only and here]
    result: dict[str, Any] = {"machine": machine, "short": [name for name in kept if name in stored["short"]]}
    result |= {name: stored[name] for name in kept}
    for name in PARTS:
        if name not in only:
            continue
        if importlib.util.find_spec(f"bench.{name}") is None:
            continue
        began = time.monotonic()
        sys.stderr.write(f"{name} ...\n")
        try:
            result[name] = importlib.import_module(f"bench.{name}").measure(quick=quick)
        except Exception as error:  # noqa: BLE001 - the other parts are still worth their half hour
            traceback.print_exc()
            result[name] = {"not_measured": f"{type(error).__name__}: {str(error)[:300]}"}
        result["short"] += [name] if quick else []
        sys.stderr.write(f"{name}: {time.monotonic() - began:.0f} s\n")
        _store(result)
    return result


def _stored() -> dict[str, Any]:
    path = RESULTS / "result.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def _store(result: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "result.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    (RESULTS / "result.md").write_text(render.document(result))
    if "growth" in result and "not_measured" not in result["growth"]:
        _draw(result["growth"])


def _draw(growth: dict[str, Any]) -> None:
    if importlib.util.find_spec("matplotlib") is None:
        sys.stderr.write("no curves are drawn: matplotlib is in the extra `bench`\n")
        return
    from bench.plots import draw  # noqa: PLC0415 - the figures alone need none of it

    draw(growth, RESULTS)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", choices=("measure", "readme", "gate"), default="measure")
    parser.add_argument("--quick", action="store_true", help="fewer trials, minutes in all")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    chosen = parser.parse_args()
    only = chosen.only.split(",")
    if unknown := set(only) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    match chosen.what:
        case "gate":
            return int(importlib.import_module("bench.gate").main())
        case "readme":
            README.write_text(render.into_readme(README.read_text(), render.summary(_stored())))
        case _:
            result = measure(only, quick=chosen.quick)
            _store(result)
            sys.stdout.write(render.document(result))
            return int(any("not_measured" in result.get(name, {}) for name in only))
    return 0


if __name__ == "__main__":
    sys.exit(main())
