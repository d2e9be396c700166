"""What a commit will do: proved, in order, with not one byte written yet.

Spec: TUF 1.0.34 #writing-consistent-snapshots.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tufkeep.errors import TrustRefused, WorkspaceError
from tufkeep.keys.material import Unlooked
from tufkeep.metadata.document import Document
from tufkeep.metadata.lint_change import ClientWarning, change_warnings
from tufkeep.metadata.plan import speaks_of
from tufkeep.metadata.refusal import HashMismatch, RoleNotListed, WrongVersion
from tufkeep.stores import Store
from tufkeep.stores.hashing import Hashes
from tufkeep.workspace import layout
from tufkeep.workspace.adding import left_by_add
from tufkeep.workspace.base import Base, require_fresh
from tufkeep.workspace.commit_artifacts import CommitArtifacts
from tufkeep.workspace.journal import CommitStep, Journal
from tufkeep.workspace.no_keys import require_no_keys, search_metadata
from tufkeep.workspace.outcome import Committed
from tufkeep.workspace.placing import require_places
from tufkeep.workspace.proof import Proof, prove
from tufkeep.workspace.state import State


class UnaddedArtifacts(WorkspaceError):
    """Files lie under staged/targets that nobody added; a commit would lose them."""

    exit_code = 16

    def __init__(self, paths: tuple[str, ...]):
        more = f" and {len(paths) - 1:,} more" if len(paths) > 1 else ""
        super().__init__(f"staged/targets/{paths[0]}{more}: in no staged targets metadata")
        self.paths = paths


class ListingOutdated(TrustRefused):
    """The snapshot or the timestamp does not list what is staged: clients would refuse the mixture."""

    exit_code = 26

    def __init__(self, fault: HashMismatch | WrongVersion | RoleNotListed):
        super().__init__(f"snapshot and timestamp were not made from what is staged: {fault}")
        self.fault = fault


class CommittedMixed(TrustRefused):
    """The committed files do not belong together, so nothing can be committed beside them."""

    exit_code = 26

    def __init__(self, fault: HashMismatch | WrongVersion | RoleNotListed):
        super().__init__(f"what is committed does not belong together: {fault}")
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitPlan:
    """A commit that would hold: what it changes, the proof, and the steps that make it."""

    state: State = field(repr=False)  # that it was planned on
    before: Mapping[str, Document[Any]] = field(repr=False)  # committed now, by role
    after: Mapping[str, Document[Any]] = field(repr=False)  # as they will be committed
    roles: tuple[str, ...]  # those that are new
    proof: Proof | None  # None where nothing is staged
    journal: Journal = field(repr=False)
    unadded: tuple[str, ...] = ()  # files under staged/targets that no metadata lists; they stay there
    unlooked: tuple[Unlooked, ...] = ()  # what could not be searched for private keys
    remarks: tuple[str, ...] = ()  # for the record
    unread: tuple[ClientWarning, ...] = ()  # what it brings that some declared client does not read

    @property
    def empty(self) -> bool:
        return not self.roles

    def means_same(self, other: CommitPlan) -> bool:
        """Whether a person who has seen one has seen the other: a renewal may have made snapshot and timestamp anew."""
        return self.journal == other.journal or (bool(self._meant) and self._meant == other._meant)

    @property
    def _meant(self) -> tuple[object, ...]:
        """What was changed by a person, and not made to follow from it."""
        roles = [(role, self.after[role].data) for role in self.roles if role not in ("snapshot", "timestamp")]
        return (roles, [step for step in self.journal.steps if step.do != "copy"]) if roles else ()

    @property
    def committed(self) -> Committed:
        """What it makes."""
        if self.proof is None:
            return Committed(versions={})
        versions = {role: self.after[role].version for role in self.roles}
        return Committed(
            versions=versions, from_roots=self.proof.from_roots, expired=self.proof.expired, unread=self.unread
        )


def plan_commit(
    store: Store,
    state: State,
    *,
    now: datetime,
    bases: Mapping[str, Base],
    hashed: Mapping[str, Hashes],
    declared: Sequence[str],
    keep_unadded: bool = False,
) -> CommitPlan:
    """Prove the staged change and return the steps that make it the repository.

    Of a state that is `beside` the staged change, nothing in staged/ is touched.

    Args:
        hashed: artifacts that this very process hashed when it staged them, by target path.
        declared: the clients that are out there.
        keep_unadded: leave files that nobody added where they are, instead of stopping because of them.

    Raises:
        StaleStaged: a staged document was made from another repository than this one.
        MisnamedStaged, UnaddedArtifacts, ArtifactMissing, ArtifactChanged: staged files and staged metadata differ.
        PrivateKeyInside: an artifact or new metadata contains a private key, and no signer says that it is meant.
        NoPlaceForArtifact: an artifact can't get the name that clients would ask for.
        CommittedMixed: timestamp and snapshot do not list what is committed beside them.
        ThresholdNotReached: a staged role lacks signatures, so that nothing lists it yet.
        What `prove` raises: an agent would refuse the result.
    """
    state.require_named()
    staged = state.staged_documents
    before = state.committed_below(staged)
    for role, document in staged.items():
        require_fresh(role, document, before.get(role), bases)
    after = {**before, **staged}
    roles = tuple(role for role, document in staged.items() if not _same(document, before.get(role)))
    artifacts = CommitArtifacts(store, before.get("targets"), after.get("targets"), hashed, beside=state.is_beside)
    unadded = artifacts.unadded()
    if unadded and not keep_unadded:
        raise UnaddedArtifacts(unadded)
    notes = [layout.BASE, *([layout.ADDING] if left_by_add(store) else [])]
    source = _beside if state.is_beside else _staged
    ends = (
        *(CommitStep(do="delete", name=source(role, document)) for role, document in staged.items()),
        *(CommitStep(do="delete", name=name) for name in (() if state.is_beside else notes)),
    )
    if not roles:
        journal = Journal(steps=ends if staged else ())  # what is staged is what is committed
        return CommitPlan(
            state=state, before=before, after=after, roles=(), proof=None, journal=journal, unadded=unadded
        )
    roots = dict(state.roots)
    if "root" in after:
        roots[after["root"].version] = after["root"]
    try:
        proof = prove(roots=roots, documents=after, before=before, now=now, declared=declared)
    except (HashMismatch, WrongVersion, RoleNotListed) as error:
        _require_signatures(state, staged)
        raise (ListingOutdated(error) if _fit(before) else CommittedMixed(error)) from error
    consistent = bool(after["root"].signed.consistent_snapshot)
    placed = (
        *artifacts.steps(consistent=consistent),
        *_metadata_steps({role: after[role] for role in roles}, consistent=consistent, source=source),
    )
    fresh = {role: after[role] for role in roles}
    unlooked = require_no_keys((*artifacts.search(), *search_metadata(fresh, artifacts.changed)))
    require_places(store, [step.name for step in placed if step.do != "delete"])
    steps = (
        *placed,
        *artifacts.deletions(consistent=consistent),
        *(CommitStep(do="delete", name=name) for name in artifacts.litter),
        *ends,
    )
    return CommitPlan(
        state=state,
        before=before,
        after=after,
        roles=roles,
        proof=proof,
        journal=Journal(steps=steps),
        unadded=unadded,
        unlooked=unlooked,
        remarks=tuple(f"published a private key on purpose: {path}" for path in artifacts.meant),
        unread=change_warnings(after, before, declared=declared),
    )


def _fit(documents: Mapping[str, Document[Any]]) -> bool:
    """Whether timestamp and snapshot list what is there, as far as it is there."""
    timestamp, snapshot, targets = (documents.get(role) for role in ("timestamp", "snapshot", "targets"))
    if timestamp is None or snapshot is None or targets is None:
        return True
    listed = snapshot.signed.meta.get("targets.json")
    return speaks_of(timestamp.signed.snapshot_meta, snapshot) and listed is not None and speaks_of(listed, targets)


def _require_signatures(state: State, staged: Collection[str]) -> None:
    """Stop at the role that the listing waits for: a snapshot lists only what has its signatures."""
    delegated = sorted(set(staged) - set(layout.ROLES))
    for role in ("targets", *delegated, "snapshot"):
        if role in staged:
            for needed in state.quorums(role):
                needed.require()


def _same(document: Document[Any], other: Document[Any] | None) -> bool:
    return other is not None and document.data == other.data


def _staged(role: str, document: Document[Any]) -> str:
    return layout.staged(role)


def _beside(role: str, document: Document[Any]) -> str:
    return layout.pulled(document.sha256)


def _metadata_steps(
    fresh: Mapping[str, Document[Any]], *, consistent: bool, source: Callable[[str, Document[Any]], str]
) -> Iterator[CommitStep]:
    """Yield the copies in the order that agents may watch: what refers comes after what it refers to.

    Version-prefixed files first, for nobody asks for them yet; then the plain names; the timestamp
    last, for it is what makes agents look at all the others.
    """
    below = [role for role in fresh if role not in layout.ROLES] + ["targets", "snapshot"]
    for role in ["root", *below]:
        if role in fresh and (consistent or role == "root"):
            yield _copy(role, fresh[role], fresh[role].version, source)
    for role in [*below, "root", "timestamp"]:
        if role in fresh:
            yield _copy(role, fresh[role], None, source)


def _copy(
    role: str, document: Document[Any], version: int | None, source: Callable[[str, Document[Any]], str]
) -> CommitStep:
    return CommitStep(
        do="copy", source=source(role, document), name=layout.committed(role, version), sha256=document.sha256
    )
