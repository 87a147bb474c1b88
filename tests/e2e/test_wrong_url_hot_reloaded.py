"""A wrong base URL for the Coding Plan is repaired under a running gateway, which takes it over without a restart."""

import re

import pytest

from e2e.home import KEY, write_private
from e2e.lab import Lab
from e2e.processes import wait_until

pytestmark = pytest.mark.e2e

RIGHT = "https://coding-intl.dashscope.aliyuncs.com/v1"
WRONG = "https://coding-intl.dashscope.aliyuncs.com/compatible-mode/v1"


@pytest.mark.proves("OC302", "2026.3.2")
@pytest.mark.proves("OC302", "2026.9.6")
@pytest.mark.parametrize("version", ["2026.3.2", "2026.9.6"])
def test_a_wrong_path_is_repaired_and_taken_over_without_a_restart(lab: Lab, version: str) -> None:
    gateway = lab.openclaw(version)
    home = gateway.home
    lab.provider.stand_in_for_the_plan(lab.folder)
    write_private(home.config, home.config.read_text().replace(f"{lab.provider.url}/v1", WRONG))
    gateway.start()
    failed = gateway.turn()
    assert not failed.worked
    assert {(request.url, request.status) for request in failed.requests} == {(f"{WRONG}/chat/completions", 404)}
    started = gateway.identity()

    repaired = home.clawmend("repair")
    assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
    assert {rule for change in repaired.said["changes"] for rule in change["rules"]} >= {"OC302"}
    assert not repaired.said["restart"]["needed"]
    assert re.fullmatch(
        r"the gateway has taken it over by itself after \d+\.\d s", repaired.said["restart"]["reason"]
    ), repaired.said["restart"]
    home.transcript.say(repaired.said["restart"]["reason"])
    assert "/* Coding Plan, international */" in home.config.read_text()

    gateway.wait_for_reload()
    turn = gateway.turn()
    assert turn.worked, turn
    assert turn.routes == [(f"{RIGHT}/chat/completions", KEY)]
    assert gateway.identity() == started


REFUSED = {
    "2026.3.2": ('"gateway": {', '"gateway": {\n    "portt": 1,', "gateway: Unrecognized "),
    "2026.9.6": ('"agents": {', '"agents": {\n    "entries": { "main": {}, "helper": {} },', "agents.ownership: "),
}


@pytest.mark.parametrize("version", ["2026.3.2", "2026.9.6"])
def test_one_that_refuses_the_file_for_something_else_keeps_the_repair_until_that_is_mended(
    lab: Lab, version: str
) -> None:
    gateway = lab.openclaw(version)
    home = gateway.home
    lab.provider.stand_in_for_the_plan(lab.folder)
    write_private(home.config, home.config.read_text().replace(f"{lab.provider.url}/v1", WRONG))
    gateway.start()
    before, after, minded = REFUSED[version]
    wrong = home.config.read_text()
    assert wrong.count(before) == 1
    write_private(home.config, wrong.replace(before, after))
    wait_until(lambda: "config reload skipped" in gateway.tail(10**6), 60, "the gateway has refused the file")

    repaired = home.clawmend("repair", "--only", "OC302", "--only", "OC101")
    assert (repaired.code, repaired.verdict) == (1, "needs-you"), repaired
    assert not repaired.said["restart"]["needed"]
    note = repaired.said["note"]
    assert note.startswith("the gateway refuses openclaw.json as before, for something else; ")
    assert minded in note
    home.transcript.say(note)
    assert RIGHT in home.config.read_text()

    write_private(home.config, home.config.read_text().replace(after, before))
    gateway.wait_for_reload()
    turn = gateway.turn()
    assert turn.worked, turn
    assert turn.routes == [(f"{RIGHT}/chat/completions", KEY)]
