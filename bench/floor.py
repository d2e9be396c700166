"""The least that adding one target can cost: parse once, hash, sign once, write.

    python -m bench.floor REPOSITORY KEY FILE

No check of any kind, no thought for a crash but the fsync; the same libraries.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import sys
from pathlib import Path

import msgspec
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def main(repository: str, key: str, file: str) -> None:
    gc.disable()
    signer, keyid = _signer(key, repository)
    artifact = Path(file).read_bytes()
    value = msgspec.json.decode((Path(repository) / "targets.json").read_bytes())["signed"]
    hashes = {name: hashlib.new(name, artifact).hexdigest() for name in ("sha256", "sha512")}
    value["targets"][Path(file).name] = {"length": len(artifact), "hashes": hashes}
    value["version"] += 1
    for digest in hashes.values():
        _write(Path(repository) / "targets" / f"{digest}.{Path(file).name}", artifact)
    payload = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    data = b'{"signatures":[{"keyid":"%s","sig":"%s"}],"signed":%s}' % (
        keyid.encode(),
        signer.sign(payload).hex().encode(),
        payload,
    )
    for name in ("sha256", "sha512"):
        hashlib.new(name, data).hexdigest()  # for the snapshot, which is small like the timestamp
    for name in (f"{value['version']}.targets.json", "targets.json"):
        _write(Path(repository) / name, data)


def _signer(file: str, repository: str) -> tuple[Ed25519PrivateKey, str]:
    private = json.loads(Path(file).read_bytes())["data"][0]["keyval"]["private"]
    root = json.loads((Path(repository) / "root.json").read_bytes())["signed"]
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private)[:32]), root["roles"]["targets"]["keyids"][0]


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


if __name__ == "__main__":
    main(*sys.argv[1:])
