"""Passphrases under the originals' names: their variables, their prompts, one answer for all files of a role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tufkeep.cli.compat.go import GoError
from tufkeep.keys.passphrase import NoPassphrase, Passphrase, PassphraseRequest, PassphraseSource, Purpose

if TYPE_CHECKING:
    from tufkeep.cli.base.process import Process


class PassphraseRequired(GoError):
    """The key file is encrypted, and --insecure-plaintext forbids to ask."""

    def __init__(self, role: str, file: str):
        super().__init__(f"tuf: a passphrase is required to access the encrypted {role} keys file")
        self.file = file


class EmptyTyped(GoError):
    """An empty passphrase; the original kept the key unencrypted then."""

    def __init__(self, role: str, *, hint: str):
        super().__init__(f"the new {role} passphrase is empty, so the key would not be encrypted", hint=hint)


class EntriesDiffer(GoError):
    """The two entries of a new passphrase differ; in the words of the original."""

    def __init__(self, *, retry: bool):
        super().__init__(f"{'The' if retry else 'the'} entered passphrases do not match")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """How one of the originals asks."""

    noun: str  # what a passphrase belongs to: "keys" or "key"
    empty_hint: str
    no_terminal: str = "inappropriate ioctl for device"  # the error where there is no terminal to ask on
    retry: bool = False  # after a mistake it asks again, and it asks on standard output: as fleetctl, not as go-tuf


class Passphrases:
    """A source that reads the environment, then asks at most once for each role.

    The originals have one file for each role, so one passphrase was enough. Further files of a role are tried with
    the passphrases that were already given; the user is not asked for others.
    """

    def __init__(
        self,
        process: Process,
        *,
        environment: PassphraseSource,
        prompts: Prompts,
        plaintext: bool = False,
        opens_empty: Callable[[str], bool] = lambda file: False,
    ):
        """Prepare to ask.

        Args:
            plaintext: do not ask: new keys are not encrypted.
            opens_empty: whether a key file opens with the empty passphrase, as go-tuf could encrypt it.
        """
        from tufkeep.cli.base.terminal import Terminal

        self._stream = process.stdout if prompts.retry else process.stderr
        self._terminal = Terminal(process.stdin, self._stream)
        self._environment = environment
        self._prompts = prompts
        self._plaintext = plaintext
        self._opens_empty = opens_empty
        self._typed: dict[str, Passphrase] = {}
        self._may_ask: Callable[[PassphraseRequest], bool] = lambda request: False

    @contextmanager
    def allowing(self, may_ask: Callable[[PassphraseRequest], bool]) -> Iterator[None]:
        """In this block, ask for the existing files that `may_ask` selects, and for no others."""
        before, self._may_ask = self._may_ask, may_ask
        try:
            yield
        finally:
            self._may_ask = before

    def __call__(self, request: PassphraseRequest) -> Passphrase:
        if self._plaintext and request.purpose is Purpose.OPEN:
            raise PassphraseRequired(request.role, request.file)
        try:
            return self._environment(request)
        except NoPassphrase:
            pass
        if request.purpose is Purpose.OPEN:
            return self._open(request)
        return self._new(request)

    def _open(self, request: PassphraseRequest) -> Passphrase:
        role, file = request.role, request.file
        if request.attempt > 1:
            self._terminal.tell(f"Failed to decrypt {role} key. Try again.")
        elif role in self._typed:
            return self._typed[role]
        elif not self._may_ask(request):
            raise NoPassphrase(file)
        elif self._opens_empty(file):
            return Passphrase("")
        typed = Passphrase(self._ask(f"Enter {role} {self._prompts.noun} passphrase: "), asked=self._prompts.retry)
        self._typed[role] = Passphrase(typed.reveal())
        return typed

    def _new(self, request: PassphraseRequest) -> Passphrase:
        while True:
            try:
                self._typed[request.role] = self._twice(request)
            except (EntriesDiffer, EmptyTyped) as mistake:
                if not self._prompts.retry:
                    raise
                self._terminal.tell(str(mistake))
            else:
                return self._typed[request.role]

    def _twice(self, request: PassphraseRequest) -> Passphrase:
        what = f"new {request.role}" if request.purpose is Purpose.CHANGE else request.role
        typed = Passphrase(self._ask(f"Enter {what} {self._prompts.noun} passphrase: "))
        again = Passphrase(self._ask(f"Repeat {what} {self._prompts.noun} passphrase: "))
        if typed != again:
            raise EntriesDiffer(retry=self._prompts.retry)
        if typed.empty:
            raise EmptyTyped(request.role, hint=self._prompts.empty_hint)
        return typed

    def _ask(self, prompt: str) -> str:
        if not self._terminal.here:
            self._stream.write(f"{prompt}\n")
            raise GoError(self._prompts.no_terminal, hint="a passphrase is read from a terminal or from its variable")
        return self._terminal.ask_secret(prompt)
