"""Keys and metadata made for one test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner, Key, SSlibKey
from tuf.api.metadata import Root, Signed, TargetFile, Targets

from tufkeep.metadata.document import Document
from tufkeep.metadata.target_map import LazyTargets

S = TypeVar("S", bound=Signed)

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=365)
ROLES = ("root", "targets", "snapshot", "timestamp")

Listed = Mapping[str, Sequence[CryptoSigner | Key]]


def signer(name: str, kind: str = "ed25519") -> CryptoSigner:
    """Return a private key; the same name and kind give the same key all through a run, ed25519 in every run."""
    return _made(name, kind)


@cache
def _made(name: str, kind: str) -> CryptoSigner:
    if kind == "rsa":
        return CryptoSigner.generate_rsa()
    if kind == "ecdsa":
        return CryptoSigner.generate_ecdsa()
    return CryptoSigner(Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest()))


def signers(role: str, count: int) -> list[CryptoSigner]:
    return [signer(f"{role}{number}") for number in range(1, count + 1)]


def public(key: CryptoSigner | Key) -> Key:
    return key.public_key if isinstance(key, CryptoSigner) else key


def renamed(key: CryptoSigner | Key, keyid: str) -> SSlibKey:
    """Return the same public key under another keyid."""
    original = public(key)
    return SSlibKey(keyid, original.keytype, original.scheme, dict(original.keyval))


def root_model(
    listed: Listed | None = None,
    *,
    version: int = 1,
    thresholds: Mapping[str, int] | None = None,
    expires: datetime = LATER,
) -> Root:
    """Return a root that lists these keys; a role that is not named has one key of its own."""
    model = Root(version=version, expires=expires)
    for role in ROLES:
        for key in (listed or {}).get(role, [signer(role)]):
            model.roles[role].keyids.append(public(key).keyid)
            model.keys[public(key).keyid] = public(key)
        model.roles[role].threshold = (thresholds or {}).get(role, 1)
    return model


def signed_by(model: S, *keys: CryptoSigner) -> Document[S]:
    document = Document.of(model)
    return document.with_signatures(key.sign(document.payload) for key in keys)


def root(
    number: int, keys: Iterable[CryptoSigner], *, by: Iterable[CryptoSigner] | None = None, threshold: int = 1
) -> Document[Root]:
    """Return a root version with these root keys, signed by all of them, or by others."""
    own = list(keys)
    model = root_model({"root": own}, version=number, thresholds={"root": threshold})
    return signed_by(model, *(own if by is None else by))


def reread(document: Document[S], kind: type[S]) -> Document[S]:
    """Return the document as somebody reads it who gets its bytes."""
    return Document.parse(document.data, kind)


def target(path: str, content: bytes = b"x", custom: Mapping[str, object] | None = None) -> TargetFile:
    file = TargetFile.from_data(path, content, ["sha256", "sha512"])
    if custom is not None:
        file.unrecognized_fields["custom"] = dict(custom)
    return file


def targets_model(files: Iterable[TargetFile] = (), *, version: int = 1, expires: datetime = LATER) -> Targets:
    value = {
        "_type": "targets",
        "spec_version": "1.0.31",
        "version": version,
        "expires": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "targets": {file.path: file.to_dict() for file in files},
    }
    return LazyTargets.from_dict(value)
