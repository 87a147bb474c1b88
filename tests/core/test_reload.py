"""What a running gateway does with a change on disk, per version and per `gateway.reload.mode`."""

from dataclasses import replace
from typing import Any

import pytest

from clawmend.core.behaviour import behaviour_of
from clawmend.core.document import Json, Syntax
from clawmend.core.evidence import Event, Evidence, Kind
from clawmend.core.finding import (
    LogOut,
    Need,
    RemoveFile,
    RemoveKey,
    Restart,
    RestoreFile,
    SetKey,
    SetMode,
    TakeOver,
)
from clawmend.core.plan import Action, Change
from clawmend.core.pointer import Pointer
from clawmend.core.reload import (
    Effect,
    changed_members,
    effect_of_change,
    effect_of_members,
    members_of_change,
    need_of,
    need_of_edits,
    reload_mode,
    strongest,
)
from clawmend.core.snapshot import GatewayAbsent, GatewayRunning, OpenClaw, Settings, Snapshot
from clawmend.core.state import Malformed, Parsed
from support import build
from support.build import AGENT, CONFIG, FOLDER, agent, version

STORE, OLD_STORE, CACHE = f"{AGENT}/auth-profiles.json", f"{AGENT}/auth.json", f"{AGENT}/models.json"
INCLUDED = f"{FOLDER}/models.json5"
STARTED = 1000.0


def parsed(path: str, text: str) -> Parsed:
    return build.parsed_text(path, text, Syntax.JSON5)


def malformed(path: str) -> Malformed:
    return build.malformed(path)


def openclaw(config: Any = None, *, evidence: tuple[Event, ...] = (), mode: str | None = None) -> OpenClaw:
    return build.openclaw(
        config or parsed(CONFIG, "{models: {a: 1}, auth: {x: 1}}"),
        agent(models={}, profiles={}, legacy_auth={}),
        settings=Settings({"gateway": {"reload": {"mode": mode}}} if mode else {}),
        gateway=GatewayRunning(1, STARTED, 18789),
        includes=(parsed(INCLUDED, "{a: 1}"),),
        evidence=Evidence(evidence, 0.0, None, complete=True),
    )


def snapshot(text: str | None, home: OpenClaw) -> Snapshot:
    return build.snapshot(home, on=text)


def said(kind: Kind, time: float) -> Event:
    return Event(time, kind, None, None, None, None, "")


def edit_of(before: str, after: str, path: str = CONFIG) -> Change:
    return Change(path, Action.EDIT, parsed(path, before), after.encode(), ())


@pytest.mark.parametrize(
    ("text", "member", "effect"),
    [
        ("2026.1.29", "models.providers.bailian", Effect.HOT_RELOAD),
        ("2026.3.2", "models.providers.bailian.baseUrl", Effect.HOT_RELOAD),
        ("2026.3.2", "agents.defaults.models", Effect.HOT_RELOAD),
        ("2026.3.2", "auth.profiles.x", Effect.RESTARTS_ITSELF),
        ("2026.3.2", "env.vars.KEY", Effect.RESTARTS_ITSELF),
        ("2026.3.2", "gateway.port", Effect.RESTARTS_ITSELF),
        ("2026.3.2", "gateway.reload.mode", Effect.HOT_RELOAD),
        ("2026.3.2", "plugins.x", Effect.RESTARTS_ITSELF),
        ("2026.5.7", "plugins.entries.x", Effect.HOT_RELOAD),
        ("2026.5.7", "plugins.load.paths", Effect.RESTARTS_ITSELF),
        ("2026.5.7", "models.pricing", Effect.RESTARTS_ITSELF),
        ("2026.5.7", "models", Effect.HOT_RELOAD),
        ("2026.9.1", "auth.profiles.x", Effect.RESTARTS_ITSELF),
        ("2026.9.6", "auth.profiles.x", Effect.HOT_RELOAD),
        ("2026.9.6", "auth.order", Effect.HOT_RELOAD),
        ("2026.9.6", "auth", Effect.RESTARTS_ITSELF),
        ("2026.9.6", "gateway.mode", Effect.RESTARTS_ITSELF),
        ("2026.9.6", "env", Effect.RESTARTS_ITSELF),
        ("2026.9.7", "models", Effect.RESTART),
    ],
)
def test_what_the_gateway_does_with_one_member(text: str, member: str, effect: Effect) -> None:
    behaviour = behaviour_of(version(text))
    assert effect_of_members(behaviour, "hybrid", [tuple(member.split("."))]) is effect


