"""The watcher where it is hard: storms beside it, no watches to be had, lost events, folders exchanged, editors."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faults.figures import note
from repair.home import PLAN_URL, Home, cache
from support.watching import REPAIRED, Watch, broken, until

pytestmark = [pytest.mark.faults, pytest.mark.skipif(sys.platform != "linux", reason="these are about inotify")]

Start = Callable[..., Watch]
# The sweep is an hour away, and finds nothing here: an event has found it, or what stands in for lost ones.
SWEEP = 3600.0
SOON, AT_ONCE = 15.0, 5.0
# Writes a second: what the storm is paced at, and what it must have reached on a busy machine to be called one.
STORM, LEAST_STORM = 5_000, 2_000
_STORM = """
import sys, time
folders, pace = sys.argv[2:], 50 / float(sys.argv[1])
count, begun = 0, time.monotonic()
while True:
    for _ in range(50):
        with open(f"{folders[count % len(folders)]}/{count % 500}.jsonl", "w") as file:
            file.write("x")
        count += 1
    if count % 1000 == 0:
        print(count, flush=True)
    time.sleep(max(0.0, begun + count / 50 * pace - time.monotonic()))
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home in order, a port that nobody answers on, and a sweep that is far away."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        home = Home(tmp_path, holder.getsockname()[1], now=time.time()).healthy()
        settings = home.path / ".config/clawmend/config.toml"
        home.write(settings, f"[watch]\nsweep = {SWEEP:g}\n")
        yield home


@pytest.fixture
def start(home: Home) -> Iterator[Start]:
    started: list[Watch] = []

    def one(*options: str, through: tuple[str, ...] = ()) -> Watch:
        started.append(Watch(home, *options, through=through))
        return started[-1]

    yield one
    for each in started:
        each.kill()


@contextlib.contextmanager
def storm(home: Home, per_second: int) -> Iterator[Callable[[], float]]:
    """Another process writes into sessions and a workspace; how many times a second it has until now, can be asked."""
    folders = [home.config.parent / "agents/main/sessions", home.config.parent / "workspace"]
    for folder in folders:
        folder.mkdir(exist_ok=True)
    output = home.root / "storm.out"
    with output.open("wb") as out:
        command = [sys.executable, "-c", _STORM, str(per_second), *map(str, folders)]
        process = subprocess.Popen(command, stdout=out)

    def written() -> int:
        assert process.poll() is None, "the storm is over"
        return int(output.read_text().splitlines()[-1])

    try:
        until(lambda: output.stat().st_size > 0)
        before, begun = written(), time.monotonic()
        yield lambda: (written() - before) / (time.monotonic() - begun)
    finally:
        process.kill()
        process.wait()


def repaired(home: Home, seconds: float) -> float:
    return until(lambda: home.models.exists() and home.models.read_text() == REPAIRED, seconds)


def held(watcher: Watch) -> str:
    status = watcher.status
    return status.held[0].reason if status is not None and status.held else ""


def receipts(home: Home) -> list[dict[str, object]]:
    path = home.state / "history.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


class TestStorms:
    def test_thousands_of_writes_where_nobody_looks_cost_nothing_and_hide_no_fault(
        self, home: Home, start: Start
    ) -> None:
        watcher = start().ready()
        with storm(home, STORM) as rate:
            used, begun = watcher.processor, time.monotonic()
            time.sleep(8)
            share = (watcher.processor - used) / (time.monotonic() - begun)
            assert share < 0.03
            times = []
            for number in range(3):
                broken(home, f"https://storm{number}.example.com/v1")
                times.append(repaired(home, SOON))
            reached = rate()
        note(
            f"watcher, {reached:.0f} unrelated writes a second: {share:.2%} of a processor, repaired after "
            + ", ".join(f"{one:.1f} s" for one in times)
        )
        assert reached >= LEAST_STORM
        assert watcher.end() < 2

    def test_ten_thousand_folders_of_a_workspace_cost_no_watch(self, home: Home, start: Start) -> None:
        workspace = home.config.parent / "workspace"
        for number in range(10_000):
            os.makedirs(workspace / f"{number % 100}" / f"{number}")
        watcher = start().ready()
        status = watcher.status
        assert status is not None
        assert all(one.proven for one in status.watched)
        assert watcher.watches == len(status.watched) + 1  # and our own state folder, for the canary
        assert watcher.watches < 20
        note(f"watcher, 10,000 folders in the workspace: {watcher.watches} watches, {watcher.memory:.0f} MiB")


class TestWithoutEnoughWatches:
    def limited(self, what: str, most: int) -> tuple[str, ...]:
        """A command that has another one run where no more than so many watches or instances are to be had."""
        script = f'echo "$0" > /proc/sys/user/max_inotify_{what} && exec "$@"'
        through = ("unshare", "--user", "--map-root-user", "sh", "-c", script, str(most))
        if shutil.which("unshare") is None:
            pytest.skip("there is no unshare here")
        tried = subprocess.run([*through, "true"], capture_output=True, text=True, check=False)
        if tried.returncode != 0:
            pytest.skip(f"no user namespace with a limit of its own here: {tried.stderr.strip()[:200]}")
        return through

    @pytest.mark.parametrize(("what", "most"), [("watches", 0), ("watches", 3), ("instances", 0)])
    def test_it_says_so_and_repairs_all_the_same(self, home: Home, start: Start, what: str, most: int) -> None:
        watcher = start(through=self.limited(what, most)).ready()
        status = watcher.status
        assert status is not None
        assert any(f"raise fs.inotify.max_user_{what}" in one.problem for one in status.watched), status.watched
        for number in range(2):
            broken(home, f"https://limit{number}.example.com/v1")
            took = repaired(home, 20)
        note(f"watcher with {most} {what}: repaired by polling after {took:.1f} s")
        assert watcher.end() < 2


