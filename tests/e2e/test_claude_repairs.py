"""The real Claude Code, with its file torn, wiped, and its base URL wrong: what it does before and after a repair."""

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.document import Document, RemoveMember
from clawmend.core.errors import StaleError
from clawmend.core.state import Found
from clawmend.core.syntax import Syntax
from clawmend.core.verdict import Verdict
from clawmend.repair.cycle import repair
from clawmend.repair.planning import Options
from clawmend.repair.tools import real_tools
from clawmend.system.machine import Place, RealClock
from e2e.home import KEY, Home, write_private
from e2e.lab import Lab
from e2e.test_claude_races import Client
from faults.racing import with_care

pytestmark = pytest.mark.e2e

OLDER = "2.1.59"
VERSIONS = pytest.mark.parametrize("version", ["2.1.330", OLDER])
FLAG = "hasCompletedOnboarding"
PLAN = "https://coding-intl.dashscope.aliyuncs.com"
RICH: dict[str, Any] = {
    "numStartups": 7,
    FLAG: True,
    "customUnknownKey": {"z": 1},
    "mcpServers": {
        "old": {"type": "stdio", "command": "/bin/false", "args": []},
        "older": {"type": "stdio", "command": "/bin/false", "args": []},
    },
    "projects": {"/srv/app": {"hasTrustDialogAccepted": True, "allowedTools": ["Bash(ls)"]}},
}


def add_server(home: Home, name: str) -> int:
    return home.command("claude", "mcp", "add", "--scope", "user", name, "--", "/bin/echo", name).returncode


def read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_bytes())
    return found


@VERSIONS
def test_a_torn_file_gets_its_copy_back_and_claude_code_goes_on_with_it(lab: Lab, version: str) -> None:
    home = lab.claude(version)
    file = home.user / ".claude.json"
    write_private(home.user / ".claude" / "backups" / ".claude.json.backup.1795450000000", json.dumps(RICH, indent=2))
    write_private(file, json.dumps(RICH, indent=2)[:150])
    if version != OLDER:  # that one writes a skeleton over it, whatever it is asked
        before = file.read_bytes()
        assert add_server(home, "refused") != 0
        assert file.read_bytes() == before

    repaired = home.clawmend("repair")
    assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
    assert [change["rules"] for change in repaired.said["changes"]] == [["CC102"]]
    assert read(file) == RICH

    assert add_server(home, "new") == 0
    after = read(file)
    assert set(after["mcpServers"]) == {"old", "older", "new"}
    assert (after[FLAG], after["customUnknownKey"]) == (True, RICH["customUnknownKey"])
    assert after["projects"]["/srv/app"] == RICH["projects"]["/srv/app"]
    assert home.clawmend("check").code == 0


@VERSIONS
def test_comments_alone_go_and_nothing_else(lab: Lab, version: str) -> None:
    home = lab.claude(version)
    file = home.user / ".claude.json"
    write_private(file, "// mine\n" + json.dumps(RICH, indent=2).replace("}\n}", "},\n}"))
    if version != OLDER:
        assert add_server(home, "refused") != 0
    assert home.clawmend("repair").verdict == "repaired"
    assert read(file) == RICH
    assert add_server(home, "new") == 0
    assert set(read(file)["mcpServers"]) == {"old", "older", "new"}


@VERSIONS
def test_a_skeleton_that_claude_code_wrote_itself_gets_back_what_is_gone(lab: Lab, version: str) -> None:
    home = lab.claude(version)
    file = home.user / ".claude.json"
    write_private(home.user / ".claude" / "backups" / ".claude.json.backup.1795450000000", json.dumps(RICH, indent=2))
    if version == OLDER:
        write_private(file, json.dumps(RICH, indent=2)[:150])
    assert add_server(home, "added-since") == 0
    skeleton = read(file)
    assert set(skeleton["mcpServers"]) == {"added-since"}
    assert "projects" not in skeleton

    asked = home.clawmend("repair", "--only", "CC103")
    assert asked.code == 1
    assert read(file) == skeleton
    repaired = home.clawmend("repair", "--yes")
    assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
    merged = read(file)
    assert {name: merged[name] for name in skeleton if name != "mcpServers"} == {
        name: child for name, child in skeleton.items() if name != "mcpServers"
    }
    assert merged["projects"] == {"/srv/app": {"allowedTools": ["Bash(ls)"]}}

    assert add_server(home, "new") == 0
    after = read(file)
    assert set(after["mcpServers"]) == {"old", "older", "added-since", "new"}
    assert after[FLAG] is True
    assert after["projects"]["/srv/app"].get("hasTrustDialogAccepted") is not True
    assert home.clawmend("check").code == 0


