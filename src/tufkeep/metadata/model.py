"""python-tuf's model out of parsed JSON, tolerant where the specification is.

A key of a type that nobody here knows must not make a whole root unreadable: it is kept,
written back as it came, and verifies nothing.

Spec: TUF 1.0.34 #document-formats.
"""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import Any, TypeVar

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import KEY_FOR_TYPE_AND_SCHEME, Key, Signature
from tuf.api.metadata import Root, Signed, Snapshot, Targets, Timestamp

from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.legacy import PointKey, point_key, whole_seconds
from tufkeep.metadata.target_map import LazyTargets, TargetMap

S = TypeVar("S", bound=Signed)
MODELS: dict[str, type[Signed]] = {
    "root": Root,
    "timestamp": Timestamp,
    "snapshot": Snapshot,
    "targets": LazyTargets,
}


class UnknownKey(Key):
    """A public key of a type or scheme that this program can't verify with."""

    @classmethod
    def from_dict(cls, keyid: str, key_dict: dict[str, Any]) -> UnknownKey:
        return cls(keyid, *cls._from_dict(key_dict), key_dict)

    def to_dict(self) -> dict[str, Any]:
        return self._to_dict()

    def verify_signature(self, signature: Signature, data: bytes) -> None:
        raise UnverifiedSignatureError(f"unknown key type {self.keytype}/{self.scheme}")


def build(value: Any, *, begun: bool = False) -> Signed:
    """Return the model of a parsed `signed` object, which is left as it was.

    Args:
        begun: a root that somebody is still making may lack roles; they are there then, without keys.

    Raises:
        MalformedMetadata: a member is missing or has a value that the specification forbids.
    """
    role_type = value.get("_type") if isinstance(value, dict) else None
    if not isinstance(role_type, str) or role_type not in MODELS:
        raise MalformedMetadata(f"unknown type {role_type!r}")
    try:
        own = _own(value)
        own["expires"] = whole_seconds(own["expires"])
        if begun and role_type == "root":
            own["roles"] = {**{role: {"keyids": [], "threshold": 1} for role in MODELS}, **own["roles"]}
        holder = own.get("delegations") if role_type == "targets" else own
        unusual = _take_unusual_keys(holder)
        model = MODELS[role_type].from_dict(own)
    except KeyError as error:
        raise MalformedMetadata(f"{error.args[0]} is missing", role=role_type) from None
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        raise MalformedMetadata(str(error) or type(error).__name__, role=role_type) from None
    if isinstance(model, Root):
        model.keys.update(unusual)
    elif isinstance(model, Targets) and model.delegations is not None:
        model.delegations.keys.update(unusual)
    return model


def editable_copy(model: S) -> S:
    """Return an independent copy to edit; cheap for a hundred thousand targets."""
    if isinstance(model, LazyTargets) and isinstance(model.targets, TargetMap):
        return copy.deepcopy(model, {id(model.targets): model.targets.copy()})
    return copy.deepcopy(model)


def public_identity(key: Key) -> tuple[str, object]:
    """Return what makes two keys the same key, whatever their keyids, schemes and spelling say.

    Else its one holder could reach a threshold of two, with one PEM wrapped at another column.
    """
    public = key.keyval.get("public")
    if not isinstance(public, str):
        return key.keytype, repr(key.keyval)
    if "-----BEGIN" in public:
        return "pem", _der(public)
    if isinstance(key, PointKey):
        return "pem", _der(key.pem)
    return key.keytype, "".join(public.split()).lower()  # bytes.fromhex reads blanks between digits


@lru_cache(maxsize=256)
def _der(pem: str) -> bytes:
    """Return the one DER form of a PEM's key; of one that can't be read, its text without white space."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

    try:
        key = load_pem_public_key(pem.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        return "".join(pem.split()).encode("utf-8", "surrogatepass")
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _own(value: dict[str, Any]) -> dict[str, Any]:
    """Copy what from_dict eats; the target entries are shared, for they are never changed."""
    return {name: member if name == "targets" else copy.deepcopy(member) for name, member in value.items()}


def _take_unusual_keys(holder: Any) -> dict[str, Key]:
    """Take out the keys that python-tuf could not read or not verify with, and return them as we read them."""
    keys = holder.get("keys") if isinstance(holder, dict) else None
    if not isinstance(keys, dict):
        return {}
    read = {keyid: _unusual_key(keyid, key) for keyid, key in keys.items() if isinstance(key, dict)}
    unusual = {keyid: key for keyid, key in read.items() if key is not None}
    for keyid in unusual:
        del keys[keyid]
    return unusual


def _unusual_key(keyid: str, key: dict[str, Any]) -> Key | None:
    if (key.get("keytype"), key.get("scheme")) not in KEY_FOR_TYPE_AND_SCHEME:
        return UnknownKey.from_dict(keyid, key)
    return point_key(keyid, key)
