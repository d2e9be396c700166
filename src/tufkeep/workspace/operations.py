"""What each operation that may be interrupted is to reach: the notes that `unfinished` keeps.

Their files and their fields stay as they are: a directory may have one that an older version wrote.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import msgspec

from tufkeep.workspace import layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """An operation that was begun here and is not finished."""

    operation: str  # the command that began it: "rotate"
    what: str  # "a rotation of the root keys"
    since: str = ""  # RFC 3339; empty where an older version wrote the note
    by: str = ""
    finish: str = ""  # what goes on with it, after the program's name: "rotate root"; empty where the note is damaged
    damage: str = ""  # why the note can't be read
    blocks: bool = True  # others wait until it is finished or abandoned

    @property
    def abandon(self) -> str:
        """What gives it up, after the program's name."""
        return f"abandon {self.operation}"

    @property
    def sentence(self) -> str:
        """What was begun, when and by whom, as one sentence."""
        since = f" on {self.since[:10]}" if self.since else ""
        by = f" by {self.by}" if self.by else ""
        damage = f"; its note can't be read: {self.damage}" if self.damage else ""
        return f"{self.what} was begun here{since}{by} and is not finished{damage}"


class Note(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operation is to reach, and how far it is."""

    since: str = ""
    by: str = ""

    file: ClassVar[str]
    operation: ClassVar[str]
    beside: ClassVar[frozenset[str]] = frozenset()  # operations that may be unfinished when this one begins
    alone: ClassVar[bool] = False  # nothing else may be staged when it begins

    @property
    def what(self) -> str:
        """The operation as a noun with its article."""
        raise NotImplementedError

    @property
    def finish(self) -> str:
        """The command that goes on with it, after the program's name."""
        raise NotImplementedError

    @property
    def made(self) -> tuple[str, ...]:
        """The keyids of the keys that were made for it."""
        return ()

    @property
    def unfinished(self) -> Unfinished:
        """What is said of it."""
        return Unfinished(operation=self.operation, what=self.what, since=self.since, by=self.by, finish=self.finish)


class Blueprint(Note, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a new repository is to be."""

    file: ClassVar[str] = layout.INIT
    operation: ClassVar[str] = "init"

    root_keys: int = 1
    root_threshold: int = 1
    consistent_snapshot: bool = True
    keytype: str = "ed25519"
    days: dict[str, int] = {}  # role -> validity of its first version, where not the policy's
    elsewhere: dict[str, tuple[str, ...]] = {}  # role -> keyids of its keys that are in no file of keys/

    def __post_init__(self) -> None:
        if not 1 <= self.root_threshold <= self.root_keys:
            raise ValueError("the root threshold must be at least 1 and at most the number of root keys")
        if len(self.elsewhere.get("root", ())) > self.root_keys:
            raise ValueError("there are more root keys elsewhere than root keys")

    def files(self, role: str) -> int:
        """Return how many of a role's keys get a file."""
        brought = len(self.elsewhere.get(role, ()))
        return self.root_keys - brought if role == "root" else int(not brought)

    @property
    def what(self) -> str:
        return f"an init with {self.root_keys} root keys and a threshold of {self.root_threshold}"

    @property
    def finish(self) -> str:
        return "init"

    def asks_same(self, other: Blueprint) -> bool:
        """Whether both are the same repository, whoever began it and when."""
        return msgspec.structs.replace(self, since=other.since, by=other.by) == other


class Rotation(Note, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which keys of a role are replaced."""

    file: ClassVar[str] = layout.ROTATION
    operation: ClassVar[str] = "rotate"
    alone: ClassVar[bool] = True

    role: str
    leaving: tuple[str, ...]  # keyids
    coming: tuple[str, ...] = ()  # keyids of the new keys whose file is written
    wanted: int
    keytype: str = "ed25519"
    one_step: bool = False

    @property
    def what(self) -> str:
        return f"a rotation of the {self.role} keys"

    @property
    def finish(self) -> str:
        return f"rotate {shlex.quote(self.role)}"

    @property
    def made(self) -> tuple[str, ...]:
        return self.coming


class Revocation(Note, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which stolen key is replaced, in which roles."""

    file: ClassVar[str] = layout.COMPROMISE
    operation: ClassVar[str] = "key revoke"
    alone: ClassVar[bool] = True

    role: str
    keyid: str
    roles: tuple[str, ...]
    root: int  # the committed root that trusts it
    coming: dict[str, str] = {}  # role -> keyid of the new key whose file is written

    @property
    def what(self) -> str:
        return f"the revocation of the stolen {self.role} key {self.keyid[:8]}"

    @property
    def finish(self) -> str:
        return f"key revoke {shlex.quote(self.role)} {shlex.quote(self.keyid[:8])} --compromised"

    @property
    def made(self) -> tuple[str, ...]:
        return tuple(self.coming.values())


class Pull(Note, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which remote is taken in, and which work is to be done again on top of it."""

    file: ClassVar[str] = layout.REDO
    operation: ClassVar[str] = "pull"
    beside: ClassVar[frozenset[str]] = frozenset({Rotation.operation, Revocation.operation})

    added: dict[str, Any] = {}  # target path -> its entry in the metadata
    removed: tuple[str, ...] = ()
    delegations: dict[str, Any] | None = None  # as in the metadata; None where they stay as they are published
    renewed: tuple[str, ...] = ()  # roles
    seen: dict[str, int] = {}  # role -> highest version that others may have seen
    commit: bool = False
    remote: str = ""  # empty where an older version wrote the note
    targets: bool = False  # artifacts are fetched, too
    redone: bool = False  # the work was done again, or there was none

    @property
    def what(self) -> str:
        return f"a pull from {self.remote}" if self.remote else "a pull"

    @property
    def finish(self) -> str:
        remote = shlex.quote(self.remote) if self.remote else "REMOTE"
        return f"pull {remote}{' --targets' if self.targets else ''}"


KINDS: Final[tuple[type[Note], ...]] = (Blueprint, Rotation, Revocation, Pull)
