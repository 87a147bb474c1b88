"""Which hosts are this machine's or its own network's."""

import pytest

from clawmend.core.address import is_local


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8000",
        "127.0.0.1",
        "127.1.2.3",
        "0.0.0.0",  # noqa: S104 - nothing is bound here
        "[::1]:8000",
        "[::ffff:127.0.0.1]",
        "[fd00::1]",
        "[fe80::1]",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "169.254.1.1",
        "100.64.0.1",
        "100.127.1.1",
        "box.local",
        "box.lan",
        "host.docker.internal",
        "gpu-box",
        "ollama:11434",
    ],
)
def test_local(host: str) -> None:
    assert is_local(f"http://{host}/v1")


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "coding-intl.dashscope.aliyuncs.com",
        "11.0.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.169.0.1",
        "100.63.0.1",
        "100.128.0.1",
        "8.8.8.8",
        "[2001:db8::1]",
        "localhost.example.com",
        "127.0.0.1.example.com",
        "",
    ],
)
def test_elsewhere(host: str) -> None:
    assert not is_local(f"http://{host}/v1")


def test_a_text_without_a_scheme_leads_nowhere() -> None:
    assert not is_local("localhost/v1")
