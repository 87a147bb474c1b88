"""What a soak came to, in a page: made from its ledger alone."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from soak.ledger import Outcome
from soak.plan import Expect, Harm

END = "end"
"""The name of what is looked at after the last step."""


def summary(seed: int, outcomes: Sequence[Outcome], growths: Mapping[str, Sequence[float | None]]) -> list[str]:
    """The lines of it."""
    taken = [one for one in outcomes if one.name != END]
    seconds = sum(one.seconds for one in taken)
    lines = [f"soak: seed {seed}, {len(taken)} steps in {seconds:.0f} s"]
    if gone := {*range(1, max((one.number for one in taken), default=0))} - {one.number for one in taken}:
        lines.append(f"  steps that were cut off: {', '.join(map(str, sorted(gone)))}")
    lines += [f"  {line}" for line in (*_faults(taken), *_noise(taken), *_harms(taken), *_memory(taken, growths))]
    violations = [(one, text) for one in outcomes for text in one.violations]
    lines.append(f"  violations: {len(violations)}")
    for one, text in violations:
        lines += [f"    step {one.number} ({one.home}, {one.name}, watcher {one.harm}): {text}"]
    return lines


def _faults(outcomes: Sequence[Outcome]) -> list[str]:
    by_rule: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for one in outcomes:
        if one.expect != Expect.NOTHING:
            by_rule[one.rule, one.expect].append(one)
    lines = []
    for (rule, expect), some in sorted(by_rule.items()):
        took = [one.took for one in some if one.took is not None]
        calm = [one.took for one in some if one.took is not None and one.harm == Harm.NONE]
        verb = "repaired" if expect == Expect.REPAIRED else "told"
        line = f"{rule} {expect}: {len(some)} times"
        if took:
            line += f", {verb} after {statistics.median(took):.1f} s (median), {max(took):.1f} s (most)"
        if calm and len(calm) < len(took):
            line += f"; with the watcher unharmed {statistics.median(calm):.1f} s, {max(calm):.1f} s"
        lines.append(f"{line}; by {_counted(one.by or 'nobody' for one in some)}")
    return lines


def _noise(outcomes: Sequence[Outcome]) -> list[str]:
    names = [one.name for one in outcomes if one.expect == Expect.NOTHING]
    return [f"noise: {len(names)} times ({_counted(names)})"]


def _harms(outcomes: Sequence[Outcome]) -> list[str]:
    harms = _counted(one.harm for one in outcomes if one.harm != Harm.NONE) or "none"
    return [f"harm to watchers: {harms}", f"restarts of a gateway by clawmend: {sum(one.restarts for one in outcomes)}"]


def _counted(names: Iterable[str]) -> str:
    return ", ".join(f"{name} {times}" for name, times in Counter(names).most_common())


def _memory(outcomes: Sequence[Outcome], growths: Mapping[str, Sequence[float | None]]) -> list[str]:
    lines = []
    for name in sorted({name for one in outcomes for name in one.memory}):
        seen = [one.memory[name] for one in outcomes if name in one.memory]
        grown = [f"{one:+.2f}" for one in growths.get(name, ()) if one is not None]
        told = f"; second half of a watcher's life against the first: {', '.join(grown)} MiB" if grown else ""
        lines.append(f"memory of {name}: {seen[0]:.1f} MiB at first, {max(seen):.1f} most, {seen[-1]:.1f} last{told}")
    return lines


def command(seed: int, step: int, options: Mapping[str, Any]) -> str:
    """The command line that takes the same steps up to this one."""
    more = "" if options.get("kills", True) else " --no-kills"
    more += "".join(f" --only {name}" for name in options.get("only", ()))
    return f"PYTHONPATH=daemon:tests python -m soak --seed {seed} --seconds 86400 --steps {step}{more}"
