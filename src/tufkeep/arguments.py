"""The arguments that a program gives: each of its declared type, or one clear error before anything is done.

The signatures are what a caller reads, so they are what is checked, and no method says it a second time. A message
names the parameter and the types, never the value, which may be a passphrase.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache, wraps
from inspect import unwrap
from os import PathLike, fspath
from types import FunctionType, NoneType, UnionType
from typing import Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C")


def checked(cls: type[C]) -> type[C]:
    """Return a class whose public methods refuse an argument of another type than their signature says."""
    for name, member in [(name, member) for name, member in vars(cls).items() if not name.startswith("_")]:
        if isinstance(member, classmethod):
            setattr(cls, name, classmethod(typed(member.__func__)))
        elif isinstance(member, FunctionType):
            setattr(cls, name, typed(member))
    return cls


def typed(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that looks at the types of its arguments before it begins.

    Too many of them, or an unknown one, are left to Python.

    Raises:
        TypeError: by the function that is returned: an argument has another type than declared.
    """
    positional = unwrap(function).__code__.co_varnames if isinstance(unwrap(function), FunctionType) else ()

    @wraps(function)
    def call(*args: P.args, **named: P.kwargs) -> R:
        types = _types(function)
        for name, value in (*zip(positional, args, strict=False), *named.items()):
            if name in types and not fits(value, types[name]):
                what = f"{function.__qualname__}: {name} is {_written(types[name])}"
                raise TypeError(f"{what}, not {type(value).__name__}")
        return function(*args, **named)

    return call


_types = cache(get_type_hints)  # at the first call: at the import, every command would pay for it


def fits(value: object, annotation: Any) -> bool:
    """Return whether a value, and what it contains, is of a type as a signature names it.

    True is no number, and text is no list of letters. What an iterator is going to yield can't be looked at.
    """
    kind, parts = get_origin(annotation) or annotation, get_args(annotation)
    if kind in (Union, UnionType):
        return any(fits(value, part) for part in parts)
    if kind is Literal:
        return value in parts
    return kind is Any or (_is_a(value, kind) and (kind in (Callable, PathLike) or _contains(value, parts)))


def _is_a(value: object, kind: type) -> bool:
    if isinstance(value, bool):
        return kind in (bool, object)
    if isinstance(value, str):
        return kind in (str, object)
    if kind is PathLike:
        return isinstance(value, PathLike) and isinstance(fspath(value), str)
    return isinstance(value, float | int) if kind is float else isinstance(value, kind)


def _contains(value: object, parts: tuple[Any, ...]) -> bool:
    if isinstance(value, Mapping) and parts:
        return all(fits(key, parts[0]) and fits(each, parts[1]) for key, each in value.items())
    if isinstance(value, Collection) and parts:
        return all(fits(each, parts[0]) for each in value)
    return True


def _written(annotation: Any) -> str:
    """Return a type as a reader of the documentation knows it."""
    kind, parts = get_origin(annotation) or annotation, get_args(annotation)
    if kind in (Union, UnionType):
        return " or ".join(map(_written, parts))
    if kind in (Literal, Callable) or not parts:
        return "None" if kind is NoneType else str(getattr(kind, "__name__", kind))
    return f"{kind.__name__}[{', '.join(map(_written, parts))}]"
