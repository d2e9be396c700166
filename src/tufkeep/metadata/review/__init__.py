"""The difference between two states of a repository's metadata: as facts, then as sentences with warnings first."""

from tufkeep.metadata.review.change import Change
from tufkeep.metadata.review.compare import review
from tufkeep.metadata.review.delegation_facts import (
    DelegationAdded,
    DelegationChanged,
    DelegationRemoved,
    EveryPathDelegated,
)
from tufkeep.metadata.review.fact import NOBODY, Fact, Owners
from tufkeep.metadata.review.key_facts import (
    KeyAdded,
    KeyRemoved,
    KeyReplaced,
    NothingRemoved,
    PublicKeyTwice,
    Signatures,
    ThresholdChanged,
    ThresholdKept,
)
from tufkeep.metadata.review.role_facts import (
    AlreadyExpired,
    ConsistentSnapshotChanged,
    ExpiryChanged,
    ListedChanged,
    MemberChanged,
    RoleNew,
    Unlisted,
    VersionChanged,
    VersionsPassed,
)
from tufkeep.metadata.review.target_facts import (
    TargetAdded,
    TargetEntryChanged,
    TargetRemoved,
    TargetReplaced,
)
from tufkeep.metadata.review.wording import Sentence, sentences, whole

__all__ = [
    "NOBODY",
    "AlreadyExpired",
    "Change",
    "ConsistentSnapshotChanged",
    "DelegationAdded",
    "DelegationChanged",
    "DelegationRemoved",
    "EveryPathDelegated",
    "ExpiryChanged",
    "Fact",
    "KeyAdded",
    "KeyRemoved",
    "KeyReplaced",
    "ListedChanged",
    "MemberChanged",
    "NothingRemoved",
    "Owners",
    "PublicKeyTwice",
    "RoleNew",
    "Sentence",
    "Signatures",
    "TargetAdded",
    "TargetEntryChanged",
    "TargetRemoved",
    "TargetReplaced",
    "ThresholdChanged",
    "ThresholdKept",
    "Unlisted",
    "VersionChanged",
    "VersionsPassed",
    "review",
    "sentences",
    "whole",
]
