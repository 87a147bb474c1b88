"""Takes members and elements out of a text.

What goes: the item, its comma, the lines that are blank without it, and what stands in the item. When the last item
goes, so does the comma before it, unless the container is written with a trailing comma; where commas lead the lines
it is the leading one that goes. An object or array that ends up with nothing but white space in it becomes {} or [].

Which comments go: losing one that somebody still needs is worse than keeping one too many. So a comment goes only
when it is plainly about the item: between the item and its comma on the same line, or behind an item that has its
line for itself, on that line. Comments on lines of their own stay, even directly above the item, and so does one
that spans lines.
"""

from collections.abc import Iterable

from clawmend.core.lines import (
    BLANKS,
    LINE_BREAKS,
    Patch,
    apply_patches,
    back_over_blanks,
    end_of_comments_on_line,
    has_line_break,
    line_break_end,
    over_blanks,
    own_line_indent,
)
from clawmend.core.outline import Container, Item
from clawmend.core.syntax import Span

_WHITE = " \t\v\f\ufeff\u00a0" + LINE_BREAKS


def remove_items(text: str, container: Container, name: str | int) -> list[Patch]:
    """Return what to cut so that no item of this name is left in a container."""
    doomed = [item for item in container.items if item.name == name]
    kept = [item for item in container.items if item.name != name]
    leading = _leading_comma(text, container, doomed[0]) if len(doomed) == 1 else None
    if leading is not None:
        spans = [Span(leading, leading + 1), Span(doomed[0].start, doomed[0].value.end)]
    else:
        spans = [span for item in doomed for span in _spans(text, item)] + _dangling_comma(container, doomed, kept)
    cuts = [_tidied(text, span) for span in _joined(text, spans)]
    start, end = container.span.start + 1, container.span.end - 1
    rest = apply_patches(text[start:end], [Patch(cut.start - start, cut.end - start) for cut in cuts])
    return [Patch(start, end)] if not rest.strip(_WHITE) else cuts


def _leading_comma(text: str, container: Container, item: Item) -> int | None:
    """Where the comma stands that leads an item's line, when the item's own comma leads the next one."""
    before = [other.comma for other in container.items if other.comma is not None and other.comma < item.start]
    if item.comma is None or not before or not has_line_break(text, item.value.end, item.comma):
        return None
    return before[-1] if own_line_indent(text, before[-1]) is not None else None


def _dangling_comma(container: Container, doomed: list[Item], kept: list[Item]) -> list[Span]:
    """The comma that nothing follows any more, in a container without a trailing comma."""
    if container.items[-1].comma is not None or container.items[-1] not in doomed:
        return []
    return [Span(item.comma, item.comma + 1) for item in kept[-1:] if item.comma is not None]


def _spans(text: str, item: Item) -> list[Span]:
    """What belongs to one item: itself, its comma, and the comments that go with it."""
    has_own_line = own_line_indent(text, item.start) is not None
    behind = _end_of_own_comments(text, item.value.end) if has_own_line else item.value.end
    if item.comma is None:
        return [Span(item.start, behind)]
    if has_line_break(text, item.value.end, item.comma):
        return [Span(item.start, behind), Span(item.comma, item.end)]
    return [Span(item.start, _end_of_own_comments(text, item.end) if has_own_line else item.end)]


def _end_of_own_comments(text: str, position: int) -> int:
    """Where the comments end that only an item before them on the line can be about; the position without any."""
    end = end_of_comments_on_line(text, position)
    follower = text[over_blanks(text, end)]
    is_alone = follower in LINE_BREAKS or follower in "}]"
    return end if is_alone and not has_line_break(text, position, end) else position


def _joined(text: str, spans: Iterable[Span]) -> list[Span]:
    """The spans in order, with those made one that only blanks stand between."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if joined and not text[joined[-1].end : span.start].strip(BLANKS):
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return joined


def _tidied(text: str, span: Span) -> Patch:
    """Widen a cut so that no blank line and no stray space remains."""
    left, right = back_over_blanks(text, span.start), over_blanks(text, span.end)
    starts_line, ends_line = text[left - 1] in LINE_BREAKS, text[right] in LINE_BREAKS
    if starts_line and ends_line:
        return Patch(left, line_break_end(text, right))
    if starts_line:
        return Patch(span.start, right)
    if ends_line:
        return Patch(left, right)
    if text[span.start] == "," or text[right] in "}]":
        return Patch(left, span.end)
    return Patch(span.start, right)
