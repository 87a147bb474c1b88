"""OC206 to OC209 and OC312 where a case cannot lead: logs, databases, services, odd values."""

from dataclasses import replace
from typing import Any

import pytest

from clawmend.core.evidence import Event, Evidence, Kind
from clawmend.core.finding import Finding, LogOut, Need, RemoveKey, RenameKey, Safety, SetKey, Severity
from clawmend.core.snapshot import Database, GatewayAbsent, GatewayRunning, OpenClaw
from clawmend.rules import oc206, oc207, oc208, oc209, oc312
from support.build import AGENT, CONFIG, FOLDER, agent, identity, openclaw, parsed, snapshot
from support.clock import NOW

PLAN = "https://coding-intl.dashscope.aliyuncs.com/v1"
GENERAL = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"
KEY, GENERAL_KEY = "sk-sp-abc0000000000000001", "sk-general00000000000001"
OWN, SHARED = f"{AGENT}/openclaw-agent.sqlite", f"{FOLDER}/state/openclaw.sqlite"
RULES = {rule.RULE.id: rule.RULE for rule in (oc206, oc207, oc208, oc209, oc312)}


def config(key: Any = None, url: str = PLAN, name: str = "bailian", **more: Any) -> dict[str, Any]:
    entry = {"baseUrl": url, "api": "openai-completions", "models": [{"id": "m"}], **more}
    entry |= {} if key is None else {"apiKey": key}
    return {"models": {"providers": {name: entry}}, "agents": {"defaults": {"model": f"{name}/m"}}}


def said(rule: str, *homes: OpenClaw, on: str | None = "2026.3.2") -> list[Finding]:
    return [one for one in RULES[rule].check(snapshot(*homes, on=on)) if isinstance(one, Finding)]


def only(rule: str, *homes: OpenClaw, on: str = "2026.3.2") -> Finding:
    (finding,) = said(rule, *homes, on=on)
    return finding


def stored(key: str, name: str = "bailian:default") -> dict[str, Any]:
    return {"profiles": {name: {"type": "api_key", "provider": "bailian", "key": key}}}


def log(kind: Kind, provider: str | None, text: str = "", age: float = 60.0) -> Evidence:
    return Evidence((Event(NOW - age, kind, provider, None, None, None, text),), 0.0, None, True)


@pytest.mark.parametrize("rule", RULES)
def test_what_cannot_be_judged_is_passed_over(rule: str) -> None:
    odd = [openclaw(None), openclaw({"$include": "gone.json"}), openclaw([]), openclaw(config(), agent())]
    assert said(rule, *odd[:3]) == []
    assert said(rule, *odd, on=None) == []
    assert said(rule, *odd, on="2026.10.1") == []


class TestMisshaped:
    def test_a_stored_key_that_a_token_profile_holds(self) -> None:
        entry = {"type": "token", "provider": "bailian", "token": f'"{KEY}"'}
        finding = only("OC206", openclaw(config(), agent(profiles={"profiles": {"a": entry}})))
        assert finding.fix is not None
        path = f"{AGENT}/auth-profiles.json"
        assert finding.fix.edits == (SetKey(path, ("profiles", "a", "token"), KEY),)
        assert finding.fix.need is Need.RESTART

    def test_an_inherited_profile_is_told_once(self) -> None:
        value = config() | {"agents": {"defaults": {"model": "bailian/m"}, "list": [{"id": "main"}, {"id": "work"}]}}
        home = openclaw(value, agent(profiles=stored(f'"{KEY}"')), agent("work"))
        assert only("OC206", home).path == f"{AGENT}/auth-profiles.json"

    def test_a_stored_key_of_a_provider_without_an_entry(self) -> None:
        home = openclaw({"agents": {"defaults": {"model": "bailian/m"}}}, agent(profiles=stored(f"Bearer {KEY}")))
        assert only("OC206", home).safety is Safety.ASK

    def test_a_stored_key_over_a_real_one_is_what_oc201_speaks_of(self) -> None:
        assert said("OC206", openclaw(config(GENERAL_KEY), agent(profiles=stored(f'"{KEY}"')))) == []

    def test_a_wrong_member_from_two_files_is_only_told(self) -> None:
        included = parsed(f"{FOLDER}/keys.json", {"api_key": KEY})
        value = config()
        value["models"]["providers"]["bailian"] |= {"$include": "keys.json"}
        plain = openclaw(config(api_key=KEY), agent())
        home = replace(openclaw(value, agent()), settings=plain.settings, includes=(included,))
        finding = only("OC206", home)
        assert (finding.path, finding.safety) == (included.path, Safety.ADVISE)

    def test_a_wrong_member_with_a_variable_is_renamed_with_its_variable(self) -> None:
        finding = only("OC206", openclaw(config(api_key="${A}"), agent()))
        assert finding.fix is not None
        pointer = ("models", "providers", "bailian", "api_key")
        assert finding.fix.edits == (RenameKey(CONFIG, pointer, "apiKey"),)

    def test_a_wrong_member_that_holds_no_text_is_only_told(self) -> None:
        assert only("OC206", openclaw(config(api_key=5), agent())).safety is Safety.ADVISE

    def test_a_stored_placeholder_and_a_reference_are_not_its_business(self) -> None:
        assert said("OC206", openclaw(config(), agent(profiles=stored("YOUR_API_KEY")))) == []
        assert said("OC206", openclaw(config({"source": "env", "id": "A"}), agent())) == []


