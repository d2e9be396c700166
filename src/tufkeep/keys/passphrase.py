"""Passphrases, with what is asked of whoever knows one."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath
from typing import NoReturn, Protocol, TypeAlias

from tufkeep.errors import PersonNeeded

LIMIT_BYTES = 4096  # what a terminal takes in one line; more is a file that was named by mistake


class Passphrase:
    """Text that opens a key file and shows in no repr, traceback or pickle.

    Args:
        text: bytes that are no UTF-8 stand as surrogate escapes, so that they come out as they came in.
        asked: a person typed it just now, and may do better on the next try.
    """

    __slots__ = ("_text", "asked")

    def __init__(self, text: str, *, asked: bool = False):
        self._text = text
        self.asked = asked

    def reveal(self) -> str:
        """Return the text, for showing a new passphrase to the person who must keep it."""
        return self._text

    def encode(self) -> bytes:
        """Return the bytes that the key is derived from, as go-tuf takes them: not normalised in any way."""
        return self._text.encode("utf-8", "surrogateescape")

    @property
    def empty(self) -> bool:
        return not self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Passphrase) and hmac.compare_digest(self.encode(), other.encode())

    __hash__ = None  # type: ignore[assignment]  # a dictionary of passphrases is one that gets printed

    def __repr__(self) -> str:
        return "<Passphrase>"

    def __rich_repr__(self) -> Iterator[str]:
        yield from ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a passphrase is not copied or pickled")


class Purpose(Enum):
    """What a passphrase is wanted for."""

    OPEN = "open"  # an existing key file
    NEW = "new"  # a key that is made now
    CHANGE = "change"  # the next passphrase of an existing key file


@dataclass(frozen=True, slots=True, kw_only=True)
class PassphraseRequest:
    """One passphrase that is wanted."""

    role: str
    file: str  # name of the key file, such as root1.json
    purpose: Purpose = Purpose.OPEN
    attempt: int = 1  # 2 and more: the one before did not open the file

    @property
    def stem(self) -> str:
        """The file's name without its ending: root1."""
        return PurePosixPath(self.file).stem


class PassphraseSource(Protocol):
    """Where passphrases come from."""

    def __call__(self, request: PassphraseRequest) -> Passphrase:
        """Return the passphrase of a key file.

        Raises:
            NoPassphrase: this source has none for the request; another may.
        """
        ...


Passphrases: TypeAlias = Mapping[str, str] | Callable[[PassphraseRequest], Passphrase | str | None]
"""What a caller gives: passphrases by role or by the key file's name without its ending, or a function to ask."""


class NoPassphrase(PersonNeeded):
    """A key file is encrypted, and nobody has said with what."""

    exit_code = 42

    def __init__(self, file: str):
        super().__init__(f"{file}: a passphrase is needed and none was given")
        self.file = file


class EmptyPassphrase(PersonNeeded):
    """An empty passphrase would leave the key open to everybody who gets hold of the file."""

    exit_code = 42

    def __init__(self, file: str):
        super().__init__(f"{file}: the passphrase is empty")
        self.file = file


class PassphrasesDiffer(PersonNeeded):
    """A new passphrase was typed twice, differently."""

    exit_code = 42

    def __init__(self, file: str):
        super().__init__(f"{file}: the entered passphrases do not match")
        self.file = file


def first_line(data: bytes) -> Passphrase:
    """Return the passphrase that a file, descriptor or command gives: its first line, without the line's end."""
    line = data.split(b"\n", 1)[0].removesuffix(b"\r")
    return Passphrase(line.decode("utf-8", "surrogateescape"))


def not_empty(passphrase: Passphrase, request: PassphraseRequest) -> Passphrase:
    """Return the passphrase.

    Raises:
        EmptyPassphrase: it is empty: an empty file or a command that failed quietly says nothing about what is wanted.
    """
    if passphrase.empty:
        raise EmptyPassphrase(request.file)
    return passphrase
