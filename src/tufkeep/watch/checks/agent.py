"""A client that starts on the oldest root ends on this state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from tufkeep.errors import TufkeepError
from tufkeep.metadata.trusted import TrustedSet
from tufkeep.watch.examined import Examined
from tufkeep.watch.finding import Check, Fault
from tufkeep.workspace import layout


def look(examined: Examined) -> Iterator[Fault]:
    """Play a whole client, so that what no single check thought of is still refused here first."""
    timestamp, snapshot = examined.timestamp, examined.snapshot
    if not examined.roots or timestamp is None or snapshot is None:
        return
    roots = [document for _, document in sorted(examined.roots.items())]
    documents = [roots[-1], timestamp, snapshot, *(each.document for each in examined.targets_roles)]
    at = min([examined.now, *(each.expires - timedelta(seconds=1) for each in documents if each is not None)])
    role = "root"
    try:
        client = TrustedSet(roots[0], now=at)
        for root in roots[1:]:
            client.update_root(root.data)
        role = "timestamp"
        client.update_timestamp(timestamp.data)
        role = "snapshot"
        client.update_snapshot(snapshot.data)
        for each in examined.targets_roles:
            role = each.role
            if each.document is not None:
                client.update_delegated_targets(each.document.data, each.role, each.delegator_name)
    except TufkeepError as error:
        yield Fault(subject=layout.committed(role), fact=f"a client refuses it: {error}")


CHECK = Check(
    id="agent",
    sentence="a client that starts on the oldest root arrives at this state",
    look=look,
    last=True,
)
