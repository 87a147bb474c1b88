"""Claude Code: what no case on a disk can show, for there everything belongs to whoever runs the tests."""

from dataclasses import replace
from typing import Any

import pytest

from clawmend.core.claude_code import ClaudeCode, ClaudeProcess
from clawmend.core.finding import CouldNotLook, Finding, Safety, Severity
from clawmend.core.snapshot import Snapshot
from clawmend.core.state import Absent, FileState, Unreadable
from clawmend.rules import cc101, cc102, cc103, cc104, cc105, cc106
from support.build import HOME, identity, malformed, parsed, snapshot, unreadable
from support.clock import NOW

FILE, SETTINGS = f"{HOME}/.claude.json", f"{HOME}/.claude/settings.json"
RICH: dict[str, Any] = {
    "hasCompletedOnboarding": True,
    "numStartups": 9,
    "mcpServers": {"a": {}, "b": {}},
    "projects": {"/p": {}, "/q": {}},
}
WRONG = "https://coding-intl.dashscope.aliyuncs.com/v1"
COPY = parsed(f"{HOME}/.claude/backups/.claude.json.backup.1795450000000", RICH)


def look(config: FileState, settings: Any = None, owner: int = 1000, folder: int = 1000, **fields: Any) -> Snapshot:
    state = Absent(SETTINGS) if settings is None else parsed(SETTINGS, settings)
    claude = ClaudeCode(f"{HOME}/.claude", config, state, owner=folder, **fields)
    return replace(snapshot(claude=config), claudes=(claude,), owner=owner)


def only(found: Any) -> Any:
    reports = list(found)
    assert len(reports) == 1
    return reports[0]


def test_a_claude_code_that_runs_makes_restoring_a_question() -> None:
    asleep = only(cc102.RULE.check(look(malformed(FILE), copies=(COPY,))))
    awake = only(cc102.RULE.check(look(malformed(FILE), copies=(COPY,), processes=(ClaudeProcess(7),))))
    assert (asleep.safety, awake.safety) == (Safety.SAFE, Safety.ASK)
    assert "runs" in awake.evidence[0]
    assert awake.advice == ("clawmend repair --only CC102 --yes",)


def test_a_first_start_that_is_on_the_screen_is_not_cut_short_unasked() -> None:
    """Claude Code sets the flag itself at the end of its onboarding, which shows security notes."""
    never = parsed(FILE, {"mcpServers": {"a": {}}})
    running = {"processes": (ClaudeProcess(7),)}
    shown = only(cc101.RULE.check(look(never, **running)))
    assert (shown.safety, shown.severity) == (Safety.ASK, Severity.WARNING)
    assert shown.advice == ("clawmend repair --only CC101 --yes",)
    assert "at the end of its onboarding it sets the flag itself" in shown.evidence[0]
    assert only(cc101.RULE.check(look(never))).safety is Safety.SAFE  # it has ended without that
    used = parsed(FILE, {"numStartups": 3})
    assert only(cc101.RULE.check(look(used, **running))).safety is Safety.SAFE
    assert (
        only(cc101.RULE.check(look(parsed(FILE, {"hasCompletedOnboarding": False}), **running))).safety is Safety.SAFE
    )


def test_every_configuration_is_judged() -> None:
    first = look(parsed(FILE, {}))
    other = ClaudeCode("/srv/cfg", parsed("/srv/cfg/.claude.json", {}), Absent("/srv/cfg/settings.json"))
    both = replace(first, claudes=(*first.claudes, other))
    assert [finding.path for finding in cc101.RULE.check(both) if isinstance(finding, Finding)] == [
        FILE,
        other.config.path,
    ]


def test_a_wipe_is_told_for_thirty_days() -> None:
    fresh = look(parsed(FILE, {}), copies=(COPY,))
    assert only(cc103.RULE.check(fresh)).safety is Safety.ASK
    later = replace(fresh, now=NOW + 31 * 86_400)
    assert not list(cc103.RULE.check(later))
    assert not list(cc103.RULE.check(look(malformed(FILE), copies=(COPY,))))
    assert not list(cc103.RULE.check(look(parsed(FILE, []), copies=(COPY,))))


