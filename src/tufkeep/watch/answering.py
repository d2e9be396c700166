"""What a server of updates answers, decided without a socket.

One range at a time, strong tags, and a cache rule for each kind of file: what a client needs to take up a cut download
without ever joining two different files.

Spec: RFC 9110 (conditions in the order of its section 13.2.2, ranges), RFC 9111.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from tufkeep.metadata.filenames import NEVER_KEPT, cache_control, content_type

_PRIVATE = ("keys/", "staged/", ".tufkeep/")  # not one of them is ever below repository/; all the same
_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The head of an answer, with the part of the file that follows it."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    start: int = 0
    length_bytes: int = 0  # of the part


def object_name(target: str) -> str | None:
    """Return the object that a request target names, None where it can name none.

    Decoded once, as every web server does; the store refuses what could lead out of it.
    """
    path = target.partition("?")[0].partition("#")[0]
    try:
        name = unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        return None
    if not name.startswith("/") or name[1:].startswith(_PRIVATE):
        return None
    return name[1:]


def answer(name: str, *, length_bytes: int, tag: str, request: Mapping[str, str]) -> Answer:
    """Return the answer to GET for an object that is there.

    Args:
        tag: quoted, strong: the same tag only for the same bytes.
        request: its headers; any case.
    """
    headers = {
        "Content-Type": content_type(name),
        "Cache-Control": cache_control(name),
        "ETag": tag,
        "Accept-Ranges": "bytes",
    }
    asked = {key.lower(): value for key, value in request.items()}
    if "if-match" in asked and not _names(asked["if-match"], tag):
        return refusal(412, {"ETag": tag})
    if "if-none-match" in asked and _names(asked["if-none-match"].replace("W/", ""), tag):
        return Answer(status=304, headers=headers)
    part = _part(asked, length_bytes, tag)
    if part is None:
        return _whole(headers, length_bytes)
    start, end = part
    if start >= end:
        return refusal(416, {"Content-Range": f"bytes */{length_bytes}", "ETag": tag})
    headers |= {"Content-Range": f"bytes {start}-{end - 1}/{length_bytes}", "Content-Length": str(end - start)}
    return Answer(status=206, headers=headers, start=start, length_bytes=end - start)


def refusal(status: int, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer without a file, never kept: a missing root version may be there in a minute."""
    return Answer(status=status, headers={"Cache-Control": NEVER_KEPT, **(headers or {})})


def _whole(headers: Mapping[str, str], length_bytes: int) -> Answer:
    return Answer(status=200, headers={**headers, "Content-Length": str(length_bytes)}, length_bytes=length_bytes)


def _part(asked: Mapping[str, str], length_bytes: int, tag: str) -> tuple[int, int] | None:
    """Return the bytes wanted as (start, end), None for all of them; empty where there are none.

    Several ranges, or anything else we do not know, may be answered with the whole file. A range on condition of bytes
    that are no longer these must be: a client that joined both would have neither.
    """
    match = _RANGE.fullmatch(asked.get("range", "").strip())
    if match is None or asked.get("if-range", tag).strip() != tag:
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        return (max(0, length_bytes - int(suffix)), length_bytes) if int(suffix) else (0, 0)
    if last is not None and int(last) < int(first):
        return None
    return int(first), min(length_bytes, length_bytes if last is None else int(last) + 1)


def _names(header: str, tag: str) -> bool:
    return header.strip() == "*" or tag in (each.strip() for each in header.split(","))
