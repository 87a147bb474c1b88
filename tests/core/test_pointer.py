import pytest

from clawmend.core.pointer import array_index, format_pointer, parse_pointer


@pytest.mark.parametrize(
    ("pointer", "text"),
    [
        ((), ""),
        (("",), "/"),
        (("a/b", 0), "/a~1b/0"),
        (("~1", "~"), "/~01/~0"),
        (("models", "providers", "x y"), "/models/providers/x y"),
    ],
)
def test_a_pointer_is_written_and_read_as_rfc_6901_says(pointer: tuple[str | int, ...], text: str) -> None:
    assert format_pointer(pointer) == text
    assert parse_pointer(text) == tuple(str(token) for token in pointer)


@pytest.mark.parametrize("text", ["a", "a/b", "/~", "/a~2b"])
def test_what_is_no_pointer_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a pointer"):
        parse_pointer(text)


def test_an_index_is_a_number_as_json_writes_it() -> None:
    assert [array_index(token) for token in (0, 7, "0", "17")] == [0, 7, 0, 17]
    assert [array_index(token) for token in (-1, "-1", "-", "", "01", "1.0", "²", "9" * 30)] == [None] * 8
