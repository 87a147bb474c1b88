import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from clawmend.core.secret import Secret
from clawmend.core.snapshot import Credential, Database
from clawmend.system import database
from clawmend.system.database import has_table, read_store
from system.fakes import as_another_user, tree

PROFILES = {
    "version": 1,
    "profiles": {
        "bailian:default": {"type": "api_key", "provider": "bailian", "key": "sk-sp-one"},
        "qwen:token": {"type": "token", "provider": "qwen", "token": "two"},
        "qwen-portal:default": {"type": "oauth", "provider": "qwen-portal", "access": "three"},
    },
}
CREDENTIALS = (
    Credential("bailian:default", "bailian", "api_key", Secret("sk-sp-one")),
    Credential("qwen:token", "qwen", "token", Secret("two")),
    Credential("qwen-portal:default", "qwen-portal", "oauth", None),
)


_HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA locking_mode = EXCLUSIVE")
connection.execute("BEGIN EXCLUSIVE")
print(flush=True)
sys.stdin.read()
"""


def _fill(connection: sqlite3.Connection) -> None:
    with connection:
        connection.execute("CREATE TABLE auth_profile_store (store_key TEXT PRIMARY KEY, store_json TEXT)")
        connection.execute("INSERT INTO auth_profile_store VALUES ('primary', ?)", (json.dumps(PROFILES),))
        connection.execute("CREATE TABLE schema_meta (meta_key TEXT PRIMARY KEY, app_version TEXT)")
        connection.execute("INSERT INTO schema_meta VALUES ('primary', '2026.9.6')")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "openclaw-agent.sqlite"


@pytest.fixture
def writer(store: Path) -> Iterator[sqlite3.Connection]:
    """OpenClaw's own connection: WAL, and nothing is carried over into the database file while it is open."""
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        _fill(connection)
        yield connection


def test_what_is_only_in_the_wal_is_seen(store: Path, writer: sqlite3.Connection) -> None:
    del writer
    with closing(sqlite3.connect(f"file:{store}?immutable=1", uri=True)) as blind:
        assert blind.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)

    assert read_store(str(store)) == Database(str(store), PROFILES, app_version="2026.9.6")


def test_the_folder_of_the_database_stays_as_it_is(store: Path, tmp_path: Path, writer: sqlite3.Connection) -> None:
    del writer
    before = tree(tmp_path)
    times = {name: os.stat(tmp_path / name).st_mtime_ns for name in before}
    assert sorted(before) == [store.name, f"{store.name}-shm", f"{store.name}-wal"]

    read_store(str(store))
    assert has_table(str(store), "auth_profile_store")
    assert not has_table(str(store), "nothing")

    assert tree(tmp_path) == before
    assert {name: os.stat(tmp_path / name).st_mtime_ns for name in before} == times


