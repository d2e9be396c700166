"""A review says everything: whatever differs is found in it, and no two documents have one review."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.metadata.making import NOW, public, signer
from tufkeep.errors import TufkeepError
from tufkeep.metadata.document import Document
from tufkeep.metadata.review import Signatures, review, sentences, whole
from tufkeep.metadata.review.change import ABSENT, Change, value_text

_FILES = Path(__file__).parents[1] / "vectors" / "go-tuf" / "rotated" / "repository"
_KEYS = [public(signer(name)) for name in ("a", "b")]
_NAMES = ("x", "custom", "paths", "threshold", "keyids", "hashe\u017f", "\u0430pp", "\x1b[2J", "name", "a.b", "a", "b")
_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    2,
    "1",
    "",
    "a",
    "\u0430",
    "a\n",
    [],
    {},
    ["a"],
    [1],
    [True],
    {"a": 1},
    {"a": True},
)


def _templates() -> dict[str, Any]:
    """Return the signed part of one file of each type, with something in every place that may hold something."""
    found = {name: json.loads((_FILES / f"{name}.json").read_bytes())["signed"] for name in _ROLES}
    role = {"keyids": [_KEYS[0].keyid], "threshold": 1, "terminating": False}
    bins = {"keyids": [_KEYS[1].keyid], "threshold": 1, "bit_length": 3, "name_prefix": "bin", "more": [1]}
    found["targets"]["delegations"] = {
        "keys": {key.keyid: key.to_dict() for key in _KEYS} | {"spare": _KEYS[0].to_dict()},
        "roles": [
            {**role, "name": "x", "paths": ["x/*", "y"], "note": {"a": 1}},
            {**role, "name": "y", "path_hash_prefixes": ["00", "1"]},
        ],
        "more": {"a": {"b": 1}},
    }
    entry = {"length": 3, "hashes": {"sha256": "aa", "sha512": "bb"}}
    found["targets"]["targets"] = {
        "app": {**entry, "custom": {"version": "1.0", "run": {"as": "root", "args": ["a", 1, True]}}},
        "sub/\u00fcber": {**entry, "more": {"a": 1}},
    }
    found["bins"] = copy.deepcopy(found["targets"])
    found["bins"]["delegations"] = {"keys": {key.keyid: key.to_dict() for key in _KEYS}, "succinct_roles": bins}
    found["root"] |= {"consistent_snapshot": True, "more": {"a": [{"b": 1}]}}
    found["root"]["roles"]["targets"]["more"] = "a"
    found["snapshot"]["meta"]["a b.json"] = {"version": 2, "length": 3, "hashes": {"sha256": "aa"}, "more": 1}
    return found


_ROLES = ("root", "targets", "snapshot", "timestamp")
_TEMPLATES = _templates()
_FEW = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])


def _places(value: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return every place of a value, itself first."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [prefix, *(place for step, member in inside for place in _places(member, (*prefix, step)))]


@st.composite
def _altered(draw: st.DrawFn, value: Any) -> Any:
    """Return the value with one place removed, added, altered or of another type."""
    value = copy.deepcopy(value)
    *above, last = draw(st.sampled_from([place for place in _places(value) if place and place != ("_type",)]))
    holder = value
    for step in above:
        holder = holder[step]
    match draw(st.sampled_from(["remove", "add", "alter", "type", "turn"])):
        case "remove":
            del holder[last]
        case "add" if isinstance(holder, dict):
            holder[draw(st.sampled_from(_NAMES))] = copy.deepcopy(draw(st.sampled_from(_VALUES)))
        case "add":
            holder.append(draw(st.sampled_from([*holder, "a", "1", 1])))
        case "turn" if isinstance(holder[last], list):
            holder[last].reverse()
        case "alter" if isinstance(holder[last], str):
            holder[last] += draw(st.sampled_from(["a", "0", " ", "\u0430", "\n"]))
        case "alter" if type(holder[last]) is int:
            holder[last] += draw(st.sampled_from([-1, 1, 2]))
        case _:
            holder[last] = copy.deepcopy(draw(st.sampled_from(_VALUES)))
    return value


def _parsed(value: Any) -> Document[Any]:
    document = Document.parse(json.dumps({"signed": value, "signatures": []}).encode())
    try:
        document.signed  # noqa: B018
    except TufkeepError:
        assume(False)
    return document


def _told(name: str, before: Document[Any] | None, after: Document[Any]) -> list[str]:
    """Return every line of a review, whole."""
    facts = review({name: before} if before else {}, {name: after}, now=NOW)
    return list(whole(sentences(facts)))


def _carried_out(value: Any, found: Iterable[Change]) -> Any:
    """Return the value after these changes: what is new from the outside in, what is gone from the inside out."""
    value = copy.deepcopy(value)
    changes = sorted(found, key=lambda change: len(change.place))
    for change in (*(each for each in changes if each.after is not ABSENT), *reversed(changes)):
        *above, last = change.place
        holder = value
        for step in above:
            holder = _member(holder, step)
        if isinstance(holder, list):
            _set_role(holder, last, change.after)
        elif change.after is not ABSENT:
            holder[last] = copy.deepcopy(change.after)
        elif isinstance(holder, dict):
            holder.pop(last, None)
    return value


def _member(holder: Any, step: str) -> Any:
    if isinstance(holder, list):
        return next((role for role in holder if role["name"] == step), None)
    return holder.get(step) if isinstance(holder, dict) else None


def _set_role(roles: list[Any], name: str, role: Any) -> None:
    names = [each["name"] for each in roles]
    if role is ABSENT:
        roles[:] = [each for each in roles if each["name"] != name]
    elif name in names:
        roles[names.index(name)] = copy.deepcopy(role)
    else:
        roles.append(copy.deepcopy(role))


def _bytes(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


@_FEW
@given(st.data())
def test_a_change_of_any_one_place_is_in_the_review_with_both_values(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(_TEMPLATES)))
    name = "targets" if kind == "bins" else kind
    value = data.draw(_altered(_TEMPLATES[kind]))
    before, after = _parsed(_TEMPLATES[kind]), _parsed(value)
    facts = review({name: before}, {name: after}, now=NOW)
    found = [change for fact in facts for change in fact.changes]
    assert _bytes(_carried_out(before.value, found)) == _bytes(after.value)
    lines = _told(name, before, after)
    for change in found:
        values = [value_text(each) for each in (change.before, change.after) if each is not ABSENT]
        parts = [json.dumps(change.place[-1])[1:-1], *values]
        assert any(all(part in line for part in parts) for line in lines), change
    assert bool(found) != before.same_payload(after)
    assert all(line.isprintable() for line in lines)


@_FEW
@given(st.data())
def test_two_documents_with_the_same_review_are_the_same(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(_TEMPLATES)))
    name = "targets" if kind == "bins" else kind
    base = data.draw(st.sampled_from([None, _TEMPLATES[kind]]))
    one = data.draw(_altered(_TEMPLATES[kind]))
    other = data.draw(_altered(one))
    documents = _parsed(one), _parsed(other)
    before = _parsed(base) if base is not None else None
    reviews = [_told(name, before, document) for document in documents]
    assert (reviews[0] == reviews[1]) == documents[0].same_payload(documents[1])


@pytest.mark.slow
@settings(_FEW, max_examples=200_000, deadline=None)
@given(st.data())
def test_two_documents_that_are_changed_in_many_places_have_two_reviews(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(_TEMPLATES)))
    name = "targets" if kind == "bins" else kind
    values = [_TEMPLATES[kind], _TEMPLATES[kind]]
    for _ in range(data.draw(st.integers(1, 6))):
        which = data.draw(st.sampled_from([0, 1]))
        values[which] = data.draw(_altered(values[which]))
    before, *documents = (_parsed(value) for value in (_TEMPLATES[kind], *values))
    reviews = [_told(name, before, document) for document in documents]
    assert (reviews[0] == reviews[1]) == documents[0].same_payload(documents[1])
    for document in documents:
        found = [change for fact in review({name: before}, {name: document}, now=NOW) for change in fact.changes]
        assert _bytes(_carried_out(before.value, found)) == _bytes(document.value)


def test_only_the_signatures_are_told_without_a_change() -> None:
    before, after = _parsed(_TEMPLATES["root"]), _parsed({**_TEMPLATES["root"], "version": 99})
    facts = review({"root": before}, {"root": after}, now=NOW)
    assert {fact.kind for fact in facts if not fact.changes} == {"threshold_kept", "signatures"}
    assert any(isinstance(fact, Signatures) for fact in facts)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        (1, "1"),
        (None, "null"),
        ([1], [True]),
        ([], {}),
        ("a", "\u0430"),
    ],
)
@pytest.mark.parametrize("where", ["custom", "member"])
def test_values_that_python_or_a_person_takes_for_the_same_have_two_reviews(where: str, one: Any, other: Any) -> None:
    documents = []
    for value in (one, other):
        signed = copy.deepcopy(_TEMPLATES["targets"])
        if where == "custom":
            signed["targets"]["app"]["custom"]["run"] = value
        else:
            signed["more"] = value
        documents.append(_parsed(signed))
    values = f": {value_text(one)} becomes {value_text(other)}"
    assert any(line.endswith(values) for line in _told("targets", *documents))
    assert _told("targets", None, documents[0]) != _told("targets", None, documents[1])


def test_a_member_that_looks_like_another_one_is_a_warning_in_which_it_does_not() -> None:
    value = copy.deepcopy(_TEMPLATES["targets"])
    value["targets"]["new"] = {"length": 3, "hashes": {"sha256": "aa"}, "hashe\u017f": {"sha256": "bb"}}
    lines = _told("targets", _parsed(_TEMPLATES["targets"]), _parsed(value))
    assert (
        'warning: targets adds member targets.new."hashe\\u017f", which has no meaning in TUF: {"sha256":"bb"}' in lines
    )


@pytest.mark.parametrize("patterns", [{"paths": ["a/*", "b", "c", "*"]}, {"path_hash_prefixes": [""]}])
def test_a_delegation_of_every_path_is_a_warning_and_no_path_is_left_out(patterns: dict[str, Any]) -> None:
    value = copy.deepcopy(_TEMPLATES["targets"])
    role = {"name": "h", "keyids": [_KEYS[0].keyid], "threshold": 1, "terminating": True, **patterns}
    value["delegations"]["roles"].append(role)
    lines = _told("targets", _parsed(_TEMPLATES["targets"]), _parsed(value))
    assert "warning: targets delegates every path to h" in lines
    (line,) = (line for line in lines if line.startswith("targets delegates "))
    assert all(path in line for path in patterns.get("paths", ["hash ''"]))
    assert "to h (terminating" in line
    assert "h is 1 of 1" in lines
