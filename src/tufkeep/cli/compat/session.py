"""What a command of either program works with: the process, the working directory, its keys and their passphrases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tufkeep.cli.base.author import author
from tufkeep.cli.base.opening import working_folder
from tufkeep.cli.base.process import Process
from tufkeep.cli.compat.keyring import ChosenKeys
from tufkeep.cli.compat.passphrases import Passphrases, Prompts
from tufkeep.keys.folder import KeyFolder
from tufkeep.workspace import Policy, State, Workspace, layout
from tufkeep.workspace.known_keys import read_known_keys
from tufkeep.workspace.policy import AgentsPolicy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tufkeep.keys.passphrase import PassphraseSource
    from tufkeep.metadata.lint_change import ClientWarning
    from tufkeep.stores import Store

_UNLIMITED = 1_000_000  # tries, until Ctrl-C


class Session:
    """One run of one command."""

    def __init__(
        self,
        process: Process,
        directory: Path,
        *,
        command: str,
        environment: PassphraseSource,
        prompts: Prompts,
        plaintext: bool = False,
    ):
        """Open the working directory with the defaults of the originals; tufkeep.toml gives only the clients out there.

        Args:
            command: as the record names it.
        """
        store = working_folder(process, directory)
        self.process = process
        self.directory = directory
        self.now = process.clock()
        self.passphrases = Passphrases(
            process,
            environment=environment,
            prompts=prompts,
            plaintext=plaintext,
            opens_empty=lambda file: _opens_empty(store, f"{layout.KEYS}{file}"),
        )
        self.keyring = ChosenKeys(
            KeyFolder(store=store, prefix=layout.KEYS),
            passphrases=self.passphrases,
            known=read_known_keys(store),
            tries=_UNLIMITED if prompts.retry else 1,
        )
        self.workspace = Workspace(
            store,
            clock=process.clock,
            keyring=self.keyring,
            policy=Policy(agents=AgentsPolicy(clients=Workspace(store, clock=process.clock).declared)),
            author=lambda: author(process, command=command),
        )

    @property
    def state(self) -> State:
        return self.workspace.state

    def write(self, text: str) -> None:
        """Write text to standard output as it is: some commands print no newline at the end, and scripts rely on it."""
        self.process.stdout.write(text)

    def print(self, line: str) -> None:
        """Print a line on standard output."""
        self.write(f"{line}\n")

    def report(self, line: str) -> None:
        """Print a line on standard error."""
        self.process.stdout.flush()
        self.process.stderr.write(f"{line}\n")

    def warn(self, sentence: str, *, hint: str) -> None:
        """Warn of what the original accepted silently; the exit code stays 0, because a script may continue."""
        self.report(f"warning: {sentence}")
        self.report(f"hint: {hint}")

    def warn_unread(self, unread: Sequence[ClientWarning]) -> None:
        """Warn of what a commit brought that some client out there does not read."""
        for warning in unread:
            self.warn(warning.sentence, hint="name the clients that are out there in tufkeep.toml: [agents] clients")


def _opens_empty(store: Store, name: str) -> bool:
    """Whether a key file is encrypted with the empty passphrase, which go-tuf tries before it asks."""
    from tufkeep.errors import TufkeepError
    from tufkeep.keys.keyfile import LIMIT_BYTES, parse_key_file
    from tufkeep.keys.passphrase import Passphrase

    try:
        parse_key_file(store.read(name, limit=LIMIT_BYTES), name=name).open(Passphrase(""))
    except TufkeepError:
        return False
    return True
