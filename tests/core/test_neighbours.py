"""OpenCode and Qwen Code as values: what is merged, what wins, what counts as the plan's."""

import json
from typing import Any

import pytest

from clawmend.core.belonging import state_of
from clawmend.core.comments import problem_of, without_comments
from clawmend.core.document import Json, Syntax
from clawmend.core.dotenv import variables_in
from clawmend.core.endpoint import Flaw, Pair, flaw_of, pair_of
from clawmend.core.neighbours import NOBODY, Neighbours, OpenCode, QwenCode, Variable
from clawmend.core.opencode import is_filled_in, merged, places_of, plan_providers_of, providers_of
from clawmend.core.opencode_models import is_above, most_output, options_of, place_in, plan_models
from clawmend.core.plan_data import CODING_PLAN
from clawmend.core.plan_kinds import PlanModel, Region
from clawmend.core.qwen import PLAN_VARIABLE, endpoints_of, key_in, region_of
from clawmend.core.secret import Secret
from clawmend.core.state import Absent, FileState, Parsed
from support.build import HOME, malformed, parsed, snapshot
from support.purity import only_thinking

INTL, CHINA = "https://coding-intl.dashscope.aliyuncs.com", "https://coding.dashscope.aliyuncs.com"
PLAN_KEY, GENERAL_KEY = "sk-sp-0123456789abcdef", "sk-0123456789abcdef0123"
AUTH = f"{HOME}/.local/share/opencode/auth.json"
SETTINGS = f"{HOME}/.qwen/settings.json"


def opencode(*files: Json, auth: Json = None, variables: tuple[Variable, ...] = ()) -> OpenCode:
    states = [parsed(f"{HOME}/{number}.json", value, Syntax.JSON5) for number, value in enumerate(files)]
    logins: FileState = Absent(AUTH) if auth is None else parsed(AUTH, auth)
    return OpenCode(tuple(states), logins, variables)


def provider(**entry: Any) -> Json:
    return {"provider": {"mine": entry}}


def qwen(settings: Json, *variables: Variable) -> QwenCode:
    return QwenCode(parsed(SETTINGS, settings, Syntax.JSON5), Absent(f"{SETTINGS}.orig"), variables)


class TestNeighbours:
    def test_every_file_of_theirs_is_in_the_snapshot(self) -> None:
        everyone = Neighbours(opencode({"a": 1}), qwen({}))
        assert [state.path for state in everyone.files] == [f"{HOME}/0.json", AUTH, SETTINGS, f"{SETTINGS}.orig"]
        assert NOBODY.files == ()
        assert list(NOBODY.secrets) == []

    def test_a_plan_finds_their_states(self) -> None:
        from dataclasses import replace  # noqa: PLC0415 - only here

        shot = replace(snapshot(), neighbours=Neighbours(opencode({"a": 1})))
        found = state_of(shot, f"{HOME}/0.json")
        assert isinstance(found, Parsed)
        assert state_of(shot, f"{HOME}/1.json") is None

    def test_secrets_are_handed_to_whoever_masks_them(self) -> None:
        shell = Variable("MY_KEY", Secret("open sesame"), None)
        everyone = Neighbours(opencode(provider(options={"apiKey": "k"}), variables=(shell,)), qwen({}, shell))
        text = json.dumps(list(everyone.secrets))
        assert '"apiKey": "k"' in text
        assert text.count('"MY_KEY": "open sesame"') == 2
        assert "sesame" not in repr(everyone)


class TestMerging:
    def test_objects_are_merged_and_everything_else_is_replaced(self) -> None:
        found = merged(opencode({"a": {"b": 1, "c": [1]}, "d": 1}, {"a": {"c": [2]}, "d": {"e": 1}}, [1]))
        assert found == {"a": {"b": 1, "c": [2]}, "d": {"e": 1}}
        assert merged(OpenCode((malformed(f"{HOME}/0.json"),), Absent(AUTH))) == {}

    def test_the_place_that_wins_comes_last(self) -> None:
        tool = opencode({"a": {"b": 1}}, {"c": 2}, {"a": {"b": 3}})
        assert [(place.path[-6:], place.value) for place in places_of(tool, ("a", "b"))] == [
            ("0.json", 1),
            ("2.json", 3),
        ]

        assert place_in(tool, ("a", "b")).value == 3

    def test_what_is_replaced_from_above_has_no_say(self) -> None:
        assert places_of(opencode({"a": {"b": 1}}, {"a": None}), ("a", "b")) == ()
        assert len(places_of(opencode({"a": {"b": 1}}, {"a": None}, {"a": {"b": 2}}), ("a", "b"))) == 1

    def test_a_file_that_does_not_parse_has_no_say(self) -> None:
        assert places_of(OpenCode((malformed(f"{HOME}/0.json"),), Absent(AUTH)), ("a",)) == ()


