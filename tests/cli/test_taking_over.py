"""Credentials that OpenClaw takes over: what a person is shown, and what an undo says of the database."""

import pytest

from clawmend.core.era import Installation
from clawmend.core.finding import TakeOver
from clawmend.core.snapshot import OpenClaw
from clawmend.repair.credentials import RealCredentials
from clawmend.system.taking_over import Lacking
from cli.run import CommandLine
from repair.home import Home
from repair.retired import ASKED, Retired

ON = ("--openclaw-version", "2026.9.6")
SECRETS = ("key-that-must-survive", "refresh-that-must-survive", "token-of-work")


@pytest.fixture
def retired(home: Home, monkeypatch: pytest.MonkeyPatch) -> Retired:
    found = Retired(home)

    def take_over(
        _self: RealCredentials,
        place: OpenClaw,
        installation: Installation,
        edit: TakeOver,
        config: bytes,
        lacking: Lacking,
    ) -> str | None:
        return found.openclaw.take_over(place, installation, edit, config, lacking)

    monkeypatch.setattr(RealCredentials, "take_over", take_over)
    return found


def test_the_command_line_is_shown_before_and_after(clawmend: CommandLine, retired: Retired) -> None:
    said = " ".join(clawmend("repair", "--only", "OC204", "--yes", "--dry-run", *ON).out.split())
    assert f"would run: {ASKED} (OC204)" in said
    assert retired.is_as_before
    run = clawmend("repair", "--only", "OC204", "--yes", "--json", *ON)
    assert run.json["verdict"] == "repaired"
    assert {change["diff"] for change in run.json["changes"]} == {ASKED}


def test_an_undo_says_what_it_does_not_take_back(clawmend: CommandLine, retired: Retired) -> None:
    clawmend("repair", "--only", "OC204", "--yes", *ON)
    run = clawmend("undo", *ON)
    assert run.code == 0
    assert "What OpenClaw took over from these files stays in its database as well." in " ".join(run.out.split())
    assert retired.is_as_before


def test_the_undo_of_anything_else_says_nothing_of_the_kind(clawmend: CommandLine, home: Home) -> None:
    home.write(home.claude, "{}")
    clawmend("repair", "--only", "CC101")
    assert clawmend("undo", "--json").json["note"] == ""


def test_no_credential_is_ever_shown(clawmend: CommandLine, retired: Retired) -> None:
    words = ("repair", "--only", "OC204", "--yes")
    for command in ((*words, "--dry-run"), words, ("undo", "--dry-run"), ("undo", "--json")):
        run = clawmend(*command, *ON)
        assert not [secret for secret in SECRETS if secret in run.out + run.err], command
    assert retired.is_as_before
