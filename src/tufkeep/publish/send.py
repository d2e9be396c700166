"""Sending objects to a remote: each verified on the way out, none written over that promises not to change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from functools import partial
from typing import BinaryIO

from tufkeep.keys.material import PrivateKeyInside
from tufkeep.keys.material.look import find_private_material
from tufkeep.metadata.filenames import TARGETS, is_immutable
from tufkeep.publish.errors import ArtifactDamaged, ArtifactNotHere, NameTaken
from tufkeep.publish.inventory import Artifact, MetadataFile
from tufkeep.publish.names import INCOMING
from tufkeep.publish.remote import Remote
from tufkeep.stores import ALWAYS, CREATE, ObjectExists, ObjectMissing, Store, chunks_of
from tufkeep.stores.expected import compare_object, pass_on
from tufkeep.workspace.no_keys import require_no_keys, target_is_meant

Progress = Callable[[int], None]  # bytes done
CopyBetween = Callable[[str], bool]  # copies an object of this name from the source on the server; whether it could

_SENT_WHOLE_BYTES = 8 << 20  # and under a condition; what is longer goes in parts
_COPIED_FROM_BYTES = 1 << 18  # a second name for bytes of this length is cheaper to copy on the server
_STAT_AT_MOST = 8  # names asked for one by one; more are found with one listing


def nothing(done: int) -> None:
    """Show no progress."""


class Sender:
    """Sends artifacts and metadata to one remote.

    Args:
        source: the store that artifacts come from.
        folder: where in it the repository is, ending in `/`, or empty.
        conditions: whether the remote keeps conditions.
        copy_between: for a source on the same server.
        take_keys: send artifacts that contain a private key, and only name them: a mirror has what is public already.
        repair: write over an artifact whose bytes are not those that its name says: they are damaged.
    """

    def __init__(
        self,
        source: Store,
        folder: str,
        remote: Remote,
        *,
        conditions: bool,
        progress: Progress = nothing,
        copy_between: CopyBetween | None = None,
        repair: bool = False,
        take_keys: bool = False,
    ):
        self._source, self._folder = source, folder
        self._remote, self._store = remote, remote.store
        self._conditions = conditions
        self._progress = progress
        self._copy_between = copy_between
        self._repair = repair
        self._take_keys = take_keys
        self.warnings: list[str] = []  # of what was sent

    def send_artifacts(self, artifacts: Iterable[Artifact]) -> None:
        """Make sure that every artifact is there under each of its names.

        Raises:
            ArtifactNotHere, ArtifactDamaged: the source lacks it, or has other bytes.
        PrivateKeyInside: it contains a private key, and no signer says that it is meant; nothing of it was sent.
            NameTaken: the remote has other bytes under a name that never changes.
        """
        wanted = list(artifacts)
        there = self._there(wanted)
        self._each(lambda artifact: self._send(artifact, there), wanted)

    def copy_published(self, artifacts: Iterable[Artifact]) -> None:
        """Give published artifacts further names, beside the plain ones; one that is lost stays lost."""
        self._each(self._copy_published, list(artifacts))

    def send_incoming(self, artifacts: Iterable[Artifact]) -> None:
        """Send artifacts to names that nobody reads, so that they need not be sent while agents are looking."""
        self._each(self._send_incoming, list(artifacts))

    def put_in_place(self, artifacts: Iterable[Artifact], files: Iterable[MetadataFile]) -> None:
        """Give artifacts that have come in their names, and metadata its bytes, over what has these names now.

        All at once: whichever came first, agents would see a mixture until the last one is there.
        """
        work: list[Callable[[], None]] = [partial(self._put_in_place, artifact) for artifact in artifacts]
        work += [partial(self.send_metadata, file) for file in files]
        self._together(work)

    def forget_incoming(self, artifacts: Iterable[Artifact]) -> None:
        """Remove the names that nobody reads."""
        self._each(lambda artifact: self._store.delete(_incoming(artifact)), list(artifacts))

    def send_metadata(self, file: MetadataFile) -> None:
        """Write one metadata file.

        Raises:
            NameTaken: a version-prefixed name has other bytes.
        """
        if not is_immutable(file.name):
            self._store.write(file.name, file.data)
        elif not self._create(file.name, file.data):
            raise NameTaken(self._remote.name, file.name)
        self._progress(len(file.data))

    def _create(self, name: str, data: bytes) -> bool:
        """Write an object that must be new; whether it now holds these bytes."""
        if not self._conditions and self._store.stat(name) is not None:
            return self._store.read(name) == data
        try:
            self._store.write(name, data, condition=CREATE if self._conditions else ALWAYS)
        except ObjectExists:
            return self._store.read(name) == data
        return True

    def _each(self, work: Callable[[Artifact], None], artifacts: list[Artifact]) -> None:
        self._together([partial(work, artifact) for artifact in artifacts])

    def _together(self, work: list[Callable[[], None]]) -> None:
        """Do several things at once; stop at the first that fails."""
        if len(work) == 1:
            work[0]()
            return
        with ThreadPoolExecutor(self._remote.policy.concurrency) as pool:
            running = [pool.submit(each) for each in work]
            try:
                for done in as_completed(running):
                    done.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _there(self, artifacts: list[Artifact]) -> Mapping[str, int]:
        """Return the length of each object that is there already: an earlier push may have been cut off.

        A few small ones are not worth a question: they are written on condition of being new, which asks as well.
        """
        names = {name for artifact in artifacts for name in artifact.names}
        if len(names) > _STAT_AT_MOST:
            return {entry.name: entry.length_bytes for entry in self._store.list(TARGETS) if entry.name in names}
        large = (each for each in artifacts if each.length_bytes > _SENT_WHOLE_BYTES or self._repair)
        found = (self._store.stat(name) for each in large for name in each.names)
        return {entry.name: entry.length_bytes for entry in found if entry is not None}

    def _send(self, artifact: Artifact, there: Mapping[str, int]) -> None:
        done: str | None = None
        for name in artifact.names:
            if name in there and self._is_good(name, artifact, there[name]):
                self._progress(artifact.length_bytes if done is None else 0)
            elif done is not None and artifact.length_bytes >= _COPIED_FROM_BYTES:
                self._store.copy(done, name, shared=True)
            else:
                self._upload(name, artifact)
            done = name

    def _is_good(self, name: str, artifact: Artifact, length_bytes: int) -> bool:
        """Whether the remote has the right bytes.

        Raises:
            NameTaken: it has others, under a name that never changes.
        """
        good = length_bytes == artifact.length_bytes and self._holds(name, artifact)
        if not good and is_immutable(name) and not self._repair:
            raise NameTaken(self._remote.name, name)
        return good

    def _upload(self, name: str, artifact: Artifact) -> None:
        self._search(artifact)
        if self._copied(name, artifact):
            self._progress(artifact.length_bytes)
        elif artifact.length_bytes > _SENT_WHOLE_BYTES:
            self._store.write_stream(name, self._chunks(artifact))
        elif self._repair or not is_immutable(name):
            self._store.write(name, b"".join(self._chunks(artifact)))
        elif not self._create(name, b"".join(self._chunks(artifact))):
            raise NameTaken(self._remote.name, name)

    def _search(self, artifact: Artifact) -> None:
        """Search an artifact for private keys before the first of its bytes goes out."""
        if target_is_meant(artifact.target):
            return
        with self._open(artifact) as stream:
            found = tuple(find_private_material(artifact.target.path, stream))
        try:
            unlooked = require_no_keys(found)
        except PrivateKeyInside as error:
            if not self._take_keys:
                raise
            self.warnings.append(str(error))
        else:
            self.warnings += [one.sentence for one in unlooked]

    def _copied(self, name: str, artifact: Artifact) -> bool:
        """Whether the server made a copy, of the right bytes: nothing else has looked at them since they were sent."""
        if self._copy_between is None or not self._copy_between(name):
            return False
        if self._holds(name, artifact):
            return True
        self._store.delete(name)  # or nobody could write the right bytes under a name that never changes
        return False

    def _send_incoming(self, artifact: Artifact) -> None:
        name = _incoming(artifact)
        if not self._holds(name, artifact):
            self._search(artifact)
            self._store.write_stream(name, self._chunks(artifact))

    def _copy_published(self, artifact: Artifact) -> None:
        with suppress(ObjectMissing):
            for name in artifact.names:
                self._store.copy(TARGETS + artifact.target.path, name)

    def _put_in_place(self, artifact: Artifact) -> None:
        try:
            self._store.copy(_incoming(artifact), artifact.names[0])
        except ObjectMissing:
            if not self._holds(artifact.names[0], artifact):
                raise

    def _holds(self, name: str, artifact: Artifact) -> bool:
        """Whether an object of the remote has the signed bytes; all of it is read."""
        return compare_object(self._store, name, artifact.expected).right

    def _chunks(self, artifact: Artifact) -> Iterator[bytes]:
        with self._open(artifact) as stream:
            yield from verified(stream, artifact, where="repository", progress=self._progress)

    def _open(self, artifact: Artifact) -> BinaryIO:
        """Open the artifact under whichever of its names the source has it."""
        for name in dict.fromkeys((*artifact.names, TARGETS + artifact.target.path)):
            try:
                return self._source.open(self._folder + name)
            except ObjectMissing:
                continue
        raise ArtifactNotHere(artifact.target.path, remote=self._remote.name)


def verified(stream: BinaryIO, artifact: Artifact, *, where: str, progress: Progress) -> Iterator[bytes]:
    """Yield an artifact's bytes, and raise at the end when they are not the signed ones.

    Raises:
        ArtifactDamaged: whoever was writing them must not keep them.
    """
    damaged = ArtifactDamaged(artifact.target.path, where=where)
    for chunk in pass_on(chunks_of(stream), artifact.expected, refuse=lambda compared: damaged):
        progress(len(chunk))
        yield chunk


def _incoming(artifact: Artifact) -> str:
    digest = artifact.target.hashes.get("sha256") or next(iter(artifact.target.hashes.values()))
    return f"{INCOMING}{digest}"
