"""tuf add, remove; and what every change of the targets metadata has in common."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.go_tuf import TARGET_HASHES
from tufkeep.cli.compat.tuf.session import TufSession
from tufkeep.keys.sealed import WrongPassphrase
from tufkeep.workspace import Edit, Source, layout

_LARGEST = 2**53  # go-tuf reads numbers as floating point when it verifies


def add(session: TufSession) -> None:
    """List the given files of staged/targets, or all; where there are none, only the expiry changes, as in go-tuf."""
    expires = session.expires("targets")
    custom = _custom(session.line.text("--custom"))
    sources = [Source(path=path, file=None, custom=custom) for path in _paths(session)]
    with targets_change(session, "add", expires=expires) as edit:
        if sources:
            edit.add_artifacts(sources, hash_names=TARGET_HASHES)


def remove(session: TufSession) -> None:
    """List the given targets no more, or none at all."""
    paths = [normal(path) for path in session.line.given["<path>"]]
    if not paths and not session.line.given["--all"]:
        raise GoError("either specify some paths or set the --all flag to remove all targets")
    expires = session.expires("targets")
    current = session.state.current("targets")
    if current is None:
        return
    listed = current.signed.targets
    present = [path for path in dict.fromkeys(paths) if path in listed] if paths else sorted(listed)
    for path in paths:
        if path not in listed:
            session.print(f"[targets.json] The following target is not present: {path}")
    if paths and not present:
        return
    with targets_change(session, "remove", expires=expires) as edit:
        edit.remove_targets(present)
    _print_removed(session, present, sorted(set(listed) - set(present)))


@contextmanager
def targets_change(session: TufSession, note: str, *, expires: datetime) -> Iterator[Edit]:
    """Change the targets in a block, and set their expiry."""
    try:
        with session.edit(note) as edit:
            if session.state.current("targets") is None:
                edit.start_targets()
            yield edit
            session.choose_or_warn("targets")
            edit.set_expiry("targets", expires)
    except WrongPassphrase:
        raise GoError('error setting metadata for "targets.json": encrypted: decryption failed') from None


def staged_files(session: TufSession) -> list[str]:
    """Return the target path of each file under staged/targets."""
    names = (entry.name for entry in session.workspace.store.list(layout.STAGED_TARGETS))
    return [name.removeprefix(layout.STAGED_TARGETS) for name in names if not layout.is_litter(name)]


def normal(path: str) -> str:
    """Return a target path as go-tuf does: no leading slash, no dots, nothing above the top."""
    return posixpath.normpath("/" + path).lstrip("/")


def _paths(session: TufSession) -> list[str]:
    given = list(dict.fromkeys(normal(path) for path in session.line.given["<path>"]))
    if not given:
        return staged_files(session)
    for path in given:
        _require_file(session, path)
    return given


def _require_file(session: TufSession, path: str) -> None:
    """Stop where a path is no file; nor is a link one, because commit would not copy what it points to."""
    store, name = session.workspace.store, layout.STAGED_TARGETS + path
    if path and store.stat(name) is not None:
        return
    folder = session.directory.absolute()
    if not path or any(True for _ in store.list(f"{name}/")):
        raise GoError(f"read {folder}/{name.rstrip('/')}: is a directory", hint="give its files, or no path at all")
    raise GoError(f"tuf: file not found {folder}/{name}")


def _custom(text: str) -> Mapping[str, Any] | None:
    """Return the data of --custom.

    Raises:
        GoError: no JSON object, or one that could not be signed or never be verified.
    """
    from tufkeep.metadata.canonical import MalformedMetadata, decode

    if not text:
        return None
    try:
        found = decode(text.encode("utf-8", "surrogateescape"))
    except MalformedMetadata as error:
        raise GoError(f"--custom: {error.reason}") from None
    if not isinstance(found, dict):
        raise GoError("--custom: not a JSON object", hint="""such as --custom='{"version":"1.2.3"}'""")
    if any(abs(number) > _LARGEST for number in _numbers(found)):
        raise GoError(
            f"--custom: an integer beyond {_LARGEST} never verifies in go-tuf's clients", hint="write it as text"
        )
    return found


def _numbers(value: Any) -> list[int]:
    if isinstance(value, dict | list):
        return [
            number for inner in (value.values() if isinstance(value, dict) else value) for number in _numbers(inner)
        ]
    return [value] if isinstance(value, int) else []


def _print_removed(session: TufSession, removed: list[str], left: list[str]) -> None:
    session.print("[targets.json] Removed targets:")
    for path in removed:
        session.print(f"* {path}")
    session.print(f"[targets.json] {'Added/staged targets:' if left else 'There are no added/staged targets'}")
    for path in left:
        session.print(f"* {path}")
