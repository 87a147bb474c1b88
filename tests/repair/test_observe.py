import json
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from clawmend.core.snapshot import GatewayAbsent, GatewayRunning, OpenClaw, Snapshot
from clawmend.core.state import Absent, Malformed, Parsed, Unreadable
from clawmend.core.version import Version
from clawmend.repair import observe as module
from clawmend.repair.observe import observe
from clawmend.system.files import RealFiles
from clawmend.system.machine import Place
from repair.home import Home, cache
from system.fakes import FakeClock, as_another_user


def _observe(home: Home, version: str | None = "2026.3.2", **environment: str) -> Snapshot:
    place = replace(home.tools().place, environment=environment)
    return observe(place, RealFiles(), FakeClock(), version)


def _only(home: Home, version: str | None = "2026.3.2", **environment: str) -> OpenClaw:
    (found,) = _observe(home, version, **environment).openclaws
    return found


def test_a_home_is_read_once_and_whole(home: Home) -> None:
    found = _only(home)
    assert found.directory == str(home.path / ".openclaw")
    assert isinstance(found.config, Parsed)
    assert isinstance(found.gateway, GatewayAbsent)
    (agent,) = found.agents
    assert (agent.id, agent.directory) == ("main", str(home.agent))
    assert isinstance(agent.models, Parsed)
    assert isinstance(agent.profiles, Absent)
    assert not found.read_only


def test_a_missing_file_of_claude_code_is_nothing_to_judge(home: Home) -> None:
    home.claude.unlink()
    assert _observe(home).claude is None


def test_the_variables_of_dotenv_are_openclaws(home: Home) -> None:
    home.write(
        home.path / ".openclaw/.env",
        "# comment\nA=1\nexport B = 'two words'\nC=\"x=y\"\nnothing\n#D=4\n\nE=\xff",
    )
    environment = _only(home).environment
    assert {name: environment.get(name) for name in "ABCDE"} == {
        "A": "1",
        "B": "two words",
        "C": "x=y",
        "D": None,
        "E": "\xff",
    }


