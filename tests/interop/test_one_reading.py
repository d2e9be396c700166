"""What is signed is what every client reads: metadata changed at random, correctly signed, and read by all of them.

Each find is a kind that `metadata/forms` names since, and a file in tests/vectors/one-reading.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tuf.api.metadata import Root, Targets

from tests.conftest import SOAK
from tests.interop.differ.case import ROLES, Case, case
from tests.interop.differ.clients import CLIENTS, NOW, Reading, ours
from tests.interop.differ.mutate import random_case
from tests.peers import CHECKOUT
from tufkeep.errors import TufkeepError
from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.clients import DEFAULT
from tufkeep.metadata.document import Document
from tufkeep.metadata.lint_change import require_read
from tufkeep.metadata.model import UnknownKey
from tufkeep.metadata.readers import oddities
from tufkeep.metadata.shape import Oddity
from tufkeep.workspace.proof import prove

VECTORS = CHECKOUT / "tests" / "vectors" / "one-reading"
BATCH = 80  # cases; a soak takes many batches


@dataclass(frozen=True, slots=True, kw_only=True)
class LessThanOthers:
    """Something that may be signed though one client does not find it: `verify` says so for that client."""

    client: str
    why: str
    applies: Callable[[Case, str], bool]  # a path


LESS = (
    LessThanOthers(
        client="tuf-js",
        why="a wildcard matches no segment that begins with a dot",
        applies=lambda case, path: path.startswith(".") or "/." in path,
    ),
    LessThanOthers(
        client="go-tuf v2",
        why="path_hash_prefixes never match",
        applies=lambda case, path: b'"path_hash_prefixes"' in case.after["targets"],
    ),
)

MORE: dict[str, Callable[[Oddity], bool]] = {  # what our client reads and python-tuf refuses, and where that is
    "an entry is looked at when it is asked for": lambda odd: odd.where[:2] == ("signed", "targets"),
    "go-tuf of 2021 wrote dates with fractions and offsets": lambda odd: odd.where[-1:] == ("expires",),
    "go-tuf v0.5.2 writes null for no paths": lambda odd: odd.where[-1:] in (("paths",), ("path_hash_prefixes",)),
}


def may_refuse(case: Case) -> bool:
    """Whether python-tuf has one of the known reasons to refuse what our client trusts."""
    try:
        document = Document.parse(case.after[case.role])
        model = document.signed
    except MalformedMetadata:
        return False
    holder = model.delegations if isinstance(model, Targets) else model if isinstance(model, Root) else None
    # A key of a type that is unknown here makes no file unreadable.
    unknown = holder is not None and any(isinstance(key, UnknownKey) for key in holder.keys.values())
    return unknown or any(known(odd) for known in MORE.values() for odd in oddities(document))


def signed(case: Case) -> bool:
    """Whether the changed file would be signed here."""
    try:
        document, before = Document.parse(case.after[case.role]), Document.parse(case.before[case.role])
        require_read({case.role: document}, {case.role: before}, declared=DEFAULT)
    except TufkeepError:
        return False
    return True


def committed(case: Case) -> bool:
    """Whether the repository with the changed file would be committed here."""
    try:
        before = {role: Document.parse(data) for role, data in case.before.items()}
        after = {
            role: before[role] if data == case.before[role] else Document.parse(data)
            for role, data in case.after.items()
        }
        roots: dict[int, Document[Any]] = {1: before["root"]}
        if case.role == "root":
            roots[2] = after["root"]
        prove(roots=roots, documents=after, before=before, now=NOW, declared=DEFAULT)
    except TufkeepError:
        return False
    return True


def difference(case: Case, own: Reading, other: Reading, *, but: Collection[str] = ()) -> str:
    """Return where two clients read a case differently, nothing where they read it alike."""
    if bool(own.refused) != bool(other.refused):
        return f"{case}\n ours: {own.refused or 'accepts'}\n other: {other.refused or 'accepts'}"
    differ = [path for path in case.targets if path not in but and own.of(path) != other.of(path)]
    return "".join(f"{case}: {path!a}\n ours: {own.of(path)}\n other: {other.of(path)}" for path in differ[:1])


def cases(seed: str, number: int = BATCH) -> list[Case]:
    return [random_case(Random(f"{seed} {index}")) for index in range(number)]


@lru_cache(maxsize=1)
def batch(seed: str) -> list[tuple[Case, Reading]]:
    return [(each, ours(each)) for each in cases(seed)]


def require_agreement(client: str, seed: str) -> None:
    """Whatever is signed or committed here, a client reads as ours does; what is committed, ours accepts.

    What is signed and could not be committed says something wrong, that one client may skip with what it has kept: so
    only new clients are asked about that.
    """
    kept = [(each, own) for each, own in batch(seed) if committed(each) or (signed(each) and not each.warm)]
    less = [known.applies for known in LESS if known.client == client]
    for (each, own), other in zip(kept, CLIENTS[client].read([each for each, _ in kept]), strict=True):
        assert not (committed(each) and own.refused), f"{each}: {own.refused}"
        known = {path for path in each.targets if any(applies(each, path) for applies in less)}
        found = difference(each, own, other, but=known)
        assert not found, found


def require_no_more_trust(seed: str) -> None:
    """Whatever our client trusts, python-tuf trusts with the same result, or refuses for a reason that is known."""
    trusted = [(each, own) for each, own in batch(seed) if not own.refused]
    for (each, own), other in zip(trusted, CLIENTS["python-tuf"].read([each for each, _ in trusted]), strict=True):
        if other.refused:
            assert may_refuse(each), f"{each}: {other.refused}"
            continue
        undecided = own.errors.keys() | (other.errors.keys() if may_refuse(each) else set())
        found = difference(each, own, other, but=undecided)
        assert not found, found


EACH_CLIENT = [
    pytest.param(name, marks=[pytest.mark.peer(client.peer)] if client.peer else []) for name, client in CLIENTS.items()
]


@pytest.mark.parametrize("client", EACH_CLIENT)
def test_what_is_signed_or_committed_every_client_reads_alike(client: str) -> None:
    require_agreement(client, "sample")


def test_what_our_client_trusts_python_tuf_trusts() -> None:
    require_no_more_trust("sample")


@pytest.mark.slow
@pytest.mark.parametrize("client", EACH_CLIENT)
def test_no_client_disagrees_in_a_long_run(client: str) -> None:
    random = Random()
    for _ in range(100 if SOAK else 1):
        require_agreement(client, f"{random.random()}")


@pytest.mark.slow
def test_our_client_trusts_no_more_than_python_tuf_in_a_long_run() -> None:
    random = Random()
    for _ in range(100 if SOAK else 1):
        require_no_more_trust(f"{random.random()}")


@pytest.mark.parametrize("consistent", [True, False])
@pytest.mark.parametrize("role", ROLES)
def test_the_unchanged_repository_is_committed(role: str, consistent: bool) -> None:
    """Else the two properties would say nothing."""
    unchanged = case(role, "nothing", lambda signed: None, consistent=consistent)
    assert signed(unchanged)
    assert committed(unchanged)
    assert ours(unchanged).targets["team/tool"] is not None


def vectors() -> Sequence[Path]:
    return sorted(VECTORS.glob("*/*.json"))


def vector(path: Path) -> Case:
    """Return the case of a file that is called as its role, in a folder called as its oddity."""
    return case(path.stem, path.parent.name, lambda signed: None, data=lambda data: path.read_bytes())


@pytest.mark.parametrize("path", vectors(), ids=lambda path: path.parent.name)
def test_a_file_that_clients_read_differently_is_not_signed(path: Path) -> None:
    assert not committed(vector(path))
    assert not signed(vector(path))


@pytest.mark.peer("go-tuf-reader-0", "go-tuf-reader-2", "tuf-js")
def test_clients_read_these_files_differently() -> None:
    """Else the vector shows nothing any more."""
    known = [vector(path) for path in vectors()]
    readings = [client.read(known) for client in CLIENTS.values()]
    for each, (first, *others) in zip(known, zip(*readings, strict=True), strict=True):
        assert any(difference(each, first, other) for other in others), each.change
