from __future__ import annotations

import itertools

import pytest
from tuf.api.metadata import TargetFile

from tufkeep.agent.component import Release
from tufkeep.agent.version import is_older
from tufkeep.metadata.canonical import MalformedMetadata

RISING = [
    "0.9",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "v1.0.1",
    "1.9",
    "1.10",
    "1.10.0.1",
    "2rc1",
    "2",
    "2026.1",
]


def test_versions_rise_as_their_numbers_do() -> None:
    for older, newer in itertools.combinations(RISING, 2):
        assert is_older(older, newer), f"{older} < {newer}"
        assert not is_older(newer, older), f"{newer} > {older}"


@pytest.mark.parametrize(
    ("one", "other"), [("1.0", "1"), ("1.0.0+build5", "1.0"), ("v2", "2.0.0"), ("1.0-RC1", "1.0-RC1")]
)
def test_some_versions_are_neither_older_nor_newer(one: str, other: str) -> None:
    assert not is_older(one, other)
    assert not is_older(other, one)


@pytest.mark.parametrize("version", ["", "nightly", "abc1.0", "1..0", "1.0/2", "edge", "١.٢"])
def test_what_is_no_version_is_not_compared(version: str) -> None:
    assert not is_older(version, "1.0")
    assert not is_older("1.0", version)


@pytest.mark.parametrize("version", ["1" * 40_000, "1." * 20_000, "1-" + "a-" * 20_000, "1-" + "a." * 20_000 + "!"])
def test_a_version_without_end_is_not_compared(version: str) -> None:
    assert not is_older(version, "1.0")
    assert not is_older("1.0", version)


def test_a_version_without_end_is_refused_in_a_sentence() -> None:
    entry = {"length": 1, "hashes": {"sha256": "0" * 64}, "custom": {"version": "1" * 40_000}}
    with pytest.raises(MalformedMetadata, match=r"custom\.version is 40,000 characters long, and 256 are allowed"):
        Release.of(TargetFile.from_dict(entry, "app"))
