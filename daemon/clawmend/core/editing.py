"""Turns an edit into patches: the few characters of the text that it changes.

Replacing changes the value's own characters. A string keeps the quotes of the string it replaces; an object or array
is laid out like the one it replaces, or else like its siblings (on lines of their own, or all on one line).

Adding at the end puts the comma, where one is missing, right behind the last value, so that a comment on that line
stays with its member; the new item follows on the next line. Comments on their own lines before the closing bracket
stay before the bracket. On one line the comma comes behind the last comment, which belongs to what it follows. A
container with trailing commas keeps them; one without gets none. A container that holds only comments gets the item
behind them.

Inserting an element puts it right behind the one before (or the opening bracket), so that comments above its follower
stay with the follower.

Setting a value that is there already, however it is written, changes nothing. Removing: see `removal.py`.
"""

from dataclasses import dataclass, replace
from typing import assert_never

from clawmend.core.lines import (
    Patch,
    end_of_comments,
    end_of_comments_on_line,
    has_line_break,
    line_indent,
    over_blanks,
    own_line_indent,
)
from clawmend.core.manner import Surroundings, item_indent
from clawmend.core.outline import Container, value_end
from clawmend.core.removal import remove_items
from clawmend.core.syntax import Json
from clawmend.core.values import InsertElement, RemoveMember, SetValue
from clawmend.core.writer import Manner, Quotes, write_key, write_value


def replace_value(surroundings: Surroundings, start: int, value: Json) -> Patch:
    """Return the patch that puts a value in the place of the one that starts at an offset.

    Args:
        surroundings: the containers around the old value; none when it is the whole document.
        start: where the old value starts.
        value: what to write.

    Raises:
        EditError: the value is none that the syntax can express, or nests too deep.
    """
    text = surroundings.text
    old = text[start]
    if old in "{[":
        surroundings = surroundings.inside(start)
    manner = surroundings.manner()
    if old in "\"'":
        manner = replace(manner, string=Quotes(old))
    indent = line_indent(text, start) if surroundings.is_multiline(0) else None
    return Patch(start, value_end(text, start, surroundings.grammar), write_value(value, manner, indent))


def edit_container(
    surroundings: Surroundings, container: Container, edit: SetValue | InsertElement | RemoveMember
) -> list[Patch]:
    """Return the patches, in order, that make an edit on an item of a container.

    Args:
        surroundings: the container and those around it.
        container: the nearest of them.
        edit: an edit that is known to be possible (`values.ground`).

    Raises:
        EditError: the value is none that the syntax can express, or nests too deep.
    """
    name = edit.pointer[-1]
    match edit:
        case RemoveMember():
            return remove_items(surroundings.text, container, name)
        case SetValue():
            present = [item for item in container.items if item.name == name]
            if present:
                return [replace_value(surroundings, present[-1].value.start, edit.value)]
            index = len(container.items)
        case InsertElement():
            index = int(name)
        case _:
            assert_never(edit)
    new = _New(surroundings.text, container, surroundings, surroundings.manner(), str(name), edit.value)
    if not container.items:
        return new.fill()
    return new.append() if index == len(container.items) else new.insert(index)


@dataclass(frozen=True, slots=True)
class _New:
    """An item that is about to join a container, with a key when that is an object."""

    text: str
    container: Container
    surroundings: Surroundings
    manner: Manner
    name: str
    value: Json

    def fill(self) -> list[Patch]:
        """Put it into a container without items."""
        text, close = self.text, self.container.span.end - 1
        position = end_of_comments(text, self.container.span.start + 1)
        if not self.surroundings.is_multiline(0):
            has_comments = position > self.container.span.start + 1
            pad = " " if has_comments or over_blanks(text, position) > position else ""
            return [Patch(position, position, pad + self._item(None))]
        line = self._line(item_indent(text, self.container, self.manner.unit))
        if has_line_break(text, position, close):
            return [Patch(position, position, line)]
        last_line = self.manner.newline + line_indent(text, self.container.span.start)
        return [Patch(position, close, line + last_line)]

    def append(self) -> list[Patch]:
        """Put it behind the last item."""
        last = self.container.items[-1]
        position = end_of_comments_on_line(self.text, last.end)
        before, after = (",", "") if last.comma is None else ("", ",")
        if not self.surroundings.is_multiline(0):
            return [Patch(position, position, before + self.manner.gap + self._item(None) + after)]
        line = self._line(item_indent(self.text, self.container, self.manner.unit)) + after
        return [Patch(last.value.end, last.value.end, before), Patch(position, position, line)]

    def insert(self, index: int) -> list[Patch]:
        """Put it before the item of this number."""
        follower = self.container.items[index]
        start = self.container.items[index - 1].end if index else self.container.span.start + 1
        position = end_of_comments_on_line(self.text, start)
        if has_line_break(self.text, position, follower.start):
            indent = own_line_indent(self.text, follower.start)
            if indent is None:
                indent = item_indent(self.text, self.container, self.manner.unit)
            return [Patch(position, position, self._line(indent) + ",")]
        if index:
            return [Patch(start, start, self.manner.gap + self._item(None) + ",")]
        start = over_blanks(self.text, start)
        return [Patch(start, start, self._item(None) + "," + self.manner.gap)]

    def _line(self, indent: str) -> str:
        return self.manner.newline + indent + self._item(indent)

    def _item(self, indent: str | None) -> str:
        key = write_key(self.name, self.manner) if self.container.is_object else ""
        return key + write_value(self.value, self.manner, indent)
