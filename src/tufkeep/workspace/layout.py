"""The folders of a working directory: go-tuf's three, and our own beside them.

Spec: go-tuf v0.5.2 local store.
"""

from __future__ import annotations

import re
from typing import Final

from tufkeep.metadata import filenames
from tufkeep.metadata.filenames import TARGETS, TOP_LEVEL, metadata_name

ROLES: Final = TOP_LEVEL
KEYS: Final = "keys/"
STAGED: Final = "staged/"
STAGED_TARGETS: Final = STAGED + TARGETS
REPOSITORY: Final = "repository/"
REPOSITORY_TARGETS: Final = REPOSITORY + TARGETS
POLICY: Final = "tufkeep.toml"

# Nothing of ours ends in .json beside metadata: go-tuf takes every such file for metadata.
OWN: Final = filenames.OWN
LOCK: Final = ".tufkeep/lock"
JOURNAL: Final = ".tufkeep/journal"
BASE: Final = ".tufkeep/base"
ADDING: Final = ".tufkeep/adding"  # files in staged/targets that an `add` has not listed yet
KNOWN_KEYS: Final = ".tufkeep/known-keys"
RECORD: Final = ".tufkeep/record"
KEY_CHECKS: Final = ".tufkeep/key-checks"
# What unfinished operations are to reach; see `unfinished`.
INIT: Final = ".tufkeep/init"
ROTATION: Final = ".tufkeep/rotation"
COMPROMISE: Final = ".tufkeep/compromise"
REDO: Final = ".tufkeep/redo"
CEREMONIES: Final = ".tufkeep/ceremonies"
PULLED: Final = ".tufkeep/pulled/"  # metadata on its way into repository/ that is not the staged one, by sha256

# Folders that stay when the last file leaves them: go-tuf fails without staged/targets.
STANDING: Final = ("repository", "staged/targets")

# Names that desktops and other programs leave behind; nobody meant them as targets.
_LITTER = re.compile(r"(^|/)(\.DS_Store|\._[^/]*|Thumbs\.db|desktop\.ini)$")


def committed(role: str, version: int | None = None) -> str:
    """Return the name of a committed role's metadata, version-prefixed where a version is given.

    Raises:
        UnstorableRole: no file can have it.
    """
    return REPOSITORY + metadata_name(role, version)


def staged(role: str) -> str:
    """Return the name of a staged role's metadata.

    Raises:
        UnstorableRole: no file can have it.
    """
    return STAGED + metadata_name(role)


def pulled(sha256: str) -> str:
    """Return the name of metadata on its way into repository/ beside what is staged."""
    return PULLED + sha256


def is_litter(name: str) -> bool:
    """Whether a file is one that a desktop left behind."""
    return _LITTER.search(name) is not None
