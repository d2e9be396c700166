"""Repositories signed however a test wants them, the hostile ones above all.

A `Forge` starts as an honest repository and stays one until it is told to lie. The signed parts
are plain JSON in `signed`, so a test can write what no metadata library would let it write:

    forge = Forge(now=clock())
    forge.add("app", b"1.0")
    forge.publish()                                             # honest
    forge.lie("targets", lambda signed: signed.update(version=0))
    forge.publish()                                             # version 0, correctly signed

What is served lies in `store` in the usual layout: metadata on top, artifacts under `targets/`.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner, SSlibKey

from tufkeep.metadata.canonical import encode_canonical
from tufkeep.metadata.filenames import TOP_LEVEL, asked_name, metadata_name, metapath, role_fault
from tufkeep.stores import MemoryStore, Store

Lie = Callable[[dict[str, Any]], object]


class Forge:
    """One repository, its keys, and the lies it has been told to tell."""

    def __init__(self, *, now: datetime, consistent_snapshot: bool = True, store: Store | None = None):
        self.store: Store = MemoryStore() if store is None else store
        self.now = now
        self.days = {"root": 365, "targets": 90, "snapshot": 30, "timestamp": 7}
        self.meta_fields: tuple[str, ...] = ("length", "hashes")  # what snapshot and timestamp tell beyond the version
        self.hash_names: tuple[str, ...] = ("sha256", "sha512")
        self.signers: dict[str, list[CryptoSigner]] = {}
        self.signed: dict[str, dict[str, Any]] = {
            "root": {"keys": {}, "roles": {}, "consistent_snapshot": consistent_snapshot},
            "targets": {"targets": {}},
            "snapshot": {"meta": {}},
            "timestamp": {"meta": {}},
        }
        self._lies: dict[str, list[Lie]] = {}
        self._old_root_signers: list[CryptoSigner] = []
        for role in TOP_LEVEL:
            self.signed[role] |= {"_type": role, "spec_version": "1.0.31", "version": 0}
            self.rotate(role)
        self._old_root_signers = []
        self.publish_root()
        self.publish()

    def root(self, version: int = 1) -> bytes:
        """Return a root as it was published, for a client to start from."""
        return self.store.read(metadata_name("root", version))

    def version(self, role: str) -> int:
        return int(self.signed[role]["version"])

    def add(self, path: str, data: bytes, *, role: str = "targets", **custom: Any) -> None:
        """List an artifact in a role, and serve it."""
        entry: dict[str, Any] = {"length": len(data), "hashes": self._hashes(data)}
        if custom:
            entry["custom"] = custom
        self.signed[role]["targets"][path] = entry
        self.serve(path, data)

    def serve(self, path: str, data: bytes) -> None:
        """Put an artifact where clients look for it, whatever its entry says."""
        folder, slash, name = path.rpartition("/")
        for digest in self._hashes(data).values() if self.signed["root"]["consistent_snapshot"] else ():
            self.store.write(f"targets/{folder}{slash}{digest}.{name}", data)
        if not self.signed["root"]["consistent_snapshot"]:
            self.store.write(f"targets/{path}", data)

    def rotate(self, role: str, *, keys: int = 1, threshold: int = 1, keep: int = 0) -> None:
        """Give a top-level role new keys beside the first `keep` of its old ones; the next root says so."""
        root = self.signed["root"]
        old = self.signers.get(role, [])
        if role == "root":
            self._old_root_signers = old
        self.signers[role] = old[:keep] + [CryptoSigner.generate_ed25519() for _ in range(keys)]
        root["roles"][role] = {"keyids": _keyids(self.signers[role]), "threshold": threshold}
        used = {keyid for entry in root["roles"].values() for keyid in entry["keyids"]}
        root["keys"] = {keyid: key for keyid, key in root["keys"].items() if keyid in used}
        root["keys"] |= _keys(self.signers[role])

    def delegate(
        self,
        role: str,
        *,
        by: str = "targets",
        keys: int = 1,
        threshold: int = 1,
        terminating: bool = False,
        **rule: Any,
    ) -> None:
        """Make a delegated role with keys of its own and no targets yet.

        Args:
            rule: `paths` or `path_hash_prefixes`, or whatever else the entry should hold.
        """
        self.signers[role] = [CryptoSigner.generate_ed25519() for _ in range(keys)]
        self.trust(role, self.signers[role], by=by, threshold=threshold, terminating=terminating, **rule)
        self.signed[role] = {"_type": "targets", "spec_version": "1.0.31", "version": 0, "targets": {}}
        self.days[role] = 90
        self.publish(by, role)

    def trust(
        self,
        role: str,
        signers: Iterable[CryptoSigner],
        *,
        by: str,
        threshold: int = 1,
        terminating: bool = False,
        **rule: Any,
    ) -> None:
        """Let one more role delegate to an existing one, with any keys."""
        signers = list(signers)
        delegations = self.signed[by].setdefault("delegations", {"keys": {}, "roles": []})
        delegations["keys"] |= _keys(signers)
        entry = {"name": role, "keyids": _keyids(signers), "threshold": threshold, "terminating": terminating}
        delegations["roles"].append({**entry, **rule})

    def lie(self, role: str, lie: Lie) -> None:
        """Change a role's signed part each time just before it is signed; `signed` itself stays honest."""
        self._lies.setdefault(role, []).append(lie)

    def honest(self) -> None:
        """Take every lie back; what was published stays published."""
        self._lies.clear()

    def publish(self, *changed: str) -> None:
        """Publish the next version of targets roles (by default the top one), snapshot and timestamp."""
        for role in changed or ("targets",):
            self.next_version(role)
        self.list_in_snapshot()
        self.next_version("snapshot")
        self.list_in_timestamp()
        self.next_version("timestamp")

    def publish_root(self) -> None:
        """Publish the next root, signed by its own keys and by those it replaces."""
        self.next_version("root")
        self._old_root_signers = []

    def next_version(self, role: str) -> None:
        self.signed[role]["version"] += 1
        self.signed[role]["expires"] = _stamp(self.now + timedelta(days=self.days[role]))
        self.write(role)

    def list_in_snapshot(self) -> None:
        """Let the next snapshot list every targets role as it is served now."""
        roles = [role for role in self.signed if self.signed[role]["_type"] == "targets" and self.version(role)]
        self.signed["snapshot"]["meta"] = {metapath(role): self._meta(role) for role in roles}

    def list_in_timestamp(self) -> None:
        self.signed["timestamp"]["meta"] = {metapath("snapshot"): self._meta("snapshot")}

    def write(self, role: str, *, signers: Iterable[CryptoSigner] | None = None) -> bytes:
        """Sign a role as it stands, lies included, and serve it under the names that clients ask for."""
        signed = copy.deepcopy(self.signed[role])
        for lie in self._lies.get(role, []):
            lie(signed)
        own = [*self.signers[role], *(self._old_root_signers if role == "root" else ())]
        data = forge_file(signed, own if signers is None else signers)
        for name in self.names(role):
            self.store.write(name, data)
        return data

    def names(self, role: str) -> list[str]:
        """Return the names under which a role's current version is served, the plain one last.

        What can't be stored is served all the same, encoded as it is asked for.
        """
        name = asked_name if role_fault(role) else metadata_name
        versioned = role == "root" or (role != "timestamp" and self.signed["root"]["consistent_snapshot"])
        return [name(role, self.version(role)), name(role)] if versioned else [name(role)]

    def _meta(self, role: str) -> dict[str, Any]:
        data = self.store.read(self.names(role)[-1])
        facts = {"length": len(data), "hashes": self._hashes(data)}
        return {"version": self.version(role)} | {name: facts[name] for name in self.meta_fields}

    def _hashes(self, data: bytes) -> dict[str, str]:
        return {name: hashlib.new(name, data).hexdigest() for name in self.hash_names}


def forge_file(signed: dict[str, Any], signers: Iterable[CryptoSigner]) -> bytes:
    """Return a metadata file over any signed part, true or not, with these signatures."""
    payload = encode_canonical(signed)
    signatures = [signer.sign(payload).to_dict() for signer in signers]
    file = {"signatures": signatures, "signed": signed}  # as JSON, for canonical JSON escapes no control characters
    return json.dumps(file, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def twin(signer: CryptoSigner, keyid: str) -> CryptoSigner:
    """Return the same key under another keyid, as a thief of one key may want to be counted twice."""
    public = SSlibKey.from_dict(keyid, signer.public_key.to_dict())
    return CryptoSigner(load_pem_private_key(signer.private_bytes, None), public)


def _keyids(signers: Iterable[CryptoSigner]) -> list[str]:
    return [signer.public_key.keyid for signer in signers]


def _keys(signers: Iterable[CryptoSigner]) -> dict[str, Any]:
    return {signer.public_key.keyid: signer.public_key.to_dict() for signer in signers}


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
