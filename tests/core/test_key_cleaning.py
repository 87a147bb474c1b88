"""What OpenClaw makes of a configured key, as seen on 2026.5.7 and 2026.9.6 and read on the others."""

import pytest

from clawmend.core.behaviour import Cleaning
from clawmend.core.key_cleaning import as_sent


@pytest.mark.parametrize(
    ("text", "ends", "lines", "wide", "controls"),
    [
        ("key", "key", "key", "key", "key"),
        (" \tkey\xa0\n", "key", "key", "key", "key"),
        ("ke\r\ny", "ke\r\ny", "key", "key", "key"),
        ("ke\u2028y", "ke\u2028y", "key", "key", "key"),
        ("ke\u200by", "ke\u200by", "ke\u200by", "key", "key"),
        ("\u201ckey\u201d", "\u201ckey\u201d", "\u201ckey\u201d", "key", "key"),
        ("ke\ty", "ke\ty", "ke\ty", "ke\ty", "key"),
        ("ke\x85y", "ke\x85y", "ke\x85y", "ke\x85y", "key"),
        ("k e\xe9y", "k e\xe9y", "k e\xe9y", "k e\xe9y", "k e\xe9y"),
        ("\u3000", "", "", "", ""),
        ("\u200b", "\u200b", "\u200b", "", ""),
    ],
)
def test_each_version_drops_more(text: str, ends: str, lines: str, wide: str, controls: str) -> None:
    assert [as_sent(text, cleaning) for cleaning in Cleaning] == [ends, lines, wide, controls]
