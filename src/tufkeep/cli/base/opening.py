"""How a command gets at the working directory: the real one, or a trial that forgets."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tufkeep.cli.base.author import author
from tufkeep.cli.base.process import Choices, Process

if TYPE_CHECKING:
    from tufkeep.keys.passphrase import PassphraseSource
    from tufkeep.stores import FolderStore, Store
    from tufkeep.workspace import Workspace
    from tufkeep.workspace.clock_check import ClockDoubted


def open_workspace(
    process: Process, choices: Choices, passphrases: PassphraseSource, *, keys: Path | None = None
) -> Workspace:
    """Return the working directory that --dir names.

    Args:
        keys: a folder of key files in place of its keys/, such as one on a drive.
    """
    return _workspace(working_folder(process, choices.directory), process, choices, passphrases, keys)


def working_folder(process: Process, directory: Path) -> FolderStore:
    """Return the files of a working directory."""
    from tufkeep.stores import FolderStore
    from tufkeep.workspace import layout

    return FolderStore(directory, clock=process.clock, standing=layout.STANDING)


@contextmanager
def trial_workspace(
    process: Process, choices: Choices, passphrases: PassphraseSource, *, keys: Path | None = None
) -> Iterator[Workspace]:
    """Give the working directory with every change kept beside it, in a temporary folder, until the block ends.

    A folder, because what is added may be larger than the memory.
    """
    from tufkeep.stores import FolderStore
    from tufkeep.stores.overlay import OverlayStore

    with tempfile.TemporaryDirectory(prefix="tufkeep-trial-") as folder:
        base = FolderStore(choices.directory, clock=process.clock)
        yield _workspace(OverlayStore(base, FolderStore(folder, durable=False)), process, choices, passphrases, keys)


def _workspace(
    store: Store, process: Process, choices: Choices, passphrases: PassphraseSource, keys: Path | None
) -> Workspace:
    from tufkeep.keys.folder import KeyFolder
    from tufkeep.keys.keyring import Keyring
    from tufkeep.keys.modes import modes_below
    from tufkeep.stores import FolderStore
    from tufkeep.workspace import Workspace, layout
    from tufkeep.workspace.known_keys import read_known_keys

    folder = KeyFolder(
        store=store if keys is None else FolderStore(keys, clock=process.clock),
        prefix=layout.KEYS if keys is None else "",
        modes=modes_below(keys or choices.directory / layout.KEYS),
    )
    keyring = Keyring(folder, passphrases=passphrases, known=read_known_keys(store))
    return Workspace(
        store,
        clock=process.clock,
        keyring=keyring,
        author=lambda: author(process, name=choices.person),
        clock_doubted=lambda doubt: _look_at_a_watch(process, choices, doubt),
    )


def _look_at_a_watch(process: Process, choices: Choices, doubt: ClockDoubted) -> None:
    """Return when a person says that the clock is right, now or with an option. --yes answers other questions.

    Raises:
        ClockDoubted: nobody does.
    """
    from tufkeep.cli.base.terminal import Terminal

    if choices.clock_is_right:
        return
    terminal = Terminal(process.stdin, process.stderr)
    if not terminal.here or terminal.ask(f"{doubt}; is it right? [y/N] ").strip().lower() not in {"y", "yes"}:
        raise doubt
    choices.clock_is_right = True
