"""Whether it is the gateway itself that listens on its port."""

import os
import socket
import sys
from contextlib import closing
from pathlib import Path

import pytest

from clawmend.core.gateway import Holder
from clawmend.system import gateway, port_holder
from clawmend.system.files import RealFiles
from clawmend.system.gateway import find_holder
from clawmend.system.homes import StateFolder
from clawmend.system.port_holder import listening as ports_of
from system.fakes import listening

FILES = RealFiles()


@pytest.fixture(params=["linux", "elsewhere"])
def _platform(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "elsewhere":
        monkeypatch.setattr(port_holder.sys, "platform", "darwin")
    elif not sys.platform.startswith("linux"):
        pytest.skip("only Linux has /proc")


@pytest.mark.usefixtures("_platform")
@pytest.mark.parametrize(
    ("address", "reached"),
    [("127.0.0.1", "127.0.0.1"), ("", "127.0.0.1"), ("127.0.0.2", "127.0.0.2"), ("::1", "::1"), ("::", "127.0.0.1")],
)
def test_a_process_listens_on_its_own_port_and_on_no_other(address: str, reached: str, tmp_path: Path) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        server = socket.create_server((address, 0), family=family)
    except OSError:
        pytest.skip("there is no IPv6 here")
    with closing(server), listening(tmp_path, {}) as child:
        ours, theirs = ports_of(os.getpid()), ports_of(child.pid)
        assert ours is not None
        assert ours[server.getsockname()[1]] == reached
        assert child.port not in ours
        assert theirs == {child.port: "127.0.0.1"}


@pytest.mark.usefixtures("_platform")
def test_of_one_port_on_two_addresses_loopback_is_the_way() -> None:
    with closing(socket.create_server(("127.0.0.2", 0))) as first:
        port = first.getsockname()[1]
        with closing(socket.create_server(("127.0.0.1", port))), closing(socket.create_server(("127.0.0.3", port))):
            ours = ports_of(os.getpid())
            assert ours is not None
            assert ours[port] == "127.0.0.1"


@pytest.mark.usefixtures("_platform")
def test_of_a_process_that_is_gone_nobody_knows() -> None:
    assert ports_of(2**22 + 1) is None


@pytest.mark.parametrize(("tables", "known"), [(("/nowhere",), False), (("/proc/net/tcp", "/nowhere"), True)])
def test_without_a_table_of_sockets_nobody_knows(
    tables: tuple[str, ...], known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(port_holder, "_TABLES", tables)
    monkeypatch.setattr(port_holder.sys, "platform", "linux")
    assert (ports_of(os.getpid()) is not None) is known


def test_a_stranger_on_the_port_is_named(tmp_path: Path) -> None:
    folder = StateFolder(str(tmp_path / ".openclaw"), str(tmp_path / ".openclaw" / "openclaw.json"))
    with listening(tmp_path, {"HOME": str(tmp_path)}, "some-server") as child:
        found = find_holder(folder, child.port, None, FILES)
        assert found is not None
        assert found.pid == child.pid
        assert found.name
    assert find_holder(folder, child.port, None, FILES) is None


def test_the_gateway_of_the_folder_itself_holds_nothing_back(tmp_path: Path) -> None:
    folder = StateFolder(str(tmp_path / ".openclaw"), str(tmp_path / ".openclaw" / "openclaw.json"))
    (tmp_path / ".openclaw").mkdir()
    with listening(tmp_path, {"HOME": str(tmp_path)}) as child:
        assert find_holder(folder, child.port, None, FILES) is None


def test_a_stranger_that_may_not_be_seen_is_one_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = StateFolder(str(tmp_path), str(tmp_path / "openclaw.json"))
    monkeypatch.setattr(gateway, "_listener", lambda _port: None)
    with closing(socket.create_server(("127.0.0.1", 0))) as ours:
        assert find_holder(folder, ours.getsockname()[1], None, FILES) == Holder(None, None)


def test_a_stranger_that_ends_meanwhile_has_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = StateFolder(str(tmp_path), str(tmp_path / "openclaw.json"))
    monkeypatch.setattr(gateway, "_listener", lambda _port: 2**22 + 1)
    with closing(socket.create_server(("127.0.0.1", 0))) as ours:
        assert find_holder(folder, ours.getsockname()[1], None, FILES) == Holder(2**22 + 1, None)
