"""`clawmend repair`: one cycle, from looking to proof."""

import sys
from collections.abc import Callable
from typing import Any

import click

from clawmend.cli.app import FAILED, FINDINGS, OK, WORSE, Command, Settings, answer, leave
from clawmend.cli.pause import pause_json, show_pause
from clawmend.cli.recovered import recovered_json, show_recovered
from clawmend.cli.repair_report import change_json, command_json, failed_json, repair_json
from clawmend.cli.report import finding_json
from clawmend.core.errors import ClawmendError
from clawmend.core.finding import Finding, Severity
from clawmend.core.memory import Pause
from clawmend.core.plan import make_plan
from clawmend.core.printable import printable
from clawmend.core.secret import Masker
from clawmend.core.snapshot import Snapshot
from clawmend.core.state import Malformed, Parsed
from clawmend.core.verdict import Verdict
from clawmend.repair.cycle import Outcome, repair
from clawmend.repair.known_good import promote
from clawmend.repair.masking import masker_for
from clawmend.repair.planning import Options
from clawmend.repair.recording import record
from clawmend.repair.recovery import recover_if_needed
from clawmend.repair.settling import Settled, may_be_written_back
from clawmend.repair.settling import settle as settle_claude
from clawmend.repair.taking import NO_RESTART
from clawmend.repair.tools import Tools, dry_tools, real_tools
from clawmend.rules.registry import rule_named
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.clients import claude_code_runs
from clawmend.system.history import History
from clawmend.system.machine import RealClock, mask_key

_HELD = Settled()


