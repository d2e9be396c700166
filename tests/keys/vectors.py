"""Key files that go-tuf wrote, and what opens them."""

from __future__ import annotations

from pathlib import Path

from tufkeep.keys.passphrase import Passphrase

_VECTORS = Path(__file__).parent.parent / "vectors"
REPOSITORIES = _VECTORS / "go-tuf"
KEY_FILES = _VECTORS / "key-files"


def encrypted_key_files() -> list[tuple[Path, Passphrase]]:
    """Return every encrypted key file of the repositories with its passphrase."""
    found = []
    for listing in sorted(REPOSITORIES.glob("*/passphrases.txt")):
        for line in listing.read_text(encoding="utf-8").splitlines():
            name, _, text = line.partition(" ")
            found.append((listing.parent / name, Passphrase(text)))
    return found
