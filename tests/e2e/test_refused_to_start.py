"""An openclaw.json on which the gateway does not start is repaired, and it starts; the repair survives its readers."""

import pytest

from clawmend.core.document import Document, Json, Syntax
from e2e.gateway import Gateway
from e2e.home import KEY, Home, write_private
from e2e.lab import Lab

pytestmark = pytest.mark.e2e

VERSIONS = ["2026.3.2", "2026.5.7", "2026.7.1", "2026.9.6"]
INVALID = (
    '"auth": { "profiles": { "qwen-portal:default": { "provider": "qwen-portal", "mode": "oauth", "apiKey": "x" } } },'
)


def break_metadata(gateway: Gateway) -> str:
    """Add what the FAQ speaks of: a key in `auth.profiles`."""
    text = gateway.home.config.read_text()
    write_private(gateway.home.config, text.replace("logging: {", f"{INVALID}\n  logging: {{"))
    return text


def takes_a_turn(gateway: Gateway) -> bool:
    turn = gateway.turn()
    return turn.worked and {request.key for request in turn.requests} == {KEY}


@pytest.mark.proves("OC307", "2026.3.2")
@pytest.mark.proves("OC307", "2026.5.7")
@pytest.mark.proves("OC307", "2026.7.1")
@pytest.mark.proves("OC307", "2026.9.6")
@pytest.mark.parametrize("version", VERSIONS)
def test_a_key_in_the_metadata_keeps_the_gateway_down_until_the_repair(lab: Lab, version: str) -> None:
    gateway = lab.openclaw(version)
    home = gateway.home
    gateway.start()
    assert takes_a_turn(gateway)  # OpenClaw has made its copies of what works
    gateway.stop()
    before = break_metadata(gateway)
    assert gateway.refuses_to_start()
    gateway.stop()
    refused = home.command("openclaw", "config", "validate", "--json")
    assert refused.returncode != 0
    assert "auth.profiles.qwen-portal:default" in refused.stdout, (refused.stdout, refused.stderr)

    repaired = home.clawmend("repair")
    assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
    written = home.config.read_bytes()
    assert b'"apiKey": "x"' not in written
    assert before.count("//") <= written.count(b"//")  # every comment is still there

    assert home.command("openclaw", "config", "validate", "--json").returncode == 0
    home.command("openclaw", "models", "status", "--json", seconds=180)
    assert home.config.read_bytes() == written, "a reader has put an older file back"
    gateway.start()
    assert takes_a_turn(gateway)
    assert b'"apiKey": "x"' not in home.config.read_bytes()
    assert not list(home.state.glob("openclaw.json.clobbered.*"))


@pytest.mark.proves("OC301", "2026.3.2")
@pytest.mark.proves("OC301", "2026.5.7")
@pytest.mark.proves("OC301", "2026.7.1")
@pytest.mark.proves("OC301", "2026.9.6")
@pytest.mark.parametrize("version", VERSIONS)
def test_a_truncated_config_is_restored_while_the_gateway_is_down(lab: Lab, version: str) -> None:
    gateway = lab.openclaw(version)
    home = gateway.home
    gateway.start()
    assert takes_a_turn(gateway)
    gateway.stop()
    assert home.command("openclaw", "config", "set", "agents.defaults.timeoutSeconds", "300").returncode == 0
    whole = home.config.read_bytes()
    copies = sorted(path.name for path in home.state.glob("openclaw.json.*"))
    assert copies, "OpenClaw made no copy of its config"
    write_private(home.config, whole[: len(whole) * 2 // 3])

    repaired = home.clawmend("repair", "--yes")
    assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
    assert [change["action"] for change in repaired.said["changes"]] == ["restore"]
    restored = settings(home)
    home.command("openclaw", "models", "status", "--json", seconds=180)
    assert settings(home) == restored
    gateway.start()
    assert takes_a_turn(gateway)
    assert settings(home) == restored


def settings(home: Home) -> dict[str, Json]:
    """What the person has set; OpenClaw's own notes come and go with every start."""
    value = Document.parse(home.config.read_bytes(), Syntax.JSON5).value
    assert isinstance(value, dict)
    return {name: value[name] for name in ("gateway", "models", "logging")}
