"""Nobody but their owner can get at the key files."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from tufkeep.keys.modes import LooseMode
from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace import layout


def look(examined: Examined) -> Iterator[Fault]:
    """Tell what the keyring warns of, all files as one finding; without a keyring there are no keys to lose."""
    loose = examined.keyring.warnings() if examined.keyring else ()
    for folder in (each for each in loose if each.name == "."):
        yield Fault(subject=layout.KEYS, fact=_fact(folder), about=_about(folder, "keys"), warning=True)
    files = [each for each in loose if each.name != "."]
    if files:
        more = f" and {len(files) - 1:,} more" if len(files) > 1 else ""
        about = _about(files[0], layout.KEYS + ("*" if more else shlex.quote(files[0].name)))
        yield Fault(subject=layout.KEYS + files[0].name + more, fact=_fact(files[0]), about=about, warning=True)


def _about(loose: LooseMode, files: str) -> dict[str, str]:
    return {"mode": f"{loose.wanted:o}", "files": files}


def _fact(loose: LooseMode) -> str:
    return f"mode {loose.found:04o} lets others in, {loose.wanted:04o} would not"


CHECK = Check(
    id="loose-modes",
    sentence="only their owner can read the key files",
    look=look,
)
