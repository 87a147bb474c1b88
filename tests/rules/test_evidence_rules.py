"""OC404 to OC406: what OpenClaw and its log say that still holds, and what is over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from clawmend.core.document import Syntax
from clawmend.core.evidence import Event, Evidence, Kind
from clawmend.core.finding import Finding, Rule, Safety, Severity
from clawmend.core.log_events import read_line
from clawmend.core.quota import next_midnight
from clawmend.core.snapshot import Database, OpenClaw
from clawmend.rules import oc404, oc405, oc406
from support import build
from support.build import CONFIG, FOLDER, identity
from support.clock import NOW
from support.logs import all_logs

PLAN = "https://coding-intl.dashscope.aliyuncs.com/v1"
HOUR, WEEK, MONTH = (f"429 {span} allocated quota exceeded" for span in ("hour", "week", "month"))
INLINE = "inline-api-key:bailian"
ALL = ["2026.1.29", "2026.3.2", "2026.5.7", "2026.7.1", "2026.9.6"]


def config(**more: Any) -> dict[str, Any]:
    providers = {"bailian": {"baseUrl": PLAN, "apiKey": "sk-sp-0123456789abcdef", "models": []}}
    model = {"primary": "bailian/qwen3.5-plus"}
    providers |= more.pop("providers", {})
    return {"models": {"providers": providers}, "agents": {"defaults": {"model": model | more}}}


def said(kind: Kind, age: float, text: str, *, span: str | None = None, provider: str | None = "bailian") -> Event:
    return Event(NOW - age, kind, provider, None, None, None, text, span)


def home(*events: Event, settings: Any = None, written: float = 30 * 86400.0, **fields: Any) -> OpenClaw:
    agents = fields.pop("agents", ())
    file = replace(build.parsed(CONFIG, settings or config(), Syntax.JSON5), identity=identity(written))
    return build.openclaw(file, *agents, **({"evidence": Evidence(events, 0.0, None, complete=True)} | fields))


def found(rule: Rule, openclaw: OpenClaw, on: str | None = "2026.9.6", **look: Any) -> list[Finding]:
    reports = list(rule.check(replace(build.snapshot(openclaw, on=on), **look)))
    assert all(isinstance(one, Finding) and one.safety is Safety.ADVISE and one.fix is None for one in reports)
    return [one for one in reports if isinstance(one, Finding)]


def database(usage: dict[str, Any], profiles: dict[str, Any] | None = None) -> Any:
    stats = {"usageStats": usage}
    return build.agent(
        store=Database(f"{FOLDER}/agents/main/agent/openclaw-agent.sqlite", {"profiles": profiles or {}}, stats)
    )


def at(seconds: float) -> int:
    return int((NOW + seconds) * 1000)


PROFILE = {"bailian:default": {"type": "api_key", "provider": "bailian", "key": "sk-sp-fedcba9876543210"}}


class TestQuota:
    @pytest.mark.parametrize("version", ALL)
    def test_the_weeks_quota_comes_back_on_monday_of_utc_8(self, version: str) -> None:
        (one,) = found(oc405.RULE, home(said(Kind.QUOTA, 60, WEEK, span="week")), version)
        assert one.severity is Severity.WARNING
        assert one.summary.startswith("the plan refused bailian at ")
        assert one.summary.endswith("the weekly quota is used up; it comes back at 2026-11-29 16:00 (local time)")
        assert one.advice == ("Lite plan: wait for the reset, or upgrade to Pro", "Pro plan: wait for the reset")

    def test_the_moment_is_told_in_the_persons_own_time(self) -> None:
        openclaw = home(said(Kind.QUOTA, 60, WEEK, span="week"))
        (one,) = found(oc405.RULE, openclaw, zone=timezone(timedelta(hours=8)))
        assert one.summary.endswith("it comes back at 2026-11-30 00:00 (local time)")

    def test_of_five_hours_the_latest_moment_is_told(self) -> None:
        (one,) = found(oc405.RULE, home(said(Kind.QUOTA, 60, HOUR, span="hour")))
        latest = datetime.fromtimestamp(NOW - 60 + 5 * 3600, UTC).strftime("%H:%M")
        assert one.summary.endswith(f"the 5-hour quota is used up; it comes back by {latest} (local time)")
        assert one.severity is Severity.WARNING

    def test_after_an_hour_it_is_a_note_for_nobody_knows_whether_somebody_upgraded(self) -> None:
        (one,) = found(oc405.RULE, home(said(Kind.QUOTA, 3601, HOUR, span="hour")))
        assert one.severity is Severity.INFO
        assert found(oc405.RULE, home(said(Kind.QUOTA, 5 * 3600, HOUR, span="hour"))) == []

    def test_a_months_may_be_back_at_any_midnight_of_the_plan(self) -> None:
        event = said(Kind.QUOTA, 60, MONTH, span="month")
        (one,) = found(oc405.RULE, home(event))
        assert "on the day of the next billing month on which the plan was bought" in one.summary
        later = next_midnight(event.time)
        assert found(oc405.RULE, home(event), now=later - 1)
        assert found(oc405.RULE, home(event), now=later) == []

    @pytest.mark.parametrize("later", [Kind.RATE_LIMIT, Kind.TIMEOUT, Kind.CONNECTION, Kind.COOLDOWN])
    def test_what_says_nothing_about_the_quota_does_not_end_it(self, later: Kind) -> None:
        assert found(oc405.RULE, home(said(Kind.QUOTA, 60, HOUR, span="hour"), said(later, 30, "x")))

    @pytest.mark.parametrize(
        "openclaw",
        [
            home(),
            home(said(Kind.QUOTA, 60, "402 insufficient balance")),
            home(said(Kind.QUOTA, 60, "day allocated quota exceeded", span="day")),
            home(said(Kind.RATE_LIMIT, 60, "API rate limit reached")),
            home(said(Kind.QUOTA, 60, HOUR, span="hour", provider="other")),
            home(said(Kind.QUOTA, 60, HOUR, span="hour"), said(Kind.FORMAT, 30, "400 x")),
            home(said(Kind.QUOTA, 60, HOUR, span="hour"), said(Kind.AUTH, 30, "401 x")),
            home(said(Kind.QUOTA, 60, HOUR, span="hour"), written=59),
            home(said(Kind.QUOTA, 60, HOUR, span="hour"), agents=[database({INLINE: {"lastUsed": at(-30)}})]),
            home(
                said(Kind.QUOTA, 60, HOUR, span="hour"),
                settings=config(providers={"bailian": {"baseUrl": "https://api.example.com/v1", "models": []}}),
            ),
            home(said(Kind.QUOTA, 60, HOUR, span="hour"), settings=config(providers={"bailian": {"models": []}})),
            home(said(Kind.QUOTA, 60, HOUR, span="hour"), settings=config(primary="other/model")),
            home(
                said(Kind.QUOTA, 60, HOUR, span="hour", provider=None),
                settings=config(providers={"other": {"baseUrl": "https://api.example.com/v1", "models": []}}),
            ),
            home(evidence=Evidence((said(Kind.QUOTA, 60, HOUR, span="hour"),), NOW - 30, None, complete=True)),
            home(evidence=Evidence((said(Kind.QUOTA, 60, HOUR, span="hour"),), 0.0, None, complete=False)),
            replace(home(said(Kind.QUOTA, 60, HOUR, span="hour")), config=build.malformed(CONFIG)),
        ],
        ids=[
            "nothing", "no-money", "a-span-that-nobody-knows", "rate-limit", "another-provider", "answered-since",
            "asked-since", "changed-since", "worked-since", "not-the-plan", "no-url", "not-in-use", "of-nobody",
            "not-read-whole", "not-written-whole", "not-parsed",
        ],
    )  # fmt: skip
    def test_what_does_not_hold_or_is_another_matter_is_nothing(self, openclaw: OpenClaw) -> None:
        assert found(oc405.RULE, openclaw) == []

    def test_an_event_without_a_name_is_that_of_the_only_provider(self) -> None:
        assert found(oc405.RULE, home(said(Kind.QUOTA, 60, HOUR, span="hour", provider=None)))

    def test_a_use_before_it_proves_nothing(self) -> None:
        used = {
            INLINE: {"lastUsed": at(-90)},
            "inline-api-key:other": {"lastUsed": at(-1)},
            "gone": {"lastUsed": at(-1)},
        }
        assert found(oc405.RULE, home(said(Kind.QUOTA, 60, HOUR, span="hour"), agents=[database(used)]))


class TestRefusals:
    @pytest.mark.parametrize("version", ALL)
    @pytest.mark.parametrize(
        ("kind", "text", "severity"),
        [
            (Kind.AGENTS_ONLY, "405 Coding Plan is currently only available for Coding Agents", Severity.WARNING),
            (Kind.FORMAT, "400 InternalError: Range of input length should be [1, 202752]", Severity.INFO),
            (Kind.FORMAT, "400 data_inspection_failed", Severity.INFO),
            (Kind.MODEL_REFUSED, "400 model 'Qwen' is not supported.", Severity.INFO),
        ],
    )
    def test_the_last_refusal_is_told_with_the_plans_advice(
        self, version: str, kind: Kind, text: str, severity: Severity
    ) -> None:
        (one,) = found(oc406.RULE, home(said(kind, 3600, text)), version)
        assert one.severity is severity
        assert one.summary.endswith(f" (local time): {text}")
        assert one.advice

    def test_modelscope_is_no_host_of_the_vendor_and_still_known_by_its_words(self) -> None:
        scope = {"bailian": {"baseUrl": "https://api-inference.modelscope.cn/v1", "models": []}}
        words = "401 Authentication failed, please make sure that a valid ModelScope token is supplied."
        (one,) = found(oc406.RULE, home(said(Kind.AUTH, 60, words), settings=config(providers=scope)))
        assert "modelscope" in one.cause

    @pytest.mark.parametrize(
        "openclaw",
        [
            home(said(Kind.FORMAT, 3601, "Range of input length should be [1, 9]")),
            home(said(Kind.FORMAT, 60, "400 something else")),
            home(said(Kind.AUTH, 60, "401 Incorrect API key provided.")),
            home(said(Kind.QUOTA, 60, HOUR, span="hour")),
            home(said(Kind.FORMAT, 60, "Range of input length should be"), said(Kind.TIMEOUT, 30, "timed out")),
            home(said(Kind.NO_KEY, 60, 'No API key found for provider "openai"', provider="openai")),
            home(
                said(Kind.MODEL_REFUSED, 60, "400 model 'x' is not supported."),
                settings=config(providers={"bailian": {"baseUrl": "https://api.example.com/v1", "models": []}}),
            ),
        ],
        ids=["old", "unknown", "a-key", "a-quota", "something-else-since", "memory-probe", "another-vendor"],
    )
    def test_what_is_over_or_another_matter_is_nothing(self, openclaw: OpenClaw) -> None:
        assert found(oc406.RULE, openclaw) == []


class TestCooldowns:
    def test_the_key_of_openclaw_json_in_the_database(self) -> None:
        (one,) = found(
            oc404.RULE, home(agents=[database({INLINE: {"cooldownUntil": at(30), "cooldownReason": "auth"}})])
        )
        assert one.severity is Severity.INFO
        until = datetime.fromtimestamp(NOW + 30, UTC).strftime("%H:%M")
        assert (
            one.summary
            == f"OpenClaw does not use the key of bailian in openclaw.json until {until} (local time) (auth)"
        )

    def test_put_aside_for_longer_with_nothing_beside_it_is_a_warning(self) -> None:
        (one,) = found(
            oc404.RULE, home(agents=[database({INLINE: {"disabledUntil": at(600), "disabledReason": "billing"}})])
        )
        assert (one.severity, one.cause) == (Severity.WARNING, INLINE)

    def test_where_another_key_answers_it_is_a_note(self) -> None:
        (one,) = found(oc404.RULE, home(agents=[database({INLINE: {"disabledUntil": at(600)}}, PROFILE)]))
        assert one.severity is Severity.INFO

    @pytest.mark.parametrize(
        ("version", "files"),
        [
            ("2026.1.29", "profiles"),
            ("2026.3.2", "profiles"),
            ("2026.5.7", "auth_state"),
        ],
    )
    def test_each_version_keeps_them_in_its_own_file(self, version: str, files: str) -> None:
        stats = {"usageStats": {"bailian:default": {"cooldownUntil": at(30)}}}
        here = {"profiles": PROFILE, **(stats if files == "profiles" else {})}
        state = stats if files == "auth_state" else {}
        agent = build.agent(profiles=here, auth_state=state)
        (one,) = found(oc404.RULE, home(agents=[agent]), version)
        assert "the credential bailian:default" in one.summary
        other = {"2026.5.7": "2026.3.2"}.get(version, "2026.5.7")
        assert found(oc404.RULE, home(agents=[agent]), other) == []

    def test_one_place_that_two_agents_share_is_told_once(self) -> None:
        main = build.agent(profiles={"profiles": PROFILE, "usageStats": {"bailian:default": {"cooldownUntil": at(30)}}})
        assert len(found(oc404.RULE, home(agents=[main, build.agent("work")]), "2026.3.2")) == 1

    @pytest.mark.parametrize(
        "usage",
        [
            {INLINE: {"cooldownUntil": at(0)}},
            {INLINE: {"cooldownUntil": at(-1), "disabledUntil": at(-600)}},
            {INLINE: {"cooldownUntil": True, "disabledUntil": "tomorrow"}},
            {INLINE: {"cooldownUntil": 1e15, "disabledUntil": float("nan")}},
            {INLINE: 5},
            {"inline-api-key:other": {"cooldownUntil": at(30)}},
            {"bailian:gone": {"cooldownUntil": at(30)}},
        ],
        ids=["now", "passed", "no-moments", "too-far", "no-object", "another-provider", "gone"],
    )
    def test_what_has_passed_or_is_of_nobody_is_nothing(self, usage: dict[str, Any]) -> None:
        assert found(oc404.RULE, home(agents=[database(usage)])) == []

    def test_a_provider_that_answers_no_turn_is_nothing(self) -> None:
        openclaw = home(agents=[database({INLINE: {"cooldownUntil": at(30)}})], settings=config(primary="other/model"))
        assert found(oc404.RULE, openclaw) == []

    @pytest.mark.parametrize(("model", "told"), [("qwen3.5-plus", 1), ("glm-5", 0)])
    def test_a_cooldown_of_one_model_concerns_those_who_use_it(self, model: str, told: int) -> None:
        usage = {INLINE: {"cooldownUntil": at(30), "cooldownReason": "rate_limit", "cooldownModel": model}}
        assert len(found(oc404.RULE, home(agents=[database(usage)]))) == told

    def test_a_provider_that_openclaw_never_puts_aside_is_nothing(self) -> None:
        providers = {"openrouter": {"baseUrl": "https://openrouter.ai/api/v1", "models": []}}
        usage = {"inline-api-key:openrouter": {"cooldownUntil": at(30)}}
        openclaw = home(agents=[database(usage)], settings=config(providers=providers, primary="openrouter/x"))
        assert found(oc404.RULE, openclaw) == []

    def test_a_reason_that_is_no_word_is_not_repeated(self) -> None:
        (one,) = found(
            oc404.RULE, home(agents=[database({INLINE: {"cooldownUntil": at(30), "cooldownReason": "a b\x1b"}})])
        )
        assert one.summary.endswith("(local time)")


@pytest.mark.parametrize("version", [None, "2026.9.7", "2026.1.28"])
@pytest.mark.parametrize("rule", [oc404.RULE, oc405.RULE, oc406.RULE], ids=lambda rule: rule.id)
def test_of_a_version_that_nobody_measured_nothing_is_said(rule: Rule, version: str | None) -> None:
    openclaw = home(said(Kind.QUOTA, 60, HOUR, span="hour"), agents=[database({INLINE: {"cooldownUntil": at(30)}})])
    assert found(rule, openclaw, version) == []


def test_what_the_real_openclaw_logged_is_what_is_told() -> None:
    told: dict[str, list[str]] = {}
    for captured in all_logs():
        events = tuple(event for line in captured.lines if (event := read_line(line)))
        if not events:
            continue
        openclaw = home(evidence=Evidence(events, 0.0, None, complete=True))
        for rule in (oc405.RULE, oc406.RULE):
            for one in found(rule, openclaw, "2026.9.6", now=events[-1].time + 60):
                told.setdefault(f"{captured.version} {captured.name}", []).append(f"{one.rule} {one.cause}")
    assert told == {
        "2026.3 c-primary_wrong_case": ["OC406 bailian model-not-supported"],
        "2026.9 e400agents": ["OC406 bailian coding-agents-only"],
        "2026.9 e400len": ["OC406 bailian input-too-long"],
        "2026.9 e400model": ["OC406 bailian model-not-supported"],
        "2026.9 e429": ["OC405 bailian 5-hour"],
    }
