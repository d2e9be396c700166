"""Opening key files: one passphrase, one scrypt for each, several at a time where nobody has to type."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeAlias

from tufkeep.errors import TufkeepError
from tufkeep.keys.folder import KeyFolder
from tufkeep.keys.keyfile import LIMIT_BYTES, KeyFile, parse_key_file
from tufkeep.keys.passphrase import NoPassphrase, Passphrase, PassphraseRequest, PassphraseSource
from tufkeep.keys.private import PrivateKey
from tufkeep.keys.sealed import KeyFileRefused, WrongPassphrase

_AT_ONCE = 4  # scrypts; each holds 32 MiB, or 128 where go-tuf v0.7 was told to work harder


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFile:
    """A key file as found in the folder, readable or not."""

    name: str
    sha256: str = ""
    tag: str = ""
    file: KeyFile | None = None
    fault: TufkeepError | None = field(default=None, compare=False)


Opened: TypeAlias = "tuple[PrivateKey, ...] | TufkeepError"


def hold(folder: KeyFolder, name: str) -> HeldFile:
    """Return a file of the folder; what cannot be read or understood is its fault."""
    try:
        data, tag = folder.read(name, limit=LIMIT_BYTES)
        file = parse_key_file(data, name=name)
    except TufkeepError as fault:
        return HeldFile(name=name, fault=fault)
    return HeldFile(name=name, sha256=hashlib.sha256(data).hexdigest(), tag=tag, file=file)


class Unlocker:
    """Opens key files and remembers their keys, by the hash of the file, for as long as it lives."""

    def __init__(self, passphrases: PassphraseSource | None, *, tries: int):
        self._passphrases = passphrases
        self._tries = tries
        self._opened: dict[str, tuple[PrivateKey, ...]] = {}

    def remember(self, sha256: str, keys: tuple[PrivateKey, ...]) -> None:
        self._opened[sha256] = keys

    def open_all(
        self, files: Iterable[tuple[HeldFile, str]], *, enough: Callable[[], bool] = lambda: False
    ) -> Iterator[tuple[HeldFile, Opened]]:
        """Yield each file with its keys, or with the reason why it stays closed.

        A passphrase that a person types is tried before the next is asked for; the others are tried side by side.

        Args:
            files: each with the role that its passphrase is asked for.
            enough: whether what was yielded will do, so that no more need be asked for.
        """
        waiting: list[tuple[HeldFile, Future[tuple[PrivateKey, ...]]]] = []
        with ThreadPoolExecutor(max_workers=min(_AT_ONCE, os.cpu_count() or 1)) as pool:
            for held, role in files:
                if enough():
                    break
                started = self._start(held, role, pool)
                if isinstance(started, Future):
                    waiting.append((held, started))
                else:
                    yield held, started
            for held, future in waiting:
                yield held, self._finish(held, future)

    def _start(self, held: HeldFile, role: str, pool: ThreadPoolExecutor) -> Opened | Future[tuple[PrivateKey, ...]]:
        if held.file is None:
            return held.fault or KeyFileRefused(held.name, "not read")
        if held.sha256 in self._opened:
            return self._opened[held.sha256]
        if not held.file.encrypted:
            return held.file.open(None)
        try:
            passphrase = self._ask(held, role, attempt=1)
            if not passphrase.asked:
                return pool.submit(held.file.open, passphrase)
            return self._open_asking(held, held.file, role, passphrase)
        except TufkeepError as fault:
            return fault

    def _finish(self, held: HeldFile, future: Future[tuple[PrivateKey, ...]]) -> Opened:
        try:
            self._opened[held.sha256] = keys = future.result()
        except TufkeepError as fault:
            return fault
        return keys

    def _open_asking(self, held: HeldFile, file: KeyFile, role: str, passphrase: Passphrase) -> tuple[PrivateKey, ...]:
        for attempt in range(2, self._tries + 2):
            try:
                self._opened[held.sha256] = keys = file.open(passphrase)
                return keys
            except WrongPassphrase:
                # an empty answer leaves the file closed; so does the last try
                if passphrase.empty or attempt > self._tries:
                    raise
            passphrase = self._ask(held, role, attempt=attempt)
        raise WrongPassphrase(held.name)

    def _ask(self, held: HeldFile, role: str, *, attempt: int) -> Passphrase:
        if self._passphrases is None:
            raise NoPassphrase(held.name)
        return self._passphrases(PassphraseRequest(role=role, file=held.name, attempt=attempt))
