"""Where a path belongs."""

import pytest

from clawmend.core.belonging import owner_of, state_of
from support.build import CONFIG, FOLDER, agent, openclaw, parsed, snapshot

ELSEWHERE = "/srv/agents/second"
INCLUDE = "/etc/openclaw/more.json"
LOGIN = "/home/user/.codex/auth.json"


def everything() -> object:
    moved = agent("second", models={"providers": {}})
    moved = type(moved)("second", ELSEWHERE, parsed(f"{ELSEWHERE}/models.json", {}), *_rest(moved))
    ours = openclaw(
        {}, agent(models={"providers": {}}), moved, includes=(parsed(INCLUDE, {}),), oauth_sources=(parsed(LOGIN, {}),)
    )
    return snapshot(ours)


def _rest(one: object) -> tuple[object, ...]:
    return one.profiles, one.legacy_auth, one.auth_state  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "path", [CONFIG, f"{FOLDER}/agents/main/agent/models.json", f"{ELSEWHERE}/models.json", INCLUDE, LOGIN]
)
def test_a_file_of_a_state_folder_belongs_to_it_wherever_it_lies(path: str) -> None:
    found = everything()
    owner = owner_of(found, path)  # type: ignore[arg-type]
    assert owner is not None
    assert owner.directory == FOLDER
    state = state_of(found, path)  # type: ignore[arg-type]
    assert state is not None
    assert state.path == path


@pytest.mark.parametrize(
    "path", [f"{FOLDER}-work/openclaw.json", "/home/user/.claude.json", f"{ELSEWHERE}2/models.json"]
)
def test_a_file_whose_folder_only_begins_alike_belongs_to_nobody(path: str) -> None:
    assert owner_of(everything(), path) is None  # type: ignore[arg-type]
    assert state_of(everything(), path) is None  # type: ignore[arg-type]


def test_an_openclaw_json_outside_its_folder_belongs_to_it() -> None:
    ours = openclaw(parsed("/etc/openclaw.json", {}))
    assert owner_of(snapshot(ours), "/etc/openclaw.json") is ours
