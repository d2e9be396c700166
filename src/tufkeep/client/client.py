"""A TUF client: refresh, look up, list, download.

Spec: TUF 1.0.34 #detailed-client-workflow.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Self

from tuf.api.metadata import Root, TargetFile, Targets

from tufkeep.arguments import checked
from tufkeep.client.download import Download, Downloaded
from tufkeep.client.errors import AccessForbidden, NotARoot, NotServed, ServerBusy
from tufkeep.client.fetch import Fetcher, fetch_whole
from tufkeep.client.limits import Limits
from tufkeep.client.origin import Origin, Repository, connect, read_root, write_origin
from tufkeep.client.state import NothingTrusted, TrustDamaged, TrustState
from tufkeep.client.wait import Wait
from tufkeep.client.walk import TargetNotFound, find_target
from tufkeep.clock import Clock, in_utc, system_clock
from tufkeep.errors import TufkeepError
from tufkeep.logs import logger
from tufkeep.logs import place as log_place
from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.chain import rotated
from tufkeep.metadata.filenames import TIMESTAMP, asked_name, metapath
from tufkeep.metadata.play import reachable
from tufkeep.metadata.quorum import ThresholdNotReached
from tufkeep.metadata.refusal import RoleNotListed
from tufkeep.metadata.targets import target_path
from tufkeep.metadata.trusted import TrustedSet
from tufkeep.stores import FilePath, Place, Store, store_at
from tufkeep.stores.network import Network

_log = logger("client")


class SignedByOthers(ThresholdNotReached):
    """Too few of the keys that a client trusts have signed: another repository, a wrong root, or an attack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """What a refresh ended on."""

    root: int
    timestamp: int
    snapshot: int
    targets: int
    expires: datetime  # the soonest end of the four
    warnings: tuple[str, ...] = ()


