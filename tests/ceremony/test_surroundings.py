from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tufkeep.ceremony.surroundings import last_signed, look_around
from tufkeep.keys.machine import Interface, Machine, Place, read_machine
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import layout
from tufkeep.workspace.clock_check import LastSigned

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
STICK = Place(file_system="vfat", removable=True, free_bytes=8 << 30)
FIT = Machine(interfaces=(Interface(name="wlan0", state="down"),), default_routes=(), swap=("/dev/zram0",), place=STICK)


def verdict(about: str, machine: Machine = FIT, **seen: Any) -> tuple[str, str]:
    seen = {"now": NOW, "signed": None, "in_home": False, "terminal": True} | seen
    (remark,) = [each for each in look_around(machine, **seen).remarks if each.about == about]
    return remark.verdict, remark.fact


def test_a_machine_without_a_network_with_keys_on_a_stick_is_fit() -> None:
    found = look_around(FIT, now=NOW, signed=None, in_home=False, terminal=True)
    assert [remark.verdict for remark in found.remarks] == ["ok"] * 7
    assert found.stops == ()


@pytest.mark.parametrize(
    ("about", "change", "told"),
    [
        ("network", {"interfaces": (Interface(name="eth0", state="up"),)}, ("stop", "eth0")),
        ("network", {"interfaces": (Interface(name="tun0", state="unknown"),)}, ("warning", "tun0")),
        ("network", {"interfaces": None}, ("warning", "look yourself")),
        ("route", {"default_routes": ("eth0",)}, ("stop", "eth0")),
        ("route", {"default_routes": None}, ("warning", "look yourself")),
        ("swap", {"swap": ("/dev/sda2",)}, ("stop", "/dev/sda2")),
        ("swap", {"swap": None}, ("warning", "look yourself")),
        ("room", {"place": replace(STICK, free_bytes=1 << 20)}, ("stop", "1 MiB")),
        ("room", {"place": replace(STICK, free_bytes=100 << 20)}, ("warning", "100 MiB")),
        ("room", {"place": replace(STICK, free_bytes=None)}, ("warning", "look yourself")),
        ("place", {"place": replace(STICK, file_system="tmpfs")}, ("warning", "gone at switch-off")),
        ("place", {"place": replace(STICK, file_system="nfs4")}, ("stop", "another machine")),
        ("place", {"place": replace(STICK, removable=False)}, ("warning", "keeps copies")),
        ("place", {"place": replace(STICK, removable=None)}, ("warning", "look yourself")),
    ],
)
def test_what_endangers_a_key_is_told(about: str, change: dict[str, Any], told: tuple[str, str]) -> None:
    found, fact = verdict(about, replace(FIT, **change))
    assert found == told[0]
    assert told[1] in fact


def test_the_home_folder_on_a_disk_is_named() -> None:
    assert "the home folder" in verdict("place", replace(FIT, place=replace(STICK, removable=False)), in_home=True)[1]


def test_a_program_at_the_keyboard_is_told() -> None:
    assert verdict("input", terminal=False)[0] == "warning"


@pytest.mark.parametrize(("certain", "expected"), [(True, "stop"), (False, "warning")])
def test_a_clock_before_what_was_signed_here_is_wrong(certain: bool, expected: str) -> None:
    later = LastSigned(when=NOW + timedelta(days=1), certain=certain)
    assert verdict("clock", signed=later)[0] == expected
    assert verdict("clock", signed=replace(later, when=NOW + timedelta(minutes=9)))[0] == "ok"


def test_the_record_says_when_something_was_signed_else_the_end_of_validity(clock: FakeClock) -> None:
    sim = Simulator(clock)
    signed_at = clock()
    clock.advance(days=30)
    assert last_signed(sim.workspace) == LastSigned(when=signed_at, certain=True)
    sim.store.delete(layout.RECORD)
    assert last_signed(sim.workspace) == LastSigned(when=signed_at, certain=False)


LINUX = {
    "proc/net/dev": "Inter-|   Receive\n face |bytes\n    lo: 1 2\n  eth0: 1 2\n wlan0: 0 0\n",
    "sys/class/net/eth0/operstate": "up\n",
    "sys/class/net/wlan0/operstate": "down\n",
    "proc/net/route": "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
    "eth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0\neth0 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0\n",
    "proc/net/ipv6_route": f"{'0' * 32} 00 {'0' * 32} 00 {'0' * 32} ffffffff 00000001 00000000 00200200       lo\n"
    f"{'0' * 32} 00 {'0' * 32} 00 fe80{'0' * 28} 00000400 00000002 00000000 00000003    wwan0\n",
    "proc/swaps": "Filename Type Size Used Priority\n/swap.img file 1024 0 -2\n",
}


def test_linux_tells_what_is_connected_and_where_memory_goes(tmp_path: Path) -> None:
    for name, text in LINUX.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    machine = read_machine(tmp_path / "not" / "there" / "yet", system=tmp_path)
    assert machine.interfaces == (Interface(name="eth0", state="up"), Interface(name="wlan0", state="down"))
    assert machine.default_routes == ("eth0", "wwan0")
    assert machine.swap == ("/swap.img",)
    assert machine.place.free_bytes is not None


def test_a_system_that_tells_nothing_is_unknown_not_fit(tmp_path: Path) -> None:
    machine = read_machine(tmp_path, system=tmp_path)
    assert (machine.interfaces, machine.default_routes, machine.swap) == (None, None, None)
    assert (machine.place.file_system, machine.place.removable) == (None, None)


def test_a_drive_in_a_usb_case_can_be_pulled_out(tmp_path: Path) -> None:
    import os

    number = tmp_path.stat().st_dev
    partition = tmp_path / "sys/devices/pci0/usb1/block/sda/sda1"
    partition.mkdir(parents=True)
    (partition.parent / "removable").write_text("0\n")
    link = tmp_path / "sys/dev/block" / f"{os.major(number)}:{os.minor(number)}"
    link.parent.mkdir(parents=True)
    link.symlink_to(partition)
    assert read_machine(tmp_path, system=tmp_path).place.removable
