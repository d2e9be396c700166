"""tuf regenerate: targets metadata that lists the files that exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.go_tuf import TARGET_HASHES
from tufkeep.cli.compat.tuf.session import TufSession, default_expiry
from tufkeep.cli.compat.tuf.targets import staged_files, targets_change
from tufkeep.metadata.filenames import split_prefixed
from tufkeep.metadata.targets import target_file
from tufkeep.stores.expected import Expected
from tufkeep.stores.hashing import Hashes, hash_file
from tufkeep.workspace import Source, layout

if TYPE_CHECKING:
    from tuf.api.metadata import TargetFile


class TwoContents(GoError):
    """The repository contains several contents of one target, and nothing says which is meant."""

    def __init__(self, path: str):
        super().__init__(
            f"target {path}: there are files with several hashes before their names, and none of them is listed",
            hint=f"copy the right one to staged/targets/{path}, then tuf regenerate again",
        )


def regenerate(session: TufSession) -> None:
    """Make targets.json anew; go-tuf has the command too, and prints that it is not supported."""
    current = session.state.current("targets")
    old: Mapping[str, TargetFile] = current.signed.targets if current is not None else {}
    staged = sorted(staged_files(session))
    found = dict(_found(session, old, skip=set(staged)))
    with targets_change(session, "regenerate", expires=default_expiry("targets", session.now)) as edit:
        if current is None:
            edit.start_targets(version=_listed_version(session) + 1)
        if gone := sorted(set(old) - set(found) - set(staged)):
            edit.remove_targets(gone)
        edit.add_targets(target for path, target in found.items() if old.get(path) != target)
        if staged:
            edit.add_artifacts([Source(path=path, file=None) for path in staged], hash_names=TARGET_HASHES)
    for path in gone:
        session.report(f"tuf: {path} is no longer listed: there is no such file")
    session.report(f"tuf: targets.json lists {len(found) + len(staged):,} file(s)")


def _found(session: TufSession, old: Mapping[str, TargetFile], *, skip: set[str]) -> Iterator[tuple[str, TargetFile]]:
    """Yield each target path with its entry."""
    # path -> sha512 -> hashes, and which of them are in names
    contents: dict[str, dict[str, tuple[Hashes, set[str]]]] = {}
    for path, hashes, named_by in _committed(session):
        if path not in skip:
            contents.setdefault(path, {}).setdefault(hashes.by_algorithm["sha512"], (hashes, set()))[1].update(named_by)
    for path, several in sorted(contents.items()):
        entry = old.get(path)
        if entry is not None and any(_is_of(entry, hashes) for hashes, _ in several.values()):
            yield path, entry
        elif len(several) > 1:
            raise TwoContents(path)
        else:
            ((hashes, named_by),) = several.values()
            custom = entry.custom if entry is not None else None
            chosen = {name: hashes.by_algorithm[name] for name in sorted(named_by)}
            yield path, target_file(path, length_bytes=hashes.length_bytes, hashes=chosen, custom=custom)


def _committed(session: TufSession) -> Iterator[tuple[str, Hashes, set[str]]]:
    """Yield each file under repository/targets that a client can fetch, with the hashes that its entry may list."""
    root = session.state.current("root")
    prefixed = root is None or bool(root.signed.consistent_snapshot)
    prefixed = prefixed and session.line.text("--consistent-snapshot") != "false"
    for entry in session.workspace.store.list(layout.REPOSITORY_TARGETS):
        name = entry.name.removeprefix(layout.REPOSITORY_TARGETS)
        split = split_prefixed(name) if prefixed else None
        if layout.is_litter(entry.name) or (prefixed and split is None):
            continue
        with session.workspace.store.open(entry.name) as stream:
            hashes = hash_file(stream)
        if split is None:
            yield name, hashes, set(TARGET_HASHES)
        elif algorithm := next((one for one, digest in hashes.by_algorithm.items() if digest == split[1]), None):
            yield split[0], hashes, {algorithm}
        else:
            session.report(f"tuf: {entry.name} is not what the hash in its name says; so it is not listed")


def _is_of(entry: TargetFile, found: Hashes) -> bool:
    return Expected(length_bytes=entry.length, hashes=entry.hashes).compare(found).right


def _listed_version(session: TufSession) -> int:
    """Return the version that the snapshot lists: the next one must be higher."""
    snapshot = session.state.committed("snapshot")
    listed = snapshot.signed.meta.get("targets.json") if snapshot is not None else None
    return listed.version if listed is not None else 0
