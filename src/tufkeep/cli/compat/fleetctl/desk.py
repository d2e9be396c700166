"""What one command of `fleetctl updates` works with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tufkeep.cli.base.process import Process
from tufkeep.cli.compat.asking import Passphrases, Words
from tufkeep.cli.compat.chosen import ChosenKeys
from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.opening import open_workspace
from tufkeep.cli.compat.tuf.checks import require_committable, require_verified
from tufkeep.errors import TufkeepError
from tufkeep.workspace import Edit, State, Workspace

if TYPE_CHECKING:
    from securesystemslib.signer import Key

    from tufkeep.keys.private import PrivateKey

WORDS = Words(keys="key", empty_hint="type one that is not", patient=True)
LIVES: Final = {
    "root": timedelta(hours=87_600),  # ten years
    "targets": timedelta(hours=26_280),  # three years
    "snapshot": timedelta(hours=26_280),
    "timestamp": timedelta(hours=336),  # two weeks
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One run of one command."""

    process: Process
    path: Path
    workspace: Workspace
    keyring: ChosenKeys
    passphrases: Passphrases
    now: datetime

    @property
    def state(self) -> State:
        return self.workspace.state

    def say(self, line: str) -> None:
        """Put a line on standard output."""
        self.process.stdout.write(f"{line}\n")

    def warn(self, sentence: str, *, hint: str) -> None:
        """Say loudly what the original let pass."""
        self.process.stdout.flush()
        self.process.stderr.write(f"warning: {sentence}\nhint: {hint}\n")

    def ends(self, role: str) -> datetime:
        """Return when metadata ends that is made now."""
        return self.now + LIVES[role]

    def require_repository(self) -> None:
        """Stop where there is none."""
        if not self.state.exists:
            raise GoError(f"repo not initialized: {self.path}", hint="make one: fleetctl updates init")

    def choose(self, *roles: str) -> None:
        """Open the keys of these roles.

        Raises:
            GoError: there is none for a role.
        """
        for role in roles:
            if not self.keyring.choose(self.signers(role), role=role):
                raise GoError(f"{role} key not found", hint=f"bring the key file to {self.path / 'keys'}")

    def signers(self, role: str) -> dict[str, Key]:
        """Return the keys that sign a role; for root, also those of the committed root."""
        committed = self.state.committed("root") if role == "root" else None
        roots = [found.signed for found in (self.state.current("root"), committed) if found is not None]
        return {keyid: root.keys[keyid] for root in roots for keyid in root.roles[role].keyids if keyid in root.keys}

    def open_file(self, role: str) -> tuple[PrivateKey, ...]:
        """Return the keys in ROLE.json."""
        return self.keyring.open_file(f"{role}.json", role=role)

    @contextmanager
    def edit(self, note: str, *, remake: Sequence[str]) -> Iterator[Edit]:
        """Make one change, with the next version of these roles, in the order that each is listed by the next."""
        from tuf.api.metadata import Snapshot, Timestamp

        with self.workspace.edit(note, follow=False, whole=False) as edit:
            yield edit
            if "targets" in remake:
                edit.renew("targets")
                edit.set_expiry("targets", self.ends("targets"))
            if "snapshot" in remake:
                edit.models["snapshot"] = Snapshot(expires=self.ends("snapshot"))
            if "timestamp" in remake:
                edit.models["timestamp"] = Timestamp(expires=self.ends("timestamp"))

    def require_usable_root(self) -> None:
        """Stop where go-tuf would not make a snapshot under the root."""
        with said_of("make snapshot"):
            require_verified(self.state, "root", now=self.now)

    def commit(self) -> None:
        """Check as go-tuf does, prove that every client follows, commit."""
        with said_of("commit repo"):
            require_committable(self.state, now=self.now)
            plan = self.workspace.plan_commit(keep_unadded=True)
            self.workspace.commit(plan)
        if plan.unadded:
            self.warn(
                f"staged/targets/{plan.unadded[0]} is in no metadata, so it is not published; it was left where it is",
                hint="fleetctl updates add copies a file there by itself; remove what is not wanted",
            )


@contextmanager
def said_of(step: str) -> Iterator[None]:
    """Put the name of a step before what stopped it, as fleetctl does."""
    try:
        yield
    except TufkeepError as error:
        raise GoError(f"{step}: {error}", hint=error.hint) from error


def sit_down(path: Path, process: Process) -> Desk:
    """Return the desk for a working directory."""
    from tufkeep.keys.sources import from_environment

    environment = from_environment(process.environment, prefixes=("FLEET_",), empty_is_unset=False)
    workspace, keyring, passphrases = open_workspace(process, path, environment=environment, words=WORDS)
    return Desk(
        process=process, path=path, workspace=workspace, keyring=keyring, passphrases=passphrases, now=process.clock()
    )
