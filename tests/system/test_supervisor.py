"""Who runs a gateway process, from its control group and from what it comes from."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from clawmend.system import supervisor as module
from clawmend.system.services import Service
from clawmend.system.supervisor import FOREGROUND, Supervisor, supervisor_of

UNIT = "openclaw-gateway-work.service"
SERVICE = Service("systemd", UNIT, "", ())


@contextmanager
def child_of(*title: str) -> Iterator[int]:
    """A process whose parent has these words on its command line."""
    script = (
        "import subprocess, sys; child = subprocess.Popen(['sleep', '60']); print(child.pid, flush=True); "
        "sys.stdin.read(); child.kill()"
    )
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", script, *title], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.communicate("", timeout=10)


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever runs these tests, be it a container, is none of the gateway's."""
    monkeypatch.setattr(module, "_is_first_in_container", lambda: False)
    monkeypatch.setattr(module, "_control_group", lambda _pid: "")


def test_what_is_known_to_be_a_services_is() -> None:
    assert supervisor_of(os.getpid(), SERVICE, managed=True) == Supervisor("systemd", UNIT)


@pytest.mark.parametrize(
    ("group", "found"),
    [
        (
            "/user.slice/user-1000.slice/user@1000.service/app.slice/openclaw-gateway.service",
            ("openclaw-gateway.service", False),
        ),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/clawdbot.service/sub", ("clawdbot.service", False)),
        ("/system.slice/my-openclaw.service", ("my-openclaw.service", True)),
        ("/system.slice/cron.service", None),
        ("/user.slice/user-1000.slice/user@1000.service/tmux-spawn-1.scope", None),
        ("/user.slice/user-1000.slice/session-3.scope", None),
        ("/docker/0123456789abcdef", None),
        ("", None),
    ],
)
def test_a_control_group_names_a_unit_of_openclaws_or_none(
    group: str, found: tuple[str, bool] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_control_group", lambda _pid: group)
    monkeypatch.setattr(module, "_ancestors", lambda _pid: iter(()))
    expected = Supervisor("systemd", *found) if found else Supervisor(FOREGROUND)
    assert supervisor_of(os.getpid(), None, managed=False) == expected


@pytest.mark.parametrize(
    ("title", "manager"),
    [
        ("PM2 v5.4.2: God Daemon (/home/user/.pm2)", "pm2"),
        ("/usr/bin/supervisord", "supervisord"),
        ("s6-supervise gateway", "s6 or runit"),
        ("/usr/bin/tini -- node", "container"),
        ("tmux: server", FOREGROUND),
        ("-bash", FOREGROUND),
    ],
)
def test_what_a_process_comes_from_tells_who_runs_it(title: str, manager: str) -> None:
    with child_of(title) as pid:
        assert supervisor_of(pid, SERVICE, managed=False) == Supervisor(manager)


def test_a_process_that_is_gone_is_nobodys() -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    assert supervisor_of(process.pid, None, managed=False) == Supervisor(FOREGROUND)


def test_a_parent_that_may_not_be_looked_at_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: psutil.Process) -> list[str]:
        raise psutil.AccessDenied(1)

    with child_of("pm2/lib/Daemon.js") as pid:
        monkeypatch.setattr(psutil.Process, "cmdline", refuse)
        assert supervisor_of(pid, None, managed=False) == Supervisor(FOREGROUND)


def test_in_a_container_the_container_runs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_is_first_in_container", lambda: True)
    with child_of("sh") as pid:
        assert supervisor_of(pid, None, managed=False) == Supervisor("container")


def test_a_real_control_group_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    written = Path(f"/proc/{os.getpid()}/cgroup")
    if not written.exists():
        pytest.skip("only Linux tells the control group of a process")
    group = module._control_group(os.getpid())
    assert group == "" or f":{group}\n" in written.read_text()
    assert module._control_group(2**22 + 1) == ""
    assert module._is_first_in_container() in {True, False}
