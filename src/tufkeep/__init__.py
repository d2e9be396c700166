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
    from tufkeep.agent.agent import Agent as Agent
    from tufkeep.agent.component import Component as Component
    from tufkeep.agent.outcome import DidNotStart as DidNotStart
    from tufkeep.agent.outcome import DowngradeRefused as DowngradeRefused
    from tufkeep.agent.outcome import NothingOffered as NothingOffered
    from tufkeep.agent.outcome import Outcome as Outcome
    from tufkeep.agent.outcome import Update as Update
    from tufkeep.archives.rules import BadArchive as BadArchive
    from tufkeep.ceremony.accept import NotApproved as NotApproved
    from tufkeep.ceremony.approve import WrongRootKeys as WrongRootKeys
    from tufkeep.ceremony.compromise import harms as harms
    from tufkeep.ceremony.compromise import revoke_compromised as revoke_compromised
    from tufkeep.ceremony.drive import DriveOverlaps as DriveOverlaps
    from tufkeep.ceremony.drive import check_drive as check_drive
    from tufkeep.ceremony.drive import write_drive as write_drive
    from tufkeep.ceremony.drive_kind import ForbiddenOnDrive as ForbiddenOnDrive
    from tufkeep.ceremony.drive_kind import NotADrive as NotADrive
    from tufkeep.ceremony.drive_kind import ReadBackDiffers as ReadBackDiffers
    from tufkeep.ceremony.drive_kind import UnseenKeyFile as UnseenKeyFile
    from tufkeep.ceremony.key_check import BackupFaulty as BackupFaulty
    from tufkeep.ceremony.key_check import check_keys as check_keys
    from tufkeep.ceremony.letter import LetterRefused as LetterRefused
    from tufkeep.ceremony.proposal import ApprovalOutdated as ApprovalOutdated
    from tufkeep.ceremony.proposal import OtherRepository as OtherRepository
    from tufkeep.ceremony.proposal import RequestDoesNotFit as RequestDoesNotFit
    from tufkeep.ceremony.proposal import RootTooOld as RootTooOld
    from tufkeep.ceremony.prove import RefusedNow as RefusedNow
    from tufkeep.ceremony.prove import outlook as outlook
    from tufkeep.ceremony.request import NothingAsked as NothingAsked
    from tufkeep.ceremony.request import ProofWrong as ProofWrong
    from tufkeep.ceremony.rotate import OthersWouldLeave as OthersWouldLeave
    from tufkeep.ceremony.rotate import rotate as rotate
    from tufkeep.ceremony.surroundings import SurroundingsUnfit as SurroundingsUnfit
    from tufkeep.client.client import Client as Client
    from tufkeep.client.client import Refresh as Refresh
    from tufkeep.client.client import SignedByOthers as SignedByOthers
    from tufkeep.client.download import Downloaded as Downloaded
    from tufkeep.client.errors import AccessForbidden as AccessForbidden
    from tufkeep.client.errors import EndlessAnswer as EndlessAnswer
    from tufkeep.client.errors import FetchError as FetchError
    from tufkeep.client.errors import FileChanged as FileChanged
    from tufkeep.client.errors import LoginNeeded as LoginNeeded
    from tufkeep.client.errors import NoAddress as NoAddress
    from tufkeep.client.errors import NotARoot as NotARoot
    from tufkeep.client.errors import NotServed as NotServed
    from tufkeep.client.errors import RedirectRefused as RedirectRefused
    from tufkeep.client.errors import ServerBusy as ServerBusy
    from tufkeep.client.errors import ServerFault as ServerFault
    from tufkeep.client.errors import TooLong as TooLong
    from tufkeep.client.errors import TooSlow as TooSlow
    from tufkeep.client.errors import TrustInTheWay as TrustInTheWay
    from tufkeep.client.errors import Unreachable as Unreachable
    from tufkeep.client.errors import WebPageInstead as WebPageInstead
    from tufkeep.client.errors import WrongPart as WrongPart
    from tufkeep.client.fetch import Fetcher as Fetcher
    from tufkeep.client.http import HttpFetcher as HttpFetcher
    from tufkeep.client.limits import Limits as Limits
    from tufkeep.client.origin import NoOrigin as NoOrigin
    from tufkeep.client.state import NothingTrusted as NothingTrusted
    from tufkeep.client.state import OtherAnchor as OtherAnchor
    from tufkeep.client.state import TrustDamaged as TrustDamaged
    from tufkeep.client.wait import Wait as Wait
    from tufkeep.client.walk import TargetNotFound as TargetNotFound
    from tufkeep.client.walk import TooManyRoles as TooManyRoles
    from tufkeep.errors import BadRequest as BadRequest
    from tufkeep.errors import PersonNeeded as PersonNeeded
    from tufkeep.errors import StoreError as StoreError
    from tufkeep.errors import TrustRefused as TrustRefused
    from tufkeep.errors import TufkeepError as TufkeepError
    from tufkeep.errors import WorkspaceError as WorkspaceError
    from tufkeep.keys.entry import MalformedKey as MalformedKey
    from tufkeep.keys.material.material import PrivateKeyInside as PrivateKeyInside
    from tufkeep.keys.passphrase import EmptyPassphrase as EmptyPassphrase
    from tufkeep.keys.passphrase import NoPassphrase as NoPassphrase
    from tufkeep.keys.passphrase import Passphrase as Passphrase
    from tufkeep.keys.passphrase import PassphraseNotText as PassphraseNotText
    from tufkeep.keys.passphrase import PassphraseRequest as PassphraseRequest
    from tufkeep.keys.passphrase import PassphrasesDiffer as PassphrasesDiffer
    from tufkeep.keys.passphrase import UnknownPassphraseLine as UnknownPassphraseLine
    from tufkeep.keys.private import KeyHalvesDiffer as KeyHalvesDiffer
    from tufkeep.keys.private import UnsupportedKey as UnsupportedKey
    from tufkeep.keys.public import NotAPublicKey as NotAPublicKey
    from tufkeep.keys.sealed import KeyFileRefused as KeyFileRefused
    from tufkeep.keys.sealed import WrongPassphrase as WrongPassphrase
    from tufkeep.keys.signer import SignatureWrong as SignatureWrong
    from tufkeep.keys.signer import Signer as Signer
    from tufkeep.keys.sources import PassphraseCommandFailed as PassphraseCommandFailed
    from tufkeep.keys.sources import PassphraseFileUnreadable as PassphraseFileUnreadable
    from tufkeep.keys.sources import PassphraseUnreadable as PassphraseUnreadable
    from tufkeep.keys.words import TooFewWords as TooFewWords
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
    from tufkeep.metadata.expiry import ExpiryTooFar as ExpiryTooFar
    from tufkeep.metadata.filenames import UnstorableRole as UnstorableRole
    from tufkeep.metadata.fingerprint import NotFingerprintWords as NotFingerprintWords
    from tufkeep.metadata.lint_paths import TargetUnreachable as TargetUnreachable
    from tufkeep.metadata.misread import UnreadableByClients as UnreadableByClients
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
    from tufkeep.publish.base import TimestampLost as TimestampLost
    from tufkeep.publish.deleting import DeletionTakenOver as DeletionTakenOver
    from tufkeep.publish.deleting import DeletionUnderWay as DeletionUnderWay
    from tufkeep.publish.deploy import Deployment as Deployment
    from tufkeep.publish.deploy import OtherStatePublished as OtherStatePublished
    from tufkeep.publish.errors import ArtifactDamaged as ArtifactDamaged
    from tufkeep.publish.errors import ArtifactNotHere as ArtifactNotHere
    from tufkeep.publish.errors import LocalWorkAtRisk as LocalWorkAtRisk
    from tufkeep.publish.errors import NameTaken as NameTaken
    from tufkeep.publish.errors import NotInStep as NotInStep
    from tufkeep.publish.errors import NothingPublished as NothingPublished
    from tufkeep.publish.errors import NothingToPublish as NothingToPublish
    from tufkeep.publish.errors import OtherFirstRoot as OtherFirstRoot
    from tufkeep.publish.errors import PublishedLost as PublishedLost
    from tufkeep.publish.errors import RemoteMovedOn as RemoteMovedOn
    from tufkeep.publish.errors import RemoteOverlaps as RemoteOverlaps
    from tufkeep.publish.errors import RootsDiffer as RootsDiffer
    from tufkeep.publish.errors import TrustNeeded as TrustNeeded
    from tufkeep.publish.errors import VersionTaken as VersionTaken
    from tufkeep.publish.metadata_set import HalfPublished as HalfPublished
    from tufkeep.publish.metadata_set import MetadataMissing as MetadataMissing
    from tufkeep.publish.migrate import AlreadyConsistent as AlreadyConsistent
    from tufkeep.publish.migrate import ArtifactsNotHere as ArtifactsNotHere
    from tufkeep.publish.programs import CommandFailed as CommandFailed
    from tufkeep.publish.publication import Pushed as Pushed
    from tufkeep.publish.publisher import Publisher as Publisher
    from tufkeep.publish.pull import Pulled as Pulled
    from tufkeep.publish.pull import RemoteWentBack as RemoteWentBack
    from tufkeep.publish.push import VersionsTaken as VersionsTaken
    from tufkeep.publish.remote import NoSuchRemote as NoSuchRemote
    from tufkeep.publish.remote import Remote as Remote
    from tufkeep.publish.verify import RemoteFaulty as RemoteFaulty
    from tufkeep.stores.cloudflare import NoPurgeToken as NoPurgeToken
    from tufkeep.stores.cloudflare import PurgeRefused as PurgeRefused
    from tufkeep.stores.credentials import NoCredentials as NoCredentials
    from tufkeep.stores.credentials import UnreadableCredentials as UnreadableCredentials
    from tufkeep.stores.errors import BucketBroken as BucketBroken
    from tufkeep.stores.errors import BucketDenied as BucketDenied
    from tufkeep.stores.errors import BucketReadOnly as BucketReadOnly
    from tufkeep.stores.errors import ClockOff as ClockOff
    from tufkeep.stores.errors import LinkLeadsNowhere as LinkLeadsNowhere
    from tufkeep.stores.errors import LinkRefused as LinkRefused
    from tufkeep.stores.errors import LockLost as LockLost
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
    from tufkeep.stores.errors import StoreFault as StoreFault
    from tufkeep.stores.errors import StoreFull as StoreFull
    from tufkeep.stores.errors import StoreReadOnly as StoreReadOnly
    from tufkeep.stores.errors import UnsafeName as UnsafeName
    from tufkeep.stores.errors import WrongRegion as WrongRegion
    from tufkeep.stores.faults import FolderVanished as FolderVanished
    from tufkeep.stores.folder import FolderStore as FolderStore
    from tufkeep.stores.location import BadLocation as BadLocation
    from tufkeep.stores.memory import MemoryStore as MemoryStore
    from tufkeep.stores.network import BadHeader as BadHeader
    from tufkeep.stores.network import BadProxy as BadProxy
    from tufkeep.stores.network import Network as Network
    from tufkeep.stores.network import UnusableFile as UnusableFile
    from tufkeep.stores.store import Store as Store
    from tufkeep.watch.change import staged_change as staged_change
    from tufkeep.watch.serve import CannotListen as CannotListen
    from tufkeep.watch.serve import NothingToServe as NothingToServe
    from tufkeep.watch.status import status as status
    from tufkeep.watch.verify import RepairNeeded as RepairNeeded
    from tufkeep.watch.verify import Report as Report
    from tufkeep.watch.verify import RepositoryFaulty as RepositoryFaulty
    from tufkeep.watch.verify import diagnose as diagnose
    from tufkeep.watch.verify import verify as verify
    from tufkeep.workspace.artifacts import AmbiguousName as AmbiguousName
    from tufkeep.workspace.artifacts import EmptyFolder as EmptyFolder
    from tufkeep.workspace.base import StaleStaged as StaleStaged
    from tufkeep.workspace.beside import DueElsewhere as DueElsewhere
    from tufkeep.workspace.clock_check import ClockDoubted as ClockDoubted
    from tufkeep.workspace.commit import CommittedMixed as CommittedMixed
    from tufkeep.workspace.commit import ListingOutdated as ListingOutdated
    from tufkeep.workspace.commit import UnaddedArtifacts as UnaddedArtifacts
    from tufkeep.workspace.commit_artifacts import ArtifactChanged as ArtifactChanged
    from tufkeep.workspace.commit_artifacts import ArtifactMissing as ArtifactMissing
    from tufkeep.workspace.create import KeysInTheWay as KeysInTheWay
    from tufkeep.workspace.create import RepositoryExists as RepositoryExists
    from tufkeep.workspace.create import RootThresholdTooHigh as RootThresholdTooHigh
    from tufkeep.workspace.create import SignerMissing as SignerMissing
    from tufkeep.workspace.journal import DamagedJournal as DamagedJournal
    from tufkeep.workspace.key_list import KeyList as KeyList
    from tufkeep.workspace.key_list import ListedKey as ListedKey
    from tufkeep.workspace.new_keys import NewKeyMissing as NewKeyMissing
    from tufkeep.workspace.no_keys import WorkingDirectoryAdded as WorkingDirectoryAdded
    from tufkeep.workspace.outcome import Committed as Committed
    from tufkeep.workspace.outcome import KeyRevoked as KeyRevoked
    from tufkeep.workspace.outcome import KeysAdded as KeysAdded
    from tufkeep.workspace.outcome import Staged as Staged
    from tufkeep.workspace.outcome import StagedRole as StagedRole
    from tufkeep.workspace.placing import NoPlaceForArtifact as NoPlaceForArtifact
    from tufkeep.workspace.policy import MalformedPolicy as MalformedPolicy
    from tufkeep.workspace.proof import CommittedUnsigned as CommittedUnsigned
    from tufkeep.workspace.proof import SignedButExpired as SignedButExpired
    from tufkeep.workspace.record import RecordBroken as RecordBroken
    from tufkeep.workspace.state import HalfARepository as HalfARepository
    from tufkeep.workspace.state import MisnamedStaged as MisnamedStaged
    from tufkeep.workspace.state import NotARepository as NotARepository
    from tufkeep.workspace.state import UnreadableMetadata as UnreadableMetadata
    from tufkeep.workspace.trust import ConfigNotTrusted as ConfigNotTrusted
    from tufkeep.workspace.unfinished import DamagedNote as DamagedNote
    from tufkeep.workspace.unfinished import OperationUnfinished as OperationUnfinished
    from tufkeep.workspace.unfinished import StagedInTheWay as StagedInTheWay
    from tufkeep.workspace.working_directory import NeverCommitted as NeverCommitted
    from tufkeep.workspace.working_directory import PlanOutdated as PlanOutdated
    from tufkeep.workspace.workspace import Workspace as Workspace

