"""Through which proxy a request goes, as curl and Node's undici read the variables."""

import pytest

from clawmend.core.proxies import Proxy, proxy_for

URL = "https://coding.dashscope.aliyuncs.com/v1"
HOST = "coding.dashscope.aliyuncs.com"
AT = "http://127.0.0.1:7890"


@pytest.mark.parametrize(
    ("url", "environment", "variable"),
    [
        (URL, {}, None),
        (URL, {"HTTPS_PROXY": AT}, "HTTPS_PROXY"),
        (URL, {"https_proxy": AT, "HTTPS_PROXY": AT}, "https_proxy"),
        (URL, {"HTTP_PROXY": AT}, None),
        (URL, {"ALL_PROXY": AT}, "ALL_PROXY"),
        (URL, {"all_proxy": AT, "HTTPS_PROXY": AT}, "HTTPS_PROXY"),
        (URL, {"HTTPS_PROXY": " "}, None),
        ("http://coding.dashscope.aliyuncs.com", {"http_proxy": AT}, "http_proxy"),
        ("ftp://coding.dashscope.aliyuncs.com", {"ALL_PROXY": AT}, None),
        ("coding.dashscope.aliyuncs.com", {"ALL_PROXY": AT}, None),
        ("https://", {"ALL_PROXY": AT}, None),
    ],
)
def test_the_variable_that_counts(url: str, environment: dict[str, str], variable: str | None) -> None:
    found = proxy_for(url, environment)
    assert (found.variable if found else None) == variable


@pytest.mark.parametrize(
    ("exceptions", "goes"),
    [
        ("*", False),
        (HOST, False),
        (f"localhost, {HOST}", False),
        (f"localhost {HOST}:443", False),
        ("aliyuncs.com", False),
        (".aliyuncs.com", False),
        ("*.aliyuncs.com", False),
        (HOST.upper(), False),
        ("localhost,127.0.0.1", True),
        ("yuncs.com", True),
        (",", True),
    ],
)
def test_an_exception_is_a_host_and_what_is_below_it(exceptions: str, goes: bool) -> None:
    found = proxy_for(URL, {"HTTPS_PROXY": AT, "NO_PROXY": exceptions})
    assert (found == Proxy("HTTPS_PROXY", exceptions)) is goes
    assert (found is not None) is goes


def test_small_letters_win_over_capitals() -> None:
    assert proxy_for(URL, {"HTTPS_PROXY": AT, "no_proxy": HOST, "NO_PROXY": "localhost"}) is None
    assert proxy_for(URL, {"HTTPS_PROXY": AT, "no_proxy": " ", "NO_PROXY": HOST}) is None
