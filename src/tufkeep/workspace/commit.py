"""What a commit will do: proved, in order, with not one byte written yet.

Spec: TUF 1.0.34 #writing-consistent-snapshots.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tuf.api.metadata import TargetFile

from tufkeep.errors import TrustRefused, WorkspaceError
from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import split_prefixed, stored_paths
from tufkeep.metadata.refusal import HashMismatch, RoleNotListed, WrongVersion
from tufkeep.metadata.target_map import LazyTargets
from tufkeep.stores import Store
from tufkeep.stores.expected import Comparison, Expected, Match, compare_object
from tufkeep.stores.hashing import Hashes
from tufkeep.workspace import layout
from tufkeep.workspace.base import Base, require_fresh
from tufkeep.workspace.journal import Journal, Step
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


class ArtifactMissing(WorkspaceError):
    """Staged metadata lists an artifact that is nowhere."""

    exit_code = 17

    def __init__(self, path: str):
        super().__init__(f"target {path}: signed, but neither staged nor in the repository")
        self.path = path


class ArtifactChanged(WorkspaceError):
    """A staged artifact is not the one that was signed."""

    exit_code = 17

    def __init__(self, path: str, compared: Comparison):
        signed, found = _brief(compared.expected), _brief(compared.found)
        fact = f"{compared.measure} {signed} is signed, the staged file has {found}"
        if compared.match is Match.UNKNOWN:
            fact = "no hash is signed that can be checked here"
        super().__init__(f"target {path}: {fact}")
        self.path, self.compared = path, compared


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

    @property
    def empty(self) -> bool:
        return not self.roles

    @property
    def committed(self) -> Committed:
        """What it makes."""
        if self.proof is None:
            return Committed(versions={})
        versions = {role: self.after[role].version for role in self.roles}
        return Committed(versions=versions, from_roots=self.proof.from_roots, expired=self.proof.expired)


def plan_commit(
    store: Store,
    state: State,
    *,
    now: datetime,
    bases: Mapping[str, Base],
    hashed: Mapping[str, Hashes],
    keep_unadded: bool = False,
) -> CommitPlan:
    """Prove the staged change and return the steps that make it the repository.

    Args:
        hashed: artifacts that this very process hashed when it staged them, by target path.
        keep_unadded: leave files that nobody added where they are, instead of stopping because of them.

    Raises:
        StaleStaged: a staged document was made from another repository than this one.
        MisnamedStaged, UnaddedArtifacts, ArtifactMissing, ArtifactChanged: staged files and staged metadata differ.
        NoPlaceForArtifact: an artifact can't get the name that clients would ask for.
        What `prove` raises: an agent would refuse the result.
    """
    state.require_named()
    staged = state.staged_documents
    before = state.committed_below(staged)
    for role, document in staged.items():
        require_fresh(role, document, before.get(role), bases)
    after = {**before, **staged}
    roles = tuple(role for role, document in staged.items() if not _same(document, before.get(role)))
    artifacts = _Artifacts(store, before.get("targets"), after.get("targets"), hashed)
    unadded = artifacts.unadded()
    if unadded and not keep_unadded:
        raise UnaddedArtifacts(unadded)
    ends = (*(Step(do="delete", name=layout.staged(role)) for role in staged), Step(do="delete", name=layout.BASE))
    if not roles:
        journal = Journal(steps=ends if staged else ())  # what is staged is what is committed
        return CommitPlan(
            state=state, before=before, after=after, roles=(), proof=None, journal=journal, unadded=unadded
        )
    roots = dict(state.roots)
    if "root" in after:
        roots[after["root"].version] = after["root"]
    try:
        proof = prove(roots=roots, documents=after, before=before, now=now)
    except (HashMismatch, WrongVersion, RoleNotListed) as error:
        raise ListingOutdated(error) from error
    consistent = bool(after["root"].signed.consistent_snapshot)
    placed = (
        *artifacts.steps(consistent=consistent),
        *_metadata_steps({role: after[role] for role in roles}, consistent=consistent),
    )
    require_places(store, [step.name for step in placed if step.do != "delete"])
    steps = (
        *placed,
        *artifacts.deletions(consistent=consistent),
        *(Step(do="delete", name=name) for name in artifacts.litter),
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
    )


def _same(document: Document[Any], other: Document[Any] | None) -> bool:
    return other is not None and document.data == other.data


def _metadata_steps(fresh: Mapping[str, Document[Any]], *, consistent: bool) -> Iterator[Step]:
    """Yield the copies in the order that agents may watch: what refers comes after what it refers to.

    Version-prefixed files first, for nobody asks for them yet; then the plain names; the timestamp
    last, for it is what makes agents look at all the others.
    """
    below = [role for role in fresh if role not in layout.ROLES] + ["targets", "snapshot"]
    for role in ["root", *below]:
        if role in fresh and (consistent or role == "root"):
            yield _copy(role, fresh[role], fresh[role].version)
    for role in [*below, "root", "timestamp"]:
        if role in fresh:
            yield _copy(role, fresh[role], None)


def _copy(role: str, document: Document[Any], version: int | None) -> Step:
    return Step(do="copy", source=layout.staged(role), name=layout.committed(role, version), sha256=document.sha256)


class _Artifacts:
    """The artifacts of one commit: what is new, what goes."""

    def __init__(
        self,
        store: Store,
        before: Document[Any] | None,
        after: Document[Any] | None,
        hashed: Mapping[str, Hashes],
    ):
        self._store = store
        self._hashed = hashed
        self._after = after
        old = _entries(before)
        new = _entries(after)
        # An entry that nobody touched is the very same object, and need not be compared.
        both = zip(new, new.values(), map(old.get, new), strict=True)
        self._changed = sorted(path for path, entry, was in both if was is not entry and was != entry)
        self._gone = sorted(path for path in old if path not in new)
        self._replaced = [path for path in self._changed if path in old]
        self._before = before
        self._staged, self.litter = _staged_files(store)
        self._listed = new
        self._kept: set[str] = set()

    def unadded(self) -> tuple[str, ...]:
        """Return the staged files that the commit would lose."""
        changed = set(self._changed)
        self._kept = {path for path in self._staged if path not in changed and not self._is_committed(path)}
        return tuple(sorted(self._kept))

    def steps(self, *, consistent: bool) -> Iterator[Step]:
        """Yield how each new artifact comes to every name that an agent may ask for."""
        for path in self._changed:
            target = self._target(path)
            names = [layout.REPOSITORY_TARGETS + name for name in stored_paths(target, consistent_snapshot=consistent)]
            if path in self._staged:
                compared = self._compared(path, target)
                if not compared.right:
                    raise ArtifactChanged(path, compared)
                yield Step(do="move", source=layout.STAGED_TARGETS + path, name=names[0])
                yield from (Step(do="link", source=names[0], name=name) for name in names[1:])
            else:
                yield from self._present(path, target, names)
        for path in sorted(self._staged - set(self._changed) - self._kept):
            yield Step(do="delete", name=layout.STAGED_TARGETS + path)

    def deletions(self, *, consistent: bool) -> Iterator[Step]:
        """Yield what is no longer listed, to be removed when the new metadata is in force."""
        if self._before is None:
            return
        for path in self._gone:
            for name in stored_paths(self._before.signed.targets[path], consistent_snapshot=consistent):
                yield Step(do="delete", name=layout.REPOSITORY_TARGETS + name)
        for path in (*self._gone, *self._replaced) if consistent else ():
            # Left from before consistent snapshots: no client asks for it, and its bytes are an earlier release.
            name = layout.REPOSITORY_TARGETS + path
            if split_prefixed(path) is None and self._store.stat(name) is not None:
                yield Step(do="delete", name=name)

    def _target(self, path: str) -> TargetFile:
        assert self._after is not None
        found: TargetFile = self._after.signed.targets[path]
        return found

    def _is_committed(self, path: str) -> bool:
        """Whether a staged file is one that was committed already: a copy left behind, not a loss."""
        return path in self._listed and self._compared(path, self._target(path)).right

    def _compared(self, path: str, target: TargetFile) -> Comparison:
        """Compare a staged artifact with what is signed; what this process staged itself it does not read again."""
        if path in self._hashed:
            return _expected(target).compare(self._hashed[path])
        return compare_object(self._store, layout.STAGED_TARGETS + path, _expected(target))

    def _present(self, path: str, target: TargetFile, names: list[str]) -> Iterator[Step]:
        """Accept an artifact that is in the repository already, such as one whose custom data changed."""
        there = [name for name in names if (entry := self._store.stat(name)) and entry.length_bytes == target.length]
        if not there or not compare_object(self._store, there[0], _expected(target)).right:
            raise ArtifactMissing(path)
        yield from (Step(do="link", source=there[0], name=name) for name in names if name not in there)


def _entries(document: Document[Any] | None) -> Mapping[str, Any]:
    if document is None:
        return {}
    assert isinstance(document.signed, LazyTargets)
    return document.signed.raw_targets


def _staged_files(store: Store) -> tuple[set[str], tuple[str, ...]]:
    names = [entry.name for entry in store.list(layout.STAGED_TARGETS)]
    litter = tuple(name for name in names if layout.is_litter(name))
    return {name.removeprefix(layout.STAGED_TARGETS) for name in names} - {
        name.removeprefix(layout.STAGED_TARGETS) for name in litter
    }, litter


def _expected(target: TargetFile) -> Expected:
    return Expected(length_bytes=target.length, hashes=target.hashes)


def _brief(measured: int | str) -> str:
    return f"{measured:,}" if isinstance(measured, int) else f"{measured[:16]}..."
