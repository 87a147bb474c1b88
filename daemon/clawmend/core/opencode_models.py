"""What OpenCode's settings say about a model of the plan, in places where the plan has a limit.

A model's own `options` are sent with every request, those of one of its `variants` when a person chooses it.
"""

from collections.abc import Iterator
from dataclasses import field

from clawmend.core.document import Json
from clawmend.core.frozen import dataclass
from clawmend.core.neighbours import OpenCode
from clawmend.core.opencode import Model, Place, places_of, plan_providers_of
from clawmend.core.plan_data import PlanKnowledge
from clawmend.core.plan_kinds import PlanModel
from clawmend.core.pointer import Pointer
from clawmend.core.state import object_at

# The largest output of each model in the table that OpenCode 1.18.33 carries (models.dev, `alibaba-coding-plan` and
# `alibaba-coding-plan-cn`); where it and the FAQ differ, the larger number counts as the limit.
_OUTPUT = {
    "qwen3.5-plus": 65_536,
    "qwen3-max-2026-01-23": 32_768,
    "kimi-k2.5": 32_768,
    "glm-5": 16_384,
    "glm-4.7": 16_384,
    "MiniMax-M2.5": 24_576,
    "qwen3-coder-next": 65_536,
    "qwen3-coder-plus": 65_536,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A model of the plan as OpenCode has it, and what the plan's table knows of it."""

    provider: str
    npm: str
    model: Model
    known: PlanModel

    @property
    def pointer(self) -> Pointer:
        """The member that holds it."""
        return ("provider", self.provider, "models", self.model.name)


@dataclass(frozen=True, slots=True)
class Options:
    """Some options for a model, below its own pointer (`options`, or one of its `variants`)."""

    pointer: Pointer
    values: dict[str, Json] = field(repr=False)

    @property
    def thinking(self) -> dict[str, Json] | None:
        """`thinking`, unless it is off or not there."""
        found = self.values.get("thinking")
        return found if isinstance(found, dict) and found.get("type") != "disabled" else None


def plan_models(opencode: OpenCode, plan: PlanKnowledge) -> Iterator[Judged]:
    """The models on the plan's endpoint that the plan's table knows."""
    for provider in plan_providers_of(opencode, plan):
        for model in provider.models:
            known = plan.model(model.id)
            if known is not None:
                yield Judged(provider.name, provider.npm, model, known)


def options_of(model: Model) -> Iterator[Options]:
    """Every set of options that a model can be asked with."""
    yield Options(("options",), object_at(model.entry, "options"))
    for name, values in object_at(model.entry, "variants").items():
        if isinstance(values, dict) and values.get("disabled") is not True:
            yield Options(("variants", name), values)


def most_output(known: PlanModel) -> int | None:
    """The largest output that any source allows a model; None where none names one."""
    named = [number for number in (known.max_output, _OUTPUT.get(known.id)) if number is not None]
    return max(named, default=None)


def is_above(value: Json, most: int) -> bool:
    """Tell whether a setting is a number larger than a limit."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value > most


def place_in(opencode: OpenCode, pointer: Pointer) -> Place:
    """The place of a setting that is known to stand somewhere."""
    return places_of(opencode, pointer)[-1]