class TestProviders:
    @pytest.mark.parametrize(
        ("entry", "npm", "url"),
        [
            ({"options": {"baseURL": f"{INTL}/v1"}}, "@ai-sdk/openai-compatible", f"{INTL}/v1"),
            ({"npm": "@ai-sdk/anthropic", "api": f"{CHINA}/v1"}, "@ai-sdk/anthropic", f"{CHINA}/v1"),
            ({"options": {"baseURL": "{env:URL}"}}, "@ai-sdk/openai-compatible", None),
            ({"options": {"baseURL": 1}}, "@ai-sdk/openai-compatible", None),
            ({}, "@ai-sdk/openai-compatible", None),
        ],
    )
    def test_package_and_url(self, entry: dict[str, Json], npm: str, url: str | None) -> None:
        (found,) = providers_of(opencode(provider(**entry)), CODING_PLAN)
        assert (found.npm, found.url) == (npm, url)

    @pytest.mark.parametrize(
        ("name", "url"), [("alibaba-coding-plan", f"{INTL}/v1"), ("alibaba-coding-plan-cn", f"{CHINA}/v1")]
    )
    def test_opencode_knows_where_two_of_them_are(self, name: str, url: str) -> None:
        shell = Variable("ALIBABA_CODING_PLAN_API_KEY", Secret(PLAN_KEY), None)
        (found,) = plan_providers_of(opencode({"provider": {name: {}}}, variables=(shell,)), CODING_PLAN)
        assert (found.url, found.place) == (url, None)
        assert found.key is not None
        assert found.key.where == "the variable ALIBABA_CODING_PLAN_API_KEY"
        (without,) = providers_of(opencode({"provider": {name: {}}}), CODING_PLAN)
        assert without.key is None

    def test_those_that_are_off_are_not_offered(self) -> None:
        settings = {"provider": {"a": {}, "b": {}, "c": 1}, "disabled_providers": ["a", 1]}
        assert [one.name for one in providers_of(opencode(settings), CODING_PLAN)] == ["b"]
        settings["enabled_providers"] = ["a"]
        assert not list(providers_of(opencode(settings), CODING_PLAN))

    @pytest.mark.parametrize(
        ("written", "stored", "key", "where"),
        [
            (PLAN_KEY, "other", PLAN_KEY, "options.apiKey"),
            ("{env:MINE}", "other", "shell", "the variable MINE"),
            ("{env:NOBODYS}", "other", None, None),
            ("{file:~/key}", "other", None, None),
            (" ", "other", None, None),
            (None, "other", "other", "auth.json"),
            (None, None, None, None),
        ],
    )
    def test_which_key_wins(self, written: str | None, stored: str | None, key: str | None, where: str | None) -> None:
        auth = {"mine": {"type": "api", "key": stored}} if stored else None
        shell = (Variable("MINE", Secret("shell"), None), Variable("MINE", Secret("weaker"), "/x"))
        entry = {"options": {} if written is None else {"apiKey": written}}
        (found,) = providers_of(opencode(provider(**entry), auth=auth, variables=shell), CODING_PLAN)
        assert (found.key and found.key.secret.reveal(), found.key and found.key.where) == (key, where)

    def test_only_models_that_are_asked_at_the_provider_are_its_models(self) -> None:
        models = {"a": {}, "b": {"id": "glm-5"}, "c": 1, "d": {"provider": {"npm": "x"}}}
        (found,) = providers_of(opencode(provider(models=models)), CODING_PLAN)
        assert [(model.name, model.id) for model in found.models] == [("a", "a"), ("b", "glm-5")]

    def test_variables_are_filled_in(self) -> None:
        assert is_filled_in("x{env:A}")
        assert is_filled_in("{file:./a}")
        assert not is_filled_in("{env}")


