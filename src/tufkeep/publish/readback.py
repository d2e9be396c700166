"""What agents get after a push: a client reads it back through the public address, caches included.

Spec: TUF 1.0.34 #detailed-client-workflow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from tufkeep.client.client import Client
from tufkeep.client.edge import Edge, look
from tufkeep.clock import Clock
from tufkeep.errors import TufkeepError
from tufkeep.metadata.filenames import TIMESTAMP, is_immutable, metadata_name
from tufkeep.publish.metadata_set import MetadataSet
from tufkeep.publish.remote import Remote
from tufkeep.stores import MemoryStore
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
    """Read the published state as an agent does that trusts an old root.

    Args:
        before: what was published before; its root is where the agent starts.
        names: objects whose heads are looked at, too.
    """
    client = Client(MemoryStore(), remote.public, clock=clock)
    warnings: list[str] = []
    version: int | None = None
    try:
        client.init((before or after).roots[min((before or after).roots)].data)
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
