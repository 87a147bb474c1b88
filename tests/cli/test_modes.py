"""What a change of permission bits looks like: in JSON, as text, in the backups and on the way back."""

from pathlib import Path

import pytest

from cli.run import VERSION, CommandLine
from repair.home import Home
from support.rules import add_rule, closing

_CONFIG = "~/.openclaw/openclaw.json"
_CHANGE = {"path": _CONFIG, "action": "mode", "rules": ["OC999"], "diff": "mode 0644 -> 0600"}


@pytest.fixture(autouse=True)
def _opened(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    add_rule(monkeypatch, closing)
    home.config.chmod(0o644)


def test_json_says_mode_and_from_what_to_what(clawmend: CommandLine) -> None:
    assert clawmend("repair", "--dry-run", "--json", *VERSION).json["changes"] == [_CHANGE]
    assert clawmend("repair", "--json", *VERSION).json["changes"] == [_CHANGE]


def test_text_says_that_it_was_made_private(clawmend: CommandLine) -> None:
    assert (
        f"would make private {_CONFIG}  (OC999)\n    mode 0644 -> 0600\n"
        in clawmend("repair", "--dry-run", *VERSION).out
    )
    assert f"made private {_CONFIG}  (OC999)\n    mode 0644 -> 0600\n" in clawmend("repair", *VERSION).out


def test_a_backup_and_an_undo_show_the_mode(clawmend: CommandLine, home: Home) -> None:
    name = clawmend("repair", "--json", *VERSION).json["checkpoint"]
    shown = clawmend("backups", "show", name, "--json").json["checkpoint"]["files"]
    assert Path(shown[0].pop("kept")).read_bytes() == home.config.read_bytes()
    assert shown == [{"path": _CONFIG, "rules": ["OC999"], "diff": "mode 0644 -> 0600"}]
    restored = [{"path": _CONFIG, "rules": ["OC999"], "diff": "mode 0600 -> 0644"}]
    assert clawmend("undo", "--dry-run", "--json").json["restored"] == restored
    assert clawmend("undo", "--json").json["restored"] == restored
    assert home.config.stat().st_mode & 0o777 == 0o644
    assert f"{_CONFIG}: the same as then" in clawmend("backups", "show", name).out
