"""From the tables of config.toml to a policy: every problem found is kept, with the key it is about."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from typing import Any

from clawmend.core.plan_data import CODING_PLAN, PlanKnowledge
from clawmend.core.plan_kinds import Host, PlanModel, Region
from clawmend.core.policy import Mode, Policy
from clawmend.system.misfits import Keys, Misfit, Table, shown, table_at, unknown_keys
from clawmend.system.validating_metrics import NAME as METRICS
from clawmend.system.validating_notify import NAME
from clawmend.system.validating_operation import TABLES

_SECTIONS = ("rules", "plan", *TABLES, NAME, METRICS)
_PLAN_KEYS = ("as_of", "extra_hosts", "models")
_MODEL_KEYS = tuple(field.name for field in fields(PlanModel) if field.name != "id")
_REQUIRED = ("context_window", "thinking_budget")
_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_DATE = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?")
_MOST_TOKENS = 10**9
_SOURCE = "config.toml"
_MODES = ", ".join(f'"{mode.value}"' for mode in Mode)


def policy_of(tables: Table, rules: Mapping[str, str]) -> tuple[Policy, tuple[Misfit, ...]]:
    """Make the policy that the tables of a config.toml describe; what is wrong in them is left out and told.

    `rules` are the known rules, name by id.
    """
    misfits = [*unknown_keys((), tables, _SECTIONS)]
    modes, found = _modes(table_at(tables, ("rules",), misfits), rules)
    misfits += found
    plan = _plan(table_at(tables, ("plan",), misfits), misfits)
    return Policy(modes, plan), tuple(misfits)


def _modes(table: Table, rules: Mapping[str, str]) -> tuple[dict[str, Mode], list[Misfit]]:
    ids = {rule.lower(): rule for rule in rules} | {name: rule for rule, name in rules.items()}
    modes: dict[str, Mode] = {}
    misfits = []
    for key, value in table.items():
        rule = ids.get(key.lower())
        if rule is None:
            misfits.append(Misfit(("rules", key), f"is no rule; {_near(key, tuple(ids), ids)}"))
        elif not isinstance(value, str) or value not in {mode.value for mode in Mode}:
            misfits.append(Misfit(("rules", key), f"is {shown(value)}, and has to be one of {_MODES}"))
        elif rule in modes:
            misfits.append(Misfit(("rules", key), f"is the rule {rule}, which already has a line"))
        else:
            modes[rule] = Mode(value)
    return modes, misfits


def _near(key: str, known: tuple[str, ...], ids: Mapping[str, str]) -> str:
    close = get_close_matches(key.lower()[:80], known, n=3, cutoff=0.7)
    names = list(dict.fromkeys(ids[one] if one in map(str.lower, ids.values()) else one for one in close))
    return f"did you mean {' or '.join(names)}?" if names else "list them with: clawmend rules"


def _plan(table: Table, misfits: list[Misfit]) -> PlanKnowledge:
    misfits += unknown_keys(("plan",), table, _PLAN_KEYS)
    plan = replace(CODING_PLAN, as_of=_as_of(table, misfits))
    plan = _with_hosts(plan, table_at(table, ("plan", "extra_hosts"), misfits), misfits)
    return _with_models(plan, table_at(table, ("plan", "models"), misfits), misfits)


def _as_of(table: Table, misfits: list[Misfit]) -> str:
    value = table.get("as_of", CODING_PLAN.as_of)
    if type(value) is dt.date:  # TOML knows dates without quotes
        return value.isoformat()
    if isinstance(value, str) and _DATE.fullmatch(value):
        return value
    misfits.append(Misfit(("plan", "as_of"), f'is {shown(value)}, and has to be a date like "2026-03"'))
    return CODING_PLAN.as_of


def _with_hosts(plan: PlanKnowledge, table: Table, misfits: list[Misfit]) -> PlanKnowledge:
    misfits += unknown_keys(("plan", "extra_hosts"), table, tuple(region.value for region in Region))
    for region in Region:
        given = table.get(region.value, [])
        keys = ("plan", "extra_hosts", region.value)
        for name in given if isinstance(given, list) else [given]:
            problem = _host_problem(plan, name, region)
            if problem:
                misfits.append(Misfit(keys, problem))
            elif plan.region_of(f"https://{name}") is None:
                plan = replace(plan, plan_hosts=(*plan.plan_hosts, Host(name.lower(), region, _SOURCE)))
    return plan


def _host_problem(plan: PlanKnowledge, name: object, region: Region) -> str | None:
    if not isinstance(name, str) or not _HOST.fullmatch(name.lower()):
        return f'is {shown(name)}, and has to be a bare host name like "coding.example.com", or a list of them'
    url = f"https://{name}"
    if plan.is_general_endpoint(url) or plan.is_other_plan_endpoint(url):
        return f"is {name}, which is known as a host of another plan"
    known = plan.region_of(url)
    return f"is {name}, which is known in the region {known.value}" if known not in {None, region} else None


def _with_models(plan: PlanKnowledge, table: Table, misfits: list[Misfit]) -> PlanKnowledge:
    for name in table:
        keys = ("plan", "models", name)
        before = len(misfits)
        given = table_at(table, keys, misfits)
        if len(misfits) > before:
            continue
        misfits += (*unknown_keys(keys, given, _MODEL_KEYS), *_model_misfits(keys, given))
        known = plan.model(name)
        twin = plan.respelled(name)
        if known is None and twin is not None:
            misfits.append(Misfit(keys, f"differs from {twin.id} only in case or spaces; write it like that"))
        elif name != name.strip() or not name:
            misfits.append(Misfit(keys, "has spaces around its id, or none"))
        elif known is None:
            missing = [key for key in _REQUIRED if key not in given]
            misfits += [Misfit(keys, f"is a new model and needs {' and '.join(missing)}")] if missing else []
        if len(misfits) > before:
            continue
        values: dict[str, Any] = {
            key: None if value is False and key == "thinking_budget" else value for key, value in given.items()
        }
        model = replace(known, **values) if known else PlanModel(name, **values)
        plan = replace(plan, models=(*(one for one in plan.models if one.id != name), model))
    return plan


def _model_misfits(keys: Keys, given: Table) -> Iterator[Misfit]:
    for key, value in given.items():
        if key in {"image_input", "budget_covers_reply"}:
            if not isinstance(value, bool):
                yield Misfit((*keys, key), f"is {shown(value)}, and has to be true or false")
        elif key in _MODEL_KEYS and not (key == "thinking_budget" and value is False):
            wanted = "a number of tokens, or false when the model does not think"
            wanted = wanted if key == "thinking_budget" else "a number of tokens"
            if type(value) is not int or not 1 <= value <= _MOST_TOKENS:
                yield Misfit((*keys, key), f"is {shown(value)}, and has to be {wanted}")