def test_the_environment_of_a_running_gateway_wins_and_is_complete(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.write(home.path / ".openclaw/.env", "A=file\nB=file")
    running = GatewayRunning(1, 1.0, 1, environment={"A": "gateway", "OPENCLAW_NIX_MODE": "1"})
    monkeypatch.setattr(module, "find_gateway", lambda *_arguments: running)
    found = _only(home)
    assert (found.environment["A"], found.environment["B"]) == ("gateway", "file")
    assert found.environment_complete
    assert found.read_only


def test_a_gateway_reads_the_dotenv_of_the_folder_it_works_in(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.write(home.path / "work/.env", "A=work\nB=work\nC=work")
    home.write(home.path / ".openclaw/.env", "A=file\nB=file")
    running = GatewayRunning(1, 1.0, 1, environment={"A": "gateway"}, folder=str(home.path / "work"))
    monkeypatch.setattr(module, "find_gateway", lambda *_arguments: running)
    assert {name: _only(home).environment[name] for name in "ABC"} == {"A": "gateway", "B": "work", "C": "work"}


def test_a_read_only_configuration_is_marked(home: Home) -> None:
    assert _only(home, OPENCLAW_NIX_MODE="1", OPENCLAW_HOME=str(home.path)).read_only


def test_a_configuration_of_another_user_is_not_ours_to_change(home: Home, public: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs a second user")
    shared = Home(public, home.port).healthy()
    for path in shared.path.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    place = Place(str(shared.path), str(shared.state), environment={})
    found = as_another_user(lambda: observe(place, RealFiles(), FakeClock(), "2026.3.2").openclaws[0].read_only)
    assert found is True


def test_the_models_that_sessions_are_pinned_to_are_known(home: Home) -> None:
    sessions = {
        "a": {"providerOverride": "bailian", "modelOverride": "qwen3.5-plus"},
        "b": {"modelOverride": "glm-5"},
        "c": {"modelOverride": None},
        "d": [],
    }
    path = home.path / ".openclaw/agents/main/sessions/sessions.json"
    home.write(path, json.dumps(sessions))
    assert _only(home).pinned_models == ("/glm-5", "bailian/qwen3.5-plus")
    for text in ('["modelOverride"]', '{"modelOverride', "[" * 100_000 + "Override"):
        home.write(path, text)
        assert _only(home).pinned_models == ()


@pytest.mark.parametrize("value", ["true", "0", "70000", '"18789"', "null"])
def test_a_port_that_is_none_is_the_usual_one(home: Home, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    asked: list[object] = []
    home.write(home.config, f"{{ gateway: {{ port: {value} }} }}")

    def record(_folder: object, port: int | None, *_others: object) -> GatewayAbsent:
        asked.append(port)
        return GatewayAbsent()

    monkeypatch.setattr(module, "find_gateway", record)
    _only(home)
    assert asked == [None]


def test_meta_says_the_version_when_nothing_else_does(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(home.root))
    monkeypatch.setattr("clawmend.system.installation._SYSTEM_FOLDERS", ())
    home.write(home.config, '{ meta: { lastTouchedVersion: "2026.3.2" } }')
    installation = _observe(home, None).installation
    assert (installation.version, installation.source) == (Version(2026, 3, 2), "meta")


def test_copies_are_read_only_where_the_config_is_broken(home: Home) -> None:
    home.write(home.config.with_name("openclaw.json.bak"), "{}")
    whole = (
        '{"meta": {"a": 1}, "gateway": {"mode": "local"}, "agents": {"a": 1}, "models": {"a": 1}, "channels": {"a": 1}}'
    )
    home.write(home.config, whole)
    assert _only(home).copies == ()
    home.write(home.config, "{")
    found = _only(home)
    assert isinstance(found.config, Malformed)
    assert [copy.path for copy in found.copies] == [f"{home.config}.bak"]
    assert found.settings is None


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        ("{}", True),
        ('{"apiKey": null}', True),
        ('{"apiKey": "  "}', True),
        ('{"apiKey": "sk-sp-xxx"}', True),
        ('{"apiKey": "none"}', True),
        ('{"apiKey": "<KEY>"}', True),
        ('{"apiKey": "sk-sp-abc0000000000001"}', False),
        ('{"apiKey": {"source": "env", "id": "A"}}', False),
        ("5", False),
    ],
)
def test_copies_are_read_where_a_key_is_missing(home: Home, entry: str, wanted: bool) -> None:
    home.write(home.config.with_name("openclaw.json.bak"), "{}")
    rest = '"meta": {"a": 1}, "gateway": {"mode": "local"}, "agents": {"a": 1}, "channels": {"a": 1}'
    home.write(home.config, f'{{{rest}, "models": {{"providers": {{"a": {entry}}}}}}}')
    assert bool(_only(home).copies) is wanted


def test_an_agents_folder_may_lie_elsewhere(home: Home) -> None:
    elsewhere = home.path / "elsewhere" / "agent"
    home.write(elsewhere / "models.json", cache())
    agents = '[{ id: "work", agentDir: "~/elsewhere/agent" }, { id: "gone", agentDir: "/nowhere" }, { id: "odd" }]'
    home.write(home.config, home.config.read_text().replace("defaults:", f"list: {agents}, defaults:"))
    assert [(agent.id, agent.directory) for agent in _only(home).agents] == [
        ("main", str(home.agent)),
        ("work", str(elsewhere)),
    ]


def test_two_paths_to_one_agents_folder_are_one(home: Home) -> None:
    agents = f'[{{ id: "work", agentDir: "{home.agent}" }}]'
    home.write(home.config, home.config.read_text().replace("defaults:", f"list: {agents}, defaults:"))
    assert [agent.id for agent in _only(home).agents] == ["main"]


@pytest.mark.parametrize("by", ["environment", "dotenv"])
def test_a_variable_moves_the_folder_of_main(home: Home, by: str) -> None:
    elsewhere = home.path / "moved"
    home.write(elsewhere / "models.json", cache())
    variables = {"OPENCLAW_AGENT_DIR": "~/moved"} if by == "environment" else {}
    home.write(home.path / ".openclaw/.env", "OPENCLAW_AGENT_DIR=~/moved" if by == "dotenv" else "")
    assert [(agent.id, agent.directory) for agent in _only(home, **variables).agents] == [("main", str(elsewhere))]


def test_the_port_can_be_named_by_a_variable(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def record(_folder: object, port: int | None, *_others: object) -> GatewayAbsent:
        asked.append(port)
        return GatewayAbsent()

    monkeypatch.setattr(module, "find_gateway", record)
    _only(home, OPENCLAW_GATEWAY_PORT="4711")
    _only(home, OPENCLAW_GATEWAY_PORT="70000")
    assert asked[0] == 4711
    assert asked[1] != 70000


def test_folders_that_may_not_be_listed_are_told(public: Path, home: Home) -> None:
    assert _only(home).unreadable == ()
    if os.geteuid() != 0:
        pytest.skip("needs a second user")
    shared = Home(public, home.port).healthy()
    for path in shared.path.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    place = Place(str(shared.path), str(shared.state), environment={})
    agents = shared.path / ".openclaw/agents"
    for closed in (agents / "main/agent", agents / "main", agents, shared.path / ".openclaw"):
        closed.chmod(0o700)
        found = as_another_user(lambda: observe(place, RealFiles(), FakeClock(), "2026.3.2").openclaws[0].unreadable)
        expected = agents / "main/agent" if closed.name in {"agent", "main"} else closed
        assert [each.path for each in found] == [str(expected)]


class TestDatabases:
    @pytest.fixture
    def store(self, home: Home) -> Path:
        path = home.agent / "openclaw-agent.sqlite"
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("CREATE TABLE auth_profile_store (store_key TEXT, store_json TEXT)")
        return path

    def test_they_are_read_where_credentials_are_in_them(self, home: Home, store: Path) -> None:
        found = _only(home, "2026.9.6")
        assert found.agents[0].store is not None
        assert found.agents[0].store.path == str(store)
        assert found.shared_store is None

    @pytest.mark.usefixtures("store")
    def test_they_are_never_asked_where_credentials_are_files(self, home: Home) -> None:
        home.write(home.models, cache().replace("bailian", "leftover"))
        assert _only(home, "2026.3.2").agents[0].store is None


def test_every_state_of_a_file_is_seen(home: Home) -> None:
    home.models.unlink()
    home.models.mkdir()
    home.write(home.profiles, "{")
    (agent,) = _only(home).agents
    assert isinstance(agent.models, Unreadable)
    assert isinstance(agent.profiles, Malformed)
    assert isinstance(agent.legacy_auth, Absent)