class TestModels:
    def test_only_those_of_the_plan_that_the_table_knows(self) -> None:
        models: Json = {"glm-5": {}, "glm-9": {}}
        tool = opencode({"provider": {
            "a": {"options": {"baseURL": f"{INTL}/v1"}, "models": models},
            "b": {"options": {"baseURL": "https://api.example.com/v1"}, "models": models},
        }})  # fmt: skip
        (found,) = plan_models(tool, CODING_PLAN)
        assert (found.provider, found.known.id, found.pointer) == ("a", "glm-5", ("provider", "a", "models", "glm-5"))

    def test_options_of_a_model_and_of_its_variants(self) -> None:
        entry: Json = {"options": {"thinking": {"type": "disabled"}},
                 "variants": {"a": {"thinking": {}}, "b": {"disabled": True}, "c": 1}}  # fmt: skip
        tool = opencode(provider(options={"baseURL": f"{INTL}/v1"}, models={"glm-5": entry}))
        (found,) = plan_models(tool, CODING_PLAN)
        assert [(one.pointer, one.thinking) for one in options_of(found.model)] == [
            (("options",), None),
            (("variants", "a"), {}),
        ]

    def test_the_larger_number_is_the_limit(self) -> None:
        assert most_output(PlanModel("qwen3-max-2026-01-23", 1, 1, max_output=65_536)) == 65_536
        assert most_output(PlanModel("glm-5", 1, 1)) == 16_384
        assert most_output(PlanModel("unheard-of", 1, 1)) is None

    def test_what_is_a_number_above(self) -> None:
        assert [is_above(value, 1) for value in (2, 1.5, 1, True, "2", None)] == [
            True,
            True,
            False,
            False,
            False,
            False,
        ]


class TestEndpoint:
    @pytest.mark.parametrize(
        ("url", "flaw"),
        [
            (f"{INTL}/v1", None),
            (f" {INTL}/v1/", None),
            (f"{INTL}:443/v1", None),
            (f"{INTL}:8443/x", None),
            (f"{INTL}/x?y", None),
            ("https://api.example.com/x", None),
            ("", None),
            (f"{INTL}/x", Flaw("has the path /x where it needs /v1", f"{INTL}/v1")),
            (f"{INTL}", Flaw("has the path / where it needs /v1", f"{INTL}/v1")),
            (f"{INTL}/v1 ", Flaw("has a space at its end", f"{INTL}/v1")),
            (INTL[8:] + "/v1", Flaw("does not begin with https://", f"{INTL}/v1")),
            (
                "https://codng-intl.dashscope.aliyuncs.com/v1",
                Flaw("misspells the host coding-intl.dashscope.aliyuncs.com", f"{INTL}/v1"),
            ),
        ],
    )
    def test_what_is_wrong_with_a_url(self, url: str, flaw: Flaw | None) -> None:
        with only_thinking():
            assert flaw_of(CODING_PLAN, url, "it", ("/v1",)) == flaw

    def test_without_a_path_only_scheme_and_host_are_judged(self) -> None:
        assert flaw_of(CODING_PLAN, f"{INTL}/x", "it", ()) is None
        assert flaw_of(CODING_PLAN, f"http{INTL[5:]}/x", "it", ()) == Flaw("does not begin with https://", None)

    @pytest.mark.parametrize(
        ("url", "key", "pair"),
        [
            ("https://dashscope.aliyuncs.com/v1", PLAN_KEY, Pair.PLAN_KEY_ELSEWHERE),
            ("https://dashscope.aliyuncs.com/v1", GENERAL_KEY, Pair.FITS),
            (f"{INTL}/v1", GENERAL_KEY, Pair.GENERAL_KEY_HERE),
            (f"{INTL}/v1", PLAN_KEY, Pair.FITS),
            ("https://token-plan.cn-beijing.maas.aliyuncs.com/v1", PLAN_KEY, Pair.FITS),
        ],
    )
    def test_which_key_belongs_where(self, url: str, key: str, pair: Pair) -> None:
        assert pair_of(CODING_PLAN, url, key) is pair


