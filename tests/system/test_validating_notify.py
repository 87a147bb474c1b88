"""The table [notify]: what is said, what is not, and every mistake with its line and without a token."""

from pathlib import Path

import pytest

from clawmend.core.configuration import Configuration
from clawmend.core.errors import ClawmendError
from clawmend.core.event import Event
from clawmend.core.notify_options import DEFAULT_EVENTS
from clawmend.system.configuration import read_configuration

TOKEN = "tk0secret0token0123456789"


def read(folder: Path, text: str, mode: int = 0o600) -> Configuration:
    path = folder / "config.toml"
    path.write_text(text)
    path.chmod(mode)
    return read_configuration(str(path), {}, required=True)


def test_nothing_said_is_nobody_told(tmp_path: Path) -> None:
    found = read(tmp_path, "").checked_notify()
    assert (found.targets, found.events, found.digest) == ((), DEFAULT_EVENTS, None)


def test_everything_can_be_said(tmp_path: Path) -> None:
    text = f"""[notify]
targets = ["ntfy://ntfy.sh/topic", " tgram://{TOKEN}/1 "]
desktop = true
events = ["needs-you"]
digest = "09:30"
"""
    found = read(tmp_path, text).checked_notify()
    assert [one.name for one in found.targets] == ["desktop", "ntfy 1", "tgram 2"]
    assert found.targets[2].address.reveal() == f"tgram://{TOKEN}/1"
    assert found.events == {Event.NEEDS_YOU, Event.DIGEST}
    assert found.digest == 570
    assert TOKEN not in repr(found)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[notify]\nx = 1\n", ":2: notify.x is unknown; there are only: targets, desktop, events, digest"),
        ("notify = 1\n", ":1: notify is 1, and has to be a table"),
        ("notify.targets = 1\n", ":1: notify.targets has to be a list in brackets"),
        (f'notify.targets = ["a://b", "{TOKEN}"]\n', ":1: notify.targets has a number 2 that is not an address"),
        ("notify.targets = [1]\n", ":1: notify.targets has a number 1 that is not an address"),
        ('notify.desktop = "yes"\n', ':1: notify.desktop is "yes", and has to be true or false'),
        ('notify.events = ["all"]\n', ':1: notify.events has "all", and there are only: repaired, needs-you'),
        ('notify.events = "all"\n', ":1: notify.events has to be a list in brackets"),
        ('notify.digest = "9"\n', ':1: notify.digest is "9", and has to be a time of day like "09:00"'),
        ("notify.digest = 9\n", ":1: notify.digest is 9, and has to be a time of day like"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    found = read(tmp_path, text)
    assert str(found.problems[0]).startswith(f"{tmp_path}/config.toml{problem}")
    assert TOKEN not in str(found.problems)
    with pytest.raises(ClawmendError, match="notify"):
        found.checked_notify()


def test_addresses_that_others_may_read_are_refused_with_the_remedy(tmp_path: Path) -> None:
    text = f'[notify]\ntargets = ["tgram://{TOKEN}/1"]\n'
    (problem,) = read(tmp_path, text, mode=0o644).problems
    assert "may be read by others; run: chmod 600" in str(problem)
    assert TOKEN not in str(problem)
    assert read(tmp_path, "[notify]\ndesktop = false\n", mode=0o644).problems == ()


def test_a_desktop_has_no_token_that_others_could_read(tmp_path: Path) -> None:
    found = read(tmp_path, "[notify]\ndesktop = true\n", mode=0o644).checked_notify()
    assert [one.name for one in found.targets] == ["desktop"]
