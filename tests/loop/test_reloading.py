"""config.toml read again: a broken one never replaces one that was whole."""

from pathlib import Path

import pytest

from clawmend.core.configuration import Configuration
from clawmend.core.errors import ClawmendError
from clawmend.core.operation import Operation, WatchMode
from clawmend.loop.reloading import Reloaded, reloaded
from clawmend.system.configuration import read_configuration

LAST = Configuration("/c.toml", found=True, operation=Operation(mode=WatchMode.REPORT))


def test_a_whole_one_takes_the_place_of_the_last() -> None:
    new = Configuration("/c.toml", found=True)
    assert reloaded(LAST, new) == Reloaded(new, ())
    assert reloaded(LAST, new).summary == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[watch\n", "{}:1: this is no TOML: expected ']' at the end of a table declaration (column 7)"),
        ('[watch]\nmode = "x"\n', '{}:2: watch.mode is "x", and has to be one of "auto", "report"'),
        (
            '[watch]\nmode = "x"\nsweep = 0\n',
            '{}:2: watch.mode is "x", and has to be one of "auto", "report" (and 1 more',
        ),
    ],
)
def test_a_broken_one_is_told_with_its_line_and_the_last_one_holds(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    path.chmod(0o600)
    new = read_configuration(str(path), {}, required=False)
    result = reloaded(LAST, new)
    assert result.holds is LAST
    assert result.summary.startswith(f"the earlier settings hold, because {said.format(path)}")


def test_so_it_is_with_one_that_cannot_be_read_at_all() -> None:
    result = reloaded(LAST, ClawmendError("/c.toml may not be accessed by this user", "ls -l /c.toml"))
    assert result.holds is LAST
    assert result.problems == ("/c.toml may not be accessed by this user; ls -l /c.toml",)
