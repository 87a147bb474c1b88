"""Frozen dataclasses that are cheap to declare: their `__init__` is compiled when the first one is made.

The standard decorator writes and compiles six methods for every class. A command declares 150 to 190 of them and makes
a few of each, or none; that was two fifths of the time that `check` took, and two megabytes of the watcher. Fields,
defaults, slots, `replace` and `fields` are the standard library's; equality, hash and order go over the values of the
fields, as there. For type checkers this is the standard decorator.
"""

import dataclasses
import operator
from collections.abc import Callable
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - so that it is ours to give
else:

    def dataclass(**options: Any) -> Callable[[type], type]:
        """Declare one; the options are the standard decorator's, `frozen` and `slots` among them."""
        if not (options.pop("frozen", False) and options.pop("slots", False)):
            raise TypeError("only for what is frozen and has slots")
        order, shown = options.pop("order", False), options.pop("repr", True)

        def declare(cls: type) -> type:
            given = {name for name in _GIVEN if cls.__dict__.get(name) is not None}
            if not cls.__doc__:
                cls.__doc__ = cls.__name__  # what the standard library puts there calls for the class's signature
            made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, **options)(cls)
            for name, method in _methods(made, order=order, shown=shown).items():
                if name not in given:
                    setattr(made, name, method)
            return made

        return declare


_GIVEN = ("__init__", "__repr__", "__eq__", "__hash__", "__getstate__", "__setstate__")
_NOT_GIVEN = ("__post_init__", "__setattr__", "__delattr__", "__lt__", "__le__", "__gt__", "__ge__")
_ORDER = {"__lt__": operator.lt, "__le__": operator.le, "__gt__": operator.gt, "__ge__": operator.ge}


def _methods(cls: type, *, order: bool, shown: bool) -> dict[str, Callable[..., Any]]:
    """What the standard decorator would have written."""
    fields = dataclasses.fields(cls)
    if any(name in cls.__dict__ for name in _NOT_GIVEN) or not all(one.init for one in fields):
        raise TypeError(f"none of {', '.join(_NOT_GIVEN)} is provided for, nor a field without init")
    by_place = [one for one in fields if not one.kw_only]
    if sorted(by_place, key=_has_default) != by_place:
        raise TypeError("a field without a default follows one with a default")
    compared = _values_of([one.name for one in fields if one.compare])
    hashed = _values_of([one.name for one in fields if (one.compare if one.hash is None else one.hash)])
    found: dict[str, Callable[..., Any]] = {
        "__init__": _first_init(cls),
        "__eq__": _comparing(operator.eq, compared),
        "__hash__": lambda self: hash(hashed(self)),
        "__setattr__": _refuse_to_set,
        "__delattr__": _refuse_to_delete,
        "__getstate__": _state,
        "__setstate__": _restore,
    }
    if shown:
        found["__repr__"] = recursive_repr()(_showing([one.name for one in fields if one.repr]))
    if order:
        found |= {name: _comparing(how, compared) for name, how in _ORDER.items()}
    return found


def _has_default(field: "dataclasses.Field[Any]") -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


def _first_init(cls: type) -> Callable[..., None]:
    """An `__init__` that puts the real one into its place."""

    def __init__(self: object, *values: object, **named: object) -> None:  # noqa: N807 - it becomes that method
        init = _compiled_init(cls)
        cls.__init__ = init  # type: ignore[misc]
        init(self, *values, **named)

    return __init__


def _compiled_init(cls: type) -> Callable[..., None]:
    fields = dataclasses.fields(cls)
    known: dict[str, object] = {"absent_0": dataclasses.MISSING}
    lines: list[str] = []
    by_place: list[str] = []
    by_name: list[str] = []
    for one in fields:
        name, value = one.name, one.name
        known[f"set_0{name}"] = getattr(cls, name).__set__
        parameter = name
        if one.default_factory is not dataclasses.MISSING:
            known[f"made_0{name}"] = one.default_factory
            parameter, value = f"{name}=absent_0", f"made_0{name}() if {name} is absent_0 else {name}"
        elif one.default is not dataclasses.MISSING:
            known[f"default_0{name}"] = one.default
            parameter = f"{name}=default_0{name}"
        (by_name if one.kw_only else by_place).append(parameter)
        lines.append(f"    set_0{name}(self_0, {value})")
    parameters = ", ".join(["self_0", *by_place, *(["*", *by_name] if by_name else [])])
    text = f"def __init__({parameters}):\n" + ("\n".join(lines) or "    pass")
    made: dict[str, Any] = {}
    exec(text, known, made)  # noqa: S102 - names of fields, as the standard library does it
    init: Callable[..., None] = made["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


def _values_of(names: list[str]) -> Callable[[object], tuple[object, ...]]:
    """What reads the values of these fields; always as a tuple."""
    if len(names) > 1:
        return operator.attrgetter(*names)
    if not names:
        return lambda _: ()
    value = operator.attrgetter(*names)
    return lambda one: (value(one),)


def _comparing(how: Callable[[Any, Any], bool], values: Callable[[object], tuple[object, ...]]) -> Callable[..., Any]:
    def compare(self: object, other: object) -> Any:
        return how(values(self), values(other)) if other.__class__ is self.__class__ else NotImplemented

    return compare


def _showing(names: list[str]) -> Callable[[object], str]:
    def show(self: object) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({values})"

    return show


def _refuse_to_set(_self: object, name: str, _value: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[object]:
    return [getattr(self, one.name) for one in dataclasses.fields(self)]


def _restore(self: Any, state: list[object]) -> None:
    for one, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, one.name, value)
