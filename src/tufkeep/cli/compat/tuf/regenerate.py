"""tuf regenerate: targets metadata that lists the files there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.tuf.add import HASHES
from tufkeep.cli.compat.tuf.desk import Desk, default_expiry
from tufkeep.cli.compat.tuf.targets_change import targets_change
from tufkeep.metadata.targets import split_prefixed, target_file
from tufkeep.stores.hashing import Hashes, hash_file
from tufkeep.workspace import Source, layout

if TYPE_CHECKING:
    from tuf.api.metadata import TargetFile


class TwoContents(GoError):
    """Several contents of one target lie in the repository, and nothing says which is meant."""

    def __init__(self, path: str):
        super().__init__(f"target {path}: files with several hashes before their names, and none of them is listed")
        self.hint = f"put the one that is meant at staged/targets/{path}, then tuf regenerate again"


def run(desk: Desk) -> None:
    """Stage targets.json anew. go-tuf has the command, and says that it does nothing."""
    current = desk.state.current("targets")
    old: Mapping[str, TargetFile] = current.signed.targets if current is not None else {}
    staged = sorted(_staged(desk))
    found = dict(_found(desk, old, skip=set(staged)))
    with targets_change(desk, "regenerate", expires=default_expiry("targets", desk.now)) as edit:
        if current is None:
            edit.start_targets(version=_listed_version(desk) + 1)
        if gone := sorted(set(old) - set(found) - set(staged)):
            edit.remove_targets(gone)
        edit.add_targets(target for path, target in found.items() if old.get(path) != target)
        if staged:
            edit.add_artifacts([Source(path=path, file=None) for path in staged], hash_names=HASHES)
    for path in gone:
        desk.tell(f"tuf: {path} is listed no more: there is no such file")
    desk.tell(f"tuf: targets.json lists {len(found) + len(staged):,} file(s)")


def _staged(desk: Desk) -> Iterator[str]:
    for entry in desk.workspace.store.list(layout.STAGED_TARGETS):
        if not layout.is_litter(entry.name):
            yield entry.name.removeprefix(layout.STAGED_TARGETS)


def _found(desk: Desk, old: Mapping[str, TargetFile], *, skip: set[str]) -> Iterator[tuple[str, TargetFile]]:
    """Yield each target path with what metadata says of its file."""
    contents: dict[str, dict[str, tuple[Hashes, set[str]]]] = {}  # path -> sha512 -> what, named by which hashes
    for path, hashes, named_by in _committed(desk):
        if path not in skip:
            contents.setdefault(path, {}).setdefault(hashes.sha512, (hashes, set()))[1].update(named_by)
    for path, several in sorted(contents.items()):
        listed = next((entry for one in several.values() if (entry := _same(old.get(path), one[0]))), None)
        if listed is not None:
            yield path, listed
        elif len(several) > 1:
            raise TwoContents(path)
        else:
            ((hashes, named_by),) = several.values()
            custom = old[path].custom if path in old else None
            chosen = {name: hashes.by_algorithm[name] for name in sorted(named_by)}
            yield path, target_file(path, length_bytes=hashes.length_bytes, hashes=chosen, custom=custom)


def _committed(desk: Desk) -> Iterator[tuple[str, Hashes, set[str]]]:
    """Yield each file under repository/targets that a client can fetch, with the hashes that may name it."""
    root = desk.state.current("root")
    prefixed = root is None or bool(root.signed.consistent_snapshot)
    prefixed = prefixed and desk.line.text("--consistent-snapshot") != "false"
    for entry in desk.workspace.store.list(layout.REPOSITORY_TARGETS):
        name = entry.name.removeprefix(layout.REPOSITORY_TARGETS)
        split = split_prefixed(name) if prefixed else None
        if layout.is_litter(entry.name) or (prefixed and split is None):
            continue
        with desk.workspace.store.open(entry.name) as stream:
            hashes = hash_file(stream)
        if split is None:
            yield name, hashes, set(HASHES)
        elif algorithm := next((one for one, digest in hashes.by_algorithm.items() if digest == split[1]), None):
            yield split[0], hashes, {algorithm}
        else:
            desk.tell(f"tuf: {entry.name} is not what the hash in its name says; it is left out")


def _same(entry: TargetFile | None, hashes: Hashes) -> TargetFile | None:
    """Return the entry if it is one of this content."""
    known = hashes.by_algorithm
    same = entry is not None and all(known.get(name) == digest for name, digest in entry.hashes.items())
    return entry if same else None


def _listed_version(desk: Desk) -> int:
    """Return the version that the snapshot lists: the next one must be higher."""
    snapshot = desk.state.committed("snapshot")
    listed = snapshot.signed.meta.get("targets.json") if snapshot is not None else None
    return listed.version if listed is not None else 0
