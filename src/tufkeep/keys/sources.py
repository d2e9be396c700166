"""Sources of passphrases that ask nobody: a file, a descriptor, a command, the environment.

A passphrase from here is the same however often it is asked for, so a key file that it does not open is not tried
twice. It never goes into a command line or into a child's environment.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from tufkeep.errors import PersonNeeded
from tufkeep.keys.passphrase import (
    LIMIT_BYTES,
    NoPassphrase,
    Passphrase,
    PassphraseRequest,
    Passphrases,
    PassphraseSource,
    Purpose,
    first_line,
    keyed_lines,
    not_empty,
)

COMMAND_SECONDS = 120.0  # long enough for a person to touch a fingerprint reader
_FILE_BYTES = 1 << 16  # of a file that has a passphrase for each key
_SECRET_ENDINGS = ("_PASSPHRASE", "_PASSWORD")


class PassphraseUnreadable(PersonNeeded):
    """The file, descriptor or command that should give a passphrase does not."""

    exit_code = 42

    def __init__(self, source: str, reason: str):
        super().__init__(f"passphrase from {source}: {reason}")
        self.source = source


class PassphraseFileUnreadable(PassphraseUnreadable):
    """The file that should hold a passphrase can't be read."""


class PassphraseCommandFailed(PassphraseUnreadable):
    """The program that should print a passphrase did not."""


def given(passphrases: Passphrases) -> PassphraseSource:
    """Return what a caller gave as a source.

    An answer of None is none: a key that is made stays unencrypted only where somebody insists on it.

    Raises:
        TypeError: they are no mapping and no function; the source raises it where a function returns anything else.
    """
    if isinstance(passphrases, Mapping):
        return by_key({name.removesuffix(".json"): _always(text) for name, text in passphrases.items()})
    if not callable(passphrases):
        kind = type(passphrases).__name__
        raise TypeError(f"passphrases are a function or a mapping by role or key file, not {kind}")

    def source(request: PassphraseRequest) -> Passphrase:
        answer = passphrases(request)
        if answer is None:
            raise NoPassphrase(request.file)
        return _passphrase(answer)

    return source


def _always(text: Passphrase | str) -> PassphraseSource:
    passphrase = _passphrase(text)
    return lambda request: not_empty(passphrase, request)


def _passphrase(text: Passphrase | str) -> Passphrase:
    if not isinstance(text, Passphrase | str):
        raise TypeError(f"a passphrase is text, not {type(text).__name__}")
    return text if isinstance(text, Passphrase) else Passphrase(text)


def from_descriptor(descriptor: int) -> PassphraseSource:
    """Return a source that reads the first line from an open file descriptor, once, and no byte beyond it."""

    @cache
    def read() -> Passphrase:
        data = b""
        try:
            while not data.endswith(b"\n") and len(data) <= LIMIT_BYTES and (byte := os.read(descriptor, 1)):
                data += byte
        except OSError as error:
            raise PassphraseUnreadable(f"file descriptor {descriptor}", _reason(error)) from None
        return _bounded(data, f"file descriptor {descriptor}")

    return lambda request: not_empty(read(), request)


def from_file(path: str | Path) -> PassphraseSource:
    """Return a source that reads the first line of a file, once: the file may be a pipe.

    A file of lines such as root1=PASSPHRASE has one for each key that it names, and none for others.
    """
    path = Path(path)

    @cache
    def read() -> Passphrase | PassphraseSource:
        try:
            with path.open("rb") as file:
                line = file.readline(LIMIT_BYTES + 2)
                more = file.seekable() or keyed_lines(line, path.name)
                rest = file.read(_FILE_BYTES) if more and line.endswith(b"\n") else b""
        except OSError as error:
            raise PassphraseFileUnreadable(path.name, _reason(error)) from None
        keyed = keyed_lines(line + rest, path.name)
        return by_key({key: _always(each) for key, each in keyed.items()}) if keyed else _bounded(line, path.name)

    def source(request: PassphraseRequest) -> Passphrase:
        found = read()
        return not_empty(found, request) if isinstance(found, Passphrase) else found(request)

    return source


