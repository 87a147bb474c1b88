"""Who is configured, and who refers to whom."""

from typing import Any

import pytest

from clawmend.core.plan_data import host_of, is_plan_endpoint
from clawmend.core.providers import (
    Reference,
    all_model_texts,
    cached_providers,
    configured_agent_folders,
    configured_providers,
    is_real_key,
    model_references,
    normalise,
    text_of,
)
from clawmend.core.secret import Secret
from support.build import malformed, openclaw, version


@pytest.mark.parametrize(
    ("name", "on", "expected"),
    [
        (" Bailian ", None, "bailian"),
        ("qwen", "2026.3.2", "qwen-portal"),
        ("QWEN", "2026.3.7", "qwen-portal"),
        ("qwen", "2026.5.7", "qwen"),
        ("qwen", None, "qwen"),
        ("Z.AI", "2026.1.29", "zai"),
        ("doubao", "2026.3.2", "volcengine"),
        ("bailian", "2026.3.2", "bailian"),
    ],
)
def test_names_are_compared_as_this_version_compares_them(name: str, on: str | None, expected: str) -> None:
    assert normalise(name, version(on) if on else None) == expected


def test_a_provider_is_read_as_far_as_it_is_text() -> None:
    found = configured_providers(
        openclaw(
            {
                "models": {
                    "providers": {
                        "Full": {
                            "baseUrl": "https://x/v1",
                            "api": "openai-completions",
                            "apiKey": "k",
                            "auth": "api-key",
                            "models": [{"id": "a"}, {"id": 5}, "b", {"name": "c"}],
                        },
                        "bare": {"models": "x", "apiKey": {"source": "env"}},
                        "none": None,
                        "text": "x",
                    }
                }
            }
        )
    )
    assert list(found) == ["Full", "bare"]
    full, bare = found["Full"], found["bare"]
    assert (full.name, full.base_url, full.api, full.key, full.models, full.auth) == (
        "Full",
        "https://x/v1",
        "openai-completions",
        Secret("k"),
        ("a",),
        "api-key",
    )
    assert (bare.base_url, bare.api, bare.key, bare.models, bare.auth) == (None, None, None, (), None)


@pytest.mark.parametrize("config", [None, [], {}, {"models": []}, {"models": {"providers": "x"}}])
def test_without_settings_nobody_is_configured(config: Any) -> None:
    assert configured_providers(openclaw(config)) == {}
    assert configured_providers(openclaw(malformed("x"))) == {}


def test_the_cache_is_read_the_same_way() -> None:
    assert cached_providers({"providers": {"a": 1}}) == {"a": 1}
    assert cached_providers([]) == {}
    assert text_of(5) is None
    assert text_of("x") == "x"


def test_every_place_that_names_a_model_is_listed() -> None:
    config = {
        "agents": {
            "defaults": {"model": {"primary": "a/1", "fallbacks": ["b/2", 5, "c/3"]}},
            "list": [{"id": "main"}, {"id": "x", "model": "d/4"}, "odd", {"id": "y", "model": {"fallbacks": ["e/5"]}}],
            "entries": {"z": {"model": {"primary": "f/6"}}, "odd": 5},
        }
    }
    assert list(model_references(openclaw(config))) == [
        Reference(("agents", "defaults", "model", "primary"), "a/1", "primary"),
        Reference(("agents", "defaults", "model", "fallbacks", 0), "b/2", "fallback"),
        Reference(("agents", "defaults", "model", "fallbacks", 2), "c/3", "fallback"),
        Reference(("agents", "list", 1, "model"), "d/4", "agent x"),
        Reference(("agents", "list", 3, "model", "fallbacks", 0), "e/5", "agent y"),
        Reference(("agents", "entries", "z", "model", "primary"), "f/6", "agent z"),
    ]


@pytest.mark.parametrize(
    "model", [None, 5, ["a/1"], {}, {"primary": 5}, {"primary": None, "fallbacks": "a/1"}, {"fallbacks": {}}]
)
def test_a_model_that_is_no_name_names_nobody(model: Any) -> None:
    assert list(model_references(openclaw({"agents": {"defaults": {"model": model}}}))) == []


def test_everything_that_mentions_a_model_counts_for_who_uses_it() -> None:
    found = all_model_texts(
        openclaw(
            {
                "agents": {
                    "defaults": {"models": {"a/1": {"alias": "x"}}, "imageModel": ["b/2", {"c": "d/3"}, 5]},
                    "list": [{"model": "f/5", "workspace": "no/model"}],
                },
                "models": {"providers": {"p": {"models": [{"id": "its/own"}]}}},
            },
            pinned_models=("e/4", "plain"),
            cron_models=("g/6", "plain"),
        )
    )
    assert found == {"a/1", "b/2", "d/3", "e/4", "f/5", "g/6"}
    assert all_model_texts(openclaw()) == frozenset()


@pytest.mark.parametrize("text", ["sk-sp-abc", " sk-abc ", "xyz", "ms-123", "not-a-placeholder"])
def test_a_key_that_would_be_sent(text: str) -> None:
    assert is_real_key(Secret(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n",
        "YOUR_API_KEY",
        "your-key-here",
        "__OPENCLAW_REDACTED__",
        "[redacted]",
        "***",
        "xxxx",
        "qwen-oauth",
        "minimax-oauth",
        "ollama-local",
        "custom-local",
        "secretref-managed",
        "secretref-env:A",
        "oauth:qwen",
        "gcp-vertex-credentials",
        "sk-xxx",
    ],
)
def test_markers_and_placeholders_are_no_keys(text: str) -> None:
    assert not is_real_key(Secret(text))


def test_agents_may_live_elsewhere() -> None:
    settings = {
        "agents": {
            "list": [
                {"id": "a", "agentDir": " /x "},
                {"id": "b"},
                "odd",
                {"agentDir": "/y"},
                {"id": "c", "agentDir": " "},
            ],
            "entries": {"d": {"agentDir": "~/z"}, "odd": 5},
        }
    }
    assert configured_agent_folders(settings) == {"a": "/x", "d": "~/z"}
    assert configured_agent_folders(None) == {}
    assert configured_agent_folders({"agents": {"list": {}}}) == {}


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Coding.DashScope.aliyuncs.com/v1", "coding.dashscope.aliyuncs.com"),
        (" http://user:pass@127.0.0.1:8080/v1 ", "127.0.0.1"),
        ("coding.dashscope.aliyuncs.com/v1", ""),
        ("", ""),
    ],
)
def test_the_host_of_a_url(url: str, host: str) -> None:
    assert host_of(url) == host


def test_the_coding_plan_is_known_by_its_hosts() -> None:
    assert is_plan_endpoint("https://coding.dashscope.aliyuncs.com/v1")
    assert is_plan_endpoint("https://coding-intl.dashscope.aliyuncs.com/apps/anthropic")
    assert not is_plan_endpoint("https://dashscope.aliyuncs.com/compatible-mode/v1")
    assert not is_plan_endpoint("https://coding.dashscope.aliyuncs.com.example.com/v1")
