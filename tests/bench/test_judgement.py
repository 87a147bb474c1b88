import json
from pathlib import Path

import pytest

from bench.judgement import comments_in, judge, parse, places
from support.stores import key_entry, make_store
from support.trees import Node, Tree, read_tree

CONFIG = ".openclaw/openclaw.json"
TEXT = b"""// mine
{
  "gateway": { "port": 1 }, /* not the default */
  "url": "http://127.0.0.1/v1", // no comment: "//"
  "apiKey": "sk-sp-made-up-key-number-one",
}
"""


def tree(files: dict[str, bytes], mode: int = 0o640) -> Tree:
    return {name: Node("file", mode, content) for name, content in files.items()}


def test_comments_are_counted_and_slashes_in_strings_are_none() -> None:
    assert comments_in(TEXT) == 3
    assert comments_in(b'{"a": "http://x", "b": "/* no */", \'c\': \'//\'}') == 0


def test_every_member_has_a_place_and_lists_are_counted_by_position() -> None:
    assert places({"a": {"b": [1, {"c": None}]}}) == {
        "/a": "dict", "/a/b": "list", "/a/b/0": 1, "/a/b/1/c": None,
    }  # fmt: skip


def test_an_untouched_healthy_home_is_untouched() -> None:
    home = tree({CONFIG: TEXT})
    assert judge(home, dict(home), cured=True, was_well=True).verdict == "untouched"


def test_a_fault_that_nobody_touched_is_left() -> None:
    home = tree({CONFIG: TEXT})
    assert judge(home, dict(home), cured=False, was_well=False).verdict == "left"


def test_a_repair_of_the_fault_alone_is_no_harm() -> None:
    after = tree({CONFIG: TEXT.replace(b'"port": 1', b'"port": 2')})
    judged = judge(tree({CONFIG: TEXT}), after, cured=True, was_well=False, fault=(f"{CONFIG}#/gateway/port",))
    assert (judged.verdict, judged.harms) == ("repaired", [])


def test_the_same_edit_is_harm_where_it_is_not_the_fault() -> None:
    after = tree({CONFIG: TEXT.replace(b'"port": 1', b'"port": 2')})
    judged = judge(tree({CONFIG: TEXT}), after, cured=True, was_well=True)
    assert judged.verdict == "harmed"
    assert judged.values_changed == (f"{CONFIG}#/gateway/port",)


def test_a_config_written_anew_loses_comments_mode_and_what_it_did_not_know() -> None:
    known = {name: value for name, value in parse(TEXT).items() if name != "url"}
    after = tree({CONFIG: json.dumps(known).encode()}, mode=0o600)
    judged = judge(tree({CONFIG: TEXT}), after, cured=True, was_well=False)
    assert judged.verdict == "repaired with harm"
    assert judged.harms == ["3 comments lost", "openclaw.json 640 to 600", "1 keys lost"]


def test_what_a_tool_adds_is_counted_and_is_no_harm() -> None:
    after = tree({CONFIG: TEXT, ".openclaw/notes.json": b"{}", ".tool/state": b""})
    judged = judge(tree({CONFIG: TEXT}), after, cured=True, was_well=True)
    assert (judged.verdict, judged.files_added) == ("changed", (".openclaw/notes.json",))


def test_a_broken_file_is_compared_with_the_good_copy_beside_it() -> None:
    before = tree({CONFIG: TEXT[:60], f"{CONFIG}.bak": TEXT})
    good = {CONFIG: f"{CONFIG}.bak"}
    whole = judge(before, tree({CONFIG: TEXT, f"{CONFIG}.bak": TEXT}), cured=True, was_well=False, good=good)
    assert whole.verdict == "repaired"
    bare = judge(before, tree({CONFIG: b"{}", f"{CONFIG}.bak": TEXT}), cured=False, was_well=False, good=good)
    assert bare.harms == ["3 comments lost", "4 keys lost"]


def test_a_login_is_lost_when_only_backups_still_have_it() -> None:
    gone = tree({CONFIG: b"{}", f"{CONFIG}.bak": TEXT})
    assert judge(tree({CONFIG: TEXT}), gone, cured=True, was_well=True).logins_lost == 1


def test_a_login_that_moved_into_the_database_is_kept_and_a_stale_one_there_is_harm(tmp_path: Path) -> None:
    profiles = {"version": 1, "profiles": {"a": key_entry("sk-sp-kept-kept-kept"), "b": key_entry("sk-sp-stale-stale")}}
    path = ".openclaw/agents/main/agent/auth-profiles.json"
    before = tree({path: json.dumps(profiles).encode()}, mode=0o600)
    make_store(tmp_path / ".openclaw" / "state" / "openclaw.sqlite", profiles["profiles"])  # type: ignore[arg-type]
    judged = judge(before, read_tree(tmp_path), cured=True, was_well=False, fault=(path,), stale=("sk-sp-stale-stale",))
    assert judged.logins_lost == 0
    assert judged.harms == ["stale key copied into openclaw.sqlite"]


def test_a_removed_file_is_harm_unless_it_is_the_fault() -> None:
    assert judge(tree({CONFIG: b"{}"}), {}, cured=False, was_well=True).harms == ["1 files removed"]
    assert judge(tree({CONFIG: b"{}"}), {}, cured=True, was_well=False, fault=(CONFIG,)).harms == []


def test_what_openclaw_makes_anew_by_itself_is_not_the_users() -> None:
    path = ".openclaw/agents/main/agent/models.json"
    judged = judge(tree({path: b'{"a": 1}'}), tree({path: b"{}"}), cured=True, was_well=True)
    assert (judged.harms, judged.verdict) == ([], "changed")


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": tru'])
def test_what_does_not_parse_has_no_value(content: bytes) -> None:
    assert parse(content) is None
