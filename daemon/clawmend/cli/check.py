"""`clawmend check`: look and report; writes nothing anywhere."""

import click

from clawmend.cli.app import FAILED, FINDINGS, OK, Command, Settings, answer, leave
from clawmend.cli.pause import pause_json, paused_now, show_pause
from clawmend.cli.report import check_json
from clawmend.core.finding import Severity
from clawmend.core.printable import home_paths
from clawmend.repair.looking import Diagnosis, look_at
from clawmend.repair.masking import masker_for
from clawmend.system.files import RealFiles
from clawmend.system.machine import RealClock, mask_key
from clawmend.system.pretend import ReadOnlyFiles


@click.command(cls=Command)
@click.pass_obj
def check(settings: Settings) -> None:
    """Look and report; writes nothing anywhere.

    Exit code 0: nothing to do. 1: findings of severity warning or error. 2: something could not be looked at.
    """
    files = ReadOnlyFiles(RealFiles())
    diagnosis = look_at(settings.place(), files, RealClock(), settings.openclaw_version, settings.policy())
    document = check_json(diagnosis, masker_for(diagnosis.snapshot, mask_key()))
    pause = paused_now(settings)
    if settings.json:
        answer(document | {"paused": pause_json(pause)})
    elif not settings.quiet:
        if pause is not None:
            show_pause(settings, pause)
        _show(settings, diagnosis, document)
    leave(exit_code(diagnosis))


def exit_code(diagnosis: Diagnosis) -> int:
    """What a shell learns: findings come before places where nobody could look."""
    if any(finding.severity is not Severity.INFO for finding in diagnosis.findings):
        return FINDINGS
    return FAILED if diagnosis.blind else OK


def _show(settings: Settings, diagnosis: Diagnosis, document: dict) -> None:  # type: ignore[type-arg]
    from clawmend.cli.render import show_blind, show_finding, title  # noqa: PLC0415 - JSON needs no rich

    screen = settings.screen()
    screen.line(title(document["openclaw"], document["home"]), "dim")
    hands_off = diagnosis.snapshot.installation.why_hands_off()
    if not diagnosis.snapshot.openclaws:
        screen.line("There is no OpenClaw state here.")
    elif hands_off:
        screen.line(f"Look, don't touch: {home_paths(diagnosis.snapshot, hands_off)}.", "warning")
    shown = [finding for finding in document["findings"] if settings.verbose or finding["severity"] != "info"]
    for finding in shown:
        screen.line()
        show_finding(screen, finding)
    for blind in document["could_not_look"]:
        screen.line()
        show_blind(screen, blind)
    screen.line()
    screen.line(_count(document), "ok" if exit_code(diagnosis) == OK else "")


def _count(document: dict) -> str:  # type: ignore[type-arg]
    severities = [finding["severity"] for finding in document["findings"]]
    errors, warnings, notes = (severities.count(name) for name in ("error", "warning", "info"))
    blind = len(document["could_not_look"])
    if not errors and not warnings and not blind:
        words = "Nothing to do."
    else:
        words = f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}"
        words += f", {blind} could not be looked at." if blind else "."
    return f"{words} {notes} note{'s' * (notes != 1)}: see with -v." if notes else words