def _rule_ids(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> frozenset[str]:
    found = set()
    for value in values:
        rule = rule_named(value)
        if rule is None:
            raise click.BadParameter(f"there is no rule {value!r}; see: clawmend rules")
        found.add(rule.id)
    return frozenset(found)


@click.command("repair", cls=Command)
@click.option("--dry-run", is_flag=True, help="Show the plan as a diff and change nothing.")
@click.option("-y", "--yes", is_flag=True, help="Answer yes to every question.")
@click.option("--only", multiple=True, metavar="RULE", callback=_rule_ids, help="Repair only this (repeatable).")
@click.option("--skip", multiple=True, metavar="RULE", callback=_rule_ids, help="Leave this alone (repeatable).")
@click.option("--no-restart", is_flag=True, help="Never restart the gateway; say what to do instead.")
@click.option("--again", is_flag=True, help="Also what was rolled back before, or restarted for in vain.")
@click.option("--even-if-paused", is_flag=True, help="Repair although clawmend is paused.")
@click.option("--settle", is_flag=True, help="Look again after 5 and 60 seconds whether an old Claude Code undid it.")
@click.pass_obj
def repair_command(settings: Settings, /, dry_run: bool, no_restart: bool, settle: bool, **asked: Any) -> None:
    """Back up, repair, restart the gateway if needed, verify; roll back if worse.

    Exit code 0: nothing is left to do. 1: what is left needs a person. 2: could not look or act. 4: the repair made
    things worse and was rolled back.
    """
    place, clock = settings.place(), RealClock()
    interactive = _is_terminal() and not settings.json and not dry_run and not settings.quiet
    options = Options(
        version=settings.openclaw_version,
        restart=not no_restart,
        policy=settings.policy(),
        ask=_asker(settings) if interactive else None,
        **asked,
    )
    wait = settings.configuration().operation.restart_wait
    tools = dry_tools(place, clock) if dry_run else real_tools(place, clock, wait, _teller(settings))
    store = CheckpointStore(place.state)
    recovered: list[dict[str, Any]] = []
    try:
        if not dry_run:
            recovered = recovered_json(recover_if_needed(tools, store), place.home)
        outcome = repair(tools, options, dry_run=dry_run)
    except ClawmendError as error:
        if settings.json:
            pause = tools.memory.read().pause_at(clock.now())
            answer(failed_json(place.home, printable(str(error))) | _around(recovered) | {"paused": pause_json(pause)})
        elif not settings.quiet and recovered:
            show_recovered(settings.screen(), recovered)
        raise
    pause = tools.memory.read().pause_at(clock.now())
    masker = masker_for(outcome.snapshot, mask_key())
    document = repair_json(outcome, masker) | {"paused": pause_json(pause)}
    if not settings.json and not settings.quiet:
        show_recovered(settings.screen(), recovered)
        _show(settings, outcome, document, masker)
    settled = _settle(settings, tools, options, outcome) if settle and not dry_run else Settled()
    unkept = "" if dry_run else _keep_good(tools, store, outcome)
    _, untold = (
        (None, "") if dry_run else record(History(place.state), outcome, by="repair", now=clock.now(), masker=masker)
    )
    if settings.json:
        answer(document | _around(recovered, settled, unkept, untold))
    elif not settings.quiet:
        _show_settled(settings, outcome, settled, asked=settle)
        if unkept:
            settings.screen().line(f"What is good now could not be kept: {unkept}", "warning")
        if untold:
            settings.screen().line(printable(untold), "warning")
    leave(exit_code(outcome) if settled.held else FAILED if settled.problem else FINDINGS)


def _around(
    recovered: list[dict[str, Any]], settled: Settled = _HELD, unkept: str = "", untold: str = ""
) -> dict[str, Any]:
    """The members that tell what happened before and after the cycle itself."""
    around: dict[str, Any] = {
        "recovered": recovered,
        "repeated": list(settled.repeated),
        "settled": settled.held,
        "backup_problem": unkept,
        "history_problem": printable(untold),
    }
    if not settled.held:
        around["verdict"] = Verdict.NEEDS_YOU.value
    if settled.problem:
        around["note"] = printable(settled.problem)
    return around


def _settle(settings: Settings, tools: Tools, options: Options, outcome: Outcome) -> Settled:
    if not settings.json and not settings.quiet and may_be_written_back(outcome):
        settings.screen().line("Looking again after 5 and after 60 seconds.", "dim")
    return settle_claude(tools, options, outcome)


def _keep_good(tools: Tools, store: CheckpointStore, outcome: Outcome) -> str:
    """Remember what is proven good now; why that could not be is worth a word, and no failure of the repair."""
    try:
        if outcome.seen is not None:
            promote(tools, store, outcome.seen)
    except ClawmendError as error:
        return printable(str(error))
    return ""


def _show_settled(settings: Settings, outcome: Outcome, settled: Settled, *, asked: bool) -> None:
    screen = settings.screen()
    claude = outcome.snapshot.claude
    for name in settled.repeated:
        screen.line(f"An older Claude Code wrote its old state back; it was repaired again ({name}).")
    if settled.problem:
        screen.line(f"It could not be repaired again: {printable(settled.problem)}", "error")
    elif not settled.held:
        screen.line("It keeps writing it back. Close it, then: clawmend repair", "warning")
    if not may_be_written_back(outcome) or not isinstance(claude, Parsed | Malformed):
        return
    if asked and settled.held:
        screen.line("It held.", "ok")
    elif not asked and outcome.checkpoint and claude_code_runs(claude.identity.uid):
        screen.line("Claude Code is running, and an old one may write its old state back. To stay and see:", "warning")
        screen.line("clawmend repair --settle", indent=4)


def exit_code(outcome: Outcome) -> int:
    """What a shell learns."""
    match outcome.verdict:
        case Verdict.ROLLED_BACK:
            return WORSE
        case Verdict.STALE | Verdict.FAILED:
            return FAILED
        case Verdict.NEEDS_YOU:
            return FINDINGS
        case Verdict.WOULD_REPAIR:
            return FINDINGS if any(one.severity is not Severity.INFO for one in outcome.findings) else OK
        case Verdict.HEALTHY | Verdict.REPAIRED:
            return FAILED if outcome.blind else OK


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _asker(settings: Settings) -> Callable[[Finding, Snapshot], bool]:
    """Ask once per fix, with the change it would make."""

    def ask(finding: Finding, snapshot: Snapshot) -> bool:
        from clawmend.cli.render import Screen, show_change, show_finding  # noqa: PLC0415 - only when asking

        masker = masker_for(snapshot, mask_key())
        screen = Screen(color=not settings.no_color, quiet=False, verbose=True)
        show_finding(screen, finding_json(finding, snapshot, masker))
        plan = make_plan(snapshot, [finding], lambda _finding: True)
        for change in plan.changes:
            show_change(screen, change_json(change, snapshot, masker), done=False)
        for command in plan.commands:
            show_change(screen, command_json(command, snapshot), done=False)
        return click.confirm("Do this?", default=False)

    return ask


def _teller(settings: Settings) -> Callable[[str], None]:
    """Who tells a person why a repair takes its time; in JSON nobody does."""

    def tell(text: str) -> None:
        if not settings.json:
            settings.screen().line(f"{text[:1].upper()}{text[1:]}.", "dim")

    return tell


_HEADLINES = {
    Verdict.HEALTHY: ("Nothing to repair.", "ok"),
    Verdict.REPAIRED: ("Repaired.", "ok"),
    Verdict.WOULD_REPAIR: ("This is what a repair would do; nothing was changed.", "ok"),
    Verdict.NEEDS_YOU: ("What is left needs you.", "warning"),
    Verdict.ROLLED_BACK: ("The repair did not help and was rolled back.", "error"),
    Verdict.STALE: ("Somebody else keeps changing the files; nothing was changed.", "error"),
    Verdict.FAILED: ("Nothing could be done.", "error"),
}


def _show(settings: Settings, outcome: Outcome, document: dict[str, Any], masker: Masker) -> None:
    from clawmend.cli.render import show_blind, show_change, show_finding, title  # noqa: PLC0415 - text only

    screen = settings.screen()
    if document["paused"] and outcome.verdict is Verdict.HEALTHY:
        show_pause(settings, Pause(**document["paused"]))
    screen.line(title(document["openclaw"], document["home"]), "dim")
    done = outcome.verdict is not Verdict.WOULD_REPAIR
    reasons = [*(change.findings for change in outcome.changes), *((one.finding,) for one in outcome.commands)]
    for findings, shown in zip(reasons, document["changes"], strict=True):
        screen.line()
        for finding in findings:
            screen.line(finding_json(finding, outcome.snapshot, masker)["summary"])
        show_change(screen, shown, done=done)
    for finding in document["restarts"]:
        screen.line()
        screen.line(finding["summary"])
    for item in document["held"]:
        screen.line()
        show_finding(screen, item["finding"])
        screen.pair("held", item["reason"])
    for blind in document["could_not_look"]:
        screen.line()
        show_blind(screen, blind)
    screen.line()
    _show_restart(screen, outcome, document["restart"])
    headline, style = _HEADLINES[outcome.verdict]
    screen.line(f"{headline} ({outcome.seconds:.2f} s)", style)
    if outcome.note:
        screen.line(document["note"])
    if outcome.checkpoint and outcome.verdict is not Verdict.ROLLED_BACK:
        screen.line(f"Undo: clawmend undo {outcome.checkpoint}", "dim")


def _show_restart(screen: Any, outcome: Outcome, restart: dict[str, Any]) -> None:
    reason: str = restart["reason"]
    if outcome.restart.done:
        took = f", ready after {outcome.restart.seconds:.0f} s" if outcome.restart.seconds else ""
        screen.line(f"Restarted the gateway: {outcome.restart.proof}{took}.")
    elif outcome.restart.needed:
        screen.line(f"The gateway has to be restarted: {reason}.")
    elif outcome.changes and outcome.restart.reason != NO_RESTART.reason:
        screen.line(f"{reason[:1].upper()}{reason[1:]}.")
