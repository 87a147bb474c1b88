"""What a tool has to be set to so that it reaches the Coding Plan, and what it is set to, for `clawmend explain TOOL`.

The right values are the plan's own (plan_table.py) for the region that this machine's files speak of. Cursor and Cline
keep their settings in databases of their editors, which no other program may write: there, only the values are told.
"""

from collections.abc import Iterator
from dataclasses import field
from typing import assert_never

from clawmend.core.claude_setup import MODEL, claude_rows, said
from clawmend.core.clues import Clue, clues_in, region_in
from clawmend.core.frozen import dataclass
from clawmend.core.opencode import ANTHROPIC, OPENAI, plan_providers_of
from clawmend.core.opencode_models import most_output
from clawmend.core.plan_kinds import PlanModel, Region, Tool
from clawmend.core.qwen import PLAN_VARIABLE, endpoints_of, key_in
from clawmend.core.secret import Secret
from clawmend.core.snapshot import Snapshot

TOOLS = {
    "cursor": Tool.CURSOR,
    "cline": Tool.CLINE,
    "opencode": Tool.OPENCODE,
    "qwen": Tool.QWEN_CODE,
    "claude": Tool.CLAUDE_CODE,
}
_KEY = "the plan's own key: sk-sp-..., from the Coding Plan page of Model Studio"
_TRY = 'then send one message; for an error it answers with: clawmend explain "THE ERROR"'
_STEPS = {
    Tool.OPENCLAW: ("clawmend check", _TRY),
    Tool.CURSOR: (
        "in Cursor: Settings, Models, API Keys: the key under OpenAI API Key, the URL under Override OpenAI Base URL",
        "add the ids of the models there by name, and turn off those that you do not use",
        "clawmend cannot see these settings: compare them by eye, space for space",
        _TRY,
    ),
    Tool.CLINE: (
        "in VS Code, in Cline's settings: API Provider OpenAI Compatible, then Base URL, API Key and Model ID",
        "under Model Configuration: Context Window Size and Max Output Tokens no larger than below",
        "clawmend cannot see these settings: compare them by eye, space for space",
        _TRY,
    ),
    Tool.OPENCODE: (
        "opencode debug config shows what it has made of all its files",
        "opencode models lists the models; take one under the plan's provider",
        _TRY,
    ),
    Tool.QWEN_CODE: ("start qwen again after a change, or choose the plan anew: /auth", _TRY),
    Tool.CLAUDE_CODE: ("in Claude Code: /status shows the base URL and where the key is from", _TRY),
}
_PROTOCOLS = {
    "openai": "OpenAI-compatible",
    "anthropic": "Anthropic-compatible",
    ANTHROPIC: f'Anthropic-compatible: "npm": "{ANTHROPIC}"',
    OPENAI: f'OpenAI-compatible: "npm": "{OPENAI}"',
}
_UNSEEN = frozenset({Tool.CURSOR, Tool.CLINE})


