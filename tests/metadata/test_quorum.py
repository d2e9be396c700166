"""Who has signed: counted by public key, by the old root and by the new one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.metadata import DelegatedRole, Delegations

from tests.metadata.making import public, renamed, root, root_model, signed_by, signer, signers, targets_model
from tufkeep.cli.base.hints import hint
from tufkeep.metadata.document import Document
from tufkeep.metadata.quorum import (
    RoleNotDelegated,
    ThresholdNotReached,
    distinct_public_keys,
    quorum,
    root_quorums,
)

KINDS = ("ed25519", "ecdsa", "rsa")


def keyids(*keys: CryptoSigner) -> frozenset[str]:
    return frozenset(key.public_key.keyid for key in keys)


@pytest.mark.parametrize(("threshold", "count"), [(1, 1), (1, 3), (2, 3), (3, 5)])
@pytest.mark.parametrize("mixed", [False, True], ids=["ed25519", "mixed key types"])
def test_a_quorum_is_reached_at_its_threshold_and_not_one_signature_earlier(
    threshold: int, count: int, mixed: bool
) -> None:
    keys = [signer(f"r{n}", KINDS[n % 3] if mixed else "ed25519") for n in range(count)]
    for number in range(count + 1):
        document = root(7, keys, by=keys[:number], threshold=threshold)
        found = quorum(document, "root", document.signed)
        assert (found.role, found.version, found.threshold) == ("root", 7, threshold)
        assert found.signed == keyids(*keys[:number])
        assert found.waiting == keyids(*keys[number:])
        assert found.missing == max(0, threshold - number)
        assert found.reached == (number >= threshold)
        if found.reached:
            found.require()
        else:
            with pytest.raises(ThresholdNotReached, match=f"{number} of {threshold}"):
                found.require()


@pytest.mark.parametrize(("threshold", "count"), [(1, 1), (1, 3), (2, 3), (3, 5)])
def test_a_new_root_needs_the_quorum_of_the_old_root_and_its_own(threshold: int, count: int) -> None:
    old_keys, new_keys = signers("old", count), [signer(f"new{n}", KINDS[n % 3]) for n in range(count)]
    old = root(1, old_keys, threshold=threshold)
    for by_old in range(count + 1):
        for by_new in range(count + 1):
            new = root(2, new_keys, by=[*old_keys[:by_old], *new_keys[:by_new]], threshold=threshold)
            by_previous, by_itself = root_quorums(new, old.signed)
            assert by_previous.signed == keyids(*old_keys[:by_old])
            assert by_itself.signed == keyids(*new_keys[:by_new])
            assert by_previous.reached == (by_old >= threshold)
            assert by_itself.reached == (by_new >= threshold)
            assert (by_previous.delegator, by_itself.delegator) == ("root v1", "root v2")


def test_a_first_root_has_only_its_own_quorum() -> None:
    (own,) = root_quorums(root(1, signers("root", 1)), None)
    assert own.reached


@given(st.lists(st.integers(0, 3), min_size=1, max_size=6), st.sets(st.integers(0, 5), max_size=6), st.integers(1, 4))
def test_a_public_key_counts_once_however_many_keyids_it_has(
    listed: list[int], signing: set[int], threshold: int
) -> None:
    """`listed` says which public key stands behind each keyid, `signing` which keyids sign."""
    keys: list[SSlibKey] = [renamed(signer(f"k{number}"), f"id{place}") for place, number in enumerate(listed)]
    document = Document.of(root_model({"root": keys}, thresholds={"root": threshold}))
    signatures = []
    for place in sorted(signing & set(range(len(listed)))):
        signature = signer(f"k{listed[place]}").sign(document.payload)
        signature.keyid = f"id{place}"
        signatures.append(signature)
    found = quorum(document.with_signatures(signatures), "root", document.signed)
    signed_keys = {listed[place] for place in signing if place < len(listed)}
    assert len(found.signed) == len(signed_keys)
    assert {listed[int(keyid.removeprefix("id"))] for keyid in found.signed} == signed_keys
    assert {listed[int(keyid.removeprefix("id"))] for keyid in found.waiting} == set(listed) - signed_keys
    assert found.reached == (len(signed_keys) >= threshold)
    assert distinct_public_keys(document.signed, "root") == len(set(listed))


def test_a_pem_wrapped_at_another_column_is_still_the_same_key() -> None:
    key = signer("wrapped", "ecdsa")
    other = renamed(key, "other")
    first, *body, last = other.keyval["public"].strip().splitlines()
    text = "".join(body)
    other.keyval["public"] = "\n".join([first, text[:30], text[30:], last])
    document = Document.of(root_model({"root": [key, other]}, thresholds={"root": 2}))
    signatures = [key.sign(document.payload), key.sign(document.payload)]
    signatures[1].keyid = "other"
    found = quorum(document.with_signatures(signatures), "root", document.signed)
    assert len(found.signed) == 1
    assert found.missing == 1


def test_signatures_by_strangers_over_other_bytes_or_twice_do_not_count() -> None:
    a, b, stranger = signer("a"), signer("b"), signer("stranger")
    document = Document.of(root_model({"root": [a, b]}, thresholds={"root": 2}))
    good, over_other_bytes = a.sign(document.payload), b.sign(document.payload + b" ")
    forged = Document.parse(
        document.with_signatures([good, over_other_bytes, stranger.sign(document.payload)]).data.replace(
            b'{"signatures":[',
            b'{"signatures":[{"keyid":"%s","sig":"%s"},' % (good.keyid.encode(), good.signature.encode()),
        )
    )
    found = quorum(forged, "root", document.signed)
    assert len(forged.signatures) == 4
    assert found.signed == keyids(a)
    assert found.waiting == keyids(b)


def test_a_keyid_without_a_key_is_neither_signed_nor_waited_for() -> None:
    model = root_model()
    model.roles["targets"].keyids.append("ghost")
    found = quorum(Document.of(targets_model()), "targets", model)
    assert found.waiting == keyids(signer("targets"))


def test_a_delegated_role_is_signed_by_the_keys_its_delegator_lists() -> None:
    key = signer("delegate")
    delegator = targets_model()
    delegated = DelegatedRole("team", [public(key).keyid], 1, False, paths=["team/*"])
    delegator.delegations = Delegations({public(key).keyid: public(key)}, {"team": delegated})
    document = signed_by(targets_model(version=4), key)
    assert quorum(document, "team", delegator).reached
    assert quorum(document, "team", delegator).version == 4
    for role, delegators in (("other", delegator), ("team", targets_model()), ("team", root_model())):
        with pytest.raises(RoleNotDelegated, match=f"{role}: .* does not delegate"):
            quorum(document, role, delegators)


def test_the_error_says_what_an_agent_on_the_old_root_would_do() -> None:
    new = root(4, signers("new", 1))
    by_old, _ = root_quorums(new, root(3, signers("old", 1)).signed)
    with pytest.raises(ThresholdNotReached) as caught:
        by_old.require()
    assert str(caught.value) == "root v4: signed by 0 of 1 keys of root v3"
    assert hint(caught.value) == (
        "an agent that trusts root v3 would refuse v4; sign with an old root key: tufkeep sign root --keys DIR"
    )
    assert caught.value.exit_code == 20
    assert caught.value.quorum is by_old


def test_the_error_names_who_could_still_sign() -> None:
    model = root_model({"targets": signers("targets", 3)}, thresholds={"targets": 2})
    document = signed_by(targets_model(version=3), signer("targets1"))
    with pytest.raises(ThresholdNotReached) as caught:
        quorum(document, "targets", model).require()
    assert str(caught.value) == "targets v3: 1 of 2 needed signatures"
    waiting = sorted(key.public_key.keyid[:8] for key in signers("targets", 3)[1:])
    assert hint(caught.value) == f"1 more of {' or '.join(waiting)} must sign: tufkeep sign targets --keys DIR"


def test_the_error_says_when_there_is_nobody_to_sign() -> None:
    document = signed_by(targets_model(), signer("targets"))
    with pytest.raises(ThresholdNotReached) as caught:
        quorum(document, "targets", root_model(thresholds={"targets": 2})).require()
    assert hint(caught.value) == "targets has too few keys for its threshold: tufkeep key new targets"
