"""Why a client refuses metadata: one error per reason.

Each names the role and its version first, then what was expected and what was found. The text is for whoever
runs the client, who cannot mend the repository: so the hint says what a reader of it can do.

Spec: TUF 1.0.34 #detailed-client-workflow.
"""

from __future__ import annotations

from datetime import datetime

from tufkeep.errors import TrustRefused


class ExpiredMetadata(TrustRefused):
    """Metadata past its end: a mirror that is frozen, or a publisher who forgot to renew."""

    exit_code = 25

    def __init__(self, role: str, *, version: int, expires: datetime, now: datetime):
        super().__init__(
            f"{role} v{version}: expired at {expires:%Y-%m-%dT%H:%M:%SZ}, now is {now:%Y-%m-%dT%H:%M:%SZ}",
        )
        self.role, self.version, self.expires, self.now = role, version, expires, now


class RollbackRefused(TrustRefused):
    """A version below one that was trusted before."""

    exit_code = 23

    def __init__(self, role: str, *, version: int, trusted: int):
        super().__init__(f"{role} v{version}: v{trusted} is already trusted")
        self.role, self.version, self.trusted = role, version, trusted


class WrongVersion(TrustRefused):
    """Metadata of another version than the one that lists it says: a mixture of two states."""

    exit_code = 26

    def __init__(self, role: str, *, version: int, expected: int, listed_by: str):
        super().__init__(f"{role} v{version}: {listed_by} wants v{expected}")
        self.role, self.version, self.expected = role, version, expected


class RoleNotListed(TrustRefused):
    """The snapshot does not list a role, or no longer lists it."""

    exit_code = 26

    def __init__(self, role: str, *, snapshot: int):
        super().__init__(f"{role}: snapshot v{snapshot} does not list it")
        self.role, self.snapshot = role, snapshot


class HashMismatch(TrustRefused):
    """Other bytes than the signed ones: tampered, truncated, or stale on some cache."""

    exit_code = 27

    def __init__(self, what: str, *, measure: str, expected: object, found: object):
        super().__init__(
            f"{what}: {measure} is {found}, signed is {expected}",
        )
        self.what, self.measure, self.expected, self.found = what, measure, expected, found