class TestLostEvents:
    def test_a_queue_that_ran_over_is_made_up_for(self, home: Home, start: Start) -> None:
        watcher = start().ready()
        os.kill(watcher.process.pid, signal.SIGSTOP)
        most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
        one, other = home.agent / "one", home.agent / "other"
        one.write_text("x")
        for _ in range(most // 4 + 1_000):  # each makes four events
            os.rename(one, other)
            os.rename(other, one)
        broken(home, "https://lost.example.com/v1")
        os.kill(watcher.process.pid, signal.SIGCONT)
        took = repaired(home, SOON)
        note(f"watcher, queue of {most} events run over while it was stopped: repaired {took:.1f} s after it went on")
        assert "overflow" not in watcher.errors.read_text()
        assert watcher.end() < 2

    def test_a_folder_in_the_place_of_another_is_watched_and_repaired(self, home: Home, start: Start) -> None:
        watcher = start().ready()
        for number in range(3):
            away = home.root / f"away{number}"
            new = home.root / f"new{number}"
            shutil.copytree(home.agent, new)
            (new / "models.json").write_text(cache(f"https://copy{number}.example.com/v1"))
            os.rename(home.agent, away)
            os.rename(new, home.agent)
            repaired(home, SOON)
            broken(home, f"https://after{number}.example.com/v1")
            repaired(home, AT_ONCE)
            assert (away / "models.json").read_text() != cache(PLAN_URL) or number == 0
        status = watcher.status
        assert status is not None
        assert all(one.proven for one in status.watched)
        assert watcher.watches == len(status.watched) + 1


WRONG = ('/v1"', '/v1 "')  # a person has typed a blank too many


class TestEditors:
    """What editors do on the disk when a person saves openclaw.json with a mistake in it that we could mend."""

    def halves(self, home: Home) -> tuple[str, str, str]:
        text = home.config.read_text()
        wrong = text.replace(*WRONG)
        assert wrong != text
        return text, wrong[: len(wrong) // 2], wrong[len(wrong) // 2 :]

    def looked(self, watcher: Watch) -> None:
        """Have it look now, whatever it thinks of it."""
        before = watcher.status
        assert before is not None
        watcher.process.send_signal(signal.SIGHUP)
        time.sleep(2.5)  # longer than a malformed file is given to settle

    def left_alone(self, home: Home, watcher: Watch, expected: str) -> None:
        self.looked(watcher)
        assert home.config.read_text() == expected
        assert not [one for one in receipts(home) if one["mended"]]

    def mended(self, home: Home, before: str, seconds: float) -> None:
        until(lambda: any(one["mended"] for one in receipts(home)), seconds)
        assert home.config.read_text() == before
        told = {fault["rule"] for one in receipts(home) for fault in [*one["left"], *one["mended"]]}  # type: ignore[misc]
        assert told == {"OC302"}, "it was judged half written"

    def test_vim(self, home: Home, start: Start) -> None:
        before, first, second = self.halves(home)
        watcher = start().ready()
        folder, swap = home.config.parent, home.config.with_name(".openclaw.json.swp")
        swap.write_bytes(b"b0VIM 9.1" + bytes(4087))
        (folder / "4913").write_text("")
        (folder / "4913").unlink()
        backup = folder / "openclaw.json~"
        os.rename(home.config, backup)
        with home.config.open("w") as file:
            os.chmod(home.config, 0o600)
            file.write(first)
            file.flush()
            self.left_alone(home, watcher, first)
            file.write(second)
        backup.unlink()
        self.left_alone(home, watcher, first + second)
        assert "open in an editor" in held(watcher)
        swap.unlink()
        self.mended(home, before, AT_ONCE)

    def test_nano(self, home: Home, start: Start) -> None:
        before, first, second = self.halves(home)
        watcher = start().ready()
        with home.config.open("w") as file:
            file.write(first)
            file.flush()
            self.left_alone(home, watcher, first)
            file.write(second)
            file.flush()
            self.left_alone(home, watcher, first + second)
        self.mended(home, before, SOON)

    @pytest.mark.parametrize("atomic", [False, True])
    def test_vs_code(self, home: Home, start: Start, atomic: bool) -> None:
        before, first, second = self.halves(home)
        watcher = start().ready()
        target = home.config.with_name("openclaw.json.vsctmp") if atomic else home.config
        with target.open("w") as file:
            os.chmod(target, 0o600)
            file.write(first)
            file.flush()
            self.left_alone(home, watcher, before if atomic else first)
            file.write(second)
        if atomic:
            os.rename(target, home.config)
        self.mended(home, before, SOON)

    def test_emacs(self, home: Home, start: Start) -> None:
        before, first, second = self.halves(home)
        watcher = start().ready()
        lock, own = home.config.with_name(".#openclaw.json"), home.config.with_name("#openclaw.json#")
        lock.symlink_to("ana@laptop.4711:1795887358")
        own.write_text(first)
        self.left_alone(home, watcher, before)
        os.rename(home.config, home.config.with_name("openclaw.json~"))
        home.config.write_text(first + second)
        home.config.chmod(0o600)
        self.left_alone(home, watcher, first + second)
        assert "open in an editor" in held(watcher)
        own.unlink()
        lock.unlink()
        self.mended(home, before, AT_ONCE)
