"""An argument of a wrong type is one clear error, whichever it is, and nothing has been done by then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from inspect import isfunction, signature
from os import PathLike
from pathlib import Path
from typing import Any, Literal, get_type_hints

import pytest

import tufkeep
from tufkeep import Agent, Client, Deployment, Publisher, Workspace
from tufkeep.arguments import checked, fits, typed
from tufkeep.stores import MemoryStore, Store

DOORS = (Workspace, Client, Publisher, Deployment, Agent)


class Odd:
    """Something that no parameter wants."""

    __slots__ = ()


def calls() -> Iterator[Any]:
    """Yield what a program may call: the public methods of what it begins with, and the functions beside them."""
    for name in dir(tufkeep):
        if not name.startswith("_") and isfunction(found := getattr(tufkeep, name)) and found.__module__ != "importlib":
            yield found
    for door in DOORS:
        yield from (
            getattr(door, name) for name in dir(door) if not name.startswith("_") if callable(getattr(door, name))
        )


def parameters() -> Iterator[Any]:
    """Yield each call with each of its parameters that can be of a wrong type."""
    for call in calls():
        types = get_type_hints(getattr(call, "__func__", call))
        for name in signature(call).parameters:
            if types.get(name, Any) not in (Any, object):
                yield pytest.param(call, name, id=f"{call.__qualname__}-{name}")


@pytest.mark.parametrize(("call", "parameter"), list(parameters()))
def test_any_argument_of_a_wrong_type_is_named(call: Any, parameter: str) -> None:
    """By name and by place; the instance that a method is called of is not even looked at."""
    named = rf"{call.__qualname__}: {parameter} is .+, not Odd$"
    before = []
    for each in signature(call).parameters.values():
        if each.name == parameter:
            break
        before.append(each)
    itself = [Odd()] if before and before[0].name == "self" else []
    with pytest.raises(TypeError, match=named):
        call(*itself, **{parameter: Odd()})
    if len(before) == len(itself):
        with pytest.raises(TypeError, match=named):
            call(*itself, Odd())


def test_there_are_calls_with_parameters() -> None:
    assert len(list(calls())) > 50
    assert len(list(parameters())) > 100


FITTING: list[tuple[object, Any]] = [
    ("x", str),
    (3, int),
    (3, float),
    (True, bool),
    (None, str | None),
    ("x", str | Iterable[str]),
    (["x"], str | Iterable[str]),
    (iter("x"), Iterable[str]),
    ({"x": 1}, Mapping[str, int]),
    ({}, Mapping[str, int]),
    ((1, 2), tuple[int, ...]),
    (Path("x"), str | PathLike[str]),
    (len, Callable[[str], int]),
    (MemoryStore(), str | Store),
    ("a", Literal["a", "b"]),
    (Odd(), Any),
    (Odd(), object),
    (True, object),
    ("x", object),
]
ODD: list[tuple[object, Any]] = [
    (3, str),
    (b"x", str),
    (True, int),
    (True, float),
    (3, bool),
    (None, str),
    ("xy", Sequence[str]),
    (b"xy", Iterable[str]),
    ([b"x"], str | Iterable[str]),
    ({"x": "1"}, Mapping[str, int]),
    ({1: 1}, Mapping[str, int]),
    (["x"], Mapping[str, int]),
    ((1, "2"), tuple[int, ...]),
    (Path("x"), str),
    ("x", Callable[[str], int]),
    (Path("x"), str | Store),
    ("c", Literal["a", "b"]),
    (5, timedelta),
]


@pytest.mark.parametrize(("value", "annotation"), FITTING)
def test_a_value_fits(value: object, annotation: Any) -> None:
    assert fits(value, annotation)


@pytest.mark.parametrize(("value", "annotation"), ODD)
def test_a_value_does_not_fit(value: object, annotation: Any) -> None:
    assert not fits(value, annotation)


def test_a_wrong_value_is_not_in_the_sentence() -> None:
    @typed
    def unlock(passphrases: Mapping[str, str]) -> None:
        raise AssertionError

    with pytest.raises(TypeError, match=r"unlock: passphrases is Mapping\[str, str\], not dict$"):
        unlock({"secret": 5})  # type: ignore[dict-item]


def test_every_public_method_of_a_class_is_looked_at() -> None:
    @checked
    class Door:
        @classmethod
        def open(cls, place: str) -> str:
            return place

        def close(self, *, times: int = 1) -> int:
            return times

        def _inside(self, times: int) -> int:
            return times

        @property
        def name(self) -> str:
            return "door"

    door = Door()
    assert (Door.open("here"), door.close(times=2), door.name) == ("here", 2, "door")
    assert door._inside("any")  # type: ignore[arg-type]
    assert isfunction(vars(Door)["close"])
    with pytest.raises(TypeError, match=r"Door.open: place is str, not int$"):
        Door.open(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"Door.close: times is int, not str$"):
        door.close(times="2")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="unexpected keyword argument 'again'"):
        door.close(again=True)  # type: ignore[call-arg]
