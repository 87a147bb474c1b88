"""config.toml: where it lies, what it may say, and that each mistake in it is told with its line."""

import errno
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawmend.core.configuration import Configuration
from clawmend.core.errors import ClawmendError
from clawmend.core.plan_data import CODING_PLAN
from clawmend.core.plan_kinds import PlanModel, Region
from clawmend.core.policy import DEFAULT_POLICY, Mode
from clawmend.system import configuration as module
from clawmend.system.configuration import dotted, find_configuration, read_configuration, write_new
from clawmend.system.toml_lines import line_of
from clawmend.system.validating import policy_of
from system.fakes import as_another_user

RULES = {
    "OC101": "stale-model-cache",
    "OC102": "leftover-provider-in-cache",
    "OC201": "shadowing-credential",
    "CC101": "onboarding-flag",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def read(path: Path, text: str | bytes) -> Configuration:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(0o600)
    return read_configuration(str(path), RULES, required=True)


def problems(path: Path, text: str | bytes) -> list[str]:
    found = read(path, text)
    assert all(problem.path == str(path) for problem in found.problems)
    return [str(problem).removeprefix(str(path)) for problem in found.problems]


class TestWhere:
    @pytest.mark.parametrize(
        ("option", "environment", "path"),
        [
            (None, {"HOME": "/h"}, "/h/.config/clawmend/config.toml"),
            (None, {"HOME": "/h", "XDG_CONFIG_HOME": "/x"}, "/x/clawmend/config.toml"),
            (None, {"HOME": "/h", "XDG_CONFIG_HOME": "relative"}, "/h/.config/clawmend/config.toml"),
            (None, {"HOME": "/h", "XDG_CONFIG_HOME": ""}, "/h/.config/clawmend/config.toml"),
            ("/c.toml", {"HOME": "/h", "XDG_CONFIG_HOME": "/x"}, "/c.toml"),
        ],
    )
    def test_it_is_the_operators(self, option: str | None, environment: dict[str, str], path: str) -> None:
        assert find_configuration(option, environment) == path

    def test_a_relative_name_is_below_where_we_stand(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        assert find_configuration("c.toml", {}) == f"{tmp_path}/c.toml"

    def test_without_one_the_defaults_hold(self, path: Path) -> None:
        found = read_configuration(str(path), RULES, required=False)
        assert found == Configuration(str(path), found=False)
        assert found.checked_policy() is DEFAULT_POLICY

    def test_one_that_was_named_has_to_be_there(self, path: Path) -> None:
        with pytest.raises(ClawmendError, match=f"there is no file {path}; make one with: clawmend config init"):
            read_configuration(str(path), RULES, required=True)

    def test_a_link_to_nothing_is_no_absence(self, path: Path) -> None:
        path.symlink_to(path.parent / "gone")
        with pytest.raises(ClawmendError, match="is a symbolic link that leads nowhere"):
            read_configuration(str(path), RULES, required=False)

    def test_what_cannot_be_read_is_an_error_and_no_default(self, path: Path) -> None:
        path.mkdir()
        with pytest.raises(ClawmendError, match="is a directory"):
            read_configuration(str(path), RULES, required=False)

    def test_one_that_may_not_be_read_is_an_error_too(self, public: Path) -> None:
        path = public / "config.toml"
        path.write_text("[rules]\n")
        path.chmod(0o000)

        def look() -> str:
            try:
                read_configuration(str(path), RULES, required=False)
            except ClawmendError as error:
                return str(error)
            return ""

        assert "may not be" in as_another_user(look)

    def test_one_that_anybody_may_change_is_not_obeyed(self, path: Path) -> None:
        path.write_text('[rules]\nOC201 = "auto"\n')
        path.chmod(0o666)
        with pytest.raises(ClawmendError, match="may be changed by anybody, so it is not obeyed; run: chmod o-w"):
            read_configuration(str(path), RULES, required=False)

    def test_a_huge_one_is_not_read(self, path: Path) -> None:
        path.write_bytes(b"#" * (2**20 + 1))
        path.chmod(0o600)
        with pytest.raises(ClawmendError, match="more than the 1 MB"):
            read_configuration(str(path), RULES, required=False)


class TestRules:
    def test_every_mode_by_id_or_name_in_any_case(self, path: Path) -> None:
        found = read(path, '[rules]\noc101 = "auto"\nShadowing-Credential = "report"\nCC101 = "off"\nOC102 = "ask"\n')
        policy = found.checked_policy()
        assert policy.modes == {"OC101": Mode.AUTO, "OC201": Mode.REPORT, "CC101": Mode.OFF, "OC102": Mode.ASK}
        assert policy.plan == CODING_PLAN
        assert found.found

    @pytest.mark.parametrize("text", ["", "# nothing\n", "[rules]\n[plan]\n", "\ufeff[rules]\r\n"])
    def test_nothing_said_is_the_default(self, path: Path, text: str) -> None:
        assert read(path, text).checked_policy() == DEFAULT_POLICY

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ('[rules]\n\nOC120 = "off"\n', ":3: rules.OC120 is no rule; did you mean OC201 or OC102 or OC101?"),
            ('rules.OC999 = "off"\n', ":1: rules.OC999 is no rule; list them with: clawmend rules"),
            (
                '[rules]\nstale-modelcache = "report"\n',
                ":2: rules.stale-modelcache is no rule; did you mean stale-model-cache?",
            ),
            (
                '[rules]\nOC101 = "never"\n',
                ':2: rules.OC101 is "never", and has to be one of "auto", "ask", "report", "off"',
            ),
            ("[rules]\nOC101 = true\n", None),
            ("[rules]\nOC101 = []\n", None),
            (
                '[rules]\nOC101 = "off"\nstale-model-cache = "off"\n',
                ":3: rules.stale-model-cache is the rule OC101, which already has a line",
            ),
            ("rules = 5\n", ":1: rules is 5, and has to be a table"),
            ("[ruels]\n", ":1: ruels is unknown; did you mean rules?"),
            ("x = 1\n", ":1: x is unknown; there are only: rules, plan, watch, gateway, log, notify, metrics"),
            ('[rules]\n"a b" = "off"\n', ':2: rules."a b" is no rule; list them with: clawmend rules'),
        ],
    )
    def test_a_mistake_is_one_sentence_with_its_line(self, path: Path, text: str, problem: str | None) -> None:
        (found,) = problems(path, text)
        assert problem is None or found == problem

    def test_all_mistakes_are_found_in_the_order_of_the_file(self, path: Path) -> None:
        text = '[plan]\nx = 1\n[rules]\nOC101 = 1\nOC102 = "off"\ny = "off"\n'
        assert [line.split(": ")[0] for line in problems(path, text)] == [":2", ":4", ":6"]
        assert read(path, text).policy.modes == {"OC102": Mode.OFF}


