"""`clawmend explain X`: a rule, or an error message as it was pasted."""

import subprocess

import pytest

from clawmend.core.explanations import EXPLANATIONS
from cli.run import CommandLine

KEY = "sk-sp-0123456789abcdef0123456789abcdef"


def test_an_error_message_is_explained_with_what_comes_next(clawmend: CommandLine) -> None:
    run = clawmend("explain", "HTTP 404: 404 status code (no body)")
    assert (run.code, run.err) == (0, "")
    assert run.out.startswith("There is nothing at this base URL (404)\n")
    for text in ("means The path of the base URL", "next  clawmend check", "rule  OC101 stale-model-cache: ", "from  "):
        assert text in run.out


def test_words_need_no_quotes(clawmend: CommandLine) -> None:
    assert clawmend("explain", "hour", "allocated", "quota", "exceeded").out.startswith("The 5-hour quota is used up\n")


def test_several_messages_in_one_paste_are_all_explained(clawmend: CommandLine) -> None:
    run = clawmend("explain", "week allocated quota exceeded\nAPI rate limit reached")
    assert run.out.index("The weekly quota") < run.out.index("Too many requests")


def test_where_no_rule_looks_for_it_that_is_said(clawmend: CommandLine) -> None:
    assert (
        "rule  none of this clawmend looks for it" in clawmend("explain", "switched from npm to native installer").out
    )


def test_json_has_everything(clawmend: CommandLine) -> None:
    document = clawmend("explain", "LLM request timed out.", "--json").json
    assert {"schema", "explanations"} <= set(document)
    (one,) = document["explanations"]
    assert set(one) == {"id", "title", "meaning", "rules", "what_you_can_do", "source"}
    assert one["id"] == "chat-hangs"
    assert {"id": "OC101", "name": "stale-model-cache"} in one["rules"]


@pytest.mark.parametrize("one", EXPLANATIONS, ids=lambda one: one.id)
def test_every_explanation_can_be_shown(clawmend: CommandLine, one: object) -> None:
    pattern = one.patterns[0].strip("^$!").replace("'*'", "'x'").replace("*/*", "a/b").replace("*", "xxx")  # type: ignore[attr-defined]
    run = clawmend("explain", pattern)
    assert run.code == 0
    assert run.out.startswith(one.title[:60])  # type: ignore[attr-defined]
    assert all(len(line) <= 80 for line in run.out.splitlines())


def test_standard_input_is_read_where_a_dash_stands(clawmend: CommandLine) -> None:
    process = clawmend.start("explain", "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate(b"\xff\x1b[31mhour alloc\nated quota exceeded\x1b[0m\n", timeout=30)
    assert (process.returncode, err) == (0, b"")
    assert out.startswith(b"The 5-hour quota is used up")


class TestNothingKnown:
    def test_it_says_so_with_what_is_nearest_and_never_shows_the_text(self, clawmend: CommandLine) -> None:
        run = clawmend("explain", f"modelscope does not like {KEY}")
        assert (run.code, run.out) == (2, "")
        assert run.err == (
            "clawmend: nothing is known about this text; nearest to it: "
            '"The request went to ModelScope, not to the Coding Plan"\n'
        )

    @pytest.mark.parametrize("text", ["zzz", "", "   "])
    def test_where_nothing_is_near_it_says_where_to_look(self, clawmend: CommandLine, text: str) -> None:
        run = clawmend("explain", text)
        assert (run.code, run.out) == (2, "")
        assert run.err == "clawmend: nothing is known about this text; see: clawmend rules, clawmend check\n"

    def test_a_slip_in_the_name_of_a_rule_is_seen(self, clawmend: CommandLine) -> None:
        run = clawmend("explain", "stale-model-cahce")
        assert run.err.endswith("did you mean the rule stale-model-cache?\n")

    def test_an_id_that_is_no_rule_is_no_message(self, clawmend: CommandLine) -> None:
        assert (
            clawmend("explain", " oc999 ").err == "clawmend: there is no rule oc999; list them with: clawmend rules\n"
        )

    def test_a_text_that_begins_with_it_is(self, clawmend: CommandLine) -> None:
        run = clawmend("explain", "credentials", "gone:", "API", "rate", "limit", "reached")
        assert run.code == 0
