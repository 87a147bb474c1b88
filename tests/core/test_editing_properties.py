"""What holds for every edit of every document, tried on generated ones."""

import copy
import json

from hypothesis import assume, given
from hypothesis import strategies as st

from clawmend.core.document import (
    Document,
    DocumentEdit,
    InsertElement,
    Json,
    RemoveMember,
    RenameMember,
    SetValue,
    Syntax,
)
from clawmend.core.pointer import Pointer
from clawmend.core.values import is_same
from support.generated_documents import (
    JSON5_SCALARS,
    SCALARS,
    certain,
    edits_of,
    json5_texts,
    json_texts,
    values,
)
from support.scribe import comments_of, pointers_of


def _edited(value: Json, edit: DocumentEdit) -> Json:
    """The edit on plain values, in the simplest way there is."""
    root: list[Json] = [copy.deepcopy(value)]
    parent, last = root, 0
    for token in edit.pointer:
        if isinstance(parent, dict):
            parent.setdefault(last, {})
        elif last == len(parent):
            parent.append({})
        parent, last = parent[last], token
    match edit:
        case InsertElement():
            parent.insert(last, edit.value)
        case RemoveMember():
            del parent[last]
        case RenameMember():
            members = [(edit.name if name == last else name, member) for name, member in parent.items()]
            parent.clear()
            parent.update(members)
        case SetValue() if isinstance(parent, list) and last == len(parent):
            parent.append(edit.value)
        case SetValue():
            parent[last] = edit.value
    return root[0]


@given(json5_texts(), st.data())
@certain
def test_editing_the_text_edits_the_value(written: tuple[str, Json], data: st.DataObject) -> None:
    document = Document.parse(written[0], Syntax.JSON5)
    value = document.value
    for _ in range(2):
        edit = data.draw(edits_of(value, JSON5_SCALARS))
        document, value = document.edit(edit), _edited(value, edit)
        assert is_same(document.value, value)
        assert is_same(Document.parse(document.encode(), Syntax.JSON5).value, value)


@given(json_texts(), st.data())
@certain
def test_strict_json_stays_strict_json(written: tuple[str, Json], data: st.DataObject) -> None:
    document = Document.parse("\ufeff" + written[0], Syntax.JSON_BOM)
    edits = [data.draw(edits_of(written[1], SCALARS))]
    edits.append(data.draw(edits_of(_edited(written[1], edits[0]), SCALARS)))
    edited = document.edit(*edits)
    assert edited.text[0] == "\ufeff"
    assert is_same(json.loads(edited.text[1:]), _edited(_edited(written[1], edits[0]), edits[1]))


@given(st.one_of(json5_texts(), json_texts()), st.data())
@certain
def test_nothing_outside_of_the_edited_item_changes(written: tuple[str, Json], data: st.DataObject) -> None:
    document = Document.parse(written[0], Syntax.JSON5)
    edit = data.draw(edits_of(document.value, JSON5_SCALARS))
    edited = document.edit(edit)
    before, after = _room(document, edit)
    assert edited.text.startswith(document.text[:before])
    assert edited.text.endswith(document.text[after:])
    for pointer in pointers_of(document.value):
        moved = _moved(pointer, edit)
        if moved is not None:
            assert _source(edited, moved) == _source(document, pointer)


@given(json5_texts(), st.data())
@certain
def test_comments_outside_of_the_edited_item_stay_in_order(written: tuple[str, Json], data: st.DataObject) -> None:
    document = Document.parse(written[0], Syntax.JSON5)
    assume(not document.duplicates)
    edit = data.draw(edits_of(document.value, JSON5_SCALARS))
    start, end = _reach(document, edit)
    kept = [comment for offset, comment in comments_of(document.text) if not start <= offset < end]
    left = [comment for _, comment in comments_of(document.edit(edit).text)]
    remaining = iter(left)
    assert all(comment in remaining for comment in kept)


