"""tuf add: files of staged/targets become targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.tuf.desk import Desk
from tufkeep.cli.compat.tuf.targets_change import normal, targets_change
from tufkeep.workspace import Source, layout

HASHES = ("sha512",)  # what go-tuf lists a target with
_LARGEST = 2**53  # go-tuf reads numbers as floating point when it verifies


def run(desk: Desk) -> None:
    """Add the given files, or all; with none at all the targets live longer, which is how go-tuf renews them."""
    expires = desk.expires("targets")
    custom = _custom(desk.line.text("--custom"))
    sources = [Source(path=path, file=None, custom=custom) for path in _paths(desk)]
    with targets_change(desk, "add", expires=expires) as edit:
        if sources:
            edit.add_artifacts(sources, hash_names=HASHES)


def _paths(desk: Desk) -> list[str]:
    store = desk.workspace.store
    given = list(dict.fromkeys(normal(path) for path in desk.line.given["<path>"]))
    if not given:
        listed = (entry.name for entry in store.list(layout.STAGED_TARGETS))
        return [name.removeprefix(layout.STAGED_TARGETS) for name in listed if not layout.is_litter(name)]
    for path in given:
        _require_file(desk, path)
    return given


def _require_file(desk: Desk, path: str) -> None:
    """Stop where a path is no file; a link is none, for the commit would not take along what it points to."""
    store, name = desk.workspace.store, layout.STAGED_TARGETS + path
    if path and store.stat(name) is not None:
        return
    folder = desk.line.directory.absolute()
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
