"""The three standard streams, which a service may have closed."""

from __future__ import annotations

import os
import sys


def open_streams() -> None:
    """Open what a service or `>&-` left closed: else a file of ours gets its number, and is written to as an output."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
            os.set_inheritable(nowhere, True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115  for the whole run
