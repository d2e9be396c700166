"""Private keys in files, found by content, whatever the files are called.

One search for all who ask: `add`, `commit`, `push`, drives and `verify`. It is in `look`.
"""

from __future__ import annotations

from tufkeep.keys.material.material import PrivateKeyInside, PrivateMaterial, Unlooked

__all__ = ["PrivateKeyInside", "PrivateMaterial", "Unlooked"]
