"""What stands where a key belongs and is none, and what may be one."""

import pytest

from clawmend.core.placeholder import is_dummy, is_placeholder, is_stand_in


@pytest.mark.parametrize(
    "text",
    [
        "YOUR_API_KEY",
        "your-api-key",
        " Your API Key ",
        "yourapikey",
        "YOUR",
        "your_dashscope_key",
        "sk-sp-your-key",
        "sk-your_key_here",
        "'YOUR_API_KEY'",
        "insert_your_key",
        "paste-key-here",
        "replace_me",
        "REPLACE_WITH_YOUR_KEY",
        "api_key_here",
        "api key goes here",
        "<API_KEY>",
        "<sk-sp-xxxxxxxxxx>",
        "<sk-sp-your-key-here>",
        "[redacted]",
        "[your key]",
        "{{ api_key }}",
        "__OPENCLAW_REDACTED__",
        "redacted",
        "***",
        "sk-sp-****1234",
        "sk-sp-1234…abcd",
        "sk-sp-1234...",
        "••••",
    ],
)
def test_unmistakable(text: str) -> None:
    assert is_placeholder(text)
    assert is_stand_in(text)


@pytest.mark.parametrize("text", ["sk-sp-xxx", "sk-xxxxxxxxxxxxxxxx", "XXXX", "sk-proj-xxx-xxx", "xxx"])
def test_a_sample_of_a_key(text: str) -> None:
    assert is_stand_in(text) is text.lower().startswith("sk-")
    assert not is_placeholder(text)


@pytest.mark.parametrize(
    "text", ["none", "NONE", " x ", "xx", "ollama", "sk-no-key-required", '"dummy"', "-", "changeme"]
)
def test_a_word_for_a_server_that_wants_no_key(text: str) -> None:
    assert is_dummy(text)
    assert not is_placeholder(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sk-sp-abc0123456789",
        "sk-0123456789abcdef0123",
        "<sk-sp-test00000000000000000001>",
        "youth-0123456789",
        "hereditary",
        "keyhere1",
        "[1]",
        "a.b.c",
        "a..b",
        "**",
        "not-a-placeholder",
    ],
)
def test_what_may_be_a_key(text: str) -> None:
    assert not is_placeholder(text)
    assert not is_dummy(text)