_HOMES = {
    "AccessForbidden": "tufkeep.client.errors",
    "Agent": "tufkeep.agent.agent",
    "AlreadyConsistent": "tufkeep.publish.migrate",
    "AmbiguousName": "tufkeep.workspace.artifacts",
    "ApprovalOutdated": "tufkeep.ceremony.proposal",
    "ArtifactChanged": "tufkeep.workspace.commit_artifacts",
    "ArtifactDamaged": "tufkeep.publish.errors",
    "ArtifactMissing": "tufkeep.workspace.commit_artifacts",
    "ArtifactNotHere": "tufkeep.publish.errors",
    "ArtifactsNotHere": "tufkeep.publish.migrate",
    "BackupFaulty": "tufkeep.ceremony.key_check",
    "BadArchive": "tufkeep.archives.rules",
    "BadExpiry": "tufkeep.metadata.edit",
    "BadHeader": "tufkeep.stores.network",
    "BadLocation": "tufkeep.stores.location",
    "BadProxy": "tufkeep.stores.network",
    "BadRequest": "tufkeep.errors",
    "BadTargetEntry": "tufkeep.metadata.targets",
    "BucketBroken": "tufkeep.stores.errors",
    "BucketDenied": "tufkeep.stores.errors",
    "BucketReadOnly": "tufkeep.stores.errors",
    "CannotListen": "tufkeep.watch.serve",
    "Client": "tufkeep.client.client",
    "ClockDoubted": "tufkeep.workspace.clock_check",
    "ClockOff": "tufkeep.stores.errors",
    "CommandFailed": "tufkeep.publish.programs",
    "Committed": "tufkeep.workspace.outcome",
    "CommittedMixed": "tufkeep.workspace.commit",
    "CommittedUnsigned": "tufkeep.workspace.proof",
    "Component": "tufkeep.agent.component",
    "ConfigNotTrusted": "tufkeep.workspace.trust",
    "DamagedJournal": "tufkeep.workspace.journal",
    "DamagedNote": "tufkeep.workspace.unfinished",
    "DeletionTakenOver": "tufkeep.publish.deleting",
    "DeletionUnderWay": "tufkeep.publish.deleting",
    "Deployment": "tufkeep.publish.deploy",
    "DidNotStart": "tufkeep.agent.outcome",
    "DowngradeRefused": "tufkeep.agent.outcome",
    "Downloaded": "tufkeep.client.download",
    "DriveOverlaps": "tufkeep.ceremony.drive",
    "DueElsewhere": "tufkeep.workspace.beside",
    "EditRefused": "tufkeep.metadata.edit",
    "EmptyFolder": "tufkeep.workspace.artifacts",
    "EmptyPassphrase": "tufkeep.keys.passphrase",
    "EndlessAnswer": "tufkeep.client.errors",
    "ExpiredMetadata": "tufkeep.metadata.refusal",
    "ExpiryNotAhead": "tufkeep.metadata.expiry",
    "ExpiryTooFar": "tufkeep.metadata.expiry",
    "FetchError": "tufkeep.client.errors",
    "Fetcher": "tufkeep.client.fetch",
    "FileChanged": "tufkeep.client.errors",
    "FolderStore": "tufkeep.stores.folder",
    "FolderVanished": "tufkeep.stores.faults",
    "ForbiddenOnDrive": "tufkeep.ceremony.drive_kind",
    "HalfARepository": "tufkeep.workspace.state",
    "HalfPublished": "tufkeep.publish.metadata_set",
    "HashMismatch": "tufkeep.metadata.refusal",
    "HttpFetcher": "tufkeep.client.http",
    "KeyFileRefused": "tufkeep.keys.sealed",
    "KeyHalvesDiffer": "tufkeep.keys.private",
    "KeyList": "tufkeep.workspace.key_list",
    "KeyNotListed": "tufkeep.metadata.edit",
    "KeyRevoked": "tufkeep.workspace.outcome",
    "KeyidAmbiguous": "tufkeep.metadata.edit",
    "KeyidTaken": "tufkeep.metadata.edit",
    "KeysAdded": "tufkeep.workspace.outcome",
    "KeysInTheWay": "tufkeep.workspace.create",
    "LetterRefused": "tufkeep.ceremony.letter",
    "Limits": "tufkeep.client.limits",
    "LinkLeadsNowhere": "tufkeep.stores.errors",
    "LinkRefused": "tufkeep.stores.errors",
    "ListedKey": "tufkeep.workspace.key_list",
    "ListingOutdated": "tufkeep.workspace.commit",
    "LocalWorkAtRisk": "tufkeep.publish.errors",
    "LockLost": "tufkeep.stores.errors",
    "Locked": "tufkeep.stores.errors",
    "LoginNeeded": "tufkeep.client.errors",
    "MalformedKey": "tufkeep.keys.entry",
    "MalformedMetadata": "tufkeep.metadata.canonical",
    "MalformedPolicy": "tufkeep.workspace.policy",
    "MemoryStore": "tufkeep.stores.memory",
    "MetadataMissing": "tufkeep.publish.metadata_set",
    "MisnamedStaged": "tufkeep.workspace.state",
    "NameRefused": "tufkeep.stores.errors",
    "NameTaken": "tufkeep.publish.errors",
    "Network": "tufkeep.stores.network",
    "NeverCommitted": "tufkeep.workspace.working_directory",
    "NewKeyMissing": "tufkeep.workspace.new_keys",
    "NoAddress": "tufkeep.client.errors",
    "NoCredentials": "tufkeep.stores.credentials",
    "NoOrigin": "tufkeep.client.origin",
    "NoPassphrase": "tufkeep.keys.passphrase",
    "NoPlaceForArtifact": "tufkeep.workspace.placing",
    "NoPurgeToken": "tufkeep.stores.cloudflare",
    "NoSuchRemote": "tufkeep.publish.remote",
    "NotADrive": "tufkeep.ceremony.drive_kind",
    "NotAFile": "tufkeep.stores.errors",
    "NotAFolder": "tufkeep.stores.errors",
    "NotAPublicKey": "tufkeep.keys.public",
    "NotARepository": "tufkeep.workspace.state",
    "NotARoot": "tufkeep.client.errors",
    "NotApproved": "tufkeep.ceremony.accept",
    "NotCanonical": "tufkeep.metadata.canonical",
    "NotFingerprintWords": "tufkeep.metadata.fingerprint",
    "NotInStep": "tufkeep.publish.errors",
    "NotServed": "tufkeep.client.errors",
    "NothingAsked": "tufkeep.ceremony.request",
    "NothingOffered": "tufkeep.agent.outcome",
    "NothingPublished": "tufkeep.publish.errors",
    "NothingToPublish": "tufkeep.publish.errors",
    "NothingToServe": "tufkeep.watch.serve",
    "NothingTrusted": "tufkeep.client.state",
    "ObjectChanged": "tufkeep.stores.errors",
    "ObjectExists": "tufkeep.stores.errors",
    "ObjectMissing": "tufkeep.stores.errors",
    "ObjectTooLarge": "tufkeep.stores.errors",
    "OperationUnfinished": "tufkeep.workspace.unfinished",
    "OtherAnchor": "tufkeep.client.state",
    "OtherFirstRoot": "tufkeep.publish.errors",
    "OtherRepository": "tufkeep.ceremony.proposal",
    "OtherStatePublished": "tufkeep.publish.deploy",
    "OthersWouldLeave": "tufkeep.ceremony.rotate",
    "Outcome": "tufkeep.agent.outcome",
    "Passphrase": "tufkeep.keys.passphrase",
    "PassphraseCommandFailed": "tufkeep.keys.sources",
    "PassphraseFileUnreadable": "tufkeep.keys.sources",
    "PassphraseNotText": "tufkeep.keys.passphrase",
    "PassphraseRequest": "tufkeep.keys.passphrase",
    "PassphraseUnreadable": "tufkeep.keys.sources",
    "PassphrasesDiffer": "tufkeep.keys.passphrase",
    "PersonNeeded": "tufkeep.errors",
    "PlanOutdated": "tufkeep.workspace.working_directory",
    "PrivateKeyInside": "tufkeep.keys.material.material",
    "ProofWrong": "tufkeep.ceremony.request",
    "PublishedLost": "tufkeep.publish.errors",
    "Publisher": "tufkeep.publish.publisher",
    "Pulled": "tufkeep.publish.pull",
    "PurgeRefused": "tufkeep.stores.cloudflare",
    "Pushed": "tufkeep.publish.publication",
    "ReadBackDiffers": "tufkeep.ceremony.drive_kind",
    "RecordBroken": "tufkeep.workspace.record",
    "RedirectRefused": "tufkeep.client.errors",
    "Refresh": "tufkeep.client.client",
    "RefusedNow": "tufkeep.ceremony.prove",
    "Remote": "tufkeep.publish.remote",
    "RemoteFaulty": "tufkeep.publish.verify",
    "RemoteMovedOn": "tufkeep.publish.errors",
    "RemoteOverlaps": "tufkeep.publish.errors",
    "RemoteWentBack": "tufkeep.publish.pull",
    "RepairNeeded": "tufkeep.watch.verify",
    "Report": "tufkeep.watch.verify",
    "RepositoryExists": "tufkeep.workspace.create",
    "RepositoryFaulty": "tufkeep.watch.verify",
    "RequestDoesNotFit": "tufkeep.ceremony.proposal",
    "RoleNotDelegated": "tufkeep.metadata.quorum",
    "RoleNotListed": "tufkeep.metadata.refusal",
    "RollbackRefused": "tufkeep.metadata.refusal",
    "RootChainBroken": "tufkeep.metadata.chain",
    "RootThresholdTooHigh": "tufkeep.workspace.create",
    "RootTooOld": "tufkeep.ceremony.proposal",
    "RootsDiffer": "tufkeep.publish.errors",
    "SamePublicKey": "tufkeep.metadata.edit",
    "ServerBusy": "tufkeep.client.errors",
    "ServerFault": "tufkeep.client.errors",
    "SignatureWrong": "tufkeep.keys.signer",
    "SignedButExpired": "tufkeep.workspace.proof",
    "SignedByOthers": "tufkeep.client.client",
    "Signer": "tufkeep.keys.signer",
    "SignerMissing": "tufkeep.workspace.create",
    "Staged": "tufkeep.workspace.outcome",
    "StagedInTheWay": "tufkeep.workspace.unfinished",
    "StagedRole": "tufkeep.workspace.outcome",
    "StaleStaged": "tufkeep.workspace.base",
    "Store": "tufkeep.stores.store",
    "StoreBroken": "tufkeep.stores.errors",
    "StoreDenied": "tufkeep.stores.errors",
    "StoreError": "tufkeep.errors",
    "StoreFault": "tufkeep.stores.errors",
    "StoreFull": "tufkeep.stores.errors",
    "StoreReadOnly": "tufkeep.stores.errors",
    "SurroundingsUnfit": "tufkeep.ceremony.surroundings",
    "TargetNotFound": "tufkeep.client.walk",
    "TargetUnreachable": "tufkeep.metadata.lint_paths",
    "TargetsNotListed": "tufkeep.metadata.edit",
    "ThresholdNotReached": "tufkeep.metadata.quorum",
    "ThresholdTooLow": "tufkeep.metadata.edit",
    "ThresholdUnreachable": "tufkeep.metadata.edit",
    "TimestampLost": "tufkeep.publish.base",
    "TooFewWords": "tufkeep.keys.words",
    "TooLong": "tufkeep.client.errors",
    "TooManyRoles": "tufkeep.client.walk",
    "TooSlow": "tufkeep.client.errors",
    "TrustDamaged": "tufkeep.client.state",
    "TrustInTheWay": "tufkeep.client.errors",
    "TrustNeeded": "tufkeep.publish.errors",
    "TrustRefused": "tufkeep.errors",
    "TufkeepError": "tufkeep.errors",
    "UnaddedArtifacts": "tufkeep.workspace.commit",
    "UnknownPassphraseLine": "tufkeep.keys.passphrase",
    "UnknownRole": "tufkeep.metadata.edit",
    "Unreachable": "tufkeep.client.errors",
    "UnreadableByClients": "tufkeep.metadata.misread",
    "UnreadableCredentials": "tufkeep.stores.credentials",
    "UnreadableMetadata": "tufkeep.workspace.state",
    "UnsafeName": "tufkeep.stores.errors",
    "UnsafeTargetPath": "tufkeep.metadata.targets",
    "UnseenKeyFile": "tufkeep.ceremony.drive_kind",
    "UnstorableRole": "tufkeep.metadata.filenames",
    "UnsupportedKey": "tufkeep.keys.private",
    "UnusableFile": "tufkeep.stores.network",
    "Update": "tufkeep.agent.outcome",
    "VersionReused": "tufkeep.metadata.plan",
    "VersionRollback": "tufkeep.metadata.plan",
    "VersionTaken": "tufkeep.publish.errors",
    "VersionsTaken": "tufkeep.publish.push",
    "Wait": "tufkeep.client.wait",
    "WebPageInstead": "tufkeep.client.errors",
    "WorkingDirectoryAdded": "tufkeep.workspace.no_keys",
    "Workspace": "tufkeep.workspace.workspace",
    "WorkspaceError": "tufkeep.errors",
    "WrongPart": "tufkeep.client.errors",
    "WrongPassphrase": "tufkeep.keys.sealed",
    "WrongRegion": "tufkeep.stores.errors",
    "WrongRootKeys": "tufkeep.ceremony.approve",
    "WrongVersion": "tufkeep.metadata.refusal",
    "check_drive": "tufkeep.ceremony.drive",
    "check_keys": "tufkeep.ceremony.key_check",
    "diagnose": "tufkeep.watch.verify",
    "harms": "tufkeep.ceremony.compromise",
    "outlook": "tufkeep.ceremony.prove",
    "revoke_compromised": "tufkeep.ceremony.compromise",
    "rotate": "tufkeep.ceremony.rotate",
    "staged_change": "tufkeep.watch.change",
    "status": "tufkeep.watch.status",
    "verify": "tufkeep.watch.verify",
    "write_drive": "tufkeep.ceremony.drive",
}
# end of names


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
