"""The journal of checkpoints stays short, and nothing that was in it is lost."""

import os
from pathlib import Path

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.system import ledger
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.ledger import Ledger
from clawmend.system.records import Checkpoint, Kind
from clawmend.system.retention import Policy, surplus
from support.faults import failing_call

HOME = "/home/somebody"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CheckpointStore:
    """A store whose journal is long after four kilobytes."""
    monkeypatch.setattr(ledger, "_LONGEST", 4096)
    store = CheckpointStore(str(tmp_path / "state"))
    store.prepare()
    return store


def made(store: CheckpointStore, number: int, kind: Kind = Kind.REPAIR, path: str = f"{HOME}/a") -> Checkpoint:
    """One checkpoint with a content of its own, begun and not done."""
    return store.register(kind, HOME, 1_700_000_000.0 + number, [(path, f"old{number}".encode(), b"new", None)])


def repaired(store: CheckpointStore, count: int) -> list[str]:
    """The ids of as many repairs that are done."""
    found = []
    for number in range(count):
        checkpoint = made(store, number)
        store.applied(checkpoint)
        store.finish(checkpoint)
        found.append(checkpoint.id)
    return found


def ids(found: tuple[Checkpoint, ...]) -> list[str]:
    return [one.id for one in found]


def test_a_journal_stays_short_and_all_that_was_ever_in_it_is_found(store: CheckpointStore) -> None:
    names = repaired(store, 120)
    assert ids(store.all()) == names
    assert all(one.done and one.applied for one in store.all())
    assert len(store.recent()) < 60
    assert ids(store.recent()) == names[-len(store.recent()) :]
    assert os.path.getsize(Ledger(store.root).path) < 2 * 4096 * 4
    assert store.damage() == ()
    assert not store.strange()
    assert store.unfinished() == ()
    assert Path(Ledger(store.root).archive).stat().st_mode & 0o777 == 0o600


def test_what_stays_keeps_its_place_among_what_has_moved(store: CheckpointStore) -> None:
    """Of a file the first content is kept for ever, and which one was the first only the order tells."""
    good = made(store, 9_998, Kind.GOOD, f"{HOME}/good")
    store.finish(good)
    first = store.register(Kind.REPAIR, HOME, 9_999.0, [(f"{HOME}/a", b"the very first", b"new", None)])
    store.finish(first)
    names = [good.id, first.id]
    for number in range(120):  # the same fault again and again, so that the first content is one of the newest eight
        again = store.register(Kind.REPAIR, HOME, 10_000.0 + number, [(f"{HOME}/a", b"rotten", b"new", None)])
        store.finish(again)
        names.append(again.id)
    assert {good.id, first.id} <= set(ids(store.recent()))
    assert len(store.recent()) < 60
    assert ids(store.all()) == names
    found = surplus(store.all(), store.sizes(), 2_000_000_000.0, Policy())
    assert first.id not in ids(found.checkpoints)
    assert first.entries[0].before not in found.blobs
    assert [one for one in names if one in ids(store.recent())] == ids(store.recent())


def test_it_keeps_its_place_however_often_the_journal_is_turned_over(store: CheckpointStore) -> None:
    names = []
    for number in range(400):
        path = f"{HOME}/{'rare' if number % 97 == 0 else 'often'}"
        checkpoint = made(store, number, path=path)
        store.finish(checkpoint)
        names.append(checkpoint.id)
    store.mark_undone(store.named(names[0]))
    assert ids(store.all()) == names
    assert [one.undone for one in store.all()] == [True] + [False] * 399
    archive = Path(Ledger(store.root).archive).read_text()
    assert all(archive.count(f'"event":"begin","checkpoint":{{"id":"{name}"') <= 2 for name in names)


def test_what_happens_later_to_what_is_in_the_archive_counts(store: CheckpointStore) -> None:
    first, second, *_ = repaired(store, 120)
    assert first not in ids(store.recent())
    store.mark_undone(store.named(first))
    assert store.named(first).undone
    assert store.unfinished() == ()
    repaired(store, 60)  # and again when that too has moved
    assert store.named(first).undone
    assert not store.named(second).undone


def test_what_is_known_good_is_never_moved(store: CheckpointStore) -> None:
    good = made(store, 9_999, Kind.GOOD, f"{HOME}/good")
    store.finish(good)
    repaired(store, 120)
    assert good.id in ids(store.recent())


def test_nothing_moves_while_anything_is_unfinished(store: CheckpointStore) -> None:
    begun = made(store, 9_999)
    repaired(store, 120)
    assert len(store.recent()) == 121
    assert ids(store.unfinished()) == [begun.id]
    store.mark_undone(begun)
    repaired(store, 1)
    assert len(store.recent()) < 60


