"""The way back: undo with a diff first, of one file, of an undo; recovery; pruning; what is known to be good."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.files import RealFiles
from clawmend.system.records import Kind
from cli.run import VERSION, CommandLine
from repair.home import OLD_URL, Home, cache

_CLAUDE = '{\n  "numStartups": 3,\n  "projects": {}\n}'
_MODELS = "~/.openclaw/agents/main/agent/models.json"


@pytest.fixture
def repaired(clawmend: CommandLine, home: Home) -> dict[Path, bytes]:
    """A home with two repaired files; what they were."""
    home.write(home.models, cache())
    home.write(home.claude, _CLAUDE)
    before = {path: path.read_bytes() for path in (home.models, home.claude)}
    assert clawmend("repair", *VERSION).code == 0
    assert all(path.read_bytes() != data for path, data in before.items())
    return before


class TestUndo:
    def test_a_dry_run_shows_the_diff_and_changes_nothing(
        self, clawmend: CommandLine, home: Home, repaired: dict[Path, bytes]
    ) -> None:
        run = clawmend("undo", "--dry-run")
        assert run.code == 0
        assert f"would put back {_MODELS}" in run.out
        assert '-  "hasCompletedOnboarding": true' in run.out
        assert home.models.read_bytes() != repaired[home.models]
        assert clawmend("undo", "--dry-run", "--json").json["made"] is None

    def test_one_file_goes_back_and_the_other_stays(
        self, clawmend: CommandLine, home: Home, repaired: dict[Path, bytes]
    ) -> None:
        mended = home.claude.read_bytes()
        run = clawmend("undo", "--file", _MODELS)
        assert run.code == 0
        assert home.models.read_bytes() == repaired[home.models]
        assert home.claude.read_bytes() == mended
        assert clawmend("undo").code == 0  # the rest of it
        assert home.claude.read_bytes() == repaired[home.claude]

    def test_a_file_can_be_named_as_the_shell_does(
        self, clawmend: CommandLine, home: Home, repaired: dict[Path, bytes]
    ) -> None:
        assert clawmend("undo", "--file", home.models, "--json").json["restored"][0]["path"] == _MODELS
        assert home.models.read_bytes() == repaired[home.models]

    @pytest.mark.usefixtures("repaired")
    def test_a_file_that_is_not_in_it_is_2_and_nothing_is_undone(self, clawmend: CommandLine) -> None:
        run = clawmend("undo", "--file", "~/other.json")
        assert run.code == 2
        assert "holds no" in run.err
        assert "clawmend backups show" in run.err

    def test_an_undo_can_be_undone_and_the_repair_is_then_undone_by_default_again(
        self, clawmend: CommandLine, home: Home, repaired: dict[Path, bytes]
    ) -> None:
        mended = home.models.read_bytes()
        made = clawmend("undo", "--json").json["made"]
        assert clawmend("undo").code == 2  # nothing is left to undo
        assert clawmend("undo", made).code == 0
        assert home.models.read_bytes() == mended
        assert clawmend("undo").code == 0
        assert home.models.read_bytes() == repaired[home.models]

    def test_it_says_how_it_can_be_undone_itself(self, clawmend: CommandLine, repaired: dict[Path, bytes]) -> None:
        assert repaired
        text = clawmend("undo").out
        name = text.rpartition("clawmend undo ")[2].strip()
        assert clawmend("undo", name).code == 0

    def test_the_start_of_a_name_is_enough_beside_what_the_repair_kept_as_good(
        self, clawmend: CommandLine, home: Home, repaired: dict[Path, bytes]
    ) -> None:
        store = CheckpointStore(str(home.state))
        (made,) = (one for one in store.all() if one.kind is Kind.REPAIR)
        store.finish(store.register(Kind.GOOD, str(home.path), made.made, [(str(home.claude), b"{}", b"{}", None)]))
        start = made.id.partition("-")[0][:-3]
        assert clawmend("backups", "show", start, "--json").json["checkpoint"]["id"] == made.id
        assert clawmend("undo", start).code == 0
        assert {path: path.read_bytes() for path in repaired} == repaired

    def test_what_was_only_kept_is_no_repair_and_the_sentence_says_what_it_is(
        self, clawmend: CommandLine, home: Home
    ) -> None:
        store = CheckpointStore(str(home.state))
        store.prepare()
        good = store.register(Kind.GOOD, str(home.path), 1_600_000_000.0, [(str(home.claude), b"{}", b"{}", None)])
        found = store.rescue(str(home.path), 1_700_000_000.0, str(home.claude), b"{}")
        store.finish(good)
        home.write(home.claude, _CLAUDE)
        for one, what in ((good, "was proven good"), (found, "wrote while a repair was cut off")):
            run = clawmend("undo", one.id, "--force")
            assert (run.code, what in run.err) == (2, True), run.err
            assert run.err.endswith(f"see what is in it: clawmend backups show {one.id}\n")
        assert home.claude.read_text() == _CLAUDE

    @pytest.mark.parametrize("more", [[], ["--dry-run"]])
    def test_json_of_a_refusal_lists_nothing_as_restored(
        self, clawmend: CommandLine, home: Home, repaired: dict[Path, bytes], more: list[str]
    ) -> None:
        mended = home.claude.read_bytes()
        home.write(home.models, home.models.read_text() + "\n")
        run = clawmend("undo", "--json", *more)
        assert (run.code, run.json["restored"], run.json["made"]) == (2, [], None)
        assert [item["path"] for item in run.json["conflicts"]] == [_MODELS]
        assert home.claude.read_bytes() == mended != repaired[home.claude]

    def test_recover_stands_alone(self, clawmend: CommandLine) -> None:
        assert clawmend("undo", "--recover", "--force").code == 2

    @pytest.mark.parametrize(("reply", "code"), [(b"n\n", 1), (b"y\n", 0), (b"\n", 0)])
    def test_on_a_terminal_the_diff_is_shown_and_a_person_is_asked(
        self, clawmend: CommandLine, home: Home, repaired: dict[Path, bytes], reply: bytes, code: int
    ) -> None:
        run = clawmend.on_terminal("undo", "--no-color", answers=(reply,))
        assert run.code == code, run.out
        shown, _, rest = run.out.partition("Do this?")
        assert '-  "hasCompletedOnboarding": true' in shown
        assert "Do this?" not in rest
        assert ("Nothing was undone." in rest) is bool(code)
        assert (home.models.read_bytes() == repaired[home.models]) is not bool(code)

    def test_yes_asks_nobody(self, clawmend: CommandLine, repaired: dict[Path, bytes]) -> None:
        assert repaired
        assert "Do this?" not in clawmend.on_terminal("undo", "--yes").out


class TestRecovery:
    def cut_off(self, home: Home) -> str:
        """A repair that was killed after it had written the cache; the checkpoint's id."""
        store = CheckpointStore(str(home.state))
        store.prepare()
        old, new = cache().encode(), b'{"providers": {}}'
        home.write(home.models, cache())
        found = RealFiles().read(str(home.models))
        change = (str(home.models), old, new, found.identity, ("OC101",))  # type: ignore[union-attr]
        made = store.register(Kind.REPAIR, str(home.path), 1_700_000_000.0, [change])
        RealFiles().replace(str(home.models), new, expected=old)
        home.models.with_name(f".models.json.clawmend-{made.id}").write_bytes(old)
        return made.id

    def test_it_puts_back_and_sweeps_and_says_so(self, clawmend: CommandLine, home: Home) -> None:
        name = self.cut_off(home)
        run = clawmend("undo", "--recover")
        assert run.code == 0
        assert f"{name} had been cut off" in run.out
        assert f"put back {_MODELS}" in run.out
        assert OLD_URL in home.models.read_text()
        assert not list(home.root.rglob("*.clawmend-*"))
        assert clawmend("undo", "--recover").out == "Nothing was cut off.\n"

    def test_json(self, clawmend: CommandLine, home: Home) -> None:
        name = self.cut_off(home)
        (one,) = clawmend("undo", "--recover", "--json").json["recovered"]
        assert (one["checkpoint"], one["restored"], one["problem"]) == (name, [_MODELS], "")

    def test_a_repair_recovers_first(self, clawmend: CommandLine, home: Home) -> None:
        name = self.cut_off(home)
        run = clawmend("repair", "--json", *VERSION)
        assert run.code == 0
        assert run.json["recovered"][0]["checkpoint"] == name
        assert run.json["verdict"] == "repaired"
        assert OLD_URL not in home.models.read_text()

    def test_an_undo_after_a_crash_takes_back_what_was_cut_off_and_no_more(
        self, clawmend: CommandLine, home: Home
    ) -> None:
        home.write(home.claude, _CLAUDE)
        assert clawmend("repair", *VERSION).code == 0
        mended = home.claude.read_bytes()
        name = self.cut_off(home)
        run = clawmend("undo", "--json")
        assert (run.code, run.json["recovered"][0]["checkpoint"]) == (0, name)
        assert OLD_URL in home.models.read_text()
        assert home.claude.read_bytes() == mended

    def test_what_cannot_be_recovered_stops_a_repair(self, clawmend: CommandLine, home: Home) -> None:
        self.cut_off(home)
        os.link(home.models, home.root / "another name")
        left = home.models.read_bytes()
        run = clawmend("repair", "--json", *VERSION)
        assert (run.code, run.json["verdict"]) == (2, "failed")
        assert "cannot be recovered yet" in run.json["note"]
        assert home.models.read_bytes() == left
        (home.root / "another name").unlink()
        assert clawmend("repair", *VERSION).code == 0

    def test_what_cannot_be_recovered_yet_is_2_and_tried_again(self, clawmend: CommandLine, home: Home) -> None:
        self.cut_off(home)
        blob = next((home.state / "checkpoints" / "blobs").iterdir())
        hidden = blob.rename(home.root / "blob")
        run = clawmend("undo", "--recover")
        assert run.code == 2
        assert "not recovered yet" in run.out
        hidden.rename(blob)
        assert clawmend("undo", "--recover").code == 0

    def test_a_home_that_clawmend_never_changed_needs_none(self, clawmend: CommandLine, home: Home) -> None:
        assert clawmend("undo", "--recover").out == "Nothing was cut off.\n"
        assert not home.state.exists()


