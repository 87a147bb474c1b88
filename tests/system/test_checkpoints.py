import json
import os
import re
import stat
from pathlib import Path
from typing import ClassVar

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.core.finding import LogOut
from clawmend.core.state import Identity
from clawmend.system.blobs import digest
from clawmend.system.checkpoints import CheckpointStore, FileChange
from clawmend.system.durable import private_folder
from clawmend.system.journal import Journal
from clawmend.system.records import Checkpoint, Entry, Kind
from clawmend.system.retention import Policy, surplus
from system.fakes import as_another_user, tree

IDENTITY = Identity(1, 2, 0o640, 3, 4, 5, 1_700_000_000_123_456_789, 1)
HOME = "/home/somebody"


def _register(store: CheckpointStore, path: str = f"{HOME}/a", before: bytes | None = b"old") -> Checkpoint:
    identity = None if before is None else IDENTITY
    return store.register(Kind.REPAIR, HOME, 1_700_000_000.5, [(path, before, b"new", identity, ("OC101", "OC102"))])


@pytest.fixture
def store(tmp_path: Path) -> CheckpointStore:
    store = CheckpointStore(str(tmp_path / "state"))
    store.prepare()
    return store


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return tmp_path / "state" / "checkpoints" / "manifest.jsonl"


def _blobs(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "state" / "checkpoints" / "blobs").iterdir())


def test_what_was_registered_is_read_back(store: CheckpointStore) -> None:
    made = _register(store)

    (found,) = CheckpointStore(os.path.dirname(store.root)).all()

    assert found == made
    assert found.entries == (Entry(f"{HOME}/a", digest(b"old"), digest(b"new"), IDENTITY, ("OC101", "OC102")),)
    assert re.fullmatch(r"20231114T221320Z-[0-9a-f]{6}", found.id)
    assert (found.kind, found.home) == (Kind.REPAIR, HOME)
    assert (found.done, found.undone, found.needs_restart) == (False, False, False)
    assert store.blob(str(found.entries[0].before)) == b"old"


def test_what_is_finished_and_undone_is_remembered_and_order_is_kept(store: CheckpointStore) -> None:
    first, second = _register(store), _register(store)
    store.finish(first)
    store.finish(second)
    store.mark_undone(first)

    assert [(found.id, found.done, found.undone) for found in store.all()] == [
        (first.id, True, True),
        (second.id, True, False),
    ]


def test_a_file_that_was_absent_needs_no_backup(store: CheckpointStore, tmp_path: Path) -> None:
    made = _register(store, before=None)
    assert store.all() == (made,)
    assert made.entries[0].before is None
    assert _blobs(tmp_path) == []


def test_the_same_bytes_are_kept_once(store: CheckpointStore, tmp_path: Path) -> None:
    _register(store)
    _register(store)
    assert [path.name for path in _blobs(tmp_path)] == [digest(b"old")]


def test_folders_are_closed_and_backups_cannot_be_written(store: CheckpointStore, tmp_path: Path) -> None:
    _register(store)
    modes = {str(path.relative_to(tmp_path)): stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {
        "state": 0o700,
        "state/checkpoints": 0o700,
        "state/checkpoints/blobs": 0o700,
        f"state/checkpoints/blobs/{digest(b'old')}": 0o400,
        "state/checkpoints/manifest.jsonl": 0o600,
    }


def test_every_folder_made_on_the_way_is_closed_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        private_folder(str(tmp_path / ".local" / "state" / "clawmend"))
    finally:
        os.umask(before)
    made = [tmp_path / ".local", tmp_path / ".local" / "state", tmp_path / ".local" / "state" / "clawmend"]
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in made] == [0o700] * 3


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o750)
    (tmp_path / "state").chmod(0o750)
    private_folder(str(tmp_path / "state"))
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o750


def test_a_file_in_the_place_of_the_state_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"")
    with pytest.raises(ClawmendError, match=r"cannot write backups in .*/state/checkpoints: .*; nothing was changed"):
        CheckpointStore(str(tmp_path / "state")).prepare()


