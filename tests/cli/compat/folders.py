"""Working directories: those that the real `tuf` left behind, what one says, and a copy to type in."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.peers import CHECKOUT

FIXTURES = CHECKOUT / "tests" / "vectors" / "go-tuf"
ROLES = ("root", "targets", "snapshot", "timestamp")
_PASSPHRASES = {  # of most fixtures
    "ROOT": "root pass 1",
    "TARGETS": "targets pass",
    "SNAPSHOT": "snapshot-päss",
    "TIMESTAMP": "timestamp pass",
}
TUF_PASSPHRASES = {f"TUF_{role}_PASSPHRASE": text for role, text in _PASSPHRASES.items()}
FLEET_PASSPHRASES = {f"FLEET_{role}_PASSPHRASE": text for role, text in _PASSPHRASES.items()}
HEX = re.compile(r"\b[0-9a-f]{64,128}\b")


def copy_of(folder: Path, to: Path) -> Path:
    """Copy a working directory, with everything that belongs to one."""
    shutil.copytree(folder, to, symlinks=True)
    for place in ("keys", "repository", "staged/targets"):
        (to / place).mkdir(parents=True, exist_ok=True)
    return to


def current(folder: Path, role: str) -> Any:
    """Return a role's metadata, staged before committed."""
    for place in ("staged", "repository"):
        if (file := folder / place / f"{role}.json").is_file():
            return json.loads(file.read_bytes())
    return None


def signed(folder: Path, role: str) -> Any:
    """Return what is signed of a role's metadata, staged before committed."""
    return current(folder, role)["signed"]


def days_left(folder: Path, role: str) -> int:
    return _days(signed(folder, role))


def files(folder: Path) -> dict[str, bytes]:
    """Return every file but our own notes, by its path."""
    found = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}
    return {name: file.read_bytes() for name, file in found.items() if not name.startswith(".tufkeep/")}


def sha512(text: str) -> str:
    return hashlib.sha512(text.encode()).hexdigest()


def meaning(folder: Path) -> Any:
    """Return what a working directory says, up to keys, salts, times and the manner of writing."""
    return {
        "files": sorted(_file_names(folder)),
        "keys": {file.name: _key_file(file) for file in sorted((folder / "keys").glob("*.json"))},
        "metadata": {
            f"{place}/{role}": _metadata(json.loads(file.read_bytes()))
            for place in ("staged", "repository")
            for role in ROLES
            if (file := folder / place / f"{role}.json").is_file()
        },
    }


def _file_names(folder: Path) -> set[str]:
    found = (file for place in ("staged", "repository", "keys") for file in (folder / place).rglob("*"))
    return {HEX.sub("<hex>", str(file.relative_to(folder))) for file in found if file.is_file()}


def _key_file(file: Path) -> Any:
    found = json.loads(file.read_bytes())
    mode = oct(stat.S_IMODE(file.stat().st_mode))
    return mode, found["encrypted"], None if found["encrypted"] else [key["scheme"] for key in found["data"]]


def _metadata(document: Any) -> Any:
    signed = document["signed"]
    said = {
        "type": signed["_type"],
        "version": signed["version"],
        "signatures": len(document["signatures"] or []) if signed["_type"] != "root" else None,
        "days": _days(signed),
    }
    match signed["_type"]:
        case "root":
            # A role without keys is not there in go-tuf's roots, and is in ours.
            said["roles"] = {
                name: (len(role["keyids"]), role["threshold"])
                for name, role in sorted(signed["roles"].items())
                if role["keyids"] or role["threshold"] != 1
            }
            said["keys"] = sorted(
                (key["keytype"], key["scheme"], tuple(key["keyid_hash_algorithms"])) for key in signed["keys"].values()
            )
            said["consistent_snapshot"] = signed["consistent_snapshot"]
        case "targets":
            said["targets"] = signed["targets"]
        case _:
            said["meta"] = {name: entry["version"] for name, entry in signed["meta"].items()}
    return said


def _days(signed: Any) -> int:
    return round((datetime.fromisoformat(signed["expires"]) - datetime.now(UTC)) / timedelta(days=1))
