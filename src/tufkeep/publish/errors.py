"""Why a push or a pull stops."""

from __future__ import annotations

from datetime import datetime

from tufkeep.errors import PersonNeeded, StoreError, TrustRefused, WorkspaceError


class RemoteMovedOn(StoreError):
    """Somebody else published since this working directory last looked."""

    exit_code = 33

    def __init__(self, remote: str, *, published: int | None, ours: int):
        found = f"timestamp v{published} was published" if published is not None else "its timestamp.json was removed"
        super().__init__(f"remote {remote} moved on: {found} while you were signing v{ours}")
        self.remote, self.published, self.ours = remote, published, ours
        self.hint = f"tufkeep pull {remote}, then push again; your change is kept and signed again on top"


class NotInStep(StoreError):
    """Nobody can tell whether what is here was made from what is published there."""

    exit_code = 33

    def __init__(self, remote: str, *, published: int, ours: int):
        super().__init__(
            f"remote {remote} has timestamp v{published}, and this directory with v{ours} never took it in"
        )
        self.remote, self.published, self.ours = remote, published, ours
        self.hint = (
            f"take it in: tufkeep pull {remote}; or, sure that yours is made from it: "
            f"tufkeep push {remote} --over {published}"
        )


class NameTaken(StoreError):
    """An object with this name has other bytes, and its name promises that it never changes."""

    exit_code = 32

    def __init__(self, remote: str, name: str, *, who: str | None = None, when: datetime | None = None):
        by = f", written by {who} at {when:%Y-%m-%dT%H:%M:%SZ}" if who and when else ""
        super().__init__(f"remote {remote}: {name} is there with other bytes{by}")
        self.remote, self.name, self.who, self.when = remote, name, who, when
        self.hint = f"tufkeep pull {remote}; your change is signed again above every version that is taken"


class ArtifactNotHere(WorkspaceError):
    """An artifact must be sent, and this directory has only its metadata."""

    exit_code = 17

    def __init__(self, path: str, *, remote: str):
        super().__init__(f"target {path}: neither in repository/targets nor on {remote}")
        self.path = path
        self.hint = f"add it again: tufkeep add FILE --as {path}"


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
        super().__init__("nothing was committed here yet, so there is nothing to publish", hint="tufkeep commit")


class NothingPublished(StoreError):
    """The remote holds no repository."""

    exit_code = 31

    def __init__(self, remote: str):
        super().__init__(f"remote {remote} holds no timestamp.json", hint=f"tufkeep push {remote}")


class RootsDiffer(TrustRefused):
    """The remote and the directory began with different roots, or went different ways."""

    exit_code = 21

    def __init__(self, remote: str, version: int):
        super().__init__(f"remote {remote}: its root v{version} is another one than the root v{version} here")
        self.hint = "compare the fingerprints; two root versions with one number can't both be followed by agents"


class TrustNeeded(PersonNeeded):
    """A first pull, and nobody has said which root to trust."""

    exit_code = 40

    def __init__(self, remote: str, *, fingerprint: str):
        super().__init__(
            f"remote {remote}: its first root has the fingerprint {fingerprint}, and nobody vouched for it"
        )
        self.fingerprint = fingerprint
        self.hint = f"compare it with the publisher's, then: tufkeep pull {remote} --trust {fingerprint}"


class LocalWorkAtRisk(WorkspaceError):
    """Both sides changed the same thing; nothing was overwritten."""

    exit_code = 15

    def __init__(self, remote: str, what: tuple[str, ...]):
        more = f" and {len(what) - 1:,} more" if len(what) > 1 else ""
        super().__init__(f"{what[0]}{more}: changed here and on {remote} in different ways")
        self.what = what
        self.hint = f"choose one: tufkeep pull {remote} --ours, or --theirs"
