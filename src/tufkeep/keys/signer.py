"""What signs: a key in a file today, a token or a key service tomorrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from securesystemslib.signer import Key, Signature


class Signer(Protocol):
    """Something that can sign as one key; tests/contract/test_signer.py holds every signer to it."""

    @property
    def keyid(self) -> str:
        """The id that the metadata to be signed knows the key by."""
        ...

    @property
    def public(self) -> Key:
        """The public key as metadata lists it, under `keyid`."""
        ...

    def sign(self, payload: bytes) -> Signature:
        """Return a signature over the payload that `public` verifies."""
        ...
