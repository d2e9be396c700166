"""The three kinds of drive: what each may carry.

root-backup   keys/                           every key, to be locked away
repository    repository/ staged/             to carry to a machine that publishes; never a key
signing       repository/ staged/ keys/       the releaser's day to day; never a root key
"""

from __future__ import annotations

from enum import Enum
from typing import Final, Never

from tufkeep.errors import PersonNeeded
from tufkeep.keys.material import PrivateMaterial
from tufkeep.workspace import layout

MARK: Final = "tufkeep-drive.txt"  # says what kind of drive this is, to people as well

FLASH: Final = (
    "deleting a file does not erase it: flash memory keeps old copies where no program reaches them; "
    "destroy a drive that has ever contained a key that it must not contain; cleaning it is not enough"
)


class Kind(Enum):
    """What a drive is for."""

    ROOT_BACKUP = "root-backup"
    REPOSITORY = "repository"
    SIGNING = "signing"

    @classmethod
    def _missing_(cls, value: object) -> Never:
        raise ValueError(f"a drive is one of {', '.join(kind.value for kind in cls)}, not {value!r}")

    @property
    def folders(self) -> tuple[str, ...]:
        """What is copied to it."""
        return {
            Kind.ROOT_BACKUP: (layout.KEYS,),
            Kind.REPOSITORY: (layout.REPOSITORY, layout.STAGED),
            Kind.SIGNING: (layout.REPOSITORY, layout.STAGED, layout.KEYS),
        }[self]


class ForbiddenOnDrive(PersonNeeded):
    """A private key is on a drive that must not carry it."""

    exit_code = 44

    def __init__(self, kind: Kind, found: tuple[PrivateMaterial, ...]):
        more = f" and {len(found) - 1:,} more" if len(found) > 1 else ""
        super().__init__(f"{found[0].name}{more}: {found[0].form}, which a {kind.value} drive must not carry")
        self.kind, self.found, self.why = kind, found, FLASH


class UnseenKeyFile(PersonNeeded):
    """Nobody knows what an encrypted key file holds, so it may be a root key."""

    exit_code = 44

    def __init__(self, name: str):
        super().__init__(f"keys/{name}: is encrypted and was not opened, so it may contain a root key")
        self.name = name


class NotADrive(PersonNeeded):
    """The folder was not written by `drive write`, so nobody knows what it may hold."""

    exit_code = 44

    def __init__(self) -> None:
        super().__init__(f"this folder contains no {MARK}, so it is not known what it may contain")


class ReadBackDiffers(PersonNeeded):
    """A file came back from the drive with other bytes than were written."""

    exit_code = 45

    def __init__(self, name: str):
        super().__init__(f"{name}: came back from the drive with other bytes than were written")
        self.name = name
