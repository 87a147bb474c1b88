"""Whether a gateway got worse by a repair."""

from dataclasses import replace

import pytest

from clawmend.core.evidence import Event, Evidence, Kind
from clawmend.core.gateway import Condition, GatewayHealth
from clawmend.core.judgement import LATER, NoWorse, Unclear, Worse, is_refused_as_before, judge
from clawmend.core.pointer import Pointer
from clawmend.core.snapshot import GatewayAbsent, GatewayRunning, OpenClaw
from clawmend.core.state import Absent

NOW = 1_800_000_000.0
WRITTEN = NOW - 20
READY = GatewayHealth(condition=Condition.READY, why="it says that it is ready")
DOWN = GatewayHealth(condition=Condition.EXIT_78, why="it ended with exit status 78")
BEFORE = OpenClaw("/h/.openclaw", None, Absent("/h/.openclaw/openclaw.json"), None, (), GatewayAbsent(), health=READY)


def after(*events: Event, health: GatewayHealth = READY) -> OpenClaw:
    return replace(BEFORE, health=health, evidence=Evidence(events, 0.0, None, complete=True))


def event(kind: Kind, age: float = 5.0, until: float | None = None) -> Event:
    return Event(NOW - age, kind, "bailian", None, None, None, "words", until=until)


def test_a_gateway_that_runs_as_before_is_no_worse() -> None:
    assert judge(BEFORE, after(), WRITTEN, NOW) == NoWorse()


def test_one_that_was_ready_and_is_down_is_worse() -> None:
    found = judge(BEFORE, after(health=DOWN), WRITTEN, NOW)
    assert found == Worse("the gateway does not run any more: it ended with exit status 78")


def test_one_that_was_down_before_is_not() -> None:
    assert judge(replace(BEFORE, health=DOWN), after(health=DOWN), WRITTEN, NOW) == NoWorse()


@pytest.mark.parametrize("kind", [Kind.INVALID_CONFIG, Kind.CONFIG_RESTORED, Kind.MIGRATION_REQUIRED])
def test_a_complaint_since_the_change_is_worse(kind: Kind) -> None:
    assert isinstance(judge(BEFORE, after(event(kind)), WRITTEN, NOW), Worse)


def test_one_from_before_the_change_is_not() -> None:
    assert judge(BEFORE, after(event(Kind.INVALID_CONFIG, age=60)), WRITTEN, NOW) == NoWorse()


def test_one_that_was_said_before_already_may_be_said_once_more_of_the_old_file() -> None:
    complaining = replace(BEFORE, evidence=Evidence((event(Kind.INVALID_CONFIG, 60),), 0.0, None, complete=True))
    assert judge(complaining, after(event(Kind.INVALID_CONFIG)), WRITTEN, NOW) == NoWorse()


def test_a_credential_that_rests_leaves_it_open_until_then() -> None:
    found = judge(BEFORE, after(event(Kind.COOLDOWN, 600, NOW + 90), event(Kind.COOLDOWN, 600, NOW + 30)), WRITTEN, NOW)
    assert isinstance(found, Unclear)
    assert found.until == NOW + 30


def test_one_that_has_rested_is_no_matter() -> None:
    assert judge(BEFORE, after(event(Kind.COOLDOWN, 600, NOW - 1), event(Kind.COOLDOWN)), WRITTEN, NOW) == NoWorse()


@pytest.mark.parametrize("kind", [Kind.TIMEOUT, Kind.CONNECTION, Kind.RATE_LIMIT, Kind.QUOTA])
def test_an_outage_upstream_leaves_it_open(kind: Kind) -> None:
    found = judge(BEFORE, after(event(kind)), WRITTEN, NOW)
    assert isinstance(found, Unclear)
    assert found.until == NOW + LATER
    assert "says nothing about the repair" in found.reason


