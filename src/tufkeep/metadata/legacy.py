"""How metadata was once written, in roots that some clients still begin from.

Sigstore's first roots spell an ECDSA key as the hex digits of its point, and dates with fractions of a
second or an offset, as go-tuf of their time did. A client that cannot read them cannot walk
the chain that leads away from them.

Spec: TUF 1.0.34 #keyval, #expires, say how it is written now; RFC 3339.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, cast

from securesystemslib.signer import Signature, SSlibKey

_POINT = re.compile(r"04[0-9a-fA-F]{128}")  # SEC 1: an uncompressed point on P-256
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


class PointKey(SSlibKey):
    """A P-256 key that stands in the metadata as the digits of its point, and is written back so."""

    @property
    def pem(self) -> str:
        """The same key as everybody writes it now."""
        from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        point = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), bytes.fromhex(self.keyval["public"]))
        return point.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def verify_signature(self, signature: Signature, data: bytes) -> None:
        SSlibKey(self.keyid, "ecdsa", self.scheme, {"public": self.pem}).verify_signature(signature, data)


def point_key(keyid: str, key: dict[str, Any]) -> PointKey | None:
    """Return the key if it is spelled as a point of the curve, None for any other."""
    public = key["keyval"].get("public") if isinstance(key.get("keyval"), dict) else None
    if key.get("keytype") != "ecdsa-sha2-nistp256" or not isinstance(public, str) or not _POINT.fullmatch(public):
        return None
    read = cast("PointKey", PointKey.from_dict(keyid, dict(key)))
    try:
        read.pem  # noqa: B018  off the curve there is no key
    except ValueError:
        return None
    return read


def whole_seconds(expires: Any) -> Any:
    """Return a date as the specification wants it: in UTC, whole seconds, cut off and not rounded.

    What is no date stays as it is, for the model to refuse.
    """
    match = _RFC_3339.fullmatch(expires) if isinstance(expires, str) else None
    if match is None or (match[1] is None and match[2] == "Z"):
        return expires
    try:
        moment = datetime.fromisoformat(expires.replace(match[1] or "", "")).astimezone(UTC)
    except (ValueError, OverflowError):
        return expires
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