class TestDamage:
    def test_a_damaged_list_of_backups_stops_a_repair_and_is_found(
        self, clawmend: CommandLine, home: Home, repaired: dict[Path, bytes]
    ) -> None:
        assert repaired
        manifest = home.state / "checkpoints" / "manifest.jsonl"
        data = bytearray(manifest.read_bytes())
        data[40] ^= 1
        manifest.write_bytes(data)
        home.write(home.models, cache())
        before = home.models.read_bytes()
        run = clawmend("repair", *VERSION)
        assert run.code == 2
        assert "is damaged in line 1" in run.err
        assert home.models.read_bytes() == before
        anew = f"mv {home.state}/checkpoints {home.state}/checkpoints.damaged"
        assert run.err.endswith(f"{anew}\n")
        verified = clawmend("backups", "verify")
        assert (verified.code, f"    {anew}\n" in verified.out) == (2, True)
        assert clawmend("backups", "verify", "--json").json["remedy"] == anew
        assert clawmend("backups", "prune", "--yes").code == 2

    @pytest.mark.usefixtures("repaired")
    def test_the_list_says_that_something_is_missing_from_it(self, clawmend: CommandLine, home: Home) -> None:
        assert clawmend("backups", "verify", "--json").json["remedy"] == ""
        with (home.state / "checkpoints" / "manifest.jsonl").open("a") as manifest:
            manifest.write("garbage\n")
        for words in ([], ["--json"]):
            run = clawmend("backups", "list", *words)
            assert (run.code, _MODELS in run.out) == (2, True)
            assert "manifest.jsonl is damaged" in run.err
            assert run.err.endswith("see: clawmend backups verify\n")

    @pytest.mark.usefixtures("repaired")
    def test_after_what_verify_names_a_repair_is_done_again(self, clawmend: CommandLine, home: Home) -> None:
        with (home.state / "checkpoints" / "manifest.jsonl").open("a") as manifest:
            manifest.write("garbage\n")
        remedy = clawmend("backups", "verify", "--json").json["remedy"]
        subprocess.run(["sh", "-c", remedy], check=True)
        home.write(home.models, cache())
        assert clawmend("repair", *VERSION).code == 0
        assert clawmend("backups", "verify").code == 0

    def test_a_checkpoint_that_is_named_can_be_undone_all_the_same(
        self, clawmend: CommandLine, home: Home, repaired: dict[Path, bytes]
    ) -> None:
        manifest = home.state / "checkpoints" / "manifest.jsonl"
        manifest.write_bytes(manifest.read_bytes().replace(b'"done"', b'"dome"'))
        run = clawmend("undo")
        assert run.code == 2
        assert "name it: clawmend undo CHECKPOINT" in run.err
        listing = clawmend("backups", "list", "--json")
        (listed,) = listing.json["checkpoints"]
        assert (listing.code, "is damaged" in listing.err) == (2, True)
        assert clawmend("undo", listed["id"]).code == 0
        assert {path: path.read_bytes() for path in repaired} == repaired


