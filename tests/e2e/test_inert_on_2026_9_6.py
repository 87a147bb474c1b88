"""OpenClaw 2026.9.6 does not read the URL in models.json any more, and keeps its credentials in a database."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from e2e.home import KEY, Home, write_private
from e2e.lab import Lab

pytestmark = pytest.mark.e2e

QUERIES = {
    "state/openclaw.sqlite": """
        SELECT state_key, value_json FROM config_machine_state WHERE state_key LIKE 'auth%' ORDER BY state_key
    """,
    "agents/main/agent/openclaw-agent.sqlite": "SELECT * FROM auth_profile_store ORDER BY store_key",
}


def credentials(home: Home, work: Path) -> dict[str, list[tuple[object, ...]]]:
    """Read the credential rows from private copies: a reader beside the gateway would leave traces."""
    found = {}
    for name, query in QUERIES.items():
        original = home.state / name
        if not original.exists():
            continue
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        for file in original.parent.glob(f"{original.name}*"):
            shutil.copy(file, work)
        with closing(sqlite3.connect(work / original.name)) as database:
            found[name] = database.execute(query).fetchall()
    return found


def test_a_stale_model_cache_is_left_alone_where_it_does_nothing(lab: Lab, tmp_path: Path) -> None:
    gateway = lab.openclaw("2026.9.6")
    home = gateway.home
    paste = "openclaw models auth paste-api-key --provider openrouter --profile-id openrouter:manual"
    assert home.command(*paste.split(), stdin="sk-or-made-up-key\n").returncode == 0
    gateway.start()
    # No key in it: a cached key could be promoted by OpenClaw's doctor, which is another matter.
    cached = {"baseUrl": f"{lab.provider.url}/old/v1", "api": "openai-completions", "models": []}
    write_private(home.models, json.dumps({"providers": {"bailian": cached}}, indent=2))
    stale = home.models.read_bytes()
    config = home.config.read_bytes()
    stored = credentials(home, tmp_path / "copies")
    assert "openrouter:manual" in str(stored["state/openclaw.sqlite"])
    started, uptime = gateway.identity(), gateway.uptime()

    checked = home.clawmend("check")
    assert checked.code == 0, checked
    assert [(finding["rule"], finding["severity"]) for finding in checked.said["findings"]] == [("OC101", "info")]
    assert checked.said["openclaw"]["version"] == "2026.9.6"

    repaired = home.clawmend("repair", "--yes")
    assert (repaired.code, repaired.verdict, repaired.said["changes"]) == (0, "healthy", []), repaired
    assert not repaired.said["restart"]["done"]
    assert gateway.identity() == started
    assert gateway.uptime() > uptime
    assert home.models.read_bytes() == stale
    assert home.config.read_bytes() == config
    assert credentials(home, tmp_path / "copies") == stored
    lab.transcript.say("nothing written: models.json, openclaw.json and the stored credentials are what they were")

    turn = gateway.turn()
    assert turn.worked, turn
    assert turn.routes == [(f"{lab.provider.url}/v1/chat/completions", KEY)]
