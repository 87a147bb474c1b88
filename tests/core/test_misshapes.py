"""What is pasted where a key belongs: what is clear, what is a guess, and what may be a key after all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawmend.core.misshapes import Misshape, Remedy, misshape_of
from support.purity import only_thinking

KEY = "sk-sp-test00000000000000000000000000a1"
OTHER = "sk-sp-test00000000000000000000000000b2"


def found(text: str, *, bare: bool = False) -> tuple[Remedy, str | None] | None:
    misshape = misshape_of(text, bare_variable=bare)
    return None if misshape is None else (misshape.remedy, misshape.key)


@pytest.mark.parametrize(
    "text",
    [
        f'"{KEY}"',
        f"'{KEY}'",
        f"`{KEY}`",
        f"\u201c{KEY}\u201d",
        f"\ufeff{KEY}",
        f"{KEY[:9]}\u200b{KEY[9:]}",
        f'" {KEY} "',
    ],
)
def test_what_no_key_has_is_taken_away(text: str) -> None:
    assert found(text) == (Remedy.TRIM, KEY)


@pytest.mark.parametrize(
    "text",
    [
        f"export BAILIAN_API_KEY={KEY}",
        f"export A='{KEY}';",
        f"set A={KEY}",
        f'$env:A = "{KEY}"',
        f"A={KEY}",
        f"apiKey: {KEY}",
        f'"apiKey": "{KEY}",',
        f"Bearer {KEY}",
        f"bearer  {KEY}",
        f"Authorization: Bearer {KEY}",
        f'curl -H "Authorization: Bearer {KEY}" https://example.com',
        f"<{KEY}>",
        f"{KEY},",
        f"{KEY};",
        f"my key: {KEY} (valid)",
        f"{KEY[:20]} {KEY[20:]}",
        f"{KEY[:20]}\n{KEY[20:]}",
        f"{KEY[:20]}\t{KEY[20:]}",
    ],
)
def test_the_one_key_in_other_text_is_a_guess(text: str) -> None:
    assert found(text) == (Remedy.PICK, KEY)


@pytest.mark.parametrize(
    "text",
    [
        f"{KEY} {OTHER}",
        f"{KEY}\n{OTHER}",
        f"A={KEY} B={OTHER}",
        f"{KEY} mine",
        f"Bearer {KEY}.x/y",
        "Bearer 0123456789abcdef",
        "export A=0123456789abcdef",
        f"'{KEY}' or '{OTHER}'",
        "sk-or-v1-0123456789abcdef (mine)",
        "$BAILIAN_API_KEY",
        "%BAILIAN_API_KEY%",
        "${bailian_api_key}",
        "$(cat key.txt)",
        "\u5bc6\u94a5",
    ],
)
def test_only_a_person_knows(text: str) -> None:
    assert found(text) == (Remedy.NONE, None)


def test_a_bare_name_is_a_variable_where_the_version_says_so() -> None:
    assert found("$BAILIAN_API_KEY", bare=True) is None
    assert found("${bailian_api_key}", bare=True) == (Remedy.NONE, None)


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        "",
        "sk-0123456789abcdef0123",
        "sk-proj-0123456789_abcdefghijklmnop",
        "sk-ant-api03-0123456789-AA",
        f"{KEY},{OTHER}",
        "user:c2VjcmV0cGFzc3dvcmQ=",
        "bedrock-api-key-YmVkcm9jaw==",
        "correct horse battery staple",
        "token: with a space",
        "$ecret123",
        "$5.00",
        "gsk_0123456789",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
        "caf\xe9-0123456789",
        '{"type": "service_account"}',
        '"quoted-but-of-no-known-shape"',
    ],
)
def test_what_may_be_a_key_is_left_alone(text: str) -> None:
    assert found(text) is None


@given(st.text(max_size=60))
def test_any_text_is_judged_and_a_picked_key_is_in_it(text: str) -> None:
    with only_thinking():
        misshape = misshape_of(text, bare_variable=False)
    assert misshape is None or isinstance(misshape, Misshape)
    if misshape is not None:
        assert text not in misshape.what
