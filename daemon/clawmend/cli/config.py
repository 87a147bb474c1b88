"""`clawmend config`: our own settings, made, shown and checked."""

from typing import Any

import click

from clawmend.cli.app import FAILED, OK, Command, Group, Settings, answer, leave
from clawmend.cli.report import SCHEMA
from clawmend.core.configuration import Problem
from clawmend.core.event import Event
from clawmend.core.metrics_options import MetricsOptions
from clawmend.core.notify_options import NotifyOptions
from clawmend.core.operation import Operation
from clawmend.core.plan_data import CODING_PLAN, PlanKnowledge
from clawmend.core.plan_kinds import PlanModel, Region
from clawmend.core.policy import Policy
from clawmend.core.printable import one_line
from clawmend.core.secret import Masker
from clawmend.rules.registry import RULES
from clawmend.system.configuration import write_new
from clawmend.system.machine import mask_key

_HEAD = """\
# The settings of clawmend. Each one below is commented out and shows a default or an example.
# After a change: clawmend config check

[rules]
# What may be done about each rule, by its id or its name:
#   "auto"    also do what it would ask about, without asking
#   "ask"     the default: safe repairs are done, the others are asked about
#   "report"  tell, and never repair
#   "off"     do not even tell
"""

_TAIL = """
[watch]
# What `clawmend watch` may do: "auto" does what `clawmend repair` does without being asked; "report" only tells.
# mode = "auto"
# Seconds without a change before it looks.
# debounce = 1
# Every so many seconds it compares the files with what they were, in case a change went unnoticed. What no file shows
# (a database, a log, the gateway) it looks at every 5 minutes, or as often as this where something is left to do or the
# gateway is unwell.
# sweep = 60

[gateway]
# How many seconds a restart waits at most for an agent to end its turn.
# restart_wait = 300
# A time of every day in which no gateway is restarted by itself, such as "23:00-07:00"; what needs a restart waits.
# quiet_hours = ""

[log]
# The daemon's own log: "text" or "json", from "debug", "info", "warning" or "error" on.
# format = "text"
# level = "info"

[notify]
# Where the daemon tells you what it did and what needs you. Each address is one of Apprise's: "ntfy://ntfy.sh/topic",
# "tgram://token/chat", "discord://id/token", "slack://...", "dingtalk://...", "feishu://...", "mailto://...",
# "jsons://host/hook". They hold tokens: keep this file to yourself (chmod 600). Try them with: clawmend notify test
# targets = []
# desktop = false
# Which events: {events}.
# Without this line all of them but the digest.
# events = ["needs-you", "gateway-down", "gateway-back"]
# The time of day at which to say what happened since yesterday, such as "09:00".
# digest = ""

[metrics]
# Figures for Prometheus: true for the file metrics.prom in the state folder, or a path (see: clawmend metrics show).
# file = false
# A port of 127.0.0.1 on which they are served, such as 9464.
# port = false

[plan]
# What clawmend knows of the Coding Plan dates from {as_of}. What has changed since can be said here.
# as_of = "{as_of}"

[plan.extra_hosts]
# Further hosts of the plan, by region ({regions}).
# international = "coding.example.com"

[plan.models]
# Models that are new, or that have other limits by now; all numbers are tokens. A model that does not think has
# thinking_budget = false.
# "qwen4" = {{ context_window = 1000000, thinking_budget = 81920, max_output = 65536 }}
"""


@click.group(cls=Group)
def config() -> None:
    """Make, show and check the settings of clawmend itself."""


@config.command("init", cls=Command)
@click.pass_obj
def init_command(settings: Settings) -> None:
    """Write a commented config.toml; an existing one is left as it is."""
    path = settings.config_path()
    write_new(path, template())
    if settings.json:
        answer({"schema": SCHEMA, "path": one_line(path)})
    else:
        settings.screen().line(f"Wrote {one_line(path)}", "ok")


@config.command("show", cls=Command)
@click.pass_obj
def show_command(settings: Settings) -> None:
    """Show the settings that hold, defaults included."""
    policy, found, operation = settings.policy(), settings.configuration().found, settings.configuration().operation
    head = {"schema": SCHEMA, "path": one_line(settings.config_path()), "found": found}
    notify = settings.configuration().notify
    document = {**head, **_policy_json(policy), **operation_json(operation), "notify": notify_json(notify)}
    document["metrics"] = metrics_json(settings.configuration().metrics)
    if settings.json:
        answer(document)
        return
    screen = settings.screen()
    screen.line(document["path"] if found else f"There is no {document['path']}; these are the defaults.")
    screen.line()
    longest = max(len(rule.name) for rule in RULES)
    for rule in sorted(RULES, key=lambda rule: rule.id):
        screen.line(f"{rule.id}  {rule.name:<{longest}}  {document['rules'][rule.id]}")
    for table in ("watch", "gateway", "log"):
        screen.line()
        for key, value in document[table].items():
            screen.line(f"{f'{table}.{key}':<24}{'none' if value is None else value}")
    screen.line()
    for key, value in document["notify"].items():
        shown = ", ".join(value) if isinstance(value, list) else value
        screen.line(f"{f'notify.{key}':<24}{shown or 'none'}")
    screen.line()
    for key, value in document["metrics"].items():
        screen.line(f"{f'metrics.{key}':<24}{'none' if value is None else value or 'in the state folder'}")
    _show_plan(settings, policy.plan)


