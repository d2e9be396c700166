"""Switching consistent snapshots on in a repository that has none, as fleets made with older tools have.

One root version does it. Before it is signed, every file gets its second name: artifacts by their hashes, metadata by
its version. Agents take the new root at their next refresh, before they ask for anything else; until then they go on
with the plain names, which stay as they are.

Spec: TUF 1.0.34 #consistent-snapshots.
"""

from __future__ import annotations

from tufkeep.errors import BadRequest, WorkspaceError
from tufkeep.metadata.target_map import LazyTargets
from tufkeep.metadata.targets import stored_paths
from tufkeep.stores import ObjectMissing, Store
from tufkeep.workspace import NotARepository, Workspace, layout


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

    The second names hurt nobody: nobody asks for them before the root is committed.

    Raises:
        AlreadyConsistent, ArtifactsNotHere, NotARepository: nothing was staged.
    """
    state = workspace.state
    root = state.committed("root")
    if root is None:
        raise NotARepository
    if root.signed.consistent_snapshot:
        raise AlreadyConsistent(root.version)
    with workspace.exclusive("migrate consistent-snapshot"):
        _name_metadata(workspace)
        for role in _targets_roles(workspace):
            document = workspace.state.committed(role)
            assert document is not None
            assert isinstance(document.signed, LazyTargets)
            with workspace.store.batch() as batch:
                for path in document.signed.raw_targets:
                    _name_artifact(batch, stored_paths(document.signed.targets[path], consistent_snapshot=True), path)
        with workspace.edit("migrate consistent-snapshot") as edit:
            edit.set_consistent_snapshot(True)


def _targets_roles(workspace: Workspace) -> list[str]:
    snapshot = workspace.state.committed("snapshot")
    assert snapshot is not None
    return [name.removesuffix(".json") for name in snapshot.signed.meta]


def _name_metadata(workspace: Workspace) -> None:
    for role in ("snapshot", *_targets_roles(workspace)):
        document = workspace.state.committed(role)
        assert document is not None
        workspace.store.write(layout.committed(role, document.version), document.data)


def _name_artifact(store: Store, names: tuple[str, ...], path: str) -> None:
    """Give an artifact its hash-prefixed names; the plain one stays apart, for go-tuf writes into it in place."""
    first, *others = (layout.REPOSITORY_TARGETS + name for name in names)
    try:
        store.copy(layout.REPOSITORY_TARGETS + path, first)
    except ObjectMissing:
        raise ArtifactsNotHere(path) from None
    for name in others:
        store.copy(first, name, shared=True)
