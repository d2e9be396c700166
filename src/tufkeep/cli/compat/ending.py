"""Why a command ended, in the manner of the originals: one line, exit code 1; then our hint."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from tufkeep.cli.compat.go import GoError
from tufkeep.errors import TufkeepError

if TYPE_CHECKING:
    from tufkeep.cli.base.process import Process

FAILED = 1  # the only code for it that the originals know


def end(
    reason: BaseException,
    process: Process,
    *,
    mark: str,
    speak: Callable[[str], str],
    translate: Callable[[BaseException], BaseException] = lambda reason: reason,
) -> int:
    """Say why a command ended; return its exit code.

    Args:
        mark: what stands before an error.
        speak: puts a hint into the words of the program that was called.
        translate: puts a reason into them.
    """
    from tufkeep.cli.base.failures import INTERRUPTED, OUTPUT_CLOSED, explain
    from tufkeep.cli.base.show import printable

    if isinstance(reason, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(reason, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OUTPUT_CLOSED
    known = _known(translate(reason))
    failure = explain(known)
    hint = known.hint if isinstance(known, TufkeepError) else failure.hint
    process.stdout.flush()
    process.stderr.write(f"{mark}{printable(failure.error)}\n")
    if hint:
        process.stderr.write(f"hint: {printable(speak(hint))}\n")
    process.stderr.flush()
    return FAILED


def _known(reason: BaseException) -> BaseException:
    """Return a reason in the original's words, where scripts may look for them."""
    from tufkeep.keys.sealed import WrongPassphrase

    if isinstance(reason, WrongPassphrase):
        return GoError("encrypted: decryption failed")
    if isinstance(reason, OSError) and reason.filename is not None and reason.strerror:
        return GoError(f"open {os.fsdecode(reason.filename)}: {reason.strerror.lower()}")
    return reason
