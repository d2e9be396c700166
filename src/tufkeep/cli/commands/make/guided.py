"""The guided way to make keys: one passphrase at a time, each proved to be on paper before its key is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tufkeep.cli.base.app import App
from tufkeep.cli.base.new_keys import NewPassphrases
from tufkeep.keys.passphrase import Passphrase, PassphraseRequest, PassphrasesDiffer

if TYPE_CHECKING:
    from tufkeep.workspace import Workspace

TRIES = 3
ROOT_KEYS = 3  # of which one may be lost


class GuidedPassphrases:
    """Has one passphrase typed, or made and written down, for each key.

    No key file is written before its passphrase was typed back: what is lost by then is one that locks nothing.
    """

    def __init__(self, app: App):
        if app.choices.json or not app.terminal.here:
            raise click.UsageError("--ceremony is a conversation, so it needs a terminal and no --json")
        self._terminal = app.terminal

    def __call__(self, request: PassphraseRequest) -> Passphrase:
        self._terminal.tell("")
        self._terminal.tell(f"The passphrase of {request.file}")
        typed = self._terminal.ask_secret("  type your own, or press Enter to have one made: ")
        if typed:
            return self._proved(Passphrase(typed), "  the same again: ", request)
        from tufkeep.keys.words import generate_passphrase

        made = generate_passphrase()
        self._terminal.tell("  write this down now, it is shown this once and kept nowhere:")
        self._terminal.tell(f"    {made.reveal()}")
        return self._proved(made, "  type it from the paper: ", request)

    def finish(self) -> None:
        """Nothing is left to say: each passphrase is on paper."""

    def _proved(self, passphrase: Passphrase, prompt: str, request: PassphraseRequest) -> Passphrase:
        for attempt in range(TRIES):
            if Passphrase(self._terminal.ask_secret(prompt)) == passphrase:
                return passphrase
            if attempt < TRIES - 1:
                self._terminal.tell("  That is not the same passphrase. Try again.")
        raise PassphrasesDiffer(request.file)


def new_passphrases(
    app: App, *, ceremony: bool, plaintext: bool, generated: bool, dry_run: bool
) -> GuidedPassphrases | NewPassphrases:
    """Return who is asked for the passphrase of each key that is made."""
    if not ceremony:
        return NewPassphrases(app, plaintext=plaintext, generated=generated, dry_run=dry_run)
    if dry_run:
        raise click.UsageError("--ceremony and --dry-run exclude each other: a ceremony is for real")
    if plaintext or generated:
        raise click.UsageError("--ceremony asks for each passphrase, so no other option may say where they come from")
    return GuidedPassphrases(app)


def ask_root_keys(app: App, workspace: Workspace, count: int | None, threshold: int | None) -> tuple[int, int] | None:
    """Return how many root keys there shall be, and how many must sign; None to go on with what is there."""
    from tufkeep.workspace.create import default_threshold
    from tufkeep.workspace.operations import Blueprint
    from tufkeep.workspace.unfinished import begun

    if count is None and threshold is None and begun(workspace.store, Blueprint) is not None:
        app.terminal.tell("continuing the init that was started here")
        return None
    if workspace.state.committed("root") is not None:
        return None  # nothing to ask: what comes next refuses
    keys = count or _ask_number(app, "How many root keys?", ROOT_KEYS)
    return keys, threshold or _ask_number(app, "How many of them must sign?", default_threshold(keys), most=keys)


def _ask_number(app: App, question: str, default: int, *, most: int = 64) -> int:
    while True:
        answer = app.terminal.ask(f"{question} [{default}] ").strip() or str(default)
        if answer.isdecimal() and 1 <= int(answer) <= most:
            return int(answer)
        app.terminal.tell(f"  a number from 1 to {most}")


def tell_fingerprint(app: App, workspace: Workspace) -> None:
    """Show the root that agents will trust in words, with what to do next."""
    from tufkeep.metadata.fingerprint import fingerprint

    root = workspace.state.root
    app.say("", f"root.json v{root.version} in words, for the paper:")
    app.say(*(f"  {line}" for line in fingerprint(root.data).lines()))
    app.say("", "next: write the backups, then prove them: tufkeep drive write, tufkeep key check")
