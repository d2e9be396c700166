"""Hash bins, as python-tuf's clients look them up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuf.api.metadata import DelegatedRole, SuccinctRoles

from tufkeep.metadata.bins import ONE_FILE_IS_ENOUGH, Bins, plan_bins


@given(st.text().filter(lambda text: text.isprintable()), st.integers(1, 32))
def test_a_path_is_in_the_bin_where_a_client_looks_for_it(path: str, bit_length: int) -> None:
    assert Bins(bit_length=bit_length).role_of(path) == SuccinctRoles([], 1, bit_length, "bin").get_role_for_target(
        path
    )


@pytest.mark.parametrize("bit_length", [1, 3, 4, 5, 8, 10])
def test_bins_are_named_and_counted_as_succinct_roles_are(bit_length: int) -> None:
    bins = Bins(bit_length=bit_length, name_prefix="b")
    assert list(bins.roles()) == list(SuccinctRoles([], 1, bit_length, "b").get_roles())
    assert len(bins.roles()) == bins.count


@given(st.text().filter(lambda text: text.isprintable()), st.integers(1, 10))
def test_the_hash_prefixes_of_a_bin_delegate_just_its_own_paths(path: str, bit_length: int) -> None:
    bins = Bins(bit_length=bit_length)
    index = bins.index_of(path)
    for other in {index, 0, bins.count - 1}:
        prefixes = list(bins.path_hash_prefixes(other))
        role = DelegatedRole(bins.role(other), [], 1, True, path_hash_prefixes=prefixes)
        assert role.is_delegated_path(path) == (other == index)


def test_every_hash_prefix_belongs_to_one_bin() -> None:
    bins = Bins(bit_length=5)
    prefixes = [prefix for index in range(bins.count) for prefix in bins.path_hash_prefixes(index)]
    assert prefixes == [f"{number:02x}" for number in range(256)]


def test_paths_are_spread_over_their_bins() -> None:
    bins = Bins(bit_length=2)
    paths = [f"a/{number}" for number in range(100)]
    spread = bins.spread(paths)
    assert sorted(path for inside in spread.values() for path in inside) == sorted(paths)
    assert all(bins.role_of(path) == role for role, inside in spread.items() for path in inside)
    assert len(spread) == 4


@pytest.mark.parametrize(
    ("targets", "count"), [(ONE_FILE_IS_ENOUGH + 1, 256), (1_000_000, 2_048), (10_000_000, 16_384), (10**9, 16_384)]
)
def test_bins_are_planned_where_one_file_would_be_slow(targets: int, count: int) -> None:
    bins = plan_bins(targets)
    assert bins is not None
    assert bins.count == count


@pytest.mark.parametrize("targets", [0, 1, ONE_FILE_IS_ENOUGH])
def test_no_bins_are_planned_where_one_file_serves(targets: int) -> None:
    assert plan_bins(targets) is None
