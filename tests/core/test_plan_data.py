"""What is known of the Coding Plan, and what counts as one slip of the finger from it."""

from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawmend.core.address import host_of, meant_host_of
from clawmend.core.key_shapes import looks_like_general_key, looks_like_modelscope_token, looks_like_plan_key
from clawmend.core.near import one_edit_apart
from clawmend.core.plan_data import CODING_PLAN, PlanKnowledge, is_plan_endpoint
from clawmend.core.plan_kinds import Host, PlanModel, Region, Tool
from clawmend.core.quota import Window
from support.purity import only_thinking

CHINA, INTERNATIONAL = "coding.dashscope.aliyuncs.com", "coding-intl.dashscope.aliyuncs.com"
KNOWN = [CHINA, INTERNATIONAL]
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-."


class TestHosts:
    @pytest.mark.parametrize(
        ("url", "plan", "general", "other", "region"),
        [
            (f"https://{CHINA}/v1", True, False, False, Region.CHINA),
            (f"https://{INTERNATIONAL}/apps/anthropic", True, False, False, Region.INTERNATIONAL),
            (f"HTTPS://USER@{INTERNATIONAL.upper()}:443/v1", True, False, False, Region.INTERNATIONAL),
            ("https://dashscope.aliyuncs.com/compatible-mode/v1", False, True, False, Region.CHINA),
            ("https://dashscope-intl.aliyuncs.com/compatible-mode/v1", False, True, False, Region.INTERNATIONAL),
            ("https://dashscope-us.aliyuncs.com/compatible-mode/v1", False, True, False, Region.US),
            ("https://cn-hongkong.dashscope.aliyuncs.com/v1", False, True, False, Region.HONGKONG),
            ("https://token-plan.cn-beijing.maas.aliyuncs.com/v1", False, False, True, Region.CHINA),
            ("https://token-plan.ap-southeast-1.maas.aliyuncs.com/", False, False, True, Region.INTERNATIONAL),
            ("https://ws-1.eu-central-1.maas.aliyuncs.com/v1", False, False, True, None),
            (f"https://{CHINA}.example.com/v1", False, False, False, None),
            (f"{CHINA}/v1", False, False, False, None),
            ("https://maas.aliyuncs.com.example.com", False, False, False, None),
            ("", False, False, False, None),
        ],
    )
    def test_a_url_leads_to_one_plan_or_to_none(
        self, url: str, plan: bool, general: bool, other: bool, region: Region | None
    ) -> None:
        assert CODING_PLAN.is_plan_endpoint(url) is plan
        assert is_plan_endpoint(url) is plan
        assert CODING_PLAN.is_general_endpoint(url) is general
        assert CODING_PLAN.is_other_plan_endpoint(url) is other
        assert CODING_PLAN.region_of(url) is region

    @pytest.mark.parametrize(
        ("url", "host", "meant"),
        [
            ("https://Example.com/v1", "example.com", "example.com"),
            ("https://a.b?x=//c", "a.b", "a.b"),
            ("https://a.b#c", "a.b", "a.b"),
            ("https://a.b\\@c", "a.b", "a.b"),
            ("https://[::1]:18789/v1", "::1", "::1"),
            ("a.b/v1", "", "a.b"),
            ("https:/a.b/v1", "", "a.b"),
            ("https//a.b/v1", "", "a.b"),
            ("a.b:443/v1", "", "a.b"),
            (" a.b ", "", "a.b"),
            ("", "", ""),
        ],
    )
    def test_the_host_and_the_host_that_was_meant(self, url: str, host: str, meant: str) -> None:
        assert (host_of(url), meant_host_of(url)) == (host, meant)

    @given(st.text())
    def test_any_text_has_a_host_or_none(self, text: str) -> None:
        with only_thinking():
            assert "/" not in host_of(text)
            assert "/" not in meant_host_of(text)


