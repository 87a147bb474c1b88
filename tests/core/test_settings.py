"""openclaw.json with its includes merged and its variables filled in."""

from typing import Any

import pytest

from clawmend.core.document import Json, Syntax
from clawmend.core.settings import config_variables, is_open, resolve
from clawmend.core.snapshot import Settings
from clawmend.core.state import Absent, FileState
from support.build import malformed, parsed, unreadable


def resolved(value: Json, files: dict[str, Any] | None = None, environment: dict[str, str] | None = None) -> Settings:
    def load(path: str) -> FileState:
        found = (files or {}).get(path, Absent(path))
        return found if not isinstance(found, dict | list | str) else parsed(path, found, Syntax.JSON5)

    return resolve(value, "/home/user/.openclaw/openclaw.json", load, environment or {})


def test_plain_settings_stay_as_they_are() -> None:
    value = {"a": [1, "x", None], "b": {"c": True}}
    assert resolved(value) == Settings(value)


def test_an_included_file_is_merged_and_what_stands_beside_it_wins() -> None:
    files = {"/home/user/.openclaw/part.json": {"a": {"x": 1, "y": 1}, "list": [1]}}
    settings = resolved({"$include": "part.json", "a": {"y": 2}, "list": [2]}, files)
    assert settings.value == {"a": {"x": 1, "y": 2}, "list": [1, 2]}
    assert settings.included == ("/home/user/.openclaw/part.json",)
    assert settings.problem is None


def test_several_included_files_are_merged_in_order() -> None:
    files = {"/etc/one.json": {"a": 1, "b": 1}, "/home/user/.openclaw/sub/two.json": {"b": 2}}
    assert resolved({"$include": ["/etc/one.json", "./sub/two.json"]}, files).value == {"a": 1, "b": 2}


def test_includes_may_stand_anywhere_and_are_relative_to_their_own_file() -> None:
    files = {
        "/home/user/.openclaw/sub/a.json": {"$include": "b.json", "a": 1},
        "/home/user/.openclaw/sub/b.json": {"b": 2},
    }
    assert resolved({"deep": [{"$include": "sub/a.json"}]}, files).value == {"deep": [{"a": 1, "b": 2}]}


def test_an_included_file_need_not_be_an_object() -> None:
    assert resolved({"models": {"$include": "list.json"}}, {"/home/user/.openclaw/list.json": [1, 2]}).value == {
        "models": [1, 2]
    }


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (None, "does not exist"),
        (unreadable("x"), "may not be accessed by this user"),
        (malformed("x"), "does not parse: the text ends inside an object"),
    ],
)
def test_a_broken_include_is_named_and_the_rest_is_still_there(state: FileState | None, words: str) -> None:
    files = {"/home/user/.openclaw/part.json": state} if state else {}
    settings = resolved({"$include": "part.json", "a": 1}, files)
    assert settings.problem is not None
    assert "/home/user/.openclaw/part.json" in settings.problem
    assert words in settings.problem
    assert settings.value == {"$include": "part.json", "a": 1}


@pytest.mark.parametrize("include", [5, None, {"a": 1}, ["ok.json", 5]])
def test_an_include_that_is_no_name_is_a_problem(include: Json) -> None:
    settings = resolved({"$include": include}, {"/home/user/.openclaw/ok.json": {}})
    assert settings.problem is not None
    assert "neither a name nor a list of names" in settings.problem


def test_files_that_include_each_other_come_to_an_end() -> None:
    files = {
        "/home/user/.openclaw/a.json": {"$include": "b.json"},
        "/home/user/.openclaw/b.json": {"$include": "a.json"},
    }
    settings = resolved({"$include": "a.json"}, files)
    assert settings.problem is not None
    assert "more than 10 deep" in settings.problem


def test_ten_files_deep_is_allowed() -> None:
    files = {f"/home/user/.openclaw/{n}.json": {"$include": f"{n + 1}.json"} for n in range(9)}
    files["/home/user/.openclaw/9.json"] = {"end": 1}  # type: ignore[dict-item]
    assert resolved({"$include": "0.json"}, files).value == {"end": 1}


def test_what_nests_too_deep_is_a_problem_and_no_crash() -> None:
    value: Json = {}
    for _ in range(2000):
        value = {"a": [value]}
    settings = resolved(value)
    assert settings.problem is not None
    assert "nests too deep" in settings.problem


def test_variables_come_from_the_environment_and_from_the_settings_themselves() -> None:
    value = {"env": {"vars": {"A": "one"}, "B": "two", "n": 5}, "text": "${A}-${B}-${C}", "list": ["${C}"]}
    settings = resolved(value, environment={"C": "three", "A": "ONE"})
    assert isinstance(settings.value, dict)
    assert settings.value["text"] == "ONE-two-three"
    assert settings.value["list"] == ["three"]


def test_names_are_not_filled_in_and_only_capitals_are_variables() -> None:
    value = {"${A}": "${a} ${A-B} $A ${1A}"}
    assert resolved(value, environment={"A": "x", "a": "x"}).value == value


@pytest.mark.parametrize("environment", [{}, {"KEY": ""}])
def test_a_variable_nobody_knows_stays_open(environment: dict[str, str]) -> None:
    settings = resolved({"a": "x${KEY}"}, environment=environment)
    assert settings.value == {"a": "x${KEY}"}
    assert is_open("x${KEY}")


def test_a_doubled_dollar_is_no_variable() -> None:
    assert resolved({"a": "$${KEY}"}, environment={"KEY": "x"}).value == {"a": "$${KEY}"}
    assert not is_open("$${KEY}")
    assert not is_open("plain")


def test_the_variables_of_the_settings() -> None:
    assert config_variables(
        {"env": {"A": "1", "vars": {"B": "2", "A": "3", "C": 4}, "shellEnv": {"enabled": True}}}
    ) == {
        "A": "3",
        "B": "2",
    }
    assert config_variables([]) == {}
