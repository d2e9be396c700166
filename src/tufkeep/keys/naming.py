"""How key files are called: by role, with a number from the second on.

go-tuf reads no other file than ROLE.json, so a role's first key is there unless numbers are asked for, as they are for
several root keys: root1.json root2.json root3.json. A number once given is not given again while a higher one is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from tufkeep.metadata.filenames import TOP_LEVEL

ENDING = ".json"


def is_key_file_name(name: str) -> bool:
    """Return whether a file may be a key file; macOS leaves its own ._root.json on foreign drives."""
    return name.endswith(ENDING) and not name.startswith(".")


def next_name(role: str, taken: Iterable[str], *, numbered: bool = False) -> str:
    """Return the name of a role's next key file.

    Names that differ in case only are the same on some drives, so they count as taken.

    Args:
        numbered: the first one is ROLE1.json.
    """
    numbers = [number for name in taken if (number := _number(role, name)) is not None]
    if not numbers:
        return f"{_stem(role)}{1 if numbered else ''}{ENDING}"
    return f"{_stem(role)}{max(numbers) + 1}{ENDING}"


def named_for(role: str, name: str) -> bool:
    """Return whether a file name starts with the role."""
    return name.casefold().startswith(_stem(role).casefold())


def role_named(name: str, otherwise: str) -> str:
    """Return the top-level role that a file name starts with."""
    return next((role for role in TOP_LEVEL if named_for(role, name)), otherwise)


def _number(role: str, name: str) -> int | None:
    match = re.fullmatch(f"{re.escape(_stem(role))}([0-9]{{0,9}}){re.escape(ENDING)}", name, re.IGNORECASE)
    return int(match[1] or 1) if match else None


def _stem(role: str) -> str:
    return quote(role, safe=" ")  # a delegated role may be called a/b, or ..