class TestInherited:
    """An agent without a key of its own takes what the main agent has stored."""

    def home(self, key: str) -> OpenClaw:
        value = config() | {"agents": {"defaults": {"model": "bailian/m"}, "list": [{"id": "work"}]}}
        bak = replace(parsed(f"{CONFIG}.bak", config(KEY)), identity=identity(4000.0))
        return openclaw(value, agent(profiles=stored(key)), agent("work", profiles={"profiles": {}}), copies=(bak,))

    def test_a_misshaped_key_is_mended_where_it_is_stored(self) -> None:
        finding = only("OC206", self.home(f'"{KEY}"'))
        assert finding.path == f"{AGENT}/auth-profiles.json"
        assert finding.safety is Safety.SAFE

    def test_a_placeholder_goes_from_where_it_is_stored(self) -> None:
        finding = only("OC207", self.home("YOUR_API_KEY"))
        assert finding.fix is not None
        assert RemoveKey(f"{AGENT}/auth-profiles.json", ("profiles", "bailian:default")) in finding.fix.edits


class TestPlaceholder:
    def test_openclaw_is_asked_to_log_a_stored_placeholder_out(self) -> None:
        bak = replace(parsed(f"{CONFIG}.bak", config(KEY)), identity=identity(4000.0))
        home = openclaw(config("YOUR_API_KEY"), agent(store=Database(OWN, stored("YOUR_API_KEY"))), copies=(bak,))
        finding = only("OC207", home, on="2026.9.6")
        assert finding.fix is not None
        entry = stored("YOUR_API_KEY")["profiles"]["bailian:default"]
        put = SetKey(CONFIG, ("models", "providers", "bailian", "apiKey"), KEY)
        assert finding.fix.edits == (put, LogOut(OWN, "main", "bailian:default", entry))
        assert finding.fix.need is Need.HOT_RELOAD
        assert finding.safety is Safety.ASK

    def test_a_stored_placeholder_in_the_shared_store_is_told_once(self) -> None:
        shared = Database(SHARED, stored("YOUR_API_KEY"), None, "state-db")
        value = config("") | {"agents": {"defaults": {"model": "bailian/m"}, "entries": {"main": {}, "work": {}}}}
        home = openclaw(value, agent(), agent("work"), shared_store=shared)
        finding = only("OC207", home, on="2026.9.6")
        assert finding.path == SHARED
        assert "paste-api-key" in finding.advice[0]

    def test_a_stored_placeholder_gives_way_to_a_variable(self) -> None:
        entry = {"type": "api_key", "provider": "qianfan", "key": "YOUR_API_KEY"}
        store = Database(OWN, {"profiles": {"a": entry}})
        home = openclaw(config(name="qianfan"), agent(store=store), environment={"QIANFAN_API_KEY": "bce-0123456789"})
        finding = only("OC207", home, on="2026.9.6")
        assert finding.fix is not None
        assert (finding.fix.edits, finding.fix.need) == ((LogOut(OWN, "main", "a", entry),), Need.NOTHING)

    def test_a_stored_placeholder_of_a_provider_without_an_entry(self) -> None:
        home = openclaw({"agents": {"defaults": {"model": "bailian/m"}}}, agent(profiles=stored("YOUR_API_KEY")))
        assert only("OC207", home).safety is Safety.ADVISE

    def test_a_stored_sample_is_fine_for_a_server_on_this_machine(self) -> None:
        home = openclaw(config(url="http://localhost:1/v1"), agent(profiles=stored("sk-xxxx")))
        assert said("OC207", home) == []

    def test_a_name_that_a_profile_has_is_no_placeholder(self) -> None:
        store = Database(OWN, stored(KEY, "your-key"))
        assert said("OC207", openclaw(config("your-key"), agent(store=store)), on="2026.9.6") == []

    def test_the_log_decides_where_nobody_can_look(self) -> None:
        home = openclaw(config("", name="moonshot"), agent())
        assert said("OC207", home) == []
        finding = only("OC207", replace(home, evidence=log(Kind.NO_KEY, "moonshot")))
        assert finding.severity is Severity.ERROR


