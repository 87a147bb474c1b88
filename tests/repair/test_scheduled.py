"""The models of cron jobs, from both places in which OpenClaw has kept them."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from clawmend.core.snapshot import OpenClaw
from clawmend.repair.observe import observe
from clawmend.system.files import RealFiles
from repair.home import Home
from system.fakes import FakeClock


def _only(home: Home, version: str | None = "2026.3.2") -> OpenClaw:
    (found,) = observe(replace(home.tools().place, environment={}), RealFiles(), FakeClock(), version).openclaws
    return found


def _jobs(*models: str) -> str:
    return json.dumps({"version": 1, "jobs": [{"enabled": False, "payload": {"model": model}} for model in models]})


def _write_database(home: Home, *models: str) -> Path:
    path = home.path / ".openclaw/state/openclaw.sqlite"
    path.parent.mkdir(mode=0o700)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE cron_jobs (job_json TEXT)")
        rows = [(json.dumps({"payload": {"model": model}}),) for model in models]
        database.executemany("INSERT INTO cron_jobs VALUES (?)", rows)
    return path


@pytest.mark.parametrize("version", ["2026.3.2", "2026.7.1", "2026.9.6", "2026.10.1", None])
def test_jobs_in_the_file_and_jobs_in_the_database_count_whatever_the_version(home: Home, version: str | None) -> None:
    home.write(home.path / ".openclaw/cron/jobs.json", _jobs("a/1"))
    _write_database(home, "b/2", "a/1")
    found = _only(home, version)
    assert found.cron_models == ("a/1", "b/2")
    assert found.pinned_models == ()  # no session of anybody's


def test_a_database_that_only_cron_is_read_from_is_no_store_of_credentials(home: Home) -> None:
    _write_database(home, "b/2")
    assert _only(home, "2026.7.1").shared_store is None


def test_json5_is_read_as_openclaw_reads_it(home: Home) -> None:
    home.write(home.path / ".openclaw/cron/jobs.json", "{ jobs: [{ payload: { model: 'a/1', }, }], } // mine")
    assert _only(home).cron_models == ("a/1",)
    home.write(home.path / ".openclaw/cron/jobs.json", '\ufeff{"jobs": [{"payload": {"fallbacks": ["a/2"]}}]}')
    assert _only(home).cron_models == ("a/2",)


@pytest.mark.parametrize(
    "text", ["", "{", '{"jobs": [{"payload": {"model": "a/1"', "[" * 100_000 + "model", "\x00model"]
)
def test_a_file_that_does_not_parse_names_nothing(home: Home, text: str) -> None:
    home.write(home.path / ".openclaw/cron/jobs.json", text)
    assert _only(home).cron_models == ()


def test_what_cannot_be_read_names_nothing(home: Home) -> None:
    (home.path / ".openclaw/cron/jobs.json").mkdir(parents=True)
    state = home.path / ".openclaw/state"
    state.mkdir(mode=0o700)
    (state / "openclaw.sqlite").write_bytes(b"no database, whatever its name says" * 100)
    assert _only(home).cron_models == ()
    (state / "openclaw.sqlite").unlink()
    (state / "openclaw.sqlite").mkdir()
    assert _only(home).cron_models == ()


@pytest.mark.parametrize(
    ("store", "found"),
    [
        ('"~/mine.json"', ("a/1", "b/2")),
        ('"/nowhere/else.json"', ("a/1",)),
        ('"mine.json"', ("a/1",)),
        ('" "', ("a/1",)),
        ("5", ("a/1",)),
    ],
)
def test_the_store_that_openclaw_json_names_counts_as_well(home: Home, store: str, found: tuple[str, ...]) -> None:
    home.write(home.path / ".openclaw/cron/jobs.json", _jobs("a/1"))
    home.write(home.path / "mine.json", _jobs("b/2"))
    home.write(home.config, f"{{ cron: {{ store: {store} }} }}")
    assert _only(home).cron_models == found


def test_jobs_belong_to_their_own_state_folder(home: Home) -> None:
    home.write(home.path / ".openclaw/cron/jobs.json", _jobs("a/1"))
    home.write(home.path / ".openclaw-work/openclaw.json", "{}")
    home.write(home.path / ".openclaw-work/cron/jobs.json", _jobs("b/2"))
    place = replace(home.tools().place, environment={})
    found = observe(place, RealFiles(), FakeClock(), "2026.3.2").openclaws
    assert {one.profile: one.cron_models for one in found} == {None: ("a/1",), "work": ("b/2",)}


def test_looking_changes_nothing_beside_a_database_in_use(home: Home) -> None:
    path = _write_database(home)
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        with writer:
            writer.execute("""INSERT INTO cron_jobs VALUES ('{"payload": {"model": "b/2"}}')""")
        before = {one.name: (one.read_bytes(), one.stat().st_mtime_ns) for one in path.parent.iterdir()}
        assert _only(home, "2026.7.1").cron_models == ("b/2",)
        assert {one.name: (one.read_bytes(), one.stat().st_mtime_ns) for one in path.parent.iterdir()} == before


def test_a_home_without_a_database_never_loads_sqlite(home: Home) -> None:
    code = (
        "import sys\n"
        "from clawmend.repair.observe import observe\n"
        "from clawmend.system.files import RealFiles\n"
        "from clawmend.system.machine import Place, RealClock\n"
        f"place = Place({str(home.path)!r}, {str(home.state)!r}, environment={{}})\n"
        "observe(place, RealFiles(), RealClock(), '2026.3.2')\n"
        "assert 'sqlite3' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PATH": os.environ["PATH"]})
