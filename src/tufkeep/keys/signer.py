"""What signs: a key in a file, or whatever a caller brings, such as a token or a key service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from tufkeep.errors import PersonNeeded
from tufkeep.keys.private import forms_of

if TYPE_CHECKING:
    from securesystemslib.signer import Key, Signature


@runtime_checkable
class Signer(Protocol):
    """Something that can sign as one key; every signer of securesystemslib is one.

    tests/contract/test_signer.py holds every signer to it.
    """

    @property
    def public_key(self) -> Key:
        """The public key as metadata lists it, under its keyid."""
        ...

    def sign(self, payload: bytes) -> Signature:
        """Return a signature over the payload that `public_key` verifies."""
        ...


class SignatureWrong(PersonNeeded):
    """A signer returned a signature that its own public key does not verify."""

    exit_code = 43

    def __init__(self, keyid: str):
        super().__init__(f"key {keyid[:8]}: the signer returned a signature that its public key does not verify")
        self.keyid = keyid


def signatures(signers: Iterable[Signer], payload: bytes, wanted: Mapping[str, Key]) -> Iterator[Signature]:
    """Yield a signature by each of the wanted keys that a signer has, under the keyid it is wanted by.

    Raises:
        SignatureWrong: a signer signs with another key than the one it shows.
    """
    from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
    from securesystemslib.signer import Signature

    for signer in signers:
        keyid = _wanted_by(signer.public_key, wanted)
        if keyid is None:
            continue
        made = signer.sign(payload)
        signature = Signature(keyid, made.signature, made.unrecognized_fields)
        try:
            wanted[keyid].verify_signature(signature, payload)
        except (UnverifiedSignatureError, VerificationError):
            raise SignatureWrong(keyid) from None
        yield signature


def _wanted_by(public: Key, wanted: Mapping[str, Key]) -> str | None:
    """Return the keyid under which a key is wanted; ids are opaque, so another one may stand for the same key."""
    if public.keyid in wanted:
        return public.keyid
    forms = forms_of(public).keys()
    return next((keyid for keyid, key in wanted.items() if not forms_of(key).keys().isdisjoint(forms)), None)
