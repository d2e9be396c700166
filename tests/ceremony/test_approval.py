"""A request that crosses the gap, the approvals that come back, what becomes of them."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from typing import Any, Literal

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tufkeep.ceremony.accept import Accepted, NotApproved, accept
from tufkeep.ceremony.approve import Approved, WrongRootKeys, sign
from tufkeep.ceremony.ask import Wish, ask
from tufkeep.ceremony.letter import LetterRefused, write_letter
from tufkeep.ceremony.proposal import (
    ApprovalOutdated,
    OtherRepository,
    Proposal,
    RequestDoesNotFit,
    RootTooOld,
    propose,
)
from tufkeep.ceremony.request import (
    Leaver,
    NothingAsked,
    ProofWrong,
    make_request,
    newcomer,
    read_request,
    request_letter,
)
from tufkeep.ceremony.rotate import rotate
from tufkeep.keys.private import ECDSA, ED25519, RSA, PrivateKey, generate
from tufkeep.metadata.edit import KeyNotListed, ThresholdUnreachable
from tufkeep.metadata.misread import UnreadableByClients
from tufkeep.stores import MemoryStore, Store
from tufkeep.testing.broken import BrokenStore, StoreStopped
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import Policy, Workspace, layout
from tufkeep.workspace.unfinished import StagedInTheWay


def _copy(store: Store, *prefixes: str) -> MemoryStore:
    copy = MemoryStore()
    for entry in store.list():
        if entry.name.startswith(prefixes):
            copy.write(entry.name, store.read(entry.name), private=entry.name.startswith(layout.KEYS))
    return copy


class Gap:
    """A releaser's machine, and one for each root key; only letters cross."""

    def __init__(self, clock: FakeClock, *, root_keys: int = 1, threshold: int = 1):
        self.clock = clock
        self.sim = Simulator(clock, root_keys=root_keys, root_threshold=threshold)
        names = sorted(e.name for e in self.sim.store.list("keys/root"))
        self.vaults = [_copy(self.sim.store, layout.REPOSITORY, name) for name in names]
        for name in names:
            self.sim.store.delete(name)

    @property
    def desk(self) -> Workspace:
        return self.sim.workspace

    def vault(self, number: int = 0) -> Workspace:
        return Workspace(self.vaults[number], clock=self.clock, clock_doubted=lambda doubt: None)

    def refresh_vaults(self) -> None:
        """Bring the newest repository to the root holders."""
        for vault in self.vaults:
            for entry in self.sim.store.list(layout.REPOSITORY):
                vault.write(entry.name, self.sim.store.read(entry.name))

    def ask(self, *add: str, owner: str = "releaser-2", **wish: Any) -> bytes:
        letter = ask(self.desk, Wish(add=add, owner=owner, **wish), new_passphrase=lambda request: None)
        return request_letter(letter, heading=("for people",))

    def propose(self, data: bytes, number: int = 0) -> Proposal:
        return propose(self.vault(number), data)

    def approve(self, data: bytes, number: int = 0) -> Approved:
        return sign(self.vault(number), self.propose(data, number))

    def accept(self, *letters: bytes) -> Accepted:
        accepted = accept(self.desk, letters)
        self.sim.publish()
        return accepted


def _texts(proposal: Proposal) -> list[str]:
    return [sentence.text for sentence in proposal.sentences]


def _keyids(gap: Gap, role: str) -> list[str]:
    return list(gap.desk.state.root.signed.roles[role].keyids)


def test_a_releaser_is_let_in_with_two_small_files(clock: FakeClock) -> None:
    gap = Gap(clock)
    sleeper = gap.sim.new_client()
    request = gap.ask("timestamp")
    letter, _ = read_request(request)
    (new,) = letter.request.add
    clock.advance(days=30)
    proposal = gap.propose(request)
    assert f"adds timestamp key {new.keyid[:8]} of owner releaser-2" in _texts(proposal)
    assert "removes nothing" in _texts(proposal)
    assert "root stays 1 of 1" in _texts(proposal)
    approved = gap.approve(request)
    assert approved.proposal.reached
    assert len(request) < 4_000
    assert len(approved.data) < 12_000
    accepted = gap.accept(approved.data)
    assert accepted.plan is not None
    assert new.keyid in _keyids(gap, "timestamp")
    gap.sim.renew("timestamp")
    assert sleeper.refresh().root == 2


