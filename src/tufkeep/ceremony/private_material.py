"""Finds private keys in files, whatever the files are called.

It is better to be shown a file that holds no key than not to be shown one that does; but a drive
full of photographs and programs must come out clean, so each form is looked for by its structure.
"""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import msgspec

LIMIT_BYTES: Final = 4 << 20  # a longer file is looked at up to here: key files are small
MEMBERS: Final = 10_000  # of an archive; a longer one is not opened to its end, and that is said
# A program may hold the line that begins such a file; only a body behind it makes it a key.
_PEM = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[ \t]*(?:\\r)?(?:\\n|\r?\n)"
    rb"(?:[A-Za-z-]+: [^\n]*\n)*\s*(?:[A-Za-z0-9+/=]|\\n|\s){40}"
    rb"|AGE-SECRET-KEY-1[0-9A-Z]{20}"
)
# A PKCS#8 file begins with a sequence that holds version 0 and an algorithm; a sealed one with PBES2.
_DER = re.compile(
    rb"\A\x30.{1,4}\x02\x01[\x00\x01]\x30.{1,3}"
    rb"\x06(?:\x03\x2b\x65[\x6e-\x71]|\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01|\x07\x2a\x86\x48\xce\x3d\x02\x01)"
    rb"|\A\x30.{1,4}\x30.{1,4}\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d"
    rb"|\A\x30.{1,3}\x02\x01\x01\x04\x20",  # SEC1, as openssl writes an EC key
    re.DOTALL,
)
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){32}(?:(?:[0-9a-fA-F]{2}){32})?")
_SECRET_NAMES = frozenset({"private", "privatekey", "private_key", "secret", "secretkey", "secret_key", "seed", "d"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateMaterial:
    """A private key that was found."""

    name: str  # of the file; within an archive, archive!member
    form: str  # in words


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlooked:
    """Something that could not be looked into."""

    name: str
    reason: str


def find_private_material(name: str, stream: BinaryIO) -> Iterator[PrivateMaterial | Unlooked]:
    """Yield the private keys in one file, and in the files of an archive, one level deep.

    Args:
        stream: seekable, at its beginning.
    """
    head = stream.read(LIMIT_BYTES)
    if form := _form(head):
        yield PrivateMaterial(name=name, form=form)
        return
    stream.seek(0)
    try:
        yield from _in_archive(name, stream, head)
    except (
        tarfile.TarError,
        zipfile.BadZipFile,
        OSError,
        EOFError,
        ValueError,
        RuntimeError,
        NotImplementedError,
    ) as no:
        if head.startswith((b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")):
            yield Unlooked(name=name, reason=f"an archive that can't be read: {no}")


def _form(data: bytes) -> str | None:
    """Return in what form the bytes hold a private key, None where they hold none."""
    if _PEM.search(data):
        return "a private key in text form (PEM)"
    if _DER.match(data):
        return "a private key in binary form (DER)"
    if data.lstrip()[:1] in (b"{", b"[") and (form := _json_form(data)):
        return form
    return None


def _json_form(data: bytes) -> str | None:
    try:
        value = msgspec.json.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if (
        isinstance(value, dict)
        and isinstance(value.get("data"), dict)
        and {"kdf", "ciphertext"} <= value["data"].keys()
    ):
        return "an encrypted key file"
    return "a private key in the open" if _holds_secret(value) else None


def _holds_secret(value: Any) -> bool:
    """Whether a member that is named like a secret holds what looks like one."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            for member, held in item.items():
                if member.lower() in _SECRET_NAMES and isinstance(held, str) and _looks_secret(held):
                    return True
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return False


def _looks_secret(text: str) -> bool:
    return bool(_HEX.fullmatch(text)) or "PRIVATE KEY" in text or bool(re.fullmatch(r"[A-Za-z0-9+/_-]{43}=?", text))


def _in_archive(name: str, stream: BinaryIO, head: bytes) -> Iterator[PrivateMaterial | Unlooked]:
    if head.startswith(b"PK\x03\x04"):
        yield from _in_zip(name, stream)
    elif head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ")) or head[257:262] == b"ustar":
        yield from _in_tar(name, stream)


def _in_zip(name: str, stream: BinaryIO) -> Iterator[PrivateMaterial | Unlooked]:
    with zipfile.ZipFile(stream) as archive:
        for number, member in enumerate(archive.infolist()):
            if number >= MEMBERS:
                yield Unlooked(name=name, reason=f"holds more than {MEMBERS:,} files")
                return
            if member.flag_bits & 1:
                yield Unlooked(name=f"{name}!{member.filename}", reason="is encrypted")
            elif not member.filename.endswith("/"):  # a folder
                with archive.open(member) as held:
                    yield from _member(f"{name}!{member.filename}", held.read(LIMIT_BYTES))


def _in_tar(name: str, stream: BinaryIO) -> Iterator[PrivateMaterial | Unlooked]:
    try:
        with tarfile.open(fileobj=stream) as archive:
            for number, member in enumerate(archive):
                if number >= MEMBERS:
                    yield Unlooked(name=name, reason=f"holds more than {MEMBERS:,} files")
                    return
                if member.isfile() and (held := archive.extractfile(member)) is not None:
                    yield from _member(f"{name}!{member.name}", held.read(LIMIT_BYTES))
    except tarfile.ReadError:
        stream.seek(0)
        yield from _member(f"{name}!", _unpacked(stream))


def _unpacked(stream: BinaryIO) -> bytes:
    """Return the beginning of a single packed file."""
    import bz2
    import gzip
    import lzma

    head = stream.read(6)
    stream.seek(0)
    opener: Any = gzip.open if head.startswith(b"\x1f\x8b") else bz2.open if head.startswith(b"BZh") else lzma.open
    with opener(stream) as held:
        data: bytes = held.read(LIMIT_BYTES)
    return data


def _member(name: str, data: bytes) -> Iterator[PrivateMaterial]:
    if form := _form(data):
        yield PrivateMaterial(name=name, form=form)
