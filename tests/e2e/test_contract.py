"""What the rest of the tests pretend about OpenClaw, checked against the real one."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from e2e.gateway import Gateway
from e2e.home import KEY, OLD_KEY, write_private
from e2e.install import Cache
from e2e.lab import Lab
from e2e.transcript import Transcript

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def era_b(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A running 2026.3.2 that started with a stored key beside the configured one."""
    with closing(Lab(tmp_path_factory.mktemp("b"), Cache.of_user(), Transcript("contract of 2026.3.2"))) as lab:
        gateway = lab.openclaw("2026.3.2")
        store(gateway, {"bailian:default": {"type": "api_key", "provider": "bailian", "key": OLD_KEY}})
        gateway.start()
        yield gateway


@pytest.fixture(scope="module")
def era_e(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A running 2026.9.6."""
    with closing(Lab(tmp_path_factory.mktemp("e"), Cache.of_user(), Transcript("contract of 2026.9.6"))) as lab:
        gateway = lab.openclaw("2026.9.6")
        gateway.start()
        yield gateway


def store(gateway: Gateway, profiles: dict[str, Any]) -> None:
    write_private(gateway.home.profiles, json.dumps({"version": 1, "profiles": profiles}))


def lock_name(gateway: Gateway) -> str:
    digest = hashlib.sha256(str(gateway.home.config).encode()).hexdigest()
    return f"openclaw-{os.getuid()}/gateway.{digest[:8]}.lock"


def lock(file: Path, gateway: Gateway) -> dict[str, Any]:
    gateway.home.transcript.say(f"the lock is {file.name}")
    held: dict[str, Any] = json.loads(file.read_bytes())
    assert held["pid"] == gateway.process().pid
    assert held["configPath"] == str(gateway.home.config)
    return held


def test_2026_3_2_is_ready_when_it_refuses_to_post_to_healthz(era_b: Gateway) -> None:
    answer = era_b.ask("POST", "/healthz")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def test_2026_3_2_serves_a_web_page_for_every_health_question(era_b: Gateway) -> None:
    for path in ("/healthz", "/readyz"):
        answer = era_b.ask("GET", path)
        assert (answer.status, answer.json()) == (200, None)


def test_2026_3_2_keeps_its_lock_in_the_temporary_folder(era_b: Gateway) -> None:
    held = lock(era_b.home.temporary / lock_name(era_b), era_b)
    assert {"createdAt", "startTime"} <= held.keys()


def test_2026_3_2_accepts_comments_and_trailing_commas(era_b: Gateway) -> None:
    assert era_b.home.command("openclaw", "config", "validate").returncode == 0


def test_2026_3_2_says_ok_to_a_restart_that_it_does_not_do(era_b: Gateway) -> None:
    started = era_b.identity()
    answer = era_b.home.command("openclaw", "gateway", "restart", "--json")
    said = json.loads(answer.stdout)
    assert (answer.returncode, said["ok"], said["result"]) == (0, True, "not-loaded")
    assert era_b.identity() == started


def test_2026_3_2_brings_a_removed_profile_back_at_the_next_turn(era_b: Gateway) -> None:
    era_b.turn()
    store(era_b, {})
    assert {key for _, key in era_b.turn().routes} == {OLD_KEY}
    assert json.loads(era_b.home.profiles.read_bytes())["profiles"]["bailian:default"]["key"] == OLD_KEY


def test_2026_9_6_tells_whether_it_is_ready_and_since_when(era_e: Gateway) -> None:
    answer = era_e.ask("GET", "/readyz").json()
    assert (answer["ready"], answer["failing"]) == (True, [])
    assert era_e.uptime() > answer["uptimeMs"]


def test_2026_9_6_keeps_its_lock_in_the_state_folder(era_e: Gateway) -> None:
    held = lock(era_e.home.state / "tmp" / lock_name(era_e), era_e)
    assert (held["port"], held["stateDir"]) == (era_e.home.port, str(era_e.home.state))
    assert {"createdAt", "startTime"} <= held.keys()


def test_2026_9_6_accepts_comments_and_trailing_commas(era_e: Gateway) -> None:
    assert era_e.home.command("openclaw", "config", "validate").returncode == 0


def test_2026_9_6_does_not_write_a_model_cache(era_e: Gateway) -> None:
    turn = era_e.turn()
    assert turn.routes == [(f"{era_e.home.provider.url}/v1/chat/completions", KEY)]
    assert not era_e.home.models.exists()
