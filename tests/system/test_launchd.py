"""Conversations with launchctl as they were recorded, its races included. What it says decides, not what we hope."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from clawmend.system.launchd import restart_agent, start_agent
from clawmend.system.services import Service
from system.fakes import FakeClock, stub

PLIST = "/Users/u/Library/LaunchAgents/ai.openclaw.gateway.plist"
AGENT = Service("launchd", "ai.openclaw.gateway", PLIST, ())
DOMAIN = f"gui/{os.getuid()}"
TARGET = f"{DOMAIN}/ai.openclaw.gateway"
LOADED = (0, f"{TARGET} = {{\n\tstate = running\n\tpid = 501\n}}")
ABSENT = (113, 'Bad request.\nCould not find service "ai.openclaw.gateway" in domain for user gui: 501')
BUSY = (5, "Bootstrap failed: 5: Input/output error\nTry re-running the command as root for richer errors.")
IN_PROGRESS = (37, "Bootstrap failed: 37: Operation already in progress")
NO_SESSION = (125, "Bootstrap failed: 125: Domain does not support specified action")
DONE = (0, "")
PRINT, BOOTSTRAP, KICK = f"print {TARGET}", f"bootstrap {DOMAIN} {PLIST}", f"kickstart {TARGET}"
KILL = f"kickstart -k {TARGET}"
THERE_AFTER_ALL = [(PRINT, LOADED), (KICK, DONE)]

Conversation = list[tuple[str, tuple[int, str]]]
Play = Callable[[Conversation], Callable[[], list[str]]]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """A launchctl that gives the recorded answers in their order, and none to anything beyond them."""

    def played(conversation: Conversation) -> Callable[[], list[str]]:
        for number, (_, (code, text)) in enumerate(conversation, 1):
            (tmp_path / f"answer{number}").write_text(text)
            (tmp_path / f"code{number}").write_text(str(code))
        stub(
            tmp_path / "bin",
            "launchctl",
            f'cd {tmp_path}; echo "$*" >> calls; n=$(wc -l < calls); cat "answer$n" >&2; exit "$(cat code$n)"',
        )
        monkeypatch.setenv("PATH", f"{tmp_path}/bin", prepend=os.pathsep)
        return lambda: (tmp_path / "calls").read_text().splitlines()

    return played


@pytest.mark.parametrize(
    ("ask", "conversation", "refusal"),
    [
        (restart_agent, [(PRINT, LOADED), (KILL, DONE)], None),
        (restart_agent, [(PRINT, ABSENT), (PRINT, ABSENT), (BOOTSTRAP, DONE)], None),
        (start_agent, [(PRINT, LOADED), (KICK, DONE)], None),
        (start_agent, [(PRINT, ABSENT), (BOOTSTRAP, DONE)], None),
        (start_agent, [(PRINT, ABSENT), (BOOTSTRAP, IN_PROGRESS), (KICK, DONE)], None),
        # Booted out a moment ago: it is torn down still, then it is gone, and the second try works.
        (start_agent, [(PRINT, ABSENT), (BOOTSTRAP, BUSY), (PRINT, LOADED), (PRINT, ABSENT), (BOOTSTRAP, DONE)], None),
        # It never works, and the agent is there all the same: somebody else has loaded it.
        (
            start_agent,
            [
                (PRINT, ABSENT),
                *[(BOOTSTRAP, BUSY), (PRINT, ABSENT)] * 4,
                (BOOTSTRAP, BUSY),
                (PRINT, LOADED),
                (KICK, DONE),
            ],
            None,
        ),
        (
            start_agent,
            [(PRINT, ABSENT), *[(BOOTSTRAP, BUSY), (PRINT, ABSENT)] * 5],
            f"launchctl bootstrap {DOMAIN} {PLIST} failed with error 5; start it by hand",
        ),
        (
            start_agent,
            [(PRINT, ABSENT), (BOOTSTRAP, NO_SESSION), (PRINT, ABSENT)],
            f"launchctl bootstrap {DOMAIN} {PLIST} failed with error 125; start it by hand",
        ),
        (
            restart_agent,
            [(PRINT, LOADED), (KILL, (1, "Could not kickstart service"))],
            f"launchctl kickstart -k {TARGET} failed with error 1; start it by hand",
        ),
    ],
)
def test_a_recorded_conversation(
    play: Play, ask: Callable[[Service, FakeClock], str | None], conversation: Conversation, refusal: str | None
) -> None:
    calls = play(conversation)
    assert ask(AGENT, FakeClock()) == refusal
    assert calls() == [asked for asked, _ in conversation]


def test_the_pauses_between_the_tries_grow(play: Play) -> None:
    play([(PRINT, ABSENT), *[(BOOTSTRAP, BUSY), (PRINT, ABSENT)] * 5])
    clock = FakeClock()
    start_agent(AGENT, clock)
    assert clock.slept == [1.0, 2.0, 4.0, 8.0]


def test_one_that_is_torn_down_for_ever_is_not_waited_for_for_ever(play: Play) -> None:
    play(
        [
            (PRINT, ABSENT),
            *[(BOOTSTRAP, BUSY), *[(PRINT, LOADED)] * 21] * 4,
            (BOOTSTRAP, BUSY),
            (PRINT, LOADED),
            (KICK, DONE),
        ]
    )
    clock = FakeClock()
    assert start_agent(AGENT, clock) is None
    assert sum(clock.slept) == 4 * 10 + 15


def test_a_mac_without_launchctl_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert start_agent(AGENT, FakeClock()) == f"launchctl bootstrap {DOMAIN} {PLIST} did not answer; start it by hand"
