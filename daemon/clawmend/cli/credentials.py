"""`clawmend explain credentials [PROVIDER]`: every source of a key per agent, in this version's order, and who wins."""

from typing import Any

from clawmend.cli.app import FAILED, OK, Settings, answer
from clawmend.cli.report import SCHEMA, installation_json
from clawmend.core.precedence import Source, providers_with_keys, sources_of
from clawmend.core.printable import printable, shown_path
from clawmend.core.providers import normalise
from clawmend.core.secret import Masker
from clawmend.core.snapshot import Agent, OpenClaw, Snapshot
from clawmend.repair.masking import masker_for
from clawmend.repair.observe import observe
from clawmend.system.files import RealFiles
from clawmend.system.machine import RealClock, mask_key
from clawmend.system.pretend import ReadOnlyFiles


def explain_credentials(settings: Settings, provider: str | None) -> int:
    """Look, and say for every agent where the key of a provider, or of each, comes from; the exit code."""
    snapshot = observe(settings.place(), ReadOnlyFiles(RealFiles()), RealClock(), settings.openclaw_version)
    hands_off = snapshot.installation.why_hands_off()
    rows = [] if hands_off else list(_rows(snapshot, provider, masker_for(snapshot, mask_key())))
    if settings.json:
        answer(
            {
                "schema": SCHEMA,
                "home": printable(snapshot.home),
                "openclaw": installation_json(snapshot),
                "credentials": rows,
                "note": printable(hands_off or ""),
            }
        )
    elif not settings.quiet:
        _show(settings, snapshot, rows, hands_off, provider)
    return FAILED if hands_off else OK


def _rows(snapshot: Snapshot, provider: str | None, masker: Masker) -> Any:
    version = snapshot.installation.version
    if version is None:
        return
    for openclaw in snapshot.openclaws:
        for agent in openclaw.agents:
            names = (
                providers_with_keys(openclaw, agent, version) if provider is None else (normalise(provider, version),)
            )
            for name in names:
                found = sources_of(openclaw, agent, name, version, snapshot.now)
                yield _row(snapshot, openclaw, agent, name, [_source(snapshot, one, masker) for one in found])


def _row(
    snapshot: Snapshot, openclaw: OpenClaw, agent: Agent, provider: str, sources: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "folder": shown_path(snapshot.home, openclaw.directory),
        "agent": printable(agent.id),
        "provider": printable(provider),
        "sources": sources,
    }


def _source(snapshot: Snapshot, source: Source, masker: Masker) -> dict[str, Any]:
    return {
        "kind": source.kind,
        "name": printable(source.name),
        "path": shown_path(snapshot.home, source.path) if source.path else None,
        "key": masker.show(source.secret.reveal().strip()) if source.secret else None,
        "usable": source.usable,
        "wins": source.wins,
        "why": printable(source.why),
    }


def _show(
    settings: Settings, snapshot: Snapshot, rows: list[dict[str, Any]], hands_off: str | None, provider: str | None
) -> None:
    from clawmend.cli.render import title  # noqa: PLC0415 - JSON needs no rich

    screen = settings.screen()
    screen.line(title(installation_json(snapshot), printable(snapshot.home)), "dim")
    if hands_off:
        screen.line(f"Nobody knows the order here: {printable(hands_off)}.", "warning")
    elif not rows:
        screen.line("There is no OpenClaw state here." if not snapshot.openclaws else "There is no credential here.")
    several = len({row["folder"] for row in rows}) > 1
    for row in rows:
        screen.line()
        screen.line(f"{row['provider']}, agent {row['agent']}" + (f", {row['folder']}" if several else ""), "bold")
        if not row["sources"]:
            named = provider is not None
            screen.line('no key from any source: "No API key found"' if named else "no key from any source", indent=4)
        for number, source in enumerate(row["sources"], 1):
            _show_source(screen, number, source)


def _show_source(screen: Any, number: int, source: dict[str, Any]) -> None:
    mark = "wins" if source["wins"] else "next" if source["usable"] else "no"
    where = {"profile": "profile", "variable": "variable", "config": "openclaw.json"}[source["kind"]]
    key = f"  {source['key']}" if source["key"] else ""
    screen.pair(mark, f"{number}. {where} {source['name']}{key}", "ok" if source["wins"] else "")
    if source["path"] and source["kind"] == "profile":
        screen.line(source["path"], "dim", indent=13)
    screen.line(source["why"], "dim", indent=13)
