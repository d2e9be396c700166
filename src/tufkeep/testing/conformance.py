"""The command line that TUF's conformance suite drives a client with.

    python -m tufkeep.testing.conformance --metadata-dir MD init ROOT
    python -m tufkeep.testing.conformance --metadata-url URL --metadata-dir MD refresh
    python -m tufkeep.testing.conformance --metadata-url URL --metadata-dir MD \\
        --target-name NAME --target-dir TD --target-base-url URL download

The exit code is 0 or 1. Several --target-name are fetched in order, until one fails.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from tufkeep.client.client import Client
from tufkeep.client.origin import open_fetcher
from tufkeep.client.state import TrustState
from tufkeep.errors import TufkeepError
from tufkeep.stores import FolderStore

_LONGEST_NAME = 200


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit code."""
    given = _parser().parse_args(arguments)
    try:
        _run(given)
    except (TufkeepError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _run(given: argparse.Namespace) -> None:
    client = Client(
        FolderStore(Path(given.metadata_dir)),
        open_fetcher(given.metadata_url or given.metadata_dir),
        open_fetcher(given.target_base_url) if given.target_base_url else None,
        clock=lambda: datetime.now(UTC).replace(microsecond=0),
    )
    if given.command == "init":
        TrustState(FolderStore(Path(given.metadata_dir))).begin(
            Path(given.root).read_bytes()
        )  # the suite vouches for it
        return
    client.refresh()
    for path in given.target_name if given.command == "download" else ():
        client.download(path, FolderStore(Path(given.target_dir)), name=file_name(path))


def file_name(path: str) -> str:
    """Return one file name for any target path: never hidden, never another folder, never too long."""
    name = quote(path, safe="")
    if name.startswith("."):
        name = f"%2E{name[1:]}"
    return name if len(name) <= _LONGEST_NAME else f"target-{hashlib.sha256(path.encode()).hexdigest()}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tufkeep.testing.conformance", allow_abbrev=False)
    parser.add_argument("--metadata-url")
    parser.add_argument("--metadata-dir", required=True)
    parser.add_argument("--target-name", action="append", default=[])
    parser.add_argument("--target-dir")
    parser.add_argument("--target-base-url")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("init").add_argument("root")
    commands.add_parser("refresh")
    commands.add_parser("download")
    return parser


if __name__ == "__main__":
    sys.exit(main())