def test_a_flipped_byte_is_found(store: CheckpointStore, tmp_path: Path) -> None:
    _register(store)
    assert store.damage() == ()
    (blob,) = _blobs(tmp_path)
    blob.chmod(0o600)
    blob.write_bytes(b"oLd")

    (problem,) = store.damage()

    assert problem == f"the backup {blob} is damaged: its content does not match its name"
    with pytest.raises(ClawmendError, match="is damaged"):
        store.blob(blob.name)


def test_a_missing_backup_is_found(store: CheckpointStore, tmp_path: Path) -> None:
    _register(store)
    (blob,) = _blobs(tmp_path)
    blob.unlink()
    assert store.damage() == (f"the backup {blob} cannot be read: No such file or directory",)


def test_a_damaged_backup_is_replaced_when_the_same_bytes_are_kept_again(
    store: CheckpointStore, tmp_path: Path
) -> None:
    _register(store)
    (blob,) = _blobs(tmp_path)
    blob.chmod(0o600)
    blob.write_bytes(b"oLd")

    _register(store)

    assert store.damage() == ()
    assert blob.read_bytes() == b"old"
    assert stat.S_IMODE(blob.stat().st_mode) == 0o400


@pytest.mark.parametrize("keep", [1, 40, -2])
def test_a_torn_last_line_is_survived(store: CheckpointStore, manifest: Path, keep: int) -> None:
    first = _register(store)
    whole = manifest.read_bytes()
    _register(store)
    torn = manifest.read_bytes()[len(whole) :]
    manifest.write_bytes(whole + torn[:keep])
    assert store.all() == (first,)

    store.prepare()
    third = _register(store)

    assert store.all() == (first, third)
    assert store.damage() == ()


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b"{}",
        b'{"event": "done", "id": "nobody"}',
        b'{"schema": 2, "event": "done", "id": "nobody"}',
        b'{"schema":2,"event":"done","id":"nobody","check":"0000000000000000"}',
    ],
)
def test_a_line_that_has_changed_is_passed_over_and_nothing_more_is_repaired(
    store: CheckpointStore, manifest: Path, line: bytes
) -> None:
    first = _register(store)
    with manifest.open("ab") as file:
        file.write(line + b"\n")
    second = _register(store)
    assert store.all() == (first, second)
    assert store.strange()
    assert store.damage() == (f"line 2 of {manifest} is damaged",)
    with pytest.raises(ClawmendError, match=r"manifest\.jsonl is damaged in line 2; nothing was changed; see: "):
        store.prepare()


@pytest.mark.parametrize(
    ("record", "strange"),
    [
        ({"event": "begin"}, True),
        ({"event": "begin", "checkpoint": None}, True),
        ({"event": "begin", "checkpoint": {"id": "x", "home": 5, "entries": [], "made": 1, "kind": "repair"}}, True),
        ({"event": "begin", "checkpoint": {"id": "x", "home": "", "entries": [], "made": 1, "kind": "new"}}, True),
        ({"event": "done", "id": "nobody"}, False),
        ({"event": "undone", "id": []}, False),
        ({"event": "pruned", "ids": None}, False),
        ({"event": "something new"}, False),
        ({}, False),
    ],
)
def test_an_event_that_makes_no_sense_is_passed_over(
    store: CheckpointStore, manifest: Path, record: dict[str, object], strange: bool
) -> None:
    first = _register(store)
    Journal(str(manifest)).append(record)
    second = _register(store)
    assert store.all() == (first, second)
    assert store.strange() is strange
    assert store.unfinished() == (() if strange else (first, second))
    assert store.damage() == ()
    store.prepare()


def test_the_start_of_a_name_is_enough_when_it_is_the_only_one(store: CheckpointStore) -> None:
    first, second = _register(store), _register(store)
    assert store.named(first.id) == first
    assert store.named(second.id[:-1]) == second
    with pytest.raises(ClawmendError, match="more than one checkpoint begins with '2023'"):
        store.named("2023")
    with pytest.raises(ClawmendError, match="the name of a checkpoint is empty; list them with: clawmend backups list"):
        store.named(" ")
    with pytest.raises(ClawmendError, match="no checkpoint begins with 'x'; list them with: clawmend backups list"):
        store.named("x")