@config.command("check", cls=Command)
@click.pass_obj
def check_command(settings: Settings) -> None:
    """Check config.toml. Exit code 0: it is valid, or there is none. 2: each problem with its line."""
    path = one_line(settings.config_path())
    configuration = settings.configuration()
    problems = configuration.problems
    if settings.json:
        document = {"schema": SCHEMA, "path": path, "found": configuration.found}
        answer({**document, "problems": [_problem_json(problem) for problem in problems]})
    else:
        screen = settings.screen()
        for problem in problems:
            screen.line(_clean(str(problem)), "error")
        if not configuration.found:
            screen.line(f"There is no {path}; the defaults hold. To make one: clawmend config init")
        elif not problems:
            screen.line(f"{path} is valid.", "ok")
    leave(FAILED if problems else OK)


def template() -> str:
    """A config.toml in which everything is commented out."""
    rules = "".join(f'# {rule.id} = "ask"  # {rule.name}\n' for rule in sorted(RULES, key=lambda rule: rule.id))
    regions = ", ".join(region.value for region in Region)
    return (
        _HEAD
        + rules
        + _TAIL.format(as_of=CODING_PLAN.as_of, regions=regions, events=", ".join(event.value for event in Event))
    )


def notify_json(notify: NotifyOptions) -> dict[str, Any]:
    """The channels by their names: an address may hold a token."""
    digest = None if notify.digest is None else f"{notify.digest // 60:02}:{notify.digest % 60:02}"
    return {
        "targets": [target.name for target in notify.targets],
        "events": [event.value for event in Event if event in notify.events],
        "digest": digest,
    }


def metrics_json(metrics: MetricsOptions) -> dict[str, Any]:
    """Where the figures go, as `config show --json` prints it."""
    return {"file": None if metrics.file is None else one_line(metrics.file), "port": metrics.port}


def _policy_json(policy: Policy) -> dict[str, Any]:
    plan = policy.plan
    return {
        "rules": {rule.id: policy.mode(rule.id).value for rule in sorted(RULES, key=lambda rule: rule.id)},
        "plan": {
            "as_of": plan.as_of,
            "source": plan.source,
            "hosts": [
                {"name": host.name, "region": host.region.value, "source": host.source} for host in plan.plan_hosts
            ],
            "models": [_model_json(model) for model in plan.models],
        },
    }


def operation_json(operation: Operation) -> dict[str, Any]:
    """How the daemon works, as `config show --json` prints it."""
    quiet = operation.quiet_hours
    return {
        "watch": {"mode": operation.mode.value, "debounce": operation.debounce, "sweep": operation.sweep},
        "gateway": {"restart_wait": operation.restart_wait, "quiet_hours": str(quiet) if quiet else None},
        "log": {"format": operation.log_format.value, "level": operation.log_level.value},
    }


def _model_json(model: PlanModel) -> dict[str, Any]:
    return {
        "id": one_line(model.id),
        "context_window": model.context_window,
        "thinking_budget": model.thinking_budget,
        "max_output": model.max_output,
        "image_input": model.image_input,
        "budget_covers_reply": model.budget_covers_reply,
    }


def _show_plan(settings: Settings, plan: PlanKnowledge) -> None:
    screen = settings.screen()
    screen.line()
    screen.line(f"The Coding Plan as of {plan.as_of} ({plan.source})")
    for host in plan.plan_hosts:
        screen.line(f"{host.name}  {host.region.value}", indent=4)
    for model in plan.models:
        thinks = f"thinks up to {model.thinking_budget:,}" if model.thinking_budget else "does not think"
        output = f", answers up to {model.max_output:,}" if model.max_output else ""
        screen.line(f"{one_line(model.id):<24}context {model.context_window:,}, {thinks}{output}", indent=4)


def _problem_json(problem: Problem) -> dict[str, Any]:
    return {"line": problem.line, "key": _clean(problem.key), "problem": _clean(problem.text)}


def _clean(text: str) -> str:
    return one_line(Masker(mask_key()).clean(text))