@pytest.mark.parametrize(("keys", "threshold"), [(1, 1), (3, 1), (3, 2), (5, 3)])
def test_as_many_holders_sign_as_the_threshold_says_one_after_the_other(
    clock: FakeClock, keys: int, threshold: int
) -> None:
    gap = Gap(clock, root_keys=keys, threshold=threshold)
    client = gap.sim.new_client()
    data = gap.ask("targets")
    for number in range(threshold):
        approved = gap.approve(data, number)
        assert approved.proposal.reached == (number == threshold - 1)
        if not approved.proposal.reached:
            with pytest.raises(NotApproved, match=f"expected {threshold - number - 1} more signature"):
                gap.accept(approved.data)
        data = approved.data
    gap.accept(data)
    assert client.refresh().root == 2


def test_holders_may_sign_apart_and_the_approvals_are_put_together(clock: FakeClock) -> None:
    gap = Gap(clock, root_keys=3, threshold=2)
    request = gap.ask("snapshot")
    apart = []
    for number in (2, 0):
        clock.advance(days=1)
        apart.append(gap.approve(request, number).data)
    gap.accept(*apart)
    assert len(_keyids(gap, "snapshot")) == 2
    lines = gap.desk.record.read()
    assert len(lines[-1].entry.approvals) == 2


def test_one_machine_with_several_root_keys_signs_with_all_of_them(clock: FakeClock) -> None:
    gap = Gap(clock, root_keys=3, threshold=2)
    for entry in [*gap.vaults[1].list(layout.KEYS), *gap.vaults[2].list(layout.KEYS)]:
        source = gap.vaults[1] if gap.vaults[1].stat(entry.name) else gap.vaults[2]
        gap.vaults[0].write(entry.name, source.read(entry.name), private=True)
    assert len(gap.approve(gap.ask("targets")).signed) == 3


@pytest.mark.filterwarnings("ignore:keytype .* is deprecated")
@pytest.mark.parametrize("keytype", [ED25519, ECDSA, RSA])
def test_new_keys_of_every_kind_prove_themselves(clock: FakeClock, keytype: str) -> None:
    gap = Gap(clock)
    gap.accept(gap.approve(gap.ask("timestamp", keytype=keytype)).data)
    gap.sim.renew("timestamp")
    assert gap.sim.new_client().refresh().root == 2


def test_a_key_is_replaced_and_what_it_signed_is_signed_anew(clock: FakeClock) -> None:
    gap = Gap(clock)
    client = gap.sim.new_client()
    client.refresh()
    (old,) = _keyids(gap, "timestamp")
    approved = gap.approve(gap.ask("timestamp", retire=(Leaver(role="timestamp", keyid=old[:8]),)))
    accepted = gap.accept(approved.data)
    assert accepted.plan is not None
    assert set(accepted.plan.roles) == {"root", "timestamp"}
    assert old not in _keyids(gap, "timestamp")
    assert client.refresh().root == 2


def test_thresholds_and_an_earlier_end_are_asked_for_and_the_earlier_end_is_a_warning(clock: FakeClock) -> None:
    gap = Gap(clock, root_keys=3, threshold=1)
    request = gap.ask(thresholds=(("root", 2),), expires=clock() + timedelta(days=30))
    proposal = gap.propose(request)
    assert any("earlier than before" in each.text and each.warning for each in proposal.sentences)
    assert any("root becomes 2 of 3" in text for text in _texts(proposal))
    data = gap.approve(request, 0).data
    with pytest.raises(NotApproved):  # the new root asks for two
        gap.accept(data)
    gap.accept(gap.approve(data, 1).data)
    assert gap.desk.state.root.expires == clock() + timedelta(days=30)


def test_nobody_asks_for_nothing_or_for_what_no_root_can_be(clock: FakeClock) -> None:
    gap = Gap(clock)
    with pytest.raises(NothingAsked):
        gap.ask()
    with pytest.raises(KeyNotListed):
        gap.ask(retire=(Leaver(role="targets", keyid="ffff"),))
    with pytest.raises(ThresholdUnreachable):
        gap.ask(thresholds=(("root", 2),))


