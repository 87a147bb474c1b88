"""What the operator has decided: what may be done about each rule, and what is known of the plan."""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from types import MappingProxyType

from clawmend.core.frozen import dataclass
from clawmend.core.plan_data import CODING_PLAN, PlanKnowledge


class Mode(Enum):
    """What may be done about the findings of one rule.

    auto: also apply fixes that ask, without asking; ask: the default, as the finding's safety says; report: tell and
    never apply; off: do not even tell.
    """

    AUTO = "auto"
    ASK = "ask"
    REPORT = "report"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Policy:
    """The mode of every rule that has another than the default, by rule id, and the plan with what was overridden."""

    modes: Mapping[str, Mode] = field(default_factory=lambda: MappingProxyType({}))
    plan: PlanKnowledge = CODING_PLAN

    def mode(self, rule: str) -> Mode:
        """The mode of a rule, by its id."""
        return self.modes.get(rule, Mode.ASK)


DEFAULT_POLICY = Policy()
