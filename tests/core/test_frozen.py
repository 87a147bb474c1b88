"""Our frozen dataclasses are the standard library's in all but what it takes to declare one."""

import copy
import dataclasses
import inspect
import re
import weakref
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field, fields, replace
from pathlib import Path
from typing import Any

import pytest

import clawmend
from clawmend.core import frozen

DECORATORS = pytest.mark.parametrize("dataclass", [frozen.dataclass, dataclasses.dataclass], ids=["ours", "theirs"])
Decorator = Callable[..., Callable[[type], Any]]


def declared(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, slots=True, weakref_slot=True)
    class Model:
        """A model."""

        name: str
        limits: tuple[int, ...] = (1, 2)
        key: str = field(default="secret", repr=False)
        note: str = field(default="", compare=False)
        more: dict[str, int] = field(default_factory=dict, hash=False)

        def called(self) -> str:
            return self.name.upper()

    return Model


@DECORATORS
def test_one_is_made_compared_and_shown(dataclass: Decorator) -> None:
    model = declared(dataclass)
    one = model("qwen", note="mine")
    assert (one.name, one.limits, one.key, one.note, one.more) == ("qwen", (1, 2), "secret", "mine", {})
    assert one.called() == "QWEN"
    assert one == model("qwen", (1, 2), "secret", "yours", {})
    assert one != model("qwen", (1,))
    assert one != declared(dataclass)("qwen")
    assert hash(one) == hash(model("qwen", more={"a": 1}))
    assert hash(one) != hash(model("glm"))
    assert repr(one) == "declared.<locals>.Model(name='qwen', limits=(1, 2), note='mine', more={})"
    assert model("a").more is not model("b").more
    assert weakref.ref(one)() is one
    assert not hasattr(one, "__dict__")


@DECORATORS
def test_one_is_replaced_matched_and_asked_for_its_fields(dataclass: Decorator) -> None:
    model = declared(dataclass)
    assert replace(model("qwen", (3,)), name="glm") == model("glm", (3,))
    assert [one.name for one in fields(model)] == ["name", "limits", "key", "note", "more"]
    assert dataclasses.asdict(model("qwen", key="k")) == {
        "name": "qwen", "limits": (1, 2), "key": "k", "note": "", "more": {},
    }  # fmt: skip
    match model("qwen", (3,)):
        case model(name, limits):
            assert (name, limits) == ("qwen", (3,))
        case _:
            pytest.fail("it does not match")


@DECORATORS
def test_one_can_be_copied(dataclass: Decorator) -> None:
    one = declared(dataclass)("qwen", more={"a": 1})
    assert copy.copy(one) == one
    other = copy.deepcopy(one)
    other.more["a"] = 2
    assert (one.more, other.name) == ({"a": 1}, "qwen")


@DECORATORS
def test_one_stays_as_it_is(dataclass: Decorator) -> None:
    one = declared(dataclass)("qwen")
    for change in (lambda: setattr(one, "name", "x"), lambda: delattr(one, "name"), lambda: setattr(one, "other", "x")):
        with pytest.raises((FrozenInstanceError, TypeError)):  # theirs trips over its own super() where there are slots
            change()
    assert one == declared_again(one)


def declared_again(one: Any) -> Any:
    return type(one)(one.name)


@DECORATORS
def test_who_makes_one_wrongly_is_told_what_is_missing_or_too_much(dataclass: Decorator) -> None:
    model = declared(dataclass)
    for _ in range(2):  # the first time, and once its `__init__` is there
        with pytest.raises(TypeError, match=r"Model.__init__\(\) missing 1 required positional argument: 'name'"):
            model()
        with pytest.raises(TypeError, match="got an unexpected keyword argument 'size'"):
            model("qwen", size=1)
    assert list(inspect.signature(model).parameters) == ["name", "limits", "key", "note", "more"]


@DECORATORS
def test_order_names_alone_and_none_at_all(dataclass: Decorator) -> None:
    @dataclass(frozen=True, slots=True, order=True)
    class Version:
        """One."""

        number: int

    assert sorted([Version(3), Version(1), Version(2)]) == [Version(1), Version(2), Version(3)]
    assert Version(1) <= Version(1)
    assert Version(2) > Version(1)
    assert Version(2) >= Version(1)
    assert Version(1) != 1
    with pytest.raises(TypeError):
        assert Version(1) < 2

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Named:
        number: int = 1
        name: str

    assert Named(name="a") == Named(name="a", number=1)
    with pytest.raises(TypeError):
        Named(1, "a")

    @dataclass(frozen=True, slots=True)
    class Empty:
        pass

    assert Empty() == Empty()
    assert hash(Empty()) == hash(Empty())
    assert repr(Empty()).endswith("Empty()")
    assert Empty.__doc__


@DECORATORS
def test_what_a_class_has_itself_stays(dataclass: Decorator) -> None:
    @dataclass(frozen=True, slots=True)
    class Own:
        name: str

        def __repr__(self) -> str:
            return "mine"

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Own)

        def __hash__(self) -> int:
            return 7

    assert (repr(Own("a")), Own("a") == Own("b"), hash(Own("a"))) == ("mine", True, 7)

    @dataclass(frozen=True, slots=True, repr=False)
    class Silent:
        name: str

    assert "name" not in repr(Silent("hunter2"))

    @dataclass(frozen=True, slots=True)
    class Equal:  # noqa: PLW1641 - it gets one
        name: str

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Equal)

    assert hash(Equal("a")) == hash(Equal("a"))


@DECORATORS
def test_one_that_holds_itself_is_shown_without_end(dataclass: Decorator) -> None:
    one = declared(dataclass)("qwen")
    one.more["self"] = one
    assert repr(one).endswith("more={'self': ...})")


@DECORATORS
def test_a_class_below_has_the_fields_of_both(dataclass: Decorator) -> None:
    base = declared(dataclass)

    @dataclass(frozen=True, slots=True)
    class Below(base):  # type: ignore[misc, valid-type]
        size: int = 0

    assert (Below("qwen", size=2).name, Below("qwen", size=2).size) == ("qwen", 2)
    assert Below("qwen") != base("qwen")


def test_it_is_only_for_what_is_frozen_and_has_slots() -> None:
    for options in ({}, {"frozen": True}, {"slots": True}):
        with pytest.raises(TypeError, match="only for what is frozen and has slots"):
            frozen.dataclass(**options)
    with pytest.raises(TypeError, match="none of __post_init__, __setattr__"):

        @frozen.dataclass(frozen=True, slots=True)
        class _After:
            name: str

            def __post_init__(self) -> None: ...

    with pytest.raises(TypeError, match="nor a field without init"):

        @frozen.dataclass(frozen=True, slots=True)
        class _Without:
            name: str = field(default="", init=False)

    with pytest.raises(TypeError, match="a field without a default follows"):

        @frozen.dataclass(frozen=True, slots=True)
        class _Order:
            name: str = ""
            size: int  # type: ignore[misc]


def test_whatever_is_frozen_in_clawmend_is_declared_with_ours() -> None:
    folder = Path(clawmend.__file__).parent
    texts = {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*.py")}
    freezing = re.compile(r"^\s*@.*dataclass\([^)]*frozen=True", re.MULTILINE)
    declaring = {name for name, text in texts.items() if freezing.search(text)}
    ours = {name for name, text in texts.items() if "from clawmend.core.frozen import dataclass\n" in text}
    assert len(ours) > 100
    assert declaring - ours == set()
