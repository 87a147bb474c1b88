"""OC313: files of somebody else, which a test that is not root cannot lay down."""

from dataclasses import replace

import pytest

from clawmend.core.finding import Finding, Safety, SetMode, Severity
from clawmend.core.snapshot import Exposed
from clawmend.rules.oc313 import RULE
from support.build import CONFIG, FOLDER, openclaw, parsed, snapshot

MINE = Exposed(CONFIG, 0o644, 1000, reachable=True, state=parsed(CONFIG, {}))


def findings(*exposed: Exposed) -> list[Finding]:
    shot = replace(snapshot(openclaw({}, exposed=exposed), on=None), owner=1000)
    return [one for one in RULE.check(shot) if isinstance(one, Finding)]


@pytest.mark.parametrize(
    ("path", "mode", "severity"),
    [
        (CONFIG, 0o600, Severity.WARNING),
        (CONFIG, 0o644, Severity.INFO),
        (f"{CONFIG}.bak", 0o600, Severity.INFO),
        (f"{FOLDER}/agents/main/agent/auth-profiles.json", 0o660, Severity.WARNING),
    ],
)
def test_a_file_of_somebody_else_is_an_alarm_where_openclaw_needs_it_and_cannot_read_it(
    path: str, mode: int, severity: Severity
) -> None:
    (finding,) = findings(Exposed(path, mode, 0, reachable=False, foreign=True))
    assert (finding.severity, finding.safety, finding.fix) == (severity, Safety.ADVISE, None)
    assert finding.advice == (f"sudo chown 1000 {path.replace('/home/user', '~')}",)
    assert "belongs to user 0, the home to user 1000" in finding.summary


def test_files_are_closed_together_and_databases_only_named() -> None:
    copy = replace(MINE, path=f"{CONFIG}.bak", mode=0o666)
    database = Exposed(f"{FOLDER}/state/openclaw.sqlite", 0o644, 1000, reachable=True)
    files, in_use = findings(MINE, copy, database)
    assert files.fix is not None
    assert files.fix.edits == (SetMode(CONFIG, 0o600), SetMode(f"{CONFIG}.bak", 0o600))
    assert files.summary.startswith("~/.openclaw/openclaw.json (and 1 more)")
    assert files.evidence[1] == "~/.openclaw/openclaw.json.bak has mode 0666"
    assert in_use.advice == ("chmod 600 ~/.openclaw/state/openclaw.sqlite",)


def test_a_database_out_of_reach_is_only_mentioned() -> None:
    (finding,) = findings(Exposed(f"{FOLDER}/state/openclaw.sqlite", 0o644, 1000, reachable=False))
    assert finding.severity is Severity.INFO
