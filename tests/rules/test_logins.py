"""OC202, OC203 and OC205 where a case cannot show it: what the log says, odd values, what OpenClaw is asked to do."""

from dataclasses import replace
from typing import Any

import pytest

from clawmend.core.evidence import Event, Evidence, Kind
from clawmend.core.finding import Finding, LogOut, Need, Report, Rule, Safety, Severity
from clawmend.core.snapshot import Database, OpenClaw
from clawmend.rules import oc202, oc203, oc205
from support.build import AGENT, FOLDER, agent, identity, openclaw, parsed, snapshot, unreadable
from support.clock import NOW

SHARED = f"{FOLDER}/state/openclaw.sqlite"
PORTAL = {"type": "oauth", "provider": "qwen-portal", "access": "a", "refresh": "r", "expires": 1_700_000_000_000}
STORED = {"version": 1, "profiles": {"qwen-portal:default": PORTAL}}
NOISY = {"version": 1, "profiles": {"alibaba-cloud:default": {"type": "api_key", "provider": "alibaba-cloud"}}}
CLI_LOGIN = {"access_token": "a", "refresh_token": "r", "expiry_date": 1_700_000_000_000}


def config(primary: str = "qwen-portal/coder-model", **sections: Any) -> dict[str, Any]:
    providers = {"bailian": {"baseUrl": "https://coding-intl.dashscope.aliyuncs.com/v1", "apiKey": "sk-sp-1"}}
    return {
        "models": {"providers": providers},
        "agents": {"defaults": {"model": {"primary": primary}}},
        **sections,
    }


def said(rule: Rule, home: OpenClaw, on: str = "2026.3.2") -> list[Report]:
    return list(rule.check(snapshot(home, on=on)))


def only(rule: Rule, home: OpenClaw, on: str = "2026.3.2") -> Finding:
    (finding,) = said(rule, home, on)
    assert isinstance(finding, Finding)
    return finding


def seen(kind: Kind, age: float, provider: str | None = "qwen-portal") -> Evidence:
    return Evidence(
        (Event(NOW - age, kind, provider, None, None, None, "OAuth token refresh failed"),), 0.0, None, True
    )


@pytest.mark.parametrize(
    ("evidence", "safety"),
    [
        (seen(Kind.OAUTH_REFRESH, 60.0), Safety.SAFE),
        (seen(Kind.OAUTH_REFRESH, 60.0, "Qwen"), Safety.SAFE),
        (seen(Kind.OAUTH_REFRESH, 7200.0), Safety.ASK),
        (seen(Kind.OAUTH_REFRESH, 60.0, "anthropic"), Safety.ASK),
        (seen(Kind.OAUTH_REFRESH, 60.0, None), Safety.ASK),
        (seen(Kind.AUTH, 60.0), Safety.ASK),
    ],
)
def test_it_is_safe_when_openclaw_has_failed_to_renew_it_since_the_file_was_written(
    evidence: Evidence, safety: Safety
) -> None:
    finding = only(oc202.RULE, openclaw(config(), agent(profiles=STORED), evidence=evidence))
    assert finding.safety is safety
    assert finding.fix is not None
    assert finding.fix.need is Need.RESTART


def test_a_file_that_would_bring_it_back_makes_clawmend_ask_whatever_the_log_says() -> None:
    source = parsed("/home/user/.qwen/oauth_creds.json", CLI_LOGIN)
    home = openclaw(config(), agent(profiles=STORED), evidence=seen(Kind.OAUTH_REFRESH, 60.0), oauth_sources=(source,))
    finding = only(oc202.RULE, home)
    assert finding.safety is Safety.ASK
    assert any("~/.qwen/oauth_creds.json" in line for line in finding.evidence)
    assert only(oc203.RULE, home).severity is Severity.WARNING


def test_a_login_in_a_database_is_logged_out_by_openclaw_and_always_asked_about() -> None:
    shared = Database(SHARED, STORED, None, "state-db")
    home = openclaw(config(), agent(), shared_store=shared, evidence=seen(Kind.OAUTH_REFRESH, 60.0))
    finding = only(oc202.RULE, home, "2026.9.6")
    assert finding.fix is not None
    assert finding.fix.edits == (LogOut(SHARED, "main", "qwen-portal:default", PORTAL),)
    assert (finding.fix.need, finding.safety) == (Need.NOTHING, Safety.ASK)
    assert "the login stays in the checkpoint" in finding.evidence


