"""Disks that fail on purpose: folder stores whose file system says no at the n-th call."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tufkeep.stores import FolderStore
from tufkeep.stores.directory import Directory
from tufkeep.testing.broken import StoreStopped

CHANGING = ("open", "write", "sync_file", "sync", "set_mode", "make", "rename", "link", "unlink", "remove")


class Disk:
    """What happened on a disk, and what is to happen at its next calls."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.stop_at: int | None = None  # killed before the call, from 1
        self.fault: Callable[[str], None] = lambda call: None  # raises what the system would say

    def call(self, what: str) -> None:
        if self.stop_at is not None and len(self.calls) + 1 >= self.stop_at:
            raise StoreStopped
        self.calls.append(what)
        self.fault(what)

    def fails(self, what: str, code: int) -> None:
        def fault(call: str) -> None:
            if call.split()[0] == what:
                raise OSError(code, os.strerror(code))

        self.fault = fault


def store_on(disk: Disk, path: Path, *, base: type[Directory] = Directory, durable: bool = True) -> FolderStore:
    """Return a folder store all of whose changing calls go by way of `disk`."""

    class Kind(base):  # type: ignore[misc, valid-type]
        def __getattribute__(self, name: str) -> Any:
            found = super().__getattribute__(name)
            return _watched(disk, self, name, found) if name in CHANGING else found

    class OnDisk(FolderStore):
        _kind = Kind

    return OnDisk(path, durable=durable)


def _watched(disk: Disk, folder: Any, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        segments = [argument for argument in arguments if isinstance(argument, str)]
        place = folder._path.name
        if name == "open" and not (len(arguments) > 1 and arguments[1] & os.O_CREAT):
            return act(*arguments, **named)  # changes nothing
        disk.call(" ".join([name, place, *segments]))
        return act(*arguments, **named)

    return call
