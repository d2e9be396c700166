"""The machine that keys are about to be used on, as Linux describes it.

What a system does not tell stands as None: unknown is an answer, and never the reassuring one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "lo"
_UP = 0x1  # RTF_UP of a route
_REJECT = 0x200


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """A way into a network."""

    name: str
    state: str  # as the kernel says it: "up", "down", "unknown", "dormant", ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where files of a folder really lie."""

    file_system: str | None  # "ext4", "tmpfs", "vfat", ...
    removable: bool | None
    free_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What matters about a machine before a root key is used on it."""

    interfaces: tuple[Interface, ...] | None  # without the loopback
    default_routes: tuple[str, ...] | None  # names of their interfaces
    swap: tuple[str, ...] | None  # where memory may be written to
    place: Place


def read_machine(folder: Path, *, system: Path = Path("/")) -> Machine:
    """Return what the system tells of itself.

    Args:
        folder: where keys would be written; it need not exist yet.
        system: where proc and sys are mounted.
    """
    return Machine(
        interfaces=_interfaces(system),
        default_routes=_default_routes(system),
        swap=_swap(system),
        place=_place(folder, system),
    )


def _interfaces(system: Path) -> tuple[Interface, ...] | None:
    lines = _lines(system / "proc/net/dev")
    if lines is None:
        return None
    names = (line.partition(":")[0].strip() for line in lines[2:])
    return tuple(Interface(name=name, state=_state(name, system)) for name in names if name != LOOPBACK)


def _state(name: str, system: Path) -> str:
    return ((_lines(system / "sys/class/net" / name / "operstate")) or ["unknown"])[0].strip()


def _default_routes(system: Path) -> tuple[str, ...] | None:
    four, six = _lines(system / "proc/net/route"), _lines(system / "proc/net/ipv6_route")
    if four is None:
        return None
    names = [
        *(
            row[0]
            for row in map(str.split, four[1:])
            if row[1] == "00000000" and row[7] == "00000000" and _used(row[3])
        ),
        *(row[9] for row in map(str.split, six or ()) if row[0] == "0" * 32 and row[1] == "00" and _used(row[8])),
    ]
    return tuple(dict.fromkeys(name for name in names if name != LOOPBACK))


def _used(flags: str) -> bool:
    return bool(int(flags, 16) & _UP) and not int(flags, 16) & _REJECT


def _swap(system: Path) -> tuple[str, ...] | None:
    lines = _lines(system / "proc/swaps")
    return None if lines is None else tuple(line.split()[0] for line in lines[1:] if line.strip())


def _place(folder: Path, system: Path) -> Place:
    there = folder.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        device, room = there.stat().st_dev, os.statvfs(there)
    except OSError:
        return Place(file_system=None, removable=None, free_bytes=None)
    number = f"{os.major(device)}:{os.minor(device)}"
    return Place(
        file_system=_file_system(number, system),
        removable=_removable(number, system),
        free_bytes=room.f_bavail * room.f_frsize,
    )


def _file_system(number: str, system: Path) -> str | None:
    for line in _lines(system / "proc/self/mountinfo") or ():
        before, _, after = line.partition(" - ")
        if number in before.split()[2:3]:
            return next(iter(after.split()), None)
    return None


def _removable(number: str, system: Path) -> bool | None:
    """Whether a drive can be pulled out. A disk in a USB case calls itself fixed, so its way in counts, too."""
    device = (system / "sys/dev/block" / number).resolve()
    marks = [_lines(folder / "removable") for folder in (device, device.parent)]  # a partition, the drive it is on
    if not any(marks):
        return None
    return any(mark[0].strip() == "1" for mark in marks if mark) or "/usb" in str(device)


def _lines(path: Path) -> list[str] | None:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
