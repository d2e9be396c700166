"""A pull: the working directory takes in what is published, verified as a client would, without losing its own work.

Commit point: the workspace's journal. Before it repository/ is as it was; after it the pull is finished by whoever
comes next, and so is the work that is to be done again on top.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime

from tuf.api.metadata import Root

from tufkeep.errors import TrustRefused
from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import metadata_name
from tufkeep.metadata.fingerprint import fingerprint
from tufkeep.metadata.review import Fact, review
from tufkeep.publish.errors import LocalWorkAtRisk, NothingPublished, NotInStep, OtherFirstRoot, TrustNeeded
from tufkeep.publish.inventory import Artifact, artifacts, metadata_files
from tufkeep.publish.metadata_set import MetadataSet, read_metadata_set, sha256
from tufkeep.publish.redo import redo, with_work, work_of
from tufkeep.publish.remote import Remote
from tufkeep.publish.send import Progress, nothing, verified
from tufkeep.publish.sides import Sides
from tufkeep.publish.work import Merge, Prefer, Work, merge
from tufkeep.stores import ObjectMissing
from tufkeep.workspace import NeverCommitted, Workspace, layout
from tufkeep.workspace.journal import CommitStep, Journal
from tufkeep.workspace.operations import Pull
from tufkeep.workspace.proof import require_vouched
from tufkeep.workspace.state import LIMITS
from tufkeep.workspace.unfinished import OperationUnfinished, begin, begun, done, require_none


class RemoteWentBack(TrustRefused):
    """The remote shows an older state than it once did: somebody restored it, or attacks it."""

    exit_code = 23

    def __init__(self, remote: str, *, published: int, seen: int):
        super().__init__(f"remote {remote} went back: it has timestamp v{published}, and v{seen} was seen there")
        self.remote, self.published, self.seen = remote, published, seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What a pull made true."""

    remote: str
    versions: Mapping[str, int]  # published
    changed: bool  # whether repository/ changed
    facts: tuple[Fact, ...]  # what others published meanwhile
    expired: tuple[str, ...]
    roots_ahead: tuple[int, ...]  # root versions of a push that was cut off; they were not taken in
    redone: Work = field(default_factory=Work)  # what was done again on top
    waiting: tuple[str, ...] = ()  # staged roles that need signing again
    artifacts: int = 0  # fetched


def pull(
    sides: Sides,
    *,
    prefer: Prefer | None = None,
    targets: bool = False,
    root: bytes | None = None,
    trust: str | None = None,
    progress: Progress = nothing,
) -> Pulled:
    """Take in what is published; see `Publisher.pull`.

    Args:
        prefer: whose side is taken where both changed the same thing; None stops there.
        targets: fetch the artifacts, too.
        root: for a directory without a repository: the root that somebody vouches for.
        trust: or the fingerprint of the remote's first root, hexadecimal or in words.

    Raises:
        NothingPublished, RemoteWentBack, NotInStep, LocalWorkAtRisk, NeverCommitted, TrustNeeded, OtherFirstRoot,
            OperationUnfinished: nothing was changed.
    """
    workspace, remote = sides.workspace, sides.remote
    with workspace.exclusive(f"pull from {remote.name}"):
        earlier = _earlier(workspace, remote)
        waiting = redo(workspace)
        note = Pull(remote=remote.name, targets=targets or (earlier is not None and earlier.targets), redone=True)
        if workspace.state.committed("root") is None:
            pulled = _first(sides, note, root, trust)
        else:
            pulled = _next(sides, note, prefer)
        fetched = _fetch(remote, workspace, note, progress) if note.targets else 0
        done(workspace.store, Pull)
    if earlier is not None:
        pulled = replace(pulled, redone=work_of(earlier, pulled.redone), waiting=pulled.waiting or waiting)
    return replace(pulled, artifacts=fetched)


def _earlier(workspace: Workspace, remote: Remote) -> Pull | None:
    """Return the note of a pull that was cut off, which this one goes on with.

    Raises:
        OperationUnfinished: it was from another remote, or something else is unfinished.
    """
    require_none(workspace.store, other_than=Pull.operation, beside=Pull.beside)
    earlier = begun(workspace.store, Pull)
    if earlier is not None and earlier.remote not in ("", remote.name):
        raise OperationUnfinished(earlier.unfinished)
    return earlier