class TestPlan:
    def test_hosts_models_and_date_are_added(self, path: Path) -> None:
        plan = (
            read(
                path,
                """
            [plan]
            as_of = "2026-11"
            extra_hosts.us = "Coding-US.example.com"
            extra_hosts.china = ["coding.dashscope.aliyuncs.com", "a.example.com", "b.example.com"]
            [plan.models]
            "qwen4" = { context_window = 2_000_000, thinking_budget = 100, max_output = 50, image_input = true }
            qwen5 = { context_window = 7, thinking_budget = false }
            [plan.models."glm-5"]
            thinking_budget = false
            """,
            )
            .checked_policy()
            .plan
        )
        assert plan.as_of == "2026-11"
        assert plan.is_plan_endpoint("https://coding-us.example.com/v1")
        assert plan.region_of("https://b.example.com") is Region.CHINA
        assert plan.host_in(Region.CHINA) == "coding.dashscope.aliyuncs.com"
        assert plan.right_url(None, Region.US) == "https://coding-us.example.com/v1"
        assert len(plan.plan_hosts) == len(CODING_PLAN.plan_hosts) + 3
        assert plan.model("qwen4") == PlanModel("qwen4", 2_000_000, 100, 50, image_input=True)
        assert plan.model("qwen5") == PlanModel("qwen5", 7, None)
        assert plan.model("glm-5") == PlanModel("glm-5", 202_752, None)
        assert plan.model("glm-4.7") == CODING_PLAN.model("glm-4.7")
        assert len(plan.models) == len(CODING_PLAN.models) + 2

    @pytest.mark.parametrize("text", ["2026-11-30", '"2026-11-30"'])
    def test_a_date_may_stand_without_quotes(self, path: Path, text: str) -> None:
        assert read(path, f"plan.as_of = {text}").checked_policy().plan.as_of == "2026-11-30"

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ('plan.as_of = "now"', ':1: plan.as_of is "now", and has to be a date like "2026-03"'),
            ('plan.as_of = "2026-13"', None),
            ("plan.as_of = 2026-01-01T00:00:00Z", None),
            ("plan.as_of = 2026.5", None),
            ("plan.as_of = true", ':1: plan.as_of is true, and has to be a date like "2026-03"'),
            (
                f'plan.as_of = "{"x" * 70}"',
                f':1: plan.as_of is "{"x" * 60}…", and has to be a date like "2026-03"',
            ),
            ("plan = []", ":1: plan is a list, and has to be a table"),
            ("[plan]\nhosts = 1", ":2: plan.hosts is unknown; did you mean extra_hosts?"),
            ("[plan]\nextra_hosts = 1", ":2: plan.extra_hosts is 1, and has to be a table"),
            (
                '[plan.extra_hosts]\neurope = "a.b.com"',
                ":2: plan.extra_hosts.europe is unknown; there are only: china, international, us, hongkong",
            ),
            (
                '[plan.extra_hosts]\nchina = "https://a.b.com/v1"',
                (
                    ':2: plan.extra_hosts.china is "https://a.b.com/v1", and has to be a bare host name like '
                    '"coding.example.com", or a list of them'
                ),
            ),
            ("plan.extra_hosts.china = [1]", None),
            ('plan.extra_hosts.china = "a.b.com:443"', None),
            ('plan.extra_hosts.china = "localhost"', None),
            ("plan.extra_hosts.china = {}", None),
            (
                'plan.extra_hosts.us = "dashscope-us.aliyuncs.com"',
                ":1: plan.extra_hosts.us is dashscope-us.aliyuncs.com, which is known as a host of another plan",
            ),
            ('plan.extra_hosts.us = "x.maas.aliyuncs.com"', None),
            (
                'plan.extra_hosts.us = "coding.dashscope.aliyuncs.com"',
                ":1: plan.extra_hosts.us is coding.dashscope.aliyuncs.com, which is known in the region china",
            ),
            ("plan.models = 1", ":1: plan.models is 1, and has to be a table"),
            ("[plan.models]\nqwen4 = 1", ":2: plan.models.qwen4 is 1, and has to be a table"),
            (
                "[plan.models]\nqwen4 = { max_output = 5 }",
                ":2: plan.models.qwen4 is a new model and needs context_window and thinking_budget",
            ),
            (
                '[plan.models]\n"Qwen3.5-plus " = { context_window = 5 }',
                (
                    ':2: plan.models."Qwen3.5-plus " differs from qwen3.5-plus only in case or spaces; '
                    "write it like that"
                ),
            ),
            ('[plan.models]\n" x" = { context_window = 5 }', None),
            ('[plan.models]\n"" = { context_window = 5 }', None),
            (
                "[plan.models.glm-5]\ncontext_window = 0",
                ":2: plan.models.glm-5.context_window is 0, and has to be a number of tokens",
            ),
            (
                '[plan.models.glm-5]\nthinking_budget = "no"',
                (
                    ':2: plan.models.glm-5.thinking_budget is "no", and has to be a number of tokens, or '
                    "false when the model does not think"
                ),
            ),
            ("[plan.models.glm-5]\nthinking_budget = true", None),
            ("[plan.models.glm-5]\nmax_output = false", None),
            ("[plan.models.glm-5]\nmax_output = 1.5", None),
            (
                f"[plan.models.glm-5]\nmax_output = 0x{'f' * 9000}",
                ":2: plan.models.glm-5.max_output is a very large number, and has to be a number of tokens",
            ),
            (
                "[plan.models.glm-5]\nimage_input = 1",
                ":2: plan.models.glm-5.image_input is 1, and has to be true or false",
            ),
            (
                "[plan.models.glm-5]\ncontext = 1",
                ":2: plan.models.glm-5.context is unknown; did you mean context_window?",
            ),
            ("plan.extra_hosts.china = [{a = 1}]", None),
        ],
    )
    def test_a_mistake_is_one_sentence_with_its_line(self, path: Path, text: str, problem: str | None) -> None:
        (found,) = problems(path, text)
        assert problem is None or found == problem
        assert read(path, text).policy.plan.models == CODING_PLAN.models


