import os
import stat
from pathlib import Path

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.system.blobs import Blobs, digest
from clawmend.system.reading import identity_of
from system.fakes import tree


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(str(tmp_path))


def test_what_is_absent_has_no_digest_and_what_is_empty_has() -> None:
    assert digest(None) is None
    assert digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_batch_is_kept_read_only_and_read_back(blobs: Blobs, tmp_path: Path) -> None:
    contents = [b"one", b"", b"\xff\x00" * 70_000]
    blobs.keep(contents)
    assert [blobs.read(str(digest(data))) for data in contents] == contents
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o400}
    assert blobs.sizes() == {str(digest(data)): len(data) for data in contents}


def test_the_same_bytes_are_kept_once_and_never_written_again(blobs: Blobs, tmp_path: Path) -> None:
    blobs.keep([b"one", b"one"])
    before = identity_of((tmp_path / str(digest(b"one"))).stat())
    blobs.keep([b"one"])
    assert identity_of((tmp_path / str(digest(b"one"))).stat()) == before
    assert len(tree(tmp_path)) == 1


def test_all_are_synced_before_any_has_its_name_and_the_folder_once_after(
    blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, rename = os.fsync, os.rename

    def recorded_fsync(descriptor: int) -> None:
        steps.append("sync folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "sync file")
        fsync(descriptor)

    def recorded_rename(source: str, target: str) -> None:
        steps.append("rename")
        rename(source, target)

    monkeypatch.setattr(os, "fsync", recorded_fsync)
    monkeypatch.setattr(os, "rename", recorded_rename)
    blobs.keep([b"one", b"two"])
    assert steps == ["sync file", "sync file", "rename", "rename", "sync folder"]
    assert len(tree(tmp_path)) == 2


@pytest.mark.parametrize("harm", [b"oNe", b"", b"one and more"])
def test_a_damaged_one_is_an_error_until_the_same_bytes_are_kept_again(
    blobs: Blobs, tmp_path: Path, harm: bytes
) -> None:
    blobs.keep([b"one"])
    path = tmp_path / str(digest(b"one"))
    path.chmod(0o600)
    path.write_bytes(harm)
    with pytest.raises(ClawmendError, match="is damaged: its content does not match its name"):
        blobs.read(path.name)

    blobs.keep([b"one"])

    assert blobs.read(path.name) == b"one"
    assert stat.S_IMODE(path.stat().st_mode) == 0o400


def test_a_missing_one_is_an_error(blobs: Blobs) -> None:
    with pytest.raises(ClawmendError, match="cannot be read: No such file"):
        blobs.read(str(digest(b"one")))


@pytest.mark.parametrize("call", ["write", "fsync", "rename"])
@pytest.mark.parametrize("at", [1, 2])
def test_a_batch_that_fails_leaves_nothing_half_written(
    blobs: Blobs, tmp_path: Path, call: str, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, count = getattr(os, call), [0]

    def fail(*arguments: object) -> object:
        count[0] += 1
        if count[0] == at:
            raise OSError(28, "No space left on device")
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(OSError, match="No space"):
            blobs.keep([b"one", b"two"])

    for name in os.listdir(tmp_path):
        assert digest(blobs.read(name)) == name
    blobs.keep([b"one", b"two"])
    assert len(tree(tmp_path)) == 2


def test_what_a_crash_left_half_written_is_no_blob_and_is_swept(blobs: Blobs, tmp_path: Path) -> None:
    blobs.keep([b"one"])
    (tmp_path / f"{digest(b'two')}.clawmend-00112233").write_bytes(b"tw")
    assert list(blobs.sizes()) == [digest(b"one")]
    blobs.sweep()
    assert list(tree(tmp_path)) == [digest(b"one")]


def test_no_folder_means_no_blobs(tmp_path: Path) -> None:
    blobs = Blobs(str(tmp_path / "gone"))
    assert blobs.sizes() == {}
    blobs.sweep()
    assert tree(tmp_path) == {}


def test_what_is_removed_is_gone_and_what_is_not_there_is_no_error(blobs: Blobs, tmp_path: Path) -> None:
    blobs.keep([b"one", b"two"])
    blobs.remove([str(digest(b"one")), str(digest(b"three"))])
    assert list(tree(tmp_path)) == [digest(b"two")]