@pytest.mark.parametrize(
    ("mode", "member", "effect"),
    [
        ("hybrid", "models", Effect.HOT_RELOAD),
        ("hybrid", "auth", Effect.RESTARTS_ITSELF),
        ("hot", "models", Effect.HOT_RELOAD),
        ("hot", "auth", Effect.RESTART),
        ("restart", "models", Effect.RESTARTS_ITSELF),
        ("restart", "auth", Effect.RESTARTS_ITSELF),
        ("off", "models", Effect.RESTART),
        ("off", "auth", Effect.RESTART),
    ],
)
def test_what_the_mode_makes_of_it(mode: str, member: str, effect: Effect) -> None:
    assert effect_of_members(behaviour_of(version("2026.3.2")), mode, [(member,)]) is effect


def test_of_what_comes_or_goes_newer_versions_judge_each_part() -> None:
    profiles, cooldowns = "{auth: {profiles: {}}}", "{auth: {cooldowns: {}, profiles: {}}}"
    for before, after, on, effect in (
        ("{}", profiles, "2026.9.1", Effect.RESTARTS_ITSELF),
        ("{}", profiles, "2026.9.6", Effect.HOT_RELOAD),
        (profiles, "{}", "2026.9.6", Effect.HOT_RELOAD),
        ("{auth: []}", profiles, "2026.9.6", Effect.HOT_RELOAD),
        ("{}", cooldowns, "2026.9.6", Effect.RESTARTS_ITSELF),
        ("{}", "{auth: 1}", "2026.9.6", Effect.RESTARTS_ITSELF),
    ):
        assert effect_of_change(snapshot(on, openclaw()), edit_of(before, after)) is effect, (before, after, on)
    whole = [SetKey(CONFIG, ("auth",), {"profiles": {}})]
    assert need_of_edits(snapshot("2026.9.6", openclaw(parsed(CONFIG, "{}"))), whole) is Need.HOT_RELOAD
    assert need_of_edits(snapshot("2026.9.6", openclaw()), whole) is Need.RESTART  # it had another part as well


def test_one_member_that_restarts_is_enough_and_none_is_nothing() -> None:
    behaviour = behaviour_of(version("2026.3.2"))
    assert effect_of_members(behaviour, "hybrid", [("models",), ("auth",)]) is Effect.RESTARTS_ITSELF
    assert effect_of_members(behaviour, "off", []) is Effect.NOTHING
    assert effect_of_members(behaviour, "hybrid", [()]) is Effect.RESTARTS_ITSELF


@pytest.mark.parametrize(
    ("text", "mode", "understood"),
    [
        ("2026.3.2", None, "hybrid"),
        ("2026.3.2", "restart", "restart"),
        ("2026.3.2", "sometimes", "hybrid"),
        ("2026.9.6", "off", "off"),
        ("2026.9.6", "restart", "hybrid"),
        ("2026.9.6", 7, "hybrid"),
    ],
)
def test_the_mode_as_each_version_understands_it(text: str, mode: Json, understood: str) -> None:
    behaviour = behaviour_of(version(text))
    assert behaviour is not None
    assert reload_mode({"gateway": {"reload": {"mode": mode}}}, behaviour) == understood


