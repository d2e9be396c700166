"""Object names: which are safe, which the store keeps for itself.

A name is `/`-separated text that means the same object in a folder, in memory and in a bucket. Names are compared
byte by byte: no case folding, no Unicode normalisation.
"""

from __future__ import annotations

import re

from tufkeep.stores.errors import UnsafeName

SEGMENT_LIMIT_BYTES = 255  # what ext4, APFS, NTFS and exFAT take
NAME_LIMIT_BYTES = 1024  # what S3 takes

_STEM_LIMIT_BYTES = 64  # of the target's name in a temp name: enough to recognise, always short enough
_TEMP = re.compile(r"\..*\.[0-9a-f]{16}\.tmp", re.DOTALL)
_LOCK = re.compile(r"\..+\.lock", re.DOTALL)


def check_name(name: str) -> None:
    """Accept a name that is the same object in every store and cannot lead out of one.

    Raises:
        UnsafeName: with the reason.
    """
    if fault := _fault(name):
        raise UnsafeName(name, f"unsafe name: {fault}")


def check_prefix(prefix: str) -> None:
    """Accept a prefix that some safe name could start with.

    Raises:
        UnsafeName: no safe name starts with it.
    """
    *folders, _ = prefix.split("/")
    if folders:
        check_name("/".join(folders))
    elif fault := _text_fault(prefix):
        raise UnsafeName(prefix, f"unsafe prefix: {fault}")


def _fault(name: str) -> str | None:
    if fault := _text_fault(name):
        return fault
    segments = name.split("/")
    if "" in segments:
        return "empty" if not name else "a part between slashes is empty"
    if "." in segments or ".." in segments:
        return "'.' and '..' are no names"
    if any(len(segment.encode()) > SEGMENT_LIMIT_BYTES for segment in segments):
        return f"a part is longer than {SEGMENT_LIMIT_BYTES} bytes"
    if any(is_reserved(segment) for segment in segments):
        return "kept for the store's own temporary files and locks"
    return None


def _text_fault(text: str) -> str | None:
    if "\\" in text:
        return "contains a backslash"  # a separator on Windows
    if "\0" in text:
        return "contains a NUL"
    try:
        length_bytes = len(text.encode())
    except UnicodeEncodeError:
        return "is not UTF-8"
    return f"longer than {NAME_LIMIT_BYTES} bytes" if length_bytes > NAME_LIMIT_BYTES else None


def is_reserved(segment: str) -> bool:
    """Tell whether the store uses such names itself: these are never listed and never objects."""
    return is_temporary(segment) or _LOCK.fullmatch(segment) is not None


def is_temporary(segment: str) -> bool:
    """Tell whether this is what `temporary` makes."""
    return _TEMP.fullmatch(segment) is not None


def temporary(segment: str, token: str) -> str:
    """Return the temporary name for a file that will be called `segment`.

    It starts with a dot and ends in .tmp, so go-tuf, which takes every .json file beside metadata for metadata,
    never reads a leftover.

    Args:
        token: 16 lowercase hexadecimal digits, new for each write.
    """
    stem = segment.encode()[:_STEM_LIMIT_BYTES].decode(errors="ignore")
    return f".{stem}.{token}.tmp"


def lock_file(segment: str) -> str:
    """Return the name of the file that carries the lock called `segment`."""
    return f".{segment}.lock"


def folders_above(name: str) -> tuple[str, ...]:
    """Return the folders that a name lies in, outermost first: "a/b/c" lies in "a" and "a/b"."""
    return tuple(name[:end] for end, letter in enumerate(name) if letter == "/")