@dataclass(frozen=True, slots=True)
class Found:
    """A value that is set, in words or as a secret, and where: a path, or None for the shell's environment."""

    where: str
    path: str | None
    text: str = ""
    secret: Secret | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Value:
    """One setting: its name, what it should be (one line for each choice), and what it is."""

    name: str
    right: tuple[str, ...]
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything about one tool. `seen` is False where clawmend cannot look at its settings."""

    tool: Tool
    region: Region | None
    clues: tuple[Clue, ...]
    values: tuple[Value, ...]
    steps: tuple[str, ...]
    seen: bool


def setup_of(snapshot: Snapshot, tool: Tool) -> Setup:
    """Put together what is right for a tool here, and what is set."""
    clues = clues_in(snapshot)
    region = region_in(clues)
    values = tuple(_values(snapshot, tool, region))
    return Setup(tool, region, clues, values, _STEPS[tool], tool not in _UNSEEN)


def _values(snapshot: Snapshot, tool: Tool, region: Region | None) -> Iterator[Value]:
    urls, keys, models, protocols = _found_in(snapshot, tool)
    routes = [route for route in snapshot.plan.routes if route.tool is tool]
    yield Value("protocol", tuple(_PROTOCOLS.get(route.api, route.api) for route in routes), protocols)
    regions = [region] if region is not None else [host.region for host in snapshot.plan.plan_hosts]
    right = []
    for one in regions:
        for route in routes:
            label = [one.value] if region is None else []
            label += [route.api] if len(routes) > 1 else []
            url = f"https://{snapshot.plan.host_in(one)}{route.path}"
            right.append(f"{url} ({', '.join(label)})" if label else url)
    yield Value("base URL", tuple(right), urls)
    yield Value("API key", (_KEY,), keys)
    yield Value("models", tuple(map(_limits_of, snapshot.plan.models)), models)


def _limits_of(model: PlanModel) -> str:
    words = [f"{model.id}: context {model.context_window:,}"]
    words.append("no thinking" if model.thinking_budget is None else f"thinking {model.thinking_budget:,}")
    most = most_output(model)
    return ", ".join([*words, f"output {most:,}"] if most is not None else words)


_Values = tuple[tuple[Found, ...], tuple[Found, ...], tuple[Found, ...], tuple[Found, ...]]


def _found_in(snapshot: Snapshot, tool: Tool) -> _Values:
    """URLs, keys, models and protocols that a tool is set to for the plan."""
    match tool:
        case Tool.OPENCODE:
            return _of_opencode(snapshot)
        case Tool.QWEN_CODE:
            return _of_qwen(snapshot)
        case Tool.CLAUDE_CODE:
            return _of_claude(snapshot)
        case Tool.CURSOR | Tool.CLINE | Tool.OPENCLAW:
            return (), (), (), ()
        case _:
            assert_never(tool)


def _of_claude(snapshot: Snapshot) -> _Values:
    """What each of the three places says, the one that wins first; what another vendor's cloud uses is no setting."""
    urls: list[Found] = []
    keys: list[Found] = []
    models: list[Found] = []
    for claude in snapshot.claudes:
        for row in claude_rows(claude):
            found = Found(row.words, row.said.path, "" if row.is_key else row.said.text.reveal(), row.secret)
            (keys if row.is_key else urls).append(found)
        models += [Found(f"{MODEL} of {one.place}", one.path, one.text.reveal()) for one in said(claude, MODEL)]
    return (
        tuple(urls),
        tuple(keys),
        tuple(models),
        (Found("its only one", None, _PROTOCOLS["anthropic"]),) if urls else (),
    )


def _of_opencode(snapshot: Snapshot) -> _Values:
    opencode = snapshot.neighbours.opencode
    urls: list[Found] = []
    keys: list[Found] = []
    models: list[Found] = []
    protocols: list[Found] = []
    for provider in plan_providers_of(opencode, snapshot.plan) if opencode is not None else ():
        path = provider.place.path if provider.place is not None else None
        protocols.append(Found(provider.name, path, provider.npm))
        urls.append(Found(provider.name, path, provider.url or ""))
        models += [Found(provider.name, path, model.id) for model in provider.models]
        if provider.key is not None:
            keys.append(Found(provider.key.where, provider.key.path, secret=provider.key.secret))
    return tuple(urls), tuple(keys), tuple(models), tuple(protocols)


def _of_qwen(snapshot: Snapshot) -> _Values:
    qwen = snapshot.neighbours.qwen
    if qwen is None:
        return (), (), (), ()
    path = qwen.settings.path
    ours = [
        endpoint
        for endpoint in endpoints_of(qwen)
        if endpoint.variable == PLAN_VARIABLE or snapshot.plan.is_plan_endpoint(endpoint.url)
    ]
    urls = tuple(Found(endpoint.model or "its sign-in", path, endpoint.url) for endpoint in ours)
    models = tuple(Found(endpoint.protocol, path, endpoint.model) for endpoint in ours if endpoint.model)
    protocols = tuple(Found("modelProviders", path, name) for name in dict.fromkeys(one.protocol for one in ours))
    secret, where, file = key_in(qwen, PLAN_VARIABLE)
    keys = () if secret is None else (Found(where, file, secret=secret),)
    return urls, keys, models, protocols
