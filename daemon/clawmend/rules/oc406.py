"""The provider refused the last request for a reason that no repair removes.

What it checks
    The last answer of a provider of the Coding Plan's vendor in the gateway's log, within the last hour: a model that
    it does not have, a request that is too long, a client that is no coding tool, a content check; of any provider
    ModelScope's refusal of a token. It counts only while nothing speaks against it: another answer since, a credential
    that worked since, a changed openclaw.json.

Why it matters
    The words that OpenClaw shows in a chat often hide the reason; the log has it.

The fix and its safety
    Advice only, from the Coding Plan's list of errors. A note, and a warning where every request is refused: the
    client is taken for no coding tool.

References
    Coding Plan FAQ, "Common errors and solutions".
"""

from collections.abc import Iterator

from clawmend.core.era import MEASURED
from clawmend.core.evidence import Event, Kind
from clawmend.core.explanation import Explanation
from clawmend.core.finding import Confidence, Finding, Report, Rule, Safety, Severity
from clawmend.core.last_word import LastWord, last_words
from clawmend.core.local_time import clock_time
from clawmend.core.snapshot import OpenClaw, Snapshot

_RECENT_SECONDS = 3600.0
_OF_THE_VENDOR = frozenset({Kind.AGENTS_ONLY, Kind.MODEL_REFUSED, Kind.FORMAT})


def _check(snapshot: Snapshot) -> Iterator[Report]:
    version = snapshot.installation.version
    if version is None or snapshot.installation.era not in MEASURED:
        return
    for openclaw in snapshot.openclaws:
        for word in last_words(openclaw, version):
            event, url = word.event, word.url or ""
            vendors = snapshot.plan.is_plan_endpoint(url) or snapshot.plan.is_general_endpoint(url)
            asked = (vendors and event.kind in _OF_THE_VENDOR) or event.kind is Kind.AUTH
            if asked and snapshot.now - event.time <= _RECENT_SECONDS:
                reason = _explained(event)
                if reason is not None:
                    yield _finding(snapshot, openclaw, word, reason)


def _explained(event: Event) -> Explanation | None:
    from clawmend.core.explanations import explain  # noqa: PLC0415 - most homes have no refusal to be explained

    return next((one for one in explain(event.text) if RULE.id in one.checks), None)


def _finding(snapshot: Snapshot, openclaw: OpenClaw, word: LastWord, reason: Explanation) -> Finding:
    seen = clock_time(word.event.time, snapshot.now, snapshot.zone)
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING if word.event.kind is Kind.AGENTS_ONLY else Severity.INFO,
        safety=Safety.ADVISE,
        confidence=Confidence.LIKELY,
        path=openclaw.config.path,
        summary=f"the last request to {word.provider} was refused at {seen} (local time): {word.event.text}",
        cause=f"{word.provider} {reason.id}",
        evidence=(reason.meaning,),
        advice=reason.what_you_can_do,
    )


RULE = Rule(
    id="OC406",
    name="upstream-refusal",
    severity=Severity.INFO,
    safety=Safety.ADVISE,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
