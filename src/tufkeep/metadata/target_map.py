"""A targets role whose entries become python-tuf's objects only when they are looked at.

A role of a hundred thousand targets is parsed, changed in one place, signed and written;
building the other 99,999 objects would cost more than all of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, cast

from tuf.api.metadata import TargetFile, Targets

from tufkeep.metadata.canonical import MalformedMetadata, refuse_uncanonical


class TargetMap(MutableMapping[str, TargetFile]):
    """Target paths with their entries, kept as the parsed JSON they came from.

    What `__getitem__` returns is a copy: an entry changes by assigning a new one.

    Spec: TUF 1.0.34 #targets-obj.
    """

    def __init__(self, raw: dict[str, Any]):
        self.raw = raw  # path -> entry as JSON, without floats

    def __getitem__(self, path: str) -> TargetFile:
        entry = self.raw[path]
        try:
            return TargetFile.from_dict({**entry, "hashes": dict(entry["hashes"])}, path)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise MalformedMetadata(f"target {path!r}: {_fault(error)}", role="targets") from None

    def __setitem__(self, path: str, target: TargetFile) -> None:
        entry = target.to_dict()
        refuse_uncanonical(entry)
        self.raw[path] = entry

    def __delitem__(self, path: str) -> None:
        del self.raw[path]

    def __contains__(self, path: object) -> bool:
        return path in self.raw

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)

    def copy(self) -> TargetMap:
        return TargetMap(self.raw.copy())


class LazyTargets(Targets):
    """python-tuf's targets role over a `TargetMap`."""

    @classmethod
    def from_dict(cls, signed_dict: dict[str, Any]) -> LazyTargets:
        """Take a parsed targets role over; as everywhere in python-tuf, the argument is used up."""
        raw = signed_dict.pop("targets")
        if not isinstance(raw, dict):
            raise ValueError("targets is not an object")
        model = cast("LazyTargets", super().from_dict({**signed_dict, "targets": {}}))
        model.targets = cast("dict[str, TargetFile]", TargetMap(raw))
        return model

    @property
    def raw_targets(self) -> Mapping[str, Any]:
        """The parsed JSON of every entry, for work over all of them."""
        if isinstance(self.targets, TargetMap):
            return self.targets.raw
        return {path: target.to_dict() for path, target in self.targets.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return the role as JSON; entries are shared with this role, not copied."""
        common = self._common_fields_to_dict()
        refuse_uncanonical(common)
        common["targets"] = self.raw_targets
        if self.delegations is not None:
            common["delegations"] = self.delegations.to_dict()
            refuse_uncanonical(common["delegations"])
        return common


def _fault(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
