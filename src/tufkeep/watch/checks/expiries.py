"""Nothing has expired, nor will soon, nor is valid for longer than the policy gives it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tufkeep.metadata.document import Document
from tufkeep.metadata.expiry import distance, expiry_of
from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace import layout


def look(examined: Examined) -> Iterator[Fault]:
    """Name what clients refuse already, what is in its warning window, and what a clock ahead may have made."""
    for role, document in _in_force(examined).items():
        expiry = expiry_of(document, role, policy=examined.policy.validity)
        name, delegated = layout.committed(role), role not in layout.ROLES
        if expiry.ends_late(examined.now):
            kind = "late-delegated" if delegated else "late"
            fact = expiry.late_sentence(examined.now)
            yield Fault(subject=name, fact=fact, kind=kind, about={"role": role}, warning=True)
        if expiry.is_due(examined.now):
            fact = f"v{expiry.version} {distance(expiry.expires, now=examined.now)}, on {expiry.expires:%Y-%m-%d}"
            warning = not expiry.expired(examined.now)
            kind = "delegated" if delegated else ""
            yield Fault(subject=name, fact=fact, kind=kind, about={"role": role}, warning=warning)


def _in_force(examined: Examined) -> dict[str, Document[Any]]:
    """Return what clients end on; older roots may have expired long ago."""
    found: dict[str, Document[Any] | None] = {
        "root": examined.root,
        "timestamp": examined.timestamp,
        "snapshot": examined.snapshot,
    }
    found |= {each.role: each.document for each in examined.targets_roles}
    return {role: document for role, document in found.items() if document is not None}


CHECK = Check(
    id="expiries",
    sentence="nothing has expired, nothing is in its warning window, nothing ends later than the policy allows",
    look=look,
)
