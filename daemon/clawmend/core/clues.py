"""In which region this machine's Coding Plan is, and with which keys it is used: what all the tools' files say."""

from collections.abc import Iterator

from clawmend.core.claude_setup import KEY, TOKEN, URL, uses_another_vendor, winner
from clawmend.core.frozen import dataclass
from clawmend.core.key_shapes import looks_like_general_key, looks_like_plan_key
from clawmend.core.opencode import providers_of
from clawmend.core.plan_kinds import Region
from clawmend.core.providers import configured_providers, is_real_key
from clawmend.core.qwen import PLAN_VARIABLE, endpoints_of, key_in, region_of
from clawmend.core.secret import Secret
from clawmend.core.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Clue:
    """One place that leads to the plan. `kind` is "a plan key", "a general key", "another key" or "no key"."""

    tool: str
    where: str
    path: str
    region: Region
    url: str | None
    key: Secret | None

    @property
    def kind(self) -> str:
        """What the key looks like; a plan's shape proves nothing, as Token Plan keys have it too."""
        if self.key is None or not is_real_key(self.key):
            return "no key"
        if looks_like_plan_key(self.key.reveal()):
            return "a plan key"
        return "a general key" if looks_like_general_key(self.key.reveal()) else "another key"


def clues_in(snapshot: Snapshot) -> tuple[Clue, ...]:
    """Every place that leads to the plan, OpenClaw's first."""
    return (
        *_of_openclaw(snapshot),
        *_of_claude(snapshot),
        *_of_opencode(snapshot),
        *_of_qwen(snapshot),
    )


def region_in(clues: tuple[Clue, ...]) -> Region | None:
    """The region on which all places agree; None where there is none, or more than one."""
    regions = {clue.region for clue in clues}
    return regions.pop() if len(regions) == 1 else None


def _of_openclaw(snapshot: Snapshot) -> Iterator[Clue]:
    for openclaw in snapshot.openclaws:
        for provider in configured_providers(openclaw).values():
            region = _region(snapshot, provider.base_url)
            if region is not None:
                yield Clue("OpenClaw", provider.name, openclaw.config.path, region, provider.base_url, provider.key)


def _of_claude(snapshot: Snapshot) -> Iterator[Clue]:
    for claude in snapshot.claudes:
        url, key = winner(claude, URL), winner(claude, TOKEN) or winner(claude, KEY)
        text = url.text.reveal().strip() if url is not None else None
        region = _region(snapshot, text)
        if url is not None and region is not None and not uses_another_vendor(claude):
            path = url.path or claude.settings.path
            yield Clue("Claude Code", url.place, path, region, text, key.text if key is not None else None)


def _of_opencode(snapshot: Snapshot) -> Iterator[Clue]:
    opencode = snapshot.neighbours.opencode
    if opencode is None:
        return
    for provider in providers_of(opencode, snapshot.plan):
        region = _region(snapshot, provider.url)
        if region is not None:
            path = provider.place.path if provider.place is not None else opencode.files[-1].path
            key = provider.key.secret if provider.key is not None else None
            yield Clue("OpenCode", provider.name, path, region, provider.url, key)


def _of_qwen(snapshot: Snapshot) -> Iterator[Clue]:
    qwen = snapshot.neighbours.qwen
    if qwen is None:
        return
    noted = region_of(qwen)
    if noted is not None:
        yield Clue("Qwen Code", "its note", qwen.settings.path, noted, None, key_in(qwen, PLAN_VARIABLE)[0])
    for endpoint in endpoints_of(qwen):
        region = _region(snapshot, endpoint.url)
        if region is not None:
            where = endpoint.model or "its sign-in"
            yield Clue("Qwen Code", where, qwen.settings.path, region, endpoint.url, endpoint.secret)


def _region(snapshot: Snapshot, url: str | None) -> Region | None:
    return snapshot.plan.region_of(url) if url is not None and snapshot.plan.is_plan_endpoint(url) else None
