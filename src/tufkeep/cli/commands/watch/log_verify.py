"""Prove that the record is the one that was written."""

from __future__ import annotations

import re
from dataclasses import dataclass

import click

from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Line, Lines

_HASH = re.compile(r"[0-9a-f]{16,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A record whose lines follow each other."""

    entries: int
    last_sha256: str
    words: str  # the hash of the last line, to be read aloud
    proved: int  # versions whose signers are those that the record names
    unproved: tuple[str, ...]


@command("log verify", example="tufkeep log verify\ntufkeep log verify --contains 5d41402abc4b2a76")
@click.option("--contains", metavar="SHA256", help="A hash of a line that was printed or written down earlier.")
def log_verify(app: App, *, contains: str | None) -> None:
    """Prove that no line of the record was changed, taken out or put between, and that the signers it names signed.

    The signatures are verified in the metadata that the record names, as far as it is in repository/; what could not be
    checked is named.

    Whoever can rewrite all of it can make a new chain. Against that helps a hash that was printed, or is part of an
    approval: --contains looks for its line.
    """
    from tufkeep.metadata.fingerprint import Fingerprint
    from tufkeep.workspace import RecordBroken
    from tufkeep.workspace.record_proof import prove_record

    if contains is not None and not _HASH.fullmatch(contains):
        raise click.UsageError("--contains takes at least the first 16 letters of a sha256, such as 5d41402abc4b2a76")
    lines = app.workspace.record.read()
    if contains is not None and not any(line.sha256.startswith(contains) for line in lines):
        raise RecordBroken(f"no line up to here has the sha256 {contains[:16]}", line=len(lines))
    proof = prove_record(lines, app.workspace.state)
    last = lines[-1].sha256 if lines else ""
    app.show(
        Verified(
            entries=len(lines),
            last_sha256=last,
            words=str(Fingerprint(digest=bytes.fromhex(last))) if last else "",
            proved=proof.proved,
            unproved=proof.unproved,
        )
    )


@show.text.register
def _(shown: Verified) -> Lines:
    words = "entry" if shown.entries == 1 else "entries, each bound to the one before"
    yield Line(f"the record is whole: {shown.entries:,} {words}", "good")
    if shown.proved:
        yield f"who signed is proved for {shown.proved:,} version{'' if shown.proved == 1 else 's'} of metadata"
    yield from (Line(f"not proved: {text}", "warning") for text in shown.unproved)
    if shown.entries:
        yield f"last line: {shown.last_sha256}"
        spoken = shown.words.split()
        yield from (f"  {' '.join(spoken[at : at + 8])}" for at in range(0, len(spoken), 8))