def test_nothing_moves_out_of_a_damaged_journal(store: CheckpointStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "_LONGEST", 2**20)
        repaired(store, 60)
    path = Path(Ledger(store.root).path)
    data = path.read_bytes().replace(b'"event":"applied"', b'"event":"appleid"', 1)
    path.write_bytes(data)
    Ledger(store.root).turn_over()
    assert path.read_bytes() == data
    with pytest.raises(ClawmendError, match="damaged in line 2"):
        store.refuse_damage()


def test_a_damaged_archive_is_told_and_hinders_no_repair(store: CheckpointStore) -> None:
    repaired(store, 120)
    archive = Path(Ledger(store.root).archive)
    archive.write_bytes(archive.read_bytes().replace(b'"event":"applied"', b'"event":"appleid"', 1))
    assert store.damage() == (f"line 2 of {archive} is damaged",)
    assert store.damaged_lines() == store.damage()
    assert store.strange()
    store.refuse_damage()
    before = archive.read_bytes()
    Ledger(store.root).forget_pruned()
    assert archive.read_bytes() == before


@pytest.mark.parametrize("harm", ["damaged", "taken away"])
def test_what_stood_in_the_journal_outlives_what_happens_to_the_archive(store: CheckpointStore, harm: str) -> None:
    repaired(store, 120)
    there, archive = ids(store.recent()), Path(Ledger(store.root).archive)
    text = archive.read_text()
    assert all(name in text for name in there[:5]), "it has been archived before"
    if harm == "damaged":
        archive.write_text(text.replace('"event":"begin"', '"event":"begni"'))
        assert store.damage()
    else:
        archive.unlink()
    repaired(store, 240)
    assert not {*there} & {*ids(store.recent())}, "by now it has left the journal"
    assert {*there} <= {*ids(store.all())}
    assert all(one.done for one in store.all() if one.id in there)


def test_little_is_not_worth_moving(store: CheckpointStore) -> None:
    for number in range(40):  # each of its own file
        store.finish(made(store, number, path=f"{HOME}/{number}"))
    assert len(store.recent()) == 40
    assert not os.path.exists(Ledger(store.root).archive)


def test_what_was_pruned_leaves_the_archive_as_well(store: CheckpointStore) -> None:
    names = repaired(store, 120)
    store.prune(names[:10], [])
    assert ids(store.all()) == names[10:]
    size = os.path.getsize(Ledger(store.root).archive)
    store.prune(names[10:90], [])
    assert ids(store.all()) == names[90:]
    assert os.path.getsize(Ledger(store.root).archive) < size / 2


def test_wherever_it_is_cut_off_nothing_is_lost(store: CheckpointStore, monkeypatch: pytest.MonkeyPatch) -> None:
    class Cut(BaseException):
        """The process ends here."""

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "_LONGEST", 2**20)
        names = repaired(store, 60)
    done = store.all()
    for number in range(1, 100):
        with failing_call(number, Cut) as fault:
            try:
                Ledger(store.root).turn_over()
            except Cut:
                assert fault.happened
        assert store.all() == done
        assert ids(store.recent())[-20:] == names[-20:]
        assert not store.strange()
        if not fault.happened:
            break
    else:
        pytest.fail("it never came to an end")
    store.sweep()
    assert sorted(os.listdir(store.root)) == ["blobs", "manifest.jsonl", "manifest.old.jsonl"]


def test_a_disk_that_is_full_leaves_the_journal_long_and_the_repair_goes_on(
    store: CheckpointStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "_LONGEST", 2**20)
        names = repaired(store, 60)
    for number in range(1, 100):
        with failing_call(number) as fault:
            try:
                Ledger(store.root).turn_over()
            except OSError:
                assert fault.happened
        if not fault.happened:
            break
        assert ids(store.all()) == names
        assert store.damage() == ()
    assert sorted(os.listdir(store.root)) == ["blobs", "manifest.jsonl", "manifest.old.jsonl"]
    with monkeypatch.context() as patch:
        before = Path(Ledger(store.root).archive).read_bytes()
        patch.setattr(ledger, "write_beside", _full)
        patch.setattr(ledger, "_LONGEST", 1)
        assert made(store, 9_999).id in ids(store.unfinished())
        assert Path(Ledger(store.root).archive).read_bytes() == before, "it would grow with every repair"


def _full(*_arguments: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_record_that_names_nothing_we_know_moves_too(store: CheckpointStore) -> None:
    Ledger(store.root).append({"event": "of another clawmend", "id": 7})
    repaired(store, 120)
    assert len(store.recent()) < 60
    assert not store.strange()
