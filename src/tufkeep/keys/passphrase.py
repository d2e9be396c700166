"""Passphrases, with what is asked of whoever knows one."""

from __future__ import annotations

import codecs
import hmac
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath
from typing import NoReturn, Protocol, TypeAlias

from tufkeep.errors import PersonNeeded

_MARK = "\ufeff"  # editors on Windows write it before the first character
LIMIT_BYTES = 4096  # what a terminal takes in one line; more is a file that was named by mistake

_ROLES = "root|targets|snapshot|timestamp"
_KEY_LINE = re.compile(rf"((?:{_ROLES})[0-9]*)(?:\.json)?=(.*)", re.DOTALL)
_NAMES_A_KEY = re.compile(rf"(?:(?:{_ROLES})[0-9]*(?:\.json)?|[A-Z0-9_]+_PASSPHRASE)=")  # and what an .env file says


class Passphrase:
    """Text that opens a key file and shows in no repr, traceback or pickle.

    Args:
        text: bytes that are no UTF-8 stand as surrogate escapes, so that they come out as they came in.
        asked: a person typed it just now, and may do better on the next try.
        marked: its file began with a byte order mark, which is no part of the text.
    """

    __slots__ = ("_marked", "_text", "asked")

    def __init__(self, text: str, *, asked: bool = False, marked: bool = False):
        self._text = text
        self._marked = marked
        self.asked = asked

    def reveal(self) -> str:
        """Return the text, for showing a new passphrase to the person who must keep it."""
        return self._text

    def encode(self) -> bytes:
        """Return the bytes that the key is derived from, as go-tuf takes them: not normalised in any way."""
        return self._text.encode("utf-8", "surrogateescape")

    def spellings(self) -> Iterator[Passphrase]:
        """Yield this passphrase, then the same text as another machine may have sealed with it.

        One keyboard types é as one code point, another as two. And earlier versions took a byte order mark along.
        """
        forms = [self._text, *(unicodedata.normalize(form, self._text) for form in ("NFC", "NFD"))]
        forms += [f"{_MARK}{self._text}"] if self._marked else []
        yield from (Passphrase(form) for form in dict.fromkeys(forms))

    @property
    def fault(self) -> str | None:
        """Why no key is sealed with it, None where it is text that can be typed again elsewhere."""
        data = self.encode()
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or 0 in data:
            return "is UTF-16 or contains a NUL: save its file as UTF-8"
        try:
            data.decode()
        except UnicodeDecodeError:
            return "is not UTF-8"
        return None

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


class UnknownPassphraseLine(PersonNeeded):
    """A line in a file of KEY=PASSPHRASE lines that names no key, or one named before; it may be a secret itself."""

    exit_code = 42

    def __init__(self, source: str, line: int):
        super().__init__(
            f"passphrase from {source}: line {line} does not begin with the name of a further key file, such as root2="
        )
        self.source, self.line = source, line


class EmptyPassphrase(PersonNeeded):
    """An empty passphrase would leave the key open to everybody who gets hold of the file."""

    exit_code = 42

    def __init__(self, file: str):
        super().__init__(f"{file}: the passphrase is empty")
        self.file = file


class PassphraseNotText(PersonNeeded):
    """A new passphrase that cannot be typed again, such as one that was read from a UTF-16 file."""

    exit_code = 42

    def __init__(self, file: str, fault: str):
        super().__init__(f"{file}: the passphrase {fault}")
        self.file = file


class PassphrasesDiffer(PersonNeeded):
    """A new passphrase was typed twice, differently."""

    exit_code = 42

    def __init__(self, file: str):
        super().__init__(f"{file}: the entered passphrases do not match")
        self.file = file


def first_line(data: bytes) -> Passphrase:
    """Return the passphrase that a file, descriptor or command gives: its first line, without the line's end.

    A byte order mark before it is dropped: it would make another passphrase of the same words.
    """
    line = data.split(b"\n", 1)[0].removesuffix(b"\r")
    text = line.decode("utf-8", "surrogateescape")
    return Passphrase(text.removeprefix(_MARK), marked=text.startswith(_MARK))


def keyed_lines(data: bytes, source: str) -> Mapping[str, Passphrase]:
    """Return the passphrases of a file of KEY=PASSPHRASE lines by key; nothing where it is no such file.

    One line that names a key makes it such a file, so that it never becomes one passphrase of every key.

    Args:
        source: what to call it in a message.

    Raises:
        UnknownPassphraseLine: a line of it names no key, or one that was named before.
    """
    lines = data.decode("utf-8", "surrogateescape").removeprefix(_MARK).replace("\r\n", "\n").split("\n")
    if not any(_NAMES_A_KEY.match(line) for line in lines):
        return {}
    found: dict[str, Passphrase] = {}
    for number, line in enumerate(lines, 1):
        match = _KEY_LINE.fullmatch(line)
        if line.strip() and (match is None or match[1] in found):
            raise UnknownPassphraseLine(source, number)
        if match is not None:
            found[match[1]] = Passphrase(match[2])
    return found


def not_empty(passphrase: Passphrase, request: PassphraseRequest) -> Passphrase:
    """Return the passphrase.

    Raises:
        EmptyPassphrase: it is empty: an empty file or a command that failed quietly says nothing about what is wanted.
    """
    if passphrase.empty:
        raise EmptyPassphrase(request.file)
    return passphrase
