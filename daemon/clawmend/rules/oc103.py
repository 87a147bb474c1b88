"""An agent's model cache holds a stale key that OpenClaw would copy into its credential store.

What it checks
    On 2026.8.1 and later, for every agent: plain keys in `models.json` that the next `openclaw doctor --fix` or
    `openclaw update` would store as `<provider>:default` or `<provider>:models-json`: another key than the one in
    openclaw.json, or the key of a provider that openclaw.json lacks, that nothing explains and that neither
    openclaw.json nor a session nor a cron job names. The same key, a marker, the name of a variable and a key that the
    store already has (OC201) are no fault.

Why it matters
    A stored key is asked before openclaw.json. An old one that is still accepted is then used without a word, on
    another account's bill; a placeholder is sent as it stands.

The fix and its safety
    Drops that provider from that cache. Safe: these versions take a configured provider from openclaw.json and never
    write the file again. The models that only the file has can still be run, so clawmend asks where something names one
    of them, be it a cron job that is disabled, and leaves a provider alone that only the file defines and that is in
    use.

References
    doctor-model-catalog-credentials in OpenClaw 2026.9.6; `bailian:models-json` was seen there after doctor --fix.
"""

from collections.abc import Iterator

from clawmend.core.era import MEASURED, Era
from clawmend.core.finding import Confidence, Finding, Fix, RemoveKey, Report, Rule, Safety, Severity
from clawmend.core.promotable import Promotable, promotable_keys
from clawmend.core.snapshot import Agent, Snapshot

_WHERE = frozenset({Era.E})


def _check(snapshot: Snapshot) -> Iterator[Report]:
    version = snapshot.installation.version
    if version is None or snapshot.installation.era not in MEASURED:
        return
    for openclaw in snapshot.openclaws:
        if openclaw.settings is None or openclaw.settings.problem:
            continue
        for agent in openclaw.agents:
            for promotable in promotable_keys(openclaw, agent, version):
                yield _finding(agent, promotable)


def _finding(agent: Agent, promotable: Promotable) -> Finding:
    name = promotable.name
    users = promotable.users
    pointer = ("providers", name)
    summary = f"agent {agent.id}'s model cache holds a key for {name}, "
    if promotable.configured is not None:
        summary += "and openclaw.json another one; the next openclaw doctor --fix or update would store it, and it wins"
    else:
        summary += "which openclaw.json lacks; the next openclaw doctor --fix or update would store it for good"
    advice = "clawmend repair"
    if users:
        advice = f"if {users[0]} is not wanted: clawmend repair --only {RULE.id} --yes"
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING,
        safety=Safety.ASK if users else Safety.SAFE,
        confidence=Confidence.CERTAIN if promotable.configured is not None else Confidence.LIKELY,
        path=agent.models.path,
        pointer=pointer,
        summary=summary,
        cause=name,
        evidence=tuple(f"only this entry defines {user}" for user in users[:3]),
        advice=(advice,),
        fix=Fix((RemoveKey(agent.models.path, pointer),)),
    )


RULE = Rule(
    id="OC103",
    name="promotable-cached-key",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    eras=_WHERE,
    check=_check,
    documentation=__doc__,
)