class TestBroken:
    @pytest.mark.parametrize(
        ("text", "line"),
        [
            (b'[rules]\nOC101 = "off\n', 2),
            (b"[rules]\nOC101 = off\n", 2),
            (b"[rules]\nOC101 =\n[plan]\n", 2),
            (b'a = "off"\nb = """', 2),
            (b"\n\n[rules\n", 3),
            (b"[rules]\n[rules]\n", 2),
            (b"# caf\xe9\n", 1),
            (b"\n# ok\n# \xff\xfe\n", 3),
            (b"\x00", 1),
        ],
    )
    def test_what_is_no_toml_is_told_with_its_line(self, path: Path, text: bytes, line: int) -> None:
        (found,) = read(path, text).problems
        assert (found.line, found.key) == (line, "")
        assert found.text.startswith(("this is no TOML: ", "this is no UTF-8 text"))
        assert "(at " not in found.text

    def test_a_number_that_python_refuses_has_no_line(self, path: Path) -> None:
        (found,) = read(path, f"a = {'9' * 5000}\n").problems
        assert found.line is None

    def test_deep_nesting_is_refused_and_no_crash(self, path: Path) -> None:
        (found,) = read(path, "a = " + "[" * 100_000).problems
        assert "TOML" in found.text or "deeply" in found.text

    def test_nesting_that_python_gives_up_on(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def give_up(_text: str) -> dict[str, object]:
            raise RecursionError

        monkeypatch.setattr(module.tomllib, "loads", give_up)
        assert problems(path, "") == [": this is nested too deeply"]


class TestLines:
    TEXT = """\
top = 1
[a]
# b = 1
b = '''
c = \"\"\"
'''
c . "d.e" = 2 # x
'f"' = {g = 1, h.i = {j = 2}}
[[list]]
name = 1
[ a."x y" ]
z = \"\"\"one line\"\"\"
w = 3
"""

    @pytest.mark.parametrize(
        ("keys", "line"),
        [
            (("top",), 1),
            (("a",), 2),
            (("a", "b"), 4),
            (("a", "c", "d.e"), 7),
            (("a", 'f"'), 8),
            (("a", 'f"', "g"), 8),
            (("list", "name"), 10),
            (("a", "x y"), 11),
            (("a", "x y", "z"), 12),
            (("a", "x y", "w"), 13),
            (("a", "x y", "nowhere"), 11),
            (("nowhere",), None),
        ],
    )
    def test_a_key_is_found_where_it_stands(self, keys: tuple[str, ...], line: int | None) -> None:
        assert line_of(self.TEXT, keys) == line

    @given(
        st.lists(st.sampled_from(["a", "b-1", "c d", "e.f"]), min_size=1, max_size=4, unique=True), st.integers(0, 9)
    )
    def test_a_dotted_key_is_found_below_any_number_of_lines(self, keys: list[str], above: int) -> None:
        text = "# x = 1\n" * above + f"{dotted(tuple(keys))} = 1\n"
        assert line_of(text, tuple(keys)) == above + 1

    @given(st.text())
    def test_any_text_is_searched(self, text: str) -> None:
        assert line_of(text, ("a",)) is None or "a" in text


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["rules", "plan", "models", "extra_hosts", "china", "OC101", "glm-5", "thinking_budget", "x"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_any_tables_give_a_policy_and_its_misfits(value: object) -> None:
    policy, misfits = policy_of(value if isinstance(value, dict) else {"plan": value}, RULES)
    assert set(policy.modes) <= set(RULES)
    assert all(misfit.keys and misfit.text for misfit in misfits)


class TestWriting:
    def test_a_new_file_is_for_its_owner_only_and_so_are_new_folders(self, tmp_path: Path) -> None:
        path = tmp_path / "a/b/config.toml"
        write_new(str(path), "# ä\n")
        assert path.read_bytes() == "# ä\n".encode()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    def test_what_is_there_stays(self, path: Path) -> None:
        path.write_text("mine")
        with pytest.raises(ClawmendError, match="there already is a file"):
            write_new(str(path), "x")
        assert path.read_text() == "mine"
        path.unlink()
        path.symlink_to(path.parent / "elsewhere")
        with pytest.raises(ClawmendError, match="there already is a file"):
            write_new(str(path), "x")
        assert not (path.parent / "elsewhere").exists()

    def test_half_a_file_is_not_left_behind(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_arguments: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(module, "write_all", full)
        with pytest.raises(ClawmendError, match="lies on a full disk"):
            write_new(str(path), "x")
        assert not path.exists()

    def test_where_no_folder_can_be_is_a_sentence(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(ClawmendError, match="lies below something that is no folder"):
            write_new(str(tmp_path / "file/config.toml"), "x")
