"""What to type next: from an error's class, or from the check that found a fault, to its hint.

A hint is a text with fields of the error in it, or a function where the text depends on them. Classes are written as
text, so that looking a hint up imports nothing; the nearest class among an error's ancestors that has one is taken.
`{path!q}` quotes a field for a shell, `{name!t}` for TOML, `{keyid!k}` shows the beginning of a keyid.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from string import Formatter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias

from tufkeep.errors import TufkeepError

if TYPE_CHECKING:
    from tufkeep.agent.outcome import DidNotStart
    from tufkeep.ceremony.surroundings import SurroundingsUnfit
    from tufkeep.cli.compat.go import GoError
    from tufkeep.metadata.chain import RootChainBroken
    from tufkeep.metadata.edit import KeyidAmbiguous, KeyNotListed, TargetsNotListed, ThresholdUnreachable
    from tufkeep.metadata.quorum import Quorum, ThresholdNotReached
    from tufkeep.publish.errors import NotInStep, VersionTaken
    from tufkeep.stores.errors import LinkRefused, Locked, NotAFile
    from tufkeep.watch.finding import Finding
    from tufkeep.watch.verify import RepairNeeded, RepositoryFaulty
    from tufkeep.workspace.beside import DueElsewhere
    from tufkeep.workspace.state import UnreadableMetadata
    from tufkeep.workspace.unfinished import OperationUnfinished

Hint: TypeAlias = str | Callable[[Any], str | None]
Table: TypeAlias = Mapping[str, Hint]

_RESTORE = "bring back the file from the server or a backup, then: tufkeep verify"
_NEXT_VERSION = (
    "see whether repository/ is whole: tufkeep verify; if it is, make the next version: tufkeep renew {role!q}"
)
_REMAKE = "drop the staged change with tufkeep clean, then make it again"
_PUBLISHER = "the repository or a mirror is at fault; what is trusted here is unchanged"
_KEY_BACKUP = "take the key file from a backup"
_CREDENTIALS = "see which were found, and where: tufkeep remote test NAME"


def hint(error: TufkeepError, *dialects: Table) -> str | None:
    """Return what to type after an error; None where nothing helps.

    Args:
        dialects: tables of another program's commands, asked before ours.
    """
    for table in (*dialects, TUFKEEP):
        for kind in type(error).__mro__:
            if (found := table.get(kind.__name__)) is not None:
                return found(error) if callable(found) else _Filled().format(found, error)
    return None


def finding_hint(finding: Finding) -> str:
    """Return what to type after a finding: what its error says, else what its kind of fault or its check has."""
    if finding.error is not None and (found := hint(finding.error)):
        return found
    text = FINDINGS.get(f"{finding.check}/{finding.kind}", FINDINGS[finding.check])
    return _Filled().format(text, SimpleNamespace(**finding.about))


class _Filled(Formatter):
    """Fills a text with the attributes of one object."""

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> object:
        return getattr(args[0], str(key))

    def convert_field(self, value: object, conversion: str | None) -> object:
        if conversion == "q":
            return shlex.quote(str(value))
        if conversion == "t":
            from json import dumps

            bare = str(value).replace("-", "").replace("_", "")
            return value if bare.isascii() and bare.isalnum() else dumps(value)
        return str(value)[:8] if conversion == "k" else value


def _own(error: GoError) -> str | None:
    return error.hint


def _threshold(error: ThresholdNotReached) -> str:
    return _signatures(error.quorum)


def _signatures(quorum: Quorum) -> str:
    if not quorum.waiting:
        return f"{quorum.role} has too few keys for its threshold: tufkeep key new {shlex.quote(quorum.role)}"
    if quorum.by_older_root:
        sign = "sign with an old root key: tufkeep sign root --keys DIR"
        return f"an agent that trusts {quorum.delegator} would refuse v{quorum.version}; {sign}"
    keys = " or ".join(sorted(keyid[:8] for keyid in quorum.waiting))
    return f"{quorum.missing} more of {keys} must sign: tufkeep sign {shlex.quote(quorum.role)} --keys DIR"


def _chain(error: RootChainBroken) -> str | None:
    return _signatures(error.quorum) if error.quorum is not None else None


def _did_not_start(error: DidNotStart) -> str:
    if error.kept:
        return f"{error.kept} is in use; a version that fails three times is left alone for a day"
    return "no version is in use; look at the component's check and start commands"


def _not_listed(error: KeyNotListed) -> str:
    return f"{error.role} has: {', '.join(key[:8] for key in error.listed) or 'no key'}"


def _ambiguous(error: KeyidAmbiguous) -> str:
    return f"give more of it: {', '.join(error.found)}"


def _unreachable(error: ThresholdUnreachable) -> str:
    role = shlex.quote(error.role)
    fewer = f", or ask for fewer signatures: tufkeep threshold {role} {error.keys}" if error.keys else ""
    return f"add a key first: tufkeep key new {role}{fewer}"


def _near(error: TargetsNotListed) -> str:
    return f"listed is, among others: {', '.join(error.near)}" if error.near else "no target is listed yet"


def _not_in_step(error: NotInStep) -> str:
    pull = f"tufkeep pull {shlex.quote(error.remote)}"
    if error.source:
        source = shlex.quote(error.source)
        publish = f"tufkeep rollforward {source}, then deploy again"
        return f"take both in and publish them as one: tufkeep pull {source} --targets, then {pull}, then {publish}"
    return f"put yours over it: {pull} --ours, or take theirs and drop yours: {pull} --theirs"


def _version_taken(error: VersionTaken) -> str:
    if not error.source:
        return f"publish above it: tufkeep rollforward {shlex.quote(error.remote)}"
    source = shlex.quote(error.source)
    above = f"tufkeep rollforward {source} --above {error.published}"
    return f"publish above it: tufkeep pull {source}, then {above}, then deploy again"


def _link(error: LinkRefused) -> str:
    found = shlex.quote(error.name)
    if error.name.startswith(".tufkeep/"):
        return f"nothing of ours is a link: rm {found}"
    return f"put the file itself in its place; look at what is there: ls -ld {found}"


def _no_file(error: NotAFile) -> str:
    found = shlex.quote(error.name)
    if error.name.startswith(".tufkeep/"):
        return f"nothing of ours is kept so; move it away: mv {found} ELSEWHERE"
    return f"look at what is there: ls -ld {found}"


def _locked(error: Locked) -> str:
    return f"wait until it is done; to look at it: ps -p {error.holder.pid}" if error.holder else "try again"


def _unfit(error: SurroundingsUnfit) -> str:
    if error.look_only:
        return "change that, then look again"
    return "change that and run the command again, or say what is risked: --accept-risk 'TEXT'"


def _unreadable(error: UnreadableMetadata) -> str:
    return _RESTORE if error.committed else _REMAKE


def _unfinished(error: OperationUnfinished) -> str:
    found = error.unfinished
    finish = f"finish it: tufkeep {found.finish}; or " if found.finish else ""
    return f"{finish}abandon it: tufkeep {found.abandon}"


def _due_elsewhere(error: DueElsewhere) -> str:
    first = error.waiting[0]
    if first.needs is None:
        return "look at the change that is staged: tufkeep review, then tufkeep commit or tufkeep clean"
    renew = f"tufkeep renew {' '.join(each.role for each in error.waiting if each.needs is not None)}"
    return f"where the keys are: {renew}, then tufkeep sign --keys DIR, then tufkeep sign, then tufkeep commit"


def _report(error: RepositoryFaulty | RepairNeeded) -> str:
    return finding_hint(error.report.errors[0])


TUFKEEP: Table = {
    # metadata
    "NotCanonical": "use whole numbers, text, true, false, null, lists and objects",
    "RootChainBroken": _chain,
    "UnknownRole": "use root, targets, snapshot or timestamp",
    "SamePublicKey": "make another key: tufkeep key new {role!q}",
    "KeyNotListed": _not_listed,
    "KeyidAmbiguous": _ambiguous,
    "ThresholdUnreachable": _unreachable,
    "ThresholdTooLow": "the lowest is 1",
    "RootThresholdTooHigh": "make more keys, or let fewer sign: --root-keys {threshold}, or --root-threshold {keys}",
    "TargetsNotListed": _near,
    "BadExpiry": "give a time with zone, in UTC",
    "ExpiryNotAhead": "give a number of days above 0",
    "NotFingerprintWords": "read the words again, one by one, from the other screen",
    "VersionRollback": _NEXT_VERSION,
    "VersionReused": _NEXT_VERSION,
    "ThresholdNotReached": _threshold,
    "ExpiredMetadata": "compare this machine's clock; if it is right, the publisher must renew the repository",
    "RollbackRefused": _PUBLISHER,
    "WrongVersion": _PUBLISHER,
    "RoleNotListed": _PUBLISHER,
    "HashMismatch": "try again later: a cache may be behind; if it stays, the mirror serves wrong bytes",
    "UnstorableRole": "the role that delegates to it must give it another name, such as team-a",
    "TargetUnreachable": "give it another name: --as TARGET, or add it all the same: --allow-unreachable",
    "UnreadableByClients": "change it, or name the clients that are out there in tufkeep.toml: [agents] clients",
    "UnsafeTargetPath": "use a relative path with / between names, such as orbit/linux/stable/orbit",
    # stores
    "NotAFile": _no_file,
    "NotAFolder": "look at what is there: ls -ld {name!q}",
    "LinkRefused": _link,
    "LinkLeadsNowhere": "plug in the drive that it leads to",
    "ObjectMissing": "look at how it is written, and at where you are",
    "Locked": _locked,
    "LockLost": "see whether the server answers, then type the command again: it goes on from what is there",
    "StoreFull": "make room, then type the command again: df -h",
    "StoreReadOnly": "let this user write there, then type the command again: ls -la; id",
    "StoreDenied": "let this user read it, then type the command again: ls -la; id",
    "StoreBroken": "check the drive, then type the command again",
    "BucketReadOnly": _CREDENTIALS,
    "BucketDenied": _CREDENTIALS,
    "BucketBroken": "look at the network and at the address of the remote, then type the command again",
    "WrongRegion": 'name it in tufkeep.toml, beside the url of the remote: region = "..."',
    "ClockOff": "set this machine's clock",
    "BadLocation": "docs/publishing.md shows how each kind of remote is written",
    "NoCredentials": (
        "set them where aws or rclone find them too, or anonymous = true for a public bucket: docs/publishing.md"
    ),
    "DueElsewhere": _due_elsewhere,
    "ClockDoubted": "compare it with a watch, and set it; if it is right: --clock-is-right",
    "ConfigNotTrusted": "read tufkeep.toml; if you trust what it runs and where it goes, add --trust-config",
    # keys
    "MalformedKey": _KEY_BACKUP,
    "KeyFileRefused": _KEY_BACKUP,
    "KeyHalvesDiffer": "take the key file from a backup: this one was damaged or tampered with",
    "NoPassphrase": "run the command on a terminal, or add --passphrase-file FILE or --passphrase-command 'COMMAND'",
    "PassphraseNotText": "type it, or give a file whose first line is UTF-8 text",
    "UnknownPassphraseLine": "write one KEY=PASSPHRASE line for each key file, such as root1=..., and nothing else",
    "EmptyPassphrase": "give one that is not, or keep the key unencrypted: --insecure-plaintext",
    "PassphrasesDiffer": "run the command again",
    "UnsupportedKey": "kinds that work everywhere: {works}",
    "NotAPublicKey": "give a PEM public key, a key in JSON as metadata lists it, or a key file",
    "WrongPassphrase": "every key file has its own passphrase; make sure that this one belongs to this file",
    "PassphraseFileUnreadable": "ls -l {source!q}",
    "PassphraseCommandFailed": "run the command by hand and see what it says",
    "SignatureWrong": "look at what signs: it used another key than the one it shows",
    "TooFewWords": "leave out the number for {enough} words",
    # client
    "NotARoot": "give the root.json that the publisher handed you: --root FILE",
    "NoAddress": "give a URL such as https://host/path, or a folder",
    "TrustInTheWay": "download to another folder: --to FOLDER",
    "AccessForbidden": "an object store says 403 for a missing file too, unless everybody may list it",
    "LoginNeeded": "give what the server asks for: --headers FILE, or --client-cert FILE",
    "ServerFault": "try again later",
    "ServerBusy": "try again later",
    "TooSlow": "look at the network, or try again later; what came of a big artifact is kept",
    "EndlessAnswer": "the mirror is at fault; try again later, or use another",
    "WrongPart": "try again; if it stays, the mirror answers ranges wrongly",
    "UnusableFile": "ls -l {path!q}",
    "Unreachable": "look at the address, at the server there and at the network, or try again later",
    "FileChanged": "try again",
    "WebPageInstead": "open the address in a browser: a proxy or a login page is in between, or the address is wrong",
    "TrustDamaged": "give the root file that this folder began with: tufkeep client init URL --root FILE",
    "NothingTrusted": "tufkeep client init URL --root FILE",
    "SignedByOthers": (
        "the mirror is at fault, or the root that is trusted here is another repository's: compare it with the "
        "publisher's, and begin anew in another folder with the right one"
    ),
    "OtherAnchor": "use another folder for another repository; to begin anew, delete this one",
    "TargetNotFound": "see what is: tufkeep client list",
    "NoOrigin": "tufkeep client init URL --root FILE, or name its folder: --dir DIR",
    # agent
    "NothingOffered": "in the agent's folder, see what is offered: tufkeep client list --dir trust",
    "DowngradeRefused": "if the channel was rolled back on purpose, take the older version: --allow-downgrade",
    "DidNotStart": _did_not_start,
    "AgentTrustDamaged": "give the root file that this agent began with: --from URL --root FILE",
    "NoRepositoryNamed": "say once which one: --from URL --root FILE, or name the agent's folder: --dir DIR",
    # workspace
    "EmptyFolder": "look at what is there: ls -la {folder!q}",
    "PrivateKeyInside": (
        "keep it out; if it is a test key for everybody: tufkeep add FILE --as {found[0].file!q} --publish-private-key"
    ),
    "WorkingDirectoryAdded": "name what is to be published, such as a file elsewhere: tufkeep add FILE",
    "AmbiguousName": "add one file at a time, each under a name of its own: tufkeep add FILE --as TARGET",
    "StaleStaged": "repository/ has changed since; drop the staged change with tufkeep clean, then make it again",
    "UnaddedArtifacts": "list it: tufkeep add staged/targets/{paths[0]!q}, or drop the staged change: tufkeep clean",
    "MisnamedStaged": "a role is staged as staged/ROLE.json; rename the file, or drop the staged change: tufkeep clean",
    "ArtifactMissing": "add it again: tufkeep add FILE --as {path!q}",
    "ArtifactChanged": "add it again: tufkeep add staged/targets/{path!q}",
    "ListingOutdated": "make and sign a new snapshot and timestamp: tufkeep sign",
    "DamagedJournal": (
        "keep it elsewhere, then see what is left to do: mv .tufkeep/journal ELSEWHERE, then tufkeep doctor"
    ),
    "NoPlaceForArtifact": "give it another name: tufkeep clean, then tufkeep add FILE --as TARGET",
    "MalformedPolicy": "correct or remove tufkeep.toml; without it the safe defaults are used",
    "SignedButExpired": "compare this machine's clock; if it is right: tufkeep renew {role!q} --commit",
    "RecordBroken": (
        "compare it with a backup, a printed log or the copies in approvals, and bring back the right one; or keep "
        "this one and begin a new one: mv .tufkeep/record ELSEWHERE"
    ),
    "NotARepository": "make one: tufkeep init, or name another folder: --dir DIR",
    "HalfARepository": "bring back the whole repository/ folder from its server or a backup, then: tufkeep verify",
    "UnreadableMetadata": _unreadable,
    "CommittedMixed": _RESTORE,
    "CommittedUnsigned": _RESTORE,
    "NeverCommitted": "finish it with tufkeep commit, or remove the folder yourself and begin again",
    "PlanOutdated": "look at it again: tufkeep review, then tufkeep commit",
    # ceremony
    "OthersWouldLeave": (
        "ask who has it; to let it go, add --yes; or replace only your own: "
        "tufkeep key new {role!q}, then tufkeep key revoke {role!q} KEYID"
    ),
    "NotApproved": "pass the approval on to a holder of one of these keys: tufkeep approve FILE",
    "WrongRootKeys": "name the folder with the root keys: --keys DIR",
    "RepositoryExists": "make the new one in another folder: tufkeep init --dir DIR",
    "KeysInTheWay": "make the repository in another folder, or move these key files away first",
    "ForbiddenOnDrive": "use another drive, and destroy this one: {why}",
    "DriveOverlaps": "name the folder of the drive itself, such as /media/backup1",
    "UnseenKeyFile": "give its passphrase: --passphrase-file FILE, or run the command on a terminal",
    "NotADrive": "say what it should be: tufkeep drive check DEST --as root-backup|repository|signing",
    "ReadBackDiffers": "discard this drive and use another one",
    "BackupFaulty": (
        "make another copy of this key while one that works is at hand: tufkeep drive write DEST --as root-backup"
    ),
    "LetterRefused": "copy the file again from the machine that wrote it, byte for byte",
    "OtherRepository": "look at the folder given with --dir, and at who sent the file",
    "RootTooOld": "bring the newest repository/ first: tufkeep pull REMOTE, or a repository drive",
    "ApprovalOutdated": "sign the request itself again, for the newest root: tufkeep approve FILE --to NEW",
    "RequestDoesNotFit": "ask again for what is still wanted: tufkeep request --help",
    "RefusedNow": "see what is wrong: tufkeep verify; what is expired: tufkeep renew ROLE --commit",
    "ProofWrong": "the holder of that key makes the request anew: tufkeep request --add {role!q}",
    "NothingAsked": "name something: --add ROLE, --replace ROLE=KEYID, --retire ROLE=KEYID, --threshold ROLE=M",
    "NewKeyMissing": "put its file back into keys/; without it the operation can only be abandoned: tufkeep abandon",
    "SignerMissing": "run the program that began it, which has the signer; or begin anew: tufkeep abandon init",
    "OperationUnfinished": _unfinished,
    "DamagedNote": "abandon the operation, then begin it again: tufkeep {unfinished.abandon}",
    "StagedInTheWay": "look at it with tufkeep review, then tufkeep commit or tufkeep clean",
    "SurroundingsUnfit": _unfit,
    # publish
    "OtherStatePublished": "test v{published}, then name it: --timestamp {published}",
    "RemoteMovedOn": "tufkeep pull {remote!q}, then push again; your change is kept and signed again on top",
    "NotInStep": _not_in_step,
    "VersionTaken": _version_taken,
    "NameTaken": "tufkeep pull {remote!q}; your change is signed again above every version that is taken",
    "ArtifactNotHere": "fetch it from a remote that has it: tufkeep pull REMOTE --targets",
    "NothingToPublish": "tufkeep commit",
    "RemoteOverlaps": "name a folder of its own, such as ../published",
    "NothingPublished": "tufkeep push {remote!q}",
    "RootsDiffer": "compare the fingerprints; two root versions with one number can't both be followed by agents",
    "TrustNeeded": "ask the publisher, not the remote, for it: tufkeep pull {remote!q} --trust FINGERPRINT",
    "OtherFirstRoot": (
        "the address is wrong, or somebody changed what is there: trust nothing from it, ask the publisher"
    ),
    "LocalWorkAtRisk": (
        "keep yours: tufkeep pull {remote!q} --ours, or take theirs and drop yours: tufkeep pull {remote!q} --theirs"
    ),
    "HalfPublished": (
        "the person who was pushing finishes it by pushing again; if that can't be: tufkeep rollforward {where!q}"
    ),
    "ArtifactsNotHere": "tufkeep pull REMOTE --targets",
    "CommandFailed": "run it by hand and see what it says",
    "TimestampLost": "look whether it is the right place; to send all of it again: tufkeep push {remote!q} --complete",
    "RemoteWentBack": "agents that saw v{seen} are stuck; publish above it: tufkeep rollforward {remote!q}",
    "NoSuchRemote": (
        'add it to tufkeep.toml: [remotes.{name!t}] with url = "s3://bucket", or write a folder with a slash: ./{name}'
    ),
    "RemoteFaulty": "bring them back: tufkeep push {remote!q} --complete, or tufkeep rollforward {remote!q}",
    "PublishedLost": "see what else deletes there, such as a rule of the bucket, then: tufkeep push {remote!q}",
    "DeletionUnderWay": "try again in a few minutes",
    "DeletionTakenOver": "type it again when the push is done",
    "NoPurgeToken": "set CLOUDFLARE_API_TOKEN",
    # watch
    "CannotListen": "let the system choose a port: tufkeep serve --port 0",
    "NothingToServe": "name a repository/ folder, or make one: tufkeep init",
    "RepositoryFaulty": _report,
    "RepairNeeded": _report,
    # the roof itself
    "AnswerNeeded": "give the answer with {flag}",
    "NoAnswer": "run the command again",
    "ProgramInTheWay": "move it away first, or give another folder",
    "StoryBroken": "report it as CONTRIBUTING.md says, with all that the demo printed",
    "FileInTheWay": "name another file: --to FILE",
    "GoError": _own,
    "OtherWords": "one of you has a different file: sign nothing until both see the same words",
}

FINDINGS: Mapping[str, str] = {
    "agent": "compare the file with the one on the server or in a backup",
    "artifacts": "bring back the file from the server or a backup",
    "artifacts/damaged": (
        "bring back the file from the server or a backup, or add it again: tufkeep add FILE --as {path!q} --commit"
    ),
    "artifacts/missing": (
        "fetch it: tufkeep pull REMOTE --targets, or add it again: tufkeep add FILE --as {path!q} --commit"
    ),
    "copies": "cp {prefixed!q} {plain!q}",
    "expiries": "tufkeep renew {role!q}, then tufkeep commit",
    "expiries/late": (
        "compare this machine's clock; if it is right, tufkeep renew {role!q}, then tufkeep commit, or give so long a "
        "validity in tufkeep.toml: docs/policy.md"
    ),
    "expiries/late-delegated": "whoever signs for {role} must sign a version of it that expires earlier",
    "expiries/delegated": "whoever signs for {role} must sign a later version of it",
    "foreign-metadata": "move the file out of repository/; a server would serve it, too",
    "interrupted": "finish it: tufkeep commit",
    "key-leftovers": "remove it, as the next command that writes a key does: rm {file!q}",
    "listings": (
        "bring back the file from the server or a backup; if it is what you mean to publish: "
        "tufkeep renew targets --commit"
    ),
    "declared-clients": "change it, or name the clients that are out there in tufkeep.toml: [agents] clients",
    "declared-clients/note": "if such clients are out there, name them in tufkeep.toml: [agents] clients",
    "loose-modes": "chmod {mode} {files}",
    "one-reading": "make a new version, which is without it: tufkeep renew {role!q}, then tufkeep commit",
    "private-keys/unlooked": "make sure that no key is in it; nothing else is wrong with it",
    "private-keys": "take it offline at once, then replace the key: tufkeep key revoke ROLE KEYID --compromised",
    "quorums": _RESTORE,
    "readable": _RESTORE,
    "readable/encoded": "mv {encoded!q} {file!q}, for a web server decodes what clients ask for",
    "root-chain": "bring back the root as it was signed from the server or a backup; no other root can take its place",
    "record": "look at it: tufkeep log verify",
    "stale-change": _REMAKE,
    "stray-files": "remove what you do not know; a server serves all of repository/",
    "stray-files/odd": "take it out of repository/, where it is served: mv {file!q} ELSEWHERE",
    "stray-files/file": "remove it: rm {file!q}",
    "unadded-artifacts/cut-off": (
        "add it: tufkeep add {file!q}, or drop the staged change: tufkeep clean; the next commit removes it"
    ),
    "unadded-artifacts": "tufkeep add {file!q}, or drop the staged change: tufkeep clean",
    "unfinished": "finish it with the command that began it, or abandon it: tufkeep abandon",
    "unlisted-keys": "have it trusted: tufkeep key import {file!q} --role {role!q}, or move it out of keys/",
    "unlisted-keys/unnamed": "move it out of keys/, or have it trusted: tufkeep key import {file!q} --role ROLE",
    "unlisted-keys/old": "move it to where old keys are kept: nothing is signed with it here any more",
    "unlisted-keys/unreadable": "take it from a backup",
    "unsigned-change": "sign it where the keys are: tufkeep sign --keys DIR",
}
