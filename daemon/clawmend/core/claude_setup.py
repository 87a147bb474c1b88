"""Where Claude Code sends its requests and with which key: three places, of which the first that says something wins.

`env` of settings.json, then `env` at the top level of .claude.json (old, and still applied), then the environment that
it is started with. An empty text in a file says something too: it blanks what weaker places say. Source: facts on
Claude Code, "settings.json (env) for Coding Plan"; seen with 2.1.330.
"""

from collections.abc import Iterator
from dataclasses import replace
from enum import Enum

from clawmend.core.address import meant_host_of
from clawmend.core.claude_code import ClaudeCode
from clawmend.core.endpoint import Flaw, Pair, flaw_of, pair_of
from clawmend.core.frozen import dataclass
from clawmend.core.placeholder import is_stand_in
from clawmend.core.plan_data import PlanKnowledge
from clawmend.core.plan_kinds import Tool
from clawmend.core.pointer import Pointer
from clawmend.core.secret import Secret
from clawmend.core.state import object_at, value_of

URL, TOKEN, KEY = "ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"
MODEL = "ANTHROPIC_MODEL"
_OTHER_VENDORS = ("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY")


class Where(Enum):
    """The three places, in the order in which they win; the value is how people call them."""

    SETTINGS = "settings.json"
    CONFIG = ".claude.json"
    ENVIRONMENT = "the environment"


@dataclass(frozen=True, slots=True)
class Said:
    """What one place says for one variable. `path` and `pointer` lead to it; an environment has neither.

    `pid` is the process whose environment it is, None for the shell.
    """

    where: Where
    text: Secret
    path: str | None = None
    pointer: Pointer = ()
    pid: int | None = None

    @property
    def place(self) -> str:
        """The place, for people."""
        return f"the environment of process {self.pid}" if self.pid else self.where.value


def said(claude: ClaudeCode, name: str) -> tuple[Said, ...]:
    """What every place says for a variable, the winner first; places that say nothing are left out."""
    return tuple(_said(claude, name))


def _said(claude: ClaudeCode, name: str) -> Iterator[Said]:
    for where, state in ((Where.SETTINGS, claude.settings), (Where.CONFIG, claude.config)):
        text = object_at(value_of(state), "env").get(name)
        if isinstance(text, str) and not text.strip():
            return
        if isinstance(text, str):
            yield Said(where, Secret(text), state.path, ("env", name))
    environments = {None: claude.environment} | {one.pid: one.environment or {} for one in claude.processes}
    seen = {""}
    for pid, environment in environments.items():  # what a process took over from the shell is the shell's
        text = environment.get(name, "")
        if text.strip() not in seen:
            seen.add(text.strip())
            yield Said(Where.ENVIRONMENT, Secret(text), pid=pid)


def alone(claude: ClaudeCode) -> Iterator[ClaudeCode]:
    """The configuration with one environment at a time, the shell's first: what two of them say never goes together."""
    yield replace(claude, processes=())
    for process in claude.processes:
        if process.environment is not None:
            yield replace(claude, environment={}, processes=(process,))


def winner(claude: ClaudeCode, name: str) -> Said | None:
    """The place that decides a variable; None when none says anything."""
    return next(_said(claude, name), None)


def uses_another_vendor(claude: ClaudeCode) -> bool:
    """Tell whether Claude Code is switched to a cloud of somebody else's, where the base URL means nothing."""
    return any(_is_on(one) for name in _OTHER_VENDORS if (one := winner(claude, name)))


def _is_on(one: Said) -> bool:
    return one.text.reveal().strip().lower() in {"1", "true", "yes", "on"}


def has_credentials(claude: ClaudeCode) -> bool:
    """Tell whether Claude Code may find a key: a variable, a helper, a login, or one that nobody here can see."""
    settings, config = value_of(claude.settings), value_of(claude.config)
    given = (one for name in (TOKEN, KEY, "CLAUDE_CODE_OAUTH_TOKEN") for one in said(claude, name))
    if any(not is_stand_in(one.text.reveal()) for one in given):
        return True
    if object_at(settings).get("apiKeyHelper") or object_at(config).get("primaryApiKey"):
        return True
    return bool(object_at(config).get("oauthAccount")) or claude.may_log_in


def means_plan(plan: PlanKnowledge, url: str) -> bool:
    """Tell whether a URL is meant for the Coding Plan, spelled rightly or one slip away."""
    meant = meant_host_of(url)
    return plan.is_plan_endpoint(f"https://{meant}") or plan.nearest_plan_host(meant) is not None


def flaw_in(plan: PlanKnowledge, url: str, keys: tuple[str, ...]) -> Flaw | None:
    """Judge a base URL, with the keys that go with it; None when it is right, or somebody's own.

    A slash at the end and spaces around it are harmless; one with a variable in it nobody here can judge.
    """
    text = url.strip()
    flaw = None if "$" in text else flaw_of(plan, text, Tool.CLAUDE_CODE.value, plan.paths_for(None, Tool.CLAUDE_CODE))
    if flaw is not None:
        return flaw
    region = plan.region_of(text)
    elsewhere = keys and all(pair_of(plan, text, key) is Pair.PLAN_KEY_ELSEWHERE for key in keys)
    right = plan.right_url(None, region, Tool.CLAUDE_CODE) if region is not None and elsewhere else None
    return None if right is None else Flaw("leads to the general API, and the key is the plan's", right)


@dataclass(frozen=True, slots=True)
class Row:
    """What one place says for one variable, and whether it decides."""

    name: str
    said: Said
    wins: bool

    @property
    def is_key(self) -> bool:
        """Tell whether it is a key, which is only ever shown masked."""
        return self.name != URL

    @property
    def secret(self) -> Secret | None:
        """The key, if it is one."""
        return self.said.text if self.is_key else None

    @property
    def words(self) -> str:
        """Where it stands, and what comes of it."""
        where = f"env.{self.name}" if self.said.path else f"{self.name} of {self.said.place}"
        return f"{where}, {'wins' if self.wins else 'without effect'}"


def claude_rows(claude: ClaudeCode) -> tuple[Row, ...]:
    """Every place that sets the base URL or a key for a configuration of Claude Code, by variable, the winner first."""
    rows = []
    for name in (URL, TOKEN, KEY):
        places = said(claude, name)
        rows += [Row(name, one, wins=one.path == places[0].path) for one in places]
    return tuple(rows)