@given(st.one_of(json5_texts(), json_texts()), st.data())
@certain
def test_renaming_there_and_back_leaves_every_character_but_those_of_the_name(
    written: tuple[str, Json], data: st.DataObject
) -> None:
    document = Document.parse(written[0], Syntax.JSON5)
    members = [pointer for pointer in pointers_of(document.value) if pointer and isinstance(pointer[-1], str)]
    assume(members)
    pointer = data.draw(st.sampled_from(members))
    renamed = document.edit(RenameMember(pointer, "another name"))
    back = renamed.edit(RenameMember((*pointer[:-1], "another name"), str(pointer[-1])))
    assert is_same(back.value, document.value)
    assert [text for _, text in comments_of(renamed.text)] == [text for _, text in comments_of(document.text)]
    assert _source(renamed, (*pointer[:-1], "another name")) == _source(document, pointer)


@given(st.one_of(json5_texts(), json_texts()), values(JSON5_SCALARS))
@certain
def test_setting_then_removing_gives_the_first_value(written: tuple[str, Json], new: Json) -> None:
    document = Document.parse(written[0], Syntax.JSON5)
    token = len(document.value) if isinstance(document.value, list) else "brand new"
    added = document.edit(SetValue((token,), new))
    assert is_same(added.get((token,)), new)
    removed = added.edit(RemoveMember((token,)))
    assert is_same(removed.value, document.value)
    assert [comment for _, comment in comments_of(removed.text)] == [
        comment for _, comment in comments_of(document.text)
    ]


@given(json5_texts(), st.data())
@certain
def test_setting_what_is_there_changes_nothing(written: tuple[str, Json], data: st.DataObject) -> None:
    document = Document.parse(written[0], Syntax.JSON5)
    pointer = data.draw(st.sampled_from(pointers_of(document.value)))
    assert document.edit(SetValue(pointer, document.get(pointer))).text == document.text


def _source(document: Document, pointer: Pointer) -> str:
    span = document.span(pointer)
    return document.text[span.start : span.end]


def _room(document: Document, edit: DocumentEdit) -> tuple[int, int]:
    """Between which offsets an edit may change anything: its neighbours, or the brackets around it."""
    if isinstance(edit, SetValue) and document.has(edit.pointer):
        span = document.span(edit.pointer)
        return span.start, span.end
    depth = (
        next(depth for depth in range(len(edit.pointer)) if not document.has(edit.pointer[: depth + 1]))
        if (isinstance(edit, SetValue))
        else len(edit.pointer) - 1
    )
    parent, name = edit.pointer[:depth], edit.pointer[depth]
    around = document.span(parent)
    container = document.get(parent)
    before, after = around.start + 1, around.end - 1
    if isinstance(container, list):
        index = int(name)
        if index:
            before = document.span((*parent, index - 1)).end
        follower = index + isinstance(edit, RemoveMember)
        if follower < len(container):
            after = document.span((*parent, follower)).start
    elif isinstance(container, dict) and not document.duplicates:
        names = list(container)
        position = names.index(str(name)) if name in container else len(names)
        if position:
            before = document.span((*parent, names[position - 1])).end
        if position + 1 < len(names):
            after = document.span((*parent, names[position + 1])).start
    return before, after


def _reach(document: Document, edit: DocumentEdit) -> tuple[int, int]:
    """Where comments may go: in a replaced value, and from a removed item to the end of its line."""
    if not document.has(edit.pointer) or isinstance(edit, InsertElement | RenameMember):
        return 0, 0
    span = document.span(edit.pointer)
    if isinstance(edit, SetValue):
        return span.start, span.end
    before, after = _room(document, edit)
    line_end = next(
        (at for at in range(span.end, len(document.text)) if document.text[at] in "\r\n\u2028\u2029"), after
    )
    return before, max(span.end, line_end)


def _moved(pointer: Pointer, edit: DocumentEdit) -> Pointer | None:
    """Where something is after an edit, or None when the edit is about it or something in or around it."""
    depth = len(edit.pointer) - 1
    if depth < 0 or pointer == edit.pointer[: len(pointer)]:
        return None
    token = edit.pointer[depth]
    if pointer[:depth] != edit.pointer[:depth]:
        return pointer
    if not isinstance(token, int):
        return None if pointer[depth] == token else pointer
    if isinstance(edit, SetValue):
        return None if pointer[depth] == token else pointer
    if isinstance(edit, RemoveMember) and pointer[depth] == token:
        return None
    shift = 1 if isinstance(edit, InsertElement) else -1
    moved = int(pointer[depth]) + (shift if int(pointer[depth]) >= token else 0)
    return (*pointer[:depth], moved, *pointer[depth + 1 :])
