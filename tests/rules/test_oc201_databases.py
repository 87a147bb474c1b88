"""OC201 where the credentials are in SQLite: who wins, what OpenClaw is asked to do, and when that is safe."""

from dataclasses import replace
from typing import Any

import pytest

from clawmend.core.evidence import Event, Evidence, Kind
from clawmend.core.finding import Finding, LogOut, Need, Report, Safety, Severity
from clawmend.core.snapshot import Database, OpenClaw
from clawmend.rules.oc201 import RULE
from support.build import AGENT, CONFIG, FOLDER, agent, identity, openclaw, parsed, snapshot
from support.clock import NOW

SHARED = f"{FOLDER}/state/openclaw.sqlite"
OWN = f"{AGENT}/openclaw-agent.sqlite"
PLAN = "https://coding-intl.dashscope.aliyuncs.com/v1"
NEW, OLD = "sk-sp-new00000000000000000000000001", "sk-sp-old00000000000000000000000001"


def config(key: str = NEW, url: str = PLAN) -> dict[str, Any]:
    return {"models": {"providers": {"bailian": {"baseUrl": url, "apiKey": key, "models": [{"id": "qwen3.5-plus"}]}}}}


def stored(key: str = OLD, name: str = "bailian:default") -> dict[str, Any]:
    return {"profiles": {name: {"type": "api_key", "provider": "bailian", "key": key}}}


def home(shared: Any = None, own: Any = None, state: Any = None, **fields: Any) -> OpenClaw:
    database = Database(SHARED, shared, state, "state-db") if shared is not None else None
    store = Database(OWN, own, state) if own is not None else None
    return openclaw(config(), agent(store=store), shared_store=database, **fields)


def said(*homes: OpenClaw, on: str = "2026.9.6") -> list[Report]:
    return list(RULE.check(snapshot(*homes, on=on)))


def only(*homes: OpenClaw, on: str = "2026.9.6") -> Finding:
    (finding,) = said(*homes, on=on)
    assert isinstance(finding, Finding)
    return finding


def test_openclaw_is_asked_to_log_it_out_and_no_restart_is_needed() -> None:
    finding = only(home(stored()))
    assert finding.fix is not None
    assert finding.fix.edits == (LogOut(SHARED, "main", "bailian:default", stored()["profiles"]["bailian:default"]),)
    assert finding.fix.need is Need.NOTHING
    assert finding.safety is Safety.ASK
    assert finding.severity is Severity.WARNING


def test_where_there_is_no_such_command_it_is_only_said() -> None:
    finding = only(home(own=stored()), on="2026.7.1")
    assert finding.fix is None
    assert finding.safety is Safety.ADVISE
    assert "paste-api-key" in finding.advice[0]


def test_an_agents_own_profile_wins_over_the_shared_one_of_the_same_name() -> None:
    assert only(home(stored(), stored("sk-sp-own000000000000000000000000001"))).path == OWN
    assert said(home(stored(), stored(NEW))) == []


def test_a_shared_profile_is_reported_once_for_all_agents() -> None:
    shared = Database(SHARED, stored(), None, "state-db")
    assert only(openclaw(config(), agent(), agent("other"), shared_store=shared)).path == SHARED


def test_without_the_mark_of_the_shared_store_the_main_agent_passes_its_profiles_on() -> None:
    main = agent(store=Database(OWN, stored()))
    assert (
        only(openclaw(config(), main, agent("other"), shared_store=Database(SHARED, stored(), None, None))).path == OWN
    )


@pytest.mark.parametrize("age", [1.0, 100_000.0])
def test_a_key_that_an_earlier_config_had_is_the_old_one(age: float) -> None:
    copy = replace(parsed(f"{CONFIG}.bak", config(OLD)), identity=identity(3600.0 + age))
    finding = only(home(stored(), copies=(copy,)))
    assert (finding.safety, finding.severity) == (Safety.SAFE, Severity.ERROR)
    assert "earlier openclaw.json" in finding.summary


@pytest.mark.parametrize("copied", [config(NEW), config("sk-sp-third"), {}, {"models": {"providers": {"bailian": 1}}}])
def test_a_copy_that_does_not_have_the_stored_key_proves_nothing(copied: Any) -> None:
    copy = replace(parsed(f"{CONFIG}.bak", copied), identity=identity(4000.0))
    assert only(home(stored(), copies=(copy,))).safety is Safety.ASK


def test_a_copy_that_is_newer_than_the_config_proves_nothing() -> None:
    copy = replace(parsed(f"{CONFIG}.bak", config(OLD)), identity=identity(10.0))
    assert only(home(stored(), copies=(copy,))).safety is Safety.ASK


def test_up_to_2026_6_1_an_earlier_key_is_no_proof_because_nothing_copies_keys_there() -> None:
    copy = replace(parsed(f"{CONFIG}.bak", config(OLD)), identity=identity(4000.0))
    assert only(openclaw(config(), agent(profiles=stored()), copies=(copy,)), on="2026.5.7").safety is Safety.ASK


def test_a_key_that_was_refused_since_the_config_changed_is_the_wrong_one() -> None:
    usage = {"usageStats": {"bailian:default": {"failureCounts": {"auth": 1}, "lastFailureAt": (NOW - 60) * 1000}}}
    assert only(home(stored(), {"profiles": {}}, usage)).safety is Safety.SAFE
    early = {"usageStats": {"bailian:default": {"failureCounts": {"auth": 1}, "lastFailureAt": (NOW - 7200) * 1000}}}
    assert only(home(stored(), {"profiles": {}}, early)).safety is Safety.ASK
    limited = {"usageStats": {"bailian:default": {"failureCounts": {"rate_limit": 1}, "lastFailureAt": NOW * 1000}}}
    assert only(home(stored(), {"profiles": {}}, limited)).safety is Safety.ASK


@pytest.mark.parametrize(
    ("age", "profile", "safety"),
    [
        (60.0, None, Safety.SAFE),
        (60.0, "bailian:default", Safety.SAFE),
        (60.0, "x", Safety.ASK),
        (9e9, None, Safety.ASK),
    ],
)
def test_a_refusal_in_the_log_counts_when_it_is_younger_than_the_config(
    age: float, profile: str | None, safety: Safety
) -> None:
    event = Event(NOW - age, Kind.AUTH, "bailian", None, profile, None, "401 invalid access token")
    assert only(home(stored(), evidence=Evidence((event,), 0.0, None, True))).safety is safety


def test_a_profile_beside_one_with_the_right_key_takes_turns_with_it() -> None:
    both = {"profiles": {**stored(name="bailian:old")["profiles"], **stored(NEW)["profiles"]}}
    assert "takes turns" in only(home(both)).summary


def test_of_a_placeholder_no_more_than_the_shape_is_needed() -> None:
    assert only(home(stored("YOUR_API_KEY"))).safety is Safety.SAFE


def test_a_version_that_was_not_measured_is_left_alone() -> None:
    assert said(home(stored()), on="2026.10.1") == []
