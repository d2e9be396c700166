"""The checks, one file each."""

from __future__ import annotations

from tufkeep.watch.checks import (
    agent,
    artifacts,
    copies,
    declared_clients,
    expiries,
    foreign_metadata,
    interrupted,
    key_leftovers,
    listings,
    loose_modes,
    one_reading,
    private_keys,
    quorums,
    readable,
    record,
    root_chain,
    stale_change,
    stray_files,
    unadded_artifacts,
    unfinished,
    unlisted_keys,
    unsigned_change,
)
from tufkeep.watch.finding import Check

# In the order of a client, so that the first finding is the likeliest cause of the others.
REPOSITORY_CHECKS: tuple[Check, ...] = (
    interrupted.CHECK,
    readable.CHECK,
    one_reading.CHECK,
    root_chain.CHECK,
    quorums.CHECK,
    listings.CHECK,
    copies.CHECK,
    artifacts.CHECK,
    expiries.CHECK,
    private_keys.CHECK,
    foreign_metadata.CHECK,
    stray_files.CHECK,
    loose_modes.CHECK,
    declared_clients.CHECK,
    agent.CHECK,
)

# What is wrong with the desk and not with what clients see.
DESK_CHECKS: tuple[Check, ...] = (
    unfinished.CHECK,
    stale_change.CHECK,
    unsigned_change.CHECK,
    unadded_artifacts.CHECK,
    unlisted_keys.CHECK,
    key_leftovers.CHECK,
    record.CHECK,
)

__all__ = ["DESK_CHECKS", "REPOSITORY_CHECKS"]
