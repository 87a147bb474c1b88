"""Planning: repairs are tried on a copy in memory until nothing more comes of it, and then made in one go.

Mending one fault can uncover another (a restored openclaw.json shows that a cache is stale). So the cycle plans on
remembered writes, looks again, plans again, and ends up with the final bytes of every file: one checkpoint, one undo.
"""

import dataclasses
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace

from clawmend.core.belonging import owner_of, state_of
from clawmend.core.finding import Finding, Need, Rule, Safety, Severity
from clawmend.core.frozen import dataclass
from clawmend.core.plan import Action, Change, Command, Held, make_plan
from clawmend.core.policy import DEFAULT_POLICY, Mode, Policy
from clawmend.core.snapshot import GatewayRunning, Snapshot
from clawmend.core.state import bytes_of
from clawmend.core.wanted import WantedRestart
from clawmend.repair.looking import Diagnosis, look_at
from clawmend.repair.tools import Tools
from clawmend.rules.registry import RULES
from clawmend.system.pretend import DryRunFiles

_MAX_PASSES = 5

Ask = Callable[[Finding, Snapshot], bool]


@dataclass(frozen=True, slots=True)
class Options:
    """What the person asked for. `ask` is called once per fix that needs a person; None means nobody can be asked."""

    version: str | None = None
    only: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
    yes: bool = False
    restart: bool = True
    ask: Ask | None = None
    policy: Policy = DEFAULT_POLICY
    # Why fixes that need a restart of the gateway are held back: it was found out that there can be none.
    withheld: str | None = None
    # Reasons by the fingerprints of the findings that are held back: what is remembered does not allow them now.
    holds: Mapping[str, str] = field(default_factory=dict)
    again: bool = False  # also what was rolled back before, or was tried in vain too often
    even_if_paused: bool = False

    def rules(self) -> tuple[Rule, ...]:
        """The rules that may repair, in their order."""
        return tuple(rule for rule in RULES if (not self.only or rule.id in self.only) and rule.id not in self.skip)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The final plan: changes from the files as they are to what they shall be, and what is held back and why.

    `commands` are what OpenClaw is asked to do; no trial shows what comes of them, so their findings are left out of
    `after`, as are those of `restarts`, the gateways that only have to be started again.
    """

    before: Diagnosis
    changes: tuple[Change, ...]
    held: tuple[Held, ...]
    after: Diagnosis
    commands: tuple[Command, ...] = ()
    restarts: tuple[WantedRestart, ...] = ()


# What was answered, by the fingerprint of the finding and the bytes of its file when it was asked.
Answers = dict[tuple[str, bytes | None], bool]


@dataclasses.dataclass
class _Consent:
    """Remembers the answers, so that nobody is asked the same twice, not even when a plan has to be made anew."""

    options: Options
    snapshot: Snapshot
    answers: Answers

    def __call__(self, finding: Finding) -> bool:
        if self.options.policy.mode(finding.rule) is Mode.AUTO:
            return True
        if finding.severity is Severity.INFO and finding.rule not in self.options.only:
            return False  # it works as it is: a plain yes means what is wrong
        if self.options.yes:
            return True
        if self.options.ask is None:
            return False
        state = state_of(self.snapshot, finding.path)
        question = (finding.fingerprint(self.snapshot.home), bytes_of(state) if state is not None else None)
        if question not in self.answers:
            self.answers[question] = self.options.ask(finding, self.snapshot)
        return self.answers[question]


def look(tools: Tools, options: Options) -> Diagnosis:
    """Look with the tools of this run."""
    return look_at(tools.place, tools.files, tools.clock, options.version, options.policy, tools.logs)


def propose(tools: Tools, options: Options, answers: Answers | None = None) -> Proposal:
    """Plan until a further look asks for no further change. Nothing is written anywhere.

    Raises StaleError when somebody changes a file meanwhile; `answers` are those given before that.
    """
    first = current = look(tools, options)
    trial = replace(tools, files=DryRunFiles(tools.files))
    consent = _Consent(options, first.snapshot, {} if answers is None else answers)
    changes: dict[str, Change] = {}
    commands: tuple[Command, ...] = ()
    restarts: tuple[WantedRestart, ...] = ()
    held: tuple[Held, ...] = ()
    allowed = {rule.id for rule in options.rules()}
    for _ in range(_MAX_PASSES):
        candidates = [finding for finding in current.findings if finding.rule in allowed]
        waiting = [finding for finding in candidates if options.withheld and _restarts(finding, current.snapshot)]
        stopped = [finding for finding in candidates if options.holds and _reason(options, finding, first.snapshot)]
        told = [finding for finding in candidates if options.policy.mode(finding.rule) is Mode.REPORT]
        candidates = [finding for finding in candidates if finding not in (*waiting, *stopped, *told)]
        plan = make_plan(current.snapshot, candidates, consent, tools.files.obstacle)
        others = [finding for finding in current.findings if finding.rule not in allowed and _matters(finding)]
        restarts = plan.restarts if options.restart else ()
        started = [wanted.finding for wanted in restarts]
        held = (
            *(item for item in plan.held if item.finding not in started),
            *(Held(finding, _reason(options, finding, first.snapshot)) for finding in stopped),
            *(
                Held(finding, options.withheld or "")
                for finding in waiting
                if finding not in (*told, *stopped) and _matters(finding)
            ),
            *(Held(finding, "config.toml says that this is only reported") for finding in told if _matters(finding)),
            *(Held(finding, "left out by --only or --skip") for finding in others),
        )
        commands = (*commands, *plan.commands)
        if not plan.changes:
            break
        for name, change in _one_per_file(plan.changes).items():
            _write(trial, change)
            changes[name] = _merge(changes.get(name), change)
        current = without(look(trial, options), (*commands, *restarts))
    # A change whose end is its beginning is none: two rules that undo each other must not touch a file.
    final = tuple(change for change in changes.values() if not change.is_none)
    return Proposal(first, final, held, without(current, (*commands, *restarts)), commands, restarts)


def _one_per_file(changes: Iterable[Change]) -> dict[str, Change]:
    """The first change of every file, by its real path: two links may lead to one, and the next look sees the rest."""
    found: dict[str, Change] = {}
    for change in changes:
        found.setdefault(os.path.realpath(change.path), change)
    return found


def _reason(options: Options, finding: Finding, snapshot: Snapshot) -> str:
    return options.holds.get(finding.fingerprint(snapshot.home), "")


def without(diagnosis: Diagnosis, commands: Iterable[Command | WantedRestart]) -> Diagnosis:
    """A diagnosis as if these commands had been run: without the findings that they are for."""
    home = diagnosis.snapshot.home
    gone = {command.finding.fingerprint(home) for command in commands}
    if not gone:
        return diagnosis
    return replace(diagnosis, findings=tuple(one for one in diagnosis.findings if one.fingerprint(home) not in gone))


def _restarts(finding: Finding, snapshot: Snapshot) -> bool:
    """Tell whether a fix would need the restart of a gateway that runs."""
    owner = owner_of(snapshot, finding.path)
    needs = finding.fix is not None and finding.fix.need is Need.RESTART
    return needs and owner is not None and isinstance(owner.gateway, GatewayRunning)


def _matters(finding: Finding) -> bool:
    return finding.severity is not Severity.INFO and finding.safety in {Safety.SAFE, Safety.ASK, Safety.ADVISE}


def _write(tools: Tools, change: Change) -> None:
    if change.after is None:
        tools.files.remove(change.path, expected=change.before.data)
    else:
        identity = None if change.mode is None else replace(change.before.identity, mode=change.mode)
        tools.files.replace(change.path, change.after, expected=change.before.data, identity=identity)


def _merge(earlier: Change | None, later: Change) -> Change:
    """One change per file, from what it was at first to what it is in the end."""
    if earlier is None:
        return later
    kept = earlier.action is Action.RESTORE or later.action is Action.MODE
    return Change(
        path=later.path,
        action=earlier.action if kept else later.action,
        before=earlier.before,
        after=later.after,
        findings=(*earlier.findings, *(finding for finding in later.findings if finding not in earlier.findings)),
        source=earlier.source or later.source,
        mode=earlier.mode if later.mode is None else later.mode,
    )
