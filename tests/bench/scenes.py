"""Homes with the faults that users report, most of them captured from real programs, for every tool alike."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from bench.judgement import parse, parsed, secrets_in_databases
from bench.tools import NEW, OLD
from support.captured import all_states
from support.cases import CASES, all_cases
from support.trees import Look, Tree, lay_down_files

CONFIG = ".openclaw/openclaw.json"
AGENT = ".openclaw/agents/main/agent"
MODELS = f"{AGENT}/models.json"
PROFILES = f"{AGENT}/auth-profiles.json"
SESSIONS = ".openclaw/agents/main/sessions/sessions.json"
CLAUDE = ".claude.json"
Files = dict[str, bytes]
COMMENTED = (CASES.parent / "e2e" / "openclaw.json5").read_text()


@dataclasses.dataclass(frozen=True, slots=True)
class Scene:
    """A home, and how to tell from its files whether the fault is there.

    `fault` names what belongs to the fault and may go or change: files, or pointers in them as "file#/pointer".
    `good` is the file whose content a broken file is to get back. `stale` are keys that nobody may use any more.
    """

    name: str
    openclaw: str
    files: Mapping[str, bytes]
    cured: Callable[[Tree], bool]
    fault: tuple[str, ...] = ()
    modes: Mapping[str, int] = dataclasses.field(default_factory=dict)
    good: Mapping[str, str] = dataclasses.field(default_factory=dict)
    stale: tuple[str, ...] = ()

    def lay_down(self, home: Path) -> None:
        lay_down_files(self.files, home, Look(self.modes, {}, {}))


@cache
def _captured() -> dict[str, dict[str, bytes]]:
    return {state.name: state.files for state in all_states()}


def _case(name: str) -> Files:
    (case,) = [case for case in all_cases() if case.name == name]
    before = case.folder / "before"
    return {path.relative_to(before).as_posix(): path.read_bytes() for path in before.rglob("*") if path.is_file()}


def _commented(url: str, key: str) -> bytes:
    """The openclaw.json of somebody who writes comments."""
    text = COMMENTED
    for name, value in {
        "PORT": "18789", "TOKEN": "made-up-token", "BASE_URL": url, "KEY": key, "LOG": "/tmp/openclaw/gateway.log",  # noqa: S108
    }.items():  # fmt: skip
        text = text.replace(f"@{name}@", value)
    return text.encode()


def _cache_of(config: bytes, **other: str) -> bytes:
    """The model cache as OpenClaw makes it from this openclaw.json, with other values in its one entry."""
    entry = parse(config)["models"]["providers"]["bailian"]
    models = [{**model, "api": entry["api"]} for model in entry["models"]]
    return json.dumps({"providers": {"bailian": {**entry, "models": models, **other}}}, indent=2).encode()


def _providers(tree: Tree) -> dict[str, dict[str, object]]:
    found = parsed(tree, MODELS)
    providers = found.get("providers", {}) if isinstance(found, dict) else {}
    return providers if isinstance(providers, dict) else {}


def _fresh(url: str) -> Callable[[Tree], bool]:
    """The model cache sends the provider where openclaw.json does, or says nothing of it."""
    return lambda tree: _providers(tree).get("bailian", {}).get("baseUrl", url) == url


def _without_keys(*stale: str) -> Callable[[Tree], bool]:
    """No stale key is left in the cache, from where OpenClaw would copy it, and none is in its store."""

    def cured(tree: Tree) -> bool:
        cached = {provider.get("apiKey") for provider in _providers(tree).values()}
        return not cached & set(stale) and not secrets_in_databases(tree, stale)

    return cured


def _same(path: str, value: object) -> Callable[[Tree], bool]:
    """A file holds, as data, what it held when it was good (a date of the last writing aside)."""

    def cured(tree: Tree) -> bool:
        found = parsed(tree, path)
        return isinstance(found, dict) and {**found, "meta": None} == {**value, "meta": None}  # type: ignore[dict-item]

    return cured


def _valid_keys(tree: Tree) -> bool:
    found = parsed(tree, CONFIG)
    return isinstance(found, dict) and not found.keys() & _UNKNOWN


_UNKNOWN = {"myNotes"}


def _migrated(keys: tuple[str, ...]) -> Callable[[Tree], bool]:
    """OpenClaw's database has the logins of the retired file, which is gone."""
    return lambda tree: PROFILES not in tree and secrets_in_databases(tree, keys) == set(keys)


