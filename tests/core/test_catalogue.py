"""Which providers have ended."""

import pytest

from clawmend.core.catalogue import RETIRED, retired_provider


@pytest.mark.parametrize(
    ("name", "url", "retired"),
    [
        ("qwen-portal", "https://portal.qwen.ai/v1", True),
        ("mine", " HTTPS://Portal.Qwen.AI:443/v1 ", True),
        (" Qwen-Portal ", None, True),
        ("qwen-portal", "https://coding-intl.dashscope.aliyuncs.com/v1", False),
        ("qwen-portal", "", False),
        ("bailian", None, False),
        ("bailian", "https://portal.qwen.ai.example.com/v1", False),
    ],
)
def test_a_provider_is_known_by_its_endpoint_and_without_one_by_its_name(
    name: str, url: str | None, retired: bool
) -> None:
    assert (retired_provider(name, url) is not None) is retired


def test_each_of_them_says_who_says_so() -> None:
    assert all(one.source for one in RETIRED)
