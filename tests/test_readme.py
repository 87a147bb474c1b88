"""The README says what is so: its table is made from the rules, its commands are those the gate runs."""

import plistlib
import re
from pathlib import Path

from clawmend.cli.rules import markdown_table
from clawmend.rules.registry import RULES
from clawmend.system.retention import Policy
from clawmend.system.units import NAMES

README = Path(__file__).parent.parent / "README.md"


def test_the_table_of_rules_is_made_from_the_rules() -> None:
    text = README.read_text(encoding="utf-8")
    found = re.search(r"<!-- rules -->\n(.*?)<!-- /rules -->", text, re.DOTALL)
    assert found is not None
    made = markdown_table(sorted(RULES, key=lambda rule: rule.id))
    assert found.group(1).strip() == made, "print it with: clawmend rules --markdown"


def test_the_two_commands_are_marked_for_the_gate() -> None:
    text = README.read_text(encoding="utf-8")
    for mark in ("run", "test"):
        assert re.search(rf"<!-- {mark} -->\n```sh\n[^\n]+\n```\n", text), mark


def test_what_it_quotes_in_trouble_is_what_clawmend_says() -> None:
    text = README.read_text(encoding="utf-8")
    table = text.partition("## When something is not as you expect")[2].partition("\n## ")[0]
    quoted = re.findall(r'^\| "([^"]+)"', table, re.MULTILINE)
    said = "\n".join(path.read_text(encoding="utf-8") for path in (README.parent / "daemon").rglob("*.py"))
    assert len(quoted) >= 4
    assert [words for words in quoted if words not in said] == []


def test_what_it_says_of_old_backups_is_the_policy_that_holds() -> None:
    kept = Policy()
    said = f"older than {kept.days:g} days, beyond {kept.checkpoints} checkpoints or {kept.megabytes:g} MB"
    assert said in " ".join(README.read_text(encoding="utf-8").split())


def test_how_settings_are_read_again_names_our_unit_and_our_agent() -> None:
    text = README.read_text(encoding="utf-8")
    unit, agent = NAMES["systemd"].removesuffix(".service"), NAMES["launchd"].removesuffix(".plist")
    assert f"`systemctl --user reload {unit}`" in text
    assert f"`launchctl kill SIGHUP gui/$(id -u)/{agent}`" in text
    label = plistlib.loads((README.parent / "launchd" / NAMES["launchd"]).read_bytes())["Label"]
    assert agent == label


def test_every_module_that_it_has_run_is_there() -> None:
    named = set(re.findall(r"python -m ([a-z]+(?:\.[a-z]+)*)", README.read_text(encoding="utf-8")))
    assert {"bench", "bench.watcher"} <= named
    ours = named - {"venv"}
    folder = README.parent / "tests"
    found = {name for name in ours if list(folder.glob(f"{name.replace('.', '/')}.py")) or (folder / name).is_dir()}
    assert found == ours
