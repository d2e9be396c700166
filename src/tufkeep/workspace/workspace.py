"""A working directory as a program holds it: plain arguments, one call for each thing to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from os import PathLike
from pathlib import Path
from typing import Self

from tuf.api.metadata import Key

from tufkeep.arguments import checked
from tufkeep.clock import Clock, in_utc, system_clock
from tufkeep.keys.folder import KeyFolder
from tufkeep.keys.keyring import Keyring
from tufkeep.keys.modes import modes_below
from tufkeep.keys.naming import role_named
from tufkeep.keys.passphrase import PassphraseRequest, Passphrases, Purpose
from tufkeep.keys.private import ED25519
from tufkeep.keys.public import LIMIT_BYTES, read_public_keys
from tufkeep.keys.signer import Signer
from tufkeep.keys.sources import given
from tufkeep.logs import logger
from tufkeep.metadata.edit import UnknownRole
from tufkeep.metadata.expiry import due, expires_after, expiry_of
from tufkeep.stores import FilePath, FolderStore, Place, Store, file_path, folder_at, folder_of, store_at
from tufkeep.workspace import layout
from tufkeep.workspace.artifacts import Source, find_sources, matching_targets
from tufkeep.workspace.author import author_here
from tufkeep.workspace.beside import Renewed, renew_beside
from tufkeep.workspace.create import blueprint, create
from tufkeep.workspace.key_list import KeyList, key_list
from tufkeep.workspace.known_keys import read_known_keys
from tufkeep.workspace.new_keys import NewPassphrase, make_key
from tufkeep.workspace.outcome import KeyRevoked, KeysAdded, Staged
from tufkeep.workspace.state import NotARepository
from tufkeep.workspace.working_directory import WorkingDirectory

_log = logger("workspace")


@checked
class Workspace(WorkingDirectory):
    """A repository with its keys: what is staged, what is committed.

    Each change is staged: signed with the keys at hand, written, and kept until `commit` makes it the repository. Of
    several processes one changes a folder at a time, the others wait; within a process, use an instance in one thread.

        workspace = Workspace.open("updates", passphrases={"targets": "...", "snapshot": "...", "timestamp": "..."})
        workspace.add("build/agent", as_="agent/linux/stable/agent", custom={"version": "1.1"})
        workspace.commit()
    """

    @classmethod
    def create(
        cls,
        folder: Place,
        *,
        root_keys: int | None = None,
        root_threshold: int | None = None,
        passphrases: Passphrases | None = None,
        signers: Mapping[str, Sequence[Signer]] | None = None,
        consistent_snapshot: bool | None = None,
        key_type: str | None = None,
        days: Mapping[str, int] | None = None,
        insecure_plaintext: bool = False,
        person: str = "",
        clock: Clock = system_clock,
        clock_is_right: bool = False,
    ) -> Self:
        """Make a repository: keys, metadata, everything signed, proved and committed.

        Interrupted anywhere, the same call finishes it.

        Args:
            root_keys: how many root keys to make here [1; none where `signers` has root keys].
            root_threshold: how many root keys must sign [2 of three or more, else 1].
            passphrases: for the files of the new keys, each of which gets its own; see `open`.
            signers: by role, keys that are made elsewhere, such as in a token; a role that has one gets no key file.
            consistent_snapshot: give metadata and artifacts names that never change their content [yes].
            key_type: of the keys made here: ed25519, ecdsa-sha2-nistp256 or rsa [ed25519].
            days: by role, how long its first version is valid, where not as the policy says.
            insecure_plaintext: keep the new keys unencrypted: a person who gets a file has the key.
            person, clock, clock_is_right: see `open`.

        Raises:
            RepositoryExists, KeysInTheWay, OperationUnfinished: the folder is not free for it.
            NoPassphrase: there are no passphrases, and `insecure_plaintext` was not asked for.
        """
        brought = {_known(role): each for role, each in (signers or {}).items()}
        wanted = blueprint(
            root_keys=root_keys,
            root_threshold=root_threshold,
            consistent_snapshot=consistent_snapshot,
            key_type=key_type,
            days=days,
            elsewhere={role: tuple(signer.public_key.keyid for signer in each) for role, each in brought.items()},
        )
        workspace = cls.open(
            folder,
            passphrases=passphrases,
            signers=[signer for each in brought.values() for signer in each],
            insecure_plaintext=insecure_plaintext,
            person=person,
            clock=clock,
            clock_is_right=clock_is_right,
            missing_ok=True,
        )
        created = create(workspace, wanted)
        _log.info("made a repository: %d of %d root keys must sign", created.root_threshold, len(created.keys["root"]))
        return workspace

    @classmethod
    def open(
        cls,
        folder: Place,
        *,
        passphrases: Passphrases | None = None,
        keys: FilePath | None = None,
        signers: Iterable[Signer] = (),
        insecure_plaintext: bool = False,
        person: str = "",
        clock: Clock = system_clock,
        clock_is_right: bool = False,
        missing_ok: bool = False,
    ) -> Self:
        """Return the repository in a folder, or in another store.

        Args:
            passphrases: by role or by the name of a key file; or a function that is called with a PassphraseRequest
                when one is needed. None opens unencrypted key files only.
            keys: a folder of key files to sign with in place of keys/, such as one on a drive.
            signers: sign beside the key files, each for the roles that list its key.
            insecure_plaintext: keep the keys that are made unencrypted.
            person: who is at work, for the record.
            clock: the time to sign with, in place of the system's.
            clock_is_right: sign though the clock is before the last signature here, or very long after it.
            missing_ok: a folder without a repository will do, to pull one into it.

        Raises:
            NotARepository: the folder contains none.
            ObjectMissing, NotAFolder: `keys` is not there.
        """
        clock = in_utc(clock)
        store = store_at(folder, clock=clock, standing=layout.STANDING)
        source = given(passphrases) if passphrases is not None else None
        workspace = cls(
            store,
            clock=clock,
            passphrases=source,
            keyring=Keyring(_key_folder(store, keys, clock), passphrases=source, known=read_known_keys(store)),
            signers=list(signers),
            insecure_plaintext=insecure_plaintext,
            author=lambda: author_here(person=person),
            clock_doubted=(lambda doubt: None) if clock_is_right else None,
        )
        if workspace.state.exists:
            _log.info("opened a repository with root v%d", workspace.state.root.version)
        elif not missing_ok:
            raise NotARepository
        return workspace

    def sources(
        self,
        paths: FilePath | Iterable[FilePath],
        *,
        as_: str | None = None,
        under: str = "",
        custom: Mapping[str, object] | None = None,
    ) -> tuple[Source, ...]:
        """Return the files that `add` would stage, with the target path and the length of each; see there."""
        folder = folder_of(self.store)
        return find_sources(
            _paths(paths),
            staged_targets=folder / layout.STAGED_TARGETS if folder is not None else None,
            name=as_,
            under=under,
            custom=dict(custom) if custom is not None else None,
            folder=folder,
        )

    def add(
        self,
        paths: FilePath | Iterable[FilePath],
        *,
        as_: str | None = None,
        under: str = "",
        custom: Mapping[str, object] | None = None,
        allow_unreachable: bool = False,
        publish_private_keys: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> Staged:
        """Stage files as targets: copied, hashed on the way, and listed in one new version.

        A file is called by its own name unless `as_` says otherwise; of a folder, every file in it is added under its
        path from there. A file below staged/targets keeps the path that it has there.

        Args:
            as_: the target path of the one file given.
            under: a folder that every target path is put below.
            custom: is signed with each of them, such as a version; None keeps what a target has.
            allow_unreachable: take new target paths that a declared client could not fetch, or not keep beside another.
            publish_private_keys: take files that contain a private key, too; the custom data of each then says so.
            progress: called with the number of bytes done after each file.

        Raises:
            ObjectMissing, NotAFile, EmptyFolder: a path is neither a file nor a folder with files in it.
            AmbiguousName: two files would get one target path.
            UnsafeTargetPath: a target path could lead out of the folder it is stored in.
            TargetUnreachable: there is a new target path that a declared client could not fetch.
            WorkingDirectoryAdded: a path is the working directory, or a part of it that is not to be published.
            PrivateKeyInside: a file contains a private key, or an archive in it does.
            NotCanonical: the custom data can't be signed.
        """
        sources = self.sources(paths, as_=as_, under=under, custom=custom)
        return self.add_sources(
            sources,
            allow_unreachable=allow_unreachable,
            publish_private_keys=publish_private_keys,
            progress=progress,
        )

    def add_sources(
        self,
        sources: Sequence[Source],
        *,
        allow_unreachable: bool = False,
        publish_private_keys: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> Staged:
        """Stage what `sources` returned, after a program has shown it."""
        with self.edit("add") as edit:
            edit.add_artifacts(
                sources,
                allow_unreachable=allow_unreachable,
                publish_private_keys=publish_private_keys,
                progress=progress,
            )
        return Staged.of(edit.staged, self.state, unlooked=edit.unlooked, not_unpacked=edit.not_unpacked)

    def remove(self, paths: str | Iterable[str]) -> Staged:
        """Stage the removal of targets, by target path or by a pattern with * and ?.

        Raises:
            TargetsNotListed: nothing is listed for one of them.
        """
        patterns = _names(paths)
        if not patterns:
            raise ValueError("no target path is named")
        with self.edit("remove") as edit:
            targets = edit.state.current("targets")
            edit.remove_targets(matching_targets(targets, patterns) if targets is not None else patterns)
        return Staged.of(edit.staged, self.state)

    def renew(self, roles: str | Iterable[str] = (), *, within: timedelta | None = None) -> Staged:
        """Stage new versions that expire later, of the roles named or of all that are due; nothing is staged for none.

        A role is due in the warning window that the policy gives it. Roles that are named without `within` are renewed
        whether they are due or not; one that ends later than the policy allows, as after a clock that was ahead, ends
        earlier then.

        Args:
            within: renew what expires within this time instead.
        """
        with self.exclusive("renew"):
            chosen = _names(roles) if roles and within is None else self.due(roles, within=within)
            if not chosen:
                return Staged.of({}, self.state)
            with self.edit("renew") as edit:
                for role in chosen:
                    edit.renew(role, as_policy=True)
        return Staged.of(edit.staged, self.state)

    def renew_committed(self, roles: str | Iterable[str] = (), *, within: timedelta | None = None) -> Renewed:
        """Renew what is committed and due, and commit that alone, beside what is staged; for work that runs unattended.

        What is staged is made again on top where it must be, and stays staged. A role whose keys are not here is named
        in what comes back, and stops no other.

        Args:
            roles: as of `renew`; this and `within`.

        Raises:
            NeverCommitted: nothing is committed yet.
            TufkeepError: none of the roles that are named was renewed, and this is why a key file stayed closed.
        """
        with self.exclusive("renew"):
            named = roles and within is None
            chosen = _names(roles) if named else self.due(roles, within=within, committed=True)
            renewed = renew_beside(self, map(_known, chosen), as_policy=True)
            for waiting in renewed.waiting if named and not renewed.documents else ():
                if waiting.closed is not None:
                    raise waiting.closed
            return renewed

    def due(
        self, roles: str | Iterable[str] = (), *, within: timedelta | None = None, committed: bool = False
    ) -> tuple[str, ...]:
        """Return the roles that `renew` would renew, the soonest to expire first.

        Args:
            roles: look at these only; at all four when empty.
            within: as of `renew`.
            committed: look at what is committed, as `renew_committed` does, though something newer is staged.
        """
        look = self.state.committed if committed else self.state.current
        named = [_known(role) for role in _names(roles)]
        found = ((role, look(role)) for role in named or layout.ROLES)
        expiries = [
            expiry_of(document, role, policy=self.policy.validity) for role, document in found if document is not None
        ]
        return tuple(each.role for each in due(expiries, now=self.clock(), within=within))

    def expire(self, role: str, when: timedelta | datetime) -> Staged:
        """Stage a new version of a role that expires then, be that later or earlier than it does now.

        Args:
            when: a time with its zone, or the time from now.

        Raises:
            BadExpiry: the time has no zone, or is not in UTC.
        """
        with self.edit("expire") as edit:
            edit.set_expiry(role, expires_after(when, now=edit.now) if isinstance(when, timedelta) else when)
        return Staged.of(edit.staged, self.state)

    def set_threshold(self, role: str, threshold: int) -> Staged:
        """Stage a root in which this many of a role's keys must sign."""
        with self.edit("threshold") as edit:
            edit.set_threshold(role, threshold)
        return Staged.of(edit.staged, self.state)

    def keys(self) -> KeyList:
        """Return the keys that root trusts, their roles and owners, and which of the private halves are in keys/."""
        return key_list(self)

    def new_key(self, role: str, *, key_type: str = ED25519, new_passphrase: NewPassphrase | None = None) -> KeysAdded:
        """Make a key for a role, in a file of its own, and stage a root that trusts it.

        Args:
            new_passphrase: asked for the passphrase of the file; by default whoever this workspace asks.
        """
        with self.edit("key new") as edit:
            numbered = role == "root" and len(edit.root.roles["root"].keyids) > 1
            made = make_key(self, _known(role), keytype=key_type, new_passphrase=new_passphrase, numbered=numbered)
            edit.add_key(role, made.public_key)
        return KeysAdded(role=role, keys=(made.public_key,), file=made.file, staged=Staged.of(edit.staged, self.state))

    def import_key(self, role: str, file: FilePath) -> KeysAdded:
        """Stage a root that trusts the public keys in a file which was made elsewhere.

        That somebody has the private halves is not proved by this.

        Args:
            file: PEM, JSON as metadata lists a key, or a key file, of which only the public half is taken.

        Raises:
            NotAPublicKey: it has none in a form that is known here.
        """
        path = file_path(file)
        data = FolderStore(path.parent).read(path.name, limit=LIMIT_BYTES)
        return self._trust(role, read_public_keys(data, name=path.name, role=role, passphrases=self.passphrases))

    def add_key(self, role: str, key: Signer | Key) -> KeysAdded:
        """Stage a root that trusts a key for a role: that of a signer, or one without its private half."""
        return self._trust(role, (key if isinstance(key, Key) else key.public_key,))

    def _trust(self, role: str, keys: tuple[Key, ...]) -> KeysAdded:
        with self.edit("key import") as edit:
            for key in keys:
                edit.add_key(role, key)
        return KeysAdded(role=role, keys=keys, staged=Staged.of(edit.staged, self.state))

    def revoke_key(self, role: str, keyid: str) -> KeyRevoked:
        """Stage a root that no longer trusts a key for a role; the first letters of its keyid are enough.

        For a key that somebody else has, see `revoke_compromised`.
        """
        with self.edit("key revoke") as edit:
            whole = edit.revoke_key(role, keyid)
        return KeyRevoked(role=role, keyid=whole, staged=Staged.of(edit.staged, self.state))

    def change_passphrase(self, file: str, *, new_passphrase: NewPassphrase | None = None) -> str:
        """Lock a key file of keys/ with a new passphrase; return the name of the file.

        At every instant it is the old file or the new one. Copies of it elsewhere keep the old passphrase.

        Args:
            file: its name, such as root2.json; the ending may be left out.
            new_passphrase: asked for the new one; by default whoever this workspace asks, with the purpose CHANGE.
        """
        name = file.removeprefix(layout.KEYS)
        name = name if name.endswith(".json") else f"{name}.json"
        role = role_named(name, "key")
        new = new_passphrase or self.new_passphrase
        with self.exclusive("key change-passphrase"):
            self.keyring.unlock(name, role=role)
            self.keyring.reseal(name, new(PassphraseRequest(role=role, file=name, purpose=Purpose.CHANGE)))
        return name


def _key_folder(store: Store, keys: FilePath | None, clock: Clock) -> KeyFolder:
    """Return the folder that the key files are in; permission bits are known where it is one on disk."""
    if keys is not None:
        return KeyFolder(store=folder_at(keys, clock=clock), modes=modes_below(file_path(keys)))
    folder = folder_of(store)
    if folder is not None:
        return KeyFolder(store=store, prefix=layout.KEYS, modes=modes_below(folder / layout.KEYS))
    return KeyFolder(store=store, prefix=layout.KEYS)


def _known(role: str) -> str:
    if role not in layout.ROLES:
        raise UnknownRole(role)
    return role


def _names(names: str | Iterable[str]) -> tuple[str, ...]:
    """Return one name or several as several."""
    return (names,) if isinstance(names, str) else tuple(names)


def _paths(paths: FilePath | Iterable[FilePath]) -> list[Path]:
    given_paths = [paths] if isinstance(paths, str | PathLike) else list(paths)
    if not given_paths:
        raise ValueError("no path is named")
    return [file_path(each) for each in given_paths]
