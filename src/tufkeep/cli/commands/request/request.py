"""Ask the holders of the root keys for a change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click

from tufkeep.ceremony.ask import Wish, ask, asked
from tufkeep.ceremony.request import Leaver, Letter, read_request, request_letter
from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.new_keys import NewPassphrases, plaintext_allowed
from tufkeep.cli.base.options import passphrases
from tufkeep.cli.base.show import Line, Lines
from tufkeep.cli.commands.request.letters import FileInTheWay, read_if_there, write_file
from tufkeep.cli.commands.request.reviewing import person_option
from tufkeep.errors import TufkeepError
from tufkeep.metadata.expiry import expires_after
from tufkeep.metadata.review import whole

_ROLES = ("root", "targets", "snapshot", "timestamp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A request that lies in a file."""

    request: Path
    based_on_root: int
    asks: tuple[str, ...]
    sha256: str
    words: tuple[str, ...]
    written: bool  # False where the file was there from before


@command(
    "request",
    example="tufkeep request --add timestamp --owner releaser-2 --to /media/stick/request.txt\n"
    "tufkeep request --replace targets=3f2a91c0 --owner releaser-1\n"
    "tufkeep request --threshold root=2 --expires 365",
)
@click.option("--add", multiple=True, type=click.Choice(_ROLES), help="Make a key and ask to have it trusted.")
@click.option("--replace", multiple=True, metavar="ROLE=KEYID", help="The same, in place of this key.")
@click.option("--retire", multiple=True, metavar="ROLE=KEYID", help="Ask to have a key trusted no more.")
@click.option("--threshold", multiple=True, metavar="ROLE=M", help="Ask for M signatures of a role.")
@click.option("--expires", type=click.IntRange(1, 36_500), metavar="DAYS", help="Ask for root to end in DAYS.")
@click.option("--owner", default="", metavar="NAME", help="Who has the new keys.")
@click.option("--key-type", type=click.Choice(["ed25519", "ecdsa-sha2-nistp256", "rsa"]), default="ed25519")
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("tufkeep-request.txt"),
    metavar="FILE",
    help="Where to write the request [tufkeep-request.txt].",
)
@plaintext_allowed
@person_option
@passphrases
def request(
    app: App,
    *,
    add: tuple[str, ...],
    replace: tuple[str, ...],
    retire: tuple[str, ...],
    threshold: tuple[str, ...],
    expires: int | None,
    owner: str,
    key_type: str,
    to: Path,
    insecure_plaintext: bool,
    generate_passphrases: bool,
) -> None:
    """Ask the holders of the root keys for a change, in one small file that may travel on any drive.

    New keys are made here, in keys/, and never leave; the file holds their public halves, and a signature by each. Root
    holders look at it with tufkeep approve.
    """
    leaving = [_leaver(text, "--replace") for text in replace]
    wish = Wish(
        add=(*add, *(each.role for each in leaving)),
        retire=(*leaving, *(_leaver(text, "--retire") for text in retire)),
        thresholds=tuple(_threshold(text) for text in threshold),
        expires=expires_after(timedelta(days=expires), now=app.clock()) if expires else None,
        owner=owner,
        keytype=key_type,
    )
    new = NewPassphrases(app, plaintext=insecure_plaintext, generated=generate_passphrases)
    workspace = app.workspace
    letter = ask(workspace, wish, new_passphrase=new, person=app.choices.person, tell=app.say)
    told = asked(workspace, letter)
    base = letter.request.base.version
    data = request_letter(
        letter, heading=[f"based on root v{base}; look at it with: tufkeep approve FILE", *whole(told)]
    )
    before = read_if_there(to)
    written = before is None
    if before is not None:
        data = _same(before, letter, to)
    else:
        write_file(to, data)
    _, seen = read_request(data)
    app.show(
        Requested(
            request=to,
            based_on_root=base,
            asks=whole(told),
            sha256=seen.hex,
            words=seen.lines(),
            written=written,
        )
    )
    new.finish()


def _same(before: bytes, letter: Letter, path: Path) -> bytes:
    """Return the file that is there, where it asks for the same."""
    try:
        there, _ = read_request(before)
    except TufkeepError:
        raise FileInTheWay(path) from None
    if not there.request.asks_same(letter.request):
        raise FileInTheWay(path)
    return before


def _leaver(text: str, option: str) -> Leaver:
    role, _, keyid = text.partition("=")
    if role not in _ROLES or not keyid:
        raise click.BadParameter(f"{text!r} is not a role and a keyid, such as targets=3f2a91c0", param_hint=option)
    return Leaver(role=role, keyid=keyid)


def _threshold(text: str) -> tuple[str, int]:
    role, _, number = text.partition("=")
    if role not in _ROLES or not (number.isascii() and number.isdecimal()) or not 1 <= int(number) <= 64:
        raise click.BadParameter(f"{text!r} is not a role and a number, such as root=2", param_hint="--threshold")
    return role, int(number)


@show.text.register
def _(shown: Requested) -> Lines:
    yield from (Line(text, "warning" if text.startswith("warning: ") else "plain") for text in shown.asks)
    if not shown.written:
        yield Line(f"{shown.request} asks for this already; it stays as it is", "good")
    else:
        yield Line(f"wrote {shown.request}: carry it to the holders of the root keys", "good")
    yield f"in words, for them to compare ({shown.sha256[:16]}...):"
    yield from (f"  {line}" for line in shown.words)
