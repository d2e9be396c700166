"""`tuf`: its commands, and what runs each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tufkeep.cli.compat.program import Program
from tufkeep.cli.compat.tuf import grammar
from tufkeep.cli.compat.tuf.hints import HINTS

if TYPE_CHECKING:
    from tufkeep.cli.base.process import Process
    from tufkeep.cli.compat.tuf.session import TufSession


def commands() -> Mapping[str, Callable[[TufSession], None]]:
    """Return what runs each command; imported only when there is a command to run, for help needs none of it."""
    from tufkeep.cli.compat.tuf import committing, keys, regenerate, root, signing, targets

    return {
        "init": root.init,
        "set-threshold": root.set_threshold,
        "get-threshold": root.get_threshold,
        "gen-key": keys.gen_key,
        "revoke-key": keys.revoke_key,
        "change-passphrase": keys.change_passphrase,
        "root-keys": keys.root_keys,
        "add": targets.add,
        "remove": targets.remove,
        "regenerate": regenerate.regenerate,
        "sign": signing.sign,
        "payload": signing.payload,
        "sign-payload": signing.sign_payload,
        "add-signatures": signing.add_signatures,
        "snapshot": committing.snapshot,
        "timestamp": committing.timestamp,
        "commit": committing.commit,
        "clean": committing.clean,
        "status": committing.status,
    }


def _execute(arguments: list[str], process: Process) -> None:
    line = grammar.read(arguments)
    from tufkeep.cli.compat.tuf.session import TufSession

    commands()[line.command](TufSession(process, line))


TUF = Program(execute=_execute, error_prefix="ERROR: ", hints=HINTS)
