"""A change to the metadata while it is being made: models on the desk, nothing written yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from tuf.api.metadata import Key, Root, Signed, TargetFile

from tufkeep.metadata import edit
from tufkeep.metadata.document import Document
from tufkeep.metadata.expiry import CLOCKS_APART, Validity, expires_after, validity_of
from tufkeep.metadata.plan import SPEC_VERSION, next_version
from tufkeep.metadata.readers import repaired
from tufkeep.metadata.target_map import LazyTargets
from tufkeep.workspace import layout
from tufkeep.workspace.base import Base, require_fresh
from tufkeep.workspace.proof import vouched
from tufkeep.workspace.state import HalfARepository, State


class Draft:
    """One change, however many edits it holds: each role gets one new version at most.

    A role is taken up at its staged version, else at its committed one, and its signatures are
    looked at first: what nobody vouched for must not be signed again as if it were ours.
    """

    def __init__(self, state: State, *, validity: Mapping[str, Validity], now: datetime, bases: Mapping[str, Base]):
        self.state = state
        self.now = now
        self.models: dict[str, Signed] = {}
        self.lives: dict[str, timedelta] = {}  # role -> how long this change lets it live, where not as the policy says
        self._validity = validity
        self._bases = bases
        self.seen: dict[str, int] = {}  # role -> highest version that others may have seen; the next ones go above

    def start(self, *, consistent_snapshot: bool) -> None:
        """Begin a repository: a root without keys, and targets with nothing in it."""
        self.start_root(consistent_snapshot=consistent_snapshot)
        self.start_targets()

    def start_root(self, *, consistent_snapshot: bool) -> None:
        """Begin with a root that has no keys."""
        self.models["root"] = Root(
            version=1,
            spec_version=SPEC_VERSION,
            expires=self._fresh_expiry("root"),
            consistent_snapshot=consistent_snapshot,
        )

    def start_targets(self, *, version: int = 1) -> None:
        """Begin with targets that list nothing."""
        self.models["targets"] = LazyTargets.from_dict(
            {
                "_type": "targets",
                "expires": f"{self._fresh_expiry('targets'):%Y-%m-%dT%H:%M:%SZ}",
                "targets": {},
                "version": version,
                "spec_version": SPEC_VERSION,
            }
        )

    def add_key(self, role: str, key: Key) -> None:
        """Trust a key for a top-level role."""
        self._change("root", lambda root: edit.add_key(root, role, key))

    def revoke_key(self, role: str, start: str) -> str:
        """Trust a key no more for a top-level role; return its keyid, of which `start` is the beginning."""
        keyid = edit.find_keyid(self.root, role, start)
        self._change("root", lambda root: edit.revoke_key(root, role, keyid, allow_unreachable=True))
        return keyid

    def set_threshold(self, role: str, threshold: int) -> None:
        """Ask for this many signatures from a role."""
        self._change("root", lambda root: edit.set_threshold(root, role, threshold, allow_unreachable=True))

    def set_consistent_snapshot(self, consistent: bool) -> None:
        """Say whether metadata and artifacts have prefixed names."""
        self._change("root", lambda root: edit.set_consistent_snapshot(root, consistent))

    def add_targets(self, files: Iterable[TargetFile]) -> None:
        """List artifacts: new ones, or others under a path that is taken."""
        self._change("targets", lambda targets: edit.add_targets(targets, files))

    def remove_targets(self, paths: Iterable[str]) -> None:
        """List artifacts no more."""
        self._change("targets", lambda targets: edit.remove_targets(targets, paths))

    def renew(self, role: str, *, as_policy: bool = False) -> None:
        """Give a role a new version that ends later; what it says stays.

        Args:
            as_policy: let a role that ends later than the policy gives it end earlier, as the policy says.
        """
        fresh = self._fresh_expiry(role)
        if self._take_up(role).expires - fresh > CLOCKS_APART and as_policy:
            self.set_expiry(role, fresh)

    def set_expiry(self, role: str, expires: datetime) -> None:
        """Let a role end at this very time, though it may be earlier than it ends now."""
        self._change(role, lambda model: edit.set_expiry(model, expires))

    @property
    def root(self) -> Root:
        """The root that this change is made under."""
        drafted = self.models.get("root")
        return cast("Root", drafted) if drafted is not None else self.state.root.signed

    def require_reachable(self) -> None:
        """Stop where nobody could sign for a role any more.

        Looked at when the change is whole, for a key may leave before its successor comes.

        Raises:
            ThresholdUnreachable: a role has fewer keys than its threshold.
        """
        for role in edit.unreachable(self.root):
            raise edit.ThresholdUnreachable(role.role, threshold=role.threshold, keys=role.keys)

    def vouched(self, role: str) -> Document[Any] | None:
        """Return the committed document of a role, None where there is none.

        Raises:
            CommittedUnsigned: its signatures do not hold, or those of the root that says whose they must be; whatever
                is made from it would be signed as ours.
        """
        return vouched(self.state, role)

    def version(self, role: str) -> int:
        """Return the version of the role's next document: one for all changes since the last commit."""
        committed, staged = self.state.committed(role), self.state.staged(role)
        above = next_version(self.seen.get(role, 0))
        if committed is None:
            return staged.version if staged is not None else above
        return max(next_version(committed.version), staged.version if staged is not None else 0, above)

    def expiry(self, role: str) -> datetime:
        """Return when the role's next document ends: by the policy, and never earlier than it ends now."""
        current = self.state.current(role)
        fresh = self._fresh_expiry(role)
        return fresh if current is None else max(fresh, current.expires)

    def _change(self, role: str, change: Callable[[Any], Any]) -> None:
        self.models[role] = change(self._take_up(role))

    def _take_up(self, role: str) -> Any:
        if role not in self.models:
            current = self._current(role)
            self.models[role] = edit.successor(repaired(current), version=self.version(role), expires=self.expiry(role))
        return self.models[role]

    def _current(self, role: str) -> Document[Any]:
        """Return the current document of a role, after the checks that make it fit to be signed anew."""
        staged = self.state.staged(role)
        if staged is not None:
            require_fresh(role, staged, self.state.committed(role), self._bases)
            return staged
        committed = self.vouched(role)
        if committed is None and role not in layout.ROLES:
            raise edit.UnknownRole(role)
        if committed is None:
            raise HalfARepository(layout.committed(role))
        return committed

    def _fresh_expiry(self, role: str) -> datetime:
        return expires_after(self.lives.get(role) or validity_of(role, self._validity).life, now=self.now)