class TestNearestPlanHost:
    @pytest.mark.parametrize(
        "host",
        [
            "codng-intl.dashscope.aliyuncs.com",
            "coding-intl.dashscope.aliyuncs.co",
            "coding-intl.dashscope.aliyuncs.comm",
            "coding-inlt.dashscope.aliyuncs.com",
            "coding_intl.dashscope.aliyuncs.com",
            "Coding-Intl.Dashscop.aliyuncs.com",
            "coding-intl.dashscope.aliyuncs.com.",
        ],
    )
    def test_one_slip_away_is_found(self, host: str) -> None:
        assert CODING_PLAN.nearest_plan_host(host) == INTERNATIONAL

    @pytest.mark.parametrize(
        "host",
        [
            CHINA,
            INTERNATIONAL.upper(),
            "dashscope.aliyuncs.com",
            "token-plan.cn-beijing.maas.aliyuncs.com",
            "coding-int.dashscop.aliyuncs.com",
            "coding-us.dashscope.aliyuncs.com",
            "api.openai.com",
            "",
        ],
    )
    def test_what_is_known_or_farther_away_has_none(self, host: str) -> None:
        assert CODING_PLAN.nearest_plan_host(host) is None

    def test_between_two_hosts_nothing_is_guessed(self) -> None:
        plan = replace(CODING_PLAN, plan_hosts=(Host("ab1", Region.CHINA, ""), Host("ab2", Region.US, "")))
        assert plan.nearest_plan_host("ab") is None
        assert plan.nearest_plan_host("b1") == "ab1"

    @given(st.data())
    def test_every_single_edit_is_found_and_no_other(self, data: st.DataObject) -> None:
        known = data.draw(st.sampled_from(KNOWN))
        place, letter = data.draw(st.integers(0, len(known) - 2)), data.draw(st.sampled_from(LETTERS))
        edited = data.draw(
            st.sampled_from(
                [
                    known[:place] + letter + known[place:],
                    known[:place] + known[place + 1 :],
                    known[:place] + letter + known[place + 1 :],
                    known[:place] + known[place + 1] + known[place] + known[place + 2 :],
                ]
            )
        )
        with only_thinking():
            found = CODING_PLAN.nearest_plan_host(edited)
        assert found == (None if edited == known else known)

    @given(st.text(alphabet="ab.", max_size=6), st.text(alphabet="ab.", max_size=6))
    def test_one_edit_is_what_trying_all_edits_says(self, first: str, second: str) -> None:
        tried = set()
        for place in range(len(first) + 1):
            head, tail = first[:place], first[place:]
            tried |= {head + letter + tail for letter in "ab."}
            tried |= {head + tail[1:], head + tail[1::-1] + tail[2:]}
            tried |= {head + letter + tail[1:] for letter in "ab." if tail}
        assert one_edit_apart(first, second) is (second in tried - {first})
        assert one_edit_apart(first, second) is one_edit_apart(second, first)

    @given(st.text())
    def test_any_text_gets_an_answer(self, host: str) -> None:
        assert CODING_PLAN.nearest_plan_host(host) in {None, *KNOWN}


class TestUrls:
    @pytest.mark.parametrize(
        ("tool", "path"),
        [
            (Tool.OPENCLAW, "/v1"),
            (Tool.OPENCODE, "/apps/anthropic/v1"),
            (Tool.CLAUDE_CODE, "/apps/anthropic"),
            (Tool.CURSOR, "/v1"),
            (Tool.CLINE, "/v1"),
            (Tool.QWEN_CODE, "/v1"),
        ],
    )
    def test_the_table_of_the_faq(self, tool: Tool, path: str) -> None:
        assert CODING_PLAN.right_url(None, Region.INTERNATIONAL, tool) == f"https://{INTERNATIONAL}{path}"
        assert CODING_PLAN.right_url(None, Region.CHINA, tool) == f"https://{CHINA}{path}"

    @pytest.mark.parametrize(
        ("api", "paths"),
        [
            ("openai-completions", ("/v1",)),
            ("anthropic-messages", ("/apps/anthropic", "/apps/anthropic/v1")),
            ("openai-responses", ()),
        ],
    )
    def test_openclaw_says_which_protocol_it_speaks(self, api: str, paths: tuple[str, ...]) -> None:
        assert CODING_PLAN.paths_for(api) == paths
        url = CODING_PLAN.right_url(api, Region.CHINA)
        assert url == (f"https://{CHINA}{paths[0]}" if paths else None)

    def test_opencode_says_it_by_its_package(self) -> None:
        assert CODING_PLAN.paths_for("@ai-sdk/openai-compatible", Tool.OPENCODE) == ("/v1",)

    def test_where_the_plan_is_not_offered_there_is_no_url(self) -> None:
        assert CODING_PLAN.host_in(Region.US) is None
        assert CODING_PLAN.right_url("openai-completions", Region.US) is None


