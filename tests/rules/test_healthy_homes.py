"""Homes that are unusual and in order, on every era: nothing but notes is said, and nothing is to change."""

import json
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.finding import Severity
from clawmend.core.verdict import Verdict
from clawmend.repair.cycle import repair
from clawmend.repair.planning import Options, look
from support.machine import Machine, forget_the_real_machine
from support.trees import lay_down_files

VERSIONS = ["2026.1.29", "2026.2.12", "2026.3.2", "2026.3.13", "2026.4.26", "2026.5.7", "2026.7.1", "2026.8.2"]
VERSIONS += ["2026.9.6", "2026.12.1", ""]
FILES_HOLD_CREDENTIALS = frozenset({*VERSIONS[:6], ""})  # from 2026.6 on a database does; those homes are left out
KEY = "sk-sp-test0000000000000000000000000001"
PLAN = "https://coding-intl.dashscope.aliyuncs.com"
PROFILES = "agents/main/agent/auth-profiles.json"
CACHE = "agents/main/agent/models.json"

Object = dict[str, Any]


def model(name: str, **more: object) -> Object:
    return {"id": name, "name": name, "reasoning": False, "input": ["text"], **more}


def provider(url: str, *models: Object, key: object = KEY, api: str = "openai-completions", **more: object) -> Object:
    return {"baseUrl": url, "apiKey": key, "api": api, "models": list(models) or [model("qwen3.5-plus")], **more}


def without(entry: Object, *names: str) -> Object:
    return {name: value for name, value in entry.items() if name not in names}


def config(providers: Object, primary: str, **sections: object) -> Object:
    defaults = {"model": {"primary": primary}, "models": {primary: {}}}
    return {
        "gateway": {"mode": "local", "port": 18789},
        "models": {"mode": "merge", "providers": providers},
        "agents": {"defaults": defaults},
        **sections,
    }


def bailian(entry: Object, **sections: object) -> Object:
    return config({"bailian": entry}, "bailian/qwen3.5-plus", **sections)


def stored(**profiles: Object) -> str:
    return json.dumps({"version": 1, "profiles": profiles})


def profile(key: str) -> Object:
    return {"type": "api_key", "provider": "bailian", "key": key}


def metadata(*names: str) -> Object:
    return {
        "profiles": {name: {"provider": "bailian", "mode": "api_key"} for name in names},
        "order": {"bailian": list(reversed(names))},
    }


ORDINARY = provider(f"{PLAN}/v1")
KEYLESS = without(ORDINARY, "apiKey")
LOGIN = {"type": "oauth", "provider": "openai-codex", "access": "a", "refresh": "r", "expires": 4_000_000_000_000}
PLUGIN = {"baseUrl": "https://chatgpt.com/backend-api", "api": "openai-codex-responses", "models": []}
SPOKEN = [model("qwen3.5-plus", api="anthropic-messages")]
ENVIRONMENT = {".env": f"PLAN_KEY={KEY}\n"}

