"""Look at a request, then sign what it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from tufkeep.ceremony.approve import joined, sign
from tufkeep.ceremony.proposal import Proposal, propose
from tufkeep.cli.base import options, show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.offline import offline
from tufkeep.cli.base.options import passphrases
from tufkeep.cli.base.show import Line, Lines
from tufkeep.cli.commands.request.letters import FileInTheWay, read_file, read_if_there, write_file
from tufkeep.cli.commands.request.reviewing import ask_for_words, person_option, proposed
from tufkeep.errors import TufkeepError
from tufkeep.metadata.fingerprint import fingerprint
from tufkeep.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRoot:
    """A root that was signed, and what it still lacks."""

    approval: Path
    root: int
    signed: tuple[str, ...]  # keyids that signed now
    missing: tuple[str, ...]  # what is still asked for, in words
    waiting: tuple[str, ...]  # keyids that could give it


@command(
    "approve",
    example="tufkeep approve /media/stick/request.txt --keys /media/root-keys\n"
    "tufkeep approve /media/stick/tufkeep-approval.txt",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.option(
    "--keys", type=click.Path(path_type=Path), metavar="DIR", help="The folder with the root keys, in place of keys/."
)
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to write the approval [tufkeep-approval.txt beside FILE].",
)
@click.option("--confirm-words", is_flag=True, help="Two people type the words they hear from each other.")
@person_option
@offline
@passphrases
@options.dry_run
def approve(app: App, *, file: Path, keys: Path | None, to: Path | None, confirm_words: bool, dry_run: bool) -> None:
    """Show what a request leads to, warnings first, and sign it with every root key at hand.

    FILE is a request, or an approval that somebody else signed already and passed on. Made with the newest repository
    on this machine. Nothing else is changed here; what goes back is one file.
    """
    workspace = app.open_workspace(keys=keys)
    proposal = propose(workspace, read_file(file))
    app.show(proposed(proposal, words=not confirm_words))
    if proposal.done:
        app.say(f"root v{proposal.root.version} says all of this already: there is nothing to sign")
        return
    if dry_run:
        return
    there = to or file.parent / "tufkeep-approval.txt"
    proposal = _with_those_before(workspace, proposal, there)
    if confirm_words:
        ask_for_words(app, "first", proposal.seen, "the file, as the sender reads them")
        ask_for_words(app, "second", fingerprint(proposal.root.payload), "the root, as another holder reads them")
    app.confirm(f"sign root v{proposal.root.version}?")
    approved = sign(workspace, proposal)
    write_file(there, approved.data)
    lacking = [quorum for quorum in approved.proposal.quorums if not quorum.reached]
    app.show(
        SignedRoot(
            approval=there,
            root=approved.proposal.root.version,
            signed=approved.signed,
            missing=tuple(f"{quorum.missing} of the keys of {quorum.delegator}" for quorum in lacking),
            waiting=tuple(sorted({keyid for quorum in lacking for keyid in quorum.waiting})),
        )
    )


def _with_those_before(workspace: Workspace, proposal: Proposal, path: Path) -> Proposal:
    """Return the proposal with the signatures of an approval of the same root that lies where this one goes."""
    data = read_if_there(path)
    if data is None:
        return proposal
    try:
        return joined([proposal, propose(workspace, data)])
    except TufkeepError:
        raise FileInTheWay(path) from None


@show.text.register
def _(shown: SignedRoot) -> Lines:
    if shown.signed:
        yield Line(f"signed root v{shown.root} with {', '.join(keyid[:8] for keyid in shown.signed)}", "good")
    else:
        yield f"the keys here had signed root v{shown.root} before: nothing was added"
    if shown.missing:
        keys = ", ".join(keyid[:8] for keyid in shown.waiting)
        yield Line(f"still needed: {' and '.join(shown.missing)} ({keys})", "warning")
        yield f"wrote {shown.approval}: pass it on to the next holder, for tufkeep approve"
    else:
        yield f"wrote {shown.approval}: carry it back, for tufkeep accept"
