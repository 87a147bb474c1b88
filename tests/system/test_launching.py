"""What a service is given: what counted for the command that installs it, no more, and no secret."""

import os
from pathlib import Path

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.system import launching
from clawmend.system.launching import home_of_user, launch_of, refuse_foreign
from clawmend.system.machine import Place, find_place
from clawmend.system.units import Launch
from system.fakes import as_another_user, stub


@pytest.fixture(autouse=True)
def user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "home_of_user", lambda: "/h")


def launch(environment: dict[str, str], **options: str | None) -> Launch:
    given = {"HOME": "/h", **environment}
    place = find_place(options.get("home"), options.pop("state", None), given)
    return launch_of("/opt/clawmend", place, given, **options)


def test_where_nothing_is_unusual_nothing_is_given() -> None:
    made = launch({"PATH": "/usr/bin:/bin", "OPENCLAW_GATEWAY_TOKEN": "secret", "LANG": "C", "OPENCLAW_PROFILE": ""})
    assert made == Launch(("/opt/clawmend", "watch"), {})


@pytest.mark.parametrize(
    ("environment", "given"),
    [
        (
            {"OPENCLAW_STATE_DIR": "/o", "OPENCLAW_PROFILE": "work"},
            {"OPENCLAW_STATE_DIR": "/o", "OPENCLAW_PROFILE": "work"},
        ),
        ({"CLAUDE_CONFIG_DIR": "/c"}, {"CLAUDE_CONFIG_DIR": "/c"}),
        ({"CLAWMEND_STATE_DIR": "/s"}, {"CLAWMEND_STATE_DIR": "/s"}),
        ({"XDG_STATE_HOME": "/x"}, {"CLAWMEND_STATE_DIR": "/x/clawmend"}),
        ({"XDG_STATE_HOME": "/h/.local/state"}, {}),
        ({"XDG_STATE_HOME": "relative"}, {}),
        ({"XDG_CONFIG_HOME": "/x"}, {"XDG_CONFIG_HOME": "/x"}),
        ({"XDG_CONFIG_HOME": "/h/.config"}, {}),
        ({"HOME": "/other"}, {"HOME": "/other"}),
    ],
)
def test_what_counted_here_counts_there(environment: dict[str, str], given: dict[str, str]) -> None:
    assert launch(environment).environment == given


def test_options_go_along_and_a_home_that_was_named_ignores_the_variables() -> None:
    made = launch({"OPENCLAW_PROFILE": "x", "XDG_CONFIG_HOME": "/x"}, home="/other", state="/s",
                  config="/c.toml", openclaw_version="2026.3.2")  # fmt: skip
    words = ("/opt/clawmend", "watch", "--home", "/other", "--openclaw-version", "2026.3.2", "--config", "/c.toml")
    assert made == Launch(words, {"CLAWMEND_STATE_DIR": "/s"})


def test_programs_in_unusual_folders_are_found_there_too(tmp_path: Path) -> None:
    openclaw, node = stub(tmp_path / "a", "openclaw", ""), stub(tmp_path / "b", "node", "")
    made = launch({"PATH": f"{tmp_path}/gone:{openclaw.parent}:{node.parent}:/bin"})
    assert made.environment == {"PATH": f"{openclaw.parent}:{node.parent}:/usr/local/bin:/usr/bin:/bin"}


def test_the_home_of_somebody_else_is_refused(tmp_path: Path) -> None:
    refuse_foreign(Place(str(tmp_path), "/s", {}))
    with pytest.raises(ClawmendError, match=r"belongs to .*log in as .* and run clawmend service install there"):
        as_another_user(lambda: refuse_foreign(Place("/usr" if os.geteuid() else "/", "/s", {})))


def test_a_home_of_a_number_without_a_name_is_refused_too(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    os.chown(tmp_path, 54321, 54321)
    with pytest.raises(ClawmendError, match="belongs to user 54321"):
        refuse_foreign(Place(str(tmp_path), "/s", {}))


def test_a_user_without_an_entry_has_no_home_of_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert os.path.isabs(home_of_user())
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    assert home_of_user() == ""
