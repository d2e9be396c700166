"""Stage files as targets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from tufkeep.cli.base import options
from tufkeep.cli.base.app import App
from tufkeep.cli.base.changing import change, commits
from tufkeep.cli.base.command import command
from tufkeep.cli.base.options import passphrases


@command(
    "add",
    example="tufkeep add build/agent --as agent/linux/stable/agent --commit\ntufkeep add staged/targets/agent.tar.gz",
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--as", "name", metavar="TARGET", help="The target path of the one file given.")
@click.option("--under", metavar="FOLDER", default="", help="Put every target path below this folder.")
@click.option("--custom", metavar="JSON", help="An object to sign with each of them, such as its version.")
@click.option(
    "--allow-unreachable", is_flag=True, help="Add new names that a client out there could not fetch, or not keep."
)
@click.option(
    "--publish-private-key", is_flag=True, help="Add files that contain a private key, too, such as a test key."
)
@commits
@passphrases
@options.dry_run
def add(
    app: App,
    *,
    paths: tuple[Path, ...],
    name: str | None,
    under: str,
    custom: str | None,
    allow_unreachable: bool,
    publish_private_key: bool,
    commit: bool,
    dry_run: bool,
) -> None:
    """Stage files as targets: copied, hashed on the way, and listed in one new version.

    A file is called by its own name unless --as says otherwise; of a folder, every file in it is added under its path
    from there. A file below staged/targets keeps the path that it has there, and may be named from DIR.

    No private key is added, and no part of the working directory. What could not be searched for keys is named. A key
    that is meant for others is signed as such: its custom data says publishes_private_key.
    """
    signed_with = _custom(custom)
    paths = tuple(_where_it_is(path, app.choices.directory) for path in paths)
    with change(app, "add", commit=commit, dry_run=dry_run) as workspace:
        sources = workspace.sources(paths, as_=name, under=under, custom=signed_with)
        with app.progress("hashing", total=sum(source.length_bytes for source in sources)) as progress:
            staged = workspace.add_sources(
                sources,
                allow_unreachable=allow_unreachable,
                publish_private_keys=publish_private_key,
                progress=progress,
            )
        app.show(staged)
        for one in staged.not_unpacked:
            app.warn(one.sentence)


def _where_it_is(path: Path, directory: Path) -> Path:
    """Return a path of staged/targets/ as it is from here, though it was typed as it is from the working directory."""
    staged = path.parts[:2] == ("staged", "targets")
    return directory / path if staged and not path.exists() and (directory / path).exists() else path


def _custom(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise click.BadParameter(f"is not JSON: {error}", param_hint="--custom") from None
    if not isinstance(value, dict):
        raise click.BadParameter('must be an object, such as \'{"version": "1.2.3"}\'', param_hint="--custom")
    return value
