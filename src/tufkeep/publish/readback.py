"""What agents get after a push: a client reads it back through the public address, caches included.

Spec: TUF 1.0.34 #detailed-client-workflow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice

from tufkeep.client.client import Client
from tufkeep.client.edge import Edge, look
from tufkeep.client.fetch import Body, Fetcher, StoreFetcher
from tufkeep.client.state import TrustState
from tufkeep.client.wait import Wait
from tufkeep.clock import Clock
from tufkeep.errors import TufkeepError
from tufkeep.metadata.filenames import TIMESTAMP, asked_name, is_immutable, metadata_name
from tufkeep.publish.metadata_set import MetadataSet
from tufkeep.publish.remote import Remote
from tufkeep.stores import MemoryStore, Store
from tufkeep.stores.network import Network

_LOOKED_AT = 16  # objects; beyond them a cache shows nothing new
_LONG_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """What a client that reads through the public address ended on."""

    timestamp: int | None  # its version, None where the client failed
    warnings: tuple[str, ...]


def read_back(
    remote: Remote,
    after: MetadataSet,
    *,
    before: MetadataSet | None,
    names: Iterable[str],
    clock: Clock,
) -> ReadBack:
    """Read the published state as an agent does that has followed until now.

    What did not change it has already, and what is below the timestamp it knows by its hashes: of a large repository
    nothing is fetched to see whether a small change came out. That what is new is there, the push has looked, and the
    heads of it are asked for through the public address.

    Args:
        before: what was published before; a first push is read back as a whole.
        names: objects whose heads are looked at, too.
    """
    warnings: list[str] = []
    version: int | None = None
    try:
        if before is None:
            client = Client(MemoryStore(), remote.public, clock=clock)
            client.init(after.roots[min(after.roots)].data)
        else:
            client = Client(_followed(before), _known(remote, after), clock=clock)
        seen = client.refresh()
        version = seen.timestamp
        warnings += seen.warnings
        if version < after.timestamp.version:
            warnings.append(f"a cache still serves timestamp v{version}, not v{after.timestamp.version}")
    except TufkeepError as error:
        warnings.append(f"an agent that looks now is refused: {error}")
    if remote.policy.public_url:
        warnings += _edges(remote.policy.public_url.rstrip("/"), after, names, network=remote.network)
    return ReadBack(timestamp=version, warnings=tuple(warnings))


def _followed(before: MetadataSet) -> Store:
    """Return the state of an agent that has what was published before."""
    store = MemoryStore()
    state = TrustState(store)
    state.begin(before.root.data)
    for role in ("timestamp", "snapshot", "targets"):
        state.keep(role, before.documents[role].data)
    return store


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The public address, but for files of which we have the bytes, and whose hashes their parent lists."""

    public: Fetcher
    store: Store

    def fetch(
        self, name: str, *, limit: int, offset: int = 0, if_match: str | None = None, wait: Wait | None = None
    ) -> AbstractContextManager[Body]:
        source = self.public if self.store.stat(name) is None else StoreFetcher(self.store)
        return source.fetch(name, limit=limit, offset=offset, if_match=if_match, wait=wait)

    def below(self, folder: str) -> Fetcher:
        return self.public.below(folder)

    def where(self, name: str) -> str:
        return self.public.where(name)


def _known(remote: Remote, after: MetadataSet) -> Fetcher:
    store = MemoryStore()
    for role in ("snapshot", "targets"):
        document = after.documents[role]
        store.write(asked_name(role, document.version if after.consistent else None), document.data)
    return _Known(public=remote.public, store=store)


def _edges(public: str, after: MetadataSet, names: Iterable[str], *, network: Network) -> Iterator[str]:
    following = metadata_name("root", after.root.version + 1)
    try:
        for name in islice(dict.fromkeys((TIMESTAMP, *names)), _LOOKED_AT):
            yield from _faults(name, look(f"{public}/{name}", network=network))
        missing = look(f"{public}/{following}", network=network)
    except TufkeepError as error:
        yield str(error)
        return
    if missing.status not in (404, 410):
        yield f"{following}: answered with {missing.status}, where agents on go-tuf's client need a 404"
    if missing.may_be_kept_seconds > _LONG_SECONDS:
        yield f"{following}: caches may keep its absence for {missing.may_be_kept_seconds:,} seconds"


def _faults(name: str, edge: Edge) -> Iterator[str]:
    if edge.status != 200:
        yield f"{name}: answered with {edge.status}"
        return
    if edge.headers.get("content-encoding", "identity") != "identity":
        yield f"{name}: sent as {edge.headers['content-encoding']}, so its length is not the signed one"
    if is_immutable(name):
        return
    if edge.age_seconds:
        rule = edge.headers.get("cache-control", "without cache-control")
        yield f"{name}: {edge.age_seconds:,} seconds old, out of a cache ({rule})"
    if edge.may_be_kept_seconds > _LONG_SECONDS:
        yield f"{name}: caches may keep it for {edge.may_be_kept_seconds:,} seconds"
