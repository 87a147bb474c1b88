"""The quota of the Coding Plan is used up.

What it checks
    The last answer of a provider that leads to the plan, in the gateway's log: the plan's own words for its 5-hour,
    weekly or monthly quota. It counts until the quota has come back by the plan's rules, and only while nothing speaks
    against it: another answer since, a credential that worked since, a changed openclaw.json. Up to 2026.3.8 the log
    does not tell a quota from a rate limit, so nothing is said there.

Why it matters
    Every turn fails until then, and nothing on this machine is wrong. OpenClaw 2026.9 calls it a billing error.

The fix and its safety
    Advice only: when it comes back, in local time. A warning while the refusal is younger than an hour, then a note: a
    success is not in the log.

References
    Coding Plan FAQ, "Common errors and solutions"; "What should I do when my quota runs out?".
"""

from collections.abc import Iterator

from clawmend.core.era import MEASURED
from clawmend.core.evidence import Kind
from clawmend.core.finding import Confidence, Finding, Report, Rule, Safety, Severity
from clawmend.core.last_word import LastWord, last_words
from clawmend.core.local_time import clock_time
from clawmend.core.quota import Quota, Window, next_midnight
from clawmend.core.snapshot import OpenClaw, Snapshot

_WINDOWS = {"hour": Window.FIVE_HOURS, "week": Window.WEEK, "month": Window.MONTH}
_PASSING = frozenset({Kind.RATE_LIMIT, Kind.TIMEOUT, Kind.CONNECTION})
_RECENT_SECONDS = 3600.0


def _check(snapshot: Snapshot) -> Iterator[Report]:
    version = snapshot.installation.version
    if version is None or snapshot.installation.era not in MEASURED:
        return
    for openclaw in snapshot.openclaws:
        for word in last_words(openclaw, version, _PASSING):
            window = _WINDOWS.get(word.event.span or "")
            if window is not None and snapshot.plan.is_plan_endpoint(word.url or ""):
                quota = snapshot.plan.quota(window)
                back = quota.resets_at(word.event.time)
                # Without the day on which the plan was bought, any midnight may have brought a month's quota back.
                if snapshot.now < (next_midnight(word.event.time) if back is None else back):
                    yield _finding(snapshot, openclaw, word, quota, back)


def _finding(snapshot: Snapshot, openclaw: OpenClaw, word: LastWord, quota: Quota, back: float | None) -> Finding:
    recent = snapshot.now - word.event.time <= _RECENT_SECONDS
    seen = clock_time(word.event.time, snapshot.now, snapshot.zone)
    latest = "by" if quota.window is Window.FIVE_HOURS else "at"
    when = quota.resets
    if back is not None:
        when = f"{latest} {clock_time(back, snapshot.now, snapshot.zone)} (local time)"
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING if recent else Severity.INFO,
        safety=Safety.ADVISE,
        confidence=Confidence.CERTAIN if recent else Confidence.LIKELY,
        path=openclaw.config.path,
        summary=(
            f"the plan refused {word.provider} at {seen}: the {quota.window.value} quota is used up; "
            f"it comes back {when}"
        ),
        cause=f"{word.provider} {quota.window.value}",
        evidence=(f"its log: {word.event.text}", "nothing in its log or in its credentials says otherwise since"),
        advice=(f"Lite plan: {quota.lite}", f"Pro plan: {quota.pro}"),
    )


RULE = Rule(
    id="OC405",
    name="quota-exhausted",
    severity=Severity.WARNING,
    safety=Safety.ADVISE,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
