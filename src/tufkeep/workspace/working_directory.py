"""A working directory: the one door to its three folders.

Whoever changes something holds the lock for as long as it takes, and finishes first what an
interrupted commit left to do. Everything that is staged stays until a commit has made it the
repository, and a commit is one journal: before it stands nothing has happened, after it
everything has.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import msgspec
from tuf.api.metadata import Key, Signed

from tufkeep.arguments import checked
from tufkeep.clock import Clock
from tufkeep.errors import TufkeepError, WorkspaceError
from tufkeep.keys.folder import KeyFolder
from tufkeep.keys.keyring import Keyring
from tufkeep.keys.material import Unlooked
from tufkeep.keys.passphrase import NoPassphrase, Passphrase, PassphraseRequest, PassphraseSource
from tufkeep.keys.signer import Signer, signatures
from tufkeep.logs import logger
from tufkeep.metadata.clients import DEFAULT
from tufkeep.metadata.document import Document
from tufkeep.metadata.edit import UnknownRole
from tufkeep.metadata.filenames import HASH_ALGORITHMS
from tufkeep.metadata.lint_change import ClientWarning, change_warnings, require_read
from tufkeep.metadata.lint_paths import require_reachable
from tufkeep.metadata.targets import target_path
from tufkeep.stores import ObjectMissing, Store
from tufkeep.stores.hashing import Hashes
from tufkeep.workspace import layout
from tufkeep.workspace.adding import Adding
from tufkeep.workspace.artifacts import NotUnpacked, Source, stage_artifacts
from tufkeep.workspace.base import Base, fingerprint, read_bases, require_fresh, write_bases
from tufkeep.workspace.clock_check import ClockDoubted, last_signed, require_likely
from tufkeep.workspace.commit import CommitPlan, plan_commit
from tufkeep.workspace.draft import Draft
from tufkeep.workspace.journal import Journal, follow, read_journal, write_journal
from tufkeep.workspace.known_keys import read_known_keys, write_known_keys
from tufkeep.workspace.outcome import Committed, Staged
from tufkeep.workspace.placing import require_places, require_short_enough
from tufkeep.workspace.policy import MalformedPolicy, Policy, parse_policy
from tufkeep.workspace.record import Author, Record
from tufkeep.workspace.staging import Sign, Staging
from tufkeep.workspace.state import NotARepository, State

_PATIENCE_SECONDS = 10  # for another process that changes the same directory
_log = logger("workspace")


class NeverCommitted(WorkspaceError):
    """There is no repository to fall back on, so what is staged is all there is."""

    exit_code = 18

    def __init__(self) -> None:
        super().__init__("nothing was ever committed here: what is staged is all there is")


class PlanOutdated(WorkspaceError):
    """The directory changed between the plan of a commit and the commit."""

    exit_code = 15

    def __init__(self) -> None:
        super().__init__("the staged change has changed since it was shown")


class Edit(Draft):
    """A draft that artifacts can be added to."""

    def __init__(self, workspace: WorkingDirectory, **draft: Any):
        super().__init__(workspace.state, **draft)
        self._workspace = workspace
        self.not_unpacked: tuple[NotUnpacked, ...] = ()  # archives that agents refuse
        self._adding = Adding(workspace.store)
        self.unlooked: tuple[Unlooked, ...] = ()  # artifacts that could not be searched for private keys
        self.staged: dict[str, Document[Any]] = {}  # by role: what the change led to, once it is whole

    @property
    def keyring(self) -> Keyring:
        """The keys at hand; one that is added to it may sign this very change."""
        return self._workspace.keyring

    @contextmanager
    def adding(self) -> Iterator[None]:
        """Keep the artifacts that the block brings, once it has listed them; take them away where it fails."""
        try:
            yield
        except (Exception, KeyboardInterrupt):
            with suppress(TufkeepError):  # the reason why it failed counts; the note of them stays
                self._adding.undo()
            raise
        if (targets := self.staged.get("targets")) is not None:
            self._adding.done(targets.signed.targets)

    def add_artifacts(
        self,
        sources: Sequence[Source],
        *,
        hash_names: Sequence[str] = HASH_ALGORITHMS,
        allow_unreachable: bool = True,
        publish_private_keys: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Copy artifacts to staged/targets, hashing them on the way, and list them. See `stage_artifacts`.

        Args:
            allow_unreachable: take new paths that a declared client could not fetch, too.

        Raises:
            TargetUnreachable: there is such a path.
            PrivateKeyInside: see `stage_artifacts`.
        """
        for source in sources if self.root.consistent_snapshot else ():
            require_short_enough(target_path(source.path), hash_names)
        listed = self._workspace.state.current("targets")
        if not allow_unreachable:
            require_reachable(
                [source.path for source in sources],
                listed.signed.targets if listed is not None else (),
                declared=self._workspace.declared,
                consistent=bool(self.root.consistent_snapshot),
            )
        for source in sources:
            target_path(source.path)
        self._adding.begin(sources)
        staged = stage_artifacts(
            self._workspace.store,
            sources,
            listed=listed,
            hash_names=hash_names,
            publish_private_keys=publish_private_keys,
            progress=progress,
        )
        self.unlooked += staged.unlooked
        self.not_unpacked += staged.not_unpacked
        self._workspace.hashed.update(staged.hashes)
        self.add_targets(staged.targets)