def test_asking_twice_makes_one_key(clock: FakeClock) -> None:
    gap = Gap(clock)
    first, second = (read_request(gap.ask("timestamp"))[0].request for _ in range(2))
    assert first.asks_same(second)
    assert len(list(gap.sim.store.list("keys/timestamp"))) == 2


def test_approving_twice_adds_nothing_and_accepting_twice_changes_nothing(clock: FakeClock) -> None:
    gap = Gap(clock)
    request = gap.ask("timestamp")
    once = gap.approve(request)
    again = gap.approve(once.data)
    assert (len(once.signed), again.signed) == (1, ())
    assert gap.accept(once.data).plan is not None
    before = gap.sim.store.read("repository/root.json")
    assert gap.accept(once.data).plan is None
    assert gap.sim.store.read("repository/root.json") == before
    gap.refresh_vaults()
    assert gap.propose(request).done


def test_the_wrong_person_hears_whose_key_is_wanted_and_which_one_is_there(clock: FakeClock) -> None:
    gap = Gap(clock)
    (wanted,) = _keyids(gap, "root")
    stranger = generate()
    vault = _copy(gap.vaults[0], layout.REPOSITORY)
    workspace = Workspace(vault, clock=clock, policy=Policy(owners={wanted: "Ana"}))
    workspace.keyring.add(stranger, role="root", passphrase=None)
    request = gap.ask("timestamp")
    with pytest.raises(WrongRootKeys) as caught:
        sign(workspace, propose(workspace, request))
    assert f"{wanted[:8]} of Ana" in str(caught.value)
    assert stranger.keyid[:8] in str(caught.value)


def test_a_key_is_not_trusted_without_a_proof_of_its_holder(clock: FakeClock) -> None:
    gap = Gap(clock)
    content = _content(gap.ask("timestamp"))
    (keyid,) = content["proofs"]
    thief = generate()
    content["proofs"] = {thief.keyid: content["proofs"][keyid]}
    with pytest.raises(ProofWrong) as caught:
        gap.propose(write_letter("tufkeep request", (), content))
    assert keyid[:8] in str(caught.value)
    assert thief.keyid[:8] in str(caught.value)


def test_a_proof_stands_for_one_request_only(clock: FakeClock) -> None:
    gap = Gap(clock)
    content = _content(gap.ask("timestamp"))
    content["request"]["add"][0]["role"] = "root"
    with pytest.raises(ProofWrong):
        gap.propose(write_letter("tufkeep request", (), content))


def test_a_keyid_must_be_the_hash_of_its_key(clock: FakeClock) -> None:
    gap = Gap(clock)
    content = _content(gap.ask("timestamp"))
    content["request"]["add"][0]["keyid"] = "ab" * 32
    with pytest.raises(LetterRefused, match="not the hash"):
        gap.propose(write_letter("tufkeep request", (), content))


def _content(data: bytes) -> dict[str, Any]:
    (line,) = [line for line in data.split(b"\n") if line.startswith(b"{")]
    content: dict[str, Any] = json.loads(line)
    return content


def test_one_changed_byte_in_a_letter_is_noticed_anywhere_that_programs_read(clock: FakeClock) -> None:
    gap = Gap(clock)
    data = gap.ask("timestamp")
    start = data.index(b"\n{")
    for at in range(start, len(data), 37):
        changed = bytes([*data[:at], data[at] ^ 1, *data[at + 1 :]])
        with pytest.raises((LetterRefused, ProofWrong)):
            gap.propose(changed)


def test_line_ends_of_another_system_do_no_harm(clock: FakeClock) -> None:
    gap = Gap(clock)
    assert gap.propose(gap.ask("timestamp").replace(b"\n", b"\r\n")).root.version == 2


def test_a_heading_that_lies_changes_nothing(clock: FakeClock) -> None:
    gap = Gap(clock)
    data = gap.ask("timestamp").replace(b"for people", b"adds nothing at all")
    assert any("adds timestamp key" in text for text in _texts(gap.propose(data)))


