"""Fields that python-tuf's model lets pass, though no client may act on them.

JSON knows more types than the fields that steer a client: a text is true where a boolean decides,
`true` is 1 where a number does, and a text is a list of letters where patterns do. Two clients
that read such a field differently end on different files, so it is refused.

Spec: TUF 1.0.34 #document-formats.
"""

from __future__ import annotations

from collections.abc import Iterable

from tuf.api.metadata import DelegatedRole, Delegations, MetaFile, Role, Root, Signed, Snapshot, Targets, Timestamp

from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.filenames import metapath, role_of


def require_strict(signed: Signed) -> None:
    """Accept a model whose steering fields have exactly the types that the specification gives them.

    Raises:
        MalformedMetadata: one has not.
    """
    try:
        _require(type(signed.version) is int, "version is not a number")
        if isinstance(signed, Root):
            _require(signed.consistent_snapshot in (True, False, None), "consistent_snapshot is not a boolean")
            _roles(signed.roles.values())
        elif isinstance(signed, Timestamp):
            _metafile(signed.snapshot_meta, metapath("snapshot"))
        elif isinstance(signed, Snapshot):
            for name, listed in signed.meta.items():
                _metafile(listed, name)
        elif isinstance(signed, Targets) and signed.delegations is not None:
            _delegations(signed.delegations)
    except _Loose as fault:
        raise MalformedMetadata(f"v{signed.version}: {fault}", role=signed.type) from None


class _Loose(Exception):
    pass


def _require(holds: bool, fault: str) -> None:
    if not holds:
        raise _Loose(fault)


def _delegations(delegations: Delegations) -> None:
    if delegations.roles is not None:
        _roles(delegations.roles.values())
    if delegations.succinct_roles is not None:
        _roles([delegations.succinct_roles])
        _require(type(delegations.succinct_roles.bit_length) is int, "bit_length is not a number")


def _roles(roles: Iterable[Role]) -> None:
    for role in roles:
        _require(type(role.threshold) is int, "a threshold is not a number")
        _require(_texts(role.keyids), "keyids is not a list of texts")
        if isinstance(role, DelegatedRole):
            _require(isinstance(role.name, str), "the name of a delegated role is not a text")
            _require(isinstance(role.terminating, bool), f"terminating of {role.name!r} is not a boolean")
            _require(role.paths is None or _texts(role.paths), f"paths of {role.name!r} is not a list of texts")
            prefixes = role.path_hash_prefixes
            _require(
                prefixes is None or _texts(prefixes), f"path_hash_prefixes of {role.name!r} is not a list of texts"
            )


def _metafile(listed: MetaFile, name: str) -> None:
    _require(name == metapath(role_of(name)), f"lists {name!r}, which is no metadata file")
    _require(type(listed.version) is int, f"the version of {name!r} is not a number")
    _require(listed.length is None or type(listed.length) is int, f"the length of {name!r} is not a number")


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
