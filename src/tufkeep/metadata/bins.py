"""Hash bins: the delegated roles that a great many targets are spread over, by the hash of their path.

Planning only. A change of one target then rewrites one small file instead of a huge one.

Spec: TUF 1.0.34 #path_hash_prefixes; TAP 15 (succinct roles).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

ONE_FILE_IS_ENOUGH = 100_000  # targets; up to here one signed file costs about a second to change
_TARGETS_PER_BIN = 512  # 1,000,000 targets give 2,048 bins
_MOST_BITS = 14  # 16,384 bins: the snapshot lists each of them, and every client fetches it


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """2 to the power of `bit_length` bins; a path belongs to the one that its sha256 begins with."""

    bit_length: int  # 1 to 32
    name_prefix: str = "bin"

    @property
    def count(self) -> int:
        return 1 << self.bit_length

    def index_of(self, path: str) -> int:
        digest = hashlib.sha256(path.encode("utf-8")).digest()
        return int.from_bytes(digest[:4], "big") >> (32 - self.bit_length)

    def role(self, index: int) -> str:
        """Return a bin's role name: the prefix, a hyphen, the index in hex of fixed width."""
        return f"{self.name_prefix}-{index:0{_hex_width(self.bit_length)}x}"

    def role_of(self, path: str) -> str:
        return self.role(self.index_of(path))

    def roles(self) -> tuple[str, ...]:
        return tuple(self.role(index) for index in range(self.count))

    def path_hash_prefixes(self, index: int) -> tuple[str, ...]:
        """Return the prefixes of a bin for a delegation that clients without succinct roles can read."""
        width = _hex_width(self.bit_length)
        each = 1 << (4 * width - self.bit_length)  # prefixes per bin: hex digits are 4 bits wide
        return tuple(f"{prefix:0{width}x}" for prefix in range(index * each, (index + 1) * each))

    def spread(self, paths: Iterable[str]) -> dict[str, list[str]]:
        """Return the paths of each bin that has any, by role name."""
        spread: dict[str, list[str]] = {}
        for path in paths:
            spread.setdefault(self.role_of(path), []).append(path)
        return spread


def plan_bins(target_count: int, *, name_prefix: str = "bin") -> Bins | None:
    """Return the bins for that many targets, None where one file serves them well."""
    if target_count <= ONE_FILE_IS_ENOUGH:
        return None
    wanted = -(-target_count // _TARGETS_PER_BIN)
    return Bins(bit_length=min((wanted - 1).bit_length(), _MOST_BITS), name_prefix=name_prefix)


def _hex_width(bit_length: int) -> int:
    return -(-bit_length // 4)