def all_scenes() -> list[Scene]:
    """Every scene, in the order of the table."""
    captured = _captured()
    plan = "http://127.0.0.1:18810/v1"
    key, old = "sk-sp-accepted-0000000000000000000a11", "sk-sp-replaced-0000000000b22"
    found = captured["openclaw-2026.3/a-stale_baseurl_404/before"]
    config = _commented(plan, key)
    healthy = {CONFIG: config, MODELS: _cache_of(config)}
    commented = {CONFIG: config, MODELS: _cache_of(config, baseUrl="http://127.0.0.1:18810/old/v1")}
    copied = {CONFIG: config, MODELS: _cache_of(config, apiKey=old)}
    config_cut = {**healthy, CONFIG: config[:700], f"{CONFIG}.bak": config}
    unknown = {**healthy, CONFIG: config.replace(b"{\n", b'{\n  "myNotes": "ask Ana before the port changes",\n', 1)}
    logins = captured["openclaw-2026.9/full-5.7-tree-on-9.6/before"]
    good = parse(config)
    group = {CONFIG: 0o640}
    cache_entry = (f"{MODELS}#/providers/bailian",)
    return [
        Scene("stale model cache", OLD, found, _fresh(plan), cache_entry),
        Scene("stale cache, commented config, mode 640", OLD, commented, _fresh(plan), cache_entry, group),
        Scene(
            "stale key in the cache, commented config, mode 640",
            NEW,
            copied,
            _without_keys(old),
            cache_entry,
            group,
            stale=(old,),
        ),
        Scene(
            "leftover provider",
            OLD,
            _case("OC102/retired-portal"),
            lambda tree: "qwen-portal" not in _providers(tree),
            (f"{MODELS}#/providers/qwen-portal", f"{SESSIONS}#/s"),
        ),
        Scene(
            "stored key shadows the configured one",
            OLD,
            captured["openclaw-2026.3/d-stale_apikey_profile_bailian/before"],
            lambda tree: b"sk-old-general" not in (tree[PROFILES].content or b"" if PROFILES in tree else b""),
            (PROFILES,),
            stale=("sk-old-general",),
        ),
        *(
            Scene(
                "config cut off, good .bak beside it",
                version,
                config_cut,
                _same(CONFIG, good),
                (CONFIG,),
                group,
                good={CONFIG: f"{CONFIG}.bak"},
            )
            for version in (OLD, NEW)
        ),
        Scene("unknown key, commented config", NEW, unknown, _valid_keys, (f"{CONFIG}#/myNotes",), group),
        Scene(
            "logins in the retired file",
            NEW,
            {CONFIG: logins[CONFIG], PROFILES: logins[PROFILES]},
            _migrated(("sk-ant-test-fake-token-0001", "sk-test-openai-fake-000000000001")),
            (PROFILES,),
        ),
        Scene(
            "Claude Code's onboarding flag lost",
            NEW,
            {**healthy, **captured["claude/lacking-flag-after-start-2.1.330"]},
            lambda tree: parsed(tree, CLAUDE).get("hasCompletedOnboarding") is True,
            (f"{CLAUDE}#/hasCompletedOnboarding",),
        ),
        *(Scene("healthy, commented, mode 640", v, healthy, lambda _tree: True, (), group) for v in (OLD, NEW)),
    ]