@pytest.mark.parametrize(
    ("before", "after", "members"),
    [
        ({}, {}, ()),
        ({"a": 1}, {"a": 1.0}, ()),
        ({"a": 1}, {"a": True}, (("a",),)),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, (("a", "c"),)),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 3}}, (("a", "c"),)),
        ({"a": {"b": 1}}, {}, (("a",),)),
        ({"a": [1, {"b": 1}]}, {"a": [1, {"b": 1}]}, ()),
        ({"a": [1]}, {"a": [1, 2]}, (("a",),)),
        ({"a": [{"b": 1}]}, {"a": [{"c": 1}]}, (("a",),)),
        ({"a": {}}, {"a": []}, (("a",),)),
        ([], {}, ((),)),
        (None, None, ()),
    ],
)
def test_the_members_in_which_two_documents_differ(before: Json, after: Json, members: tuple[Pointer, ...]) -> None:
    assert changed_members(before, after) == members


@pytest.mark.parametrize(
    ("effect", "need"),
    [
        (Effect.NOTHING, Need.NOTHING),
        (Effect.HOT_RELOAD, Need.HOT_RELOAD),
        (Effect.RESTARTS_ITSELF, Need.RESTART),
        (Effect.RESTART, Need.RESTART),
        (Effect.GATEWAY_STOPPED, Need.RESTART),
    ],
)
def test_how_a_plan_counts_an_effect(effect: Effect, need: Need) -> None:
    assert need_of(effect) is need


def test_the_strongest_of_several_effects_counts() -> None:
    assert strongest([]) is Effect.NOTHING
    assert strongest([Effect.HOT_RELOAD, Effect.GATEWAY_STOPPED, Effect.RESTART]) is Effect.GATEWAY_STOPPED


class TestAChange:
    def test_of_openclaw_json_is_judged_by_its_members(self) -> None:
        home = snapshot("2026.3.2", openclaw())
        assert effect_of_change(home, edit_of("{models: {a: 1}}", "{models: {a: 2}}")) is Effect.HOT_RELOAD
        assert effect_of_change(home, edit_of("{auth: {a: 1}}", "{}")) is Effect.RESTARTS_ITSELF
        assert effect_of_change(home, edit_of("{a: 1}", "{a: 1} // now with a comment")) is Effect.NOTHING

    def test_that_OpenClaw_would_refuse_changes_nothing_in_it(self) -> None:  # noqa: N802 - a name
        assert effect_of_change(snapshot("2026.3.2", openclaw()), edit_of("{}", "{")) is Effect.NOTHING

    def test_of_the_bits_alone_is_nothing(self) -> None:
        home = snapshot("2026.3.2", openclaw())
        before = parsed(CONFIG, "{}")
        assert effect_of_change(home, Change(CONFIG, Action.MODE, before, before.data, (), mode=0o600)) is (
            Effect.NOTHING
        )

    def test_of_a_file_of_nobody_is_nothing(self) -> None:
        home = snapshot("2026.3.2", openclaw())
        assert effect_of_change(home, edit_of("{}", "{a: 1}", "/home/user/.claude.json")) is Effect.NOTHING

    def test_of_one_that_the_gateway_never_read_is_waited_for(self) -> None:
        restored = Change(CONFIG, Action.RESTORE, malformed(CONFIG), b"{auth: {}}", ())
        home = openclaw(malformed(CONFIG))
        assert effect_of_change(snapshot("2026.3.2", home), restored) is Effect.HOT_RELOAD
        off = replace(home, settings=Settings({"gateway": {"reload": {"mode": "off"}}}))
        assert effect_of_change(snapshot("2026.3.2", off), restored) is Effect.NOTHING

    def test_of_one_that_the_gateway_has_refused_is_waited_for(self) -> None:
        change = edit_of("{auth: {a: 1}}", "{}")
        refused = (said(Kind.RELOADED, STARTED + 1), said(Kind.INVALID_CONFIG, STARTED + 2))
        assert effect_of_change(snapshot("2026.3.2", openclaw(evidence=refused)), change) is Effect.HOT_RELOAD
        before = (said(Kind.INVALID_CONFIG, STARTED - 1),)
        assert effect_of_change(snapshot("2026.3.2", openclaw(evidence=before)), change) is Effect.RESTARTS_ITSELF
        taken = (said(Kind.INVALID_CONFIG, STARTED + 1), said(Kind.RELOADED, STARTED + 2))
        assert effect_of_change(snapshot("2026.3.2", openclaw(evidence=taken)), change) is Effect.RESTARTS_ITSELF

    @pytest.mark.parametrize(
        ("text", "mode", "effect"),
        [
            ("2026.3.2", None, Effect.RESTART),
            ("2026.9.6", None, Effect.HOT_RELOAD),
            ("2026.9.6", "off", Effect.RESTART),
            (None, None, Effect.RESTART),
        ],
    )
    def test_of_an_included_file_is_noticed_by_newer_versions_only(
        self, text: str | None, mode: str | None, effect: Effect
    ) -> None:
        change = edit_of("{a: 1}", "{a: 2}", INCLUDED)
        assert effect_of_change(snapshot(text, openclaw(mode=mode)), change) is effect
        assert effect_of_change(snapshot(text, openclaw(mode=mode)), edit_of("{a: 1}", "{a: 1 }", INCLUDED)) is (
            Effect.NOTHING
        )

    @pytest.mark.parametrize(
        ("text", "path", "effect"),
        [
            ("2026.3.2", CACHE, Effect.NOTHING),
            ("2026.3.2", STORE, Effect.GATEWAY_STOPPED),
            ("2026.3.2", OLD_STORE, Effect.NOTHING),
            ("2026.7.1", STORE, Effect.NOTHING),
            ("2026.9.6", STORE, Effect.RESTART),
            ("2026.9.6", OLD_STORE, Effect.RESTART),
            (None, STORE, Effect.RESTART),
        ],
    )
    def test_of_another_file_depends_on_what_the_version_makes_of_it(
        self, text: str | None, path: str, effect: Effect
    ) -> None:
        assert effect_of_change(snapshot(text, openclaw()), edit_of("{a: 1}", "{}", path)) is effect


