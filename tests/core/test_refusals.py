"""Whether the key that wins was refused since openclaw.json was changed."""

from typing import Any

import pytest

from clawmend.core.credentials import Holder, Profile
from clawmend.core.evidence import Event, Evidence, Kind, profile_mark
from clawmend.core.precedence import Source
from clawmend.core.providers import configured_providers
from clawmend.core.refusals import refusal_of, refused_since
from clawmend.core.secret import Secret
from clawmend.core.snapshot import OpenClaw
from support.build import agent, openclaw, version
from support.clock import NOW

CONFIG = {"models": {"providers": {"Bailian": {"baseUrl": "https://x.example/v1", "apiKey": "k"}}}}
INLINE = "inline-api-key:bailian"


def refused(home: OpenClaw, kind: str = "config", name: str = "models.providers.Bailian.apiKey") -> str | None:
    provider = configured_providers(home)["Bailian"]
    return refused_since(home, provider, Source(kind, name, None, None, True, "", True), version("2026.3.2"))


def event(profile: str | None, age: float = 60.0) -> Evidence:
    return Evidence((Event(NOW - age, Kind.AUTH, "bailian", None, profile, None, "401"),), 0.0, None, True)


def counted(name: str, age: float = 60.0, kind: str = "auth") -> Any:
    return {"profiles": {}, "usageStats": {name: {"failureCounts": {kind: 1}, "lastFailureAt": (NOW - age) * 1000}}}


@pytest.mark.parametrize(
    ("profile", "kind", "name", "age", "said"),
    [
        (None, "config", "x", 60.0, True),
        (INLINE, "config", "x", 60.0, True),
        (profile_mark(INLINE), "variable", "X", 60.0, True),
        ("bailian:default", "config", "x", 60.0, False),
        ("bailian:default", "profile", "bailian:default", 60.0, True),
        (profile_mark("bailian:default"), "profile", "bailian:default", 60.0, True),
        (INLINE, "profile", "bailian:default", 60.0, False),
        (None, "config", "x", 9e6, False),
    ],
)
def test_the_log_counts_when_it_is_younger_and_of_this_credential(
    profile: str | None, kind: str, name: str, age: float, said: bool
) -> None:
    home = openclaw(CONFIG, agent(), evidence=event(profile, age))
    assert (refused(home, kind, name) is not None) is said


@pytest.mark.parametrize(
    ("state", "kind", "name", "said"),
    [
        (counted(INLINE), "config", "x", True),
        (counted("bailian:default"), "config", "x", False),
        (counted("bailian:default"), "profile", "bailian:default", True),
        (counted(INLINE, 9e6), "config", "x", False),
        (counted(INLINE, kind="rate_limit"), "config", "x", False),
        ({"usageStats": {INLINE: {"failureCounts": {"auth": 1}}}}, "config", "x", False),
    ],
)
def test_openclaws_own_counters_count_too(state: Any, kind: str, name: str, said: bool) -> None:
    assert (refused(openclaw(CONFIG, agent(profiles=state)), kind, name) is not None) is said


def test_without_a_config_nothing_is_younger_than_it() -> None:
    home = openclaw(CONFIG, agent(profiles=counted(INLINE)))
    gone = OpenClaw(home.directory, None, openclaw(None).config, home.settings, home.agents)
    assert refused(gone) is None


def test_of_a_stored_key_neither() -> None:
    home = openclaw(CONFIG, agent(profiles=counted("bailian:default")))
    gone = OpenClaw(home.directory, None, openclaw(None).config, home.settings, home.agents)
    profile = Profile(
        "bailian:default", "bailian", Secret("k"), "api_key", "bailian", Holder("x", "main", False, {}, ())
    )
    assert refusal_of(home, profile, configured_providers(home)["Bailian"], version("2026.3.2")) is not None
    assert refusal_of(gone, profile, configured_providers(home)["Bailian"], version("2026.3.2")) is None