# What it is: openclaw.json, and the files beside it.
HOMES: dict[str, tuple[Object, dict[str, str]]] = {
    "international": (bailian(ORDINARY), {}),
    "china": (bailian(provider("https://coding.dashscope.aliyuncs.com/v1")), {}),
    "slash at the end": (bailian(provider(f"{PLAN}/v1/")), {}),
    "capitals in the host": (bailian(provider("https://Coding-Intl.Dashscope.Aliyuncs.com/v1")), {}),
    "anthropic": (bailian(provider(f"{PLAN}/apps/anthropic", api="anthropic-messages")), {}),
    "anthropic, v1": (bailian(provider(f"{PLAN}/apps/anthropic/v1", api="anthropic-messages")), {}),
    "the models' own api": (bailian({"baseUrl": f"{PLAN}/apps/anthropic", "apiKey": KEY, "models": SPOKEN}), {}),
    "pay as you go": (
        config(
            {
                "payg": provider(
                    "https://dashscope.aliyuncs.com/compatible-mode/v1",
                    model("Qwen-Max"),
                    key="sk-0123456789abcdef0123456789abcdef",
                )
            },
            "payg/Qwen-Max",
        ),
        {},
    ),
    "token plan": (
        config(
            {"token": provider("https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1")},
            "token/qwen3.5-plus",
        ),
        {},
    ),
    "key in a variable": (bailian(provider(f"{PLAN}/v1", key="${PLAN_KEY}")), ENVIRONMENT),
    "reference to a variable": (
        bailian(provider(f"{PLAN}/v1", key={"source": "env", "provider": "default", "id": "PLAN_KEY"})),
        ENVIRONMENT,
    ),
    "reference to a file": (
        bailian(provider(f"{PLAN}/v1", key={"source": "file", "provider": "f", "id": "/bailian"})),
        {},
    ),
    "a proxy of one's own": (
        config(
            {
                "mine": provider(
                    "http://10.0.0.5:4000/v1",
                    model("Qwen3.5-Plus"),
                    model("GLM-5", contextWindow=9_000_000),
                    key="whatever-key",
                )
            },
            "mine/Qwen3.5-Plus",
        ),
        {},
    ),
    "ollama": (
        config(
            {"ollama": provider("http://127.0.0.1:11434", model("qwen3:8b"), key="ollama-local", api="ollama")},
            "ollama/qwen3:8b",
        ),
        {},
    ),
    "a slash in the id": (
        config(
            {"openrouter": provider("https://openrouter.ai/api/v1", model("qwen/qwen3-coder"), key="sk-or-v1-abcdef")},
            "openrouter/qwen/qwen3-coder",
        ),
        {},
    ),
    "a login that is used": (
        config({"bailian": ORDINARY}, "openai-codex/gpt-5.2"),
        {PROFILES: stored(**{"openai-codex:default": LOGIN})},
    ),
    "the same key stored": (bailian(ORDINARY), {PROFILES: stored(**{"bailian:default": profile(KEY)})}),
    "the key is only stored": (bailian(KEYLESS), {PROFILES: stored(**{"bailian:default": profile(KEY)})}),
    "two stored keys in an order": (
        bailian(KEYLESS, auth=metadata("bailian:a", "bailian:b")),
        {PROFILES: stored(**{"bailian:a": profile(KEY), "bailian:b": profile(f"{KEY[:-1]}2")})},
    ),
    "a cache that agrees": (bailian(ORDINARY), {CACHE: json.dumps({"providers": {"bailian": ORDINARY}})}),
    "a plugin's provider in the cache": (
        bailian(ORDINARY),
        {CACHE: json.dumps({"providers": {"bailian": ORDINARY, "openai-codex": PLUGIN}})},
    ),
    "another way of thinking": (
        bailian(
            provider(f"{PLAN}/v1", model("qwen3.5-plus") | {"reasoning": True, "compat": {"thinkingFormat": "openai"}})
        ),
        {},
    ),
    "other sections": (
        bailian(
            provider(f"{PLAN}/v1", headers={"X-Mine": "yes"}),
            tools={"web": {"search": {"enabled": False}}},
            channels={"telegram": {"enabled": True, "botToken": "1:abc"}},
        ),
        {},
    ),
    "a model by its alias": (
        bailian(
            ORDINARY,
            agents={"defaults": {"model": "plus", "models": {"bailian/qwen3.5-plus": {"alias": "plus"}}}},
        ),
        {},
    ),
    "a capital in the provider's name": (config({"Bailian": ORDINARY}, "Bailian/qwen3.5-plus"), {}),
    "included": (
        bailian(ORDINARY, models={"$include": "./models.json5"}),
        {"models.json5": f"{{ providers: {{ bailian: {json.dumps(ORDINARY)} }} }}"},
    ),
    "a model that the plan's table does not know": (
        config({"bailian": provider(f"{PLAN}/v1", model("qwen9-preview"))}, "bailian/qwen9-preview"),
        {},
    ),
    "nothing but a plugin": (
        config({}, "anthropic/claude-sonnet-4-6"),
        {".env": "ANTHROPIC_API_KEY=sk-ant-api03-aaaaaaaaaaaaaaaa\n"},
    ),
}


def laid_down(settings: Object, files: dict[str, str], version: str, folder: Path) -> Machine:
    machine = Machine(folder / "home", folder / "state")
    meta = {"lastTouchedVersion": version} if version else {}
    contents = {"openclaw.json": json.dumps({**settings, "meta": meta}, indent=2), **files}
    lay_down_files({f".openclaw/{file}": content.encode() for file, content in contents.items()}, machine.home)
    for path in machine.home.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return machine


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", HOMES)
def test_nothing_is_wrong_with_it(name: str, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, files = HOMES[name]
    if PROFILES in files and version not in FILES_HOLD_CREDENTIALS:
        files = without(files, PROFILES)
        settings = bailian(ORDINARY)
    forget_the_real_machine(monkeypatch)
    machine = laid_down(settings, files, version, tmp_path)
    options = Options(version=version or None)
    diagnosis = look(machine.looking(), options)
    loud = [finding.summary for finding in diagnosis.findings if finding.severity is not Severity.INFO]
    assert (loud, diagnosis.blind) == ([], ())
    outcome = repair(machine.dry(), options, dry_run=True)
    assert (outcome.verdict, outcome.changes) == (Verdict.HEALTHY, ())


@pytest.mark.parametrize("version", VERSIONS[:-2])
def test_one_slip_in_such_a_home_is_seen(version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forget_the_real_machine(monkeypatch)
    machine = laid_down(bailian(provider(f"{PLAN}/v2")), {}, version, tmp_path)
    diagnosis = look(machine.looking(), Options(version=version))
    assert [one.rule for one in diagnosis.findings if one.severity is not Severity.INFO] == ["OC302"]