def _first(sides: Sides, note: Pull, root: bytes | None, trust: str | None) -> Pulled:
    """Begin a directory with what is published."""
    workspace, remote = sides.workspace, sides.remote
    if workspace.state.exists:
        raise NeverCommitted
    anchor = Document.parse(root, Root) if root is not None else _vouched(remote, trust)
    theirs = read_metadata_set(remote.store, where=remote.name, trusted={anchor.version: anchor}, now=workspace.clock())
    ahead = theirs.roots_ahead
    theirs = theirs.without_roots_ahead()
    begin(workspace, note)
    workspace.take_in(Journal(steps=tuple(_steps(workspace, None, theirs, Work()))), published=theirs.documents)
    sides.base.write(theirs)
    return _pulled(remote, None, theirs, workspace.clock(), changed=True, roots_ahead=ahead)


def _vouched(remote: Remote, trust: str | None) -> Document[Root]:
    try:
        data = remote.store.read(metadata_name("root", 1), limit=LIMITS["root"])
    except ObjectMissing:
        raise NothingPublished(remote.name) from None
    found = fingerprint(data)
    if trust is None:
        raise TrustNeeded(remote.name, fingerprint=found.hex)
    if " ".join(trust.lower().split()) not in (found.hex, str(found).lower()):
        raise OtherFirstRoot(remote.name, found=found.hex, given=trust)
    return Document.parse(data, Root)


def _next(sides: Sides, note: Pull, prefer: Prefer | None) -> Pulled:
    workspace, remote = sides.workspace, sides.remote
    published = sides.published()
    if published is None:
        raise NothingPublished(remote.name)
    ahead = published.found.roots_ahead
    theirs = published.found.without_roots_ahead()
    base = sides.base.read() or _implied_base(sides, theirs, prefer)
    if theirs.timestamp.version < base.timestamp.version:
        raise RemoteWentBack(remote.name, published=theirs.timestamp.version, seen=base.timestamp.version)
    moved = theirs.timestamp.data != base.timestamp.data or theirs.root.version not in workspace.state.roots
    if not moved and not _taken(sides, base):
        sides.base.write(theirs)
        return _pulled(remote, theirs, theirs, workspace.clock(), changed=False, roots_ahead=ahead)
    require_vouched(workspace.state, apart_from=base.documents)
    merged = merge(workspace.state, base, theirs, prefer=prefer)
    _require_no_conflicts(remote, merged)
    begin(workspace, with_work(note, merged.work, seen=sides.base.seen))
    steps = tuple(_steps(workspace, base, theirs, merged.work))
    workspace.take_in(Journal(steps=steps), published=theirs.documents)
    sides.base.write(theirs)
    waiting = redo(workspace)
    pulled = _pulled(remote, base, theirs, workspace.clock(), changed=True, roots_ahead=ahead)
    return replace(pulled, redone=merged.work, waiting=waiting)


def _implied_base(sides: Sides, theirs: MetadataSet, prefer: Prefer | None) -> MetadataSet:
    """Return what the directory was made from, where no record says so but the files prove it.

    Raises:
        NotInStep: they don't, and nobody has said whose side to take.
    """
    here = sides.committed()
    if sides.was_committed(theirs.snapshot) or prefer == "ours":
        return theirs
    if prefer == "theirs" or _was_published(sides.remote, here):
        return here
    raise NotInStep(sides.remote.name, published=theirs.timestamp.version, ours=here.timestamp.version)


def _was_published(remote: Remote, here: MetadataSet) -> bool:
    try:
        return remote.store.read(metadata_name("snapshot", here.snapshot.version)) == here.snapshot.data
    except ObjectMissing:
        return False


def _taken(sides: Sides, base: MetadataSet) -> bool:
    """Whether versions that are used here were found to be used by somebody else's unpublished push."""
    state = sides.workspace.state
    for role, version in sides.base.seen.items():
        ours = state.current(role)
        if ours is not None and base.versions.get(role, 0) < ours.version <= version:
            return True
    return False


def _require_no_conflicts(remote: Remote, merged: Merge) -> None:
    if merged.conflicts:
        raise LocalWorkAtRisk(remote.name, merged.conflicts)


