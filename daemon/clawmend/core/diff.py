"""A diff for people: what a change does to a file, with every secret masked before a line is shown."""

from clawmend.core.secret import Masker

_MAX_LINES = 200
_MAX_WIDTH = 400
_CONTEXT = 2


def masked_diff(before: bytes | None, after: bytes | None, masker: Masker) -> str:
    """Return a unified diff without file names; secrets are masked on both sides first.

    Two keys that differ stay two different masks, so that a change of key is visible. Long diffs are cut and say so.
    """
    import difflib  # noqa: PLC0415 - only a change needs a diff

    old, new = _text(before).splitlines(), _text(after).splitlines()
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    start, end = max(0, start - _CONTEXT), max(0, end - _CONTEXT)
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    if max(len(old), len(new)) > 50 * _MAX_LINES:
        return f"({len(old)} lines become {len(new)} lines; too long to show)"
    lines = list(difflib.unified_diff(_mask(old, masker), _mask(new, masker), n=_CONTEXT, lineterm=""))[3:]
    shown = [f"@@ line {start + 1} @@", *(_cut(line) for line in lines[:_MAX_LINES])] if lines else []
    if len(lines) > _MAX_LINES:
        shown.append(f"... {len(lines) - _MAX_LINES} more lines")
    return "\n".join(shown)


def mode_change(before: int, after: int) -> str:
    """One line for a change of permission bits; empty when there is none."""
    return "" if before == after else f"mode {before:04o} -> {after:04o}"


def _mask(lines: list[str], masker: Masker) -> list[str]:
    return masker.clean("\n".join(lines)).split("\n") if lines else []


def _common(left: list[str], right: list[str]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _cut(line: str) -> str:
    return line if len(line) <= _MAX_WIDTH else f"{line[:_MAX_WIDTH]}... ({len(line)} characters)"


def _text(data: bytes | None) -> str:
    if data is None:
        return ""
    text = data.decode("utf-8", "replace")
    return f"({len(data)} bytes that are not text)" if "\0" in text else text
