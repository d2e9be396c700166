"""Whatever a hostile signer signs and a hostile server sends, a client refuses it in a sentence or takes it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tufkeep.errors import TufkeepError
from tufkeep.metadata.trusted import TrustedSet
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.forge import Forge, forge_file

NOW = FakeClock()()
ROLES = ("root", "timestamp", "snapshot", "targets", "role")


def _forge() -> Forge:
    forge = Forge(now=NOW)
    forge.meta_fields = ()
    forge.add("app", b"1.0", version="1.0")
    forge.delegate("role", paths=["a/*", "*"], keys=2)
    forge.delegate("bins", by="role", path_hash_prefixes=["0", "ff"])
    forge.publish("targets", "role")
    return forge


FORGE = _forge()
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**53 + 1, 2**64, -(2**70), 10**30]),
    st.text(max_size=8),
    st.sampled_from(["1", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "root", "targets.json", "sha256", "ed25519"]),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=3)), max_size=3),
    st.dictionaries(st.text(max_size=3), st.one_of(st.none(), st.integers(), st.text(max_size=3)), max_size=3),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every member of a JSON value."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def changed(value: Any, path: tuple[Any, ...], odd: Any, how: str) -> Any:
    value = copy.deepcopy(value)
    *above, last = path
    holder = value
    for key in above:
        holder = holder[key]
    if how == "replace":
        holder[last] = odd
    elif how == "remove":
        del holder[last]
    elif isinstance(holder, dict):
        holder[str(odd)] = holder[last]
    else:
        holder.append(copy.deepcopy(holder[last]))
    return value


def play(role: str, data: bytes) -> None:
    """Do what a client does, with one file exchanged."""
    served = {each: FORGE.store.read(FORGE.names(each)[-1]) for each in ROLES} | {role: data}
    trusted = TrustedSet(FORGE.root(), now=NOW)
    if role == "root":
        trusted.update_root(data)
        trusted.finish_root()
    trusted.update_timestamp(served["timestamp"])
    trusted.update_snapshot(served["snapshot"])
    targets = trusted.update_targets(served["targets"])
    if targets.delegations is not None:
        assert list(targets.delegations.get_roles_for_target("a/b")) is not None
    for path in list(targets.targets):
        assert targets.targets[path].length >= 0
    trusted.update_delegated_targets(served["role"], "role", "targets")


@given(data=st.data(), role=st.sampled_from(ROLES), odd=ODD, how=st.sampled_from(["replace", "remove", "add"]))
def test_any_signed_value_is_refused_in_a_sentence_or_taken(data: st.DataObject, role: str, odd: Any, how: str) -> None:
    signed = copy.deepcopy(FORGE.signed[role])
    if role == "root":
        signed["version"] += 1
    path = data.draw(st.sampled_from(list(places(signed))))
    try:
        play(role, forge_file(changed(signed, path, odd, how), FORGE.signers[role]))
    except TufkeepError as error:
        assert str(error)


@given(role=st.sampled_from(ROLES), data=st.binary(max_size=200))
def test_any_bytes_are_refused_in_a_sentence(role: str, data: bytes) -> None:
    try:
        play(role, data)
    except TufkeepError as error:
        assert "\n" not in str(error)
    else:
        raise AssertionError("random bytes were trusted")


@given(data=st.data(), role=st.sampled_from(ROLES), odd=ODD, how=st.sampled_from(["replace", "remove", "add"]))
def test_any_envelope_is_refused_in_a_sentence_or_taken(data: st.DataObject, role: str, odd: Any, how: str) -> None:
    file = json.loads(forge_file(FORGE.signed[role], FORGE.signers[role]))
    path = data.draw(st.sampled_from([place for place in places(file) if place[0] == "signatures" or len(place) == 1]))
    try:
        play(role, json.dumps(changed(file, path, odd, how)).encode())
    except TufkeepError as error:
        assert str(error)
