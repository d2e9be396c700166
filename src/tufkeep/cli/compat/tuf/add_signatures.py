"""tuf add-signatures: signatures that were made elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.tuf.desk import Desk

if TYPE_CHECKING:
    from securesystemslib.signer import Key, Signature

    from tufkeep.metadata.document import Document


def run(desk: Desk) -> None:
    """Verify each signature and take it in.

    Those before one that does not verify are kept, as go-tuf keeps them. The keys of the committed root may
    sign the staged one: its clients ask for them, and go-tuf would not take them.
    """
    file = desk.line.text("<metadata>")
    signatures = _read(desk.line.text("<sig_file>"))
    document = desk.document(file)
    role = file.removesuffix(".json")
    good, fault = _verify(document, signatures, desk.signers(role))
    if good:
        _take_in(desk, role, document.with_signatures(good))
    if fault:
        raise GoError(fault)
    desk.tell(f"tuf: added {len(signatures)} new signature(s)")


def _read(path: str) -> list[Signature]:
    import msgspec
    from securesystemslib.signer import Signature

    with click.open_file(path, "rb") as stream:
        data = stream.read()
    try:
        found = msgspec.json.decode(data, type=list[dict[str, str]] | None)
        return [Signature(entry["keyid"], entry["sig"]) for entry in found or ()]
    except (msgspec.MsgspecError, KeyError, ValueError):
        raise GoError(f"{path}: not the JSON array that tuf sign-payload prints") from None


def _verify(
    document: Document[Any], signatures: list[Signature], keys: Mapping[str, Key]
) -> tuple[list[Signature], str | None]:
    good: list[Signature] = []
    for signature in signatures:
        key = keys.get(signature.keyid)
        if key is None:
            return good, "tuf: invalid key"
        if not document.with_signatures([signature]).verifies(key):
            return good, "tuf: signature verification failed"
        good.append(signature)
    return good, None


def _take_in(desk: Desk, role: str, signed: Document[Any]) -> None:
    committed = role != "root" and desk.state.staged(role) is None
    if committed and signed.signatures != desk.document(f"{role}.json").signatures:
        raise GoError(
            f"{role}.json v{signed.version} is committed: with other signatures it would be other bytes "
            "under a version that clients have",
            hint=f"stage a new version and collect signatures for that one: tuf sign {role}.json",
        )
    with desk.workspace.edit(
        "add-signatures", follow=False, whole=False, again=(role,), sign=lambda document, _role, _keys: signed
    ):
        pass
