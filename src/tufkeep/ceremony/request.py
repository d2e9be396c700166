"""What somebody far from the root keys asks their holders for.

A request names new public keys with their owners, keys to retire, thresholds, an end. Each new key
has signed it, so that nobody can have a key trusted that somebody else holds. It says which root it
was made for. What the next root will be follows from that root and the request alone: everybody who
is asked to sign makes the same bytes, on whatever machine, and signatures made apart fit together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
from securesystemslib.signer import Key, Signature
from tuf.api.metadata import Root

from tufkeep.ceremony.letter import LetterRefused, read_letter, write_letter
from tufkeep.errors import BadRequest, TrustRefused
from tufkeep.keys.private import PrivateKey, forms_of
from tufkeep.metadata import edit
from tufkeep.metadata.canonical import MalformedMetadata, encode_canonical
from tufkeep.metadata.document import Document
from tufkeep.metadata.fingerprint import Fingerprint, fingerprint
from tufkeep.metadata.model import UnknownKey
from tufkeep.metadata.readers import require_plain_key

TYPE: Final = "tufkeep-request"  # in the signed bytes: no proof of possession is a signature over metadata
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
MAX_KEYS: Final = 64


class ProofWrong(TrustRefused):
    """Nobody has shown that they hold the private half of a key that is to be trusted."""

    exit_code = 27

    def __init__(self, role: str, keyid: str, *, found: Sequence[str]):
        who = f"found signatures of {', '.join(each[:8] for each in found)}" if found else "found none"
        super().__init__(f"{role} key {keyid[:8]}: expected its own signature under the request, {who}")
        self.role, self.keyid = role, keyid


class NothingAsked(BadRequest):
    """A request that asks for nothing."""

    def __init__(self) -> None:
        super().__init__("the request asks for nothing")


class Newcomer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key that is to be trusted for a role."""

    role: str
    keyid: str
    key: dict[str, Any]  # as metadata lists it
    owner: str = ""  # who holds it, by their own word

    @property
    def public(self) -> Key:
        return Key.from_dict(self.keyid, msgspec.to_builtins(self.key))


class Leaver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key that is to be trusted for a role no longer."""

    role: str
    keyid: str


class RootSeen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The root that a request was made for."""

    version: int
    payload_sha256: str  # of the signed bytes: more signatures make it no other root


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked."""

    base: RootSeen
    made: str
    expires: str  # of the next root, unless the one before it ends later
    exact_end: bool = False  # the end was asked for, be it earlier than now
    person: str = ""
    add: tuple[Newcomer, ...] = ()
    retire: tuple[Leaver, ...] = ()
    thresholds: dict[str, int] = {}
    type: str = msgspec.field(name="_type", default=TYPE)

    @property
    def payload(self) -> bytes:
        """What each new key signs."""
        return encode_canonical(msgspec.to_builtins(self))

    @property
    def ends(self) -> datetime:
        return datetime.strptime(self.expires, _TIME).replace(tzinfo=UTC)

    @property
    def made_at(self) -> datetime:
        return datetime.strptime(self.made, _TIME).replace(tzinfo=UTC)

    @property
    def owners(self) -> dict[str, str]:
        """Who holds the new keys, by their own word."""
        return {new.keyid: new.owner for new in self.add if new.owner}

    def asks_same(self, other: Request) -> bool:
        """Whether both lead to the same change, whenever they were made."""
        return msgspec.structs.replace(self, made=other.made, expires=other.expires) == other


class Letter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request with its proofs of possession."""

    request: Request
    proofs: dict[str, str] = {}  # keyid -> signature over the payload


def root_seen(root: Document[Root]) -> RootSeen:
    """Return how a root is named in a request."""
    return RootSeen(version=root.version, payload_sha256=fingerprint(root.payload).hex)


def newcomer(role: str, key: PrivateKey, *, owner: str) -> Newcomer:
    """Return how a new key is named in a request."""
    return Newcomer(role=role, keyid=key.keyid, key=key.public_key.to_dict(), owner=owner)