class TestQwen:
    @pytest.mark.parametrize(
        "settings",
        [
            {},
            [],
            {"modelProviders": {"openai": {"id": "x"}}},
            {"modelProviders": {"openai": [1, {"id": "x"}, {"baseUrl": "${URL}"}]}},
            {"security": {"auth": {"baseUrl": f"{INTL}/v1"}}},
            {"security": {"auth": {"selectedType": "openai", "baseUrl": "$URL"}}},
        ],
    )
    def test_what_names_no_url_is_no_endpoint(self, settings: Json) -> None:
        assert not list(endpoints_of(qwen(settings)))

    def test_an_endpoint_with_its_key(self) -> None:
        entry = {"id": "glm-5", "baseUrl": f"{INTL}/v1", "envKey": "MINE"}
        settings = {"env": {"MINE": "from settings"}, "modelProviders": {"openai": [entry]}}
        (found,) = endpoints_of(qwen(settings))
        assert (found.pointer, found.protocol, found.model) == (
            ("modelProviders", "openai", 0, "baseUrl"),
            "openai",
            "glm-5",
        )
        assert (found.secret, found.path) == (Secret("from settings"), SETTINGS)

    def test_the_sign_in(self) -> None:
        auth = {"selectedType": "openai", "baseUrl": f"{INTL}/v1"}
        (found,) = endpoints_of(qwen({"security": {"auth": auth}}))
        assert (found.secret, found.model) == (None, None)
        (found,) = endpoints_of(qwen({"security": {"auth": auth | {"apiKey": "k"}}}))
        assert found.secret == Secret("k")

    def test_the_shell_wins_over_dotenv_and_that_over_the_file(self) -> None:
        settings = {"env": {"A": "file", "B": "file", "C": "file", "D": "${A}", "E": "file"}}
        tool = qwen(
            settings,
            Variable("A", Secret("shell"), None),
            Variable("A", Secret("dotenv"), "/h/.env"),
            Variable("B", Secret("dotenv"), "/h/.env"),
            Variable("E", Secret(""), None),
        )
        found = {name: key_in(tool, name) for name in "ABCDEF"}
        assert found["A"] == (Secret("shell"), "A", None)
        assert found["B"] == (Secret("dotenv"), "B", "/h/.env")
        assert found["C"] == (Secret("file"), "C", SETTINGS)
        assert found["D"] == (None, "D", SETTINGS)
        assert found["E"] == (Secret("file"), "E", SETTINGS)
        assert found["F"][0] is None
        assert key_in(tool, None) == (None, "", None)

    @pytest.mark.parametrize(
        ("settings", "region"),
        [
            ({"codingPlan": {"region": "global"}}, Region.INTERNATIONAL),
            ({"codingPlan": {"region": "china"}}, Region.CHINA),
            ({"providerMetadata": {"coding-plan": {"region": "china"}}}, Region.CHINA),
            ({"codingPlan": {"region": "mars"}}, None),
            ({}, None),
        ],
    )
    def test_the_region_that_was_noted(self, settings: Json, region: Region | None) -> None:
        assert region_of(qwen(settings)) is region

    def test_the_variable_of_the_plan_has_its_name(self) -> None:
        assert PLAN_VARIABLE == "BAILIAN_CODING_PLAN_API_KEY"


class TestComments:
    @pytest.mark.parametrize(
        ("text", "bare"),
        [
            ("{} // a", "{}     "),
            ("/* a\n b */{}", "    \n     {}"),
            ('{"a": "//", "b": "/*\\""}', '{"a": "//", "b": "/*\\""}'),
            ("{} /* open", "{} /* open"),
            ('"open // x', '"open     '),
        ],
    )
    def test_comments_are_blanked_and_nothing_moves(self, text: str, bare: str) -> None:
        assert without_comments(text) == bare
        assert len(bare) == len(text)

    @pytest.mark.parametrize("text", ["{}", "\ufeff{} // a", '{ /* , */ "a": "\\"//" }', "null"])
    def test_what_is_json_with_comments(self, text: str) -> None:
        assert problem_of(text) is None

    @pytest.mark.parametrize("text", ["", "{a: 1}", '{"a": 1,}', "{'a': 1}", "{} /*", "[" * 2000 + "]" * 2000])
    def test_what_is_not(self, text: str) -> None:
        assert problem_of(text)


def test_the_lines_of_a_dotenv() -> None:
    assert variables_in("# c\nA=1\nexport B = 'two words'\nC=\"x=y\"\nnothing\n#D=4\n") == {
        "A": "1",
        "B": "two words",
        "C": "x=y",
    }