def _steps(workspace: Workspace, base: MetadataSet | None, theirs: MetadataSet, work: Work) -> Iterator[CommitStep]:
    """Yield what makes repository/ the published state, with the files that the steps read written beforehand."""
    store = workspace.store
    pulled: dict[str, str] = {}

    def bring(data: bytes, name: str) -> CommitStep:
        digest = sha256(data)
        if digest not in pulled:
            store.write(layout.pulled(digest), data)
            pulled[digest] = name
        return CommitStep(do="copy", source=layout.pulled(digest), name=name, sha256=digest)

    for file in metadata_files(theirs):
        yield bring(file.data, layout.REPOSITORY + file.name)
    kept = dict(work.delegated) | ({"root": work.root} if work.root is not None else {})
    for role, data in kept.items():
        yield bring(data, layout.staged(role))
    for name in _stale(workspace, base, theirs, work, kept):
        yield CommitStep(do="delete", name=name)
    yield from (CommitStep(do="delete", name=layout.pulled(digest)) for digest in pulled)


def _stale(
    workspace: Workspace, base: MetadataSet | None, theirs: MetadataSet, work: Work, kept: Mapping[str, bytes]
) -> Iterator[str]:
    """Yield what belongs to work that is made again, and artifacts that nobody lists any more."""
    if base is None:
        return
    state = workspace.state
    yield from (layout.staged(role) for role in state.staged_roles if role not in kept)
    needed = {layout.REPOSITORY + file.name for file in metadata_files(theirs)}
    for role in {*layout.ROLES, *base.delegated} - {"timestamp"}:
        ours = state.committed(role)
        if ours is None or ours.version <= base.versions.get(role, 0):
            continue
        if (name := layout.committed(role, ours.version)) not in needed:
            yield name
    yield layout.BASE
    listed = {name for artifact in artifacts(theirs).values() for name in artifact.names}
    for first, artifact in artifacts(base).items():
        if first not in listed and artifact.target.path not in work.added:
            yield from (layout.REPOSITORY + name for name in artifact.names if name not in listed)


def _fetch(remote: Remote, workspace: Workspace, note: Pull, progress: Progress) -> int:
    """Fetch every artifact that is not here yet; return how many."""
    here = read_metadata_set(
        workspace.store,
        folder=layout.REPOSITORY,
        where="repository/",
        trusted=workspace.state.roots,
        now=workspace.clock(),
    )
    there = {entry.name: entry.length_bytes for entry in workspace.store.list(layout.REPOSITORY_TARGETS)}
    wanted = [each for each in artifacts(here).values() if _is_missing(each, there)]
    if wanted and begun(workspace.store, Pull) is None:
        begin(workspace, note)
    with ThreadPoolExecutor(remote.policy.concurrency) as pool:
        list(pool.map(lambda artifact: fetch_artifact(remote, workspace, artifact, progress), wanted))
    return len(wanted)


def _is_missing(artifact: Artifact, there: Mapping[str, int]) -> bool:
    return any(there.get(layout.REPOSITORY + name) != artifact.length_bytes for name in artifact.names)


def fetch_artifact(remote: Remote, workspace: Workspace, artifact: Artifact, progress: Callable[[int], None]) -> None:
    """Bring one artifact to repository/, under each of its names; nothing unverified is kept."""
    first = layout.REPOSITORY + artifact.names[0]

    def chunks() -> Iterator[bytes]:
        with remote.store.open(artifact.names[0]) as stream:
            yield from verified(stream, artifact, where=remote.name, progress=progress)

    workspace.store.write_stream(first, chunks())
    for name in artifact.names[1:]:
        workspace.store.copy(first, layout.REPOSITORY + name, shared=True)


def _pulled(
    remote: Remote,
    before: MetadataSet | None,
    theirs: MetadataSet,
    now: datetime,
    *,
    changed: bool,
    roots_ahead: tuple[int, ...],
) -> Pulled:
    facts = review(before.documents if before is not None else {}, theirs.documents, now=now) if changed else ()
    return Pulled(
        remote=remote.name,
        versions=theirs.versions,
        changed=changed,
        facts=facts,
        expired=theirs.expired,
        roots_ahead=roots_ahead,
    )