class TestMismatch:
    @pytest.mark.parametrize(("age", "safety"), [(60.0, Safety.SAFE), (9e6, Safety.ASK)])
    def test_a_refusal_since_the_config_was_changed_decides(self, age: float, safety: Safety) -> None:
        home = openclaw(config(KEY, GENERAL), agent(), evidence=log(Kind.AUTH, "bailian", "401", age))
        finding = only("OC208", home, on="2026.9.6")
        assert finding.safety is safety
        assert finding.fix is not None
        assert finding.fix.edits == (SetKey(CONFIG, ("models", "providers", "bailian", "baseUrl"), PLAN),)

    @pytest.mark.parametrize(
        "models",
        [None, {"providers": 5}, {"providers": {"bailian": {"baseUrl": GENERAL}}}, {"providers": {"bailian": 5}}],
    )
    def test_a_cache_that_leads_nowhere_else_decides_nothing(self, models: Any) -> None:
        assert only("OC208", openclaw(config(KEY, GENERAL), agent(models=models))).safety is Safety.ASK

    def test_models_that_speak_different_protocols_leave_it_open(self) -> None:
        value = config(KEY, GENERAL, models=[{"id": "m", "api": "openai-completions"}, {"id": "n"}, 5])
        del value["models"]["providers"]["bailian"]["api"]
        assert only("OC208", openclaw(value, agent())).safety is Safety.ADVISE
        value["models"]["providers"]["bailian"]["models"] = 5
        assert only("OC208", openclaw(value, agent())).safety is Safety.ADVISE

    def test_one_key_that_two_agents_send_is_told_once(self) -> None:
        value = config(GENERAL_KEY) | {
            "agents": {"defaults": {"model": "bailian/m"}, "list": [{"id": "main"}, {"id": "work"}]}
        }
        assert only("OC208", openclaw(value, agent(), agent("work"))).safety is Safety.ADVISE

    def test_a_key_from_two_files_is_told_where_it_would_stand(self) -> None:
        home = replace(openclaw(config(GENERAL_KEY), agent()), config=parsed(CONFIG, {}))
        assert only("OC208", home).pointer == ("models", "providers", "bailian", "apiKey")


class TestMissing:
    def test_the_log_decides_where_nobody_can_look(self) -> None:
        home = openclaw(config(name="moonshot"), agent())
        assert said("OC209", home) == []
        assert only("OC209", replace(home, evidence=log(Kind.NO_KEY, "moonshot"))).severity is Severity.ERROR
        assert said("OC209", replace(home, evidence=log(Kind.NO_KEY, "moonshot", age=9e6))) == []

    def test_a_provider_that_several_files_make_is_told_and_not_written(self) -> None:
        home = replace(openclaw(config(), agent()), config=parsed(CONFIG, {}))
        finding = only("OC209", home)
        assert (finding.safety, finding.path) == (Safety.ADVISE, CONFIG)


class TestUnset:
    def test_a_service_that_lacks_it_is_mentioned(self) -> None:
        home = openclaw(config("${A_KEY}"), agent(), gateway=GatewayAbsent("openclaw-gateway.service", "systemd"))
        finding = only("OC312", home)
        assert (finding.severity, finding.safety) == (Severity.INFO, Safety.ADVISE)
        assert finding.advice == ()
        assert said("OC312", replace(home, gateway=GatewayAbsent())) == []
        assert said("OC312", replace(home, environment={"A_KEY": KEY})) == []

    @pytest.mark.parametrize(
        ("text", "age", "count"),
        [
            ('Missing env var "A_KEY" referenced at config path: x', 60.0, 1),
            ('Missing env var "A_KEY" referenced at config path: x', 9e6, 0),
            ('Missing env var "OTHER" referenced at config path: x', 60.0, 0),
        ],
    )
    def test_the_log_names_it(self, text: str, age: float, count: int) -> None:
        home = openclaw(config("${A_KEY}"), agent(), evidence=log(Kind.INVALID_CONFIG, None, text, age))
        assert len(said("OC312", home)) == count
        assert all(one.severity is Severity.ERROR for one in said("OC312", home))

    def test_a_key_that_another_source_replaces_does_not_matter_on_2026_9(self) -> None:
        running = GatewayRunning(1, 1.0, 1, environment={})
        store = Database(OWN, stored(KEY))
        home = openclaw(config("${A_KEY}"), agent(store=store), gateway=running, environment_complete=True)
        assert only("OC312", home, on="2026.9.6").severity is Severity.INFO
        assert only("OC312", home, on="2026.7.1").severity is Severity.ERROR

    def test_a_fallback_is_not_what_answers(self) -> None:
        value = config(KEY)
        value["models"]["providers"]["spare"] = {"baseUrl": "${BASE}", "models": []}
        value["agents"]["defaults"]["model"] = {"primary": "bailian/m", "fallbacks": ["spare/m"]}
        home = openclaw(value, agent(), environment_complete=True)
        assert only("OC312", home, on="2026.9.6").severity is Severity.INFO

    def test_a_key_of_something_else_is_no_providers(self) -> None:
        value = config(KEY) | {"skills": {"entries": {"x": {"apiKey": "${A_KEY}"}}}, "list": ["${A_KEY}"]}
        home = openclaw(value, agent(), environment_complete=True)
        assert only("OC312", home, on="2026.5.7").severity is Severity.INFO