REFUSED = "config reload skipped (invalid config): "
OWNERSHIP = f'{REFUSED}agents.ownership: multi-agent rosters require agents.ownership="explicit" or one legacy marker'
URL: Pointer = ("models", "providers", "bailian", "baseUrl")
RUNNING = GatewayRunning(4711, NOW - 3600, 18789, "systemd", "openclaw-gateway.service", {})


def refusing(text: str = OWNERSHIP, *later: Event) -> OpenClaw:
    """A gateway that runs, and has refused the file a minute before the repair."""
    said = Event(NOW - 60, Kind.INVALID_CONFIG, None, None, None, None, text)
    return replace(BEFORE, gateway=RUNNING, evidence=Evidence((said, *later), 0.0, None, complete=True))


def test_a_refusal_of_before_for_something_else_is_not_the_repairs() -> None:
    assert is_refused_as_before(refusing(), [URL], OWNERSHIP)
    assert is_refused_as_before(refusing(f"{REFUSED}models: Invalid input"), [URL], OWNERSHIP)  # one of two is mended


def test_one_that_was_never_said_before_or_that_is_over_may_be() -> None:
    taken = Event(NOW - 40, Kind.RELOADED, None, None, None, None, "config hot reload applied (agents)")
    assert not is_refused_as_before(replace(BEFORE, gateway=RUNNING), [URL], OWNERSHIP)
    assert not is_refused_as_before(refusing(OWNERSHIP, taken), [URL], OWNERSHIP)
    assert not is_refused_as_before(replace(refusing(), gateway=GatewayAbsent()), [URL], OWNERSHIP)
    started_since = replace(RUNNING, started=NOW - 50)
    assert not is_refused_as_before(replace(refusing(), gateway=started_since), [URL], OWNERSHIP)


@pytest.mark.parametrize(
    "refusal",
    [
        f"{REFUSED}models.providers.bailian.baseUrl: Invalid input",
        f"{REFUSED}models.providers.bailian: Unrecognized key",
        f"{REFUSED}models.providers.bailian.baseUrl.x: Invalid input",
        f"{REFUSED}agents.ownership: x, models.providers.bailian.baseUrl: Invalid input",
        f"{REFUSED}: JSON5 parse failed: SyntaxError: JSON5: invalid end of input at 40:2",
        "config reload skipped (invalid config)",
    ],
)
def test_one_about_what_was_changed_or_about_who_knows_what_is(refusal: str) -> None:
    assert not is_refused_as_before(refusing(refusal), [URL], refusal)


def test_a_name_that_only_begins_alike_is_something_else() -> None:
    other = f"{REFUSED}models.providers.bailian.baseUrlOfOld: x, agents.list[0].model: Invalid input"
    assert is_refused_as_before(refusing(other), [URL], other)
    assert not is_refused_as_before(refusing(other), [("agents", "list", "0", "model")], other)
    assert not is_refused_as_before(refusing(other), [("agents", "list")], other)


def test_what_is_minded_for_the_first_time_has_to_be_of_another_part_of_the_file() -> None:
    beside = f"{REFUSED}models.providers.openai.baseUrl: Invalid input"
    assert is_refused_as_before(refusing(beside), [URL], beside)
    assert not is_refused_as_before(refusing(), [URL], beside)
    assert is_refused_as_before(refusing(beside), [URL], OWNERSHIP)


def test_a_new_complaint_about_the_whole_file_may_be_about_what_was_changed() -> None:
    both = f'{OWNERSHIP}, <root>: Unrecognized key: "model"'
    assert not is_refused_as_before(refusing(), [URL], both)
    assert is_refused_as_before(refusing(both), [URL], both)


def test_where_nobody_knows_what_was_changed_it_may_be() -> None:
    assert not is_refused_as_before(refusing(), [], OWNERSHIP)


def test_one_that_was_cut_off_may_be_unless_it_is_the_very_same() -> None:
    cut = f"{OWNERSHIP} and then…"
    assert not is_refused_as_before(refusing(), [URL], cut)
    assert is_refused_as_before(refusing(cut), [URL], cut)