def test_a_root_that_was_not_asked_for_is_not_accepted(clock: FakeClock) -> None:
    gap = Gap(clock)
    content = _content(gap.approve(gap.ask("timestamp")).data)
    content["root"]["signed"]["roles"]["targets"]["keyids"].append(content["letter"]["request"]["add"][0]["keyid"])
    with pytest.raises(ApprovalOutdated, match="not what the request asks for"):
        gap.accept(write_letter("tufkeep approval", (), content))


def test_signatures_of_strangers_are_named_and_do_not_count(clock: FakeClock) -> None:
    gap = Gap(clock)
    content = _content(gap.approve(gap.ask("timestamp")).data)
    stranger = generate()
    content["root"]["signatures"] = [{"keyid": stranger.keyid, "sig": "00" * 64}]
    with pytest.raises(NotApproved, match=stranger.keyid[:8]):
        gap.accept(write_letter("tufkeep approval", (), content))


def test_a_release_meanwhile_does_not_hinder(clock: FakeClock) -> None:
    gap = Gap(clock)
    approved = gap.approve(gap.ask("timestamp"))
    gap.sim.release("tool", b"tool")
    client = gap.sim.new_client()
    client.refresh()
    gap.accept(approved.data)
    assert client.refresh().root == 2
    assert "tool" in {target.path for target in client.list()}


def test_a_request_for_an_older_root_is_carried_over_with_a_warning(clock: FakeClock) -> None:
    gap = Gap(clock)
    late = gap.ask("timestamp")
    gap.sim.store.move("keys/timestamp2.json", "keys/elsewhere.json")
    gap.accept(gap.approve(gap.ask("targets")).data)
    gap.refresh_vaults()
    proposal = gap.propose(late)
    assert proposal.root.version == 3
    assert any("carried over to root v2" in each.text and each.warning for each in proposal.sentences)
    gap.accept(gap.approve(late).data)
    assert len(_keyids(gap, "timestamp")) == len(_keyids(gap, "targets")) == 2


def test_a_request_that_no_longer_fits_is_refused_with_the_reason(clock: FakeClock) -> None:
    gap = Gap(clock)
    (old,) = _keyids(gap, "timestamp")
    retire = (Leaver(role="timestamp", keyid=old),)
    one = gap.ask("timestamp", "snapshot", retire=retire)
    gap.accept(gap.approve(gap.ask("timestamp", retire=retire)).data)
    gap.refresh_vaults()
    with pytest.raises(RequestDoesNotFit, match=rf"since then root became v2: timestamp: no key {old}"):
        gap.propose(one)


def test_an_approval_of_a_version_that_was_used_meanwhile_is_refused(clock: FakeClock) -> None:
    gap = Gap(clock)
    first = gap.approve(gap.ask("timestamp"))
    gap.accept(gap.approve(gap.ask("targets", "snapshot")).data)
    with pytest.raises(ApprovalOutdated, match="another root v2 was committed meanwhile"):
        gap.accept(first.data)


def test_who_has_an_old_repository_is_told_to_bring_the_newest(clock: FakeClock) -> None:
    gap = Gap(clock)
    gap.accept(gap.approve(gap.ask("timestamp")).data)
    later = gap.ask("targets")
    with pytest.raises(RootTooOld, match="root v1 is the newest here, the file builds on root v2"):
        gap.propose(later)


def test_another_repository_is_recognised(clock: FakeClock) -> None:
    gap, other = Gap(clock), Gap(clock)
    with pytest.raises(OtherRepository):
        other.propose(gap.ask("timestamp"))
    with pytest.raises(OtherRepository):
        other.accept(gap.approve(gap.ask("timestamp")).data)


def test_a_change_that_is_staged_is_not_committed_along(clock: FakeClock) -> None:
    gap = Gap(clock)
    approved = gap.approve(gap.ask("timestamp"))
    with gap.desk.edit("renew") as edit:
        edit.renew("targets")
    with pytest.raises(StagedInTheWay):
        gap.accept(approved.data)


