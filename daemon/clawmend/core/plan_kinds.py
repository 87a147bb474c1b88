"""The nouns in which the knowledge about the Coding Plan is written down."""

from enum import Enum

from clawmend.core.frozen import dataclass


class Region(Enum):
    """Where an endpoint stands. A key of one region is refused in another."""

    CHINA = "china"
    INTERNATIONAL = "international"
    US = "us"
    HONGKONG = "hongkong"


class Tool(Enum):
    """A program that sends requests to the plan."""

    OPENCLAW = "OpenClaw"
    OPENCODE = "OpenCode"
    CLAUDE_CODE = "Claude Code"
    CURSOR = "Cursor"
    CLINE = "VSCode Cline"
    QWEN_CODE = "Qwen Code"


@dataclass(frozen=True, slots=True)
class Host:
    """One host name in lower case; `source` says who names it."""

    name: str
    region: Region
    source: str


@dataclass(frozen=True, slots=True)
class Route:
    """The path of the base URL for one tool that speaks one protocol.

    `api` is the tool's own word for the protocol: OpenClaw's `api`, OpenCode's npm package. `also` are other paths
    that lead to the same place, because the tool puts them right by itself.
    """

    tool: Tool
    api: str
    path: str
    source: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanModel:
    """One model of the plan; all sizes in tokens.

    `thinking_budget` is the largest one that is accepted, None when the model does not think at all; with
    `budget_covers_reply` the reply is counted into it. `max_output` is None where no source names one.
    """

    id: str
    context_window: int
    thinking_budget: int | None
    max_output: int | None = None
    image_input: bool = False
    budget_covers_reply: bool = False
