"""One metadata file: its bytes with python-tuf's model of them.

A signature is checked over the canonical form of the parsed JSON; in a large file over the raw slice
of the file first, which nearly always is that form and need not be encoded then. It is never
checked over a model written back: a model forgets what it did not know (``"paths": null``), and
a valid repository would be refused.

The same slice that is verified is the one that is parsed, so that no second reader of the
envelope can see something else.

Spec: TUF 1.0.34 #metaformat.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar, cast, overload

import msgspec
from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
from securesystemslib.signer import Key, Signature
from tuf.api.metadata import Root, Signed, Snapshot, Targets, Timestamp

from tufkeep.metadata.canonical import (
    MalformedMetadata,
    canonical_of,
    decode,
    encode_decoded,
    encode_json,
    json_fault,
    refuse_uncanonical,
)
from tufkeep.metadata.model import build, editable_copy
from tufkeep.metadata.target_map import LazyTargets

S_co = TypeVar("S_co", bound=Signed, covariant=True)
T = TypeVar("T", bound=Signed)
_TYPE_NAMES: dict[type[Signed], str] = {kind: kind.type for kind in (Root, Timestamp, Snapshot, Targets)}


_ENCODING_MATTERS = 1 << 20  # bytes; a smaller file is encoded in a few milliseconds
_ESCAPED = re.compile(  # a letter, a digit, or what stands between those of a date; two backslashes are one
    rb"(?<!\\)(?:\\\\)*\\u00(?:2[bdBD]|3[0-9aA]|[46][1-9a-fA-F]|[57][0-9aA])"
)
_CUT = b'],"signed":{'


class _Signatures(msgspec.Struct, forbid_unknown_fields=True):
    signatures: list[dict[str, Any]]


class _Envelope(msgspec.Struct):
    signed: msgspec.Raw
    signatures: list[dict[str, Any]] | None  # go-tuf writes null where nobody has signed


class Document(Generic[S_co]):
    """One metadata file, verified by nobody yet."""

    def __init__(
        self, *, raw: bytes, signatures: tuple[Signature, ...], data: bytes | None, value: Any, begun: bool = False
    ):
        self._raw = raw  # the slice of the file that is the signed part
        self._data = data  # the whole file where it was read, None where it was made here
        self._value = value  # the parsed signed part, or the model that it was made from
        self._begun = begun
        self._verdicts: dict[tuple[str, str, str], bool] = {}
        self.signatures = signatures

    def __repr__(self) -> str:
        version = str(self._said_version)[:20]  # what a hostile file says may be long
        return f"<Document v{version}, {len(self._raw):,} bytes, signatures: {len(self.signatures)}>"

    @overload
    @staticmethod
    def parse(data: bytes) -> Document[Signed]: ...
    @overload
    @staticmethod
    def parse(data: bytes, expected: type[T], *, begun: bool = False) -> Document[T]: ...
    @staticmethod
    def parse(data: bytes, expected: type[Signed] | None = None, *, begun: bool = False) -> Document[Any]:
        """Read a metadata file.

        Args:
            begun: as of `model.build`.

        Raises:
            MalformedMetadata: not JSON, not TUF metadata, or not of the expected type.
        """
        try:
            raw, signatures, value = _open_canonical(data) or _open(data)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise MalformedMetadata(json_fault(error), role=_TYPE_NAMES[expected] if expected else None) from None
        document: Document[Any] = Document(
            raw=raw, signatures=_signatures(signatures), data=data, value=value, begun=begun
        )
        if expected is not None and document.role_type != _TYPE_NAMES[expected]:
            raise MalformedMetadata(f"is a {document.role_type} file", role=_TYPE_NAMES[expected])
        return document

    @staticmethod
    def of(signed: T, signatures: Iterable[Signature] = ()) -> Document[T]:
        """Make the file of a model, encoded canonically once. The model is the document's from here on.

        Raises:
            NotCanonical: a member has no canonical form.
        """
        value = signed.to_dict()
        if not isinstance(signed, LazyTargets):  # which has checked every entry when it was set
            refuse_uncanonical(value)
        raw = encode_json(value)
        document: Document[T] = Document(raw=raw, signatures=tuple(signatures), data=None, value=None)
        document.__dict__["signed"] = signed  # fills the cached property
        document.__dict__["payload"] = canonical_of(raw)
        return document

    @cached_property
    def signed(self) -> S_co:
        """The model; not to be changed, see `editable`."""
        return cast("S_co", build(self._value, begun=self._begun))

    @cached_property
    def payload(self) -> bytes:
        """The canonical bytes that a signer signs."""
        return encode_decoded(self._value)

    @property
    def envelope(self) -> dict[str, Any]:
        """The whole file as parsed JSON, not to be changed; of members beside the two only the names."""
        others = () if self._data is None or _open_canonical(self._data) is not None else _member_names(self._data)
        signatures = [signature.to_dict() for signature in self.signatures]
        return {**dict.fromkeys(others), "signatures": signatures, "signed": self.value}

    @property
    def value(self) -> Any:
        """The signed part as parsed JSON, not to be changed."""
        return self._value if self._value is not None else self.signed.to_dict()

    @cached_property
    def data(self) -> bytes:
        """The whole file; where it was made here, canonical but for escaped control characters."""
        if self._data is not None:
            return self._data
        signatures = [signature.to_dict() for signature in self.signatures]
        refuse_uncanonical(signatures)
        return b"".join((b'{"signatures":', encode_json(signatures), b',"signed":', self._raw, b"}"))

    @cached_property
    def spelling_fault(self) -> str | None:
        """Why two readers may see two values in the text of the file, None where none can.

        Of a member twice, the last one counts here, as for every known client; whoever publishes should not rely on
        that. Clients in Go read hashes and dates without undoing escapes, and make another number of -0.
        """
        if self._data is None:
            return None
        if _open_canonical(self._data) is not None and canonical_of(self._raw) == self.payload:
            return None
        try:
            json.loads(self._data, object_pairs_hook=_require_each_once, parse_int=_require_no_minus_zero)
        except _Misspelled as error:
            return str(error)
        escaped = b"\\u00" in self._data and _ESCAPED.search(self._data) is not None
        return "a letter in it is written as an escape" if escaped else None

    @cached_property
    def sha256(self) -> str:
        """The hash of the whole file, in lower-case hex."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def role_type(self) -> str:
        """One of root, timestamp, snapshot, targets; a delegated role is of type targets."""
        if "signed" in self.__dict__:
            return self.signed.type
        kind = self._value.get("_type") if isinstance(self._value, dict) else None
        return kind if isinstance(kind, str) else self.signed.type  # building it says what is wrong

    @property
    def version(self) -> int:
        return self.signed.version

    @property
    def expires(self) -> datetime:
        return self.signed.expires

    def verifies(self, key: Key) -> bool:
        """Whether this key's own signature stands over these bytes; checked once per key."""
        identity = (key.keyid, key.scheme, str(key.keyval))
        if identity not in self._verdicts:
            self._verdicts[identity] = any(
                self._holds(key, signature) for signature in self.signatures if signature.keyid == key.keyid
            )
        return self._verdicts[identity]

    def with_signatures(self, added: Iterable[Signature]) -> Document[S_co]:
        """Return the same signed bytes with more signatures; a key's new one replaces its old one.

        Signatures are over the canonical form, so the file that comes back is canonical.
        """
        new = {signature.keyid: signature for signature in added}
        kept = [signature for signature in self.signatures if signature.keyid not in new]
        own = self._data is None or self._raw == self.payload  # made here, or in our form already
        raw = self._raw if own else encode_json(self._value)
        document: Document[S_co] = Document(
            raw=raw, signatures=(*kept, *new.values()), data=None, value=self._value, begun=self._begun
        )
        for name in ("signed", "payload"):
            if name in self.__dict__:
                document.__dict__[name] = self.__dict__[name]
        return document

    def same_payload(self, other: Document[Signed]) -> bool:
        """Whether a signature over one is a signature over the other."""
        if self._raw == other._raw:
            return True
        # Encoding a hundred thousand targets takes a while, and another version says the same at once.
        return self._said_version == other._said_version and self.payload == other.payload

    @property
    def _said_version(self) -> object:
        """What stands for the version, be it none: two documents that differ in it differ."""
        if "signed" in self.__dict__:
            return self.signed.version
        return self._value.get("version") if isinstance(self._value, dict) else None

    def _holds(self, key: Key, signature: Signature) -> bool:
        if len(self._raw) > _ENCODING_MATTERS and _holds(key, signature, self._raw):
            return True
        return _holds(key, signature, self.payload)


