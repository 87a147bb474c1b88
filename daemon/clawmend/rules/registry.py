"""The rules, in the order in which they are asked and in which their fixes are applied.

A file that does not parse comes first: nothing else can be said about it.
"""

from collections.abc import Iterator

from clawmend.core.finding import Report, Rule
from clawmend.core.snapshot import Snapshot
from clawmend.rules import (
    cc101,
    cc102,
    cc103,
    cc104,
    cc105,
    cc106,
    oc101,
    oc102,
    oc103,
    oc104,
    oc201,
    oc202,
    oc203,
    oc204,
    oc205,
    oc206,
    oc207,
    oc208,
    oc209,
    oc301,
    oc302,
    oc303,
    oc304,
    oc305,
    oc306,
    oc307,
    oc308,
    oc309,
    oc310,
    oc311,
    oc312,
    oc313,
    oc314,
    oc401,
    oc402,
    oc403,
    oc404,
    oc405,
    oc406,
    op101,
    op102,
    op103,
    op104,
    op105,
    qw101,
    qw102,
    qw103,
)

RULES: tuple[Rule, ...] = (
    oc301.RULE,
    oc310.RULE,
    oc314.RULE,
    oc307.RULE,
    oc312.RULE,
    oc302.RULE,
    oc206.RULE,
    oc207.RULE,
    oc209.RULE,
    oc208.RULE,
    oc303.RULE,
    oc304.RULE,
    oc308.RULE,
    oc309.RULE,
    oc305.RULE,
    oc311.RULE,
    oc104.RULE,
    oc101.RULE,
    oc102.RULE,
    oc103.RULE,
    oc204.RULE,
    oc201.RULE,
    oc203.RULE,
    oc202.RULE,
    oc205.RULE,
    oc306.RULE,
    oc313.RULE,
    oc402.RULE,
    oc401.RULE,
    oc403.RULE,
    oc404.RULE,
    oc405.RULE,
    oc406.RULE,
    cc102.RULE,
    cc104.RULE,
    cc103.RULE,
    cc101.RULE,
    cc105.RULE,
    cc106.RULE,
    op104.RULE,
    op102.RULE,
    op101.RULE,
    op103.RULE,
    op105.RULE,
    qw103.RULE,
    qw101.RULE,
    qw102.RULE,
)


def rule_named(name: str) -> Rule | None:
    """Find a rule by id or by name, in any case."""
    wanted = name.strip().lower()
    return next((rule for rule in RULES if wanted in {rule.id.lower(), rule.name}), None)


def diagnose(snapshot: Snapshot, rules: tuple[Rule, ...] = RULES) -> Iterator[Report]:
    """Ask every rule."""
    for rule in rules:
        yield from rule.check(snapshot)
