"""Names: what is refused, and what the store keeps for itself."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tufkeep.stores import UnsafeName
from tufkeep.stores.names import (
    check_name,
    check_prefix,
    folders_above,
    is_reserved,
    is_temporary,
    lock_file,
    temporary,
)

SEGMENTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\\\0"), min_size=1, max_size=60)
NAMES = st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join)


def is_safe(name: str) -> bool:
    try:
        check_name(name)
    except UnsafeName:
        return False
    return True


@given(st.text(st.sampled_from("ab./\\\0\udc80ü")))
@example("..")
@example("a/..")
@example("./a")
def test_a_safe_name_stays_below_its_root_and_is_spelled_one_way(name: str) -> None:
    if is_safe(name):
        path = PurePosixPath("/root", name)
        assert str(path) == f"/root/{name}"
        assert ".." not in path.parts
        assert name.encode().decode() == name


@given(NAMES)
def test_whatever_is_a_path_of_plain_parts_is_safe(name: str) -> None:
    plain = not any(part in {".", ".."} or is_reserved(part) or len(part.encode()) > 255 for part in name.split("/"))
    assert is_safe(name) == (plain and len(name.encode()) <= 1024)


@given(NAMES)
def test_whatever_a_safe_name_starts_with_is_a_prefix(name: str) -> None:
    if is_safe(name):
        for end in range(len(name) + 1):
            check_prefix(name[:end])


@given(SEGMENTS.filter(lambda segment: is_safe(segment)))
def test_a_temporary_name_is_recognised_always_short_enough_and_never_metadata(segment: str) -> None:
    name = temporary(segment, "0123456789abcdef")
    assert is_temporary(name) and not is_safe(name)
    assert len(name.encode()) <= 90
    assert name.startswith(".") and name.endswith(".tmp")


def test_a_lock_file_is_no_object() -> None:
    assert not is_safe(lock_file("commit"))
    assert not is_safe(f"a/{lock_file('commit')}")
    for name in ("commit.lock", "Cargo.lock", ".lock", "lock", ".a.lockx"):
        assert is_safe(name)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "'': unsafe name: empty"),
        ("a//b", "a//b: unsafe name: a part between slashes is empty"),
        ("../a", "../a: unsafe name: '.' and '..' are no names"),
        ("a\\b", "a\\b: unsafe name: contains a backslash"),
        ("a\0", "'a\\x00': unsafe name: contains a NUL"),
        ("\udc80", "'\\udc80': unsafe name: is not UTF-8"),
        (".a.lock", ".a.lock: unsafe name: kept for the store's own temporary files and locks"),
    ],
)
def test_the_reason_is_told(name: str, says: str) -> None:
    with pytest.raises(UnsafeName) as caught:
        check_name(name)
    assert str(caught.value) == says


def test_the_folders_above_a_name_come_outermost_first() -> None:
    assert folders_above("a/b/c") == ("a", "a/b")
    assert folders_above("a") == ()