def test_a_clock_in_the_past_and_a_long_life_are_warnings(clock: FakeClock) -> None:
    gap = Gap(clock)
    request = gap.ask("timestamp", expires=clock() + timedelta(days=4000))
    clock.advance(days=-400)
    warnings = [each.text for each in gap.propose(request).sentences if each.warning]
    assert any(text.startswith("this machine's clock says 2024-11-27") for text in warnings)
    assert any("root would be valid for 4,400 days" in text for text in warnings)


def test_an_expired_root_gets_a_successor(clock: FakeClock) -> None:
    gap = Gap(clock)
    client = gap.sim.new_client()
    clock.advance(days=400)
    gap.accept(gap.approve(gap.ask("timestamp")).data)
    gap.sim.renew("targets", "snapshot", "timestamp")
    assert client.refresh().root == 2


def test_a_lost_root_key_is_replaced_by_those_who_are_left(clock: FakeClock) -> None:
    gap = Gap(clock, root_keys=3, threshold=2)
    lost = next(iter(gap.vaults[2].list(layout.KEYS))).name
    keyid = gap.vault(2).keyring.unlock(lost.removeprefix(layout.KEYS))[0].keyid
    request = gap.ask("root", retire=(Leaver(role="root", keyid=keyid),))
    gap.accept(gap.approve(gap.approve(request, 0).data, 1).data)
    assert keyid not in _keyids(gap, "root")
    assert gap.sim.new_client().refresh().root == 2


def test_the_record_of_each_who_signed_comes_along(clock: FakeClock) -> None:
    gap = Gap(clock, root_keys=3, threshold=2)
    data = gap.approve(gap.approve(gap.ask("timestamp"), 0).data, 1).data
    assert [line.entry.act for line in gap.vault(0).record.read()] == ["approve"]
    gap.accept(data)
    entry = gap.desk.record.read()[-1].entry
    assert [note["act"] for note in entry.approvals] == ["approve", "approve"]
    assert entry.approvals[0] == json.loads(gap.vaults[0].read(layout.RECORD))


def test_the_same_request_signed_after_a_rotation_counts_the_new_keys(clock: FakeClock) -> None:
    gap = Gap(clock)
    late = gap.ask("timestamp")
    (key,) = [e.name for e in gap.vaults[0].list(layout.KEYS)]
    gap.sim.store.write(key, gap.vaults[0].read(key), private=True)
    rotate(gap.desk, "root", new_passphrase=lambda request: None)
    gap.refresh_vaults()
    with pytest.raises(WrongRootKeys):
        gap.approve(late)  # the vault has the old key only


@pytest.mark.parametrize("when", ["before", "after"])
def test_accept_killed_at_any_write_is_finished_by_the_same_call(
    clock: FakeClock, when: Literal["before", "after"]
) -> None:
    for stop_at in itertools.count(1):
        gap = Gap(clock)
        (old,) = _keyids(gap, "timestamp")
        data = gap.approve(gap.ask("timestamp", retire=(Leaver(role="timestamp", keyid=old),))).data
        store = BrokenStore(gap.sim.store, stop_at=stop_at, when=when)
        try:
            accept(Workspace(store, clock=clock), [data])
        except StoreStopped:
            store.revive()
        else:
            break
        accept(Workspace(store, clock=clock), [data])
        assert [line.entry.after["root"].version for line in gap.desk.record.read()] == [1, 2]
        assert old not in _keyids(gap, "timestamp")
        gap.sim.publish()
        assert gap.sim.new_client().refresh().root == 2
    assert stop_at > 10


def test_a_key_that_a_declared_client_does_not_know_is_not_approved(clock: FakeClock) -> None:
    gap = Gap(clock)
    key, root = PrivateKey("ecdsa", ec.generate_private_key(ec.SECP256R1())), gap.desk.state.root
    new = {key: newcomer("targets", key, owner="new")}
    letter = make_request(root, keys=new, thresholds={}, expires=root.expires, now=clock())
    request = request_letter(letter, heading=())
    with pytest.raises(UnreadableByClients, match=r"whole file is refused by go-tuf-v0\.5\.2"):
        gap.propose(request)
    gap.vaults[0].write(layout.POLICY, b'[agents]\nclients = ["python-tuf"]\n')
    approved = gap.approve(request)
    with pytest.raises(UnreadableByClients):
        gap.accept(approved.data)
    assert gap.desk.state.root.version == 1
