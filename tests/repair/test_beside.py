"""What lies beside openclaw.json: who can get at it, and when the copies are worth a look."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from clawmend.core.state import Identity
from clawmend.repair import beside
from clawmend.repair.observe import observe
from clawmend.system.files import RealFiles
from clawmend.system.homes import StateFolder
from clawmend.system.loading import load
from clawmend.system.machine import Place
from repair.home import Home
from system.fakes import FakeClock

WHOLE = '{"meta": {"a": 1}, "gateway": {"mode": "local"}, "agents": {"a": 1}, "models": {"a": 1}, "channels": {"a": 1}}'


class Numbers(RealFiles):
    """Files that belong to whom a test says."""

    def __init__(self, **owners: tuple[int, int]) -> None:
        self.owners = owners

    def identity(self, path: str) -> Identity | None:
        found = super().identity(path)
        named = self.owners.get(Path(path).name.replace(".", "_"))
        return found if found is None or named is None else replace(found, uid=named[0], gid=named[1])


@pytest.fixture
def there(public: Path) -> Path:
    folder = public / "home/.openclaw"
    folder.mkdir(parents=True)
    for each in (folder, folder.parent):
        each.chmod(0o755)
    (folder / "openclaw.json").write_text(WHOLE)
    return folder


def exposed(folder: Path, files: RealFiles | None = None) -> list[tuple[str, bool, bool]]:
    home = str(folder.parent)
    state = StateFolder(str(folder), str(folder / "openclaw.json"))
    found = beside.exposed(state, [], [], Place(home, home, environment={}), files or RealFiles())
    return [(Path(one.path).name, one.reachable, one.foreign) for one in found]


@pytest.mark.parametrize(
    ("mode", "folder", "gid", "expected"),
    [
        (0o600, 0o755, 7, []),
        (0o644, 0o755, 7, [("openclaw.json", True, False)]),
        (0o644, 0o700, 7, [("openclaw.json", False, False)]),
        (0o640, 0o755, 7, [("openclaw.json", True, False)]),
        (0o640, 0o750, 7, [("openclaw.json", True, False)]),
        (0o640, 0o700, 7, [("openclaw.json", False, False)]),
        (0o640, 0o755, 5, []),
        (0o644, 0o750, 5, [("openclaw.json", False, False)]),
        (0o602, 0o755, 5, [("openclaw.json", True, False)]),
    ],
)
def test_a_file_is_within_reach_through_every_folder(
    there: Path, mode: int, folder: int, gid: int, expected: list[tuple[str, bool, bool]]
) -> None:
    (there / "openclaw.json").chmod(mode)
    there.chmod(folder)
    numbers = {"openclaw_json": (5, gid), "_openclaw": (5, gid), "home": (5, gid)}
    assert exposed(there, Numbers(**numbers)) == expected


def test_what_is_no_file_holds_no_secret(there: Path) -> None:
    (there / "openclaw.json").unlink()
    for name in ("openclaw.json", "state/openclaw.sqlite"):
        (there / name).mkdir(parents=True)
        (there / name).chmod(0o755)
    (there / ".env").symlink_to("/dev/null")
    os.mkfifo(there / "openclaw.json.bak")
    (there / "openclaw.json.bak").chmod(0o666)
    assert exposed(there) == []
    (there / "openclaw.json.bak.1").write_text(WHOLE)
    (there / "openclaw.json.bak.1").chmod(0o644)
    assert exposed(there) == [("openclaw.json.bak.1", True, False)]


def test_a_group_that_may_not_pass_every_folder_does_not_come_to_it(there: Path) -> None:
    (there / "openclaw.json").chmod(0o640)
    there.chmod(0o750)
    assert exposed(there, Numbers(openclaw_json=(5, 7), _openclaw=(5, 8), home=(5, 8))) == [
        ("openclaw.json", False, False)
    ]


def test_what_belongs_to_neither_the_home_nor_the_folder_is_foreign(there: Path) -> None:
    (there / "openclaw.json").chmod(0o600)
    assert exposed(there, Numbers(openclaw_json=(0, 0), _openclaw=(5, 5), home=(5, 5))) == [
        ("openclaw.json", False, True)
    ]
    assert exposed(there, Numbers(openclaw_json=(9, 9), _openclaw=(9, 9), home=(5, 5))) == []


def test_every_folder_above_is_a_door() -> None:
    assert beside.folders_above("/home/user/.openclaw/openclaw.json", "/home/user") == (
        "/home/user/.openclaw",
        "/home/user",
        "/home",
        "/",
    )


def test_an_included_file_may_be_exposed_too(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "folders_above", lambda _path, _home: ())
    home.write(home.config, '{ "models": { "$include": "./keys.json5" } }')
    included = home.config.with_name("keys.json5")
    home.write(included, "{}")
    os.chmod(included, 0o666)  # noqa: S103 - that is what is looked for
    (found,) = observe(home.tools().place, RealFiles(), FakeClock(), "2026.5.7").openclaws
    assert [(one.path, one.reachable) for one in found.exposed] == [(str(included), True)]


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        ("", "", False),
        ('"agents": {"a": 1}', '"agents": {}', True),
        ('"models": {"a": 1}', '"models": {"providers": {"x": null}}', True),
        ('"channels": {"a": 1}', '"channels": []', True),
        ('"mode": "local"', '"port": 1', True),
    ],
)
def test_the_copies_are_read_when_something_is_gone_or_empty(
    there: Path, before: str, after: str, wanted: bool
) -> None:
    config = there / "openclaw.json"
    config.write_text(WHOLE.replace(before, after) if before else WHOLE)
    state = load(RealFiles(), str(config), beside.Syntax.JSON5)
    assert beside.wants_copies(StateFolder(str(there), str(config)), state, RealFiles()) is wanted
