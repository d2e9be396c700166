"""Builds the one file for the stick: tufkeep with its Python and libraries, for a machine that has neither.

Writes dist/tufkeep-linux-x86_64 with its sha256 beside it, and the same in words, to be compared by people.
"""

from __future__ import annotations

import hashlib
import platform
import sys
from pathlib import Path

import PyInstaller.__main__

from tufkeep.metadata.fingerprint import fingerprint

CHECKOUT = Path(__file__).resolve().parent.parent
NAME = f"tufkeep-{sys.platform}-{platform.machine()}"


def main() -> None:
    """Build it."""
    dist = CHECKOUT / "dist"
    PyInstaller.__main__.run(
        [
            str(CHECKOUT / "bundle/entry.py"),
            "--onefile",
            "--noconfirm",
            "--log-level=ERROR",
            f"--name={NAME}",
            f"--paths={CHECKOUT / 'src'}",
            "--collect-submodules=tufkeep",  # commands are imported by name when they are run
            "--collect-data=tufkeep",
            f"--distpath={dist}",
            f"--workpath={CHECKOUT / 'build/bundle'}",
            f"--specpath={CHECKOUT / 'build'}",
        ]
    )
    data = (dist / NAME).read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    words = "\n".join(fingerprint(data).lines())
    (dist / f"{NAME}.sha256").write_text(f"{digest}  {NAME}\n")
    (dist / f"{NAME}.words").write_text(f"{words}\n")
    sys.stdout.write(f"dist/{NAME}: {len(data):,} bytes\nsha256 {digest}\n{words}\n")


if __name__ == "__main__":
    main()
