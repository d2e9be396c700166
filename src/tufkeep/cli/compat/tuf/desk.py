"""What one command of `tuf` works with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tufkeep.cli.base.process import Process
from tufkeep.cli.compat.asking import Passphrases, Words
from tufkeep.cli.compat.chosen import ChosenKeys
from tufkeep.cli.compat.go import GoError, days_after, integer, months_after, spoken_time
from tufkeep.cli.compat.opening import open_workspace
from tufkeep.cli.compat.tuf.grammar import Line
from tufkeep.workspace import Edit, State, Workspace, layout

if TYPE_CHECKING:
    from securesystemslib.signer import Key

    from tufkeep.keys.private import PrivateKey
    from tufkeep.metadata.document import Document

WORDS = Words(keys="keys", empty_hint="type one; only tuf --insecure-plaintext gen-key keeps a key without")


class MissingMetadata(GoError):
    """A metadata file is neither staged nor committed."""

    def __init__(self, file: str):
        super().__init__(f"tuf: missing metadata file {file}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One run of one command."""

    process: Process
    line: Line
    workspace: Workspace
    keyring: ChosenKeys
    passphrases: Passphrases
    now: datetime

    @property
    def state(self) -> State:
        return self.workspace.state

    @property
    def role(self) -> str:
        """The <role> of the command line."""
        return self.line.text("<role>")

    def write(self, text: str) -> None:
        """Put text on standard output as it is: some commands end without a new line, and scripts know it."""
        self.process.stdout.write(text)

    def say(self, line: str) -> None:
        """Put a line on standard output."""
        self.write(f"{line}\n")

    def tell(self, line: str) -> None:
        """Put a line on standard error."""
        self.process.stdout.flush()
        self.process.stderr.write(f"{line}\n")

    def warn(self, sentence: str, *, hint: str) -> None:
        """Say loudly what the original let pass; the exit code stays, for a script may go on."""
        self.tell(f"warning: {sentence}")
        self.tell(f"hint: {hint}")

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
        """Return the end that --expires asks for, else the one that go-tuf gives a role.

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
            raise GoError(f"tuf: invalid expires: {spoken_time(days_after(self.now, days))}")
        return days_after(self.now, days)

    def signers(self, role: str) -> dict[str, Key]:
        """Return whose signatures a role's metadata can use; for root, also those of the committed root."""
        committed = self.state.committed("root") if role == "root" else None
        roots = [found.signed for found in (self.state.current("root"), committed) if found is not None]
        return {
            keyid: root.keys[keyid]
            for root in roots
            if role in root.roles
            for keyid in root.roles[role].keyids
            if keyid in root.keys
        }

    def choose(self, role: str, *, anywhere: bool = False) -> tuple[PrivateKey, ...]:
        """Open the keys that sign a role; see `ChosenKeys.choose`."""
        return self.keyring.choose(self.signers(role), role=role, anywhere=anywhere)

    @contextmanager
    def edit(self, note: str) -> Iterator[Edit]:
        """Make one change as go-tuf would: of one metadata file, whose followers wait for their own command."""
        with self.workspace.edit(note, follow=False, whole=False) as edit:
            yield edit


Command = Callable[[Desk], None]


def default_expiry(role: str, now: datetime) -> datetime:
    """Return when metadata ends that is made now, as go-tuf would have it."""
    match role:
        case "root":
            return months_after(now, 12)
        case "snapshot":
            return days_after(now, 7)
        case "timestamp":
            return days_after(now, 1)
        case _:
            return months_after(now, 3)


def sit_down(line: Line, process: Process) -> Desk:
    """Return the desk for a command line."""
    from tufkeep.keys.sources import from_environment

    environment = from_environment(process.environment, prefixes=("TUF_",))
    workspace, keyring, passphrases = open_workspace(
        process, line.directory, environment=environment, words=WORDS, plaintext=line.plaintext
    )
    return Desk(
        process=process,
        line=line,
        workspace=workspace,
        keyring=keyring,
        passphrases=passphrases,
        now=process.clock(),
    )
