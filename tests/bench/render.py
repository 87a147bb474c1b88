"""The results as Markdown: the short part for the README, and everything for the file beside the data."""

import importlib
import importlib.util
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

Data = dict[str, Any]
BEGIN, END = "<!-- bench -->", "<!-- /bench -->"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]


def paragraph(text: str) -> list[str]:
    """Prose in lines as wide as the README's."""
    return textwrap.wrap(text, 120, break_long_words=False, break_on_hyphens=False)


def summary(result: Data) -> str:
    """The part of the README between its marks."""
    return _joined([_about(result), *_parts(result)])


def document(result: Data) -> str:
    """Everything, for results/result.md."""
    more = (
        [_latency(result["latency"], "storm")]
        if "not_measured" not in result.get("latency", {"not_measured": ""})
        else []
    )
    return _joined([["# What was measured"], _about(result), *_parts(result), *more, _places(result)]) + "\n"


def _parts(result: Data) -> list[list[str]]:
    """The parts that were measured, and for those that could not be, why."""
    shown = {"latency": _latency, "oneshot": _oneshot, "idle": _idle, "harm": _harm, "growth": _growth}
    return [
        paragraph(f"{name}: not measured here ({part['not_measured']}).") if "not_measured" in part else show(part)
        for name, show in shown.items()
        if (part := result.get(name)) is not None
    ]


def _joined(parts: Iterable[Sequence[str]]) -> str:
    return "\n\n".join("\n".join(part) for part in parts if part)


def into_readme(readme: str, part: str) -> str:
    """The README with its measured part replaced; the marks have to be there."""
    head, begin, rest = readme.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"README.md has no {BEGIN} ... {END}")
    return f"{head}{BEGIN}\n{part}\n{END}{tail}"


def _about(result: Data) -> list[str]:
    machine = result["machine"]
    load = machine["load_before"][0]
    short = [name for name in result["short"] if name in result]
    measured = [name for name in result if name not in {"machine", "short"}]
    kind = "a short run (`--quick`)" if len(short) == len(measured) else "a full run"
    kind += f", a short one (`--quick`) of {' and '.join(short)}," if 0 < len(short) < len(measured) else ""
    text = (
        f"From {kind} on {machine['date']}: {machine['cpu']}, {machine['cores']} cores, {machine['kernel']}, "
        f"{machine['file_system']}, Python {machine['python']}, load {load} before it. Times are medians; what is "
        "compared took turns in one run."
    )
    return paragraph(text)


def _latency(part: Data, which: str = "quiet") -> list[str]:
    series = part[which]
    rows = []
    for name, label in (("default", "as it comes"), ("shortest", "`debounce = 0.1`"), ("limit", "the physical limit")):
        side = series[name]
        of_limit = [side.get(f"{what}_less_wait_to_limit", 1) for what in ("noticed", "repaired")]
        rows.append([
            label, f"{side['waits_ms']}",
            _ms(side.get("noticed_less_wait_ms", side["noticed_ms"])),
            _ms(side.get("repaired_less_wait_ms", side["repaired_ms"])),
            _ms(side["repaired_ms"]), f"{of_limit[0]:.0f}, {of_limit[1]:.0f}",
        ])  # fmt: skip
    trials = series["default"]["repaired_ms"]["trials"]
    storm = "" if which == "quiet" else f" in a storm of {part['storm']['writes_per_second']} other writes a second"
    text = (
        f"**The running watcher**, {trials} trials each{storm}, ms, median (p99). It waits by design until nothing "
        "has changed for a while; its own work is shown without that wait. The limit is inotify, a read, a flushed "
        "write and a rename, judging nothing."
    )
    if which == "quiet":
        text += f" What broke while its queue of events had run over was repaired {part['lost_events_s']} s later."
    return [
        *paragraph(text),
        "",
        *table(["", "waits", "own work until noticed", "until repaired", "with the wait", "times the limit"], rows),
    ]


def _ms(figures: Data) -> str:
    return f"{figures['median']:.1f} ({figures['p99']:.1f})"


def _oneshot(part: Data) -> list[str]:
    rows: dict[str, list[object]] = {}
    for command in part["commands"]:
        row = rows.setdefault(command["whose"], ["`" + command["whose"] + "`", "", "", ""])
        times, middle = f"{command['to_ours']:g}x", command["ms"]
        spread = f" ±{middle['iqr'] / 2:.0f}"
        row[1 if command["what"] == "look" else 2] = f"{middle['median']:.0f}{spread}, {times}"
        row[3] = f"{max(command['mib'], float(row[3] or 0)):.0f}"  # type: ignore[arg-type]
    text = (
        "**One command, once**: looking at a healthy home, repairing a stale model cache; wall time in ms (± half the "
        "range of the middle half), times ours, and the most memory of one process in MiB. To look, the older doctor "
        "has `--non-interactive`, the newer `--lint`; easyclaw and originclaw-monitor look whether things are there, "
        "not what is in them."
    )
    return [
        *paragraph(text),
        "",
        *table(["", "look", "repair", "MiB"], rows.values()),
    ]


def _idle(part: Data) -> list[str]:
    rows = [
        [f"`{name}`", cost["not_measured"], "", "", ""] if "not_measured" in cost else
        [f"`{name}`", f"{cost['cpu_percent']:.3f}", cost["wakings_per_second"], cost["mib"], cost["watches"]]
        for name, cost in part["tools"].items()
    ]  # fmt: skip
    head = ["", "CPU %", "wake-ups a second", "memory, MiB", "inotify watches"]
    return [
        f"**Watching while nothing happens**, the same home and the same {part['seconds']} seconds:", "",
        *table(head, rows),
    ]  # fmt: skip


def _harm(part: Data) -> list[str]:
    names = list(dict.fromkeys(tool["name"] for tool in part["tools"]))
    rows = [
        [scene, *(_verdict(row["tools"][name]) if name in row["tools"] else "" for name in names)]
        for scene, row in part["scenes"].items()
    ]
    text = (
        "**What each leaves behind**, by comparing the home before and after: `clawmend repair --yes`, `openclaw "
        "doctor --fix` of the version named, `openclaw-doctor --fix`, and the two that watch, with no gateway there, "
        f"{part['watched_seconds']:.0f} seconds each."
    )
    return [
        *paragraph(text),
        "",
        *table(["", *(f"`{name}`" for name in names)], rows),
    ]


def _verdict(judged: Data) -> str:
    if judged["harms"]:
        return f"{judged['verdict']}: " + "; ".join(judged["harms"])
    if judged["verdict"] == "changed" and (added := len(judged["files_added"])):
        return f"changed: {added} file{'s' if added > 1 else ''} added"
    return str(judged["verdict"])


def _places(result: Data) -> list[str]:
    """Which members exactly were lost or changed, for whoever wants to know."""
    part = result.get("harm") or {}
    lines = []
    for scene, row in part.get("scenes", {}).items():
        for name, judged in row["tools"].items():
            told = [*judged["keys_lost"], *judged["values_changed"], *judged["files_removed"]]
            if told:
                lines.append(f"- {scene}, `{name}`: " + ", ".join(f"`{place}`" for place in told))
    return ["Keys and files lost, values changed:", "", *lines] if lines else []


def _growth(part: Data) -> list[str]:
    """What `bench.growth` says of its own figures, when it is there and has a `summary`."""
    if importlib.util.find_spec("bench.growth") is None:
        return []
    say = getattr(importlib.import_module("bench.growth"), "summary", None)
    return [] if say is None else list(say(part))
