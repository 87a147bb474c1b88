"""Finding the place where a setting is written, through includes."""

from typing import Any

import pytest

from clawmend.core.origin import Origin, origin_of
from clawmend.core.snapshot import OpenClaw
from support.build import CONFIG, FOLDER, malformed, openclaw, parsed


def home(config: Any, **files: Any) -> OpenClaw:
    return openclaw(config, includes=tuple(parsed(f"{FOLDER}/{name}.json5", value) for name, value in files.items()))


URL = ("models", "providers", "bailian", "baseUrl")


def test_what_stands_in_the_file_itself_is_found_as_it_is_written() -> None:
    written = {"models": {"providers": {"bailian": {"baseUrl": "${URL}"}}}}
    assert origin_of(home(written), URL) == Origin(CONFIG, URL, "${URL}")


@pytest.mark.parametrize("pointer", [("nothing",), ("models", 0), ("models", "providers", "bailian", "baseUrl", "x")])
def test_what_is_nowhere_has_no_place(pointer: Any) -> None:
    assert origin_of(home({"models": {"providers": {"bailian": {"baseUrl": "u"}}}}), pointer) is None


def test_an_included_file_has_its_own_pointer() -> None:
    found = origin_of(
        home({"models": {"$include": "models.json5"}}, models={"providers": {"bailian": {"baseUrl": "u"}}}), URL
    )
    assert found == Origin(f"{FOLDER}/models.json5", ("providers", "bailian", "baseUrl"), "u")


def test_what_stands_beside_an_include_wins_over_it() -> None:
    config = {"$include": "./base.json5", "models": {"providers": {"bailian": {"baseUrl": "mine"}}}}
    base = {"models": {"providers": {"bailian": {"baseUrl": "theirs", "api": "a"}}}}
    assert origin_of(home(config, base=base), URL) == Origin(CONFIG, URL, "mine")
    other = (*URL[:3], "api")
    assert origin_of(home(config, base=base), other) == Origin(f"{FOLDER}/base.json5", other, "a")


def test_of_several_includes_the_last_one_wins() -> None:
    config = {"$include": ["a.json5", "b.json5", 5, "gone.json5"]}
    assert origin_of(home(config, a={"x": 1, "y": 1}, b={"x": 2}), ("x",)) == Origin(f"{FOLDER}/b.json5", ("x",), 2)
    assert origin_of(home(config, a={"x": 1, "y": 1}, b={"x": 2}), ("y",)) == Origin(f"{FOLDER}/a.json5", ("y",), 1)


def test_a_member_of_a_list_has_a_place_when_the_list_is_in_one_file() -> None:
    assert origin_of(home({"list": [{"id": "a"}]}), ("list", 0, "id")) == Origin(CONFIG, ("list", 0, "id"), "a")
    assert origin_of(home({"list": [{"id": "a"}]}), ("list", 1, "id")) is None
    both = home({"$include": "a.json5", "list": [{"id": "b"}]}, a={"list": [{"id": "a"}]})
    assert origin_of(both, ("list", 0, "id")) is None


def test_a_file_that_does_not_parse_holds_no_place() -> None:
    assert origin_of(openclaw({"$include": "a.json5"}, includes=(malformed(f"{FOLDER}/a.json5"),)), ("x",)) is None
    assert origin_of(home({"$include": {"not": "a name"}}), ("x",)) is None
