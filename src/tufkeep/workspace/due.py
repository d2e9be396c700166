"""Which roles should be renewed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from tufkeep.metadata.edit import UnknownRole
from tufkeep.metadata.expiry import due, expiry_of
from tufkeep.workspace import layout
from tufkeep.workspace.policy import Policy
from tufkeep.workspace.state import State


def roles_due(
    state: State, *, policy: Policy, now: datetime, within: timedelta | None = None, among: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the roles whose newest metadata is in its warning window, the soonest end first.

    Args:
        within: those that end within this time instead.
        among: look at these roles only; at all four when empty.

    Raises:
        UnknownRole: `among` names another role.
    """
    for role in among:
        if role not in layout.ROLES:
            raise UnknownRole(role)
    looked_at = [(role, state.current(role)) for role in among or layout.ROLES]
    expiries = [expiry_of(found, role, policy=policy.validity) for role, found in looked_at if found is not None]
    return tuple(expiry.role for expiry in due(expiries, now=now, within=within))