@checked
class WorkingDirectory:
    """One working directory over any store: locked, edited, signed, committed."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        passphrases: PassphraseSource | None = None,
        policy: Policy | None = None,
        keyring: Keyring | None = None,
        signers: Sequence[Signer] = (),
        insecure_plaintext: bool = False,
        author: Callable[[], Author] = Author,
        clock_doubted: Callable[[ClockDoubted], None] | None = None,
    ):
        """Look at a working directory; nothing is read before it is asked for.

        Args:
            clock: aware UTC, whole seconds.
            passphrases: who is asked for the passphrase of a key file; None signs with plain keys only.
            policy: in place of the one in tufkeep.toml.
            keyring: in place of the one in keys/, such as that of a drive.
            signers: sign beside the keys of the keyring.
            insecure_plaintext: keep the keys that are made unencrypted: a person who gets the file has the key.
            author: asked, when something is done, whose name the record is to give it.
            clock_doubted: called when the clock can hardly be right, and returns where a person says that it is; None
                stops there.
        """
        self.store = store
        self.signers = tuple(signers)
        self.passphrases = passphrases
        self._insecure_plaintext = insecure_plaintext
        self.clock = clock
        self.author = author
        self.record = Record(store, clock=clock, author=author, owner=self._owner)
        self.hashed: dict[str, Hashes] = {}  # by target path: artifacts staged under the lock that is held
        self.keyring = keyring or Keyring(
            KeyFolder(store=store, prefix=layout.KEYS), passphrases=passphrases, known=read_known_keys(store)
        )
        self._policy = policy
        self._policy_data: bytes | None = None
        self._state: State | None = None
        self._clock_doubted = clock_doubted
        self._held = 0

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.store!r})"

    @property
    def state(self) -> State:
        """The metadata as it is now; read anew after every change."""
        if self._state is None:
            self._state = State(self.store)
        return self._state

    @property
    def policy(self) -> Policy:
        """The policy in force.

        Raises:
            MalformedPolicy: tufkeep.toml says something that a policy cannot say.
        """
        if self._policy is None:
            self._policy_data = self._read_policy()
            self._policy = parse_policy(self._policy_data)
        return self._policy

    @property
    def policy_data(self) -> bytes | None:
        """The bytes that the policy in force was read from; None where a program handed it in."""
        _ = self.policy  # which reads them
        return self._policy_data

    def _read_policy(self) -> bytes:
        try:
            return self.store.read(layout.POLICY, limit=1 << 20)
        except ObjectMissing:
            return b""

    @property
    def declared(self) -> tuple[str, ...]:
        """The clients that the policy says are out there; those that it says by default where it can't be read."""
        try:
            return self.policy.agents.clients
        except MalformedPolicy:
            return DEFAULT

    @property
    def interrupted(self) -> bool:
        """Whether a commit was cut off; the next change finishes it."""
        return self.store.stat(layout.JOURNAL) is not None

    @contextmanager
    def exclusive(self, note: str) -> Iterator[None]:
        """Be the only one who changes the directory, after finishing what was cut off.

        Raises:
            Locked: another process holds it for longer than we wait.
        """
        if self._held:
            with self._nested():
                yield
            return
        with self.store.lock(layout.LOCK, note=note, wait_seconds=_PATIENCE_SECONDS), self._nested():
            self._state = None  # what was read before the lock may be another's past,
            self.hashed.clear()  # and what was hashed before it may be another's file by now
            self._finish_interrupted()
            try:
                yield
            finally:
                write_known_keys(self.store, self.keyring)

    @contextmanager
    def edit(
        self,
        note: str,
        *,
        follow: bool = True,
        whole: bool = True,
        again: Collection[str] = (),
        sign: Sign | None = None,
    ) -> Iterator[Edit]:
        """Make one change: what the block edits is signed, as far as keys are at hand, and staged at its end.

        An error in the block leaves the staged metadata as it was.

        Args:
            follow: make the snapshot and timestamp that the change asks for, too.
            whole: as of `Staging.finish`.
            again: staged roles, or the committed root, that more signatures are wanted for, though nothing in them
                changes.
            sign: in place of signing with the keyring, such as for signatures that were made elsewhere.
        """
        with self.exclusive(note):
            self.require_likely_clock()
            bases = read_bases(self.store)
            edit = Edit(self, validity=self.policy.validity, now=self.clock(), bases=bases)
            with edit.adding():
                yield edit
                staging = Staging(edit, sign=sign or self.sign_document, again=again)
                edit.staged = staging.finish(follow=follow, whole=whole)
                self._stage(edit.staged, bases)

    def sign(self, roles: Collection[str] = ()) -> Staged:
        """Add the signatures of the keys at hand to staged metadata; return what came of it.

        Args:
            roles: the roles to sign; all staged ones when empty.

        Raises:
            NotARepository: there is nothing to sign under.
            UnknownRole: no metadata of such a role is here.
        """
        if not self.state.exists:
            raise NotARepository
        for role in roles:
            if role not in layout.ROLES and self.state.current(role) is None:
                raise UnknownRole(role)
        with self.edit("sign", again=tuple(roles) or self.state.staged_roles) as edit:
            pass
        return Staged.of(edit.staged, self.state)

    def complete(self) -> Staged:
        """Make the snapshot and timestamp that staged metadata lacks; return what was made.

        They are made with every change; one that was cut off, or made by another program, may lack them.
        """
        if not self.state.staged_roles:
            return Staged.of({}, self.state)
        with self.edit("complete") as edit:
            pass
        return Staged.of(edit.staged, self.state)

    def plan_commit(self, *, keep_unadded: bool = False) -> CommitPlan:
        """Prove the staged change; see `commit.plan_commit` for what stops it."""
        if not self.state.exists:
            raise NotARepository
        if self.state.staged_roles:
            self.require_likely_clock()
        return plan_commit(
            self.store,
            self.state,
            now=self.clock(),
            bases=read_bases(self.store),
            hashed=self.hashed,
            declared=self.declared,
            keep_unadded=keep_unadded,
        )

    def commit(self, plan: CommitPlan | None = None, *, approvals: Sequence[Mapping[str, object]] = ()) -> Committed:
        """Make the staged change the repository; return what it is now.

        Commit point: the journal. Before it is written nothing has changed; once it is, this call
        or the next change to the directory finishes the rest, in an order that agents may watch.

        Args:
            plan: what `plan_commit` returned and somebody looked at; by default it is made now, after the snapshot
                and timestamp that may be lacking.
            approvals: what the record is to keep of those who approved the change.

        Raises:
            PlanOutdated: what would be committed is no longer what was planned.
            What `plan_commit` raises: the staged change does not hold.
        """
        if plan is None:
            with self.exclusive("commit"):
                self.complete()
                return self.commit(self.plan_commit(), approvals=approvals)
        if not plan.journal.steps:
            return plan.committed
        with self.exclusive("commit"):
            if plan.state is not self.state:
                now = self.plan_commit(keep_unadded=bool(plan.unadded))
                if not plan.means_same(now):
                    raise PlanOutdated
                plan = now
            fresh = {role: plan.after[role] for role in plan.roles}
            journal = plan.journal
            if fresh:
                line = self.record.line("commit", plan.before, fresh, approvals=approvals, remarks=plan.remarks)
                journal = msgspec.structs.replace(journal, record=line)
            write_journal(self.store, journal)
            follow(self.store, journal, proved={document.sha256: document.data for document in fresh.values()})
            self._changed()
        for role, document in fresh.items():
            _log.info("committed %s v%d", role, document.version)
        return plan.committed

    def take_in(self, journal: Journal, *, published: Mapping[str, Document[Signed]], act: str = "pull") -> None:
        """Take in metadata that is not the staged one, and that the caller proved; commit point as for a commit.

        Args:
            published: what is new, by role.
            act: what the record calls it.
        """
        require_places(self.store, [step.name for step in journal.steps if step.do == "copy"])
        with self.exclusive(act):
            before = self.state.committed_below(published)
            journal = msgspec.structs.replace(journal, record=self.record.line(act, before, published))
            write_journal(self.store, journal)
            follow(self.store, journal)
            self._changed()

    def clean(self) -> tuple[str, ...]:
        """Drop the staged change, its artifacts included; return the names of what is gone.

        Raises:
            NeverCommitted: what is staged is all there is.
        """
        if self.state.committed("root") is None:
            raise NeverCommitted if self.state.exists else NotARepository
        with self.exclusive("clean"):
            return self.drop_staged()

    def drop_staged(self) -> tuple[str, ...]:
        """Delete all that is staged, by whoever holds the lock; return the names of what is gone."""
        names = self.staged_files()
        # Artifacts after their metadata: the next commit names those that no metadata lists, but would miss those
        # that are listed. The root last: what is staged beside it is of no use without it.
        order = {layout.staged("root"): 2}
        for name in sorted(names, key=lambda name: order.get(name, name.startswith(layout.STAGED_TARGETS))):
            self.store.delete(name)
        self.store.delete(layout.BASE)
        self.store.delete(layout.ADDING)
        self.store.sweep()
        self._changed()
        return names

    def staged_files(self) -> tuple[str, ...]:
        """Return the names of all that is staged, metadata and artifacts."""
        return tuple(entry.name for entry in self.store.list(layout.STAGED))

    def new_passphrase(self, request: PassphraseRequest) -> Passphrase | None:
        """Return the passphrase of a key file that is written now; None for one that stays unencrypted.

        Raises:
            NoPassphrase: there is nobody to ask.
        """
        if self._insecure_plaintext:
            return None
        if self.passphrases is None:
            raise NoPassphrase(request.file)
        return self.passphrases(request)

    def unread(self) -> tuple[ClientWarning, ...]:
        """Return what the staged change brings that some declared client does not read, once for each kind."""
        staged = self.state.staged_documents
        before = self.state.committed_below(staged)
        return change_warnings({**before, **staged}, before, declared=self.declared)

    def _committed(self, role: str) -> dict[str, Document[Any]]:
        committed = self.state.committed(role)
        return {role: committed} if committed is not None else {}

    def _owner(self, keyid: str) -> str | None:
        try:
            return self.policy.owner(keyid)
        except MalformedPolicy:
            return None  # the record lacks a name then, which is no reason to stop here

    def require_likely_clock(self) -> None:
        """Accept the time that the clock says, by what the record says and the person who is asked.

        Raises:
            ClockDoubted: it can hardly be right, and nobody says that it is.
        """
        try:
            policy = self.policy
        except MalformedPolicy:
            policy = Policy()  # a commit needs none
        last = last_signed(self.record, self.state, policy)
        try:
            require_likely(self.clock(), last=last, validities=policy.validity.values())
        except ClockDoubted as doubt:
            if self._clock_doubted is None:
                raise
            self._clock_doubted(doubt)

    def sign_document(self, document: Document[Any], role: str, keys: Mapping[str, Key]) -> Document[Any]:
        """Return the document with a signature by each of these keys that is at hand; see `Sign`.

        Raises:
            TufkeepError: no key is, and this is why the likeliest file stayed closed; or some client would not read it.
        """
        require_read({role: document}, self._committed(role), declared=self.declared)
        made = list(signatures(self.signers, document.payload, keys)) if self.signers else []
        left = {keyid: key for keyid, key in keys.items() if keyid not in {one.keyid for one in made}}
        try:
            made += [key.sign(document.payload) for key in self.keyring.find(left, role=role)] if left else []
        except TufkeepError:  # a key file stays closed, and the keyring notes why
            if not made:
                raise
        return document.with_signatures(made) if made else document

    def _stage(self, documents: Mapping[str, Document[Any]], bases: Mapping[str, Base]) -> None:
        """Write staged documents; what they were made from is noted first, so that it is never missing."""
        changed = {role: document for role, document in documents.items() if self._differs(role, document)}
        if not changed:
            return
        for role in changed:
            if (staged := self.state.staged(role)) is not None:
                require_fresh(role, staged, self.state.committed(role), bases)  # a signature more makes nothing fresher
        made_from = {
            role: Base(made_from=fingerprint(self.state.committed(role)), staged=fingerprint(document))
            for role, document in changed.items()
        }
        write_bases(self.store, {**bases, **made_from})
        for role, document in changed.items():
            self.store.write_stream(layout.staged(role), (document.data,))
            _log.info("staged %s v%d, signatures: %d", role, document.version, len(document.signatures))
        self._state = self.state.after_staging(changed)

    def _differs(self, role: str, document: Document[Any]) -> bool:
        there = self.state.staged(role) or (self.state.committed(role) if role == "root" else None)
        return there is None or there.data != document.data

    def _finish_interrupted(self) -> None:
        journal = read_journal(self.store)
        if journal is not None:
            _log.warning("a commit was interrupted here, and is finished now")
            self.store.sweep()
            follow(self.store, journal)
            self._changed()

    def _changed(self) -> None:
        self._state = None

    @contextmanager
    def _nested(self) -> Iterator[None]:
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
