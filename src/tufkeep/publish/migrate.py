"""Switching consistent snapshots on in a repository that has none, as fleets made with older tools have.

One root version does it. Before it is signed, every file gets its second name: artifacts by their hashes, metadata by
its version. Agents take the new root at their next refresh, before they ask for anything else; until then they go on
with the plain names, which stay as they are.

Spec: TUF 1.0.34 #consistent-snapshots.
"""

from __future__ import annotations

from typing import Any

from tuf.api.metadata import Targets

from tufkeep.errors import BadRequest, WorkspaceError
from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import metapath, stored_paths
from tufkeep.metadata.play import reachable
from tufkeep.metadata.target_map import LazyTargets
from tufkeep.stores import ObjectMissing, Store
from tufkeep.workspace import HalfARepository, NotARepository, State, Workspace, layout


class AlreadyConsistent(BadRequest):
    """The repository has consistent snapshots."""

    def __init__(self, version: int):
        super().__init__(f"root v{version} has consistent snapshots already")


class ArtifactsNotHere(WorkspaceError):
    """An artifact needs a second name, and is not here to get it."""

    exit_code = 17

    def __init__(self, path: str):
        super().__init__(f"target {path}: not in repository/targets")
        self.path = path


def stage_consistent_snapshot(workspace: Workspace) -> None:
    """Stage the root that switches consistent snapshots on, after every file has got its second name.

    No client asks for the second names before the root is committed.

    Raises:
        AlreadyConsistent, ArtifactsNotHere, NotARepository, HalfARepository: nothing was staged.
    """
    state = workspace.state
    root = state.committed("root")
    if root is None:
        raise NotARepository
    if root.signed.consistent_snapshot:
        raise AlreadyConsistent(root.version)
    with workspace.exclusive("migrate consistent-snapshot"):
        documents = _served(workspace.state)
        for role, document in documents.items():
            workspace.store.write(layout.committed(role, document.version), document.data)
        for document in documents.values():
            if isinstance(document.signed, LazyTargets):
                with workspace.store.batch() as batch:
                    for path in document.signed.raw_targets:
                        names = stored_paths(document.signed.targets[path], consistent_snapshot=True)
                        _name_artifact(batch, names, path)
        with workspace.edit("migrate consistent-snapshot") as edit:
            edit.set_consistent_snapshot(True)


def _served(state: State) -> dict[str, Document[Any]]:
    """Return what clients fetch by version afterwards: the snapshot, and every targets role that they can come to.

    Raises:
        HalfARepository: the snapshot lists one of them, and it is not here.
    """
    snapshot = state.committed("snapshot")
    if snapshot is None:
        raise HalfARepository(layout.committed("snapshot"))
    documents: dict[str, Document[Any]] = {"snapshot": snapshot}

    def load(role: str, delegator: str) -> Targets | None:
        if metapath(role) not in snapshot.signed.meta:
            return None
        document = state.committed(role)
        if document is None:
            raise HalfARepository(layout.committed(role))
        documents[role] = document
        targets: Targets = document.signed
        return targets

    for _ in reachable(load, snapshot.signed):
        pass
    return documents


def _name_artifact(store: Store, names: tuple[str, ...], path: str) -> None:
    """Give an artifact its hash-prefixed names; the plain one stays apart, for go-tuf writes into it in place."""
    first, *others = (layout.REPOSITORY_TARGETS + name for name in names)
    try:
        store.copy(layout.REPOSITORY_TARGETS + path, first)
    except ObjectMissing:
        raise ArtifactsNotHere(path) from None
    for name in others:
        store.copy(first, name, shared=True)
