"""What a command works with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from tufkeep.cli.base.process import Choices, Process
from tufkeep.cli.base.terminal import AnswerNeeded, Terminal
from tufkeep.errors import PersonNeeded

if TYPE_CHECKING:
    from tufkeep.cli.base.failures import Failure
    from tufkeep.cli.base.log import LogLines
    from tufkeep.cli.base.show import Lines
    from tufkeep.keys.passphrase import PassphraseSource
    from tufkeep.workspace import Workspace


FORGOTTEN = "dry run: nothing of this was written"


class Declined(PersonNeeded):
    """A person was asked, and said no."""

    exit_code = 41

    def __init__(self, question: str):
        super().__init__(f"{question} was answered with no")


class App:
    """One run of one command."""

    def __init__(self, process: Process):
        self.process = process
        self.choices = Choices()
        self.clock = process.clock
        self.terminal = Terminal(process.stdin, process.stderr)
        self._document: dict[str, Any] = {}
        self._finished = False  # there is one document, and it is written
        self._workspace: Workspace | None = None
        self._passphrases: PassphraseSource | None = None
        self._log: LogLines | None = None

    @property
    def workspace(self) -> Workspace:
        """The working directory that --dir names; every access in one run gives the same one."""
        if self._workspace is None:
            self._workspace = self.open_workspace()
        return self._workspace

    def open_workspace(self, *, keys: Path | None = None) -> Workspace:
        """Return the working directory that --dir names.

        Args:
            keys: a folder of key files in place of its keys/, such as one on a drive.
        """
        from tufkeep.cli.base.opening import open_workspace

        return open_workspace(self.process, self.choices, self.passphrases, keys=keys)

    def trial_workspace(self, *, keys: Path | None = None) -> AbstractContextManager[Workspace]:
        """Give the working directory with every change kept beside it, until the block ends."""
        from tufkeep.cli.base.opening import trial_workspace

        return trial_workspace(self.process, self.choices, self.passphrases, keys=keys)

    @contextmanager
    def real_or_trial(self, *, dry_run: bool) -> Iterator[Workspace]:
        """Give the working directory, or a trial of it that is forgotten, which is said at the end."""
        if not dry_run:
            yield self.workspace
            return
        with self.trial_workspace() as workspace:
            yield workspace
        self.say(FORGOTTEN)

    @property
    def passphrases(self) -> PassphraseSource:
        """Where this run's passphrases come from; one for the whole run, because a descriptor can be read only once."""
        from tufkeep.cli.base.secrets import passphrases

        if self._passphrases is None:
            self._passphrases = passphrases(self.choices.secrets, self.process.environment, self.terminal)
        return self._passphrases

    def show(self, value: object) -> None:
        """Show a value: as text now, or as part of the one JSON document at the end.

        With --json the fields of all values shown make one object, so no two may share a name.
        """
        from tufkeep.cli.base import show

        if not self.choices.json:
            lines = show.text(value)
            whole = show.unfolded(lines) if self.choices.verbose else show.folded(lines)
            self._write(whole, self.process.stdout)
            return
        fields = show.document(value)
        if twice := self._document.keys() & fields.keys():
            raise ValueError(f"shown twice: {', '.join(sorted(twice))}")
        self._document |= fields

    def say(self, *lines: str) -> None:
        """Tell a person what just became true; a program that reads JSON has no use for it."""
        if not self.choices.json:
            self._write(lines, self.process.stdout)

    def tell(self, line: str) -> None:
        """Put a line on standard error: what goes on, beside what came of it."""
        self._write([line], self.process.stderr)
        self.process.stderr.flush()

    def warn(self, sentence: str) -> None:
        """Put a warning on standard error, in JSON mode as well: it must not be lost."""
        from tufkeep.cli.base.show import Line

        self._write([Line(f"warning: {sentence}", "warning")], self.process.stderr)

    def confirm(self, question: str) -> None:
        """Return when the answer is yes.

        Raises:
            Declined: it is no.
            AnswerNeeded: there is neither --yes nor a terminal.
        """
        if self.choices.yes:
            return
        if self.ask(f"{question} [y/N] ", flag="--yes").strip().lower() not in {"y", "yes"}:
            raise Declined(question)

    def ask(self, prompt: str, *, flag: str) -> str:
        """Return what a person types.

        Args:
            flag: the option that gives the same answer, named when there is no terminal.

        Raises:
            AnswerNeeded: there is no terminal.
        """
        if not self.terminal.here:
            raise AnswerNeeded(prompt.rstrip(" :").removesuffix(" [y/N]"), flag=flag)
        return self.terminal.ask(prompt)

    def progress(self, label: str, *, total: int | None = None) -> AbstractContextManager[Callable[[int], None]]:
        """Give a function to call with each number of bytes (or things) done; it draws on a terminal, later than soon.

        Args:
            total: all there is to do, None where nobody knows.
        """
        from tufkeep.cli.base.progress import progress

        return progress(self.process.stderr, label, total=total)

    def show_log(self) -> None:
        """Print from now on, on standard error, what the library says to a log."""
        from tufkeep.cli.base.log import LogLines

        if self._log is None:
            self._log = LogLines(self._write_quietly)

    def close(self) -> None:
        """Leave the log as it was found."""
        if self._log is not None:
            self._log.remove()

    def finish(self) -> None:
        """Write the JSON document, if one was asked for; a command that goes on for long does so before it does."""
        self._finish({})

    def fail(self, failure: Failure, reason: BaseException) -> None:
        """Say why the command ended.

        What had been shown before stays in the JSON document: a verdict and the reason for it belong together.
        """
        if self.choices.debug:
            import traceback

            self._write("".join(traceback.format_exception(reason)).split("\n"), self.process.stderr)
        if not self.choices.json or self._finished:
            self.process.stdout.flush()
            self._write(failure.lines(), self.process.stderr)
        self._finish({"error": failure.error, "hint": failure.hint, "exit_code": failure.exit_code})

    def _finish(self, ending: Mapping[str, object]) -> None:
        if self.choices.json and not self._finished:
            import json

            # Plain ASCII: nothing in it moves a cursor, and no locale can refuse it.
            self.process.stdout.write(json.dumps(self._document | dict(ending), indent=2) + "\n")
        self.process.stdout.flush()
        self._finished = True

    def _write_quietly(self, line: str) -> None:
        from tufkeep.cli.base.show import Line

        self._write([Line(line, "quiet")], self.process.stderr)

    def _write(self, lines: Lines, stream: TextIO) -> None:
        from tufkeep.cli.base.output import wants_colours, write_lines

        write_lines(lines, stream, colours=wants_colours(stream, self.process.environment))
