"""Homes in which one thing has grown large: every byte of it is really there."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from clawmend.core.receipt import Deed, Fault, Receipt, receipt_json
from clawmend.core.state import Identity
from clawmend.system.blobs import digest
from clawmend.system.journal import SCHEMA, sealed
from clawmend.system.ledger import Ledger
from clawmend.system.records import Checkpoint, Entry, Kind, as_json
from repair.home import CONFIG, NEW_KEY, PLAN_URL, Home, cache, profiles

_TURN_OVER = 8 * 2**20  # as system/history.py does it
_BLOCK = 4 * 2**20


def plain_home(folder: Path) -> Home:
    """A healthy home whose port nobody has, and whose Claude Code has been used for long."""
    home = Home(folder, 9, now=time.time()).healthy()
    home.config.write_text(_config_with(""))
    home.state.mkdir()
    grow_claude(home, 2_000)
    return home


def _config_with(members: str, *, comment: str = "// my OpenClaw") -> str:
    text = CONFIG.replace("PORT", "9").replace("// my OpenClaw", comment)
    return text.replace("  gateway:", f"{members}  gateway:", 1)


def grow_agents(home: Home, count: int) -> None:
    """As many agents, each with its own cache, credentials and folder of sessions."""
    for number in range(count - 1):  # main is there
        folder = home.config.parent / "agents" / f"agent{number}" / "agent"
        home.write(folder / "models.json", cache(PLAN_URL))
        home.write(folder / "auth-profiles.json", profiles(NEW_KEY))
        (folder.parent / "sessions").mkdir(exist_ok=True)


def grow_config(home: Home, size: int) -> None:
    """An openclaw.json of that many bytes: skills and channels with text, lists, numbers and comments in them."""
    bare = len(_config_with(""))
    lines, length = [], 0
    while bare + length < size:
        number = len(lines)
        line = (
            f'    "skill-{number}": {{ enabled: true, env: {{ "PATH_{number}": "/opt/skills/{number}" }},'
            f' tags: ["one", "two", {number}], limit: {number}.5 }}, // since {number}\n'
        )
        lines.append(line)
        length += len(line)
    home.write(home.config, _config_with(f"  skills: {{ entries: {{\n{''.join(lines)}  }} }},\n" if lines else ""))


def grow_claude(home: Home, size: int, *, onboarded: bool = True) -> None:
    """A `.claude.json` of that many bytes: projects with a history of what was typed, and a pasted picture in each."""
    value: dict[str, object] = {"numStartups": 412, "installMethod": "native", "autoUpdates": True}
    if onboarded:
        value["hasCompletedOnboarding"] = True
    projects: dict[str, object] = {}
    value["projects"] = projects
    each, length = max(200, min(20_000, size // 10)), 0
    while length < size:
        picture = "iVBORw0KGgo" * (each // 11 // 2)
        typed = [
            {"display": f"please look at \u201cfile {n}\u201d again\n", "pastedContents": {}}
            for n in range(each // 160)
        ]
        project = {
            "allowedTools": [], "history": [*typed, {"display": "[Image]", "pastedContents": {"1": picture}}],
            "mcpServers": {}, "hasTrustDialogAccepted": True,
        }  # fmt: skip
        projects[f"/home/user/project-{len(projects)}"] = project
        length += len(json.dumps(project, indent=2))
    home.write(home.claude, json.dumps(value, indent=2, ensure_ascii=False))


def grow_sessions(home: Home, count: int) -> None:
    """As many files of sessions of the main agent."""
    folder = home.agent.parent / "sessions"
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"{number:08x}-0000-4000-8000-000000000000.jsonl").write_bytes(b'{"type":"session"}\n')


def grow_log(home: Home, size: int) -> None:
    """A log of the gateway of that many bytes, as OpenClaw 2026.3.2 writes its lines, named in openclaw.json."""
    path = home.root / "gateway.log"
    home.write(home.config, _config_with(f'  logging: {{ file: "{path}" }},\n'))
    when = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(home.now - 60))
    block, number = bytearray(), 0
    while len(block) < min(_BLOCK, size):
        number += 1
        line = {
            "0": '{"subsystem":"gateway/ws"}', "1": f"\u21c4 res \u2713 sessions.list {number}ms conn=5e{number:06x}",
            "_meta": {"runtime": "node", "name": '{"subsystem":"gateway/ws"}', "date": when, "logLevelName": "INFO"},
            "time": when,
        }  # fmt: skip
        block += json.dumps(line, ensure_ascii=False).encode() + b"\n"
    with path.open("wb") as file:
        for _ in range(max(1, size // len(block))):
            file.write(block)
    path.chmod(0o600)


def grow_history(home: Home, count: int) -> None:
    """As many repairs of our own: a receipt, a checkpoint and the bytes that were before, of each, none pruned.

    There are some more agents, so that each can break once.
    """
    grow_agents(home, 32)
    store = home.state / "checkpoints"
    blobs = store / "blobs"
    for folder in (home.state, store, blobs):
        folder.mkdir(mode=0o700, exist_ok=True)
    path, older, written = home.state / "history.jsonl", home.state / "history.1.jsonl", 0
    history, journal = path.open("wb"), (store / "manifest.jsonl").open("wb")
    try:
        for checkpoint, receipt, before in _repairs(home, count):
            sha256 = checkpoint.entries[0].before
            _write_once(blobs / str(sha256), before)
            for record in (
                {"event": "begin", "checkpoint": as_json(checkpoint)},
                {"event": "applied", "id": checkpoint.id},
                {"event": "done", "id": checkpoint.id},
            ):
                journal.write(sealed({"schema": SCHEMA, **record}))
            if written >= _TURN_OVER:
                history.close()
                path.rename(older)
                history, written = path.open("wb"), 0
            written += history.write(sealed({"schema": SCHEMA, "event": "receipt", **receipt_json(receipt)}))
    finally:
        history.close()
        journal.close()
    for file in (path, store / "manifest.jsonl"):
        file.chmod(0o600)
    Ledger(str(store)).turn_over()  # as at any of the repairs


def _write_once(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    os.write(descriptor, data)
    os.close(descriptor)


def _repairs(home: Home, count: int) -> Iterator[tuple[Checkpoint, Receipt, bytes]]:
    """Of the last years, one every half an hour, the newest an hour ago."""
    path, after = str(home.models), b'{\n  "providers": {}\n}'
    shown = "~" + path.removeprefix(str(home.path))
    for number in range(count):
        when = home.now - 3600 - (count - number) * 1800
        before = cache(f"https://old{number}.example.com/v1").encode()
        stamp = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(when))}-{number:06x}"
        identity = Identity(1, number, 0o600, 0, 0, len(before), int(when * 1e9))
        entry = Entry(path, digest(before), digest(after), identity, ("OC101",))
        checkpoint = Checkpoint(stamp, when, Kind.REPAIR, str(home.path), (entry,), "stale-model-cache")
        fault = Fault(
            f"{number:016x}", "OC101", "stale-model-cache", "error", shown,
            f"openclaw.json sends bailian to {PLAN_URL}, agent main's model cache to "
            f"https://old{number}.example.com/v1; the cache wins on OpenClaw 2026.3.2",
        )  # fmt: skip
        deed = Deed(shown, "edit", ("OC101",), before.decode())
        receipt = Receipt(
            stamp, when, "watch", str(home.path), "2026.3.2", "repaired", 0.031, stamp, deeds=(deed,), mended=(fault,)
        )
        yield checkpoint, receipt, before
