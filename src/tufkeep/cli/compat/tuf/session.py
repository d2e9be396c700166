"""What a command of `tuf` works with: a session, its command line, and go-tuf's default expiry times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tufkeep.cli.base.process import Process
from tufkeep.cli.compat.go import GoError, days_after, format_time, integer, months_after
from tufkeep.cli.compat.go_tuf import MissingMetadata
from tufkeep.cli.compat.passphrases import Prompts
from tufkeep.cli.compat.session import Session
from tufkeep.cli.compat.tuf.grammar import TufCommandLine
from tufkeep.keys.sources import from_environment
from tufkeep.workspace import Edit, layout

if TYPE_CHECKING:
    from tufkeep.keys.private import PrivateKey
    from tufkeep.metadata.document import Document

PROMPTS = Prompts(
    noun="keys", empty_hint="type a passphrase; only tuf --insecure-plaintext gen-key makes a key without one"
)


class TufSession(Session):
    """One run of one command."""

    def __init__(self, process: Process, line: TufCommandLine):
        super().__init__(
            process,
            line.directory,
            command=f"tuf {line.command}",
            environment=from_environment(process.environment, prefixes=("TUF_",)),
            prompts=PROMPTS,
            plaintext=line.plaintext,
        )
        self.line = line

    @property
    def role(self) -> str:
        """The <role> of the command line."""
        return self.line.text("<role>")

    def document(self, file: str) -> Document[Any]:
        """Return the metadata of a file name, staged before committed.

        Raises:
            MissingMetadata: there is none.
        """
        role = file.removesuffix(".json")
        found = self.state.current(role) if file.endswith(".json") and role in layout.ROLES else None
        if found is None:
            raise MissingMetadata(file)
        return found

    def expires(self, role: str) -> datetime:
        """Return the expiry time that --expires asks for, else go-tuf's default for the role.

        Raises:
            GoError: it is no number of days, or not in the future.
        """
        if not self.line.text("--expires"):
            return default_expiry(role, self.now)
        try:
            days = integer(self.line.text("--expires"))
        except GoError as error:
            raise GoError(f"failed to parse --expires arg: {error}") from None
        if days <= 0:
            raise GoError(f"tuf: invalid expires: {format_time(days_after(self.now, days))}")
        return days_after(self.now, days)

    def choose(self, role: str, *, anywhere: bool = False) -> tuple[PrivateKey, ...]:
        """Open the keys that sign a role; see `ChosenKeys.choose`."""
        return self.keyring.choose(self.state.signers(role), role=role, anywhere=anywhere)

    def choose_or_warn(self, role: str) -> None:
        """Open the keys of a role that is made anew, with a warning where there are none: go-tuf leaves it unsigned."""
        if not self.choose(role) and self.state.current("root") is not None:
            self.warn(
                f"{role}.json is not signed: there is no key of {role} here", hint=f"sign it: tuf sign {role}.json"
            )

    @contextmanager
    def edit(self, note: str) -> Iterator[Edit]:
        """Make one change as go-tuf does: of one metadata file; those that list it wait for their own command."""
        with self.workspace.edit(note, follow=False, whole=False) as edit:
            yield edit


def default_expiry(role: str, now: datetime) -> datetime:
    """Return when metadata that is made now expires, by go-tuf's defaults."""
    match role:
        case "root":
            return months_after(now, 12)
        case "snapshot":
            return days_after(now, 7)
        case "timestamp":
            return days_after(now, 1)
        case _:
            return months_after(now, 3)
