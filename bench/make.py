"""A repository of tufkeep with many targets, made without waiting for the disk.

    python -m bench.make DIR FOLDER PASSPHRASE_FILE

The key files are left encrypted in keys/ and in the open in keys-plain/.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from tufkeep.keys.keyfile import parse_key_file, seal_key_file
from tufkeep.keys.passphrase import Passphrase
from tufkeep.stores import FolderStore
from tufkeep.workspace import Workspace, find_sources
from tufkeep.workspace.create import create
from tufkeep.workspace.operations import Blueprint

DAYS = {"root": 3650, "targets": 3650, "snapshot": 3650, "timestamp": 3650}  # a cached repository must not expire


def main(folder: str, source: str, passphrase_file: str) -> None:
    store = FolderStore(folder, durable=False)
    workspace = Workspace(store, clock=lambda: datetime.now(UTC).replace(microsecond=0))
    create(workspace, Blueprint(days=DAYS), new_passphrase=lambda request: None)
    sources = find_sources([Path(source)], staged_targets=Path(folder) / "staged" / "targets")
    with workspace.edit("fill") as edit:
        edit.add_artifacts(sources)
    workspace.commit(workspace.plan_commit())
    passphrase = Passphrase(Path(passphrase_file).read_text().strip())
    for entry in list(store.list("keys/")):
        plain = store.read(entry.name)
        store.write(entry.name.replace("keys/", "keys-plain/"), plain, private=True)
        store.write(entry.name, seal_key_file(parse_key_file(plain).open(None), passphrase), private=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
