"""Qwen Code asks a model of the Coding Plan to think that cannot.

What it checks
    `enable_thinking: true` and `thinking_budget` in `generationConfig.extra_body` of models on the Coding Plan that
    have no thinking mode (qwen3-coder-next, qwen3-coder-plus). Other models and other endpoints are nobody's fault.

Why it matters
    The model never thinks, and the plan may refuse the request.

The fix and its safety
    Removes the member; comments and order stay. The plan may have taught the model to think since, so clawmend asks.

References
    Coding Plan FAQ, "Do Coding Plan models support thinking mode?" and the table of thinking budgets.
"""

from collections.abc import Iterator

from clawmend.core.finding import Confidence, Finding, Fix, RemoveKey, Report, Rule, Safety, Severity
from clawmend.core.qwen import endpoints_of
from clawmend.core.snapshot import Snapshot
from clawmend.core.state import object_at


def _check(snapshot: Snapshot) -> Iterator[Report]:
    qwen = snapshot.neighbours.qwen
    if qwen is None:
        return
    for endpoint in endpoints_of(qwen):
        known = snapshot.plan.model(endpoint.model or "")
        if known is None or known.thinking_budget is not None or not snapshot.plan.is_plan_endpoint(endpoint.url):
            continue
        body = object_at(endpoint.entry, "generationConfig", "extra_body")
        asking = [name for name in ("enable_thinking", "thinking_budget") if body.get(name)]
        for name in asking:
            pointer = (*endpoint.pointer[:-1], "generationConfig", "extra_body", name)
            yield Finding(
                rule=RULE.id,
                name=RULE.name,
                severity=Severity.WARNING,
                safety=Safety.ASK,
                confidence=Confidence.LIKELY,
                path=qwen.settings.path,
                pointer=pointer,
                summary=(
                    f"{snapshot.display(qwen.settings.path)} asks {known.id} to think ({name}); "
                    "on the Coding Plan it has no thinking mode"
                ),
                cause=f"{known.id}\0{name}",
                advice=(f"clawmend repair --only {RULE.id} --yes",),
                fix=Fix((RemoveKey(qwen.settings.path, pointer),)),
            )


RULE = Rule(
    id="QW102",
    name="qwen-thinking",
    severity=Severity.WARNING,
    safety=Safety.ASK,
    eras=None,
    check=_check,
    documentation=__doc__,
)
