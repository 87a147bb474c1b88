"""What makes a fault another one: other input. What OpenClaw notes in its own files is none."""

from dataclasses import replace

import pytest

from clawmend.core.document import Document, Syntax
from clawmend.core.era import Era, Installation
from clawmend.core.finding import Confidence, Edit, Finding, Fix, LogOut, Restart, Safety, SetKey, Severity
from clawmend.core.inputs import fault_of
from clawmend.core.snapshot import Agent, GatewayAbsent, OpenClaw, Snapshot
from clawmend.core.state import Absent, FileState, Identity, Malformed, Parsed
from clawmend.core.version import Version

ROOT = "/home/ana/.openclaw"
CONFIG, PROFILES = f"{ROOT}/openclaw.json", f"{ROOT}/agents/main/agent/auth-profiles.json"
IDENTITY = Identity(0, 0, 0o600, 0, 0, 0, 0)


def parsed(path: str, text: str) -> FileState:
    data = text.encode()
    return Parsed(path, IDENTITY, data, Document.parse(data, Syntax.JSON5))


def snapshot(config: str = "{}", profiles: str | None = "{}", version: str = "2026.3.2") -> Snapshot:
    folder = f"{ROOT}/agents/main/agent"
    agent = Agent(
        id="main",
        directory=folder,
        models=Absent(f"{folder}/models.json"),
        profiles=Absent(PROFILES) if profiles is None else parsed(PROFILES, profiles),
        legacy_auth=Absent(f"{folder}/auth.json"),
        auth_state=Absent(f"{folder}/auth-state.json"),
    )
    openclaw = OpenClaw(ROOT, None, parsed(CONFIG, config), None, (agent,), GatewayAbsent())
    installation = Installation(Version.parse(version), "option", Era.UNKNOWN)
    return Snapshot("/home/ana", 0.0, installation, (openclaw,))


def finding(*edits: Edit, path: str = PROFILES) -> Finding:
    return Finding(
        rule="OC201",
        name="x",
        severity=Severity.ERROR,
        safety=Safety.SAFE,
        confidence=Confidence.CERTAIN,
        path=path,
        summary="",
        fix=Fix(edits) if edits else None,
    )


SET = SetKey(PROFILES, ("a",), 1)
HERE = fault_of(snapshot(), finding(SET))


def test_the_same_input_is_the_same_fault() -> None:
    assert fault_of(snapshot(), finding(SET)) == HERE
    assert HERE.fingerprint == finding().fingerprint("/home/ana")


@pytest.mark.parametrize(
    "other",
    [snapshot(config='{"a": 1}'), snapshot(profiles='{"a": 1}'), snapshot(version="2026.5.7"), snapshot(profiles=None)],
)
def test_another_file_or_version_is_another_input(other: Snapshot) -> None:
    assert fault_of(other, finding(SET)) != HERE


def test_what_openclaw_notes_of_itself_is_none() -> None:
    noted = snapshot('{"meta": {"lastTouchedAt": "now"}, "wizard": {}}', '{"usageStats": {"a": {}}, "lastGood": {}}')
    assert fault_of(noted, finding(SET)) == HERE


def test_how_a_file_is_written_is_none() -> None:
    assert fault_of(snapshot('// mine\n{ "b": 1, "a": 2 }'), finding()) == fault_of(snapshot("{a: 2, b: 1}"), finding())


def test_a_file_that_does_not_parse_counts_by_its_bytes() -> None:
    first = snapshot()
    broken = replace(first.openclaws[0], config=Malformed(CONFIG, IDENTITY, b"{", "ends too soon"))
    listed = replace(first.openclaws[0], config=parsed(CONFIG, "[1]"))
    found = {
        fault_of(replace(first, openclaws=(one,)), finding()).inputs for one in (first.openclaws[0], broken, listed)
    }
    assert len(found) == 3


def test_a_credential_in_a_database_counts_by_what_is_stored() -> None:
    def asked(stored: str) -> Finding:
        return finding(LogOut(f"{ROOT}/state/openclaw.sqlite", "main", "bailian:default", {"key": stored}))

    assert fault_of(snapshot(), asked("a")) == fault_of(snapshot(), asked("a"))
    assert fault_of(snapshot(), asked("a")) != fault_of(snapshot(), asked("b"))


def test_a_start_and_a_file_of_nobody_have_an_input_too() -> None:
    assert fault_of(snapshot(), finding(Restart(CONFIG), path=CONFIG)).inputs
    assert fault_of(snapshot(), finding(path="/home/ana/.claude.json")).inputs
