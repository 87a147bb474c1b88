"""A folder that may not be listed is told: "could not look" is never shown as fine."""

from clawmend.core.era import Era, Installation
from clawmend.core.finding import CouldNotLook
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import Absent, Unreadable
from clawmend.core.version import Version
from clawmend.rules.oc104 import RULE


def test_a_folder_that_may_not_be_listed_is_told() -> None:
    closed = Unreadable("/home/a/.openclaw/agents", "may not be accessed by this user", "see who owns it")
    openclaw = OpenClaw(
        directory="/home/a/.openclaw",
        profile=None,
        config=Absent("/home/a/.openclaw/openclaw.json"),
        settings=None,
        agents=(),
        unreadable=(closed,),
    )
    installation = Installation(Version(2026, 3, 2), "option", Era.B)
    reports = list(RULE.check(Snapshot("/home/a", 0.0, installation, (openclaw,))))
    assert reports == [CouldNotLook("OC104", closed.path, closed.problem, closed.remedy)]