class TestModels:
    @pytest.mark.parametrize(
        ("name", "window", "budget", "output", "images"),
        [
            ("qwen3.5-plus", 1_000_000, 81_920, None, True),
            ("kimi-k2.5", 262_144, 81_920, None, True),
            ("glm-5", 202_752, 32_768, None, False),
            ("MiniMax-M2.5", 204_800, 32_768, None, False),
            ("qwen3-max-2026-01-23", 262_144, 81_920, 65_536, False),
            ("qwen3-coder-next", 262_144, None, None, False),
            ("qwen3-coder-plus", 1_000_000, None, None, False),
            ("glm-4.7", 202_752, 32_768, None, False),
        ],
    )
    def test_the_tables_of_the_faq(
        self, name: str, window: int, budget: int | None, output: int | None, images: bool
    ) -> None:
        model = CODING_PLAN.model(name)
        assert model == PlanModel(name, window, budget, output, images, budget_covers_reply=name == "MiniMax-M2.5")
        assert CODING_PLAN.respelled(name) is None

    def test_there_are_no_others(self) -> None:
        assert len(CODING_PLAN.models) == 8
        assert CODING_PLAN.model("qwen3.6-plus") is None

    @pytest.mark.parametrize("name", ["Qwen3.5-Plus", " qwen3.5-plus ", "qwen3.5 -plus", "qwen3.5-plus\n"])
    def test_case_and_spaces_are_seen_through(self, name: str) -> None:
        found = CODING_PLAN.respelled(name)
        assert found is not None
        assert found.id == "qwen3.5-plus"

    def test_what_means_two_models_or_none_is_left_alone(self) -> None:
        assert CODING_PLAN.respelled("qwen3.5plus") is None
        plan = replace(CODING_PLAN, models=(PlanModel("a", 1, None), PlanModel("A ", 1, None)))
        assert plan.respelled(" a") is None


class TestKeys:
    @pytest.mark.parametrize(
        ("text", "plan", "general", "modelscope"),
        [
            ("sk-sp-0123456789abcdef0123456789abcdef", True, False, False),
            ("  sk-sp-0123456789abcdef \n", True, False, False),
            ("sk-0123456789abcdef0123456789abcdef", False, True, False),
            ("sk-ant-api03-0123456789abcdef", False, False, False),
            ("sk-proj-0123456789abcdef01", False, False, False),
            ("ms-01234567-89ab-cdef-0123-456789abcdef", False, False, True),
            ("sk-sp-", False, False, False),
            ("sk-sp-xxx", False, False, False),
            ("sk-xxx", False, False, False),
            ("export KEY=sk-sp-0123456789abcdef", False, False, False),
            ("", False, False, False),
        ],
    )
    def test_shapes(self, text: str, plan: bool, general: bool, modelscope: bool) -> None:
        assert looks_like_plan_key(text) is plan
        assert looks_like_general_key(text) is general
        assert looks_like_modelscope_token(text) is modelscope


class TestQuotas:
    SUNDAY = 1_772_985_600.0  # 2026-03-08 16:00 UTC, which is Monday 00:00 in UTC+8

    def test_each_has_the_words_of_its_error(self) -> None:
        assert [CODING_PLAN.quota(window).error for window in Window] == [
            "hour allocated quota exceeded",
            "week allocated quota exceeded",
            "month allocated quota exceeded",
        ]

    def test_five_hours_are_five_hours(self) -> None:
        assert CODING_PLAN.quota(Window.FIVE_HOURS).resets_at(1000.0) == 19_000.0

    @pytest.mark.parametrize(("after", "weeks"), [(0.0, 1), (1.0, 1), (7 * 86400 - 1, 1), (7 * 86400.0, 2)])
    def test_the_week_begins_on_monday_at_midnight_in_beijing(self, after: float, weeks: int) -> None:
        resets = CODING_PLAN.quota(Window.WEEK).resets_at(self.SUNDAY + after)
        assert resets == self.SUNDAY + weeks * 7 * 86400

    def test_the_month_depends_on_the_day_of_purchase(self) -> None:
        assert CODING_PLAN.quota(Window.MONTH).resets_at(1000.0) is None

    def test_only_lite_can_be_upgraded(self) -> None:
        for quota in CODING_PLAN.quotas:
            assert "Pro" in quota.lite
            assert "Pro" not in quota.pro


def test_the_knowledge_is_a_value_with_a_date_and_a_source() -> None:
    assert PlanKnowledge() == CODING_PLAN
    assert hash(PlanKnowledge()) == hash(CODING_PLAN)
    assert CODING_PLAN.as_of == "2026-03"
    assert "FAQ" in CODING_PLAN.source
    for host in (*CODING_PLAN.plan_hosts, *CODING_PLAN.general_hosts, *CODING_PLAN.other_plan_hosts):
        assert host.source
        assert host.name == host.name.lower()
    with pytest.raises(FrozenInstanceError):
        CODING_PLAN.as_of = "now"  # type: ignore[misc]
