"""The root chain, walked from every version by a client that trusts only that one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Root

from tests.metadata.making import root, signer, signers
from tufkeep.cli.base.hints import hint
from tufkeep.metadata.chain import RootChainBroken, require_whole_chain, walk
from tufkeep.metadata.document import Document

VECTORS = Path(__file__).parents[1] / "vectors" / "go-tuf"
Roots = dict[int, Document[Root]]


def chain(*generations: Sequence[CryptoSigner], threshold: int = 1) -> Roots:
    """Return a chain in which each root is signed by its own keys and those of the one before."""
    roots: Roots = {}
    for number, keys in enumerate(generations, start=1):
        before = generations[number - 2] if number > 1 else ()
        roots[number] = root(number, keys, by=dict.fromkeys([*before, *keys]), threshold=threshold)
    return roots


def read(folder: Path) -> Roots:
    return {
        int(path.name.split(".")[0]): Document.parse(path.read_bytes(), Root) for path in folder.glob("*.root.json")
    }


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
@pytest.mark.parametrize(("threshold", "count"), [(1, 1), (1, 3), (2, 3), (3, 5)])
def test_every_start_of_a_well_signed_chain_reaches_the_newest(threshold: int, count: int, kind: str) -> None:
    names = [[f"{kind}{(generation + n)}" for n in range(count)] for generation in range(4)]
    roots = chain(*([signer(name, kind) for name in generation] for generation in names), threshold=threshold)
    for start in roots:
        assert walk(roots, start) is roots[4]
    assert require_whole_chain(roots) is roots[4]


def test_a_rotation_of_all_keys_in_two_steps_is_followed() -> None:
    old, new = signers("old", 3), signers("new", 3)
    roots = chain(old, [*old, *new], new, threshold=2)
    assert require_whole_chain(roots).version == 3


def test_a_new_root_that_the_old_one_did_not_sign_stops_every_older_client() -> None:
    roots = chain([signer("a")], [signer("a")])
    roots[3] = root(3, [signer("b")])
    roots[4] = root(4, [signer("b")])
    for start in (1, 2):
        with pytest.raises(RootChainBroken) as caught:
            walk(roots, start)
        assert str(caught.value) == "root v3: signed by 0 of 1 keys of root v2"
        assert "an agent that trusts root v2 would refuse v3" in (hint(caught.value) or "")
        assert (caught.value.version, caught.value.exit_code) == (3, 21)
    assert walk(roots, 3).version == 4
    with pytest.raises(RootChainBroken):
        require_whole_chain(roots)


def test_a_new_root_below_its_own_threshold_is_refused() -> None:
    roots = chain([signer("a")])
    roots[2] = root(2, signers("b", 2), by=[signer("a"), signer("b1")], threshold=2)
    with pytest.raises(RootChainBroken, match="root v2: 1 of 2 needed signatures"):
        walk(roots, 1)


def test_a_file_that_holds_another_version_is_refused() -> None:
    key = signer("a")
    roots = {1: root(1, [key]), 2: root(3, [key])}
    with pytest.raises(RootChainBroken, match=r"root v2: the file contains v3"):
        walk(roots, 1)
    with pytest.raises(RootChainBroken, match=r"root v2: the file contains v3"):
        walk(roots, 2)
    with pytest.raises(RootChainBroken, match=r"root v2: the file contains v1"):
        walk({1: root(1, [key]), 2: root(1, [key])}, 1)


def test_roots_behind_a_gap_are_never_seen() -> None:
    key = signer("a")
    roots = {number: root(number, [key]) for number in (1, 2, 4, 5)}
    assert walk(roots, 1).version == 2
    assert walk(roots, 4).version == 5
    with pytest.raises(RootChainBroken, match=r"root v3: is missing, so that an agent that trusts v2 never sees v5"):
        require_whole_chain(roots)


def test_a_chain_may_begin_later_than_at_version_1() -> None:
    key = signer("a")
    roots = {number: root(number, [key]) for number in (7, 8)}
    assert require_whole_chain(roots).version == 8


def test_a_start_that_is_not_there_or_not_signed_is_refused() -> None:
    roots = {1: root(1, signers("a", 2), by=[signer("a1")], threshold=2)}
    with pytest.raises(RootChainBroken, match="root v1: 1 of 2 needed"):
        walk(roots, 1)
    with pytest.raises(RootChainBroken, match="not among the published versions"):
        walk(roots, 2)
    with pytest.raises(RootChainBroken, match="root v1: is missing"):
        require_whole_chain({})


@pytest.mark.parametrize("name", sorted(path.parent.parent.name for path in VECTORS.glob("*/repository/1.root.json")))
def test_the_chains_that_go_tuf_made_are_followed_from_every_version(name: str) -> None:
    roots = read(VECTORS / name / "repository")
    newest = require_whole_chain(roots)
    assert (
        newest.version == max(roots) == Document.parse((VECTORS / name / "repository/root.json").read_bytes()).version
    )


def test_the_rotated_vector_has_four_versions_with_other_keys_in_the_last() -> None:
    roots = read(VECTORS / "rotated" / "repository")
    assert sorted(roots) == [1, 2, 3, 4]
    first, last = (set(roots[number].signed.roles["root"].keyids) for number in (1, 4))
    assert not first & last
    without_the_bridge = {number: roots[number] for number in (1, 4)}
    without_the_bridge[2] = without_the_bridge.pop(4)
    with pytest.raises(RootChainBroken):
        walk(without_the_bridge, 1)
