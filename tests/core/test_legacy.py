"""The retired credential files: what is in them, and when nothing is lost with one."""

from typing import Any

import pytest

from clawmend.core.behaviour import behaviour_of
from clawmend.core.legacy import credentials_in, holds_nothing, legacy_files
from clawmend.core.state import Unreadable
from support.build import AGENT, FOLDER, agent, malformed, openclaw, parsed, unreadable, version

PATH = f"{AGENT}/auth-profiles.json"
OLD_LOGIN = f"{FOLDER}/credentials/oauth.json"


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"profiles": {}},
        {"version": 1, "profiles": {}, "usageStats": {"a": {}}, "lastGood": {"a": "b"}},
        {"profiles": None},
    ],
)
def test_nothing_is_lost_with_an_empty_table(value: Any) -> None:
    assert holds_nothing(parsed(PATH, value))


@pytest.mark.parametrize(
    "value", [[], 1, {"profiles": {"a": None}}, {"order": {}}, {"anthropic": {}}, {"profiles": {}, "note": "mine"}]
)
def test_whatever_somebody_may_have_written_is_something(value: Any) -> None:
    assert not holds_nothing(parsed(PATH, value))


def test_a_file_without_a_letter_in_it_holds_nothing_and_a_broken_one_may() -> None:
    assert holds_nothing(malformed(PATH, " \n"))
    assert not holds_nothing(malformed(PATH, "{"))
    assert not holds_nothing(unreadable(PATH))


def test_credentials_are_read_in_both_forms() -> None:
    nested = {"profiles": {"a:x": {"provider": "a", "key": "k"}, "b:y": {"token": "t"}, "c": {"provider": "c"}, "d": 1}}
    assert [(one.id, one.provider) for one in credentials_in(parsed(PATH, nested))] == [("a:x", "a"), ("b:y", "b")]
    flat = {"a": {"access": "x"}, "b": {"type": "oauth"}, "version": 1}
    assert [(one.id, one.provider) for one in credentials_in(parsed(PATH, flat))] == [("a:default", "a")]
    assert not list(credentials_in(parsed(PATH, [])))


def test_the_old_login_file_is_the_main_agents_and_only_of_this_folder() -> None:
    behaviour = behaviour_of(version("2026.9.6"))
    assert behaviour is not None
    sources = (parsed("/home/user/.qwen/oauth_creds.json", {}), parsed(OLD_LOGIN, {}))
    home = openclaw({}, agent(), agent("second"), oauth_sources=sources)
    assert [state.path for state in legacy_files(home, home.agents[0], behaviour)] == [OLD_LOGIN]
    assert legacy_files(home, home.agents[1], behaviour) == ()


def test_a_link_that_leads_nowhere_is_no_file_and_one_that_may_not_be_read_is() -> None:
    behaviour = behaviour_of(version("2026.9.6"))
    assert behaviour is not None
    dangling = Unreadable(PATH, "is a broken link", "", dangling=True)
    assert legacy_files(openclaw({}), agent(profiles=dangling), behaviour) == ()
    assert legacy_files(openclaw({}), agent(profiles=unreadable(PATH)), behaviour) == (unreadable(PATH),)
