"""A small text file that carries a request or an approval from one machine to another.

For people there is a heading, for programs one line of JSON (canonical, but for escaped control
characters), then the sha256 of that line, in digits and in words that two people can read to each
other. The heading binds nobody: whoever opens the letter is shown what the line says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tufkeep.errors import PersonNeeded
from tufkeep.metadata.canonical import MalformedMetadata, decode, encode_json, refuse_uncanonical
from tufkeep.metadata.fingerprint import Fingerprint, fingerprint
from tufkeep.metadata.shown import shown

LIMIT_BYTES: Final = 4 << 20  # two roots of the size that clients take, and room


class LetterRefused(PersonNeeded):
    """A file that should be a request or an approval is not, or was changed on its way."""

    exit_code = 44

    def __init__(self, reason: str):
        super().__init__(f"not a letter that can be trusted: {reason}")
        self.reason = reason


def write_letter(title: str, heading: Sequence[str], content: Mapping[str, Any]) -> bytes:
    """Return the file.

    Args:
        heading: lines for people; what comes from others in them is shown escaped.
    """
    refuse_uncanonical(content)
    line = encode_json(content)
    told = [title, "", *(f"  {shown(text)}" for text in heading), ""]
    return "\n".join([*told, line.decode(), *_ending(fingerprint(line)), ""]).encode()


def read_letter(data: bytes) -> tuple[dict[str, Any], Fingerprint]:
    """Return what the letter says to programs, with the fingerprint of it.

    Raises:
        LetterRefused: there is not exactly one such line, or its hash is not the one below it.
    """
    try:
        lines = [line.rstrip("\r") for line in data.decode("utf-8").split("\n")]
    except UnicodeDecodeError:
        raise LetterRefused("it is no text") from None
    places = [place for place, line in enumerate(lines) if line.startswith("{")]
    if len(places) != 1:
        raise LetterRefused(f"it has {len(places)} lines of JSON, where there must be one")
    line = lines[places[0]].encode()
    found = fingerprint(line)
    if [text for text in lines[places[0] + 1 :] if text] != _ending(found):
        raise LetterRefused(f"its line has the sha256 {found.hex[:16]}..., and the text below it has another hash")
    try:
        content = decode(line)
    except MalformedMetadata as error:
        raise LetterRefused(str(error)) from None
    if not isinstance(content, dict):
        raise LetterRefused("its line is no JSON object")
    return content, found


def _ending(found: Fingerprint) -> list[str]:
    return [f"sha256 {found.hex}", *(f"words {line}" for line in found.lines())]