def test_the_start_of_a_name_means_what_can_be_undone_rather_than_what_was_only_kept(store: CheckpointStore) -> None:
    """A repair keeps what it has proven good in the same second, so that nearly every start of a name is of both."""
    good = store.register(Kind.GOOD, "/home/x", 1_700_000_000.0, [("/home/x/a.json", b"a", b"a", None)])
    found = store.rescue("/home/x", 1_700_000_000.0, "/home/x/a.json", b"b")
    with pytest.raises(ClawmendError, match="more than one checkpoint begins with '20231114T2213'"):
        store.named("20231114T2213")
    made = _register(store)
    assert store.named("20231114T2213") == made
    assert (store.named(good.id).id, store.named(found.id).id) == (good.id, found.id)


def test_paths_of_any_bytes_are_kept(store: CheckpointStore) -> None:
    path = os.fsdecode(b"/home/\xff\xfe/new\nline % %41 \xc3\xa4")
    made = store.register(Kind.REPAIR, os.fsdecode(b"/home/\xff"), 1.0, [(path, b"old", None, IDENTITY, ())])
    assert store.all() == (made,)
    assert store.all()[0].entries[0].path == path


def test_no_store_means_no_checkpoints(tmp_path: Path) -> None:
    assert CheckpointStore(str(tmp_path / "gone")).all() == ()
    assert tree(tmp_path) == {}


def test_a_manifest_that_cannot_be_read_is_an_error(store: CheckpointStore, manifest: Path) -> None:
    manifest.mkdir()
    with pytest.raises(ClawmendError, match="cannot read the backups"):
        store.all()