@pytest.mark.parametrize(
    ("uid", "mode", "words", "command"),
    [
        (0, 0o600, "another user", f"sudo chown 1000 {FILE}"),
        (1000, 0o200, "its own owner", f"chmod u+rw {FILE}"),
    ],
)
@pytest.mark.parametrize("state", [parsed(FILE, RICH), unreadable(FILE)], ids=["root looks", "the user looks"])
def test_a_file_that_its_user_may_not_read_is_told(
    state: FileState, uid: int, mode: int, words: str, command: str
) -> None:
    finding = only(cc104.RULE.check(look(state, status=replace(identity(), uid=uid, mode=mode))))
    assert words in finding.summary
    assert "puts an empty one in its place" in finding.summary
    assert finding.advice == (command,)
    assert finding.safety is Safety.ADVISE


@pytest.mark.parametrize(("uid", "mode", "owner"), [(0, 0o644, 1000), (1000, 0o600, 1000), (0, 0o600, 0), (0, 0, 0)])
def test_a_file_that_its_user_may_read_is_fine(uid: int, mode: int, owner: int) -> None:
    status = replace(identity(), uid=uid, mode=mode)
    assert not list(cc104.RULE.check(look(parsed(FILE, RICH), owner=owner, status=status)))


def test_whoever_has_the_folder_and_the_file_works_with_both() -> None:
    status = replace(identity(), uid=0, mode=0o600)
    assert not list(cc104.RULE.check(look(parsed(FILE, RICH), status=status, owner=1000, folder=0)))
    assert list(cc104.RULE.check(look(parsed(FILE, RICH), status=status, owner=1000, folder=1000)))
    assert list(cc104.RULE.check(look(unreadable(FILE), status=status, owner=1000, folder=0)))


def test_what_is_there_and_no_file_is_told_and_what_is_only_too_large_is_not() -> None:
    folder = only(cc104.RULE.check(look(unreadable(FILE), is_folder=True, status=identity())))
    assert "is a folder" in folder.summary
    link = Unreadable(FILE, "is a symbolic link that leads nowhere", f"ls -l {FILE}", dangling=True)
    assert only(cc104.RULE.check(look(link))).advice == (f"ls -l {FILE}",)
    assert isinstance(only(cc104.RULE.check(look(unreadable(FILE)))), Finding)
    large = Unreadable(FILE, "is 70 MB, more than the 64 MB clawmend reads", "make it smaller")
    blind = only(cc104.RULE.check(look(large, status=replace(identity(), uid=1000))))
    assert isinstance(blind, CouldNotLook)
    assert not list(cc104.RULE.check(look(Absent(FILE))))


def test_a_process_with_a_wrong_url_is_told_and_has_to_be_started_again() -> None:
    process = ClaudeProcess(7, {"ANTHROPIC_BASE_URL": WRONG})
    finding = only(cc105.RULE.check(look(parsed(FILE, RICH), processes=(process,))))
    assert "the environment of process 7" in finding.summary
    assert finding.safety is Safety.ADVISE
    assert finding.advice[-1] == "start Claude Code again afterwards"
    right = {"env": {"ANTHROPIC_BASE_URL": "https://coding-intl.dashscope.aliyuncs.com/apps/anthropic"}}
    assert not list(cc105.RULE.check(look(parsed(FILE, RICH), right, processes=(process,))))


PLAN_URL, GENERAL_URL = (
    "https://coding-intl.dashscope.aliyuncs.com/apps/anthropic",
    "https://dashscope-intl.aliyuncs.com/apps/anthropic",
)
PLAN_KEY, GENERAL_KEY = "sk-sp-0123456789abcdef0123456789abcdef", "sk-0123456789abcdef0123456789abcdef"
ON_THE_PLAN = {"ANTHROPIC_BASE_URL": PLAN_URL, "ANTHROPIC_AUTH_TOKEN": PLAN_KEY}


@pytest.mark.parametrize(
    "other",
    [
        {"ANTHROPIC_API_KEY": "sk-ant-api03-one"},
        {"ANTHROPIC_BASE_URL": GENERAL_URL, "ANTHROPIC_AUTH_TOKEN": GENERAL_KEY},
    ],
    ids=["Anthropic itself", "pay as you go"],
)
@pytest.mark.parametrize("in_the_shell", [True, False])
def test_sessions_with_different_vendors_are_no_fault(other: dict[str, str], in_the_shell: bool) -> None:
    processes = (ClaudeProcess(7, ON_THE_PLAN), ClaudeProcess(8, other))
    shell = ON_THE_PLAN if in_the_shell else {}
    seen = look(parsed(FILE, RICH), {}, processes=processes, environment=shell)
    assert [*cc105.RULE.check(seen), *cc106.RULE.check(seen)] == []


