"""No private key lies where a server would serve it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tufkeep.stores import Entry, StoreFault
from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check

_LIMIT_BYTES = 32 << 10  # an RSA key file takes four
# Artifacts called otherwise are not opened once more: a hundred thousand of them would double the time.
_SUFFIXES = frozenset(("", ".json", ".pem", ".key", ".p8", ".pk8", ".txt", ".bak", ".old"))
_HASH_PREFIX = re.compile(r"^(?:[0-9a-f]{64}|[0-9a-f]{128})\.")
_PEM = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_KEY_FILE = re.compile(rb'"encrypted"\s*:\s*(?:true|false)')
_KEY_DATA = re.compile(rb'"(?:ciphertext|private)"\s*:')


def look(examined: Examined) -> Iterator[Fault]:
    """Open each small file that is called as a key may be, wherever in repository/ it lies."""
    for entry in examined.entries.values():
        if _may_be(entry) and _is_private(_read(examined, entry.name)):
            yield Fault(subject=entry.name, fact="contains a private key")


def _may_be(entry: Entry) -> bool:
    name = _HASH_PREFIX.sub("", PurePosixPath(entry.name).name)
    return 0 < entry.length_bytes <= _LIMIT_BYTES and PurePosixPath(name).suffix.lower() in _SUFFIXES


def _read(examined: Examined, name: str) -> bytes:
    try:
        return examined.store.read(name, limit=_LIMIT_BYTES)
    except StoreFault:
        return b""  # other checks speak of files that can't be read


def _is_private(data: bytes) -> bool:
    key_file = _KEY_FILE.search(data) is not None and _KEY_DATA.search(data) is not None
    return key_file or _PEM.search(data) is not None


CHECK = Check(
    id="private-keys",
    sentence="no private key is in repository/",
    look=look,
)
