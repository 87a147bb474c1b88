"""A home in which much of what the FAQ speaks of has gone wrong at once: one repair, one undo, and it works again."""

import json

import pytest

from e2e.home import KEY, OLD_KEY, Home, write_private
from e2e.lab import Lab

pytestmark = pytest.mark.e2e

RIGHT = "https://coding-intl.dashscope.aliyuncs.com/v1"
STALE = {
    "baseUrl": "https://coding.dashscope.aliyuncs.com/v1",
    "apiKey": OLD_KEY,
    "api": "openai-completions",
    "models": [{"id": "qwen3.5-plus", "name": "qwen3.5-plus"}],
}
PLACEHOLDER = {"type": "api_key", "provider": "bailian", "key": "YOUR_API_KEY"}


def make_a_mess(home: Home, text: str, provider: str, *, stored: bool) -> None:
    """Break openclaw.json in four ways and the model cache in one; `stored` puts a placeholder among the profiles."""
    entry = f'"bailian:default": {{ "provider": "bailian", "mode": "api_key", "apiKey": "{KEY}" }}'
    for old, new in (
        (f"{provider}/v1", f"{RIGHT}/chat/completions"),
        ("qwen3.5-plus", "Qwen3.5-Plus"),
        ('"contextWindow": 1000000', '"contextWindow": 9000000'),
        ("logging: {", f'"auth": {{ "profiles": {{ {entry} }} }},\n  logging: {{'),
    ):
        assert old in text
        text = text.replace(old, new)
    write_private(home.config, text)
    write_private(home.models, json.dumps({"providers": {"bailian": STALE}}, indent=2))
    if stored:
        write_private(home.profiles, json.dumps({"version": 1, "profiles": {"bailian:default": PLACEHOLDER}}))


@pytest.mark.proves("OC101", "2026.3.2")
@pytest.mark.proves("OC201", "2026.3.2")
@pytest.mark.proves("OC302", "2026.3.2")
@pytest.mark.proves("OC304", "2026.3.2")
@pytest.mark.proves("OC307", "2026.3.2")
@pytest.mark.proves("OC308", "2026.3.2")
@pytest.mark.proves("OC103", "2026.9.6")
@pytest.mark.proves("OC302", "2026.9.6")
@pytest.mark.proves("OC304", "2026.9.6")
@pytest.mark.proves("OC307", "2026.9.6")
@pytest.mark.proves("OC308", "2026.9.6")
@pytest.mark.parametrize(
    ("version", "rules"),
    [
        ("2026.3.2", {"OC101", "OC201", "OC302", "OC304", "OC307", "OC308"}),
        ("2026.9.6", {"OC103", "OC302", "OC304", "OC307", "OC308"}),
    ],
)
def test_one_repair_mends_them_all_and_one_undo_brings_them_back(lab: Lab, version: str, rules: set[str]) -> None:
    gateway = lab.openclaw(version)
    home = gateway.home
    text = home.config.read_text()
    lab.provider.stand_in_for_the_plan(lab.folder)
    gateway.start()
    assert gateway.turn().worked
    gateway.stop()
    make_a_mess(home, text, lab.provider.url, stored=version == "2026.3.2")
    paths = [path for path in (home.config, home.models, home.profiles) if path.exists()]
    broken = [path.read_bytes() for path in paths]
    assert gateway.refuses_to_start()
    gateway.stop()
    assert [path.read_bytes() for path in paths] == broken

    repaired = home.clawmend("repair", "--yes")
    assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
    assert {rule for change in repaired.said["changes"] for rule in change["rules"]} == rules
    written = [path.read_bytes() for path in paths]
    assert written[0].count(b"//") >= text.count("//")  # every comment is still there
    assert home.clawmend("check").code == 0

    assert home.clawmend("undo").code == 0
    assert [path.read_bytes() for path in paths] == broken
    assert home.clawmend("repair", "--yes").verdict == "repaired"
    assert [path.read_bytes() for path in paths] == written

    gateway.start()
    turn = gateway.turn()
    assert turn.worked, turn
    assert turn.routes == [(f"{RIGHT}/chat/completions", KEY)]
    assert {request.model for request in turn.requests} == {"qwen3.5-plus"}
