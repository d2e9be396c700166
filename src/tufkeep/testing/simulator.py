"""A repository with its keys, its mirror, any number of clients, all in memory, on a clock that the test holds.

The workspace and the clients are the real ones; only the medium and the time are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tufkeep.client import Client, StoreFetcher
from tufkeep.stores import MemoryStore, Store
from tufkeep.testing.clock import FakeClock
from tufkeep.workspace import Policy, Source, Workspace, layout
from tufkeep.workspace.create import create, default_threshold
from tufkeep.workspace.operations import Blueprint


class Simulator:
    """An update server and its clients.

    Keys are kept in plain text, for there is nobody to keep them from.
    """

    def __init__(
        self,
        clock: FakeClock,
        *,
        root_keys: int = 1,
        root_threshold: int | None = None,
        consistent_snapshot: bool = True,
        policy: Policy | None = None,
        store: Store | None = None,
    ):
        self.clock = clock
        self.store: Store = store if store is not None else MemoryStore()
        self.policy = policy or Policy()
        threshold = root_threshold or default_threshold(root_keys)
        blueprint = Blueprint(root_keys=root_keys, root_threshold=threshold, consistent_snapshot=consistent_snapshot)
        create(self.workspace, blueprint, new_passphrase=lambda request: None)
        self.first_root = self.store.read(layout.committed("root", 1))
        self.mirror = MemoryStore()  # what clients see; a test may lie in it
        self.frozen = False
        self.publish()

    @property
    def workspace(self) -> Workspace:
        """The working directory as a new process finds it."""
        # The clock is the test's own: years may pass in one line.
        return Workspace(self.store, clock=self.clock, policy=self.policy, clock_doubted=lambda doubt: None)

    def release(self, path: str, data: bytes, custom: Mapping[str, Any] | None = None) -> None:
        """Add an artifact and commit."""
        workspace = self.workspace
        workspace.store.write_stream(layout.STAGED_TARGETS + path, [data])
        with workspace.edit("add") as edit:
            edit.add_artifacts([Source(path=path, file=None, custom=custom)])
        self.commit(workspace)

    def renew(self, *roles: str) -> None:
        """Give roles a new version that ends later, and commit."""
        workspace = self.workspace
        with workspace.edit("renew") as edit:
            for role in roles:
                edit.renew(role)
        self.commit(workspace)

    def commit(self, workspace: Workspace) -> None:
        """Commit what is staged, and publish it."""
        workspace.commit(workspace.plan_commit())
        self.publish()

    def new_client(self, *, root: bytes | None = None, state: Store | None = None) -> Client:
        """Return a client that trusts the first root, or another one."""
        client = Client(state if state is not None else MemoryStore(), StoreFetcher(self.mirror), clock=self.clock)
        client.init(root if root is not None else self.first_root)
        return client

    def publish(self) -> None:
        """Bring the repository to the mirror; a frozen mirror stays as it is."""
        if self.frozen:
            return
        for entry in list(self.mirror.list()):
            self.mirror.delete(entry.name)
        for entry in self.store.list(layout.REPOSITORY):
            self.mirror.write(entry.name.removeprefix(layout.REPOSITORY), self.store.read(entry.name))

    def freeze(self) -> None:
        """Let the mirror go on serving what it has now, whatever is committed."""
        self.frozen = True

    def thaw(self) -> None:
        """Let the mirror serve the repository again."""
        self.frozen = False
        self.publish()