def test_the_remedy_for_a_file_in_the_place_of_the_folder_can_be_followed(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(ClawmendError, match="Not a directory; name another folder with --state-dir"):
        CheckpointStore(str(tmp_path / "state")).all()


def test_a_state_folder_that_cannot_be_written_is_refused_before_anything_is(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        tmp_path.chmod(0o500)
    store = CheckpointStore("/proc/clawmend-state" if os.geteuid() == 0 else str(tmp_path / "state"))
    with pytest.raises(ClawmendError, match="nothing was changed; name another folder with --state-dir"):
        as_another_user(store.prepare)
    tmp_path.chmod(0o700)
    assert tree(tmp_path) == {}


def test_preparing_leaves_no_probe(store: CheckpointStore, tmp_path: Path) -> None:
    store.prepare()
    assert sorted(tree(tmp_path)) == ["state", "state/checkpoints", "state/checkpoints/blobs"]


def test_the_bytes_are_safe_before_the_manifest_names_them(
    store: CheckpointStore, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def record(descriptor: int) -> None:
        synced.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")).split(".clawmend-")[0])
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", record)
    _register(store)
    assert synced == [digest(b"old"), "blobs", manifest.name, "checkpoints"]


def test_a_disk_that_is_full_while_the_manifest_is_written_is_no_checkpoint(
    store: CheckpointStore, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel writes what still fits and says so; only the next write fails (write(2))."""
    first = _register(store)
    write, room = os.write, [30]

    def nearly_full(descriptor: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(28, "No space left on device")
        written = write(descriptor, bytes(data)[: room[0]])
        room[0] -= written
        return written

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", nearly_full)
        with pytest.raises(ClawmendError, match="No space left on device; nothing was changed"):
            _register(store)
        with pytest.raises(ClawmendError, match="No space left on device"):
            store.finish(first)
        with pytest.raises(ClawmendError, match="No space left on device"):
            store.mark_undone(first)

    assert store.all() == (first,)
    second = _register(store)
    assert store.all() == (first, second)
    assert manifest.read_bytes().endswith(b"\n")


class TestCommands:
    ENTRY: ClassVar = {"type": "api_key", "provider": "b\u00e4ilian", "key": "sk-sp-secret"}
    EDIT = LogOut(f"{HOME}/state.sqlite", "main", "bailian:default", ENTRY)

    def note(self, store: CheckpointStore, *files: tuple[str, bytes, bytes, Identity]) -> Checkpoint:
        made = _register(store)
        store.note_commands(made, [(self.EDIT, ("OC201",))], [FileChange(*file) for file in files])
        return store.all()[-1]

    def test_what_a_command_takes_away_is_kept_as_json(self, store: CheckpointStore) -> None:
        noted = self.note(store)
        (taken,) = noted.commands
        assert (taken.path, taken.agent, taken.profile, taken.rules) == (
            *(self.EDIT.path, "main", "bailian:default"),
            ("OC201",),
        )
        assert json.loads(store.blob(taken.stored)) == self.ENTRY
        assert taken.stored in noted.blobs
        assert "sk-sp-secret" not in Path(store.root, "manifest.jsonl").read_text()

    def test_it_is_verified_with_everything_else(self, store: CheckpointStore) -> None:
        (taken,) = self.note(store).commands
        os.unlink(store.blobs.path(taken.stored))
        assert store.damage() == (
            f"the backup {store.blobs.path(taken.stored)} cannot be read: No such file or directory",
        )

    def test_it_is_pruned_with_its_checkpoint_and_not_before(self, store: CheckpointStore) -> None:
        noted = self.note(store)
        store.finish(noted)
        everything = Policy(days=0, checkpoints=0, megabytes=0)
        kept = surplus(store.all(), store.sizes(), 3e9, everything)
        assert (kept.checkpoints, dict(kept.blobs)) == ((), {})
        store.prune([noted.id], [])
        assert noted.commands[0].stored in surplus(store.all(), store.sizes(), 3e9, everything).blobs

    def test_files_that_openclaw_may_write_are_kept_unless_they_are_kept_already(self, store: CheckpointStore) -> None:
        config, same = f"{HOME}/openclaw.json", f"{HOME}/a"
        noted = self.note(store, (config, b"config", b"config", IDENTITY), (same, b"new", b"new", IDENTITY))
        assert [entry.path for entry in noted.entries] == [same, config]
        assert noted.entries[0].before == digest(b"old")
        assert store.blob(str(noted.entries[1].before)) == b"config"
        assert not noted.entries[1].is_changed

    def test_what_has_become_of_them_is_noted(self, store: CheckpointStore) -> None:
        config = f"{HOME}/openclaw.json"
        noted = self.note(store, (config, b"config", b"config", IDENTITY))
        store.note_rewritten(noted, config, b"ours", b"theirs")
        (_, entry) = store.all()[-1].entries
        assert (entry.before, entry.after, entry.rewritten) == tuple(map(digest, (b"config", b"ours", b"theirs")))
        assert store.blob(str(entry.rewritten)) == b"theirs"
        assert {entry.before, entry.rewritten} <= store.all()[-1].blobs
        assert all(entry.is_known(digest(data), 0) for data in (b"config", b"ours", b"theirs"))
        assert entry.is_before_the_last_write(digest(b"theirs"), 0)
        assert not entry.is_before_the_last_write(digest(b"config"), 0)
        store.note_rewritten(noted, config, b"theirs")
        assert store.all()[-1].entries[1].rewritten is None

    def test_events_that_make_no_sense_are_passed_over(self, store: CheckpointStore, manifest: Path) -> None:
        noted = self.note(store)
        for record in ({"event": "commands", "id": noted.id}, {"event": "rewritten", "id": noted.id, "path": None}):
            Journal(str(manifest)).append(record)
        assert store.all() == (noted,)
        assert not store.strange()

    def test_a_disk_that_is_full_is_a_sentence(self, store: CheckpointStore, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(_journal: Journal, _record: dict[str, object]) -> None:
            raise OSError(28, "No space left on device")

        made = _register(store)
        monkeypatch.setattr(Journal, "append", fail)
        with pytest.raises(ClawmendError, match="nothing was changed"):
            store.note_commands(made, [(self.EDIT, ())])
        with pytest.raises(ClawmendError, match="was left as it is"):
            store.note_rewritten(made, "/a", b"x")


def test_plain_tuples_do_for_files_and_so_does_their_mode(store: CheckpointStore) -> None:
    made = store.register(
        Kind.REPAIR, HOME, 1.0, [("/a", b"old", b"old", IDENTITY, (), 0o600), ("/b", None, b"x", None)]
    )
    assert [(entry.mode, entry.is_changed) for entry in store.all()[0].entries] == [(0o600, True), (None, True)]
    assert store.all() == (made,)