def test_a_backup_is_shown_with_the_file_that_cp_takes_back(
    clawmend: CommandLine, home: Home, repaired: dict[Path, bytes]
) -> None:
    """The README promises that clawmend itself is not needed for the way back."""
    store = CheckpointStore(str(home.state))
    (made,) = (one for one in store.all() if one.kind is Kind.REPAIR)
    shown = clawmend("backups", "show", made.id, "--json").json["checkpoint"]["files"]
    text = clawmend("backups", "show", made.id).out
    assert {file["path"]: Path(file["kept"]).read_bytes() for file in shown} == {
        str(path).replace(str(home.path), "~"): data for path, data in repaired.items()
    }
    assert all(f"    kept in {file['kept']}\n" in text for file in shown)
    change = (str(home.root / "begun"), None, b"{}", None)
    absent = store.register(Kind.REPAIR, str(home.path), made.made, [change])
    assert clawmend("backups", "show", absent.id, "--json").json["checkpoint"]["files"][0]["kept"] is None
    assert "    it was not there then\n" in clawmend("backups", "show", absent.id).out


class TestPrune:
    @pytest.fixture
    def old(self, home: Home) -> CheckpointStore:
        store = CheckpointStore(str(home.state))
        store.prepare()
        for number in range(30):
            change = (str(home.models), b"%d" % number, b"", None, ("OC101",))
            made = store.register(Kind.REPAIR, str(home.path), 1_600_000_000.0 + number, [change])
            store.finish(made)
            store.mark_undone(made)
        return store

    def test_it_is_shown_and_nothing_goes(self, clawmend: CommandLine, old: CheckpointStore) -> None:
        run = clawmend("backups", "prune")
        assert run.code == 0
        assert "9 checkpoints and 9 contents can go; that frees 0.0 MB." in run.out
        assert len(old.all()) == 30
        assert clawmend("backups", "prune", "--json").json["pruned"] is False

    def test_with_yes_it_goes_and_the_rest_is_whole(self, clawmend: CommandLine, old: CheckpointStore) -> None:
        document = clawmend("backups", "prune", "--yes", "--json").json
        assert document["pruned"] is True
        assert len(document["checkpoints"]) == 9
        assert len(old.all()) == len(old.blobs.sizes()) == 21
        assert clawmend("backups", "verify").code == 0
        assert "nothing to remove" in clawmend("backups", "prune").out

    def test_what_a_newer_clawmend_has_written_is_left_alone(self, clawmend: CommandLine, old: CheckpointStore) -> None:
        with open(os.path.join(old.root, "manifest.jsonl"), "a") as file:
            file.write(json.dumps({"schema": 99, "event": "begin"}) + "\n")
        run = clawmend("backups", "prune", "--yes")
        assert run.code == 2
        assert "does not understand" in run.err
        assert len(old.blobs.sizes()) == 30


def test_what_is_good_is_listed_apart_and_is_no_checkpoint_to_undo(clawmend: CommandLine, home: Home) -> None:
    home.write(home.claude, '{"numStartups": 3, "hasCompletedOnboarding": true}')
    assert clawmend("repair", *VERSION).code == 0
    listed = clawmend("backups", "list", "--json").json
    assert listed["checkpoints"] == []
    assert listed["known_good"][0]["files"][0]["path"] == "~/.claude.json"
    assert "Kept because they were proven good" in clawmend("backups", "list").out
    assert clawmend("undo").code == 2
