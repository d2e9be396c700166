"""Names of the files in a working directory: go-tuf's three folders beside our own.

Spec: go-tuf v0.5.2 local store; TUF 1.0.34 #writing-consistent-snapshots.
"""

from __future__ import annotations

import re
from typing import Final

ROLES: Final = ("root", "targets", "snapshot", "timestamp")
KEYS: Final = "keys/"
STAGED: Final = "staged/"
STAGED_TARGETS: Final = "staged/targets/"
REPOSITORY: Final = "repository/"
REPOSITORY_TARGETS: Final = "repository/targets/"
POLICY: Final = "tufkeep.toml"

# Nothing of ours ends in .json beside metadata: go-tuf takes every such file for metadata.
OWN: Final = ".tufkeep/"
LOCK: Final = ".tufkeep/lock"
JOURNAL: Final = ".tufkeep/journal"
BASE: Final = ".tufkeep/base"
KNOWN_KEYS: Final = ".tufkeep/known-keys"
RECORD: Final = ".tufkeep/record"
KEY_CHECKS: Final = ".tufkeep/key-checks"
# What unfinished operations are to reach; see `unfinished`.
INIT: Final = ".tufkeep/init"
ROTATION: Final = ".tufkeep/rotation"
COMPROMISE: Final = ".tufkeep/compromise"
REDO: Final = ".tufkeep/redo"
CEREMONIES: Final = ".tufkeep/ceremonies"
PULLED: Final = ".tufkeep/pulled/"  # metadata on its way from a remote into repository/

# Folders that stay when the last file leaves them: go-tuf fails without staged/targets.
STANDING: Final = ("repository", "staged/targets")

# Names that desktops and other programs leave behind; nobody meant them as targets.
_LITTER = re.compile(r"(^|/)(\.DS_Store|\._[^/]*|Thumbs\.db|desktop\.ini)$")


def committed(role: str, version: int | None = None) -> str:
    """Return the name of a committed role's metadata, version-prefixed where a version is given."""
    return f"{REPOSITORY}{role}.json" if version is None else f"{REPOSITORY}{version}.{role}.json"


def staged(role: str) -> str:
    """Return the name of a staged role's metadata."""
    return f"{STAGED}{role}.json"


def is_litter(name: str) -> bool:
    """Whether a file is one that a desktop left behind."""
    return _LITTER.search(name) is not None
