"""Where a state folder's log lies, and what of it is evidence for that folder."""

import os
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clawmend.core.attribution import Log
from clawmend.core.evidence import NOTHING, Evidence, Kind
from clawmend.system import gateway_log, log_file, log_readers
from clawmend.system.gateway_log import evidence_for, log_files
from clawmend.system.homes import StateFolder
from clawmend.system.log_reader import LogReader
from clawmend.system.log_readers import LogReaders
from support.clock import NOW
from support.generated_documents import certain
from support.logs import RUN, cooldown, lane_error, line, refusal

DAY = 86400.0
TODAY, YESTERDAY = "2026-11-24", "2026-11-23"
ME = os.getuid()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which nothing has a log yet."""
    folder = tmp_path / "tmp"
    folder.mkdir(mode=0o700)
    monkeypatch.setattr(gateway_log, "PREFERRED", str(folder / "openclaw"))
    for name in ("TMPDIR", "TMP", "TEMP"):
        monkeypatch.setenv(name, str(folder))
    return folder


@pytest.fixture
def home(tmp_path: Path, temporary: Path) -> Path:
    del temporary
    folder = tmp_path / "home"
    (folder / ".openclaw").mkdir(parents=True)
    return folder


@pytest.fixture
def folder(home: Path) -> StateFolder:
    return _folder(home, ".openclaw")


def _folder(home: Path, name: str, profile: str | None = None) -> StateFolder:
    (home / name).mkdir(exist_ok=True)
    return StateFolder(str(home / name), str(home / name / "openclaw.json"), profile)


def _log(temporary: Path, *lines: str, day: str = TODAY, name: str = "openclaw", place: str = "openclaw") -> Path:
    folder = temporary / place
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{name}-{day}.log"
    with path.open("a") as file:
        file.writelines(f"{each}\n" for each in lines)
    path.chmod(0o600)
    return path


def _evidence(folder: StateFolder, everyone: list[StateFolder] | None = None, **more: object) -> Evidence:
    settings = more.pop("settings", {})
    environment = more.pop("environment", {})
    assert isinstance(settings, dict)
    assert isinstance(environment, dict)
    readers = more.pop("readers", None)
    assert readers is None or isinstance(readers, LogReaders)
    return evidence_for(folder, settings, environment, everyone or [folder], NOW, readers)


class TestWhere:
    def _paths(
        self, folder: StateFolder, settings: object = None, environment: dict[str, str] | None = None
    ) -> list[str]:
        files = log_files(folder, {"logging": {"file": settings}}, environment or {}, ME, NOW)
        assert not isinstance(files, str)
        return [file.path for file in files]

    def test_without_a_folder_there_is_none(self, folder: StateFolder) -> None:
        assert self._paths(folder) == []
        assert _evidence(folder) == NOTHING

    def test_the_dates_of_any_time_zone_the_oldest_first(self, folder: StateFolder, temporary: Path) -> None:
        (temporary / "openclaw").mkdir(mode=0o700)
        names = [os.path.basename(path) for path in self._paths(folder)]
        assert names == [f"openclaw-2026-11-{day}.log" for day in (22, 23, 24, 25)]

    def test_a_log_that_is_named_by_a_day_has_its_place_among_the_days(self, folder: StateFolder, home: Path) -> None:
        named = f"{home}/openclaw-{TODAY}.log"
        files = log_files(folder, {"logging": {"file": named}}, {}, ME, NOW)
        assert [file.path for file in files] == sorted(file.path for file in files)
        assert named in {file.path for file in files}

    def test_the_own_folder_where_the_common_one_is_not_ours(self, folder: StateFolder, temporary: Path) -> None:
        (temporary / "openclaw").mkdir()
        (temporary / "openclaw").chmod(0o777)
        assert self._paths(folder) == []
        own = temporary / f"openclaw-{ME}"
        own.mkdir(mode=0o700)
        assert self._paths(folder)[0] == f"{own}/openclaw-2026-11-22.log"
        other = temporary / "gateways"
        (other / f"openclaw-{ME}").mkdir(mode=0o700, parents=True)
        paths = self._paths(folder, environment={"TMPDIR": f"{other}/"})
        assert [os.path.dirname(path) for path in paths[::4]] == [f"{other}/openclaw-{ME}", str(own)]

    def test_a_profile_may_have_a_log_of_its_own(self, home: Path, temporary: Path) -> None:
        (temporary / "openclaw").mkdir(mode=0o700)
        names = [os.path.basename(path) for path in self._paths(_folder(home, ".openclaw-My_dev-1", "My_dev-1"))]
        assert f"openclaw-{TODAY}.log" in names
        assert f"openclaw--1my-0dev--1-{TODAY}.log" in names

    def test_the_settings_name_a_file(self, folder: StateFolder, home: Path) -> None:
        assert self._paths(folder, " /var/log/oc.log ") == ["/var/log/oc.log"]
        assert self._paths(folder, "~/oc.log") == [f"{home}/oc.log"]
        assert self._paths(folder, "~/oc.log", {"HOME": "/h"}) == ["/h/oc.log"]
        assert self._paths(folder, "~/oc.log", {"HOME": "/h", "OPENCLAW_HOME": "/o"}) == ["/o/oc.log"]

    @pytest.mark.parametrize("name", ["openclaw-2026-01-01.log", "openclaw-YYYY-MM-DD.log"])
    def test_a_file_that_is_named_with_a_date_rolls_on(self, folder: StateFolder, name: str) -> None:
        days = [f"/v/openclaw-2026-11-{day}.log" for day in (22, 23, 24, 25)]
        assert self._paths(folder, f"/v//{name}") == sorted([f"/v/{name}", *days])

    @pytest.mark.parametrize("value", ["", "  ", 5, None])
    def test_a_setting_that_is_none_changes_nothing(self, folder: StateFolder, temporary: Path, value: object) -> None:
        (temporary / "openclaw").mkdir(mode=0o700)
        assert len(self._paths(folder, value)) == 4

    @pytest.mark.parametrize("name", ["logs/oc.log", "${LOG_DIR}/oc.log"])
    def test_a_place_that_only_the_gateway_knows_is_a_problem(self, folder: StateFolder, name: str) -> None:
        evidence = _evidence(folder, settings={"logging": {"file": name}})
        assert (
            evidence.problem == f"logging.file in {folder.config} is {name}, and where that lies only the gateway knows"
        )
        assert not evidence.covers(NOW - 1)


class TestEvidence:
    def test_a_refusal_with_the_credential_that_was_refused(self, folder: StateFolder, temporary: Path) -> None:
        _log(temporary, line("gateway ready", time=NOW - 500), refusal(NOW - 60), cooldown(NOW - 59))
        evidence = _evidence(folder)
        (refused,) = evidence.refused("bailian", NOW - 100)
        assert refused.profile == "sha256:c065cc3d1b5b"
        assert evidence.covers(NOW - 500)
        assert not evidence.covers(NOW - 501)
        assert evidence.problem is None

    def test_a_log_that_is_there_and_empty_proves_nothing(self, folder: StateFolder, temporary: Path) -> None:
        _log(temporary)
        assert _evidence(folder) == NOTHING

    def test_yesterdays_log_goes_before_todays(self, folder: StateFolder, temporary: Path) -> None:
        _log(temporary, refusal(NOW - DAY), day=YESTERDAY)
        _log(temporary, line("Config observe anomaly: ~/.openclaw/openclaw.json (x)", time=NOW - 5))
        evidence = _evidence(folder)
        assert [event.kind for event in evidence.events] == [Kind.AUTH, Kind.CONFIG_ANOMALY]
        assert evidence.since == NOW - DAY

    def test_what_todays_log_lacks_yesterdays_does_not_mend(self, folder: StateFolder, temporary: Path) -> None:
        _log(temporary, refusal(NOW - DAY), day=YESTERDAY)
        path = _log(temporary, line("x", time=NOW - 5))
        path.with_name(f"openclaw-{TODAY}.1.log").write_text("rotated")
        evidence = _evidence(folder)
        assert [event.time for event in evidence.events] == [NOW - DAY]
        assert evidence.since == NOW - 5

    def test_a_log_that_cannot_be_read_is_a_problem_and_the_others_count(
        self, folder: StateFolder, temporary: Path
    ) -> None:
        _log(temporary, refusal(NOW - DAY), day=YESTERDAY)
        (temporary / "openclaw" / f"openclaw-{TODAY}.log").mkdir()
        evidence = _evidence(folder)
        assert evidence.problem == f"{temporary}/openclaw/openclaw-{TODAY}.log is a directory"
        assert len(evidence.events) == 1
        assert evidence.since == NOW

    def test_a_line_of_another_clock_does_not_count_for_ever(self, folder: StateFolder, temporary: Path) -> None:
        _log(temporary, refusal(NOW - 1), refusal(NOW + 3600))
        assert [event.time for event in _evidence(folder).events] == [NOW - 1]

    def test_a_state_folder_that_is_gone(self, home: Path, temporary: Path) -> None:
        _log(temporary, refusal())
        assert _evidence(StateFolder(str(home / "gone"), "x")) == NOTHING

    def test_the_settings_name_the_only_log_that_counts(self, folder: StateFolder, home: Path, temporary: Path) -> None:
        _log(temporary, refusal(NOW - 60))
        own = home / "oc.log"
        own.write_text(refusal(NOW - 30) + "\n")
        own.chmod(0o600)
        evidence = _evidence(folder, settings={"logging": {"file": "~/oc.log"}})
        assert [event.time for event in evidence.events] == [NOW - 30]

    def test_one_look_writes_nothing(self, folder: StateFolder, temporary: Path, tmp_path: Path) -> None:
        path = _log(temporary, refusal())
        before = {each: each.lstat().st_mtime_ns for each in tmp_path.rglob("*")}
        data = path.read_bytes()
        assert _evidence(folder).events
        assert {each: each.lstat().st_mtime_ns for each in tmp_path.rglob("*")} == before
        assert path.read_bytes() == data


class TestWhose:
    def test_two_folders_share_what_names_nobody_with_nobody(
        self, folder: StateFolder, home: Path, temporary: Path
    ) -> None:
        dev = _folder(home, ".openclaw-dev", "dev")
        _log(temporary, refusal(), lane_error(_no_key(f"{home}/.openclaw-dev")))
        evidence = _evidence(folder, [folder, dev])
        assert evidence.events == ()
        assert not evidence.covers(NOW - 1)
        assert [event.kind for event in _evidence(dev, [folder, dev]).events] == [Kind.NO_KEY]

    def test_a_log_of_a_profile_is_that_profiles(self, folder: StateFolder, home: Path, temporary: Path) -> None:
        dev = _folder(home, ".openclaw-dev", "dev")
        _log(temporary, refusal(), name="openclaw-dev")
        assert len(_evidence(dev, [folder, dev]).events) == 1
        assert _evidence(folder, [folder, dev]).events == ()

    def test_another_home_in_the_same_log(self, folder: StateFolder, temporary: Path) -> None:
        _log(temporary, refusal())
        assert len(_evidence(folder).events) == 1
        _log(temporary, lane_error(_no_key("/srv/lab/.openclaw")))
        assert _evidence(folder).events == ()

    def test_a_folder_may_be_called_by_its_real_path(self, home: Path, tmp_path: Path, temporary: Path) -> None:
        (tmp_path / "data").mkdir()
        (home / ".openclaw-x").symlink_to(tmp_path / "data")
        folder = StateFolder(str(home / ".openclaw-x"), str(home / ".openclaw-x" / "openclaw.json"))
        _log(temporary, lane_error(_no_key(f"{tmp_path}/data")), refusal())
        assert len(_evidence(folder).events) == 2

    def test_a_config_elsewhere_and_an_agent_elsewhere_name_the_folder(self, home: Path, temporary: Path) -> None:
        folder = StateFolder(str(home / ".openclaw"), "/etc/oc/openclaw.json")
        _log(
            temporary,
            line("Invalid config at /etc/oc/openclaw.json:\\nx", level="ERROR"),
            lane_error(_no_key("", agent="/srv/agent")),
            lane_error(_no_key("", agent="/srv/other/agents/two/agent")),
            lane_error(_no_key("", agent=f"{home}/mine")),
        )
        settings = {"agents": {"list": [{"id": "two", "agentDir": "/srv/other/agents/two/agent"}]}}
        settings["agents"]["list"] += [{"id": "three", "agentDir": "~/mine/"}, {"id": "four", "agentDir": "relative"}]
        environment = {"OPENCLAW_AGENT_DIR": "/srv/agent/"}
        assert len(_evidence(folder, settings=settings, environment=environment).events) == 4
        assert len(_evidence(folder).events) == 1

    def test_one_line_of_the_run_that_names_the_folder(self, folder: StateFolder, home: Path, temporary: Path) -> None:
        dev = _folder(home, ".openclaw-dev", "dev")
        store = {"storePath": f"{home}/.openclaw/agents/main/agent/openclaw-agent.sqlite", "runId": RUN}
        _log(temporary, line("slow SQLite session write", store, subsystem="session-sqlite"), refusal(run=RUN))
        assert len(_evidence(folder, [folder, dev]).events) == 1
        assert _evidence(dev, [folder, dev]).events == ()


def _no_key(home: str, agent: str | None = None) -> str:
    agent = agent or f"{home}/agents/main/agent"
    return f'Error: No API key found for provider "x". Auth store: {agent}/auth-profiles.json (agentDir: {agent}).'


class TestReaders:
    def test_a_loop_reads_only_what_was_appended(
        self, folder: StateFolder, temporary: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        readers = LogReaders()
        _log(temporary, *[refusal()] * 20)
        assert len(_evidence(folder, readers=readers).events) == 20
        read = []
        pread = os.pread
        monkeypatch.setattr(os, "pread", lambda *arguments: read.append(arguments[1]) or pread(*arguments))
        assert len(_evidence(folder, readers=readers).events) == 20
        assert sum(read) <= 64
        _log(temporary, refusal())
        assert len(_evidence(folder, readers=readers).events) == 21

    def test_the_log_of_a_day_that_was_deleted_leaves_no_gap(self, folder: StateFolder, temporary: Path) -> None:
        readers = LogReaders()
        yesterday = _log(temporary, refusal(NOW - DAY), day=YESTERDAY)
        _log(temporary, line("nothing", time=NOW - 3600), refusal())
        assert len(_evidence(folder, readers=readers).events) == 2
        yesterday.unlink()
        assert _evidence(folder, readers=readers) == _evidence(folder)
        assert _evidence(folder, readers=readers).covers(NOW - 3600)

    def test_the_readers_of_last_week_are_forgotten(self, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(log_readers, "_MOST", 2)
        first, second, third = (_log(temporary, refusal(), name=name) for name in ("a", "b", "c"))
        readers = LogReaders()

        def reader_of(path: Path) -> LogReader:
            return gateway_log._read_on(readers, str(path), ME, NOW)[0]

        kept = reader_of(first)
        reader_of(second)
        assert reader_of(first) is kept
        reader_of(third)
        assert reader_of(first) is kept
        assert len(readers._readers) == 2

    def test_a_reader_that_nobody_asks_for_is_forgotten_after_two_days(self) -> None:
        readers = LogReaders()
        readers.keep("/old", ME, "old", NOW)
        readers.keep("/new", ME, "new", NOW + DAY)
        assert readers.take("/new", ME, NOW + 2 * DAY + 1) == "new"
        assert readers._readers == {}

    def test_what_is_not_there_is_not_kept(self, temporary: Path) -> None:
        readers = LogReaders()
        reader, log = gateway_log._read_on(readers, str(temporary / "none.log"), ME, NOW)
        assert (reader.since, log) == (None, Log())
        assert readers._readers == {}

    @pytest.mark.parametrize("ahead", [3 * DAY, 8 * 365 * DAY])
    def test_a_clock_that_went_ahead_and_came_back_makes_nobody_blind(
        self, folder: StateFolder, home: Path, ahead: float
    ) -> None:
        log, readers = home / "gateway.log", LogReaders()
        log.write_text(f"{line('nothing', time=NOW - 300)}\n{refusal(NOW - 60)}\n")
        log.chmod(0o600)
        settings = {"logging": {"file": str(log)}}
        for moment in (NOW, NOW + ahead):
            evidence_for(folder, settings, {}, [folder], moment, readers)
        back = evidence_for(folder, settings, {}, [folder], NOW + 1, readers)
        assert back == evidence_for(folder, settings, {}, [folder], NOW + 1)
        assert len(back.events) == 1

    def test_a_size_cap_is_one_of_its_file(self, folder: StateFolder, home: Path) -> None:
        log, readers = home / "gateway.log", LogReaders()
        settings = {"logging": {"file": str(log)}}

        def write(*lines: str) -> None:
            log.write_text("".join(f"{one}\n" for one in lines))
            log.chmod(0o600)

        write(refusal(NOW - 300), line("log file size cap reached; suppressing writes", time=NOW - 200))
        assert not evidence_for(folder, settings, {}, [folder], NOW, readers).complete
        log.rename(home / "gateway.log.1")
        write(line("nothing", time=NOW - 100), refusal(NOW - 60))
        found = evidence_for(folder, settings, {}, [folder], NOW, readers)
        assert found.covers(NOW - 100)
        assert not found.covers(NOW - 150)
        assert len(found.events) == 2

    def test_a_log_that_ends_in_a_gap_is_read_on_all_the_same(
        self, folder: StateFolder, temporary: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        readers = LogReaders()
        _log(temporary, refusal(), line("log file size cap reached; suppressing writes"))
        assert not _evidence(folder, readers=readers).complete
        read = []
        pread = os.pread
        monkeypatch.setattr(os, "pread", lambda *arguments: read.append(arguments[1]) or pread(*arguments))
        assert len(_evidence(folder, readers=readers).events) == 1
        assert sum(read) <= 64


_DEED = st.sampled_from(["append", "append many", "drop", "rotate", "delete", "empty", "replace", "copy"])
# After what else becomes of today's log, or much of any, a newcomer does not see that something may be lost.
_SEEN = frozenset({"append", "drop"})


@certain
@given(st.lists(st.tuples(st.sampled_from([TODAY, YESTERDAY]), _DEED, st.booleans()), max_size=8))
@example([(YESTERDAY, "append", True), (TODAY, "append", False), (YESTERDAY, "delete", True)])
@example([(TODAY, "append", True), (TODAY, "copy", True)])
def test_whoever_kept_on_reading_knows_all_that_a_newcomer_does(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[str, str, bool]]
) -> None:
    home = tmp_path_factory.mktemp("home")
    folder, readers, now = _folder(home, ".openclaw"), LogReaders(), NOW - DAY
    settings = {"logging": {"file": str(home / f"openclaw-{TODAY}.log")}}
    is_seen = True
    for day, deed, looks in deeds:
        now += 60.0
        _happen(deed, home / f"openclaw-{day}.log", now if day == TODAY else now - DAY / 2)
        is_seen &= deed in _SEEN or (day == YESTERDAY and deed != "append many")
        if looks:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(log_file, "MOST_AT_ONCE", 16_384)
                kept, fresh = (evidence_for(folder, settings, {}, [folder], NOW, each) for each in (readers, None))
            assert not Counter(fresh.events) - Counter(kept.events)
            assert max(Counter(kept.events).values(), default=1) == 1
            moments = range(int(NOW - 1.5 * DAY), int(now), 30)
            assert not is_seen or all(kept.covers(moment) for moment in moments if fresh.covers(moment))


def _happen(deed: str, log: Path, now: float) -> None:
    """Something becomes of a log."""
    said = {
        "append": [refusal(now)],
        "append many": [refusal(now), *[line("x" * 900, time=now)] * 20],
        "drop": [line("file log queue overflow; dropped 3 lines", time=now)],
        "replace": [refusal(now)],
    }
    if deed in said:
        path = log.with_name("new.log") if deed == "replace" else log
        with path.open("a") as file:
            file.writelines(f"{one}\n" for one in said[deed])
        path.chmod(0o600)
        path.replace(log)
    elif log.exists():
        act: dict[str, Callable[[], object]] = {
            "rotate": lambda: log.replace(log.with_suffix(".1.log")),
            "delete": log.unlink,
            "copy": lambda: shutil.copy2(log, log.with_name("new.log")).replace(log),
        }
        act.get(deed, lambda: os.truncate(log, 0))()
