"""Odd names, links and labels: a sentence or a whole repair, and a whole undo."""

import os
import stat
import sys
from pathlib import Path

import pytest

from clawmend.system.checkpoints import CheckpointStore
from faults.bed import Bed
from faults.five import MODELS, NAMES, PROFILES, REMOVED, VERSION, clawmend, lay, new, old
from repair.home import PLAN_URL, cache
from system.fakes import NOBODY

pytestmark = pytest.mark.faults


@pytest.fixture
def bed(tmp_path: Path) -> Bed:
    return Bed(tmp_path / "home", tmp_path / "state").laid()


class TestNames:
    @pytest.mark.parametrize(
        "name",
        ["with space", "new\nline", os.fsdecode(b"\xff\xfe-latin-\xe9"), "'\"$(touch /tmp/x)`;", "-rf", "ü" * 60],
        ids=["space", "newline", "no-utf-8", "shell", "dash", "long"],
    )
    def test_a_home_may_have_any_name(self, tmp_path: Path, name: str) -> None:
        bed = Bed(tmp_path / name / "home", tmp_path / name / "state").laid()
        bed.works_again()
        assert bed.run("backups", "list", "--json").json["checkpoints"]

    @pytest.mark.parametrize("command", ["repair", "undo"])
    def test_a_name_with_a_newline_cannot_make_two_sentences_of_one(self, tmp_path: Path, command: str) -> None:
        bed = Bed(tmp_path / "new\nclawmend: all is well" / "home", tmp_path / "state").laid()
        if command == "undo":
            bed.repair()
        os.link(bed.home / MODELS, tmp_path / "second")
        run = bed.repair() if command == "repair" else bed.undo()
        assert "\nclawmend: all is well" not in f"\n{run.err}\n{run.out}"


class TestLinks:
    @pytest.mark.parametrize("name", NAMES)
    def test_a_chain_of_links_is_followed_and_kept(self, bed: Bed, tmp_path: Path, name: str) -> None:
        path, middle = bed.home / name, tmp_path / "dots" / "middle.json"
        real = tmp_path / "store" / "deep" / "real.json"
        middle.parent.mkdir()
        real.parent.mkdir(parents=True)
        path.rename(real)
        middle.symlink_to("../store/deep/real.json")
        path.symlink_to(os.path.relpath(middle, path.parent))
        # Where the linked file is removed, the link leads nowhere, and that is said with a 2.
        assert bed.repair().code in ({0, 2} if name == REMOVED else {0})
        bed.is_repaired()
        assert (path.is_symlink(), middle.is_symlink(), real.exists()) == (True, True, name != REMOVED)
        assert [entry.name for entry in real.parent.iterdir()] == ["real.json"] * (name != REMOVED)
        bed.can_be_undone()
        assert (path.is_symlink(), real.read_bytes()) == (True, old()[name])

    @pytest.mark.parametrize("folder", [False, True], ids=["file", "folder"])
    @pytest.mark.parametrize("command", ["repair", "undo"])
    def test_a_link_swapped_in_after_the_plan_does_not_lead_a_write_astray(
        self, bed: Bed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: bool, command: str
    ) -> None:
        """The plan is made and registered; then the file, or its folder, becomes a link to somebody else's."""
        where = ("--home", str(bed.home), "--state-dir", str(bed.state))
        if command == "undo":
            assert clawmend("repair", *where, *VERSION).code == 0
        victim = tmp_path / "victim"
        lay(victim, {"models.json": cache(PLAN_URL).encode(), "auth-profiles.json": b'{"version": 1, "profiles": {}}'})
        before = {path.name: path.read_bytes() for path in victim.iterdir()}
        path = bed.home / MODELS
        register, swapped = CheckpointStore.register, []

        def swap(*arguments: object, **options: object) -> object:
            made = register(*arguments, **options)  # type: ignore[arg-type]
            if not swapped:
                place = path.parent if folder else path
                place.rename(tmp_path / "aside")
                place.symlink_to(victim if folder else victim / "models.json")
                swapped.append(place)
            return made

        monkeypatch.setattr(CheckpointStore, "register", swap)
        answer = clawmend("repair", *where, *VERSION) if command == "repair" else clawmend("undo", *where)

        assert swapped
        assert answer.code in {0, 1, 2}, answer
        assert {path.name: path.read_bytes() for path in victim.iterdir()} == before
        assert swapped[0].is_symlink()
        assert bed.leftovers == []
        aside = tmp_path / "aside" / path.name if folder else tmp_path / "aside"
        assert aside.read_bytes() == (old() if command == "repair" else new())[MODELS]
        untouched = (PROFILES, MODELS) if folder else (MODELS,)
        others = {name: data for name, data in bed.contents.items() if name not in untouched}
        states = ({name: one[name] for name in others} for one in (old(), new()))
        assert others in states, answer

    @pytest.mark.parametrize("name", NAMES)
    def test_a_file_with_a_second_name_is_refused_or_held_with_a_sentence(
        self, bed: Bed, tmp_path: Path, name: str
    ) -> None:
        os.link(bed.home / name, tmp_path / "second")
        bed.is_held(bed.repair(), name, name, "2 names (hard links)")
        assert (tmp_path / "second").read_bytes() == old()[name]
        (tmp_path / "second").unlink()
        bed.works_again()


class TestLabels:
    """Access lists and extended attributes."""

    def test_they_survive_a_repair_and_an_undo(self, bed: Bed) -> None:
        before = self._labelled(bed)
        assert bed.repair().code == 0
        assert {name: _labels(bed.home / name) for name in NAMES if name != REMOVED} == {
            name: labels for name, labels in before.items() if name != REMOVED
        }
        assert bed.undo().code == 0
        assert {name: _labels(bed.home / name) for name in NAMES if name != REMOVED} == {
            name: labels for name, labels in before.items() if name != REMOVED
        }

    def test_a_removed_file_comes_back_with_them(self, bed: Bed) -> None:
        before = self._labelled(bed)
        assert bed.repair().code == 0
        assert bed.undo().code == 0
        assert _labels(bed.home / REMOVED) == before[REMOVED]

    def _labelled(self, bed: Bed) -> dict[str, dict[str, object]]:
        if sys.platform != "linux":
            pytest.skip("access lists of this kind need Linux")
        # version 2; user:: rw-, user:nobody r--, group:: r--, mask:: r--, other:: ---
        everybody = 0xFFFFFFFF
        entries = [(1, 6, everybody), (2, 4, NOBODY), (4, 4, everybody), (16, 4, everybody), (32, 0, everybody)]
        access = (2).to_bytes(4, "little") + b"".join(
            tag.to_bytes(2, "little") + rights.to_bytes(2, "little") + who.to_bytes(4, "little")
            for tag, rights, who in entries
        )
        for name in NAMES:
            try:
                os.setxattr(bed.home / name, "user.note", name.encode())
                os.setxattr(bed.home / name, "system.posix_acl_access", access)
            except OSError as error:
                pytest.skip(f"needs a file system with access lists and attributes: {error.strerror}")
        return {name: _labels(bed.home / name) for name in NAMES}


def _labels(path: Path) -> dict[str, object]:
    found: dict[str, object] = {name: os.getxattr(path, name) for name in os.listxattr(path)}
    return found | {"mode": stat.S_IMODE(path.stat().st_mode)}
