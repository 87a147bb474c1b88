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

Setting a value that is there already, however it is written, changes nothing. A new name keeps the quotes of the old
one, or its being without, where the name allows that. Removing: see `removal.py`.
"""

from dataclasses import replace
from typing import assert_never

from clawmend.core.frozen import dataclass
from clawmend.core.lexer import Grammar
from clawmend.core.lines import (
    Patch,
    apply_patches,
    end_of_comments,
    end_of_comments_on_line,
    has_line_break,
    line_indent,
    over_blanks,
    own_line_indent,
)
from clawmend.core.manner import Surroundings, item_indent
from clawmend.core.outline import Container, outline, value_end, way_to
from clawmend.core.removal import remove_items
from clawmend.core.syntax import Json
from clawmend.core.values import (
    DocumentEdit,
    InsertElement,
    Missing,
    RemoveMember,
    RenameMember,
    SetValue,
    find,
)
from clawmend.core.writer import Manner, Quotes, write_key, write_name, write_value


@dataclass(frozen=True, slots=True)
class Reading:
    """How a text is to be read: where its value may begin, how deep it may nest, whether keys occur twice."""

    grammar: Grammar
    start: int
    depth: int
    has_duplicates: bool


def edit_text(text: str, value: Json, edit: DocumentEdit, reading: Reading) -> str:
    """Make a grounded edit in a text that means a value."""
    grammar, depth = reading.grammar, reading.depth
    exists = isinstance(edit, SetValue) and not isinstance(find(value, edit.pointer), Missing)
    target = edit.pointer if exists else edit.pointer[:-1]
    way = way_to(text, reading.start, target, grammar, has_duplicates=reading.has_duplicates)
    if isinstance(edit, SetValue) and exists:
        around = Surroundings(text, way[:-1], grammar, depth)
        return apply_patches(text, [replace_value(around, way[-1], edit.value)])
    container = outline(text, way[-1], grammar)
    return apply_patches(text, edit_container(Surroundings(text, way, grammar, depth), container, edit))


def replace_value(surroundings: Surroundings, start: int, value: Json) -> Patch:
    """Return the patch that puts a value in the place of the one that starts at an offset.

    Args:
        surroundings: the containers around the old value; none when it is the whole document.
        start: where the old value starts.
        value: what to write.

    Raises:
        EditError: the value is none that the syntax can express, or nests too deep.
    """
    text, grammar = surroundings.text, surroundings.grammar
    old = text[start]
    indent = None
    if isinstance(value, dict | list):
        surroundings = surroundings.inside(start) if old in "{[" else surroundings
        manner = surroundings.manner()
        indent = line_indent(text, start) if surroundings.is_multiline(0) else None
    elif old in "\"'":
        manner = replace(surroundings.any_manner(), string=Quotes(old))
    else:
        manner = surroundings.manner() if grammar.is_json5 else surroundings.any_manner()
    return Patch(start, value_end(text, start, grammar), write_value(value, manner, indent))


def edit_container(surroundings: Surroundings, container: Container, edit: DocumentEdit) -> list[Patch]:
    """Return the patches, in order, that make an edit on an item of a container.

    Args:
        surroundings: the container and those around it.
        container: the nearest of them.
        edit: an edit that is known to be possible (`values.ground`), and not the replacement of a value.

    Raises:
        EditError: the value is none that the syntax can express, or nests too deep.
    """
    name = edit.pointer[-1]
    match edit:
        case RemoveMember():
            return remove_items(surroundings.text, container, name)
        case RenameMember():
            return _rename(surroundings.text, container, name, edit.name)
        case SetValue():
            index = len(container.items)
        case InsertElement():
            index = int(name)
        case _:
            assert_never(edit)
    new = _New(surroundings.text, container, surroundings, surroundings.manner(), str(name), edit.value)
    if not container.items:
        return new.fill()
    return new.append() if index == len(container.items) else new.insert(index)


def _rename(text: str, container: Container, old: str | int, new: str) -> list[Patch]:
    """The patches that write another name, and touch nothing but names."""
    keys = [item.key for item in container.items if item.name == old and item.key is not None]
    quotes = {"'": Quotes.SINGLE, '"': Quotes.DOUBLE}
    return [Patch(key.start, key.end, write_name(new, quotes.get(text[key.start], Quotes.NONE))) for key in keys]


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