@VERSIONS
def test_a_merge_and_a_claude_code_that_saves_meanwhile_lose_nothing(lab: Lab, version: str) -> None:
    home = lab.claude(version)
    file = home.user / ".claude.json"
    # So many projects that what was lost stays most of it, however many servers the client adds meanwhile.
    projects = {f"/srv/app{number}": {"allowedTools": ["Bash(ls)"]} for number in range(20)}
    rich = json.dumps({**RICH, "projects": projects}, indent=2)
    write_private(home.user / ".claude" / "backups" / ".claude.json.backup.1795450000000", rich)
    wiped = json.dumps({"numStartups": 1, FLAG: True, "mcpServers": {}})
    write_private(file, wiped)
    # The client copies the file once a minute at most. Its copy of a merged file, which counts as few starts as the
    # wiped one, would be the best one from then on, and what this test empties again would not count as wiped.
    write_private(home.user / ".claude" / "backups" / f".claude.json.backup.{int(time.time() * 1000)}", wiped)
    tools = real_tools(Place(str(home.user), str(home.folder / "ours"), environment=home.env()), RealClock())
    client, merged = Client(home, 6), 0
    client.start()
    while client.is_alive():
        found = tools.files.read(str(file))
        assert isinstance(found, Found)
        document = Document.parse(found.data, Syntax.JSON_BOM)
        lost = [("mcpServers", name) for name in ("old", "older")] + [("projects",)]
        emptied = document.edit(*(RemoveMember(one) for one in lost if document.has(one)))
        with suppress(StaleError):
            with_care(tools)(str(file), emptied.encode(), found.data)
        outcome = repair(tools, Options(only=frozenset({"CC103"}), yes=True), dry_run=False)
        assert outcome.verdict in {Verdict.REPAIRED, Verdict.NEEDS_YOU, Verdict.HEALTHY, Verdict.STALE}
        merged += bool(outcome.changes)
    client.join()
    last = home.clawmend("repair", "--yes")
    end = read(file)
    lab.transcript.say(f"  {version}: added {len(client.added)}, refused {len(client.refused)}, merged {merged} times")
    assert client.refused == []
    assert set(end["mcpServers"]) == {"old", "older", *client.added}
    assert end["projects"] == projects
    assert last.code == 0, last
    assert merged > 1


@VERSIONS
def test_the_wrong_path_in_settings_ends_in_404_until_it_is_repaired(lab: Lab, version: str) -> None:
    lab.provider.stand_in_for_the_plan(lab.folder)
    home = lab.claude(version)
    write_private(home.user / ".claude.json", json.dumps(RICH, indent=2))
    settings = home.user / ".claude" / "settings.json"
    text = json.dumps({"env": {"ANTHROPIC_BASE_URL": f"{PLAN}/apps/anthropic/v1", "ANTHROPIC_AUTH_TOKEN": KEY}})
    write_private(settings, text)
    failed = home.command("claude", "-p", "hi")
    assert "STUB-OK" not in failed.stdout
    asked = {(request.url.partition("?")[0], request.status) for request in lab.provider.requests}
    lab.transcript.say(f"  provider saw {asked}")
    assert (f"{PLAN}/apps/anthropic/v1/v1/messages", 404) in asked

    repaired = home.clawmend("repair", "--yes")
    assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
    assert settings.read_text() == text.replace("/apps/anthropic/v1", "/apps/anthropic")
    lab.provider.requests.clear()
    assert "STUB-OK" in home.command("claude", "-p", "hi").stdout
    asked = {(request.url.partition("?")[0], request.status) for request in lab.provider.requests}
    lab.transcript.say(f"  provider saw {asked}")
    assert (f"{PLAN}/apps/anthropic/v1/messages", 200) in asked
    assert home.clawmend("check").code == 0


@pytest.mark.parametrize("extra", ["/", " "])
@VERSIONS
def test_a_slash_or_a_space_at_the_end_of_the_url_is_harmless(lab: Lab, version: str, extra: str) -> None:
    lab.provider.stand_in_for_the_plan(lab.folder)
    home = lab.claude(version)
    write_private(home.user / ".claude.json", json.dumps(RICH, indent=2))
    plan = {"ANTHROPIC_BASE_URL": f"{PLAN}/apps/anthropic{extra}", "ANTHROPIC_AUTH_TOKEN": KEY}
    write_private(home.user / ".claude" / "settings.json", json.dumps({"env": plan}))
    assert home.clawmend("check").code == 0
    assert "STUB-OK" in home.command("claude", "-p", "hi").stdout
