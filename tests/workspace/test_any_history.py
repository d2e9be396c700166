"""Any history whatsoever: keys, thresholds, targets, commits, crashes, time; every client reaches the newest state."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import hypothesis.strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from tufkeep.client import Client, StoreFetcher
from tufkeep.errors import TufkeepError
from tufkeep.keys.private import generate
from tufkeep.stores import MemoryStore
from tufkeep.testing.broken import BrokenStore, StoreStopped
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import Source, UnaddedArtifacts, Workspace, layout

ROLES = st.sampled_from(layout.ROLES)
PATHS = st.sampled_from(["agent/linux/stable/agent", "agent/linux/edge/agent", "readme", "ü b/c"])


class AnyHistory(RuleBasedStateMachine):
    """Random steps on one repository, with clients that stopped at random earlier states."""

    clients = Bundle("clients")

    @initialize(root_keys=st.integers(1, 3), consistent=st.booleans())
    def begin(self, root_keys: int, consistent: bool) -> None:
        self.clock = FakeClock()
        sim = Simulator(self.clock, root_keys=root_keys, consistent_snapshot=consistent)
        self.inner = MemoryStore()
        for entry in sim.store.list():
            self.inner.write(entry.name, sim.store.read(entry.name), private=entry.name.startswith(layout.KEYS))
        self.store = BrokenStore(self.inner)
        self.first_root = sim.first_root
        self.published: dict[str, bytes] = {}  # what the committed repository lists, by our own book-keeping
        self.listed: dict[str, bytes] = {}  # what is staged to be listed
        self.versions: dict[str, int] = dict.fromkeys(layout.ROLES, 1)

    def workspace(self) -> Workspace:
        return Workspace(self.store, clock=self.clock, clock_doubted=lambda doubt: None)  # years pass in this one

    @rule(target=clients)
    def new_client(self) -> Client:
        client = Client(MemoryStore(), StoreFetcher(self.inner, folder="repository"), clock=self.clock)
        client.init(self.first_root)
        return client

    @rule(path=PATHS, data=st.binary(max_size=8))
    def add(self, path: str, data: bytes) -> None:
        workspace = self.workspace()
        workspace.store.write_stream(layout.STAGED_TARGETS + path, [data])
        with workspace.edit("add") as edit:
            edit.add_artifacts([Source(path=path, file=None)])
        self.listed[path] = data

    @precondition(lambda self: self.listed)
    @rule(data=st.data())
    def remove(self, data: Any) -> None:
        path = data.draw(st.sampled_from(sorted(self.listed)))
        workspace = self.workspace()
        with workspace.edit("remove") as edit:
            edit.remove_targets([path])
        workspace.store.delete(layout.STAGED_TARGETS + path)
        del self.listed[path]

    @rule(role=ROLES)
    def add_key(self, role: str) -> None:
        workspace = self.workspace()
        key = generate()
        with workspace.edit("key new") as edit:
            edit.keyring.add(key, role=role, passphrase=None)
            edit.add_key(role, key.public_key)

    @rule(role=ROLES, data=st.data())
    def revoke_key(self, role: str, data: Any) -> None:
        workspace = self.workspace()
        keyid = data.draw(st.sampled_from(sorted(workspace.state.root.signed.roles[role].keyids)))
        self._allow(workspace, lambda edit: edit.revoke_key(role, keyid))

    @rule(role=ROLES, threshold=st.integers(0, 3))
    def set_threshold(self, role: str, threshold: int) -> None:
        self._allow(self.workspace(), lambda edit: edit.set_threshold(role, threshold))

    @rule(role=ROLES)
    def renew(self, role: str) -> None:
        with self.workspace().edit("renew") as edit:
            edit.renew(role)

    @rule(days=st.sampled_from([0, 1, 10, 20, 200]))
    def time_passes(self, days: int) -> None:
        self.clock.advance(days=days, seconds=1)

    @rule()
    def clean(self) -> None:
        self.workspace().clean()
        self.listed = dict(self.published)

    @rule()
    def commit(self) -> None:
        workspace = self.workspace()
        workspace.sign()
        self._mend_expired(workspace)
        workspace.commit(workspace.plan_commit())
        self.published = dict(self.listed)

    @rule(stop_at=st.integers(1, 12))
    def crash_in_commit(self, stop_at: int) -> None:
        workspace = self.workspace()
        workspace.sign()
        self._mend_expired(workspace)
        plan = workspace.plan_commit()
        self.store.revive(stop_at=stop_at)
        with suppress(StoreStopped):
            workspace.commit(plan)
        self.store.revive()
        begun = self.store.stat(layout.JOURNAL) is not None
        workspace = self.workspace()
        with workspace.exclusive("look"):
            pass
        if begun or not workspace.state.staged_roles:
            self.published = dict(self.listed)

    @rule(client=clients)
    def client_follows(self, client: Client) -> None:
        workspace = self.workspace()
        self._mend_expired(workspace)
        committed = {role: workspace.state.committed(role) for role in layout.ROLES}
        if any(document is None or document.expires <= self.clock() for document in committed.values()):
            return  # what is staged waits for a commit that renews it
        reached = client.refresh()
        assert reached.targets == committed["targets"].version  # type: ignore[union-attr]
        assert reached.root == committed["root"].version  # type: ignore[union-attr]
        into = MemoryStore()
        found = {}
        for target in client.list():
            client.download(target.path, into, name="x")
            found[target.path] = into.read("x")
        assert found == self.published

    @invariant()
    def no_version_goes_back(self) -> None:
        if not hasattr(self, "inner"):
            return
        state = Workspace(self.inner, clock=self.clock).state
        for role in layout.ROLES:
            document = state.committed(role)
            assert document is not None
            assert document.version >= self.versions[role]
            self.versions[role] = document.version

    def _allow(self, workspace: Workspace, change: Any) -> None:
        """Make a change that may be refused; refused, it leaves nothing behind."""
        before = [(entry.name, self.inner.read(entry.name)) for entry in self.inner.list(layout.STAGED)]
        try:
            with workspace.edit("change") as edit:
                change(edit)
        except TufkeepError:
            assert [(entry.name, self.inner.read(entry.name)) for entry in self.inner.list(layout.STAGED)] == before

    def _mend_expired(self, workspace: Workspace) -> None:
        """Renew what has expired, where nothing else is staged or it can be staged with it."""
        expired = [
            role
            for role in layout.ROLES
            if (document := workspace.state.current(role)) is not None and document.expires <= self.clock()
        ]
        if not expired:
            return
        with workspace.edit("renew") as edit:
            for role in expired:
                edit.renew(role)
        try:
            workspace.commit(workspace.plan_commit())
        except UnaddedArtifacts:
            raise AssertionError("an artifact that was added is not listed") from None
        self.published = dict(self.listed)


TestAnyHistory = AnyHistory.TestCase
