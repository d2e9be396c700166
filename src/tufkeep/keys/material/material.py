"""What a search for private keys comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tufkeep.errors import PersonNeeded


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateMaterial:
    """A private key that was found."""

    name: str  # of the file; within an archive, archive!member
    form: str  # in words

    @property
    def file(self) -> str:
        """The file that it is in, without the place in an archive."""
        return self.name.partition("!")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlooked:
    """Something that could not be looked into."""

    name: str
    reason: str

    @property
    def sentence(self) -> str:
        return f"{self.name}: {self.reason}, so it was not searched for private keys"


class PrivateKeyInside(PersonNeeded):
    """A file that is about to become public contains a private key."""

    exit_code = 44

    def __init__(self, found: Sequence[PrivateMaterial]):
        more = f" and {len(found) - 1:,} more" if len(found) > 1 else ""
        super().__init__(f"{found[0].name}{more}: contains {found[0].form}, which would be public")
        self.found = tuple(found)
