"""Who leads to a provider."""

from dataclasses import replace
from typing import Any

import pytest

from clawmend.core.routes import Role, Route, leads_to, routes_of
from clawmend.core.snapshot import OpenClaw
from support.build import openclaw, version

C, B = version("2026.5.7"), version("2026.3.2")


def home(defaults: Any, **more: Any) -> OpenClaw:
    providers = {"bailian": {"models": [{"id": "glm-5"}, {"id": "both"}]}, "other": {"models": [{"id": "both"}]}}
    pinned = more.pop("pinned", ())
    config = {"models": {"providers": providers}, "agents": {"defaults": defaults}, **more}
    return openclaw(config, pinned_models=pinned)


def said(found: tuple[Route, ...]) -> list[tuple[str, str, Role]]:
    return [(route.text, route.target, route.role) for route in found]


def test_every_place_has_its_role() -> None:
    agents = {
        "defaults": {
            "model": {"primary": "a/1", "fallbacks": ["b/2"]},
            "models": {"c/3": {}, "no-slash": {}},
            "modelPolicy": {"allow": ["d/4"]},
            "imageModel": "e/5",
            "workspace": "~/x/y",
        },
        "list": [{"id": "one", "model": "f/6"}],
        "entries": {"two": {"model": {"primary": "g/7", "fallbacks": ["h/8"]}}},
    }
    found = routes_of(openclaw({"agents": agents}), C)
    assert [(route.text, route.role) for route in found] == [
        ("a/1", Role.PRIMARY),
        ("b/2", Role.FALLBACK),
        ("c/3", Role.LISTED),
        ("d/4", Role.LISTED),
        ("e/5", Role.OTHER),
        ("f/6", Role.AGENT),
        ("g/7", Role.AGENT),
        ("h/8", Role.FALLBACK),
    ]
    assert found[2].pointer == ("agents", "defaults", "models", "c/3")
    assert found[1].pointer == ("agents", "defaults", "model", "fallbacks", 0)
    assert (str(found[0]), found[0].prefix, found[0].model) == ('the primary model "a/1"', "a", "1")


def test_an_alias_stands_for_what_it_names_and_is_no_reference_itself() -> None:
    found = routes_of(home({"model": " Mine ", "models": {"x/y": {"alias": "mine"}, "z/w": {"alias": 5}, "v/u": 1}}), B)
    assert said(found) == [
        (" Mine ", "x/y", Role.PRIMARY),
        ("x/y", "x/y", Role.LISTED),
        ("z/w", "z/w", Role.LISTED),
        ("v/u", "v/u", Role.LISTED),
    ]


def test_a_bare_id_leads_to_the_one_provider_that_has_it_where_openclaw_looks_for_it() -> None:
    bare = home({"model": {"primary": "glm-5", "fallbacks": ["both", "none"]}, "imageModel": "glm-5"})
    assert said(routes_of(bare, C)) == [("glm-5", "bailian/glm-5", Role.PRIMARY)]
    assert said(routes_of(bare, B)) == []


def test_numbers_and_words_elsewhere_are_no_references() -> None:
    odd = home({"model": 5, "heartbeat": {"every": "a/b"}, "models": {"a/b": {"params": {"x": 1}}}}, env={"A": "a/b"})
    assert said(routes_of(odd, C)) == [("a/b", "a/b", Role.LISTED)]


def test_sessions_come_last_and_only_with_a_provider() -> None:
    found = routes_of(home({"model": "a/b"}, pinned=("/glm-5", "bailian/glm-5")), C)
    assert said(found)[1:] == [("bailian/glm-5", "bailian/glm-5", Role.SESSION)]
    assert found[1].pointer is None


def test_a_cron_job_is_one_of_its_own_and_has_no_place_in_the_settings() -> None:
    config = home({"models": {"bailian/glm-5": {"alias": "Cheap"}}})
    config = replace(config, cron_models=("a/b", "cheap", "glm-5", "nobody"), pinned_models=("c/d",))
    found = routes_of(config, C)
    assert said(found)[1:] == [
        ("a/b", "a/b", Role.CRON),
        ("cheap", "bailian/glm-5", Role.CRON),
        ("glm-5", "bailian/glm-5", Role.CRON),
        ("c/d", "c/d", Role.SESSION),
    ]
    assert {route.pointer for route in found[1:]} == {None}
    assert str(found[1]) == 'a cron job "a/b"'


@pytest.mark.parametrize("config", [None, [], {}])
def test_without_settings_there_are_none(config: Any) -> None:
    assert routes_of(openclaw(config), C) == ()


def test_names_are_compared_as_the_version_does() -> None:
    route = Route(" Qwen /x", " Qwen /x", Role.PRIMARY)
    assert leads_to(route, "qwen", C)
    assert leads_to(route, "qwen-portal", B)
    assert not leads_to(route, "qwen-portal", C)
