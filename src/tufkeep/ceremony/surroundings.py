"""Whether a machine is fit for root keys: one line for each thing that matters, from fine to do not go on.

Each line is judged by what would happen to a key: a network carries it away, swap and disks keep
copies of it, a wrong clock makes metadata that ends too early, or that agents already refuse.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from tufkeep.errors import PersonNeeded
from tufkeep.keys.machine import Machine, Place
from tufkeep.workspace import Workspace, clock_check
from tufkeep.workspace.clock_check import LastSigned

Verdict = Literal["ok", "warning", "stop"]

ROOM_NEEDED_BYTES: Final = 16 << 20  # keys and metadata of any repository; artifacts come later
ROOM_WANTED_BYTES: Final = 256 << 20
CLOCK_SLACK: Final = timedelta(minutes=10)  # two good clocks that nobody set to each other
_IN_MEMORY = frozenset({"tmpfs", "ramfs", "overlay"})  # an overlay is what a live system lives on
_REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "afs", "ceph", "fuse.sshfs", "fuse.rclone", "davfs"})


class SurroundingsUnfit(PersonNeeded):
    """The machine is one that root keys must not be used on."""

    exit_code = 46

    def __init__(self, stops: tuple[str, ...], *, look_only: bool = False):
        super().__init__(f"this machine is not fit for root keys: {'; '.join(stops)}")
        self.stops, self.look_only = stops, look_only


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing that was looked at."""

    about: str
    verdict: Verdict
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a machine looks like to somebody with a root key in the hand."""

    remarks: tuple[Remark, ...]

    @property
    def stops(self) -> tuple[str, ...]:
        return tuple(remark.fact for remark in self.remarks if remark.verdict == "stop")


def look_around(
    machine: Machine, *, now: datetime, signed: LastSigned | None, in_home: bool, terminal: bool
) -> Surroundings:
    """Judge a machine.

    Args:
        signed: when something was last signed in the working directory, if that is known.
        in_home: the keys would be written somewhere below the home folder.
        terminal: a person sits there.
    """
    return Surroundings(
        remarks=(
            _network(machine),
            _route(machine),
            _swap(machine),
            _clock(now, signed),
            _room(machine.place),
            _place(machine.place, in_home=in_home),
            _input(terminal),
        )
    )


def last_signed(workspace: Workspace) -> LastSigned | None:
    """Return when something was last signed in a working directory."""
    return clock_check.last_signed(workspace.record, workspace.state, workspace.policy)


def _network(machine: Machine) -> Remark:
    if machine.interfaces is None:
        return _unknown("network", "whether a network is connected")
    up = [each.name for each in machine.interfaces if each.state == "up"]
    unclear = [each.name for each in machine.interfaces if each.state not in ("up", "down")]
    if up:
        return Remark(about="network", verdict="stop", fact=f"a network is connected through {', '.join(up)}")
    if unclear:
        return _unknown("network", f"whether {', '.join(unclear)} is connected")
    return Remark(about="network", verdict="ok", fact="no network is connected")


def _route(machine: Machine) -> Remark:
    if machine.default_routes is None:
        return _unknown("route", "whether there is a way out to other networks")
    if machine.default_routes:
        by = ", ".join(machine.default_routes)
        return Remark(about="route", verdict="stop", fact=f"there is a way out to other networks through {by}")
    return Remark(about="route", verdict="ok", fact="there is no way out to other networks")


def _swap(machine: Machine) -> Remark:
    if machine.swap is None:
        return _unknown("swap", "whether memory may be written to a disk")
    disks = [name for name in machine.swap if not name.startswith("/dev/zram")]  # that one packs memory into memory
    if disks:
        fact = f"memory, keys included, may be written to {', '.join(disks)} (to end that: sudo swapoff -a)"
        return Remark(about="swap", verdict="stop", fact=fact)
    return Remark(about="swap", verdict="ok", fact="memory is not written to a disk")


def _clock(now: datetime, signed: LastSigned | None) -> Remark:
    says = f"the clock says {now:%Y-%m-%d %H:%M} UTC"
    if signed is None:
        return Remark(about="clock", verdict="ok", fact=f"{says}; compare it with a watch")
    if now >= signed.when - CLOCK_SLACK:
        return Remark(about="clock", verdict="ok", fact=f"{says}, after all that was signed here; compare it")
    if signed.certain:
        fact = f"{says}, but something was signed here at {signed.when:%Y-%m-%d %H:%M}"
        return Remark(about="clock", verdict="stop", fact=fact)
    fact = f"{says}, but by its end the metadata here was signed about {signed.when:%Y-%m-%d}"
    return Remark(about="clock", verdict="warning", fact=fact)


def _room(place: Place) -> Remark:
    if place.free_bytes is None:
        return _unknown("room", "how much room there is")
    verdict: Verdict = (
        "stop" if place.free_bytes < ROOM_NEEDED_BYTES else "warning" if place.free_bytes < ROOM_WANTED_BYTES else "ok"
    )
    return Remark(about="room", verdict=verdict, fact=f"{place.free_bytes >> 20:,} MiB are free where keys are written")


def _place(place: Place, *, in_home: bool) -> Remark:
    if place.file_system in _REMOTE:
        return Remark(
            about="place", verdict="stop", fact=f"keys would be written to another machine ({place.file_system})"
        )
    if place.file_system in _IN_MEMORY:
        fact = "keys would be written to memory: they are gone at switch-off unless a drive was written before"
        return Remark(about="place", verdict="warning", fact=fact)
    if place.removable:
        return Remark(about="place", verdict="ok", fact="keys would be written to a drive that can be pulled out")
    where = "the home folder on a disk" if in_home else "a disk"
    if place.removable is None:
        return _unknown("place", f"whether {where} of this machine is where keys would be written")
    fact = f"keys would be written to {where} of this machine, which keeps copies of what is deleted"
    return Remark(about="place", verdict="warning", fact=fact)


def _input(terminal: bool) -> Remark:
    if terminal:
        return Remark(about="input", verdict="ok", fact="a person is at the terminal")
    return Remark(about="input", verdict="warning", fact="there is no terminal: a program gives the answers")


def _unknown(about: str, what: str) -> Remark:
    return Remark(about=about, verdict="warning", fact=f"this system does not say {what}: look yourself")
