"""Which target paths are safe, and what an entry says."""

from __future__ import annotations

import posixpath
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.metadata.making import target
from tufkeep.metadata.canonical import NotCanonical
from tufkeep.metadata.targets import (
    BadTargetEntry,
    UnsafeTargetPath,
    is_safe,
    path_warnings,
    target_file,
    target_path,
)

SHA256, SHA512 = "ab" * 32, "cd" * 64
_NASTY = st.text(alphabet=st.sampled_from("./\\:~a \x00\n\x7f\x85é\ud800C"), max_size=12)
VECTORS = Path(__file__).parents[1] / "vectors" / "go-tuf"


@pytest.mark.parametrize(
    "path",
    [
        "a",
        "a/b",
        "orbit/linux/stable/orbit",
        ".hidden",
        "a..b",
        ".x.",
        "é/ü",
        "a b",
        "~x",
        "ab:c",
        "1:x",
        "x-",
        "日本/語",
        "a/CON",
    ],
)
def test_an_ordinary_path_is_kept_as_it_is(path: str) -> None:
    assert target_path(path) == path
    assert is_safe(path)


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("", "is empty"),
        ("/a", "is absolute"), ("//a", "is absolute"), ("C:/a", "is absolute"), ("c:a", "is absolute"),
        (".", "segment"), ("..", "segment"), ("../a", "segment"), ("a/../b", "segment"), ("a/..", "segment"),
        ("a/./b", "segment"), ("./a", "segment"), ("a//b", "segment"),
        ("a/", "segment"), ("a/.. /b", "segment"), (" ", "segment"), ("a/...", "segment"),
        ("a\\b", "backslash"), ("..\\a", "backslash"),
        ("a\x00", "control"), ("a\nb", "control"), ("\x1b[2J", "control"), ("a\x7f", "control"), ("a\x9b", "control"),
        ("a\ud800", "not valid Unicode"),
    ],
)  # fmt: skip
def test_a_path_that_could_leave_its_folder_or_lie_on_a_terminal_is_refused(path: str, fault: str) -> None:
    assert not is_safe(path)
    with pytest.raises(UnsafeTargetPath, match=fault) as caught:
        target_path(path)
    assert str(caught.value).isprintable()
    assert caught.value.exit_code == 2


@given(st.one_of(_NASTY, st.text()))
@example("a/b")
@example("..a/b..")
def test_a_safe_path_stays_below_its_folder_on_every_system(path: str) -> None:
    if not is_safe(path):
        return
    assert posixpath.normpath(posixpath.join("/top", path)) == f"/top/{path}"
    windows = PureWindowsPath("C:/top") / path
    assert windows.is_relative_to("C:/top")
    assert ".." not in windows.parts
    assert str(Path("/top", path)) == f"/top/{path}"


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("a#b", "address"), ("a?b", "address"), ("a%20b", "address"),
        ("cafe\u0301", "composed form"), ("a\u202eb", "invisible"), ("a\u200bb", "invisible"),
        ("aux", "Windows"), ("x/CON.txt", "Windows"), ("ab:c", "Windows"), ("dot./x", "Windows"), ("space ", "Windows"),
        ("x/" + "n" * 127, "above 126 bytes"), ("é" * 64, "above 126 bytes"),
    ],
)  # fmt: skip
def test_a_safe_path_that_some_client_can_not_use_gives_a_warning(path: str, fault: str) -> None:
    assert is_safe(path)
    assert fault in " ".join(warning.sentence() for warning in path_warnings(path))


@pytest.mark.parametrize(
    "path", ["orbit/linux/stable/orbit", "desktop/windows/1.2.3/fleet-desktop.exe", "é/ü", "console", "x/" + "n" * 126]
)
def test_an_ordinary_path_gives_no_warning(path: str) -> None:
    assert path_warnings(path) == ()


def test_an_entry_is_what_python_tuf_would_make_of_the_file() -> None:
    theirs = target("a/b", b"content", {"version": "1.2.3"})
    ours = target_file("a/b", length_bytes=7, hashes=dict(theirs.hashes), custom={"version": "1.2.3"})
    assert ours == theirs


@pytest.mark.parametrize(
    ("length_bytes", "hashes", "fault"),
    [
        (-1, {"sha256": SHA256}, "below zero"),
        (1, {}, "has no hash"),
        (1, {"md5": "00"}, "hash algorithm md5"),
        (1, {"sha256": SHA512}, "not a sha256"),
        (1, {"sha512": SHA512.upper()}, "not a sha512"),
        (1, {"sha256": SHA256, "blake2b-256": SHA256}, "blake2b-256"),
        (1, {"sha256": SHA256[:-1] + "\n"}, "not a sha256"),
    ],
)  # fmt: skip
def test_an_entry_that_no_client_could_check_is_refused(length_bytes: int, hashes: dict[str, str], fault: str) -> None:
    with pytest.raises(BadTargetEntry, match=fault):
        target_file("a", length_bytes=length_bytes, hashes=hashes)


def test_an_empty_file_is_a_target_too() -> None:
    assert target_file("a", length_bytes=0, hashes={"sha256": SHA256}).length == 0


def test_the_length_of_a_name_is_counted_in_bytes() -> None:
    assert path_warnings("é" * 63) == ()
    assert len(path_warnings("é" * 63 + "x")) == 1


def test_an_entry_with_an_unsafe_path_or_a_fraction_is_refused() -> None:
    with pytest.raises(UnsafeTargetPath):
        target_file("../a", length_bytes=1, hashes={"sha256": SHA256})
    with pytest.raises(NotCanonical):
        target_file("a", length_bytes=1, hashes={"sha256": SHA256}, custom={"ratio": 0.5})