def test_our_copy_is_gone_afterwards(store: Path, writer: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    del writer
    folders: list[str] = []
    copyfile = shutil.copyfile

    def record(source: str, target: str) -> str:
        folders.append(os.path.dirname(target))
        assert os.stat(folders[-1]).st_mode & 0o777 == 0o700
        return copyfile(source, target)

    monkeypatch.setattr(shutil, "copyfile", record)
    read_store(str(store))
    assert len(folders) == 3
    assert not any(os.path.exists(folder) for folder in folders)


def test_a_writer_can_write_while_we_read(
    store: Path, writer: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = database._text

    def write_between(connection: sqlite3.Connection, *names: str) -> str | None:
        with writer:
            writer.execute("UPDATE schema_meta SET app_version = '2026.9.7'")
        return text(connection, *names)

    monkeypatch.setattr(database, "_text", write_between)
    found = read_store(str(store))
    assert found is not None
    assert found.credentials == CREDENTIALS


def test_a_database_that_another_process_has_locked_is_read(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection:
        _fill(connection)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _HOLDER,
            str(store),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        with closing(sqlite3.connect(store, timeout=0)) as outsider, pytest.raises(sqlite3.OperationalError):
            outsider.execute("SELECT * FROM schema_meta").fetchall()

        assert read_store(str(store)) == Database(str(store), PROFILES, app_version="2026.9.6")
    finally:
        holder.kill()
        holder.communicate()


def test_the_shared_store_is_read_too(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("CREATE TABLE config_machine_state (state_key TEXT, value_json TEXT)")
        connection.execute(
            "INSERT INTO config_machine_state VALUES ('authProfiles.store', ?), ('auth.sharedStore', '{}')",
            (json.dumps(PROFILES),),
        )
    assert read_store(str(store)) == Database(str(store), PROFILES)


def test_a_database_without_our_tables_is_empty(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("CREATE TABLE other (a)")
    assert read_store(str(store)) == Database(str(store))


def test_no_database_is_none(tmp_path: Path) -> None:
    assert read_store(str(tmp_path / "gone")) is None
    assert read_store(str(tmp_path)) is None


@pytest.mark.parametrize("content", [b"garbage" * 1000, b"SQLite format 3\x00" + bytes(4000)])
def test_a_broken_database_is_said_to_be_one(store: Path, content: bytes) -> None:
    store.write_bytes(content)
    assert read_store(str(store)) == Database(str(store), problem="is not a readable SQLite database")


def test_a_database_cut_in_the_middle_is_said_to_be_broken(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection:
        _fill(connection)
        with connection:
            connection.executemany(
                "INSERT INTO auth_profile_store VALUES (?, ?)", [(str(number), "x" * 500) for number in range(200)]
            )
    os.truncate(store, 8192)
    assert read_store(str(store)) == Database(str(store), problem="is not a readable SQLite database")


def test_text_that_is_none_is_said_to_be_unreadable(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("CREATE TABLE auth_profile_store (store_key TEXT PRIMARY KEY, store_json TEXT)")
        connection.execute("INSERT INTO auth_profile_store VALUES ('primary', CAST(x'ff00ff' AS TEXT))")
    found = read_store(str(store))
    assert found is not None
    assert found.problem == "is not a readable SQLite database"


def test_a_table_that_looks_otherwise_is_said_to_be_unreadable(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("CREATE TABLE auth_profile_store (something_else TEXT)")
    found = read_store(str(store))
    assert found is not None
    assert found.problem == "is not a readable SQLite database"


def test_a_database_of_another_user_is_said_to_be_unreadable(public: Path) -> None:
    store = public / "openclaw-agent.sqlite"
    store.write_bytes(b"")
    store.chmod(0o600 if os.geteuid() == 0 else 0)
    found = as_another_user(lambda: read_store(str(store)))
    assert found == Database(str(store), problem="Permission denied")


def test_a_huge_database_is_not_copied(store: Path) -> None:
    with store.open("wb") as file:
        file.truncate(600 * 2**20)
    Path(f"{store}-wal").write_bytes(b"x")
    assert read_store(str(store)) == Database(str(store), problem="is larger than 512 MB")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"profiles": []}', '{"profiles": {"a": 1, "b": {"provider": 2}}}', "[" * 100_000]
)
def test_profiles_that_make_no_sense_are_passed_over(store: Path, text: str) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("CREATE TABLE auth_profile_store (store_key TEXT PRIMARY KEY, store_json TEXT)")
        connection.execute("INSERT INTO auth_profile_store VALUES ('primary', ?)", (text,))
    found = read_store(str(store))
    assert found is not None
    assert found.problem is None
    assert found.credentials == ()


def test_a_database_without_a_wal_is_read_where_it_lies(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        _fill(connection)
    monkeypatch.setattr(shutil, "copyfile", lambda *_paths: pytest.fail("it was copied"))
    before = tree(store.parent)
    found = read_store(str(store))
    assert found is not None
    assert found.credentials == CREDENTIALS
    assert tree(store.parent) == before


def test_what_is_read_while_it_is_changed_is_read_again(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(store)) as connection:
        _fill(connection)
    text, changes = database._text, iter(range(2))

    def change_twice(connection: sqlite3.Connection, *names: str) -> str | None:
        for number in changes:
            os.utime(store, (number, number))
            break
        return text(connection, *names)

    monkeypatch.setattr(database, "_text", change_twice)
    found = read_store(str(store))
    assert found is not None
    assert found.credentials == CREDENTIALS
    ticks = iter(range(100))
    monkeypatch.setattr(database, "_signature", lambda _path: ((1, next(ticks), 1, 1), None))
    assert read_store(str(store)) == Database(str(store), problem="keeps changing")


def test_what_did_not_change_is_not_read_again(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(store)) as connection:
        _fill(connection)
    first = read_store(str(store))
    monkeypatch.setattr(database, "_opened", lambda *_arguments: pytest.fail("it was opened again"))
    assert read_store(str(store)) is first


def test_what_was_replaced_within_one_tick_is_read_again(store: Path) -> None:
    """The same inode, size and time of modification: the time of its last change of any kind still tells."""
    with closing(sqlite3.connect(store)) as connection:
        _fill(connection)
    before = os.stat(store)
    assert read_store(store.as_posix()) is not None
    changed = store.read_bytes().replace(b"sk-sp-one", b"sk-sp-two")
    store.write_bytes(changed)
    os.utime(store, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = os.stat(store)
    assert (after.st_ino, after.st_size, after.st_mtime_ns) == (before.st_ino, before.st_size, before.st_mtime_ns)
    again = read_store(store.as_posix())
    assert again is not None
    assert again.credentials[0].key == Secret("sk-sp-two")


def test_the_models_that_sessions_are_pinned_to_are_read(store: Path, writer: sqlite3.Connection) -> None:
    entries = [
        '{"providerOverride": "corp", "modelOverride": "m1"}',
        '{"modelOverride": "m2"}',
        '{"providerOverride": "corp", "modelOverride": "m1", "n": 2}',
        '{"modelOverride": null}',
        '["modelOverride"]',
        '{"modelOverride": broken',
        '{"sessionId": "x"}',
    ]
    with writer:
        writer.execute("CREATE TABLE session_nodes (session_key TEXT PRIMARY KEY, entry_json TEXT)")
        writer.executemany("INSERT INTO session_nodes VALUES (?, ?)", enumerate(entries))
    found = read_store(str(store))
    assert found is not None
    assert found.pins == ("/m2", "corp/m1")


def _jobs(*models: str) -> list[str]:
    return [json.dumps({"id": "x", "payload": {"kind": "agentTurn", "model": model}}) for model in models]


def test_the_models_of_cron_jobs_are_read_out_of_the_jobs(store: Path, writer: sqlite3.Connection) -> None:
    """As on 2026.8.1 and 2026.9.6: a job is one text. A disabled one may be enabled again."""
    spare = json.dumps({"payload": {"kind": "agentTurn", "fallbacks": ["spare/r@work"]}})
    odd = ["", "{", "[1]", '{"payload": 5}', "[" * 100_000, b"\xff\x00", None, 5]
    rows = enumerate([*_jobs("old/q", "glm-5", "old/q"), spare, *odd])
    with writer:
        writer.execute("CREATE TABLE cron_jobs (job_id TEXT PRIMARY KEY, enabled INTEGER DEFAULT 0, job_json)")
        writer.executemany("INSERT INTO cron_jobs (job_id, job_json) VALUES (?, ?)", rows)
        writer.execute("INSERT INTO cron_jobs VALUES ('latin', 1, CAST(x'7b22ff' AS TEXT))")
    found = read_store(str(store))
    assert found is not None
    assert (found.cron_models, found.problem) == (("glm-5", "old/q", "spare/r"), None)
    assert found.credentials == CREDENTIALS


def test_the_models_of_cron_jobs_are_read_out_of_columns_of_their_own(store: Path, writer: sqlite3.Connection) -> None:
    """As on 2026.6.1 and 2026.7.1, which have the job as one text beside them."""
    rows = [("a/1", '["b/2", 5]', "{}"), (None, None, *_jobs("c/3")), ("", '{"d": "4"}', ""), (5, "[", None)]
    with writer:
        writer.execute("CREATE TABLE cron_jobs (payload_model, payload_fallbacks_json TEXT, job_json TEXT)")
        writer.executemany("INSERT INTO cron_jobs VALUES (?, ?, ?)", rows)
    found = read_store(str(store))
    assert found is not None
    assert found.cron_models == ("5", "a/1", "b/2", "c/3")


@pytest.mark.parametrize("columns", ["job_id TEXT", "payload_model TEXT"])
def test_a_table_of_cron_jobs_with_other_columns_is_no_problem(
    store: Path, writer: sqlite3.Connection, columns: str
) -> None:
    with writer:
        writer.execute(f"CREATE TABLE cron_jobs ({columns})")
        writer.execute("INSERT INTO cron_jobs VALUES ('a/1')")
    found = read_store(str(store))
    assert found is not None
    assert found.cron_models == (("a/1",) if "payload" in columns else ())
    assert found.credentials == CREDENTIALS
