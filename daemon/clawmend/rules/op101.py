"""OpenCode gives a model a larger thinking budget than the Coding Plan allows.

What it checks
    `thinking.budgetTokens` in the `options` and the `variants` of models that opencode.json lists for a provider on the
    Coding Plan, against the plan's table. What counts is the file that wins: opencode.jsonc over opencode.json, and
    over both the file that OPENCODE_CONFIG names and those in OPENCODE_CONFIG_DIR. Thinking that is turned off, models
    that the table does not know and providers elsewhere are nobody's fault. Files of single projects are not looked at:
    they belong to the project, and often to a repository. A file that does not parse is said here, unless it would
    once its `{env:NAME}` and `{file:PATH}` are filled in.

Why it matters
    OpenCode takes any number and sends it, and the plan answers every request with "The thinking_budget parameter must
    be a positive integer and not greater than 38912".

The fix and its safety
    Sets the plan's number in the file where the budget stands; comments and order stay. Safe: the plan refuses every
    request with more, so nothing that works is taken away. A budget that is not positive can only be told: which
    number is meant, nobody knows. Start OpenCode again afterwards.

References
    Coding Plan FAQ, "The thinking_budget parameter must be a positive integer and not greater than 38912".
"""

from collections.abc import Iterator

from clawmend.core.finding import (
    Confidence,
    CouldNotLook,
    Finding,
    Fix,
    Report,
    Rule,
    Safety,
    SetKey,
    Severity,
)
from clawmend.core.neighbours import OpenCode
from clawmend.core.opencode import ANTHROPIC, is_filled_in
from clawmend.core.opencode_models import Judged, is_above, options_of, place_in, plan_models
from clawmend.core.snapshot import Snapshot
from clawmend.core.state import Malformed, Unreadable


def _check(snapshot: Snapshot) -> Iterator[Report]:
    opencode = snapshot.neighbours.opencode
    if opencode is None:
        return
    for state in opencode.files:
        if isinstance(state, Malformed) and not is_filled_in(state.data.decode("utf-8", "replace")):
            yield CouldNotLook(RULE.id, state.path, f"does not parse: {state.problem}", "mend it where it says")
        elif isinstance(state, Unreadable):
            yield CouldNotLook(RULE.id, state.path, state.problem, state.remedy)
    for judged in plan_models(opencode, snapshot.plan):
        yield from _check_model(snapshot, opencode, judged)


def _check_model(snapshot: Snapshot, opencode: OpenCode, judged: Judged) -> Iterator[Report]:
    most = judged.known.thinking_budget
    if most is None:
        return  # OP102 speaks of it
    for options in options_of(judged.model):
        budget = (options.thinking or {}).get("budgetTokens")
        too_small = isinstance(budget, int) and not isinstance(budget, bool) and budget <= 0
        if not too_small and not is_above(budget, most):
            continue
        pointer = (*judged.pointer, *options.pointer, "thinking", "budgetTokens")
        place = place_in(opencode, pointer)
        name = snapshot.display(place.path)
        yield Finding(
            rule=RULE.id,
            name=RULE.name,
            severity=Severity.ERROR if judged.npm == ANTHROPIC else Severity.WARNING,
            safety=Safety.ADVISE if too_small else Safety.SAFE,
            confidence=Confidence.CERTAIN,
            path=place.path,
            pointer=pointer,
            summary=f"{name} gives {judged.known.id} a thinking budget of {budget:,}; the Coding Plan allows "
            + (f"1 to {most:,}" if too_small else f"{most:,}"),
            cause=f"{budget}",
            advice=(f"write a number from 1 to {most}",) if too_small else ("clawmend repair",),
            fix=None if too_small else Fix((SetKey(place.path, pointer, most),)),
        )


RULE = Rule(
    id="OP101",
    name="opencode-thinking-budget",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
    eras=None,
    check=_check,
    documentation=__doc__,
)
