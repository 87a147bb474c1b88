"""Taking retired credentials over: what OpenClaw is given, what is in the way, and how it is seen that it worked."""

import json
from dataclasses import replace
from typing import Any

import pytest

from clawmend.core.legacy import LegacyCredential
from clawmend.core.migration import APART, config_apart, not_taken_over, why_not_now
from clawmend.core.snapshot import Database, GatewayRunning, OpenClaw, Settings
from support.build import AGENT, FOLDER, agent, malformed, openclaw, parsed, version

NEW = version("2026.9.6")
PATH = f"{AGENT}/auth-profiles.json"
OLD = {"profiles": {"a:default": {"type": "api_key", "provider": "a", "key": "old"}}}
CONFIG: dict[str, Any] = {
    "models": {"mode": "merge", "providers": {"a": {"apiKey": "sk-a", "models": []}, "b": {}, "c": 1}},
    "agents": {"list": [{"id": "main"}]},
}


def _home(config: Any = CONFIG, **parts: Any) -> OpenClaw:
    return openclaw(config, agent(profiles=OLD), **parts)


def _files(value: Any = OLD) -> list[Any]:
    return [parsed(PATH, value)]


class TestTheCopy:
    def test_every_key_of_a_provider_is_a_reference_and_all_else_as_it_was(self) -> None:
        copy = config_apart(_home())
        assert copy is not None
        reference = {"source": "env", "provider": "default", "id": APART}
        providers = {"a": {"apiKey": reference, "models": []}, "b": {}, "c": 1}
        assert json.loads(copy) == CONFIG | {"models": {"mode": "merge", "providers": providers}}

    def test_without_providers_it_is_what_was_read(self) -> None:
        copy = config_apart(_home({"gateway": {"mode": "local"}}))
        assert copy is not None
        assert json.loads(copy) == {"gateway": {"mode": "local"}}

    @pytest.mark.parametrize("settings", [None, Settings({}, "an include is not there"), Settings([])])
    def test_what_cannot_be_told_in_full_is_not_copied(self, settings: Settings | None) -> None:
        home = replace(_home(), settings=settings)
        assert config_apart(home) is None
        assert "cannot be told in full" in str(why_not_now(home, _files(), stale=False))


class TestWhatIsInTheWay:
    def test_nothing_is_while_no_gateway_runs_or_systemd_can_stop_it(self) -> None:
        assert why_not_now(_home(), _files(), stale=False) is None
        managed = GatewayRunning(1, 1.0, 18789, "systemd", "openclaw-gateway.service")
        assert why_not_now(_home(gateway=managed), _files(), stale=False) is None

    @pytest.mark.parametrize("manager", [None, "launchd"])
    def test_a_gateway_that_nobody_here_can_stop_is(self, manager: str | None) -> None:
        running = _home(gateway=GatewayRunning(4711, 1.0, 18789, manager))
        assert "(process 4711) that clawmend cannot stop" in str(why_not_now(running, _files(), stale=False))

    def test_stale_keys_are(self) -> None:
        assert "--only OC103 --yes" in str(why_not_now(_home(), _files(), stale=True))

    @pytest.mark.parametrize(
        "state",
        [
            malformed(PATH),
            parsed(PATH, []),
            parsed(PATH, {"profiles": {"a:default": {"type": "oauth", "oauthRef": {"id": "x"}}}}),
            parsed(PATH, {"a": {"key": "x"}, "version": 1}),
        ],
    )
    def test_a_file_that_is_not_understood_is(self, state: Any) -> None:
        assert "cannot read as a credential" in str(why_not_now(_home(), [state], stale=False))

    def test_a_flat_file_of_credentials_alone_is_understood(self) -> None:
        assert why_not_now(_home(), _files({"a": {"key": "x"}}), stale=False) is None

    def test_a_login_that_gets_another_name_is_where_the_old_one_is_used(self) -> None:
        codex = {"profiles": {"openai-codex:me": {"provider": "openai-codex", "access": "a", "refresh": "r"}}}
        assert why_not_now(_home(), _files(codex), stale=False) is None
        used = CONFIG | {"auth": {"order": {"openai-codex": ["openai-codex:me"]}}}
        assert "another name" in str(why_not_now(_home(used), _files(codex), stale=False))


def _lacking(entry: Any, stored: Any, *, provider: str = "a", problem: str | None = None) -> tuple[str, ...]:
    store = Database(
        f"{FOLDER}/state/openclaw.sqlite", {"profiles": {"any": stored}}, None, "state-db", problem=problem
    )
    home = openclaw(CONFIG, agent(), shared_store=store)
    return not_taken_over([LegacyCredential("it", provider, entry)], home, home.agents[0], NEW)


class TestWhetherItWorked:
    @pytest.mark.parametrize(
        ("entry", "stored"),
        [
            ({"key": " k "}, {"type": "api_key", "provider": "A", "key": "k"}),
            ({"apiKey": "k"}, {"provider": "a", "key": "k"}),
            ({"token": "t"}, {"provider": "a", "token": "t"}),
            ({"access": "old", "refresh": "r"}, {"provider": "a", "access": "new", "refresh": "r"}),
            ({"access": "x"}, {"provider": "a", "access": "x"}),
            ({"key": {"id": "N", "source": "env"}}, {"provider": "a", "keyRef": {"source": "env", "id": "N"}}),
        ],
    )
    def test_the_same_secret_is_enough_whatever_its_name_is(self, entry: Any, stored: Any) -> None:
        assert _lacking(entry, stored) == ()

    @pytest.mark.parametrize(
        ("entry", "stored"),
        [
            ({"key": "k"}, {"provider": "a", "key": "other"}),
            ({"key": "k"}, {"provider": "b", "key": "k"}),
            ({"key": "k"}, {"provider": "a", "token": "k"}),
            ({"access": "x", "refresh": "r"}, {"provider": "a", "access": "x", "refresh": "other"}),
            ({"key": "k"}, {"key": "k"}),
            ({"key": "k"}, "k"),
        ],
    )
    def test_anything_else_is_not(self, entry: Any, stored: Any) -> None:
        assert _lacking(entry, stored) == ("it",)

    def test_the_provider_that_was_renamed_is_still_the_same(self) -> None:
        assert _lacking({"refresh": "r"}, {"provider": "openai", "refresh": "r"}, provider="openai-codex") == ()

    def test_a_database_that_cannot_be_read_proves_nothing(self) -> None:
        assert _lacking({"key": "k"}, {"provider": "a", "key": "k"}, problem="is locked") == ("it",)
