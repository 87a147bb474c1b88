"""OpenCode's limits of a model are above what the Coding Plan allows.

What it checks
    `limit.output` and `limit.context` of models that opencode.json lists for a provider on the Coding Plan. For the
    context the plan's own table counts; the output is in the FAQ for one model only, so the table that OpenCode itself
    carries is asked too, and the larger number counts. Equal or lower numbers are nobody's fault.

Why it matters
    OpenCode asks for as much output as `limit.output` says, up to 32,000 tokens, and the plan answers "Range of
    max_tokens should be [1, ...]". It fills the context up to `limit.context` before it compresses anything: "Range of
    input length should be [1, ...]", or "Request Entity Too Large".

The fix and its safety
    Sets the known number; comments and order stay. It may be that the plan allows more by now than the tables know, so
    clawmend asks. Start OpenCode again afterwards.

References
    Coding Plan FAQ, "Range of max_tokens should be [1, xxxx]", "Range of input length should be [1, xxx]" and the table
    of context windows; OpenCode 1.18.33.
"""

from collections.abc import Iterator

from clawmend.core.finding import Confidence, Finding, Fix, Report, Rule, Safety, SetKey, Severity
from clawmend.core.opencode_models import is_above, most_output, place_in, plan_models
from clawmend.core.snapshot import Snapshot
from clawmend.core.state import object_at


def _check(snapshot: Snapshot) -> Iterator[Report]:
    opencode = snapshot.neighbours.opencode
    if opencode is None:
        return
    for judged in plan_models(opencode, snapshot.plan):
        limits = object_at(judged.model.entry, "limit")
        for member, most in (("output", most_output(judged.known)), ("context", judged.known.context_window)):
            value = limits.get(member)
            if most is None or not is_above(value, most):
                continue
            pointer = (*judged.pointer, "limit", member)
            place = place_in(opencode, pointer)
            yield Finding(
                rule=RULE.id,
                name=RULE.name,
                severity=Severity.WARNING,
                safety=Safety.ASK,
                confidence=Confidence.LIKELY,
                path=place.path,
                pointer=pointer,
                summary=(
                    f"{snapshot.display(place.path)} says {value:,} for limit.{member} of {judged.known.id}; "
                    f"on the Coding Plan {most:,} is the most that is known"
                ),
                cause=f"{member}\0{value}",
                advice=(f"clawmend repair --only {RULE.id} --yes",),
                fix=Fix((SetKey(place.path, pointer, most),)),
            )


RULE = Rule(
    id="OP103",
    name="opencode-output-limit",
    severity=Severity.WARNING,
    safety=Safety.ASK,
    eras=None,
    check=_check,
    documentation=__doc__,
)