@checked
class Client:
    """One repository as one client sees it.

    Nothing that a server or a mirror sends is believed before it is verified. Several processes may open one client's
    folder, and wait for each other; use an instance in one thread.

        client = Client.open("state", "https://updates.example.com/", root="first-root.json")
        client.download("agent/linux/stable/agent", to="bin")

    Args:
        state: what is trusted is kept here; one client's alone.
        metadata: where the metadata is.
        artifacts: where the artifacts are; by default in `targets/` beside the metadata.
        clock: decides what is expired.
    """

    def __init__(
        self,
        state: Store,
        metadata: Fetcher,
        artifacts: Fetcher | None = None,
        *,
        clock: Clock,
        limits: Limits | None = None,
        origin: Origin | None = None,
    ):
        self._origin = origin
        self._state = TrustState(state)
        self._metadata = metadata
        self._artifacts = metadata.below("targets") if artifacts is None else artifacts
        self._clock = clock
        self._limits = Limits() if limits is None else limits
        self._wait = self._new_wait()
        self._trusted: TrustedSet | None = None
        self._warnings: list[str] = []

    @classmethod
    def open(
        cls,
        state: Place,
        url: Repository | None = None,
        *,
        root: FilePath | bytes | None = None,
        artifacts: Repository | None = None,
        clock: Clock = system_clock,
        limits: Limits | None = None,
        network: Network | None = None,
    ) -> Self:
        """Return the client whose trust is kept in a folder, or in another store; no request is made.

        Args:
            state: the folder.
            url: where the repository is: a URL, a folder, a store, or a `Fetcher`; None for where it was before.
            root: the root metadata to begin to trust, a file or its bytes; see `init`. Needed once, harmless at each
                start.
            artifacts: where the artifacts are, if not in targets/ beside the metadata.
            clock: decides what is expired, in place of the system's.
            limits: bounds of what is taken from a server, and of how long it is waited for.
            network: proxies, certificates and headers; none of it is remembered.

        Raises:
            NoOrigin: there is no `url`, and none is remembered.
            NoAddress: the text names neither a server nor a folder.
            OtherAnchor: the folder's client began with another root.
        """
        clock = in_utc(clock)
        store = store_at(state, clock=clock)
        where = connect(store, url, artifacts, network=network)
        client = cls(store, where.metadata, where.artifacts, clock=clock, limits=limits, origin=where.origin)
        if root is not None:
            client.init(read_root(root, limit=client._limits.root_bytes))
        return client

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._state.store!r}, {self.where!r})"

    @property
    def where(self) -> str:
        """Where the repository is, without any password."""
        where = self._metadata.where("")
        return where if "://" in where else where.rstrip("/")

    def init(self, root: bytes) -> bool:
        """Begin to trust a root that somebody vouches for; return whether it was not so already.

        Makes no request. Giving the same root again changes nothing, so a program may do it at each
        start. An expired root will do: only the newest must not be.

        Raises:
            NotARoot: it is none.
            ThresholdNotReached: too few of its own keys have signed it.
            OtherAnchor: another root was begun with.
        """
        try:
            TrustedSet(root, now=self._clock())
        except MalformedMetadata as error:
            raise NotARoot(error.reason) from error
        with self._state.lock():
            new = self._state.begin(root, limit=self._limits.root_bytes, readable=self._readable)
            if self._origin is not None:
                write_origin(self._state.store, self._origin)
        if new:
            _log.info("began to trust a root of %s", log_place(self.where))
        return new

    def refresh(self) -> Refresh:
        """Come to the newest state of the repository: root, timestamp, snapshot, targets.

        What is accepted on the way stays, whatever is refused after it. A second process waits.

        Raises:
            NothingTrusted: there is no root to begin from.
            FetchError: a file could not be had.
            SignedByOthers: the trusted root lists other keys than those that signed a file.
            ExpiredMetadata, RollbackRefused, ...: see `TrustedSet`; a file was refused.
        """
        self._trusted = None  # a big role is not held twice
        with self._state.lock():
            self._warnings, self._wait = [], self._new_wait()
            trusted = self._begin()
            with _by_listed_keys(trusted):
                self._update_root(trusted)
                self._update_timestamp(trusted)
                self._update_snapshot(trusted)
                self._targets_role(trusted, "targets", "root")
        self._trusted = trusted
        top = (trusted.root, trusted.timestamp, trusted.snapshot, trusted.targets)
        _log.info("refreshed: %s", ", ".join(f"{signed.type} v{signed.version}" for signed in top))
        for warning in self._warnings:
            _log.warning("%s", warning)
        return Refresh(
            **{signed.type: signed.version for signed in top},
            expires=min(signed.expires for signed in top),
            warnings=tuple(self._warnings),
        )

    def _readable(self, root: bytes) -> bool:
        try:
            TrustedSet(root, now=self._clock())
        except TufkeepError:
            return False
        return True

    def _begin(self) -> TrustedSet:
        """Begin with the newest root that was trusted; where it is damaged, with the first, which leads to it again.

        Raises:
            NothingTrusted: there is none.
            TrustDamaged: neither can be read.
        """
        limit = self._limits.root_bytes
        try:
            return TrustedSet(self._state.root(limit=limit), now=self._clock())
        except TufkeepError as error:
            first = self._state.first_root(limit=limit)
            if first is None:
                if isinstance(error, NothingTrusted):
                    raise
                raise TrustDamaged(str(error)) from error
            trusted = TrustedSet(first, now=self._clock())
            self._state.keep("root", first)
            return trusted

    def target(self, path: str) -> TargetFile:
        """Return the entry of a target, fetching delegated roles as needed; refreshes first if nothing did.

        Raises:
            TargetNotFound, TooManyRoles: no role that may speak for the path lists it.
        """
        trusted = self._refreshed()
        self._wait = self._new_wait()
        return self._find(trusted, path)

    def _find(self, trusted: TrustedSet, path: str) -> TargetFile:
        with _by_listed_keys(trusted):
            return find_target(
                path, lambda role, delegator: self._targets_role(trusted, role, delegator), roles=self._limits.roles
            )

    def list(
        self, pattern: str = "*", *, hidden: Callable[[TufkeepError], object] | None = None
    ) -> Iterator[TargetFile]:
        """Yield every target that `target` would find, by path; fetches every delegated role.

        Args:
            pattern: for the paths, with * and ?, of which * stands for slashes too.
            hidden: called with each error that hides targets, such as that of an expired delegated role, and what
                others list is yielded all the same; None stops there.
        """
        trusted = self._refreshed()
        self._wait = self._new_wait()
        paths: set[str] = set()
        with _by_listed_keys(trusted):
            for _, targets in reachable(
                lambda role, delegator: self._seen_role(trusted, role, delegator, hidden), trusted.snapshot
            ):
                paths.update(targets.targets)
        for path in sorted(fnmatch.filter(paths, pattern)):
            try:
                target = self._find(trusted, path)
            except TargetNotFound:  # listed by a role that may not speak for it
                continue
            except TufkeepError as error:  # a role that goes before those that list it can't be read
                if hidden is None:
                    raise
                hidden(error)
                continue
            yield target

    def _seen_role(
        self, trusted: TrustedSet, role: str, delegator: str, hidden: Callable[[TufkeepError], object] | None
    ) -> Targets | None:
        try:
            return self._targets_role(trusted, role, delegator)
        except TufkeepError as error:
            if hidden is None or role == "targets":
                raise
            hidden(error)
            return None

    def download(
        self,
        path: str,
        to: Place,
        *,
        name: str | None = None,
        executable: bool = False,
        partial: Store | None = None,
    ) -> Downloaded:
        """Fetch a target's artifact, checked against every hash; makes no request when it is there already.

        A file appears under its name only when it is verified. What was cut off goes on where it was.

        Args:
            to: the folder, or another store, to put it into.
            name: in `to`; by default the target path, which then must be a safe one.
            partial: keeps the pieces of a big artifact until it is whole; by default the state does.

        Raises:
            UnsafeTargetPath: the path would lead out of the folder.
            TrustInTheWay: a target in this folder could overwrite what the client trusts.
            HashMismatch: other bytes came than the signed ones; nothing was written.
            FetchError: it could not be had. What came of a big one is kept for the next time.
        """
        place = store_at(to, clock=self._clock)
        self._state.keep_apart(place)
        stored = target_path(path) if name is None else name
        download = Download(
            target=self.target(path),
            source=self._artifacts,
            partial=self._state.store if partial is None else partial,
            limits=self._limits,
            consistent_snapshot=bool(self._refreshed().root.consistent_snapshot),
        )
        done = download.to(place, stored, executable=executable)
        _log.info("%s %s, %d bytes", "downloaded" if done.fetched else "has already", path, done.target.length)
        return done

    def _refreshed(self) -> TrustedSet:
        if self._trusted is None:
            self.refresh()
        assert self._trusted is not None
        return self._trusted

    def _update_root(self, trusted: TrustedSet) -> None:
        """Take root after root, until there is no next one; the last must not be expired.

        Where the timestamp's or snapshot's keys were rotated away, what is trusted of both is
        forgotten before the root is kept: whoever had the old keys may have signed a version so
        high that the honest ones never reach it.

        Spec: TUF 1.0.34 #update-root.
        """
        for _ in range(self._limits.root_rotations):
            old = trusted.root
            data = self._fetch_root(old.version + 1)
            if data is None:
                break
            new = trusted.update_root(data)
            if rotated(old, new, "timestamp") or rotated(old, new, "snapshot"):
                self._state.forget("snapshot", "timestamp")
            self._state.keep("root", data)
        trusted.finish_root()

    def _fetch_root(self, version: int) -> bytes | None:
        """Return a root, None where the server has none: not found, or forbidden, as object stores say.

        Any other answer stops the refresh: a server in trouble must not pass for the end of the chain.
        """
        name = asked_name("root", version)
        try:
            return self._fetch(name, self._limits.root_bytes)
        except NotServed:
            return None
        except AccessForbidden as error:
            self._warnings.append(
                f"{error.where}: forbidden (403) is taken for not found; agents on go-tuf's client stop here"
            )
            return None

    def _update_timestamp(self, trusted: TrustedSet) -> None:
        local = self._state.load("timestamp", limit=self._limits.timestamp_bytes)
        if local is not None:
            with suppress(TufkeepError):  # not valid any more; if it once was, it still guards from rollback
                trusted.update_timestamp(local)
        known = trusted.timestamp if "timestamp" in trusted else None
        data = self._fetch(TIMESTAMP, self._limits.timestamp_bytes)
        if trusted.update_timestamp(data) is not known:
            self._state.keep("timestamp", data)

    def _update_snapshot(self, trusted: TrustedSet) -> None:
        listed = trusted.timestamp.snapshot_meta
        limit = self._limits.length(listed, self._limits.snapshot_bytes)
        local = self._state.load("snapshot", limit=self._limits.metadata_bytes)
        if local is not None:
            with suppress(TufkeepError):
                trusted.update_snapshot(local, trusted=True)
                if trusted.is_listed(local):
                    return
        data = self._fetch_role(trusted.root, "snapshot", listed.version, limit)
        trusted.update_snapshot(data)
        self._state.keep("snapshot", data)

    def _targets_role(self, trusted: TrustedSet, role: str, delegator: str) -> Targets:
        """Return a targets role on the word of one delegator, fetched only where nothing at hand will do."""
        if trusted.verified(role, delegator):
            return trusted.targets_role(role)
        known = trusted.document(role)
        if known is not None:
            return trusted.update_delegated_targets(known.data, role, delegator)
        listed = trusted.snapshot.meta.get(metapath(role))
        if listed is None:
            raise RoleNotListed(role, snapshot=trusted.snapshot.version)
        limit = self._limits.length(listed, self._limits.targets_bytes)
        local = self._state.load(role, limit=limit)
        if local is not None:
            with suppress(TufkeepError):
                return trusted.update_delegated_targets(local, role, delegator)
        data = self._fetch_role(trusted.root, role, listed.version, limit)
        targets = trusted.update_delegated_targets(data, role, delegator)
        self._state.keep(role, data)
        return targets

    def _fetch_role(self, root: Root, role: str, version: int, limit: int) -> bytes:
        name = asked_name(role, version if root.consistent_snapshot else None)
        return self._fetch(name, limit)

    def _fetch(self, name: str, limit: int) -> bytes:
        """Return a file, asked for again while the server says that it is busy."""
        for failures in count(1):
            wait = self._wait.within(self._limits.request_seconds)
            wait.left(self._metadata.where(name))
            try:
                return fetch_whole(self._metadata, name, limit=limit, wait=wait)
            except ServerBusy as error:
                self._wait.pause(error, failures=failures)
        raise AssertionError("a pause ends the attempts")

    def _new_wait(self) -> Wait:
        return Wait(self._limits, seconds=self._limits.refresh_seconds)


@contextmanager
def _by_listed_keys(trusted: TrustedSet) -> Iterator[None]:
    """Say of a file without enough signatures that this client's trust is in other keys: nobody here can sign it."""
    try:
        yield
    except ThresholdNotReached as error:
        raise SignedByOthers(error.quorum) from error
