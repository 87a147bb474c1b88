"""OC204: what is told about credentials that wait to be taken over."""

from dataclasses import replace
from typing import Any

import pytest

from clawmend.core.finding import Finding, Fix, Need, Report, Safety, Severity, TakeOver
from clawmend.core.snapshot import Database, GatewayRunning, OpenClaw
from clawmend.rules.oc204 import RULE
from support.build import AGENT, agent, openclaw, parsed, snapshot

KEY = "sk-sp-new00000000000000000000000001"
OLD = {"profiles": {"bailian:default": {"type": "api_key", "provider": "bailian", "key": "sk-sp-old"}}}


def config(key: Any = KEY) -> dict[str, Any]:
    return {"models": {"providers": {"bailian": {"baseUrl": "https://x", "apiKey": key, "models": []}, "other": {}}}}


def said(home: OpenClaw, on: str = "2026.9.6") -> list[Report]:
    return list(RULE.check(snapshot(home, on=on)))


def only(home: OpenClaw, on: str = "2026.9.6") -> Finding:
    (finding,) = said(home, on)
    assert isinstance(finding, Finding)
    return finding


def test_a_key_that_will_win_after_the_migration_is_told_once() -> None:
    legacy = {"bailian": {"type": "api_key", "key": "sk-sp-old"}, "other": {"key": "x"}, "third": {"key": "y"}}
    finding = only(openclaw(config(), agent(profiles=OLD, legacy_auth=legacy)))
    assert finding.evidence == (
        "credentials for bailian, other, third: do not delete them",
        "bailian:default has another key than openclaw.json, and will win once it is taken over (OC201)",
    )


@pytest.mark.parametrize("key", ["sk-sp-old", " sk-sp-old ", "${BAILIAN}", "YOUR_API_KEY", None, {"source": "env"}])
def test_nothing_of_the_kind_is_told_where_no_other_plain_key_is_configured(key: Any) -> None:
    finding = only(openclaw(config(key), agent(profiles=OLD)))
    assert finding.evidence == ("credentials for bailian: do not delete them",)


def test_a_login_has_no_key_to_compare() -> None:
    login = {"profiles": {"bailian:default": {"type": "oauth", "provider": "bailian", "access": "a", "refresh": "r"}}}
    assert len(only(openclaw(config(), agent(profiles=login))).evidence) == 1


def test_stale_keys_go_first() -> None:
    models = {"providers": {"bailian": {"apiKey": "sk-sp-older"}}}
    finding = only(openclaw(config(), agent(profiles=OLD, models=models), profile="work"))
    assert "OC103" in str(finding.hold)
    assert finding.safety is Safety.ASK
    assert finding.advice == ("1. clawmend repair --only OC103 --yes", "2. clawmend repair --yes")
    assert any("OC103" in line for line in finding.evidence)


@pytest.mark.parametrize(
    ("manager", "stop", "start"),
    [
        (None, "stop the gateway where it runs", "start the gateway again"),
        ("launchd", "openclaw gateway stop", "openclaw gateway start"),
    ],
)
def test_a_gateway_that_is_in_the_way_is_stopped_by_a_person(manager: str | None, stop: str, start: str) -> None:
    running = GatewayRunning(4711, 1.0, 18789, manager)
    finding = only(openclaw(config(), agent(profiles=OLD), gateway=running))
    assert finding.advice == (f"1. {stop}", "2. clawmend repair --yes", f"3. {start}")


def test_by_hand_the_steps_are_numbered_and_name_the_profile_of_openclaw() -> None:
    unknown = {"profiles": {**OLD["profiles"], "odd": {"type": "oauth", "oauthRef": {"id": "x"}}}}
    finding = only(openclaw(config(), agent(profiles=unknown), profile="work"))
    assert "cannot read as a credential" in str(finding.hold)
    assert [step.partition(" ")[0] for step in finding.advice] == ["1.", "2.", "3.", "4.", "5."]
    assert finding.advice[2].startswith("3. openclaw --profile work doctor --fix --non-interactive")


def test_openclaw_is_asked_to_take_them_over_and_a_gateway_is_started_anew() -> None:
    finding = only(openclaw(config(), agent(profiles=OLD)))
    assert finding.fix == Fix((TakeOver(f"{AGENT}/auth-profiles.json", "main"),), Need.RESTART)
    assert (finding.hold, finding.advice) == (None, ("clawmend repair --yes",))


def test_what_the_store_holds_under_another_name_is_not_said_to_be_lacking() -> None:
    codex = {"profiles": {"openai-codex:me": {"provider": "openai-codex", "access": "a", "refresh": "r"}}}
    store = {"profiles": {"openai:me": {"type": "oauth", "provider": "openai", "access": "n", "refresh": "r"}}}
    database = Database(f"{AGENT}/openclaw-agent.sqlite", store)
    assert said(openclaw(config(), agent(profiles=codex, store=database))) == []
    other = replace(database, store={"profiles": {"openai:me": {"provider": "openai", "refresh": "another"}}})
    assert only(openclaw(config(), agent(profiles=codex, store=other))).severity is Severity.INFO


def test_on_a_version_that_only_fails_turns_nothing_is_said_about_the_start() -> None:
    assert "does not even start" in only(openclaw(config(), agent(profiles=OLD))).summary
    assert "does not even start" not in only(openclaw(config(), agent(profiles=OLD)), "2026.9.5").summary


def test_it_needs_no_openclaw_json_to_be_told() -> None:
    assert only(openclaw(None, agent(profiles=OLD))).evidence == ("credentials for bailian: do not delete them",)


@pytest.mark.parametrize("store", [None, {}, {"profiles": {}}, {"profiles": []}])
def test_a_store_without_a_profile_is_an_empty_one(store: Any) -> None:
    home = openclaw(config(), agent(profiles=OLD, store=Database(f"{AGENT}/openclaw-agent.sqlite", store)))
    assert only(home).severity.value == "error"


def test_the_old_login_file_of_a_home_without_other_files() -> None:
    source = parsed("/home/user/.openclaw/credentials/oauth.json", {"anthropic": {"access": "a", "refresh": "r"}})
    finding = only(openclaw(config(), agent(), oauth_sources=(source,)))
    assert finding.path == source.path
    assert said(openclaw(config(), agent(), oauth_sources=(source,)), "2026.9.5") == []