class _Misspelled(ValueError):
    pass


def _require_each_once(members: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in members}) != len(members):
        raise _Misspelled("an object in it names a member twice")


def _require_no_minus_zero(number: str) -> None:
    if number == "-0":
        raise _Misspelled("a number in it is written as -0")


def editable(document: Document[T]) -> T:
    """Return a copy of the document's model that may be changed."""
    return editable_copy(document.signed)


def _holds(key: Key, signature: Signature, payload: bytes) -> bool:
    try:
        key.verify_signature(signature, payload)
    except (UnverifiedSignatureError, VerificationError):
        return False
    return True


def _open(data: bytes) -> tuple[bytes, list[dict[str, Any]], Any]:
    envelope = msgspec.json.decode(data, type=_Envelope)
    raw = bytes(envelope.signed)
    return raw, envelope.signatures or [], decode(raw)


def _member_names(data: bytes) -> Iterable[str]:
    kind: type[dict[str, msgspec.Raw]] = dict[str, msgspec.Raw]
    return msgspec.json.decode(data, type=kind)


def _open_canonical(data: bytes) -> tuple[bytes, list[dict[str, Any]], Any] | None:
    """Open a file in our own form without a first pass over all of it; None when it has another form.

    What stands before the cut must be JSON with the signatures alone, what stands behind it one
    JSON value up to the last brace: then the file has these two members, once each, for any reader.
    """
    cut = data.find(_CUT)
    if not data.startswith(b'{"signatures":[') or cut < 0 or not data.endswith(b"}"):
        return None
    raw = data[cut + len(_CUT) - 1 : -1]
    try:
        return raw, msgspec.json.decode(data[: cut + 1] + b"}", type=_Signatures).signatures, decode(raw)
    except (msgspec.MsgspecError, ValueError, MalformedMetadata):
        return None  # not that form after all; the other reader says what is wrong


def _signatures(found: Iterable[dict[str, Any]]) -> tuple[Signature, ...]:
    signatures = []
    for entry in found:
        if not isinstance(entry.get("keyid"), str) or not isinstance(entry.get("sig"), str):
            raise MalformedMetadata("a signature without keyid or sig")
        signatures.append(Signature.from_dict(dict(entry)))
    return tuple(signatures)
