"""What is true on which version, looked up in one table."""

import typing

import pytest

from clawmend.core.behaviour import (
    TABLE,
    Behaviour,
    Cache,
    Cleaning,
    Legacy,
    Lock,
    Probe,
    Revert,
    Store,
    Unset,
    behaviour_of,
    sources_of,
)
from clawmend.core.era import CACHE_WINS, JSON_CREDENTIALS, NEWEST_MEASURED, OLDEST_MEASURED, era_of
from support.build import version

VERSIONS = sorted({row.first for row in TABLE} | {OLDEST_MEASURED, NEWEST_MEASURED})
FIELDS = typing.get_type_hints(Behaviour)


@pytest.mark.parametrize("measured", VERSIONS, ids=str)
def test_every_field_is_settled_and_of_its_type_on_every_version(measured: object) -> None:
    behaviour = behaviour_of(measured)  # type: ignore[arg-type]
    assert behaviour is not None
    for name, kind in FIELDS.items():
        assert isinstance(getattr(behaviour, name), typing.get_origin(kind) or kind), name


@pytest.mark.parametrize("text", ["2026.1.28", "2025.12.1", "2026.9.7", "2027.1.1"])
def test_of_a_version_that_was_not_measured_nothing_is_known(text: str) -> None:
    assert behaviour_of(version(text)) is None


def test_without_a_version_nothing_is_known() -> None:
    assert behaviour_of(None) is None


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("2026.2.25", "cache", Cache.CORRECTED),
        ("2026.4.1", "trims_url", False),
        ("2026.4.2", "trims_url", True),
        ("2026.3.1", "thinks", False),
        ("2026.3.2", "thinks", True),
        ("2026.2.26", "cache", Cache.WINS),
        ("2026.3.2", "cache", Cache.WINS),
        ("2026.3.7", "cache", Cache.INERT),
        ("2026.8.1", "cache", Cache.UNWRITTEN),
        ("2026.6.1", "store", Store.FILE),
        ("2026.6.5", "store", Store.AGENT_DATABASE),
        ("2026.7.35", "store", Store.AGENT_DATABASE),
        ("2026.8.1", "store", Store.SHARED_DATABASE),
        ("2026.7.1", "legacy", Legacy.IGNORED),
        ("2026.9.5", "legacy", Legacy.FAILS_TURNS),
        ("2026.9.6", "legacy", Legacy.STOPS_GATEWAY),
        ("2026.2.12", "lock", Lock.FOLDER),
        ("2026.3.2", "lock", Lock.FILE),
        ("2026.7.1", "lock", Lock.NONE),
        ("2026.2.26", "probe", Probe.NONE),
        ("2026.3.2", "probe", Probe.POST_HEALTHZ),
        ("2026.3.7", "probe", Probe.READYZ),
        ("2026.9.6", "probe", Probe.READYZ_TWICE),
        ("2026.4.29", "revert", Revert.ON_READ),
        ("2026.5.7", "revert", Revert.NEVER),
        ("2026.6.5", "revert", Revert.NEVER),
        ("2026.7.1", "revert", Revert.AT_START),
        ("2026.9.6", "revert", Revert.ON_READ),
        ("2026.5.7", "restart_signal", True),
        ("2026.7.1", "restart_signal", False),
        ("2026.7.1", "restart_command", True),
        ("2026.6.33", "restart_command", False),
        ("2026.8.2", "safe_restart", False),
        ("2026.9.6", "safe_restart", True),
        ("2026.7.35", "reload_modes", ("hybrid", "off", "restart", "hot")),
        ("2026.8.1", "reload_modes", ("hybrid", "off")),
        ("2026.7.1", "watches_includes", False),
        ("2026.8.2", "watches_includes", True),
        ("2026.3.1", "validates", False),
        ("2026.3.2", "validates", True),
        ("2026.7.35", "allow_list", ("agents", "defaults", "models")),
        ("2026.8.1", "allow_list", ("agents", "defaults", "modelPolicy", "allow")),
        ("2026.7.35", "touched_at", True),
        ("2026.8.1", "touched_at", False),
        ("2026.4.5", "cooldowns", "auth-profiles.json"),
        ("2026.4.7", "cooldowns", "auth-state.json"),
        ("2026.7.35", "deletes_foreign_backups", True),
        ("2026.1.29", "cleaning", Cleaning.ENDS),
        ("2026.2.12", "cleaning", Cleaning.LINES),
        ("2026.3.2", "cleaning", Cleaning.LINES),
        ("2026.3.7", "cleaning", Cleaning.WIDE),
        ("2026.6.5", "cleaning", Cleaning.WIDE),
        ("2026.7.1", "cleaning", Cleaning.CONTROLS),
        ("2026.2.25", "old_spellings", False),
        ("2026.2.26", "old_spellings", True),
        ("2026.3.7", "keyless_local", False),
        ("2026.3.13", "keyless_local", True),
        ("2026.5.7", "bare_variable", False),
        ("2026.6.5", "bare_variable", True),
        ("2026.3.2", "unset", Unset.VOIDS_CONFIG),
        ("2026.3.7", "unset", Unset.STOPS_GATEWAY),
        ("2026.7.35", "unset", Unset.STOPS_GATEWAY),
        ("2026.8.2", "unset", Unset.STOPS_PROVIDER),
        ("2026.3.24", "cli_logins", frozenset({"qwen-portal", "minimax-portal"})),
        ("2026.3.28", "cli_logins", frozenset({"minimax-portal"})),
        ("2026.7.35", "oauth_file", True),
        ("2026.8.1", "oauth_file", False),
        ("2026.6.1", "dead_login_blocks", True),
        ("2026.7.1", "dead_login_blocks", False),
        ("2026.7.35", "blocking_files", frozenset()),
        ("2026.9.5", "blocking_files", frozenset({"auth-profiles.json", "auth.json"})),
        ("2026.9.6", "blocking_files", frozenset({"auth-profiles.json", "auth.json", "oauth.json"})),
    ],
)
def test_the_boundaries_that_were_measured(text: str, field: str, value: object) -> None:
    assert getattr(behaviour_of(version(text)), field) == value


@pytest.mark.parametrize("measured", VERSIONS, ids=str)
def test_the_eras_agree_with_the_table(measured: object) -> None:
    behaviour, era = behaviour_of(measured), era_of(measured)  # type: ignore[arg-type]
    assert behaviour is not None
    assert (behaviour.store is Store.FILE) is (era in JSON_CREDENTIALS)
    assert (behaviour.cache is Cache.WINS) is (era in CACHE_WINS)


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_names_its_sources_and_begins_at_the_oldest_version(name: str) -> None:
    rows = sources_of(name)
    assert rows[0].first == OLDEST_MEASURED
    assert len({row.first for row in rows}) == len(rows)
    assert all(row.source and row.how in {"run", "read"} for row in rows)
