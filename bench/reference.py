"""What a team writes with python-tuf alone: the script that tufkeep is measured against.

Kept as plain as its tutorials, with one kindness: files are written once. Keys are not encrypted, for python-tuf has no
encrypted key files.

    python -m bench.reference create DIR
    python -m bench.reference fill DIR FOLDER      FOLDER's files as targets, in one version
    python -m bench.reference add DIR FILE...
    python -m bench.reference hash FILE
    python -m bench.reference refresh URL STATE ROOT
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROLES = ("root", "targets", "snapshot", "timestamp")
TEN_YEARS = timedelta(days=3650)


def create(folder: str) -> None:
    from securesystemslib.signer import CryptoSigner
    from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp

    (Path(folder) / "keys").mkdir(parents=True)
    (Path(folder) / "repository" / "targets").mkdir(parents=True)
    expires = datetime.now(UTC).replace(microsecond=0) + TEN_YEARS
    root = Root(expires=expires)
    signers = {}
    for role in ROLES:
        signers[role] = CryptoSigner.generate_ed25519()
        root.add_key(signers[role].public_key, role)
        (Path(folder) / "keys" / f"{role}.pem").write_bytes(signers[role].private_bytes)
    documents: dict[str, Metadata[Any]] = {
        "root": Metadata(root),
        "targets": Metadata(Targets(expires=expires)),
        "snapshot": Metadata(Snapshot(expires=expires)),
        "timestamp": Metadata(Timestamp(expires=expires)),
    }
    for role, document in documents.items():
        document.sign(signers[role])
        _write(Path(folder), role, document)


def add(folder: str, *files: str) -> None:
    """List files in the next version of targets, snapshot and timestamp."""
    _add(Path(folder), {Path(file).name: Path(file) for file in files})


def fill(folder: str, source: str) -> None:
    found = {path.relative_to(source).as_posix(): path for path in Path(source).rglob("*") if path.is_file()}
    _add(Path(folder), found, copied=False)


def _add(folder: Path, files: dict[str, Path], *, copied: bool = True) -> None:
    import shutil

    from securesystemslib.signer import CryptoSigner
    from tuf.api.metadata import Metadata, MetaFile, TargetFile

    repository = folder / "repository"
    targets, snapshot, timestamp = (Metadata[Any].from_file(str(repository / f"{role}.json")) for role in ROLES[1:])
    for path, file in files.items():
        target = TargetFile.from_file(path, str(file), ["sha256", "sha512"])
        targets.signed.targets[path] = target
        for digest in target.hashes.values() if copied else ():
            shutil.copyfile(file, repository / "targets" / f"{digest}.{path}")
    targets.signed.version += 1
    snapshot.signed.meta["targets.json"] = MetaFile(version=targets.signed.version)
    snapshot.signed.version += 1
    timestamp.signed.snapshot_meta = MetaFile(version=snapshot.signed.version)
    timestamp.signed.version += 1
    for role, document in zip(ROLES[1:], (targets, snapshot, timestamp), strict=True):
        root = Metadata[Any].from_file(str(repository / "root.json")).signed
        key = root.keys[root.roles[role].keyids[0]]
        signer = CryptoSigner.from_priv_key_uri(f"file2:{(folder / 'keys' / f'{role}.pem').absolute()}", key)
        document.sign(signer)
        _write(folder, role, document)


def _write(folder: Path, role: str, document: Any) -> None:
    from tuf.api.serialization.json import JSONSerializer

    data = document.to_bytes(JSONSerializer(compact=True))
    names = [f"{role}.json"] if role == "timestamp" else [f"{document.signed.version}.{role}.json", f"{role}.json"]
    for name in names:
        (folder / "repository" / name).write_bytes(data)


def hash_artifact(file: str) -> None:
    from tuf.api.metadata import TargetFile

    TargetFile.from_file(Path(file).name, file, ["sha256", "sha512"])


def refresh(url: str, state: str, root: str) -> None:
    from tuf.ngclient import Updater

    Path(state).mkdir(exist_ok=True)
    Updater(state, url, bootstrap=Path(root).read_bytes()).refresh()


if __name__ == "__main__":
    scripts: dict[str, Callable[..., None]] = {
        "create": create,
        "add": add,
        "fill": fill,
        "hash": hash_artifact,
        "refresh": refresh,
    }
    scripts[sys.argv[1]](*sys.argv[2:])
