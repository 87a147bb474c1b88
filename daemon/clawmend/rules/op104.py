"""OpenCode reaches the Coding Plan at a wrong URL, or with a key that does not belong to it.

What it checks
    The base URL (`options.baseURL`, else `api`) of every provider in opencode.json that means a host of the Coding
    Plan, spelled rightly or one slip away: `@ai-sdk/anthropic` needs `/apps/anthropic/v1`, `@ai-sdk/openai-compatible`
    (also where no `npm` stands) needs `/v1`. And the key that is used with it: one of the plan's shape (`sk-sp-`) on a
    general Model Studio endpoint, or a general one (`sk-`) on the plan's. Token Plan keys look like the plan's and have
    hosts of their own; there, and on hosts of other vendors, nothing is said. A slash at the end is harmless.

Why it matters
    "404 status code (no body)", "403 invalid api-key", "Incorrect API key provided", or calls that are billed by use
    while the plan is paid for.

The fix and its safety
    Writes the URL that the plan has for this `npm` in the same region; comments and order stay. It may be the `npm`
    that is wrong, so clawmend asks. A general key on the plan's endpoint can only be told: nobody but you has the right
    one. Start OpenCode again afterwards.

References
    Coding Plan FAQ, "404 status code (no body)", "403 invalid api-key" and "HTTP 401: Incorrect API key provided".
"""

from collections.abc import Iterator

from clawmend.core.endpoint import REMEDIES_FOR_GENERAL_KEY, Pair, flaw_of, pair_of
from clawmend.core.finding import Confidence, Finding, Fix, Report, Rule, Safety, SetKey, Severity
from clawmend.core.opencode import Key, Place, Provider, providers_of
from clawmend.core.plan_kinds import Tool
from clawmend.core.snapshot import Snapshot


def _check(snapshot: Snapshot) -> Iterator[Report]:
    opencode, plan = snapshot.neighbours.opencode, snapshot.plan
    if opencode is None:
        return
    for provider in providers_of(opencode, plan):
        if provider.url is None:
            continue
        paths = plan.paths_for(provider.npm, Tool.OPENCODE)
        flaw = flaw_of(plan, provider.url, provider.npm, paths)
        if flaw is not None and provider.place is not None:
            yield _wrong_url(provider, provider.place, flaw.problem, flaw.right)
            continue
        if provider.key is None:
            continue
        pair = pair_of(plan, provider.url, provider.key.secret.reveal())
        if pair is Pair.PLAN_KEY_ELSEWHERE and provider.place is not None:
            region = plan.region_of(provider.url)
            right = plan.right_url(provider.npm, region, Tool.OPENCODE) if region is not None else None
            where = provider.key.where
            problem = f"is a general endpoint of Model Studio, and its key has the Coding Plan's shape ({where})"
            yield _wrong_url(provider, provider.place, problem, right)
        elif pair is Pair.GENERAL_KEY_HERE:
            yield _wrong_key(snapshot, provider, provider.key)


def _wrong_url(provider: Provider, place: Place, problem: str, right: str | None) -> Finding:
    known = right or "not known for its npm package and region"
    advice = [f"clawmend repair --only {RULE.id} --yes" if right else "set the plan's URL: clawmend explain opencode"]
    if right:
        advice.append("if another protocol is meant, change npm instead: clawmend explain opencode")
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR,
        safety=Safety.ASK if right else Safety.ADVISE,
        confidence=Confidence.LIKELY,
        path=place.path,
        pointer=place.pointer,
        summary=f"the URL of OpenCode's {provider.name} {problem}; the Coding Plan's is {known}",
        cause=problem,
        advice=tuple(advice),
        fix=Fix((SetKey(place.path, place.pointer, right),)) if right else None,
    )


def _wrong_key(snapshot: Snapshot, provider: Provider, key: Key) -> Finding:
    opencode = snapshot.neighbours.opencode
    fallback = provider.place.path if provider.place is not None else opencode.auth.path if opencode else snapshot.home
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR,
        safety=Safety.ADVISE,
        confidence=Confidence.LIKELY,
        path=key.path or fallback,
        pointer=key.pointer,
        summary=(
            f"OpenCode's {provider.name} leads to the Coding Plan, and {key.where} is a general key, which it refuses"
        ),
        cause=f"general key\0{key.where}",
        advice=REMEDIES_FOR_GENERAL_KEY,
    )


RULE = Rule(
    id="OP104",
    name="opencode-endpoint",
    severity=Severity.ERROR,
    safety=Safety.ASK,
    eras=None,
    check=_check,
    documentation=__doc__,
)