def test_the_plans_key_on_the_general_api_is_told_in_the_environment_that_has_both() -> None:
    wrong = {"ANTHROPIC_BASE_URL": GENERAL_URL, "ANTHROPIC_AUTH_TOKEN": PLAN_KEY}
    seen = look(parsed(FILE, RICH), {}, processes=(ClaudeProcess(7, ON_THE_PLAN), ClaudeProcess(8, wrong)))
    assert "process 8" in only(cc105.RULE.check(seen)).summary


def test_nothing_is_said_of_the_plans_variables_where_another_cloud_is_switched_on() -> None:
    settings = {"env": {"ANTHROPIC_BASE_URL": WRONG, "CLAUDE_CODE_USE_BEDROCK": "1"}}
    seen = look(parsed(FILE, RICH), settings)
    assert [*cc105.RULE.check(seen), *cc106.RULE.check(seen)] == []


def test_settings_that_blank_the_key_of_the_shell_have_one_key() -> None:
    settings = {"env": {**ON_THE_PLAN, "ANTHROPIC_API_KEY": ""}}
    seen = look(parsed(FILE, RICH), settings, environment={"ANTHROPIC_API_KEY": "sk-ant-api03-one"})
    assert [*cc105.RULE.check(seen), *cc106.RULE.check(seen)] == []


def test_a_wrong_url_that_does_not_win_is_a_note() -> None:
    right = {"env": {"ANTHROPIC_BASE_URL": "https://coding-intl.dashscope.aliyuncs.com/apps/anthropic"}}
    config = parsed(FILE, {**RICH, "env": {"ANTHROPIC_BASE_URL": WRONG}})
    assert only(cc105.RULE.check(look(config, right))).severity is Severity.INFO
    bedrock = {"env": {**right["env"], "CLAUDE_CODE_USE_BEDROCK": "1"}}
    assert not list(cc105.RULE.check(look(config, bedrock)))


def test_nobody_who_is_not_through_with_the_onboarding_is_told_of_a_key() -> None:
    plan = {"env": {"ANTHROPIC_BASE_URL": "https://coding-intl.dashscope.aliyuncs.com/apps/anthropic"}}
    assert only(cc106.RULE.check(look(parsed(FILE, RICH), plan))).severity is Severity.ERROR
    assert not list(cc106.RULE.check(look(parsed(FILE, {}), plan)))
    assert not list(cc106.RULE.check(look(parsed(FILE, RICH), {})))


@pytest.mark.parametrize(
    ("value", "severity", "words"),
    [
        ({}, Severity.ERROR, "has no hasCompletedOnboarding"),
        ({"hasCompletedOnboarding": False}, Severity.ERROR, "/logout"),
        ({"hasCompletedOnboarding": "true"}, Severity.WARNING, "other than true"),
    ],
)
def test_a_flag_that_is_not_true_is_told_apart(value: Any, severity: Severity, words: str) -> None:
    finding = only(cc101.RULE.check(look(parsed(FILE, value))))
    assert finding.severity is severity
    assert words in finding.summary
    assert not list(cc101.RULE.check(look(parsed(FILE, RICH))))
    assert not list(cc101.RULE.check(look(malformed(FILE))))


@pytest.mark.parametrize(
    ("text", "safety", "words"),
    [
        ('{"a": 1,}', Safety.SAFE, "without its trailing comma"),
        ("", Safety.ASK, "holds nothing"),
        ('{"a', Safety.ADVISE, "there is no good copy"),
    ],
)
def test_without_a_copy_the_text_itself_decides(text: str, safety: Safety, words: str) -> None:
    finding = only(cc102.RULE.check(look(malformed(FILE, text))))
    assert finding.safety is safety
    assert words in finding.summary
    assert (finding.fix is None) is (safety is Safety.ADVISE)
    assert not list(cc102.RULE.check(look(parsed(FILE, {}))))


