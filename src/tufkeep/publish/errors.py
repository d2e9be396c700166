"""Why a push or a pull stops."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tufkeep.errors import BadRequest, PersonNeeded, StoreError, TrustRefused, WorkspaceError
from tufkeep.metadata.plan import VersionReused, VersionRollback


class RemoteMovedOn(StoreError):
    """Somebody else published since this working directory last looked."""

    exit_code = 33

    def __init__(self, remote: str, *, published: int | None, ours: int):
        found = f"timestamp v{published} was published" if published is not None else "its timestamp.json was removed"
        super().__init__(f"remote {remote} moved on: {found} while you were signing v{ours}")
        self.remote, self.published, self.ours = remote, published, ours


class NotInStep(StoreError):
    """It is not known whether what is here was made from what is published there."""

    exit_code = 33

    def __init__(self, remote: str, *, published: int, ours: int, source: str = ""):
        where = f"remote {source}" if source else "this directory"
        super().__init__(f"remote {remote} has timestamp v{published}, and {where} with v{ours} never took it in")
        self.remote, self.published, self.ours = remote, published, ours
        self.source = source  # the remote that was to be deployed from


class VersionTaken(StoreError):
    """What is to be published has a version that others have published with other bytes."""

    exit_code = 33

    def __init__(self, remote: str, taken: VersionReused | VersionRollback, *, published: int, source: str = ""):
        where = source or "this directory"
        super().__init__(f"remote {remote} has published other metadata than {where}: {taken}")
        self.remote, self.taken, self.source = remote, taken, source
        self.published = published  # version of the timestamp there


class NameTaken(StoreError):
    """An object with this name has other bytes, and its name promises that it never changes."""

    exit_code = 32

    def __init__(self, remote: str, name: str, *, who: str | None = None, when: datetime | None = None):
        by = f", written by {who} at {when:%Y-%m-%dT%H:%M:%SZ}" if who and when else ""
        super().__init__(f"remote {remote}: {name} is there with other bytes{by}")
        self.remote, self.name, self.who, self.when = remote, name, who, when


class PublishedLost(StoreError):
    """What is published refers to objects that do not stay on the remote."""

    exit_code = 33

    def __init__(self, remote: str, names: Sequence[str]):
        more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
        super().__init__(f"remote {remote}: {names[0]}{more} was sent and is gone again: agents can't fetch it")
        self.remote, self.names = remote, tuple(names)


class ArtifactNotHere(WorkspaceError):
    """An artifact must be sent, and this directory has only its metadata."""

    exit_code = 17

    def __init__(self, path: str, *, remote: str):
        super().__init__(f"target {path}: neither in repository/targets nor on {remote}")
        self.path = path


class ArtifactDamaged(TrustRefused):
    """An artifact has other bytes than were signed."""

    exit_code = 28

    def __init__(self, name: str, *, where: str):
        super().__init__(f"{where}: {name} has other bytes than were signed")
        self.name = name


class NothingToPublish(WorkspaceError):
    """A change is staged, and nothing was ever committed."""

    exit_code = 10

    def __init__(self) -> None:
        super().__init__("nothing was committed here yet, so there is nothing to publish")


class NothingPublished(StoreError):
    """The remote holds no repository."""

    exit_code = 31

    def __init__(self, remote: str):
        super().__init__(f"remote {remote} contains no timestamp.json")
        self.remote = remote


class RootsDiffer(TrustRefused):
    """The remote and the directory began with different roots, or went different ways."""

    exit_code = 21

    def __init__(self, remote: str, version: int):
        super().__init__(f"remote {remote}: its root v{version} is not the same as the root v{version} here")


class OtherFirstRoot(TrustRefused):
    """The first root of a remote is not the one whose fingerprint was given."""

    exit_code = 21

    def __init__(self, remote: str, *, found: str, given: str):
        super().__init__(f"remote {remote}: its first root has the fingerprint {found}, given was {given}")
        self.remote, self.found, self.given = remote, found, given


class TrustNeeded(PersonNeeded):
    """A first pull, and nobody has said which root to trust."""

    exit_code = 40

    def __init__(self, remote: str, *, fingerprint: str):
        super().__init__(
            f"remote {remote}: its first root has the fingerprint {fingerprint}, and nobody has confirmed it"
        )
        self.remote = remote
        self.fingerprint = fingerprint


class LocalWorkAtRisk(WorkspaceError):
    """Both sides changed the same thing; nothing was overwritten."""

    exit_code = 15

    def __init__(self, remote: str, what: tuple[str, ...]):
        more = f" and {len(what) - 1:,} more" if len(what) > 1 else ""
        super().__init__(f"{what[0]}{more}: changed here and on {remote} in different ways")
        self.remote = remote
        self.what = what


class RemoteOverlaps(BadRequest):
    """The folder to publish to is the working directory, or one of the folders that it keeps for itself."""

    def __init__(self, remote: str):
        super().__init__(f"remote {remote} is the working directory itself, or one of its own folders")
        self.remote = remote