def make_request(
    root: Document[Root],
    *,
    keys: Mapping[PrivateKey, Newcomer],
    retire: Sequence[Leaver] = (),
    thresholds: Mapping[str, int],
    expires: datetime,
    exact_end: bool = False,
    now: datetime,
    person: str = "",
) -> Letter:
    """Return a request, signed by each new key, after looking whether a root can be made of it.

    Raises:
        NothingAsked: there is nothing in it.
        EditRefused: a role, keyid or threshold that this root can't have.
    """
    gone = tuple(Leaver(role=each.role, keyid=edit.find_keyid(root.signed, each.role, each.keyid)) for each in retire)
    request = Request(
        base=root_seen(root),
        made=f"{now:{_TIME}}",
        expires=f"{expires:{_TIME}}",
        exact_end=exact_end,
        person=person,
        add=tuple(keys.values()),
        retire=gone,
        thresholds=dict(thresholds),
    )
    if not (request.add or request.retire or request.thresholds or exact_end):
        raise NothingAsked
    next_root(root.signed, request)
    return Letter(request=request, proofs={key.keyid: key.sign(request.payload).signature for key in keys})


def next_root(root: Root, request: Request) -> Root:
    """Return the root that a request makes of one; it follows from the two alone.

    Raises:
        EditRefused: a key to retire is not there, or too few keys would be left; see `metadata.edit`.
    """
    expires = request.ends if request.exact_end else max(request.ends, root.expires)
    changed = edit.successor(root, version=root.version + 1, expires=expires)
    for new in request.add:
        changed = edit.add_key(changed, new.role, new.public)
    for gone in request.retire:
        changed = edit.revoke_key(changed, gone.role, gone.keyid, allow_unreachable=True)
    for role, threshold in sorted(request.thresholds.items()):
        changed = edit.set_threshold(changed, role, threshold, allow_unreachable=True)
    for lacking in edit.unreachable(changed):
        raise edit.ThresholdUnreachable(lacking.role, threshold=lacking.threshold, keys=lacking.keys)
    return changed


def fulfilled(root: Root, request: Request) -> bool:
    """Whether a root says already what is asked."""
    return (
        all(new.role in root.roles and new.keyid in root.roles[new.role].keyids for new in request.add)
        and not any(gone.role in root.roles and gone.keyid in root.roles[gone.role].keyids for gone in request.retire)
        and all(role in root.roles and root.roles[role].threshold == at for role, at in request.thresholds.items())
        and (not request.exact_end or root.expires == request.ends)
    )


def request_letter(letter: Letter, *, heading: Sequence[str]) -> bytes:
    """Return the file of a request."""
    return write_letter("tufkeep request", heading, {"tufkeep": "request", **msgspec.to_builtins(letter)})


def read_request(data: bytes) -> tuple[Letter, Fingerprint]:
    """Return a request whose proofs hold, with the fingerprint of its letter.

    Raises:
        LetterRefused: the file is no request, or was changed.
        ProofWrong: a new key has not signed it.
    """
    content, found = read_letter(data)
    if content.pop("tufkeep", None) != "request":
        raise LetterRefused("it is no request")
    return letter_of(content), found


def letter_of(content: Mapping[str, Any]) -> Letter:
    """Return the request in what a letter says, after its proofs were checked. Raises as `read_request`."""
    try:
        letter = msgspec.convert(content, Letter)
        _require_sound(letter)
    except (msgspec.ValidationError, MalformedMetadata, ValueError, TypeError, KeyError) as error:
        raise LetterRefused(str(error)) from None
    for new in letter.request.add:
        _require_proof(letter, new)
    return letter


def _require_sound(letter: Letter) -> None:
    request = letter.request
    _ = request.ends, request.made_at
    if request.type != TYPE:
        raise ValueError(f"a request of type {request.type!r}")
    if len(request.add) > MAX_KEYS or len(request.retire) > MAX_KEYS:
        raise ValueError(f"it names more than {MAX_KEYS} keys")
    for new in request.add:
        require_plain_key(new.keyid, new.key)
        if new.keyid not in forms_of(new.public):
            raise ValueError(f"keyid {new.keyid[:8]} is not the hash of the key beside it")


def _require_proof(letter: Letter, new: Newcomer) -> None:
    proof, key = letter.proofs.get(new.keyid), new.public
    try:
        if proof is None or isinstance(key, UnknownKey):
            raise UnverifiedSignatureError
        key.verify_signature(Signature(new.keyid, proof), letter.request.payload)
    except (UnverifiedSignatureError, VerificationError):
        others = sorted(keyid for keyid in letter.proofs if keyid != new.keyid)
        raise ProofWrong(new.role, new.keyid, found=others) from None
