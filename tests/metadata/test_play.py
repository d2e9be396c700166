"""A client that is played ends where a real one would, and is refused where a real one would be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuf.api.metadata import DelegatedRole, Delegations, MetaFile, Root, Snapshot, SuccinctRoles, Targets, Timestamp

from tests.metadata.making import LATER
from tufkeep.client import Client, StoreFetcher
from tufkeep.errors import TufkeepError
from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import metapath
from tufkeep.metadata.play import Find, Played, delegated_roles, play, reachable
from tufkeep.metadata.quorum import ThresholdNotReached
from tufkeep.metadata.refusal import ExpiredMetadata, HashMismatch, RoleNotListed, RollbackRefused, WrongVersion
from tufkeep.stores import MemoryStore
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.forge import Forge

NOW = FakeClock()()
KINDS: dict[str, type[Any]] = {"root": Root, "timestamp": Timestamp, "snapshot": Snapshot}


@pytest.fixture
def forge() -> Forge:
    return Forge(now=NOW)


def document(forge: Forge, role: str) -> Document[Any]:
    return Document.parse(forge.store.read(forge.names(role)[-1]), KINDS.get(role, Targets))


def served(forge: Forge) -> dict[str, Document[Any]]:
    """Return what is served now, by role."""
    return {role: document(forge, role) for role in forge.signed}


def among(documents: dict[str, Document[Any]]) -> Find:
    return lambda role, listed: documents.get(role)


def played(forge: Forge, **options: Any) -> Played:
    return play(document(forge, "root"), among(served(forge)), **options)


def team(forge: Forge) -> None:
    """Delegate to two roles, one of which delegates on, in a circle."""
    forge.delegate("first", paths=["*"])
    forge.delegate("second", paths=["*"])
    forge.delegate("below", by="first", paths=["*"])
    forge.trust("first", forge.signers["first"], by="below", paths=["*"])
    forge.publish("below", "second")


def test_a_client_comes_to_every_role_in_the_order_of_priority(forge: Forge) -> None:
    team(forge)
    outcome = played(forge)
    outcome.require()
    assert list(outcome.documents) == ["root", "timestamp", "snapshot", "targets", "first", "below", "second"]
    assert outcome.role == "second"


def test_it_takes_root_after_root_and_stops_at_a_wrong_one(forge: Forge) -> None:
    forge.rotate("root")
    forge.publish_root()
    forge.publish()
    roots = [Document.parse(forge.root(version), Root) for version in (1, 2)]
    outcome = play(roots[0], among(served(forge)), roots=roots[1:])
    outcome.require()
    assert outcome.documents["root"] is roots[1]
    refused = play(roots[0], among(served(forge)), roots=[roots[1], roots[1]])
    assert (refused.role, type(refused.refused)) == ("root", WrongVersion)


def test_roots_are_read_only_as_far_as_they_are_trusted(forge: Forge) -> None:
    def roots() -> Iterator[Document[Root]]:
        yield Document.parse(forge.root(), Root)  # the first once more, which no client takes
        raise AssertionError("nobody looks at what comes after a root that was refused")

    assert isinstance(play(document(forge, "root"), among(served(forge)), roots=roots()).refused, WrongVersion)


def test_what_a_find_raises_is_no_refusal(forge: Forge) -> None:
    class Missing(TufkeepError):
        pass

    def find(role: str, listed: MetaFile | None) -> Document[Any] | None:
        raise Missing(role)

    with pytest.raises(Missing, match="timestamp"):
        play(document(forge, "root"), find)


def test_a_find_is_told_how_each_role_is_listed(forge: Forge) -> None:
    team(forge)
    documents, asked = served(forge), dict[str, MetaFile | None]()

    def find(role: str, listed: MetaFile | None) -> Document[Any] | None:
        asked[role] = listed
        return documents[role]

    play(document(forge, "root"), find).require()
    meta = documents["snapshot"].signed.meta
    assert asked.pop("timestamp") is None
    assert asked.pop("snapshot") == documents["timestamp"].signed.snapshot_meta
    assert asked == {role: meta[metapath(role)] for role in ("targets", "first", "below", "second")}


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "first", "below"])
def test_it_goes_no_further_than_what_is_there(forge: Forge, role: str) -> None:
    team(forge)
    documents = served(forge)
    del documents[role]
    outcome = play(document(forge, "root"), among(documents))
    outcome.require()
    assert role not in outcome.documents
    if role == "first":
        assert list(outcome.documents)[3:] == ["targets", "second"]


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "first", "below"])
def test_a_role_that_others_signed_is_refused_by_its_name(forge: Forge, role: str) -> None:
    team(forge)
    documents = served(forge)
    stranger = Forge(now=NOW)
    documents[role] = Document.parse(forge.write(role, signers=stranger.signers["root"]), KINDS.get(role, Targets))
    outcome = play(document(forge, "root"), among(documents))
    assert outcome.role == role
    assert isinstance(outcome.refused, ThresholdNotReached | HashMismatch)
    with pytest.raises(type(outcome.refused)):
        outcome.require()


def test_a_root_that_does_not_stand_by_its_own_keys_begins_nothing(forge: Forge) -> None:
    data = forge.write("root", signers=[])
    outcome = play(Document.parse(data, Root), among(served(forge)))
    assert (outcome.role, type(outcome.refused), outcome.documents) == ("root", ThresholdNotReached, {})


def test_a_document_of_another_kind_is_no_document(forge: Forge) -> None:
    documents = served(forge)
    documents["timestamp"] = documents["snapshot"]
    outcome = play(document(forge, "root"), among(documents))
    assert (outcome.role, type(outcome.refused)) == ("timestamp", MalformedMetadata)


def test_expiry_counts_at_the_time_that_is_given_and_else_not(forge: Forge) -> None:
    assert played(forge).refused is None
    assert played(forge, now=NOW).refused is None
    later = played(forge, now=NOW + timedelta(days=8))
    assert (later.role, type(later.refused)) == ("timestamp", ExpiredMetadata)


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        (lambda signed: signed["meta"].pop("first.json"), RoleNotListed),
        (lambda signed: signed["meta"]["first.json"].update(version=1), RollbackRefused),
    ],
    ids=["dropped", "lowered"],
)
def test_what_the_client_knows_guards_it_from_a_snapshot_that_drops_or_lowers_a_role(
    forge: Forge, lie: Callable[[dict[str, Any]], object], reason: type[TufkeepError]
) -> None:
    forge.delegate("first", paths=["*"])
    forge.publish("first")
    known = served(forge)
    forge.lie("snapshot", lie)
    forge.publish()
    documents = served(forge)
    documents.pop("first")
    root = document(forge, "root")
    play(root, among(documents)).require()  # a new client sees nothing wrong
    outcome = play(root, among(documents), known=known)
    assert (outcome.role, type(outcome.refused)) == ("snapshot", reason)


def test_what_the_client_knows_guards_it_from_an_older_timestamp(forge: Forge) -> None:
    older = served(forge)
    forge.publish()
    outcome = play(document(forge, "root"), among(older), known=served(forge))
    assert (outcome.role, type(outcome.refused)) == ("timestamp", RollbackRefused)


def test_what_the_client_can_not_use_any_more_it_does_without(forge: Forge) -> None:
    known = served(forge)
    forge.rotate("timestamp")
    forge.rotate("snapshot")
    forge.publish_root()
    forge.publish()
    played(forge, known=known).require()


# Delegations


def targets(*roles: str, succinct: SuccinctRoles | None = None) -> Targets:
    model = Targets(expires=LATER)
    delegated = {role: DelegatedRole(role, [], 1, terminating=False, paths=["*"]) for role in roles}
    model.delegations = Delegations({}, roles=None if succinct else delegated, succinct_roles=succinct)
    return model


def test_delegated_roles_come_in_the_order_in_which_clients_ask_them() -> None:
    assert delegated_roles(targets("b", "a", "c"), None) == ["b", "a", "c"]
    assert delegated_roles(Targets(expires=LATER), None) == []


def test_of_four_billion_succinct_roles_only_those_that_are_listed_count() -> None:
    names = ("targets", "bin-0000000f", "bin-1", "bin-00000002")
    bins = targets(succinct=SuccinctRoles([], 1, 32, "bin"))
    listed = Snapshot(expires=LATER, meta={metapath(role): MetaFile(1) for role in names})
    assert delegated_roles(bins, listed) == ["bin-00000002", "bin-0000000f"]
    assert delegated_roles(bins, None) == []


@given(st.dictionaries(st.sampled_from("abcde"), st.lists(st.sampled_from("abcde"), unique=True), max_size=5))
def test_every_reachable_role_comes_once_however_the_delegations_turn(graph: dict[str, list[str]]) -> None:
    models = {"targets": targets("a"), **{role: targets(*below) for role, below in graph.items()}}
    asked: list[tuple[str, str]] = []

    def load(role: str, delegator: str) -> Targets | None:
        asked.append((role, delegator))
        return models.get(role)

    found = [role for role, _ in reachable(load, None)]
    assert len(set(found)) == len(found)
    assert all(below in dict(asked) for role in found for below in delegated_roles(models[role], None))
    assert asked[0] == ("targets", "root")
    assert all(role in delegated_roles(models[delegator], None) for role, delegator in asked[1:])


def test_the_real_client_lists_the_same_roles_in_the_same_order(forge: Forge) -> None:
    team(forge)
    for role in ("below", "second"):
        forge.add(f"of-{role}", b"x", role=role)
    forge.publish("below", "second")
    client = Client(MemoryStore(), StoreFetcher(forge.store), clock=FakeClock(NOW))
    client.init(forge.root())
    assert [target.path for target in client.list()] == ["of-below", "of-second"]
    outcome = played(forge)
    outcome.require()
    assert {path for each in outcome.documents.values() for path in getattr(each.signed, "targets", ())} == {
        "of-below",
        "of-second",
    }
