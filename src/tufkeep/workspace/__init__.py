"""A working directory: repository/, staged/, keys/ with their policy."""

from __future__ import annotations

from tufkeep.workspace.artifacts import AmbiguousName, Source, find_sources, matching_targets
from tufkeep.workspace.base import StaleStaged
from tufkeep.workspace.commit import CommitPlan, UnaddedArtifacts
from tufkeep.workspace.commit_artifacts import ArtifactChanged, ArtifactMissing
from tufkeep.workspace.journal import DamagedJournal
from tufkeep.workspace.policy import MalformedPolicy, Policy
from tufkeep.workspace.proof import Proof, SignedButExpired
from tufkeep.workspace.record import Author, RecordBroken
from tufkeep.workspace.state import HalfARepository, NotARepository, State, UnreadableMetadata
from tufkeep.workspace.working_directory import Edit, NeverCommitted, PlanOutdated, WorkingDirectory
from tufkeep.workspace.workspace import Workspace

__all__ = [
    "AmbiguousName",
    "ArtifactChanged",
    "ArtifactMissing",
    "Author",
    "CommitPlan",
    "DamagedJournal",
    "Edit",
    "HalfARepository",
    "MalformedPolicy",
    "NeverCommitted",
    "NotARepository",
    "PlanOutdated",
    "Policy",
    "Proof",
    "RecordBroken",
    "SignedButExpired",
    "Source",
    "StaleStaged",
    "State",
    "UnaddedArtifacts",
    "UnreadableMetadata",
    "WorkingDirectory",
    "Workspace",
    "find_sources",
    "matching_targets",
]
