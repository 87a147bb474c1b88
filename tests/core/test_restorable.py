"""Which copy still has a key, where it would be written, and what a person is told."""

from dataclasses import replace
from typing import Any

import pytest

from clawmend.core.behaviour import behaviour_of
from clawmend.core.credentials import Holder
from clawmend.core.finding import Need, SetKey
from clawmend.core.origin import Origin
from clawmend.core.restorable import how_to_store, lost_key, place_of, pointer_of, set_at, where_to_get_one
from clawmend.core.snapshot import OpenClaw
from clawmend.core.state import FileState
from support.build import AGENT, CONFIG, FOLDER, agent, identity, malformed, openclaw, parsed, snapshot, version

PLAN, GENERAL = "https://coding-intl.dashscope.aliyuncs.com/v1", "https://dashscope-intl.aliyuncs.com/v1"
KEY, OLD, GENERAL_KEY = "sk-sp-abc0000000000000001", "sk-sp-old0000000000000001", "sk-general00000000000001"


def config(key: Any = None, url: Any = PLAN) -> dict[str, Any]:
    entry = {"baseUrl": url} | ({} if key is None else {"apiKey": key})
    return {"models": {"providers": {"bailian": entry}}, "gateway": {"mode": "local"}}


def copy(key: Any, age: float = 4000.0, url: Any = PLAN, name: str = f"{CONFIG}.bak") -> FileState:
    return replace(parsed(name, config(key, url)), identity=identity(age))


def lost(*copies: FileState, url: Any = PLAN, **files: Any) -> tuple[str, str] | None:
    home = openclaw(config(None, url), agent(**files), copies=copies)
    found = lost_key(snapshot(home), home, "bailian")
    return None if found is None else (found.path, found.key.reveal())


def test_the_newest_copy_with_a_key_counts() -> None:
    assert lost(copy(OLD, 9000.0), copy(f" {KEY} ", 5000.0, name="b"), copy("", 4000.0)) == ("b", KEY)
    assert lost() is None
    assert lost(malformed("x")) is None


@pytest.mark.parametrize(
    "key",
    [
        *(
            "YOUR_API_KEY",
            "none",
            "${A}",
            "a b",
            'q"',
            "k\u00e9y-0123456",
            5,
            {"source": "env"},
            GENERAL_KEY,
            "qwen-oauth",
        ),
        "bailian:manual",  # 2026.9.6: the id of a profile, logged out since
    ],
)
def test_what_is_no_key_for_this_endpoint_is_passed_over(key: Any) -> None:
    assert lost(copy(key), copy(KEY, 5000.0, name="b")) == ("b", KEY)


def test_a_plans_key_is_not_put_back_on_a_general_endpoint() -> None:
    assert lost(copy(KEY, url=GENERAL), url=GENERAL) is None
    assert lost(copy(GENERAL_KEY, url=GENERAL), url=GENERAL) == (f"{CONFIG}.bak", GENERAL_KEY)
    assert lost(copy(KEY, url="https://x.example"), url="https://x.example/ ") == (f"{CONFIG}.bak", KEY)


def test_a_key_belongs_to_its_endpoint() -> None:
    assert lost(copy(KEY, url=GENERAL)) is None
    assert lost(copy(KEY, url=5)) is None
    assert lost(copy(KEY), url=5) is None
    home = openclaw({"models": {"providers": {}}}, copies=(copy(KEY),))
    assert lost_key(snapshot(home), home, "bailian") is None


def test_a_model_cache_is_asked_last() -> None:
    cache = {"providers": {"bailian": {"baseUrl": PLAN, "apiKey": OLD}}}
    assert lost(models=cache) == (f"{AGENT}/models.json", OLD)
    assert lost(copy(KEY), models=cache) == (f"{CONFIG}.bak", KEY)


def test_where_a_member_is_or_would_be_written() -> None:
    home = openclaw(config("x"))
    assert place_of(home, pointer_of("bailian")) == Origin(CONFIG, pointer_of("bailian"), "x")
    assert place_of(home, pointer_of("bailian", "auth")) == Origin(CONFIG, pointer_of("bailian", "auth"), None)
    assert place_of(home, pointer_of("other")) is None
    assert place_of(openclaw(config("${A}")), pointer_of("bailian")) is None


def test_a_file_that_is_included_is_not_watched() -> None:
    behaviour = behaviour_of(version("2026.3.2"))
    assert behaviour is not None
    home: OpenClaw = openclaw(config())
    for path, need in ((CONFIG, Need.HOT_RELOAD), (f"{FOLDER}/other.json", Need.RESTART)):
        fix = set_at(home, behaviour, Origin(path, pointer_of("bailian"), None), KEY)
        assert (fix.edits, fix.need) == ((SetKey(path, pointer_of("bailian"), KEY),), need)


def test_what_a_person_is_told() -> None:
    home = openclaw(config())
    shot = snapshot(home)
    assert "Coding Plan page" in where_to_get_one(shot, home, "bailian", PLAN)
    assert "takes any word" in where_to_get_one(shot, home, "own", "http://localhost:8000/v1")
    assert where_to_get_one(shot, home, "own", None) == (
        "put your key for own into models.providers.own.apiKey in ~/.openclaw/openclaw.json"
    )
    profiles = {"a": {"provider": "bailian"}, "b": 5}
    file = Holder(f"{AGENT}/auth-profiles.json", "main", False, profiles, ())
    assert "gateway restart" in how_to_store(shot, file, "a")
    database = replace(file, in_database=True)
    assert how_to_store(shot, database, "a").endswith("--provider bailian --profile-id a --agent main")
    assert "--provider NAME " in how_to_store(shot, database, "b")
