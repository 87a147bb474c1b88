"""OpenCode asks a model of the Coding Plan to think that cannot.

What it checks
    `thinking`, `enable_thinking` and `thinking_budget` in the `options` and the `variants` of models on the Coding Plan
    that have no thinking mode (qwen3-coder-next, qwen3-coder-plus). Thinking that is turned off is no fault, and
    neither is a model that the plan's table does not know.

Why it matters
    The plan refuses the request: "The thinking_budget parameter must be a positive integer ...".

The fix and its safety
    Removes those options, in every file that has them, and nothing else. Safe: these models never think. Start OpenCode
    again afterwards.

References
    Coding Plan FAQ, "The thinking_budget parameter must be a positive integer and not greater than 38912": "remove the
    options.thinking configuration".
"""

from collections.abc import Iterator

from clawmend.core.finding import Confidence, Finding, Fix, RemoveKey, Report, Rule, Safety, Severity
from clawmend.core.opencode import ANTHROPIC, places_of
from clawmend.core.opencode_models import Options, options_of, plan_models
from clawmend.core.snapshot import Snapshot


def _check(snapshot: Snapshot) -> Iterator[Report]:
    opencode = snapshot.neighbours.opencode
    if opencode is None:
        return
    for judged in plan_models(opencode, snapshot.plan):
        if judged.known.thinking_budget is not None:
            continue
        for options in options_of(judged.model):
            for member in _asking(options):
                pointer = (*judged.pointer, *options.pointer, member)
                places = places_of(opencode, pointer)
                yield Finding(
                    rule=RULE.id,
                    name=RULE.name,
                    severity=Severity.ERROR if judged.npm == ANTHROPIC else Severity.WARNING,
                    safety=Safety.SAFE,
                    confidence=Confidence.CERTAIN,
                    path=places[-1].path,
                    pointer=pointer,
                    summary=(
                        f"{snapshot.display(places[-1].path)} asks {judged.known.id} to think ({member}); "
                        "on the Coding Plan it has no thinking mode"
                    ),
                    cause=member,
                    advice=("clawmend repair",),
                    fix=Fix(tuple(RemoveKey(place.path, pointer) for place in places)),
                )


def _asking(options: Options) -> Iterator[str]:
    if options.thinking is not None:
        yield "thinking"
    if options.values.get("enable_thinking") is True:
        yield "enable_thinking"
    if options.values.get("thinking_budget") is not None:
        yield "thinking_budget"


RULE = Rule(
    id="OP102",
    name="opencode-thinking-unsupported",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
    eras=None,
    check=_check,
    documentation=__doc__,
)
