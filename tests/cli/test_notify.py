"""`clawmend notify`: each channel tried and told, what waits, and no token anywhere."""

from pathlib import Path

import pytest

from clawmend.cli.app import Settings
from clawmend.core.event import Event
from clawmend.core.notices import Notice
from clawmend.core.notify_options import Target
from clawmend.system.channels import RealSender
from clawmend.system.outbox import Outbox
from cli.run import CommandLine
from repair.home import Home

TOKEN = "tk0secret0token0123456789"


@pytest.fixture
def config(home: Home) -> Path:
    path = home.path / ".config/clawmend/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(f'[notify]\ntargets = ["good://{TOKEN}/x", "bad://{TOKEN}/y"]\n')
    path.chmod(0o600)
    return path


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    got: list[tuple[str, str]] = []

    def send(_self: RealSender, target: Target, title: str, _body: str, _event: Event | None) -> str | None:
        got.append((target.name, title))
        return "it is down" if target.name.startswith("bad") else None

    monkeypatch.setattr(RealSender, "send", send)
    return got


@pytest.fixture
def waiting(home: Home, config: Path) -> None:
    """One message for both channels."""
    del config
    marks = [target.mark for target in Settings().configuration().checked_notify().targets]
    notice = Notice("k", Event.NEEDS_YOU, home.now, "clawmend needs you", ("one",))
    Outbox(str(home.state)).put([notice], marks, frozenset(Event), home.now)


@pytest.mark.usefixtures("config")
def test_a_test_goes_to_every_channel_and_each_is_told(clawmend: CommandLine, sent: list[tuple[str, str]]) -> None:
    run = clawmend("notify", "test")
    assert run.code == 1
    assert run.out == "good 1: sent\nbad 2: not sent: it is down\n"
    assert [name for name, _ in sent] == ["good 1", "bad 2"]
    document = clawmend("notify", "test", "--json").json
    assert [(one["channel"], one["ok"]) for one in document["channels"]] == [("good 1", True), ("bad 2", False)]


def test_without_a_channel_there_is_nothing_to_test(clawmend: CommandLine) -> None:
    run = clawmend("notify", "test")
    assert run.code == 2
    assert "no channel is configured" in run.err


@pytest.mark.usefixtures("waiting")
def test_what_waits_is_sent_once_and_the_list_tells(clawmend: CommandLine, sent: list[tuple[str, str]]) -> None:
    assert "waiting" in clawmend("notify", "list").out
    run = clawmend("notify", "send", "--json")
    assert run.code == 1
    assert [(one["channel"], one["problem"]) for one in run.json["sent"]] == [("good 1", None), ("bad 2", "it is down")]
    assert clawmend("notify", "send").out == "Nothing is due.\n"
    assert len(sent) == 2
    out = clawmend("notify", "list").out
    assert "good 1: sent" in out
    assert "bad 2: waiting: it is down" in out
    assert TOKEN not in out
    (message,) = clawmend("notify", "list", "--json").json["messages"]
    assert [one["fate"] for one in message["channels"]] == ["sent", "waiting"]


@pytest.mark.usefixtures("waiting")
def test_a_channel_that_is_gone_is_named_as_such(clawmend: CommandLine, config: Path) -> None:
    config.write_text("")
    assert "a channel that is no longer configured: waiting" in clawmend("notify", "list").out


def test_nothing_to_tell(clawmend: CommandLine) -> None:
    assert clawmend("notify", "list").out == "There was nothing to tell yet.\n"
    assert clawmend("notify", "send").out == "Nothing is due.\n"


@pytest.mark.usefixtures("config")
def test_the_settings_show_names_and_no_address(clawmend: CommandLine) -> None:
    run = clawmend("config", "show")
    assert "notify.targets          good 1, bad 2" in run.out
    assert TOKEN not in run.out
    assert clawmend("config", "show", "--json").json["notify"]["targets"] == ["good 1", "bad 2"]
