"""What the rules that an explanation names find on this machine right now: looks only, and never keeps it silent."""

from collections.abc import Sequence
from typing import Any

from clawmend.cli.app import Settings
from clawmend.core.errors import ClawmendError
from clawmend.core.finding import Finding, Rule, Safety
from clawmend.core.frozen import dataclass
from clawmend.core.policy import Mode


@dataclass(frozen=True, slots=True)
class Live:
    """One look. `checked` are the rules that were asked, `repairable` those whose findings clawmend may repair here.

    `findings` and `blind` are as in `check --json`; `problem` is one sentence when nobody could look, else None.
    """

    checked: tuple[str, ...] = ()
    findings: tuple[dict[str, Any], ...] = ()
    blind: tuple[dict[str, Any], ...] = ()
    repairable: frozenset[str] = frozenset()
    problem: str | None = None

    def json(self) -> dict[str, Any]:
        """The members that the answer of `explain` gains."""
        return {
            "checked": list(self.checked),
            "findings": list(self.findings),
            "could_not_look": list(self.blind),
            "not_checked": self.problem,
        }


def check_now(settings: Settings, rules: Sequence[Rule]) -> Live:
    """Look once, and keep what these rules say; a look that fails is a sentence, not an error."""
    if not rules:
        return Live()
    try:
        return _look(settings, rules)
    except ClawmendError as error:
        return Live(problem=str(error))
    except OSError as error:
        return Live(problem=f"this machine could not be looked at: {error.strerror}; see: clawmend check")


def _look(settings: Settings, rules: Sequence[Rule]) -> Live:
    from clawmend.cli.report import blind_json, finding_json  # noqa: PLC0415 - a text without rules needs no look
    from clawmend.repair.looking import look_at  # noqa: PLC0415 - as above
    from clawmend.repair.masking import masker_for  # noqa: PLC0415 - as above
    from clawmend.system.files import RealFiles  # noqa: PLC0415 - as above
    from clawmend.system.machine import RealClock, mask_key  # noqa: PLC0415 - as above
    from clawmend.system.pretend import ReadOnlyFiles  # noqa: PLC0415 - as above

    policy = settings.policy()
    asked = tuple(dict.fromkeys(rule.id for rule in rules if policy.mode(rule.id) is not Mode.OFF))
    looked = look_at(settings.place(), ReadOnlyFiles(RealFiles()), RealClock(), settings.openclaw_version, policy)
    masker = masker_for(looked.snapshot, mask_key())
    findings = [one for one in looked.findings if one.rule in asked]
    hands_off = looked.snapshot.installation.why_hands_off() is not None
    return Live(
        asked,
        tuple(finding_json(one, looked.snapshot, masker) for one in findings),
        tuple(blind_json(one, looked.snapshot) for one in looked.blind if one.rule in asked),
        frozenset(
            one.rule
            for one in findings
            if _is_repairable(one) and not hands_off and policy.mode(one.rule) is not Mode.REPORT
        ),
    )


def _is_repairable(finding: Finding) -> bool:
    return finding.fix is not None and finding.hold is None and finding.safety is not Safety.ADVISE


def show_live(settings: Settings, live: Live) -> None:
    """Print what was found, who can do something about it, or that there is nothing."""
    from clawmend.cli.render import show_blind, show_finding  # noqa: PLC0415 - JSON needs no rich

    screen = settings.screen()
    if live.problem is not None:
        screen.line()
        screen.line(f"Not checked on this machine: {live.problem}", "warning")
        return
    if not live.checked:
        return
    screen.line()
    names = ", ".join(live.checked)
    if not live.findings and not live.blind:
        one = len(live.checked) == 1
        screen.line(f"Checked just now: {names + ' finds nothing' if one else f'none of {names} finds anything'} here.")
        return
    screen.line("Checked just now, on this machine:", "bold")
    for finding in live.findings:
        screen.line()
        show_finding(screen, finding)
        if finding["rule"] in live.repairable:
            screen.pair("can", f"clawmend repair --only {finding['rule']} (--dry-run shows it first)")
        else:
            screen.pair("can", "only you: clawmend does not change this")
    for blind in live.blind:
        screen.line()
        show_blind(screen, blind)