def test_a_copy_of_long_before_makes_it_a_question() -> None:
    old = replace(COPY, identity=identity(age=40 * 86_400))
    finding = only(cc102.RULE.check(look(malformed(FILE), copies=(old,))))
    assert finding.safety is Safety.ASK
    assert "30 days" in finding.evidence[0]


def test_settings_that_do_not_parse_are_told_only_where_they_name_the_plan() -> None:
    base = look(parsed(FILE, RICH))
    for text, told in [(f'{{"env": {{"ANTHROPIC_BASE_URL": "{WRONG}"}}, }}', True), ('{"model": "opus",}', False)]:
        claude = replace(base.claudes[0], settings=malformed(SETTINGS, text))
        assert bool(list(cc106.RULE.check(replace(base, claudes=(claude,))))) is told


@pytest.mark.parametrize(
    ("variables", "causes"),
    [
        ({"ANTHROPIC_AUTH_TOKEN": "sk-sp-0123456789abcdef"}, []),
        ({"ANTHROPIC_AUTH_TOKEN": "sk-0123456789abcdef0123"}, ["general"]),
        ({"ANTHROPIC_API_KEY": "sk-0123456789abcdef0123"}, ["general"]),
        ({"ANTHROPIC_AUTH_TOKEN": "sk-sp-0123456789abcdef", "ANTHROPIC_API_KEY": "x"}, ["both"]),
        ({"ANTHROPIC_AUTH_TOKEN": "Bearer sk-sp-0123456789abcdef"}, ["bearer ANTHROPIC_AUTH_TOKEN"]),
        ({"ANTHROPIC_AUTH_TOKEN": " BEARER\tsk-sp-0123456789abcdef"}, ["bearer ANTHROPIC_AUTH_TOKEN"]),
        ({"ANTHROPIC_API_KEY": "bearer sk-sp-0123456789abcdef"}, ["bearer ANTHROPIC_API_KEY"]),
        ({"ANTHROPIC_AUTH_TOKEN": "Bearer sk-0123456789abcdef0123"}, ["general", "bearer ANTHROPIC_AUTH_TOKEN"]),
        (
            {"ANTHROPIC_AUTH_TOKEN": "Bearer sk-sp-0123456789abcdef", "ANTHROPIC_API_KEY": "Bearer x"},
            ["bearer ANTHROPIC_API_KEY", "bearer ANTHROPIC_AUTH_TOKEN", "both"],
        ),
        ({"ANTHROPIC_AUTH_TOKEN": "bearersk-sp-0123456789abcdef"}, []),
        ({"ANTHROPIC_AUTH_TOKEN": "Bearer"}, []),
        ({"ANTHROPIC_CUSTOM_HEADERS": "Bearer x", "ANTHROPIC_API_KEY": "sk-sp-0123456789abcdef"}, []),
    ],
)
def test_keys_are_judged_where_the_plan_is_used(variables: dict[str, str], causes: list[str]) -> None:
    url = "https://coding-intl.dashscope.aliyuncs.com/apps/anthropic"
    found = list(cc106.RULE.check(look(parsed(FILE, RICH), {"env": {"ANTHROPIC_BASE_URL": url, **variables}})))
    assert [one.cause for one in found if isinstance(one, Finding)] == causes
    elsewhere = {"env": {"ANTHROPIC_BASE_URL": "https://openrouter.ai/api", **variables}}
    assert not list(cc106.RULE.check(look(parsed(FILE, RICH), elsewhere)))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ANTHROPIC_AUTH_TOKEN", "Claude Code puts that before it itself, so it is sent twice"),
        ("ANTHROPIC_API_KEY", "x-api-key carries the key alone"),
    ],
)
def test_a_key_with_bearer_before_it_is_told_without_the_key(name: str, why: str) -> None:
    url = "https://coding.dashscope.aliyuncs.com/apps/anthropic"
    secret = "sk-sp-0123456789abcdef"
    settings = {"env": {"ANTHROPIC_BASE_URL": url, name: f"Bearer {secret}"}}
    finding = only(cc106.RULE.check(look(parsed(FILE, RICH), settings)))
    assert finding.summary == f'{name} in settings.json begins with "Bearer ": {why}'
    assert (finding.severity, finding.safety, finding.fix) == (Severity.ERROR, Safety.ADVISE, None)
    assert finding.advice == (f'leave the key alone in {name} there, without "Bearer "',)
    assert secret not in repr(finding)
