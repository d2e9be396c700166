"""What each stolen key can do with the server, and what it can't: the table of SECURITY.md, row by row."""

from __future__ import annotations

import pytest
from securesystemslib.signer import CryptoSigner

from tests.attacks.conftest import Victim
from tufkeep.errors import TufkeepError
from tufkeep.metadata.quorum import ThresholdNotReached
from tufkeep.metadata.refusal import RollbackRefused
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.fetcher import ScriptedFetcher
from tufkeep.testing.forge import Forge

EVIL = b"1.0; rm -rf /"
ONLINE = ("targets", "snapshot", "timestamp")


def steal(forge: Forge, *roles: str) -> None:
    """Leave a thief with the keys of some roles; for the others they sign with keys of their own."""
    for role in {"root", *ONLINE} - set(roles):
        forge.signers[role] = [CryptoSigner.generate_ed25519()]


@pytest.mark.parametrize(
    "stolen",
    ["", "timestamp", "snapshot", "timestamp snapshot", "targets", "targets snapshot", "targets timestamp"],
)
def test_less_than_all_three_keys_install_no_program(victim: Victim, forge: Forge, stolen: str) -> None:
    steal(forge, *stolen.split())
    forge.add("app", EVIL)
    forge.publish()
    with pytest.raises(ThresholdNotReached):
        victim.download("app")
    assert list(victim.folder.list()) == []


def test_all_three_keys_install_any_program_and_change_nobodys_right_to_sign(victim: Victim, forge: Forge) -> None:
    steal(forge, *ONLINE)
    forge.add("app", EVIL)
    forge.publish()
    assert victim.download("app") == EVIL
    before = victim.trusted["root.json"]
    forge.rotate("targets")
    forge.publish_root()
    with pytest.raises(ThresholdNotReached, match="root v2"):
        victim.refresh()
    assert victim.trusted["root.json"] == before


def test_stolen_keys_are_worth_nothing_once_an_agent_has_seen_a_new_root(victim: Victim, forge: Forge) -> None:
    stolen = {role: list(forge.signers[role]) for role in ONLINE}
    for role in ONLINE:
        forge.rotate(role)
    forge.publish_root()
    forge.publish()
    victim.refresh()
    forge.signers |= stolen
    forge.add("app", EVIL)
    forge.publish()
    with pytest.raises(ThresholdNotReached):
        victim.download("app")


def test_a_timestamp_key_withholds_what_is_newer_and_offers_nothing_else(
    victim: Victim, mirror: ScriptedFetcher, forge: Forge, clock: FakeClock
) -> None:
    old = victim.trusted["snapshot.json"]
    forge.publish()
    listed = forge.signed["timestamp"]["meta"]
    forge.signed["timestamp"]["meta"] = {"snapshot.json": {"version": forge.version("snapshot") - 1}}
    clock.advance(days=8)  # the honest timestamp has ended
    forge.now = clock()
    forge.next_version("timestamp")
    victim.refresh()
    assert victim.trusted["snapshot.json"] == old
    forge.signed["timestamp"]["meta"] = listed
    forge.next_version("timestamp")
    victim.refresh()
    forge.signed["timestamp"]["meta"] = {"snapshot.json": {"version": forge.version("snapshot") - 1}}
    forge.next_version("timestamp")
    with pytest.raises(RollbackRefused):
        victim.refresh()


def test_timestamp_and_snapshot_keys_offer_any_targets_that_are_not_older(victim: Victim, forge: Forge) -> None:
    forge.add("app", b"1.1")
    forge.publish()
    between = forge.signed["snapshot"]["meta"]
    forge.add("app", b"1.2: fixed")
    forge.publish()
    forge.signed["snapshot"]["meta"] = between
    forge.next_version("snapshot")
    forge.list_in_timestamp()
    forge.next_version("timestamp")
    assert victim.download("app") == b"1.1"


def test_enough_root_keys_take_everything(victim: Victim, forge: Forge) -> None:
    stolen = list(forge.signers["root"])
    for role in ("root", *ONLINE):
        forge.rotate(role)
    assert forge.signers["root"] != stolen  # the old ones sign once more, as a client asks for
    forge.publish_root()
    forge.add("app", EVIL)
    forge.publish()
    assert victim.download("app") == EVIL


def test_an_agent_that_is_cut_off_says_so_when_the_timestamp_ends_and_keeps_what_it_has(
    victim: Victim, mirror: ScriptedFetcher, forge: Forge, clock: FakeClock
) -> None:
    victim.download("app")
    clock.advance(days=7)
    with pytest.raises(TufkeepError, match="timestamp v2: expired at"):
        victim.refresh()
    assert victim.folder.read("app") == b"1.0"
    clock.advance(days=-7)
    victim.refresh()  # a clock that is set back believes it again
