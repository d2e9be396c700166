"""fleetctl updates add: one file, published under its version as under every tag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tufkeep.cli.compat.fleetctl.desk import Desk
from tufkeep.cli.compat.fleetctl.naming import target_path
from tufkeep.cli.compat.tuf.add import HASHES
from tufkeep.workspace import Source

ONLINE = ("timestamp", "snapshot", "targets")  # in the order that the original asks for their passphrases


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """What is added."""

    target: Path
    name: str
    platform: str
    version: str
    tags: Sequence[str]


def run(desk: Desk, artifact: Artifact) -> None:
    """Add it; targets, snapshot and timestamp are made and committed in one go."""
    desk.require_repository()
    desk.choose(*ONLINE)
    desk.require_usable_root()
    paths = dict.fromkeys(
        target_path(artifact.name, artifact.platform, tag, file=artifact.target.name)
        for tag in (artifact.version, *artifact.tags)
    )
    custom = {"version": artifact.version}
    sources = [Source(path=path, file=artifact.target.absolute(), custom=custom) for path in paths]
    with desk.workspace.exclusive("updates add"):
        with desk.edit("updates add", remake=ONLINE) as edit:
            edit.add_artifacts(sources, hash_names=HASHES)
        desk.commit()