def test_the_members_of_a_change() -> None:
    home = snapshot("2026.3.2", openclaw())
    assert members_of_change(home, edit_of("{models: {a: 1}}", "{models: {a: 2}}")) == (("models", "a"),)
    assert members_of_change(home, edit_of("{}", "{")) == ()
    assert members_of_change(home, edit_of("{}", "{a: 1}", STORE)) == ()
    assert members_of_change(home, Change(CONFIG, Action.RESTORE, malformed(CONFIG), b"{}", ())) == ()


class TestAFix:
    @pytest.mark.parametrize(
        ("edit", "need"),
        [
            (SetKey(CONFIG, ("models", "a"), 1), Need.HOT_RELOAD),
            (RemoveKey(CONFIG, ("auth", "profiles", "x")), Need.RESTART),
            (RemoveKey(STORE, ("profiles", "x")), Need.RESTART),
            (RemoveKey(CACHE, ("providers", "x")), Need.NOTHING),
            (RestoreFile(CONFIG, "copy", b"{}"), Need.HOT_RELOAD),
            (RemoveFile(STORE), Need.RESTART),
            (RemoveFile("/home/user/.qwen/oauth_creds.json"), Need.NOTHING),
            (SetMode(CONFIG, 0o600), Need.NOTHING),
            (Restart(CONFIG), Need.RESTART),
            (LogOut(f"{FOLDER}/state/openclaw.sqlite", "main", "x", {}), Need.NOTHING),
            (TakeOver(f"{AGENT}/auth-profiles.json", "main"), Need.RESTART),
        ],
    )
    def test_needs_what_its_edits_need(self, edit: Any, need: Need) -> None:
        assert need_of_edits(snapshot("2026.3.2", openclaw()), [edit]) is need

    def test_of_a_file_that_the_gateway_has_refused_is_waited_for(self) -> None:
        edits = [RemoveKey(CONFIG, ("auth", "profiles", "x"))]
        assert need_of_edits(snapshot("2026.3.2", openclaw(malformed(CONFIG))), edits) is Need.HOT_RELOAD

    def test_a_folder_without_a_gateway_has_refused_nothing(self) -> None:
        home = replace(openclaw(), gateway=GatewayAbsent())
        assert need_of_edits(snapshot("2026.3.2", home), [RemoveKey(CONFIG, ("auth", "x"))]) is Need.RESTART
