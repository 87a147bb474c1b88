"""Draws how time and memory grow, as SVG that is the same for the same figures and readable on light and on dark."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

# A grey that stands out from white as well as from black, and colours in between, told apart without seeing red.
_INK = "#808080"
_COLOURS = ("#3b82f6", "#e8590c", "#12a150", "#c026d3", "#b8860b", "#0ea5b7")
_MARKS = "os^Dv*"
_STYLE = {
    "svg.hashsalt": "clawmend", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10,
    "text.color": _INK, "axes.labelcolor": _INK, "axes.edgecolor": _INK, "xtick.color": _INK, "ytick.color": _INK,
    "axes.prop_cycle": mpl.cycler(color=_COLOURS), "grid.color": _INK, "grid.alpha": 0.25, "axes.spines.top": False,
    "axes.spines.right": False, "axes.facecolor": "none",
}  # fmt: skip


def draw(growth: dict[str, Any], folder: Path) -> list[Path]:
    """One picture per subject of `growth.measure`, `growth-<subject>.svg`; what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for subject, curves in growth.items():
        if any(curves.values()):
            path = folder / f"growth-{subject}.svg"
            with mpl.rc_context(_STYLE):
                _picture(curves).savefig(path, transparent=True, metadata={"Date": None, "Creator": None})
            written.append(path)
    return written


def _picture(curves: dict[str, list[dict[str, Any]]]) -> Figure:
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    time, memory = figure.subplots(1, 2)
    for number, (name, points) in enumerate(curves.items()):
        if not points:
            continue
        sizes = [point["size"] for point in points]
        look = {"label": name, "marker": _MARKS[number % len(_MARKS)], "markersize": 5, "linewidth": 1.5}
        seconds = [point["seconds"] for point in points]
        middles = [one["median"] for one in seconds]
        below = [one["median"] - one["least"] for one in seconds]
        above = [one["most"] - one["median"] for one in seconds]
        time.errorbar(sizes, middles, yerr=(below, above), capsize=3, **look)
        memory.plot(sizes, [point["memory_mib"] for point in points], **look)
    unit = next(points[0]["unit"] for points in curves.values() if points)
    for axes, label in ((time, "seconds (median, least to most)"), (memory, "most memory, MiB")):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: short(value)))
        axes.set_xlabel(unit)
        axes.set_ylabel(label)
        axes.grid(visible=True, which="major")
    time.set_yscale("log")
    time.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:g}"))
    memory.set_ylim(bottom=0)
    figure.legend(*time.get_legend_handles_labels(), loc="outside right center", frameon=False, fontsize=9)
    return figure


def short(value: float) -> str:
    """A size as people write it: 20, 5 k, 10 M, 1 G."""
    for name, factor in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= factor:
            return f"{value / factor:g} {name}"
    return f"{value:g}"
