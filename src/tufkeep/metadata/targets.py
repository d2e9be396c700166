"""Target paths: which are safe, and what an entry says.

Spec: TUF 1.0.34 #targets-obj, #targetpath.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NewType

from tuf.api.metadata import TargetFile

from tufkeep.errors import BadRequest
from tufkeep.metadata.canonical import encode_canonical
from tufkeep.metadata.filenames import HASH_ALGORITHMS, path_fault

_HEX_LENGTHS = {"sha256": 64, "sha512": 128}
_LONGEST_NAME = 255 - 128 - 1  # bytes; what Linux, macOS and Windows leave behind "<sha512>."
_HEX = re.compile(r"[0-9a-f]+")
_ODD = re.compile(
    r"""[#?%<>:"|*]|[. ](?:/|$)|(?:^|/)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:[./]|$)|[^/]{127}""", re.IGNORECASE
)  # anything in an ASCII path that `path_warnings` looks at closer
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)

TargetPath = NewType("TargetPath", str)
"""A target path that was found safe: it stays below the folder it is stored in, on every system."""


class UnsafeTargetPath(BadRequest):
    """A target path that could name a file outside its folder, or no file at all."""

    def __init__(self, path: str, *, fault: str):
        super().__init__(f"target path {path!r} {fault}")
        self.path = path


class BadTargetEntry(BadRequest):
    """Length, hashes or custom data that no client could check an artifact against."""

    def __init__(self, path: str, *, fault: str):
        super().__init__(f"target {path!r}: {fault}")
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class PathWarning:
    """A safe target path that some client or system can't fetch or store."""

    path: str
    fault: str

    def sentence(self) -> str:
        return f"target path {self.path!r} {self.fault}"


def target_path(text: str) -> TargetPath:
    """Return the text as a target path, unchanged, where it is safe.

    It becomes part of a file name and of a URL on machines that trust it: whoever may sign targets
    must not be able to write over /etc/passwd there.

    Raises:
        UnsafeTargetPath: it is empty or absolute or starts with a drive letter, has an empty segment
            or one of dots and blanks alone (Windows takes `.. ` for `..`), a backslash, a control
            character or half of a surrogate pair.

    Spec: TUF 1.0.34 #targetpath.
    """
    if not isinstance(text, str):
        raise TypeError(f"a target path is text, not {type(text).__name__}")
    fault = path_fault(text)
    if fault:
        raise UnsafeTargetPath(text, fault=fault)
    return TargetPath(text)


def is_safe(text: str) -> bool:
    """Whether `target_path` takes it."""
    return path_fault(text) is None


def path_warnings(path: str) -> tuple[PathWarning, ...]:
    """Return what some clients and systems would not do with a safe path.

    Unicode is kept as it is, because clients compare it by code point: a name that is not in
    the composed form looks like another one and is another one.
    """
    if path.isascii() and _ODD.search(path) is None:
        return ()
    faults = []
    if not unicodedata.is_normalized("NFC", path):
        faults.append("is not in composed form (NFC), so it can look like another path and not be it")
    if any(character in path for character in "#?%"):
        faults.append("contains #, ? or %, which clients take for a part of an address, and don't find it")
    if any(_windows_refuses(name) for name in path.split("/")):
        faults.append("can't be stored on Windows or on a FAT drive")
    if any(unicodedata.category(character) == "Cf" for character in path):
        faults.append("contains an invisible character, so it can look like a different path")
    if any(len(name.encode("utf-8")) > _LONGEST_NAME for name in path.split("/")):
        faults.append(f"has a name above {_LONGEST_NAME} bytes, too long for a file name with the hash in front")
    return tuple(PathWarning(path=path, fault=fault) for fault in faults)


def target_file(
    path: str, *, length_bytes: int, hashes: Mapping[str, str], custom: Mapping[str, Any] | None = None
) -> TargetFile:
    """Return the entry of an artifact.

    Args:
        hashes: lower-case hex by algorithm, of `HASH_ALGORITHMS`.
        custom: what else is signed with it; text, integers, booleans, null, lists and objects.

    Raises:
        UnsafeTargetPath: see `target_path`.
        BadTargetEntry: an unknown algorithm, no hash at all, a hash or length that can't be one.
        NotCanonical: the custom data has no canonical form.
    """
    fault = _entry_fault(length_bytes, hashes)
    if fault:
        raise BadTargetEntry(path, fault=fault)
    unrecognized = {} if custom is None else {"custom": dict(custom)}
    encode_canonical(unrecognized)
    return TargetFile(length_bytes, dict(hashes), target_path(path), unrecognized)


def _windows_refuses(name: str) -> bool:
    return bool(_RESERVED.fullmatch(name)) or name.endswith((".", " ")) or any(c in name for c in '<>:"|*?')


def _entry_fault(length_bytes: int, hashes: Mapping[str, str]) -> str | None:
    if length_bytes < 0:
        return f"length {length_bytes} is below zero"
    if not hashes:
        return "has no hash"
    for algorithm, digest in sorted(hashes.items()):
        if algorithm not in HASH_ALGORITHMS:
            return f"hash algorithm {algorithm} is not one of {', '.join(HASH_ALGORITHMS)}"
        if len(digest) != _HEX_LENGTHS[algorithm] or not _HEX.fullmatch(digest):
            return f"{digest[:80]!r} is not a {algorithm} in lower-case hex"
    return None
