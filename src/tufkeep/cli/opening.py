"""How a command gets at the working directory: the real one, or a trial that forgets."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tufkeep.cli.app import App
from tufkeep.cli.author import author
from tufkeep.cli.options import passphrases

if TYPE_CHECKING:
    from tufkeep.stores import Store
    from tufkeep.workspace import Workspace

__all__ = ["FORGOTTEN", "open_workspace", "passphrases", "real_or_trial", "trial_workspace"]

FORGOTTEN = "dry run: nothing of this was written"


def open_workspace(app: App, *, keys: Path | None = None) -> Workspace:
    """Return the working directory that --dir names.

    Args:
        keys: a folder of key files in place of its keys/, such as one on a drive.
    """
    from tufkeep.stores import FolderStore
    from tufkeep.workspace import layout

    store = FolderStore(app.choices.directory, clock=app.clock, standing=layout.STANDING)
    return _workspace(app, store, keys)


@contextmanager
def trial_workspace(app: App, *, keys: Path | None = None) -> Iterator[Workspace]:
    """Give the working directory with every change kept beside it, in a temporary folder, until the block ends.

    A folder, because what is added may be larger than the memory.
    """
    from tufkeep.stores import FolderStore
    from tufkeep.stores.overlay import OverlayStore

    with tempfile.TemporaryDirectory(prefix="tufkeep-trial-") as folder:
        base = FolderStore(app.choices.directory, clock=app.clock)
        yield _workspace(app, OverlayStore(base, FolderStore(folder, durable=False)), keys)


@contextmanager
def real_or_trial(app: App, *, dry_run: bool) -> Iterator[Workspace]:
    """Give the working directory, or a trial of it that is forgotten, which is said at the end."""
    if not dry_run:
        yield open_workspace(app)
        return
    with trial_workspace(app) as workspace:
        yield workspace
    app.say(FORGOTTEN)


def _workspace(app: App, store: Store, keys: Path | None) -> Workspace:
    from tufkeep.keys.folder import StoreKeyFolder
    from tufkeep.keys.keyring import Keyring
    from tufkeep.keys.modes import modes_below
    from tufkeep.stores import CREATE, FolderStore, Unchanged
    from tufkeep.workspace import Workspace, layout
    from tufkeep.workspace.known_keys import read_known_keys

    held = StoreKeyFolder(
        store=store if keys is None else FolderStore(keys, clock=app.clock),
        prefix=layout.KEYS if keys is None else "",
        create_only=CREATE,
        unchanged=Unchanged,
        modes=modes_below(keys or app.choices.directory / layout.KEYS),
    )
    keyring = Keyring(held, passphrases=app.passphrases, known=read_known_keys(store))
    return Workspace(
        store, clock=app.clock, keyring=keyring, author=lambda: author(app.process, name=app.choices.person)
    )
