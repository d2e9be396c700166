"""TUF repositories: made, kept, released.

    from tufkeep import Client, Workspace

Names are imported when they are asked for, so `import tufkeep` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

# names: written by docs/generate.py
if TYPE_CHECKING:
    from tufkeep.errors import TufkeepError as TufkeepError
    from tufkeep.metadata.canonical import MalformedMetadata as MalformedMetadata
    from tufkeep.metadata.canonical import NotCanonical as NotCanonical
    from tufkeep.metadata.chain import RootChainBroken as RootChainBroken
    from tufkeep.metadata.edit import BadExpiry as BadExpiry
    from tufkeep.metadata.edit import EditRefused as EditRefused
    from tufkeep.metadata.edit import KeyNotListed as KeyNotListed
    from tufkeep.metadata.edit import KeyidAmbiguous as KeyidAmbiguous
    from tufkeep.metadata.edit import KeyidTaken as KeyidTaken
    from tufkeep.metadata.edit import SamePublicKey as SamePublicKey
    from tufkeep.metadata.edit import TargetsNotListed as TargetsNotListed
    from tufkeep.metadata.edit import ThresholdTooLow as ThresholdTooLow
    from tufkeep.metadata.edit import ThresholdUnreachable as ThresholdUnreachable
    from tufkeep.metadata.edit import UnknownRole as UnknownRole
    from tufkeep.metadata.expiry import ExpiryNotAhead as ExpiryNotAhead
    from tufkeep.metadata.fingerprint import NotFingerprintWords as NotFingerprintWords
    from tufkeep.metadata.plan import VersionReused as VersionReused
    from tufkeep.metadata.plan import VersionRollback as VersionRollback
    from tufkeep.metadata.quorum import RoleNotDelegated as RoleNotDelegated
    from tufkeep.metadata.quorum import ThresholdNotReached as ThresholdNotReached
    from tufkeep.metadata.refusal import ExpiredMetadata as ExpiredMetadata
    from tufkeep.metadata.refusal import HashMismatch as HashMismatch
    from tufkeep.metadata.refusal import RoleNotListed as RoleNotListed
    from tufkeep.metadata.refusal import RollbackRefused as RollbackRefused
    from tufkeep.metadata.refusal import WrongVersion as WrongVersion
    from tufkeep.metadata.targets import BadTargetEntry as BadTargetEntry
    from tufkeep.metadata.targets import UnsafeTargetPath as UnsafeTargetPath
    from tufkeep.stores.errors import LinkRefused as LinkRefused
    from tufkeep.stores.errors import Locked as Locked
    from tufkeep.stores.errors import NameRefused as NameRefused
    from tufkeep.stores.errors import NotAFile as NotAFile
    from tufkeep.stores.errors import NotAFolder as NotAFolder
    from tufkeep.stores.errors import ObjectChanged as ObjectChanged
    from tufkeep.stores.errors import ObjectExists as ObjectExists
    from tufkeep.stores.errors import ObjectMissing as ObjectMissing
    from tufkeep.stores.errors import ObjectTooLarge as ObjectTooLarge
    from tufkeep.stores.errors import StoreBroken as StoreBroken
    from tufkeep.stores.errors import StoreDenied as StoreDenied
    from tufkeep.stores.errors import StoreError as StoreError
    from tufkeep.stores.errors import StoreFull as StoreFull
    from tufkeep.stores.errors import StoreReadOnly as StoreReadOnly
    from tufkeep.stores.errors import UnsafeName as UnsafeName

_HOMES = {
    "BadExpiry": "tufkeep.metadata.edit",
    "BadTargetEntry": "tufkeep.metadata.targets",
    "EditRefused": "tufkeep.metadata.edit",
    "ExpiredMetadata": "tufkeep.metadata.refusal",
    "ExpiryNotAhead": "tufkeep.metadata.expiry",
    "HashMismatch": "tufkeep.metadata.refusal",
    "KeyNotListed": "tufkeep.metadata.edit",
    "KeyidAmbiguous": "tufkeep.metadata.edit",
    "KeyidTaken": "tufkeep.metadata.edit",
    "LinkRefused": "tufkeep.stores.errors",
    "Locked": "tufkeep.stores.errors",
    "MalformedMetadata": "tufkeep.metadata.canonical",
    "NameRefused": "tufkeep.stores.errors",
    "NotAFile": "tufkeep.stores.errors",
    "NotAFolder": "tufkeep.stores.errors",
    "NotCanonical": "tufkeep.metadata.canonical",
    "NotFingerprintWords": "tufkeep.metadata.fingerprint",
    "ObjectChanged": "tufkeep.stores.errors",
    "ObjectExists": "tufkeep.stores.errors",
    "ObjectMissing": "tufkeep.stores.errors",
    "ObjectTooLarge": "tufkeep.stores.errors",
    "RoleNotDelegated": "tufkeep.metadata.quorum",
    "RoleNotListed": "tufkeep.metadata.refusal",
    "RollbackRefused": "tufkeep.metadata.refusal",
    "RootChainBroken": "tufkeep.metadata.chain",
    "SamePublicKey": "tufkeep.metadata.edit",
    "StoreBroken": "tufkeep.stores.errors",
    "StoreDenied": "tufkeep.stores.errors",
    "StoreError": "tufkeep.stores.errors",
    "StoreFull": "tufkeep.stores.errors",
    "StoreReadOnly": "tufkeep.stores.errors",
    "TargetsNotListed": "tufkeep.metadata.edit",
    "ThresholdNotReached": "tufkeep.metadata.quorum",
    "ThresholdTooLow": "tufkeep.metadata.edit",
    "ThresholdUnreachable": "tufkeep.metadata.edit",
    "TufkeepError": "tufkeep.errors",
    "UnknownRole": "tufkeep.metadata.edit",
    "UnsafeName": "tufkeep.stores.errors",
    "UnsafeTargetPath": "tufkeep.metadata.targets",
    "VersionReused": "tufkeep.metadata.plan",
    "VersionRollback": "tufkeep.metadata.plan",
    "WrongVersion": "tufkeep.metadata.refusal",
}
# end of names


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
