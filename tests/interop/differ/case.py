"""A small repository and its next version, in which one file is changed, then signed with the right keys and listed."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.interop.differ.text import Obj, canonical, tree, written

ROLES = ("root", "targets", "team", "snapshot", "timestamp")
KEYS = {"root": 2, "targets": 1, "team": 2, "snapshot": 1, "timestamp": 1}
PROBES = ("app", "team/tool", "team/deep/tool", "Team/tool", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One repository in two versions: the honest one, and the next one in which one file is changed."""

    role: str  # the changed one
    change: str  # in words
    before: dict[str, bytes]  # by role
    after: dict[str, bytes]
    consistent: bool
    warm: bool = False  # the client has followed the honest version already

    def __str__(self) -> str:
        client = "a client that was here before" if self.warm else "a new client"
        return f"{self.role} {'with' if self.consistent else 'without'} consistent snapshots, {client}: {self.change}"

    @property
    def root(self) -> bytes:
        return self.before["root"]

    @property
    def files(self) -> dict[str, bytes]:
        """The files as they are served."""
        changed = {"2.root.json": self.after["root"]} if self.role == "root" else {}
        return _served(self.after) | {"1.root.json": self.root} | changed

    @property
    def rounds(self) -> tuple[dict[str, bytes], ...]:
        """The files of each refresh, one after the other."""
        return (*((_served(self.before) | {"1.root.json": self.root},) if self.warm else ()), self.files)

    @property
    def targets(self) -> list[str]:
        """The paths to look up: some that everybody knows, and what the changed file lists."""
        return sorted({*PROBES, *filter(_passes, _listed(self.after[self.role]))})

    def line(self) -> bytes:
        """Return the case as the clients of other languages read it."""
        rounds = [{name: base64.b64encode(data).decode() for name, data in files.items()} for files in self.rounds]
        case = {"root": base64.b64encode(self.root).decode(), "rounds": rounds, "targets": self.targets}
        return json.dumps(case).encode() + b"\n"


def case(role: str, change: str, edit: Callable[[Obj], None], *, consistent: bool = True, **after: Any) -> Case:
    """Return the case in which the signed part of a role's next version is edited before it is signed.

    Args:
        after: `envelope` changes the whole file as a tree, `data` its bytes.
    """
    before = _honest(consistent)
    signed = {name: tree(json.loads(data)["signed"]) for name, data in before.items()}
    made = dict(before)
    for each in _following(role):
        part = signed[each]
        part.put("version", 2)
        _list_again(part, each, made)
        if each == role:
            edit(part)
            made[each] = sign(each, part, **after)
        else:
            made[each] = sign(each, part)
    return Case(role=role, change=change, before=before, after=made, consistent=consistent)


def sign(
    role: str,
    signed: Obj,
    *,
    envelope: Callable[[Obj], None] | None = None,
    data: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """Return the file of a signed part, with the signatures of the role's keys."""
    payload = canonical(signed)
    signatures = [
        Obj([("keyid", keyid(role, number)), ("sig", _private(role, number).sign(payload).hex())])
        for number in range(KEYS[role])
    ]
    file = Obj([("signatures", signatures), ("signed", signed)])
    if envelope is not None:
        envelope(file)
    made = written(file)
    return made if data is None else data(made)


def public(role: str, number: int) -> dict[str, Any]:
    return {
        "keytype": "ed25519",
        "scheme": "ed25519",
        "keyval": {"public": _private(role, number).public_key().public_bytes_raw().hex()},
    }


def keyid(role: str, number: int) -> str:
    return hashlib.sha256(canonical(tree(public(role, number)))).hexdigest()


@lru_cache
def _private(role: str, number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"{role} {number}".encode()).digest())


@lru_cache
def _honest(consistent: bool) -> dict[str, bytes]:
    made: dict[str, bytes] = {}
    for role in ROLES:
        part = tree(_signed(role, consistent=consistent))
        _list_again(part, role, made)
        made[role] = sign(role, part)
    return made


def _signed(role: str, *, consistent: bool) -> dict[str, Any]:
    kind = "targets" if role == "team" else role
    common = {"_type": kind, "expires": "2090-01-31T12:00:00Z", "spec_version": "1.0.31", "version": 1}
    if role == "root":
        roles = [name for name in ROLES if name != "team"]
        return common | {
            "consistent_snapshot": consistent,
            "keys": _keys(roles),
            "roles": {name: {"keyids": _keyids(name), "threshold": KEYS[name]} for name in roles},
        }
    if role == "targets":
        rule = {"keyids": _keyids("team"), "name": "team", "paths": ["team/*"], "terminating": False, "threshold": 1}
        return common | {
            "delegations": {"keys": _keys(["team"]), "roles": [rule]},
            "targets": {"app": entry(b"app", custom={"note": "an app"}), "dir/app": entry(b"other app")},
        }
    if role == "team":
        return common | {"targets": {"team/tool": entry(b"tool"), "app": entry(b"no")}}
    return common | {"meta": {}}


def entry(data: bytes, **more: Any) -> dict[str, Any]:
    hashes = {name: hashlib.new(name, data).hexdigest() for name in ("sha256", "sha512")}
    return {"hashes": hashes, "length": len(data), **more}


def _keyids(role: str) -> list[str]:
    return [keyid(role, number) for number in range(KEYS[role])]


def _keys(roles: Iterable[str]) -> dict[str, Any]:
    return {keyid(role, number): public(role, number) for role in roles for number in range(KEYS[role])}


def _following(role: str) -> list[str]:
    """Return the role, and those that must list its next version, in the order of their making."""
    lists = {"root": [], "timestamp": [], "snapshot": ["timestamp"]}
    return [role, *lists.get(role, ["snapshot", "timestamp"])]


def _list_again(part: Obj, role: str, made: dict[str, bytes]) -> None:
    below = {"snapshot": ("targets", "team"), "timestamp": ("snapshot",)}.get(role)
    if below is not None:
        part.put("meta", tree({f"{name}.json": _listing(made[name]) for name in below}))


def _served(made: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files but roots, with and without version, as a changed root may say which to ask for."""
    roles = ("targets", "team", "snapshot")
    names = {f"{prefix}{role}.json": made[role] for role in roles for prefix in ("1.", "2.", "")}
    return names | {"timestamp.json": made["timestamp"]}


def _listing(data: bytes) -> dict[str, Any]:
    version = 2 if b'"version":2' in data else 1
    return {"hashes": {"sha256": hashlib.sha256(data).hexdigest()}, "length": len(data), "version": version}


def _listed(data: bytes) -> list[str]:
    """Return the names of targets in a file that may be anything."""
    try:
        return list(dict(json.loads(data)["signed"]["targets"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return []


def _passes(path: str) -> bool:
    """Whether every language holds the text."""
    return not any("\ud800" <= letter <= "\udfff" for letter in path)
