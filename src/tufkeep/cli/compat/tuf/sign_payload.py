"""tuf sign-payload: signatures over what payload printed."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import click

from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.tuf.desk import Desk

if TYPE_CHECKING:
    from tufkeep.keys.private import PrivateKey


def run(desk: Desk) -> None:
    """Print the signatures as a JSON array, with no new line after it."""
    role = desk.line.text("--role")
    with click.open_file(desk.line.text("<path>"), "rb") as stream:
        payload = _canonical(stream.read())
    keys = _keys(desk, role)
    if not keys:
        raise GoError(f"tuf: no keys available to sign {role}", hint="run it where the key files are")
    signatures = [key.sign(payload) for key in keys]
    entries = [{"keyid": one.keyid, "sig": one.signature} for one in signatures]
    desk.write(json.dumps(entries, separators=(",", ":")))
    desk.tell(f"tuf: signed with {len(keys)} key(s)")


def _canonical(data: bytes) -> bytes:
    """Return the bytes to sign.

    Canonical JSON has the line ends of PEM keys as they are, which strict readers refuse: go-tuf can't sign it so.
    """
    from tufkeep.metadata.canonical import MalformedMetadata, decode, encode_canonical

    try:
        return encode_canonical(decode(data))
    except MalformedMetadata:
        with contextlib.suppress(ValueError):
            if (payload := encode_canonical(json.loads(data, strict=False))) == data:
                return payload
        raise


def _keys(desk: Desk, role: str) -> tuple[PrivateKey, ...]:
    """Return the keys of a role; those of root from its file, where there is no metadata beside it."""
    if role == "root" and desk.state.current("root") is None:
        there = any(file.name == "root.json" for file in desk.keyring.files())
        return desk.keyring.open_file("root.json", role=role) if there else ()
    return desk.choose(role, anywhere=True)
