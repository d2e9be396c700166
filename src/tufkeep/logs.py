"""What a program may want in its log, under the name `tufkeep`: one logger for each room.

A program that sets up no log hears nothing. No line has a secret in it, or the path of a folder.
"""

from __future__ import annotations

import logging
from pathlib import PurePath

logging.getLogger("tufkeep").addHandler(logging.NullHandler())


def logger(room: str) -> logging.Logger:
    """Return the logger of a room, such as tufkeep.workspace."""
    return logging.getLogger(f"tufkeep.{room}")


def place(where: str) -> str:
    """Return a URL or a name as it is, of a path the last part: what is before it may name a person."""
    return where if "://" in where else PurePath(where).name or where
