"""What a change looks like to people."""

import pytest

from clawmend.core.diff import masked_diff, mode_change
from clawmend.core.secret import Masker

KEY, OTHER = "sk-sp-test00000000000000000000000000a1", "sk-sp-test00000000000000000000000000b2"


@pytest.fixture
def masker() -> Masker:
    return Masker(b"a key for tests")


def test_only_what_changed_is_shown_with_two_lines_around_it(masker: Masker) -> None:
    before = b"1\n2\n3\n4\n5\n6\n7\n8\n"
    diff = masked_diff(before, before.replace(b"5\n", b"five\n"), masker)
    assert diff == "@@ line 3 @@\n 3\n 4\n-5\n+five\n 6\n 7"


def test_nothing_changed_shows_nothing(masker: Masker) -> None:
    assert masked_diff(b"a\nb\n", b"a\nb\n", masker) == ""
    assert masked_diff(None, None, masker) == ""
    assert masked_diff(b"", None, masker) == ""


def test_a_file_that_comes_and_a_file_that_goes(masker: Masker) -> None:
    assert masked_diff(None, b"a\nb\n", masker) == "@@ line 1 @@\n+a\n+b"
    assert masked_diff(b"a\nb\n", None, masker) == "@@ line 1 @@\n-a\n-b"


def test_secrets_are_masked_on_both_sides_and_a_change_of_key_is_visible(masker: Masker) -> None:
    diff = masked_diff(f'{{"apiKey": "{KEY}"}}'.encode(), f'{{"apiKey": "{OTHER}"}}'.encode(), masker)
    assert KEY not in diff
    assert OTHER not in diff
    assert diff.count("sk-sp-…(38 chars, ") == 2
    removed, added = diff.splitlines()[1:]
    assert removed[1:] != added[1:]


def test_a_key_in_the_lines_around_is_masked_too(masker: Masker) -> None:
    before = f'{{\n  "key": "hunter2",\n  // {KEY}\n  "a": 1\n}}\n'.encode()
    diff = masked_diff(before, before.replace(b"1", b"2"), masker)
    assert "hunter2" not in diff
    assert KEY not in diff


def test_a_learnt_secret_is_masked_wherever_it_stands(masker: Masker) -> None:
    masker.learn({"token": "open sesame"})
    assert "sesame" not in masked_diff(b"say open sesame", b"", masker)


def test_a_long_diff_is_cut_and_says_so(masker: Masker) -> None:
    before = "".join(f"{number}\n" for number in range(500)).encode()
    lines = masked_diff(before, None, masker).splitlines()
    assert len(lines) == 202
    assert lines[-1] == "... 300 more lines"


def test_a_huge_diff_is_only_counted(masker: Masker) -> None:
    before = "".join(f"{number}\n" for number in range(10_001)).encode()
    assert masked_diff(before, b"x\n", masker) == "(10001 lines become 1 lines; too long to show)"


def test_a_huge_file_with_a_small_change_is_shown(masker: Masker) -> None:
    before = "".join(f"{number}\n" for number in range(50_000)).encode()
    assert masked_diff(before, before.replace(b"\n25000\n", b"\nx\n"), masker).startswith("@@ line 24999 @@\n 24998\n")


def test_a_long_line_is_cut_after_it_was_masked(masker: Masker) -> None:
    line = '{"a": "' + "b c " * 200 + f'", "apiKey": "{KEY}"}}'
    diff = masked_diff(line.encode(), None, masker)
    assert KEY[:20] not in diff
    assert diff.endswith("characters)")
    assert all(len(one) < 450 for one in diff.splitlines())


def test_bytes_that_are_no_text_are_only_counted(masker: Masker) -> None:
    assert masked_diff(b"\0\0\0", b"a\n", masker) == "@@ line 1 @@\n-(3 bytes that are not text)\n+a"
    assert "\ufffd" in masked_diff(b"caf\xe9", b"", masker)


def test_a_change_of_mode_is_one_line_and_none_is_nothing() -> None:
    assert mode_change(0o644, 0o600) == "mode 0644 -> 0600"
    assert mode_change(0o600, 0o600) == ""
