"""What a store may answer instead of doing as it was told."""

from __future__ import annotations

from datetime import timedelta

from tufkeep.errors import StoreError
from tufkeep.stores.holder import Holder


class StoreFault(StoreError):
    """A store could not do what it was asked to; `name` is the object or folder it is about."""

    exit_code = 30

    def __init__(self, name: str, fact: str):
        super().__init__(f"{spoken(name)}: {fact}")
        self.name, self.fact = name, fact


def spoken(name: str) -> str:
    """Return a name as it may stand in a sentence: what would move a terminal's cursor is escaped."""
    return name if name and name.isprintable() else ascii(name)


class UnsafeName(StoreFault):
    """The name could lead out of the store, or means different things in different stores."""


class NameRefused(StoreFault):
    """The name is fine, but this folder's file system cannot hold it."""


class NotAFile(StoreFault):
    """A folder, or something else that holds no bytes, stands where an object should be."""

    def __init__(self, name: str, fact: str):
        super().__init__(name, fact)


class NotAFolder(StoreFault):
    """A file stands where a folder should be."""

    def __init__(self, name: str, fact: str):
        super().__init__(name, fact)


class LinkRefused(StoreFault):
    """A symbolic link stands in the tree; following it could lead out of the store."""

    def __init__(self, name: str):
        super().__init__(name, "is a symbolic link, which is never followed")


class StoreBroken(StoreFault):
    """The medium failed: pulled drive, bad block, lost connection."""


class LinkLeadsNowhere(StoreBroken):
    """The folder is a link to one that is not there."""

    def __init__(self) -> None:
        super().__init__(".", "is a link that leads nowhere")


class ObjectTooLarge(StoreFault):
    """The object has more bytes than the reader is ready to take."""

    def __init__(self, name: str, *, limit: int):
        super().__init__(name, f"longer than the {limit:,} bytes allowed")
        self.limit = limit


class LockLost(StoreFault):
    """A lease could not be renewed: others may be at work by now, so nothing more is written."""

    exit_code = 34

    def __init__(self, name: str):
        super().__init__(name, "the lock could not be renewed in time, so nothing more is written")


class ObjectMissing(StoreFault):
    """No object has this name."""

    exit_code = 31

    def __init__(self, name: str):
        super().__init__(name, "not found")


class ObjectExists(StoreFault):
    """The object should have been new, but the name is taken."""

    exit_code = 32

    def __init__(self, name: str):
        super().__init__(name, "exists already")


class ObjectChanged(StoreFault):
    """The object is no longer the one that was read; `found` is its tag now, None when it is gone."""

    exit_code = 33

    def __init__(self, name: str, *, expected: str, found: str | None):
        super().__init__(name, "deleted since it was read" if found is None else "changed since it was read")
        self.expected = expected
        self.found = found


class Locked(StoreFault):
    """Somebody else holds the lock; `holder` is None when it has not yet said who it is."""

    exit_code = 34

    def __init__(self, name: str, *, holder: Holder | None):
        super().__init__(name, "locked by " + (_introduce(holder) if holder else "another process"))
        self.holder = holder


def _introduce(holder: Holder) -> str:
    note = spoken(holder.note) if holder.note else "no note"
    return f"process {holder.pid} on {spoken(holder.host)} ({note}) since {holder.since:%Y-%m-%dT%H:%M:%SZ}"


class StoreReadOnly(StoreFault):
    """The store takes no writes from us."""

    exit_code = 35


class StoreDenied(StoreFault):
    """We may not read this."""

    exit_code = 35


class BucketReadOnly(StoreReadOnly):
    """A bucket takes no writes with these credentials."""


class BucketDenied(StoreDenied):
    """A bucket may not be read with these credentials."""


class BucketBroken(StoreBroken):
    """A bucket that can't be reached, is not there, or fails."""


class WrongRegion(BucketBroken):
    """A bucket that is in another region than the one asked."""

    def __init__(self, name: str, fact: str, *, region: str):
        super().__init__(name, fact)
        self.region = region


class ClockOff(BucketBroken):
    """The server's clock and ours differ by more than it takes."""

    def __init__(self, name: str, ahead: timedelta | None, called: str):
        fact = f"this machine's clock differs from that of {called}"
        if ahead is not None:
            way = "ahead of" if ahead > timedelta() else "behind"
            fact = f"this machine's clock is {abs(ahead) // timedelta(minutes=1):,} minutes {way} that of {called}"
        super().__init__(name, fact)
        self.ahead = ahead


class StoreFull(StoreFault):
    """No room is left, or not for a file of this length."""

    exit_code = 36
