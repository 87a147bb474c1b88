"""`clawmend watch` as the process that it is, with the real inotify: repaired, told, reloaded, alone, ended."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from clawmend.loop.status import read_status
from repair.home import PLAN_URL, Home, cache
from support.watching import DAEMON, REPAIRED, Watch, broken, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these count inotify's watches")


@pytest.fixture
def watch(home: Home) -> Iterator[Callable[..., Watch]]:
    home.now = time.time()
    home.healthy()
    started: list[Watch] = []

    def one(*options: str) -> Watch:
        started.append(Watch(home, *options))
        return started[-1]

    yield one
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()


def test_what_is_broken_is_repaired_within_seconds_and_it_ends_at_once(watch: Callable[..., Watch], home: Home) -> None:
    watcher = watch().ready()
    status = watcher.status
    assert status is not None
    assert status.watched
    assert all(one.proven for one in status.watched), status.watched
    broken(home, "https://one.example.com/v1")
    assert until(lambda: home.models.read_text() == REPAIRED) < 5
    assert watcher.end() < 2
    last = read_status(str(home.state))
    assert last is not None
    assert last.stopped is not None
    assert last.last_repair is not None


def test_it_loads_no_library_that_it_has_no_use_for(watch: Callable[..., Watch]) -> None:
    watcher = watch().ready()
    with open(f"/proc/{watcher.process.pid}/maps", encoding="utf-8") as file:
        mapped = file.read()
    assert "libpython" in mapped or "python3" in mapped
    assert "libcrypto" not in mapped
    assert "libssl" not in mapped


def test_a_home_that_only_appears_later_is_watched(watch: Callable[..., Watch], home: Home) -> None:
    away = home.root / "away"
    os.rename(home.config.parent, away)
    watch().ready()
    (away / "agents/main/agent/models.json").write_text(cache("https://one.example.com/v1"))
    os.rename(away, home.config.parent)
    until(lambda: home.models.read_text() == REPAIRED)


def test_what_lies_in_the_way_of_an_agent_that_is_made_later(watch: Callable[..., Watch], home: Home) -> None:
    watch().ready()
    other = home.config.parent / "agents" / "later" / "agent" / "models.json"
    home.write(other, cache(), age=0)
    until(lambda: other.read_text() == REPAIRED)


def test_there_is_one_watcher_for_a_home(watch: Callable[..., Watch]) -> None:
    first = watch().ready()
    second = watch()
    assert second.process.wait(20) == 2
    assert f"already (process {first.process.pid})" in second.errors.read_text()


def test_another_state_folder_makes_no_second_watcher_and_hinders_no_command(
    watch: Callable[..., Watch], home: Home
) -> None:
    first = watch().ready()
    elsewhere = ("--state-dir", str(home.root / "elsewhere"))
    second = watch(*elsewhere)
    assert second.process.wait(20) == 2
    assert (
        f"another state folder watches {home.path} already (process {first.process.pid})" in second.errors.read_text()
    )
    clawmend = (
        sys.executable,
        "-m",
        "clawmend",
        *elsewhere,
        "--home",
        str(home.path),
        "--openclaw-version",
        "2026.3.2",
    )
    environment = {**os.environ, "PYTHONPATH": DAEMON}
    for command in (("check",), ("repair", "--no-restart"), ("check",)):
        assert subprocess.run([*clawmend, *command], env=environment, check=False).returncode == 0


def test_sighup_reads_the_settings_again_and_a_broken_file_changes_nothing(
    watch: Callable[..., Watch], home: Home
) -> None:
    path = home.path / ".config/clawmend/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text('[watch]\nmode = "auto"\n')
    path.chmod(0o600)
    watcher = watch().ready()
    path.write_text('[watch]\nmode = "report"\n')
    watcher.process.send_signal(signal.SIGHUP)
    until(lambda: watcher.status is not None and watcher.status.mode == "report")
    path.write_text('[watch]\nmode = "reprot"\n')
    watcher.process.send_signal(signal.SIGHUP)
    until(lambda: watcher.status is not None and "config.toml:2: watch.mode" in watcher.status.settings)
    assert watcher.status is not None
    assert watcher.status.mode == "report"
    broken(home, "https://one.example.com/v1")
    until(lambda: watcher.status is not None and bool(watcher.status.held))
    assert home.models.read_text() != REPAIRED


def test_what_a_pause_has_left_is_repaired_the_moment_it_ends(watch: Callable[..., Watch], home: Home) -> None:
    watcher = watch().ready()
    clawmend = (sys.executable, "-m", "clawmend", "--state-dir", str(home.state), "--home", str(home.path))
    environment = {**os.environ, "PYTHONPATH": DAEMON}
    subprocess.run([*clawmend, "pause"], env=environment, check=True)
    until(lambda: watcher.status is not None and "paused until" in watcher.status.paused, 5)
    broken(home, "https://one.example.com/v1")
    until(lambda: watcher.status is not None and bool(watcher.status.held))
    resumed = subprocess.run([*clawmend, "resume"], env=environment, check=True, stdout=subprocess.PIPE, text=True)
    assert "The watcher catches up now" in resumed.stdout
    assert until(lambda: home.models.read_text() == REPAIRED) < 5


def test_an_atomic_rename_again_and_again_is_seen_every_time(watch: Callable[..., Watch], home: Home) -> None:
    watcher = watch().ready()
    for _ in range(3_000):
        broken(home, PLAN_URL)  # as OpenClaw writes it: a new inode every time, and nothing wrong with it
    assert home.models.read_text() == cache(PLAN_URL)
    broken(home, "https://after.example.com/v1")
    until(lambda: home.models.read_text() == REPAIRED, 30)
    assert watcher.process.poll() is None


def test_standard_error_holds_no_key_and_the_log_is_private(watch: Callable[..., Watch], home: Home) -> None:
    watcher = watch("--format", "json").ready()
    broken(home, "https://one.example.com/v1")
    until(lambda: home.models.read_text() == REPAIRED)
    watcher.end()
    log = home.state / "logs" / "clawmend.log"
    text = watcher.errors.read_text() + log.read_text()
    assert "OC101" in text
    assert json.loads(home.config.read_text().split("apiKey: ")[1].split(",")[0]) not in text
    assert log.stat().st_mode & 0o777 == 0o600
