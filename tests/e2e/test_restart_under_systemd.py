"""Restarts of a real gateway by a real systemd: turns finish, nobody restarts twice, slow starts are left alone."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from e2e.gateway import Turn
from e2e.home import KEY, OLD_KEY, write_private
from e2e.lab import Lab
from e2e.processes import wait_until
from e2e.systemd_bench import UNIT, ManagedGateway, under_systemd

pytestmark = pytest.mark.e2e

WRONG, RIGHT = "/compatible-mode/v1", "/v1"
LOCAL, LOCAL_OFF = '"mode": "local",', '"mode": "local", "reload": { "mode": "off" },'
PLAN = "https://coding-intl.dashscope.aliyuncs.com"


class Background(threading.Thread):
    """Something that goes on meanwhile, and what it came to."""

    def __init__(self, work: Any) -> None:
        super().__init__(daemon=True)
        self._work, self.result = work, None
        self.start()

    def run(self) -> None:
        self.result = self._work()

    def outcome(self, seconds: float = 120) -> Any:
        self.join(seconds)
        assert not self.is_alive(), "it has not come to an end"
        return self.result


def shadow(gateway: ManagedGateway, key: str) -> None:
    stored = {"bailian:default": {"type": "api_key", "provider": "bailian", "key": key}}
    write_private(gateway.home.profiles, json.dumps({"version": 1, "profiles": stored}, indent=2))


@pytest.fixture
def gateway(lab: Lab) -> Iterator[ManagedGateway]:
    """A 2026.3.2 under systemd with a placeholder in its store: mending that needs a restart."""
    with under_systemd(lab, "2026.3.2") as gateway:
        shadow(gateway, OLD_KEY)
        lab.provider.keys.add(OLD_KEY)  # as long as the old key is accepted, turns work: with the wrong account
        gateway.start()
        yield gateway


def test_a_turn_that_runs_finishes_before_the_gateway_is_restarted(gateway: ManagedGateway) -> None:
    home, provider = gateway.home, gateway.home.provider
    provider.answering.clear()
    turn = Background(gateway.turn)
    assert provider.thinking.acquire(timeout=60), "no request has come to the provider"
    before = gateway.unit()
    repair = Background(lambda: home.clawmend("repair", "--yes", seconds=300))
    time.sleep(8)  # the model thinks for as long as that, and nothing is written meanwhile
    assert gateway.unit() == before
    provider.answering.set()

    finished: Turn = turn.outcome()
    assert finished.worked, finished
    repaired = repair.outcome(300)
    assert repaired.said["restart"]["done"], repaired
    after = gateway.unit()
    assert (after.starts, after.restarts_by_itself) == (before.starts + 1, 0)
    home.transcript.say(f"turns cut: 0; {repaired.said['restart']['seconds']:.1f} s from the request to the proof")


def test_clawmend_and_a_person_at_once_restart_it_once(gateway: ManagedGateway) -> None:
    """Whoever comes first: systemd merges the second request while the first one is still stopping the gateway."""
    home = gateway.home
    gateway.drop_in("slow", "ExecStop=/bin/sleep 5")
    before = gateway.unit()
    repair = Background(lambda: home.clawmend("repair", "--yes", seconds=300))
    # The person comes after the file is written, as clawmend is about to ask, or has just asked.
    wait_until(lambda: OLD_KEY not in home.profiles.read_text(), 120, "the profile is taken away")
    gateway.systemctl("restart", UNIT)
    repaired = repair.outcome(300)
    assert repaired.said["restart"]["done"], repaired
    after = gateway.unit()
    assert after.starts - before.starts == 1, f"{after.starts - before.starts} restarts: {repaired.said['restart']}"


def test_a_persons_restart_that_is_under_way_is_waited_for_and_none_is_asked_for(gateway: ManagedGateway) -> None:
    home = gateway.home
    gateway.drop_in("slow", "ExecStop=/bin/sleep 15")
    before = gateway.unit()
    person = Background(lambda: gateway.systemctl("restart", UNIT))
    wait_until(lambda: gateway.unit().state == "deactivating", 30, "systemd is stopping the gateway")
    repaired = home.clawmend("repair", "--yes", seconds=300)
    person.outcome(60)
    assert repaired.said["restart"]["done"], repaired
    assert repaired.said["restart"]["reason"].startswith("the gateway was started anew meanwhile")
    assert gateway.unit().starts - before.starts == 1


def test_a_slow_start_is_left_alone_and_proven_when_it_comes(gateway: ManagedGateway) -> None:
    home = gateway.home
    gateway.drop_in("slow", "ExecStartPre=/bin/sleep 20\nTimeoutStartSec=120")
    before = gateway.unit()
    repaired = home.clawmend("repair", "--yes", seconds=400)
    after = gateway.unit()
    assert repaired.said["restart"]["done"], repaired
    assert (after.starts - before.starts, after.restarts_by_itself) == (1, 0)


def test_2026_9_6_restarts_itself_safely_when_it_is_asked(lab: Lab) -> None:
    lab.provider.stand_in_for_the_plan(lab.folder)  # first: what the manager gives its units says where that is
    with under_systemd(lab, "2026.9.6") as gateway:
        home = gateway.home
        text = home.config.read_text().replace(f"{lab.provider.url}/v1", PLAN + WRONG)
        write_private(home.config, text.replace(LOCAL, LOCAL_OFF))
        gateway.write_unit()
        gateway.systemctl("start", UNIT)
        wait_until(gateway.ready, 300, "the gateway is ready")
        before = gateway.unit()
        repaired = home.clawmend("repair", seconds=400)
        restart = repaired.said["restart"]
        assert (repaired.verdict, restart["done"]) == ("repaired", True), repaired
        # It ends when its turns are done, and its manager starts it again: that counts as one of the manager's own.
        assert gateway.unit().starts == before.starts + 1
        home.transcript.say(f"{restart['seconds']:.1f} s from the request to the proof")
        turn = gateway.turn()
        assert turn.worked, turn
        assert turn.routes == [(f"{PLAN}{RIGHT}/chat/completions", KEY)]


def test_2026_9_6_lets_a_turn_finish_before_it_restarts_itself(lab: Lab) -> None:
    with under_systemd(lab, "2026.9.6") as gateway:
        home, provider = gateway.home, gateway.home.provider
        write_private(home.config, home.config.read_text().replace(LOCAL, LOCAL_OFF))
        gateway.write_unit()
        gateway.systemctl("start", UNIT)
        wait_until(gateway.ready, 300, "the gateway is ready")
        write_private(home.config, home.config.read_text().replace('"alias": "plus"', '"alias": "better"'))
        wait_until(lambda: restarts_pending(gateway), 30, "the gateway says that it does not take it over")
        provider.answering.clear()
        turn = Background(gateway.turn)
        assert provider.thinking.acquire(timeout=60), "no request has come to the provider"
        before = gateway.unit()
        repair = Background(lambda: home.clawmend("repair", "--only", "OC403", "--yes", seconds=400))
        time.sleep(9)  # longer than a session is quiet, so that OpenClaw itself has to know of the turn
        assert gateway.unit() == before
        provider.answering.set()
        finished: Turn = turn.outcome()
        assert finished.worked, finished
        restart = repair.outcome(400).said["restart"]
        assert restart["done"], restart
        assert gateway.unit().starts == before.starts + 1
        home.transcript.say(f"turns cut: 0; {restart['seconds']:.1f} s from the request to the proof")


def test_who_has_switched_reloading_off_is_told_and_gets_the_restart_that_is_asked_for(lab: Lab) -> None:
    with under_systemd(lab, "2026.3.2") as gateway:
        home = gateway.home
        write_private(home.config, home.config.read_text().replace(LOCAL, LOCAL_OFF))
        gateway.start()
        before = gateway.unit()
        write_private(home.config, home.config.read_text().replace('"alias": "plus"', '"alias": "better"'))
        said = wait_until(lambda: restarts_pending(gateway), 30, "the gateway says that it does not take it over")
        assert said == ["info"]
        assert home.clawmend("check").code == 0  # it works as its owner wants it
        assert home.clawmend("repair").verdict == "healthy"
        assert gateway.unit() == before

        repaired = home.clawmend("repair", "--only", "OC403", "--yes", seconds=300)
        assert repaired.said["restart"]["done"], repaired
        assert gateway.unit().starts == before.starts + 1
        assert restarts_pending(gateway) == []


def restarts_pending(gateway: ManagedGateway) -> list[str]:
    findings = gateway.home.clawmend("check").said["findings"]
    return [finding["severity"] for finding in findings if finding["rule"] == "OC403"]
