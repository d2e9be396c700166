"""Passphrases of keys that are made now: typed, from a source, generated, or none because somebody insists."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

from tufkeep.cli.base.app import App

if TYPE_CHECKING:
    from tufkeep.keys.passphrase import Passphrase, PassphraseRequest

F = TypeVar("F", bound=Callable[..., object])


def plaintext_allowed(function: F) -> F:
    """Give the command `insecure_plaintext` and `generate_passphrases`."""
    function = click.option(
        "--insecure-plaintext", is_flag=True, help="Keep the key unencrypted: anyone who gets the file has the key."
    )(function)
    return click.option(
        "--generate-passphrases", is_flag=True, help="Make strong passphrases of words, and show them once at the end."
    )(function)


class NewPassphrases:
    """Asked for the passphrase of each key that is made."""

    def __init__(self, app: App, *, plaintext: bool, generated: bool, dry_run: bool = False):
        """Prepare to be asked.

        Args:
            dry_run: the keys are thrown away at once, so nobody is troubled for their passphrases.
        """
        if plaintext and generated:
            raise click.UsageError("--insecure-plaintext and --generate-passphrases exclude each other")
        if generated and not dry_run and (app.choices.json or not app.terminal.here):
            raise click.UsageError(
                "--generate-passphrases shows secrets, so it needs a terminal; without one, take --passphrase-file"
            )
        self._app = app
        self._plaintext = plaintext or dry_run
        self._generated = generated
        self._shown = False
        self._bits: dict[str, float] = {}

    def __call__(self, request: PassphraseRequest) -> Passphrase | None:
        if self._plaintext:
            return None
        if not self._generated:
            return self._weighed(self._app.passphrases(request), request)
        from tufkeep.keys.words import generate_passphrase

        passphrase = generate_passphrase()
        # On the terminal before the key file is written: else a crash would lock the key for ever.
        self._app.terminal.tell(f"passphrase of {request.file}: {passphrase.reveal()}")
        self._shown = True
        return passphrase

    def _weighed(self, passphrase: Passphrase, request: PassphraseRequest) -> Passphrase:
        from tufkeep.keys.words import most_bits

        self._bits[request.file] = most_bits(passphrase)
        return passphrase

    def finish(self) -> None:
        """Remind the person of what was shown, and warn of what surely is too short."""
        from tufkeep.keys.words import ENOUGH_BITS

        if self._shown:
            self._app.terminal.tell("write these passphrases down now: they are shown this once and kept nowhere")
        weak = {file: bits for file, bits in self._bits.items() if bits < ENOUGH_BITS}
        if weak:
            self._app.warn(
                f"short passphrase of {', '.join(weak)}: at most {min(weak.values()):.0f} bits, which a thief can try; "
                "--generate-passphrases makes one of 103"
            )
