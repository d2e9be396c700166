"""tuf init: a repository without keys, staged."""

from __future__ import annotations

from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.tuf.desk import Desk, default_expiry


def run(desk: Desk) -> None:
    """Begin a repository, where there is none: go-tuf would begin anew over one whose targets are empty."""
    begun = desk.state.current("root")
    if desk.state.committed("root") is not None:
        raise GoError(
            "tuf: repository already initialized", hint="begin the new one in another folder: tuf -d DIR init"
        )
    if begun is not None and begun.signed.keys:
        raise GoError(
            "tuf: repository already initialized",
            hint="its staged root has keys, which another init would forget; go on with tuf gen-key",
        )
    with desk.edit("init") as edit:
        edit.start(consistent_snapshot=desk.line.text("--consistent-snapshot") != "false")
        for role in ("root", "targets"):
            edit.set_expiry(role, default_expiry(role, desk.now))
    desk.say("Repository initialized")
