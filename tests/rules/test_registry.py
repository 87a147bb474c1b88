"""The registry and the pages of the rules."""

import pkgutil

import pytest

from clawmend import rules
from clawmend.core.finding import Rule
from clawmend.repair.planning import Options, look
from clawmend.rules.registry import RULES, diagnose, rule_named
from support.machine import Machine

_SECTIONS = ("What it checks", "Why it matters", "The fix and its safety", "References")
EVERY_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def test_every_rule_module_is_in_the_registry_once() -> None:
    modules = sorted(module.name for module in pkgutil.iter_modules(rules.__path__) if module.name != "registry")
    assert sorted(rule.id.lower() for rule in RULES) == modules
    assert sorted(rule.check.__module__.rpartition(".")[2] for rule in RULES) == modules


def test_ids_and_names_are_unique() -> None:
    names = [name for rule in RULES for name in (rule.id, rule.name)]
    assert len(set(names)) == len(names)


@EVERY_RULE
def test_a_page_has_a_title_and_four_sections_in_order(rule: Rule) -> None:
    lines = rule.documentation.splitlines()
    assert lines[0].endswith(".")
    assert rule.title == lines[0].rstrip(".")
    assert not lines[1]
    heads = [line for line in lines[1:] if line and not line.startswith(" ")]
    assert heads == list(_SECTIONS)
    for head in heads:
        assert lines[lines.index(head) + 1].startswith("    "), head


@EVERY_RULE
def test_a_page_has_no_line_beyond_the_margin(rule: Rule) -> None:
    assert all(len(line) <= 120 for line in rule.documentation.splitlines())


@EVERY_RULE
def test_a_rule_is_found_by_id_and_by_name_in_any_case(rule: Rule) -> None:
    assert rule_named(f" {rule.id.lower()} ") is rule
    assert rule_named(rule.name.upper()) is rule


def test_nobody_has_an_unknown_name() -> None:
    assert rule_named("OC999") is None
    assert rule_named("") is None


def test_an_empty_home_has_no_findings(machine: Machine) -> None:
    diagnosis = look(machine.looking(), Options(version="2026.3.2"))
    assert not diagnosis.findings
    assert not diagnosis.blind
    assert not list(diagnose(diagnosis.snapshot))
