"""Which state folder a line states to be its own, and which ones a text mentions."""

import pytest

from clawmend.core.log_homes import MARKS, home_of, is_named, mentions, stated_home
from clawmend.core.log_lines import parse_line
from support.logs import all_logs, line


def _stated(text: str) -> str | None:
    parsed = parse_line(text)
    assert parsed is not None
    return stated_home(parsed)


@pytest.mark.parametrize(
    ("path", "home"),
    [
        ("/home/u/.openclaw/agents/main/agent/auth-profiles.json", "/home/u/.openclaw"),
        ("/home/u/.openclaw/agents/main/agent", "/home/u/.openclaw"),
        ("/srv/oc/agents/main/sessions/x.jsonl", "/srv/oc"),
        ("/srv/oc/openclaw.json", "/srv/oc"),
        ("/srv/oc/openclaw.json.bak", "/srv/oc"),
        ("/srv/oc/clawdbot.json", "/srv/oc"),
        ("/srv/oc/state/openclaw.sqlite", "/srv/oc"),
        ("/home/u/.openclaw/logs/stability/x.json", "/home/u/.openclaw"),
        ("/home/u/.openclaw-dev", "/home/u/.openclaw-dev"),
        ("~/.openclaw/workspace", "~/.openclaw"),
        ("/home/u/.moltbot/canvas/", "/home/u/.moltbot"),
        ("/home/John Doe/.openclaw/agents/main/agent", "/home/John Doe/.openclaw"),
        ("/usr/lib/node_modules/openclaw/dist/x.js", None),
        ("/home/u/.openclawed/x", None),
        ("/home/u/agents/notes.txt", None),
        ("//openclaw.json", None),
        ("/" + "x" * 2000 + "/openclaw.json", None),
        ("", None),
    ],
)
def test_a_path_lies_in_a_state_folder(path: str, home: str | None) -> None:
    assert home_of(path) == home


@pytest.mark.parametrize(
    ("text", "homes"),
    [
        ('"path":"/srv/a/.openclaw/openclaw.json","x"', {"/srv/a/.openclaw"}),
        ('{\\"storePath\\":\\"/home/u/.openclaw/cron/jobs.json\\"}', {"/home/u/.openclaw"}),
        ("Auth store: /a/.openclaw/agents/m/agent/x (agentDir: /b/agents/m/agent).", {"/a/.openclaw", "/b"}),
        ("see ~/.openclaw-dev/openclaw.json.", {"~/.openclaw-dev"}),
        ("/Users/John Doe/.openclaw/x", {"Doe/.openclaw"}),
        ("https://docs.openclaw.ai/agents/main/agent and //host/.openclaw/x", set()),
        ("OPENCLAW_CONFIG_PATH='$OPENCLAW_STATE_DIR/openclaw.json' ./.openclaw/x ../.openclaw", set()),
        ("edit config/openclaw.json or openclaw.json", set()),
        ("nothing", set()),
    ],
)
def test_a_text_mentions_state_folders(text: str, homes: set[str]) -> None:
    assert mentions(text) == homes


@pytest.mark.parametrize(
    ("text", "home"),
    [
        (
            line('No API key found for provider "x". Auth store: /a b/.openclaw/agents/m/agent/x (agentDir: /c).'),
            "/a b/.openclaw",
        ),
        (line("Auth store: /srv/agent/auth-profiles.json (agentDir: /srv/agent)."), "/srv/agent"),
        (line("Auth store: x (agentDir: y)."), None),
        (
            line("Auth profile store ~/.openclaw/state/openclaw.sqlite requires legacy credential migration"),
            "~/.openclaw",
        ),
        (line("Config observe anomaly: none"), None),
        (
            line("slow", {"storePath": "/a/.openclaw/agents/m/agent/x.sqlite"}, subsystem="session-sqlite"),
            "/a/.openclaw",
        ),
        (line({"database": "/a/state/openclaw.sqlite"}, "slow", subsystem="sqlite/transaction"), "/a"),
        (line({"path": "/a/agents/m/agent/x.sqlite"}, "passed", subsystem="state/database-verify"), "/a"),
        (line({"sessionFile": "/a/agents/m/sessions/x.jsonl"}, "x", subsystem="agent/embedded"), "/a"),
        (line({"sessionFile": 5, "agentDir": "/b/agents/m/agent"}, "x", subsystem="agent/embedded"), "/b"),
        # What a tool touches is nobody's statement of whose run it is.
        (line({"path": "/other/.openclaw/openclaw.json"}, "edit failed", subsystem="tools"), None),
        (line("read /other/.openclaw/openclaw.json", subsystem="agent/embedded"), None),
        (line({"storePath": "/a/.openclaw/agents/m/agent/x"}, "printed"), None),
    ],
)
def test_a_line_states_whose_it_is(text: str, home: str | None) -> None:
    assert _stated(text) == home


def test_no_home_is_mentioned_without_the_marks_by_which_lines_are_chosen() -> None:
    for log in all_logs():
        for text in log.lines:
            said = text.encode().partition(b',"_meta":{')[0]
            assert not mentions(said.decode()) or any(mark in said for mark in MARKS), text


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("/home/u/.openclaw", True),
        ("/data/u/.openclaw", True),
        ("~/.openclaw", True),
        ("/home/v/.openclaw", False),
        ("/home/u/.openclaw-dev", False),
        ("~/.openclaw-dev", False),
        ("~/home/u/.openclaw", True),  # by its end, when somebody's home is /
        ("u/.openclaw", True),
        ("Doe/.openclaw", False),
    ],
)
def test_a_folder_is_named_by_any_of_its_paths(name: str, named: bool) -> None:
    assert is_named(frozenset({"/home/u/.openclaw", "/data/u/.openclaw"}), name) is named


def test_the_end_of_a_path_with_a_space_names_it() -> None:
    assert is_named(frozenset({"/Users/John Doe/.openclaw"}), "Doe/.openclaw")
    assert not is_named(frozenset({"/Users/JohnDoe/.openclaw"}), "Doe/.openclaw")