def from_command(
    command: Sequence[str], *, environ: Mapping[str, str], seconds: float = COMMAND_SECONDS
) -> PassphraseSource:
    """Return a source that runs a program, such as `op read op://Private/{key}/password`.

    No shell reads the command. The program sees our environment without the passphrases in it, and what it says on
    its standard error is seen by whoever runs us. It runs once for each command line that the request makes.

    Args:
        command: {role} in it becomes the role, {key} the key file's name without its ending.
    """
    clean = {name: value for name, value in environ.items() if not name.upper().endswith(_SECRET_ENDINGS)}

    @cache
    def read(filled: tuple[str, ...]) -> Passphrase:
        return _bounded(_output(filled, clean, seconds), filled[0])

    def source(request: PassphraseRequest) -> Passphrase:
        filled = (part.replace("{role}", request.role).replace("{key}", request.stem) for part in command)
        return not_empty(read(tuple(filled)), request)

    return source


def from_environment(
    environ: Mapping[str, str], *, prefixes: Sequence[str] = ("TUF_", "FLEET_"), empty_is_unset: bool = True
) -> PassphraseSource:
    """Return a source that reads the originals' variables, such as TUF_ROOT_PASSPHRASE and FLEET_ROOT_PASSPHRASE.

    A variable named for the file (TUF_ROOT2_PASSPHRASE for root2.json) comes before the role's, so that several root
    keys can have several passphrases. A changed passphrase comes from TUF_NEW_ROOT_PASSPHRASE, as in go-tuf.

    Args:
        environ: a mapping handed in; the environment itself is the command line's to read.
        empty_is_unset: as for go-tuf; fleetctl refuses a variable that is set but empty.
    """

    def source(request: PassphraseRequest) -> Passphrase:
        new = "NEW_" if request.purpose is Purpose.CHANGE else ""
        for what in dict.fromkeys((request.stem, request.role)):
            for prefix in prefixes:
                text = environ.get(f"{prefix}{new}{what.upper()}_PASSPHRASE")
                if text or (text is not None and not empty_is_unset):
                    return not_empty(Passphrase(text), request)
        raise NoPassphrase(request.file)

    return source


def by_key(sources: Mapping[str, PassphraseSource]) -> PassphraseSource:
    """Return a source that passes a request on by key file (`root2`) or else by role (`root`)."""

    def source(request: PassphraseRequest) -> Passphrase:
        chosen = sources.get(request.stem) or sources.get(request.role)
        if chosen is None:
            raise NoPassphrase(request.file)
        return chosen(request)

    return source


def first_of(*sources: PassphraseSource) -> PassphraseSource:
    """Return a source that asks each in turn until one has a passphrase."""

    def source(request: PassphraseRequest) -> Passphrase:
        for one in sources:
            try:
                return one(request)
            except NoPassphrase:
                continue
        raise NoPassphrase(request.file)

    return source


def _output(command: tuple[str, ...], environ: Mapping[str, str], seconds: float) -> bytes:
    import subprocess  # most commands run none

    # Only the program is named in an error: its arguments may say where secrets lie.
    # Errors are raised outside the handlers, whose exceptions carry what the program had printed.
    try:
        done = subprocess.run(
            command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        fault = f"no answer within {seconds:g} seconds"
    except (OSError, ValueError) as error:
        fault = _reason(error)
    else:
        if done.returncode == 0:
            return done.stdout
        fault = f"failed with exit code {done.returncode}"
    raise PassphraseCommandFailed(command[0], fault)


def _bounded(data: bytes, source: str) -> Passphrase:
    passphrase = first_line(data)
    if keyed_lines(data.split(b"\n", 1)[0], source):
        raise PassphraseUnreadable(source, "begins with the name of a key: only a file may have KEY=PASSPHRASE lines")
    if len(passphrase.encode()) > LIMIT_BYTES:
        raise PassphraseUnreadable(source, f"its first line is longer than {LIMIT_BYTES:,} bytes")
    return passphrase


def _reason(error: OSError | ValueError) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
