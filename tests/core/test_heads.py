"""What a stranger may see of a file."""

import pytest

from clawmend.core.heads import head_of
from clawmend.core.secret import Masker

KEY = "sk-sp-test00000000000000000000000000a1"


@pytest.fixture
def masker() -> Masker:
    return Masker(b"a key for tests")


def test_what_rules_look_at_is_shown_with_its_secrets_masked_and_the_rest_is_only_counted(masker: Masker) -> None:
    value = {
        "models": {"providers": {"bailian": {"baseUrl": "https://x.example/v1", "apiKey": KEY, "retry": True}}},
        "channels": {"telegram": {"botToken": "1:2"}},
        "people": ["a", "b"],
        "note": "call me",
        "number": 5551234,
        "on": True,
        "nothing": None,
    }
    assert head_of(value, "openclaw.json", masker) == {
        "models": {
            "providers": {"bailian": {"baseUrl": "https://x.example/v1", "apiKey": masker.show(KEY), "retry": True}}
        },
        "channels": "… (an object of 1)",
        "people": "… (a list of 2)",
        "note": "… (a text of 7)",
        "number": "… (a number)",
        "on": True,
        "nothing": None,
    }


def test_projects_and_their_histories_stay_out(masker: Masker) -> None:
    value = {"projects": {"/home/me/secret-plan": {"history": ["x"]}}, "hasCompletedOnboarding": True}
    head = head_of(value, ".claude.json", masker)
    assert head == {"projects": "… (an object of 1)", "hasCompletedOnboarding": True}


@pytest.mark.parametrize("name", ["env", "headers", "vars"])
def test_of_variables_and_headers_only_what_is_a_setting_is_shown(masker: Masker, name: str) -> None:
    value = {"env": {name: {"BASE_URL": "https://x.example", "MY_THING": "justletters", "PIN": "1234", "N": 1,
                            "AUTH": "true"}}}  # fmt: skip
    assert head_of(value, "openclaw.json", masker) == {
        "env": {
            name: {
                "BASE_URL": "https://x.example",
                "MY_THING": "… (a text of 11)",
                "PIN": "… (a text of 4)",
                "N": 1,
                "AUTH": "true",
            }
        }
    }


def test_what_is_long_or_deep_is_cut(masker: Masker) -> None:
    deep: dict[str, object] = {"end": "x"}
    for _ in range(20):
        deep = {"in": deep}
    value = {
        "agents": {"deep": deep, "many": list(range(50)), "wide": {str(number): 1 for number in range(50)}},
        "meta": {"text": "so long " * 100},
    }
    head = head_of(value, "openclaw.json", masker)  # type: ignore[arg-type]
    assert isinstance(head, dict)
    assert str(head["agents"]).count("'in'") < 12
    assert "… (an object of 1)" in str(head["agents"])
    assert "and 10 more" in str(head["agents"]["many"])  # type: ignore[index,call-overload]
    assert head["agents"]["wide"]["…"] == "and 10 more"  # type: ignore[index,call-overload]
    assert len(head["meta"]["text"]) == 201  # type: ignore[index,call-overload,arg-type]


def test_a_file_that_holds_no_object_has_an_outline(masker: Masker) -> None:
    assert head_of([KEY], "models.json", masker) == "… (a list of 1)"
    assert head_of({"x": KEY}, "other.json", masker) == {"x": "… (a text of 38)"}
