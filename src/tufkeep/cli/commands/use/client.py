"""A client's folder, as the `client` commands open it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tufkeep.cli.base.app import App
    from tufkeep.client import Client


def open_client(app: App, url: str | None = None, *, artifacts: str | None = None) -> Client:
    """Return the client whose folder --dir names.

    Args:
        url: where its repository is; None for what the folder remembers.
    """
    from tufkeep.client import Client

    return Client.open(app.choices.directory, url, artifacts=artifacts, clock=app.clock)
