"""A client's folder, as the `client` commands open it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tufkeep.cli.base.app import App
    from tufkeep.client import Client
    from tufkeep.stores.network import Network


def open_client(app: App, url: str | None = None, *, artifacts: str | None = None) -> Client:
    """Return the client whose folder --dir names.

    Args:
        url: where its repository is; None for what the folder remembers.
    """
    from tufkeep.client import Client

    return Client.open(app.choices.directory, url, artifacts=artifacts, clock=app.clock, network=chosen_network(app))


def chosen_network(app: App) -> Network:
    """Return how to get to a server: what the options say, else the environment."""
    from tufkeep.stores.network import network_of, read_headers

    chosen = dict(app.choices.network)
    own: dict[str, Any] = {name: chosen[name] for name in ("no_proxy",) if name in chosen}
    own |= {name: Path(chosen[name]) for name in ("ca_file", "certificate_file", "key_file") if name in chosen}
    if "proxy" in chosen:
        own |= {"http_proxy": chosen["proxy"], "https_proxy": chosen["proxy"]}
    if "headers_file" in chosen:
        own["headers"] = read_headers(_text_of(Path(chosen["headers_file"])))
    return replace(network_of(app.process.environment), **own)


def _text_of(path: Path) -> str:
    from tufkeep.stores import FolderStore

    return FolderStore(path.parent).read(path.name, limit=1 << 16).decode("utf-8", "replace")
