"""tuf remove: targets are listed no more."""

from __future__ import annotations

from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.tuf.desk import Desk
from tufkeep.cli.compat.tuf.targets_change import normal, targets_change


def run(desk: Desk) -> None:
    """Remove the given targets, or all."""
    paths = [normal(path) for path in desk.line.given["<path>"]]
    if not paths and not desk.line.given["--all"]:
        raise GoError("either specify some paths or set the --all flag to remove all targets")
    expires = desk.expires("targets")
    current = desk.state.current("targets")
    if current is None:
        return
    listed = current.signed.targets
    present = [path for path in dict.fromkeys(paths) if path in listed] if paths else sorted(listed)
    for path in paths:
        if path not in listed:
            desk.say(f"[targets.json] The following target is not present: {path}")
    if paths and not present:
        return
    with targets_change(desk, "remove", expires=expires) as edit:
        edit.remove_targets(present)
    _show(desk, present, sorted(set(listed) - set(present)))


def _show(desk: Desk, removed: list[str], left: list[str]) -> None:
    desk.say("[targets.json] Removed targets:")
    for path in removed:
        desk.say(f"* {path}")
    desk.say(f"[targets.json] {'Added/staged targets:' if left else 'There are no added/staged targets'}")
    for path in left:
        desk.say(f"* {path}")
