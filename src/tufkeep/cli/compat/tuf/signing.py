"""tuf sign, payload, sign-payload, add-signatures: signatures on a metadata file, here or on another machine."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.tuf.session import TufSession
from tufkeep.keys.naming import named_for

if TYPE_CHECKING:
    from securesystemslib.signer import Key, Signature

    from tufkeep.keys.private import PrivateKey
    from tufkeep.metadata.document import Document


def sign(session: TufSession) -> None:
    """Sign a metadata file with every key that is found."""
    file = session.line.text("<metadata>")
    role = file.removesuffix(".json")
    document = session.document(file)
    keys = session.choose(role, anywhere=True)
    if not keys:
        raise GoError(f"tuf: no keys available to sign {file}", hint=_where_to_look(session, role))
    signers = session.state.signers(role)
    missing = [key for key in keys if not document.verifies(signers[key.keyid])]
    if role != "root" and session.state.staged(role) is None:
        if missing:
            _sign_committed(session, role, document)
    else:
        with session.workspace.edit("sign", follow=False, whole=False, again=(role,)):
            pass
    session.print(f"Signed {file} with {len(keys)} key(s)")
    if role == "root":
        _warn_of_missing_files(session)


def payload(session: TufSession) -> None:
    """Print the bytes that are signed, with no newline after them."""
    session.write(session.document(session.line.text("<metadata>")).payload.decode())


def sign_payload(session: TufSession) -> None:
    """Print signatures over what `payload` printed as a JSON array, with no newline after it."""
    role = session.line.text("--role")
    with click.open_file(session.line.text("<path>"), "rb") as stream:
        signed_bytes = _canonical(stream.read())
    keys = _payload_keys(session, role)
    if not keys:
        raise GoError(f"tuf: no keys available to sign {role}", hint="run it where the key files are")
    signatures = [key.sign(signed_bytes) for key in keys]
    entries = [{"keyid": one.keyid, "sig": one.signature} for one in signatures]
    session.write(json.dumps(entries, separators=(",", ":")))
    session.report(f"tuf: signed with {len(keys)} key(s)")


def add_signatures(session: TufSession) -> None:
    """Verify each signature and add it to the metadata.

    Those before one that does not verify are kept, as go-tuf keeps them. The keys of the committed root may sign the
    staged one: its clients need them, and go-tuf would refuse them.
    """
    file = session.line.text("<metadata>")
    signatures = _read_signatures(session.line.text("<sig_file>"))
    document = session.document(file)
    role = file.removesuffix(".json")
    good, fault = _verify(document, signatures, session.state.signers(role))
    if good:
        _add(session, role, document.with_signatures(good))
    if fault:
        raise GoError(fault)
    session.report(f"tuf: added {len(signatures)} new signature(s)")


def _sign_committed(session: TufSession, role: str, document: Document[Any]) -> None:
    """Stage the next version: clients may have the committed one, and would refuse other bytes under its version."""
    with session.edit("sign") as edit:
        edit.renew(role)
        edit.set_expiry(role, document.expires)
        version = edit.models[role].version
    session.warn(
        f"{role}.json v{document.version} is committed and stays as it is: v{version} was staged and signed",
        hint="tuf snapshot, tuf timestamp and tuf commit publish it; tuf clean discards it",
    )


def _where_to_look(session: TufSession, role: str) -> str:
    names = [file.name for file in session.keyring.files()]
    if not names:
        return "keys/ is empty: run it where the key files are"
    return f"none of {', '.join(f'keys/{name}' for name in names)} opened with a key of {role}"


def _warn_of_missing_files(session: TufSession) -> None:
    """Warn where a root key that was in a file here is in none now, such as after `mv` replaced its file."""
    from tufkeep.workspace.known_keys import read_known_keys

    staged = session.state.current("root")
    if staged is None:
        return
    before = {keyid for keyids in read_known_keys(session.workspace.store).values() for keyid in keyids}
    here = {keyid for file in session.keyring.files() for keyid in file.keyids or ()}
    unopened = any(file.keyids is None and named_for("root", file.name) for file in session.keyring.files())
    waiting = session.state.quorums("root")[-1].waiting
    lost = sorted(keyid[:8] for keyid in staged.signed.roles["root"].keyids if keyid in before - here)
    if lost and not unopened:
        still = " and has not signed yet" if any(keyid[:8] in lost for keyid in waiting) else ""
        session.warn(
            f"root key {', '.join(lost)} was in a file under keys/ and is in none now{still}",
            hint="if a file was moved over its only copy, restore it from a backup; signing needs no file to be moved",
        )


def _canonical(data: bytes) -> bytes:
    """Return the bytes to sign.

    Canonical JSON contains the newlines of PEM keys unescaped, which strict readers refuse, go-tuf's own included.
    """
    from tufkeep.metadata.canonical import MalformedMetadata, decode, encode_canonical

    try:
        return encode_canonical(decode(data))
    except MalformedMetadata:
        with contextlib.suppress(ValueError):
            if (canonical := encode_canonical(json.loads(data, strict=False))) == data:
                return canonical
        raise


def _payload_keys(session: TufSession, role: str) -> tuple[PrivateKey, ...]:
    """Return the keys of a role; those of root from its file, where there is no metadata beside it."""
    if role == "root" and session.state.current("root") is None:
        exists = any(file.name == "root.json" for file in session.keyring.files())
        return session.keyring.open_file("root.json", role=role) if exists else ()
    return session.choose(role, anywhere=True)


def _read_signatures(path: str) -> list[Signature]:
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


def _add(session: TufSession, role: str, signed: Document[Any]) -> None:
    committed = role != "root" and session.state.staged(role) is None
    if committed and signed.signatures != session.document(f"{role}.json").signatures:
        raise GoError(
            f"{role}.json v{signed.version} is committed: with other signatures it would be other bytes "
            "under a version that clients have",
            hint=f"stage a new version and collect signatures for that one: tuf sign {role}.json",
        )
    with session.workspace.edit(
        "add-signatures", follow=False, whole=False, again=(role,), sign=lambda document, _role, _keys: signed
    ):
        pass
