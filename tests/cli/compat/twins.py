"""The same command line on the real `tuf` in one folder, on ours in its twin; what came of it, made comparable."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tufkeep.cli.base.process import Process
from tufkeep.cli.compat import main

PASSPHRASES = {
    "TUF_ROOT_PASSPHRASE": "root pass",
    "TUF_TARGETS_PASSPHRASE": "targets pass",
    "TUF_SNAPSHOT_PASSPHRASE": "snapshot-päss",
    "TUF_TIMESTAMP_PASSPHRASE": "timestamp pass",
}
ROLES = ("root", "targets", "snapshot", "timestamp")
SECONDS = 60

_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_HEX = re.compile(r"\b[0-9a-f]{64,128}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a program said."""

    code: int
    out: str
    err: str

    def same_every_time(self, folder: Path) -> Answer:
        """Return the answer with what differs from run to run, and from twin to twin, made the same."""
        return Answer(code=self.code, out=_even(self.out, folder), err=_even(self.err, folder))


def _even(text: str, folder: Path) -> str:
    text = text.replace(str(folder), "<here>")
    return _HEX.sub("<hex>", _TIME.sub("<time>", text))


@dataclass(frozen=True, kw_only=True)
class Ours:
    """Our program in this very process."""

    name: str = "tuf"

    def __call__(self, folder: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> Answer:
        out, err = io.StringIO(), io.StringIO()
        process = Process(stdin=io.StringIO(), stdout=out, stderr=err, environment=dict(environment))
        with contextlib.chdir(folder):
            code = main(self.name, arguments, process)
        return Answer(code=code, out=out.getvalue(), err=err.getvalue())


@dataclass(frozen=True, kw_only=True)
class Real:
    """The real program."""

    program: Path

    def __call__(self, folder: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> Answer:
        done = subprocess.run(
            [self.program, *arguments],
            cwd=folder,
            env={"PATH": os.environ["PATH"], **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        return Answer(code=done.returncode, out=done.stdout, err=done.stderr)


Program = Callable[[Path, Sequence[str], Mapping[str, str]], Answer]


@dataclass(kw_only=True)
class Twins:
    """Two working directories that are told the same."""

    real: Path
    ours: Path
    program: Real
    environment: dict[str, str] = field(default_factory=lambda: dict(PASSPHRASES))
    own: Program = field(default_factory=Ours)

    def run(self, *arguments: str, **environment: str) -> tuple[Answer, Answer]:
        """Type the same on both; return the answer of the real one, then ours, each made comparable.

        A keyid in the arguments is written as <role NUMBER>, for the twins have other keys.
        """
        both = {**self.environment, **environment}
        real = self.program(self.real, [_with_keyid(word, self.real) for word in arguments], both)
        ours = self.own(self.ours, [_with_keyid(word, self.ours) for word in arguments], both)
        return real.same_every_time(self.real), ours.same_every_time(self.ours)

    def place(self, path: str, text: str) -> None:
        """Put a file into both."""
        for folder in (self.real, self.ours):
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def meanings(self, **how: bool) -> tuple[Any, Any]:
        return meaning(self.real, **how), meaning(self.ours, **how)


_KEY = re.compile(r"<(root|targets|snapshot|timestamp) (\d)>")


def _with_keyid(word: str, folder: Path) -> str:
    match = _KEY.fullmatch(word)
    if match is None:
        return word
    root = current(folder, "root")
    keyids = root["signed"]["roles"].get(match[1], {"keyids": []})["keyids"] if root else []
    return keyids[int(match[2])] if int(match[2]) < len(keyids) else "0" * 64


def current(folder: Path, role: str) -> Any:
    """Return a role's metadata, staged before committed."""
    for place in ("staged", "repository"):
        if (file := folder / place / f"{role}.json").is_file():
            return json.loads(file.read_bytes())
    return None


def meaning(folder: Path, *, expiry: bool = True) -> Any:
    """Return what a working directory says, up to keys, salts, times and the manner of writing.

    Args:
        expiry: how many days metadata still holds.
    """
    return {
        "files": sorted(_file_names(folder)),
        "keys": {file.name: _key_file(file) for file in sorted((folder / "keys").glob("*.json"))},
        "metadata": {
            f"{place}/{role}": _metadata(json.loads(file.read_bytes()), expiry=expiry)
            for place in ("staged", "repository")
            for role in ROLES
            if (file := folder / place / f"{role}.json").is_file()
        },
    }


def _file_names(folder: Path) -> set[str]:
    files = (file for place in ("staged", "repository", "keys") for file in (folder / place).rglob("*"))
    return {_HEX.sub("<hex>", str(file.relative_to(folder))) for file in files if file.is_file()}


def _key_file(file: Path) -> Any:
    found = json.loads(file.read_bytes())
    mode = oct(stat.S_IMODE(file.stat().st_mode))
    return mode, found["encrypted"], None if found["encrypted"] else [key["scheme"] for key in found["data"]]


def _metadata(document: Any, *, expiry: bool) -> Any:
    signed = document["signed"]
    said = {
        "type": signed["_type"],
        "version": signed["version"],
        "signatures": len(document["signatures"] or []) if signed["_type"] != "root" else None,
    }
    if expiry:
        ends = datetime.fromisoformat(signed["expires"])
        said["days"] = round((ends - datetime.now(UTC)).total_seconds() / 86_400)
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


def copy_of(folder: Path, to: Path) -> Path:
    """Copy a working directory, with everything that belongs to one."""
    shutil.copytree(folder, to, symlinks=True)
    for place in ("keys", "repository", "staged/targets"):
        (to / place).mkdir(parents=True, exist_ok=True)
    return to


def sha512(text: str) -> str:
    return hashlib.sha512(text.encode()).hexdigest()
