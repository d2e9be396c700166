"""The working directory as one of the originals opens it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tufkeep.cli.base.author import author
from tufkeep.cli.compat.asking import Passphrases, Words
from tufkeep.cli.compat.chosen import ChosenKeys

if TYPE_CHECKING:
    from tufkeep.cli.base.process import Process
    from tufkeep.keys.passphrase import PassphraseSource
    from tufkeep.stores import Store
    from tufkeep.workspace import Workspace

_FOR_EVER = 1_000_000  # tries, until Ctrl-C


def open_workspace(
    process: Process, directory: Path, *, environment: PassphraseSource, words: Words, plaintext: bool = False
) -> tuple[Workspace, ChosenKeys, Passphrases]:
    """Return the working directory, its keys, with whoever is asked for their passphrases."""
    from tufkeep.keys.folder import StoreKeyFolder
    from tufkeep.stores import CREATE, FolderStore, Unchanged
    from tufkeep.workspace import Policy, Workspace, layout
    from tufkeep.workspace.known_keys import read_known_keys

    store = FolderStore(directory, clock=process.clock, standing=layout.STANDING)
    passphrases = Passphrases(
        process,
        environment=environment,
        words=words,
        plaintext=plaintext,
        opens_empty=lambda file: _opens_empty(store, f"{layout.KEYS}{file}"),
    )
    folder = StoreKeyFolder(store=store, prefix=layout.KEYS, create_only=CREATE, unchanged=Unchanged)
    keyring = ChosenKeys(
        folder, passphrases=passphrases, known=read_known_keys(store), tries=_FOR_EVER if words.patient else 1
    )
    # The defaults of the originals hold, not those of a policy that they never read.
    workspace = Workspace(store, clock=process.clock, keyring=keyring, policy=Policy(), author=lambda: author(process))
    return workspace, keyring, passphrases


def _opens_empty(store: Store, name: str) -> bool:
    """Whether a key file was sealed with the empty passphrase, which go-tuf tries before it asks."""
    from tufkeep.errors import TufkeepError
    from tufkeep.keys.keyfile import LIMIT_BYTES, parse_key_file
    from tufkeep.keys.passphrase import Passphrase

    try:
        parse_key_file(store.read(name, limit=LIMIT_BYTES), name=name).open(Passphrase(""))
    except TufkeepError:
        return False
    return True
