"""What metadata says must be in a remote: every object with its length, its hashes, in no order yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from tuf.api.metadata import TargetFile

from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import TARGETS, TIMESTAMP, metadata_name, stored_paths
from tufkeep.metadata.target_map import LazyTargets
from tufkeep.publish.metadata_set import MetadataSet
from tufkeep.stores.expected import Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One artifact under every name that a client may ask for."""

    target: TargetFile
    names: tuple[str, ...]  # in the remote, and below repository/

    @property
    def length_bytes(self) -> int:
        return self.target.length

    @property
    def expected(self) -> Expected:
        return Expected(length_bytes=self.target.length, hashes=self.target.hashes)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataFile:
    """One metadata file under one name."""

    name: str
    role: str
    document: Document[Any]

    @property
    def data(self) -> bytes:
        return self.document.data


def artifacts(found: MetadataSet) -> dict[str, Artifact]:
    """Return every artifact by its first name.

    Two roles may list one path with different bytes: with consistent snapshots both are there; without them only the
    first role in the order of delegations can be served, and `targets` is always first.
    """
    known: dict[str, Artifact] = {}
    for document in (found.targets, *found.delegated.values()):
        for path in raw_targets(document):
            artifact = artifact_of(document, path, consistent=found.consistent)
            known.setdefault(artifact.names[0], artifact)
    return known


def changed_artifacts(before: MetadataSet | None, after: MetadataSet) -> dict[str, Artifact]:
    """Return the artifacts that the newer set lists and the older one does not, by their first name."""
    if before is None or before.consistent != after.consistent:
        return artifacts(after)
    changed: dict[str, Artifact] = {}
    for role, document in (("targets", after.targets), *after.delegated.items()):
        old = before.targets_roles.get(role)
        if old is document:
            continue
        listed = raw_targets(old) if old is not None else {}
        for path, entry in raw_targets(document).items():
            if not _same_bytes(listed.get(path), entry):
                artifact = artifact_of(document, path, consistent=after.consistent)
                changed.setdefault(artifact.names[0], artifact)
    return changed


def artifact_of(document: Document[Any], path: str, *, consistent: bool) -> Artifact:
    """Return a listed target with the names of its objects."""
    target: TargetFile = document.signed.targets[path]
    names = tuple(TARGETS + name for name in stored_paths(target, consistent_snapshot=consistent))
    return Artifact(target=target, names=names)


def metadata_files(found: MetadataSet) -> Iterator[MetadataFile]:
    """Yield every metadata file in the order in which a remote may receive them.

    What refers comes after what it refers to: root versions in sequence, delegated targets, targets, snapshot, the
    plain names, and at the very end the timestamp, which makes agents look at all the others.

    Spec: TUF 1.0.34 #writing-consistent-snapshots.
    """
    for version, root in sorted(found.roots.items()):
        yield MetadataFile(name=metadata_name("root", version), role="root", document=root)
    below = {**found.targets_roles, "snapshot": found.snapshot}
    plain = {**below, "root": found.root}
    if found.consistent:
        for role, document in below.items():
            yield MetadataFile(name=metadata_name(role, document.version), role=role, document=document)
    else:
        plain = {"root": found.root, **below}  # what agents read comes without a pause before the timestamp
    for role, document in plain.items():
        yield MetadataFile(name=metadata_name(role), role=role, document=document)
    yield MetadataFile(name=TIMESTAMP, role="timestamp", document=found.timestamp)


def object_names(found: MetadataSet) -> Iterator[str]:
    """Yield every name that must be there, artifacts first."""
    for artifact in artifacts(found).values():
        yield from artifact.names
    for file in metadata_files(found):
        yield file.name


def raw_targets(document: Document[Any]) -> Mapping[str, Any]:
    """Return the entries of a targets role as parsed JSON, for work over all of them."""
    return cast("LazyTargets", document.signed).raw_targets


def _same_bytes(old: Any, new: Any) -> bool:
    return old is new or (old is not None and old["hashes"] == new["hashes"] and old["length"] == new["length"])
