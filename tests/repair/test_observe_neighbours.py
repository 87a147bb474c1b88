"""OpenCode and Qwen Code are looked at once, and Qwen Code's saves are waited for."""

import os
from pathlib import Path

import pytest

from clawmend.core.neighbours import Neighbours
from clawmend.core.state import Absent, Malformed, Parsed, Unreadable
from clawmend.repair.observe_neighbours import observe_neighbours
from clawmend.system import neighbour_homes
from clawmend.system.files import RealFiles
from clawmend.system.machine import Place
from system.fakes import FakeClock

TEXT = '{ "$version": 4 } // mine\n'


@pytest.fixture(autouse=True)
def asked_for(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that were looked for; none is installed."""
    names: list[str] = []
    monkeypatch.setattr(neighbour_homes, "find_program", lambda _home, _environment, name: names.append(name))
    return names


def write(path: Path, text: str = TEXT, age: float = 3600.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (FakeClock().time - age,) * 2)
    return path


def look(home: Path, clock: FakeClock | None = None, **environment: str) -> Neighbours:
    return observe_neighbours(Place(str(home), "/nowhere", environment), RealFiles(), clock or FakeClock())


def test_whoever_has_no_file_is_not_there_and_costs_nothing(tmp_path: Path, asked_for: list[str]) -> None:
    write(tmp_path / ".local/share/opencode/auth.json", "{}")
    write(tmp_path / ".qwen/.env", "A=1")
    clock = FakeClock()
    assert look(tmp_path, clock) == Neighbours()
    assert (asked_for, clock.slept) == ([], [])


def test_the_files_of_opencode_come_in_their_order(tmp_path: Path, asked_for: list[str]) -> None:
    folder = tmp_path / ".config/opencode"
    for name in ("opencode.jsonc", "opencode.json", "config.json"):
        write(folder / name, "{} // a")
    found = look(tmp_path, MINE="x").opencode
    assert found is not None
    assert [os.path.basename(state.path) for state in found.files] == ["config.json", "opencode.json", "opencode.jsonc"]
    assert isinstance(found.auth, Absent)
    assert [variable.name for variable in found.variables] == ["MINE"]
    assert (found.version, asked_for) == (None, ["opencode"])


def test_a_file_of_opencode_without_a_byte_is_none(tmp_path: Path) -> None:
    write(tmp_path / ".config/opencode/opencode.jsonc", "")
    assert look(tmp_path).opencode is None
    write(tmp_path / ".config/opencode/opencode.json", " ")
    opencode = look(tmp_path).opencode
    assert opencode is not None
    assert [type(state) for state in opencode.files] == [Malformed]


def test_the_variables_of_qwen_code_come_from_the_shell_and_then_from_dotenv(tmp_path: Path) -> None:
    write(tmp_path / ".qwen/settings.json")
    write(tmp_path / ".qwen/.env", "A=1\n")
    write(tmp_path / ".env", "export A=2\nB='3'\n")
    found = look(tmp_path, A="0").qwen
    assert found is not None
    assert [(one.name, one.secret.reveal(), one.path) for one in found.variables] == [
        ("A", "0", None),
        ("A", "1", str(tmp_path / ".qwen/.env")),
        ("A", "2", str(tmp_path / ".env")),
        ("B", "3", str(tmp_path / ".env")),
    ]


@pytest.mark.parametrize(
    ("text", "kind"), [(TEXT, Parsed), ('{"a": 1,}', Malformed), ("{a: 1}", Malformed), ("", Malformed)]
)
def test_qwen_code_takes_comments_and_nothing_else(tmp_path: Path, text: str, kind: type) -> None:
    write(tmp_path / ".qwen/settings.json", text)
    found = look(tmp_path).qwen
    assert found is not None
    assert isinstance(found.settings, kind)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / ".qwen/settings.json").mkdir(parents=True)
    found = look(tmp_path).qwen
    assert found is not None
    assert isinstance(found.settings, Unreadable)


class TestWhileQwenCodeSaves:
    def test_the_moment_without_a_file_is_waited_for(self, tmp_path: Path) -> None:
        settings = tmp_path / ".qwen/settings.json"
        write(settings.with_name("settings.json.orig"), "{}")
        new = write(settings.with_name("settings.json.tmp"), TEXT, age=0)
        clock = FakeClock(on_sleep=lambda: new.rename(settings) and None)
        found = look(tmp_path, clock).qwen
        assert found is not None
        assert isinstance(found.settings, Parsed)
        assert clock.slept == [0.2]

    def test_it_is_not_waited_for_longer_than_a_second(self, tmp_path: Path) -> None:
        write(tmp_path / ".qwen/settings.json.orig")
        write(tmp_path / ".qwen/settings.json.tmp", age=0)
        clock = FakeClock()
        found = look(tmp_path, clock).qwen
        assert found is not None
        assert isinstance(found.settings, Absent)
        assert clock.slept == [0.2, 0.8]

    def test_what_an_old_save_left_behind_is_not_waited_for(self, tmp_path: Path) -> None:
        write(tmp_path / ".qwen/settings.json.orig")
        write(tmp_path / ".qwen/settings.json.tmp")
        clock = FakeClock()
        found = look(tmp_path, clock).qwen
        assert found is not None
        assert (isinstance(found.settings, Absent), clock.slept) == (True, [])

    def test_a_save_that_ended_between_two_looks_is_seen(self, tmp_path: Path) -> None:
        settings = tmp_path / ".qwen/settings.json"
        copy = write(settings.with_name("settings.json.orig"), "{}")

        class Saving(RealFiles):
            """Ends the save as soon as somebody asks for what it writes."""

            def identity(self, path: str) -> None:  # type: ignore[override]
                if path.endswith(".tmp"):
                    copy.rename(settings)

        found = observe_neighbours(Place(str(tmp_path), "/nowhere", {}), Saving(), FakeClock()).qwen
        assert found is not None
        assert isinstance(found.settings, Parsed)
