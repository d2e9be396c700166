"""What a command of `fleetctl updates` works with: a session, fleetctl's validity periods, and its commit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from tufkeep.cli.base.hints import hint
from tufkeep.cli.base.process import Process
from tufkeep.cli.compat.fleetctl.grammar import PATH, UpdatesCommandLine
from tufkeep.cli.compat.fleetctl.hints import HINTS
from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.go_tuf import require_committable, require_verified
from tufkeep.cli.compat.passphrases import Prompts
from tufkeep.cli.compat.session import Session
from tufkeep.errors import PersonNeeded, TufkeepError
from tufkeep.keys.sources import from_environment
from tufkeep.workspace import Edit, NotARepository

PROMPTS = Prompts(
    noun="key",
    empty_hint="type one that is not",
    no_terminal="read password: inappropriate ioctl for device",
    retry=True,
)
VALIDITY: Final = {
    "root": timedelta(hours=87_600),  # ten years
    "targets": timedelta(hours=26_280),  # three years
    "snapshot": timedelta(hours=26_280),
    "timestamp": timedelta(hours=336),  # two weeks
}


class KeyNotFound(PersonNeeded):
    """No key file of a role is here; in the words of the original."""

    exit_code = 40

    def __init__(self, role: str, folder: Path):
        super().__init__(f"{role} key not found")
        self.folder = folder


class UpdatesSession(Session):
    """One run of one command."""

    def __init__(self, process: Process, line: UpdatesCommandLine):
        super().__init__(
            process,
            Path(line.text(PATH) or "."),
            command=f"fleetctl updates {line.command}",
            environment=from_environment(process.environment, prefixes=("FLEET_",), empty_is_unset=False),
            prompts=PROMPTS,
        )
        self.line = line

    def expires(self, role: str) -> datetime:
        """Return when metadata that is made now expires."""
        return self.now + VALIDITY[role]

    def require_repository(self) -> None:
        """Stop where there is none."""
        if not self.state.exists:
            error = GoError(f"repo not initialized: {self.directory}", hint="make one: fleetctl updates init")
            raise error from NotARepository()

    def require_usable_root(self) -> None:
        """Stop where go-tuf would not make a snapshot under the root."""
        with step("make snapshot"):
            require_verified(self.state, "root", now=self.now)

    def choose(self, *roles: str) -> None:
        """Open the keys of these roles.

        Raises:
            KeyNotFound: there is none for a role.
        """
        for role in roles:
            if not self.keyring.choose(self.state.signers(role), role=role):
                raise KeyNotFound(role, self.directory / "keys")

    @contextmanager
    def edit(self, note: str, *, remake: Sequence[str]) -> Iterator[Edit]:
        """Make one change, then the next version of these roles, each after those that it lists."""
        from tuf.api.metadata import Snapshot, Timestamp

        with self.workspace.edit(note, follow=False, whole=False) as edit:
            yield edit
            if "targets" in remake:
                edit.renew("targets")
                edit.set_expiry("targets", self.expires("targets"))
            if "snapshot" in remake:
                edit.models["snapshot"] = Snapshot(expires=self.expires("snapshot"))
            if "timestamp" in remake:
                edit.models["timestamp"] = Timestamp(expires=self.expires("timestamp"))

    def commit(self) -> None:
        """Check as go-tuf does, prove that every client follows, then commit."""
        with step("commit repo"):
            require_committable(self.state, now=self.now)
            plan = self.workspace.plan_commit(keep_unadded=True)
            self.workspace.commit(plan)
        if plan.unadded:
            self.warn(
                f"staged/targets/{plan.unadded[0]} is in no metadata, so it is not published; it stays where it is",
                hint="fleetctl updates add copies a file there by itself; remove what is not wanted",
            )
        self.warn_unread(plan.unread)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Put the name of a step before the error that stopped it, as fleetctl does."""
    try:
        yield
    except TufkeepError as error:
        raise GoError(f"{name}: {error}", hint=hint(error, HINTS)) from error
