"""What a file holds steers neither a terminal nor a log."""

import pytest

from clawmend.core.printable import one_line, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ✓ 名", "plain ✓ 名"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\x85b\x7f", "a\\x85b\\x7f"),
        ("\u202eabc", "\\u202eabc"),
        ("byte \udcff", "byte \\xff"),
        ("lone \ud800", "lone \\ud800"),
    ],
)
def test_what_would_steer_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert one_line(f"{text}\n!") == f"{shown}\\n!"


def test_lines_and_tabs_stay_where_there_may_be_several() -> None:
    assert printable("a\n\tb") == "a\n\tb"
