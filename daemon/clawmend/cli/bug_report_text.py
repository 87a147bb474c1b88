"""A bug report as Markdown, as people paste it into an issue."""

import json
from collections.abc import Iterator
from typing import Any

from clawmend.cli.moments import moment


def markdown(document: dict[str, Any]) -> str:
    """The whole report; every text in the document is masked already."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: dict[str, Any]) -> Iterator[str]:
    openclaw, configuration = document["openclaw"], document["configuration"]
    yield f"# clawmend report, {document['made']}"
    yield ""
    yield f"- clawmend {document['clawmend']}, Python {document['python']}, {document['system']}"
    yield f"- OpenClaw {openclaw['version'] or 'of unknown version'} (era {openclaw['era']}, from {openclaw['source']})"
    for name in ("executable", "problem", "hands_off"):
        if openclaw[name]:
            yield f"- {name.replace('_', ' ')}: {openclaw[name]}"
    for gateway in document["gateways"]:
        yield f"- gateway of {gateway['folder']}: {gateway['condition']}, {gateway['why']}"
        yield from (f"  - `{_inline(line)}`" for line in gateway["lines"])
    yield from _section("Findings", [_finding(one) for one in document["findings"]])
    blind = [f"{one['rule']} {one['path']}: {one['problem']}" for one in document["could_not_look"]]
    yield from _section("Could not be looked at", blind)
    yield from _section("What was done, newest first", _list(document["receipts"], _receipt))
    yield from _section("Checkpoints", _list(document["checkpoints"], _checkpoint))
    yield from _section("Problems with config.toml", configuration["problems"])
    yield from _block("The watcher", document["watcher"])
    yield from _block("Settings", configuration)
    for file in document["files"]:
        if file["problem"]:
            yield from ("", f"## {file['path']}", "", f"It {file['problem']}." if file["head"] is None else "")
        else:
            yield from _block(f"{file['path']} ({file['size']} bytes, mode {file['mode']})", file["head"])


def _list(found: Any, line: Any) -> list[str]:
    return [found] if isinstance(found, str) else [line(one) for one in found]


def _finding(finding: dict[str, Any]) -> str:
    where = f"{finding['path']} {finding['pointer'] or ''}".strip()
    evidence = "".join(f"\n  - {one}" for one in finding["evidence"])
    return f"{finding['severity']} {finding['rule']} {finding['name']}, {where}: {finding['summary']}{evidence}"


def _receipt(receipt: dict[str, Any]) -> str:
    deeds = [f"{deed['action']} {deed['path']} ({', '.join(deed['rules'])})" for deed in receipt["deeds"]]
    left = [f"left {fault['rule']} {fault['path']}" for fault in receipt["left"]]
    words = [f"{moment(receipt['time'])} {receipt['by']}: {receipt['verdict']}", *deeds, *left]
    words += [receipt[name] for name in ("proof", "note") if receipt[name]]
    return "; ".join(words)


def _checkpoint(checkpoint: dict[str, Any]) -> str:
    state = "undone" if checkpoint["undone"] else "done" if checkpoint["done"] else "not finished"
    return f"{checkpoint['id']} {checkpoint['kind']}, {state}: {', '.join(checkpoint['files'])}"


def _section(title: str, points: list[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield from (f"- {point}" for point in points or ["none"])


def _block(title: str, value: Any) -> Iterator[str]:
    yield from ("", f"## {title}", "", "```json", json.dumps(value, indent=2, ensure_ascii=False), "```")


def _inline(text: str) -> str:
    return text.replace("`", "'")