def test_where_there_is_no_such_command_it_only_says_what_to_do() -> None:
    finding = only(oc202.RULE, openclaw(config(), agent(store=Database(f"{AGENT}/x.sqlite", STORED))), "2026.7.1")
    assert (finding.fix, finding.safety) == (None, Safety.ADVISE)
    assert finding.advice == ("name a model of another provider in the place of qwen-portal/coder-model",)


def test_a_login_that_is_shared_by_several_agents_is_told_once() -> None:
    assert only(oc202.RULE, openclaw(config(), agent(profiles=STORED), agent("second"))).path.endswith("profiles.json")


@pytest.mark.parametrize("expires", [None, True, "soon", 4_102_444_800_000])
def test_a_login_of_a_provider_of_ones_own_is_dead_only_when_it_has_expired(expires: Any) -> None:
    entry = {**PORTAL, "provider": "corp", "expires": expires}
    stored = {"profiles": {"corp:default": entry}}
    assert said(oc202.RULE, openclaw(config("corp/m"), agent(profiles=stored))) == []
    entry["expires"] = 1_700_000_000_000
    assert only(oc202.RULE, openclaw(config("corp/m"), agent(profiles=stored))).severity is Severity.ERROR


@pytest.mark.parametrize(
    "profiles", [{}, {"profiles": []}, [], parsed(f"{AGENT}/auth-profiles.json", {"profiles": {}})]
)
def test_auth_json_counts_only_without_a_store_beside_it(profiles: Any) -> None:
    legacy = {"qwen-portal": PORTAL, "bailian": {"type": "api_key", "key": "k"}, "x": 1}
    home = openclaw(config(), agent(profiles=profiles, legacy_auth=legacy))
    has_store = not isinstance(profiles, dict | list)
    assert len(said(oc202.RULE, home)) == (0 if has_store else 1)


def test_an_unreadable_store_is_not_guessed_at() -> None:
    state = unreadable(f"{AGENT}/auth-profiles.json")
    home = openclaw(config(), agent(profiles=state, legacy_auth={"qwen-portal": PORTAL}))
    assert said(oc202.RULE, home) == []


@pytest.mark.parametrize("value", [[], {"access_token": "a"}, {**CLI_LOGIN, "refresh_token": 1}])
def test_what_is_no_login_makes_no_profile(value: Any) -> None:
    home = openclaw(config(), agent(), oauth_sources=(parsed("/home/user/.qwen/oauth_creds.json", value),))
    assert said(oc203.RULE, home) == []


@pytest.mark.parametrize("rule", [oc202.RULE, oc203.RULE, oc205.RULE])
def test_settings_that_are_not_known_are_not_judged(rule: Rule) -> None:
    both = {"profiles": {**STORED["profiles"], **NOISY["profiles"]}}  # type: ignore[dict-item]
    home = openclaw(None, agent(profiles=both), oauth_sources=(parsed("/home/user/.qwen/oauth_creds.json", CLI_LOGIN),))
    assert said(rule, home) == []


def test_without_the_message_in_the_log_the_noisy_profile_is_a_note() -> None:
    home = openclaw(config("bailian/x"), agent(profiles=NOISY))
    assert only(oc205.RULE, home).severity is Severity.INFO
    noisy = replace(home, evidence=seen(Kind.DISCOVERY, 60.0, None))
    finding = only(oc205.RULE, noisy)
    assert (finding.severity, finding.safety) == (Severity.WARNING, Safety.ASK)
    assert "in vain" in finding.summary


def test_the_noisy_profile_is_logged_out_where_openclaw_can() -> None:
    shared = Database(SHARED, NOISY, None, "state-db")
    finding = only(oc205.RULE, openclaw(config("bailian/x"), agent(), agent("second"), shared_store=shared), "2026.9.6")
    assert finding.fix is not None
    assert isinstance(finding.fix.edits[0], LogOut)
    own = openclaw(config("bailian/x"), agent(store=Database(f"{AGENT}/x.sqlite", NOISY)))
    assert only(oc205.RULE, own, "2026.7.1").safety is Safety.ADVISE


def test_the_age_of_the_file_is_that_of_its_last_write() -> None:
    state = replace(parsed(f"{AGENT}/auth-profiles.json", STORED), identity=identity(10.0))
    home = openclaw(config(), agent(profiles=state), evidence=seen(Kind.OAUTH_REFRESH, 60.0))
    assert only(oc202.RULE, home).safety is Safety.ASK
