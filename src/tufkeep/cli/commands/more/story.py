"""The demo: the whole life of an update server, told in real commands, each of them checked."""

from __future__ import annotations

import io
import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from tuf.api.metadata import Root

from tufkeep.agent.outcome import DidNotStart
from tufkeep.cli.base.app import App
from tufkeep.cli.base.output import wants_colours, write_lines
from tufkeep.cli.base.show import Line, Tone
from tufkeep.cli.main import run
from tufkeep.errors import TufkeepError
from tufkeep.metadata.document import Document
from tufkeep.metadata.refusal import HashMismatch
from tufkeep.stores import FolderStore
from tufkeep.watch.serve import serving

_SIGNING = ("init", "add", "rotate")  # commands that open keys

AGENT = """#!/bin/sh
# A program that is kept up to date: asked for a check, it says whether it could do its work.
case "$1" in
  --check) exit {check} ;;
  *) echo "agent {version} at work" ;;
esac
"""


class StoryBroken(TufkeepError):
    """A step of the demo is not what it claims to be."""

    exit_code = 1

    def __init__(self, claim: str, found: str):
        super().__init__(f"the demo expected that {claim}, and found {found}")
        self.claim, self.found = claim, found


class Story:
    """Tells the story in a folder.

    Args:
        agent: the script that is released; `{version}` and `{check}` are filled in.
    """

    def __init__(self, app: App, folder: Path, *, agent: str = AGENT):
        self._app = app
        self.folder = folder
        self._server = folder / "server"
        self._agent = folder / "agent"
        self._script = agent
        self._passphrase = folder / "passphrase"
        self._url = ""
        self._number = 0

    def tell(self) -> None:
        """Tell it from the first key to the last update.

        Raises:
            StoryBroken: a step is not what it claims.
        """
        self._passphrase.touch(mode=0o600)
        self._passphrase.write_text("only for the demo\n")
        self._create()
        with serving(FolderStore(self._server / "repository")) as server:
            self._url = server.url
            self._first_release()
            self._second_release()
            self._broken_release()
            self._rotation()
            self._lie()
        self._look_back()

    def _create(self) -> None:
        self._chapter("A repository with three root keys, two of which must sign")
        self._tufkeep("init --root-keys 3", where=self._server)
        self._expect("root v1 is served", (self._server / "repository/1.root.json").is_file())

    def _first_release(self) -> None:
        self._chapter("A first release, and an agent that knows the first root and nothing else")
        self._release("1.0.0")
        self._update()
        self._expect_running("1.0.0")

    def _second_release(self) -> None:
        self._chapter("A second release")
        self._release("1.1.0")
        self._update()
        self._expect_running("1.1.0")

    def _broken_release(self) -> None:
        self._chapter("A release that does not start: the agent goes back by itself")
        self._release("1.2.0", check=1)
        self._update(exit_code=DidNotStart.exit_code)
        self._expect_running("1.1.0")

    def _rotation(self) -> None:
        self._chapter("All three root keys are rotated away; the agent still trusts the first root only")
        before = self._root_keyids()
        self._tufkeep("rotate root", where=self._server)
        self._expect("no old root key is left", before.isdisjoint(self._root_keyids()))
        for number in (1, 2, 3):
            (self._server / f"keys/root{number}.json").unlink()
        self._say("the three old key files are deleted for good")
        self._release("1.3.0")
        self._update()
        self._expect_running("1.3.0")

    def _lie(self) -> None:
        self._chapter("A mirror that serves other bytes than were signed")
        mirror, victim, loot = self.folder / "mirror", self.folder / "victim", self.folder / "loot"
        shutil.copytree(self._server / "repository", mirror)
        for artifact in (mirror / "targets/agent/linux/stable").iterdir():
            artifact.write_bytes(artifact.read_bytes().replace(b"1.3.0", b"6.6.6"))
        self._tufkeep(f"client init {mirror} --root {mirror / '1.root.json'}", where=victim)
        download = f"client download agent/linux/stable/agent --to {loot}"
        self._tufkeep(download, where=victim, exit_code=HashMismatch.exit_code)
        kept = [path for path in loot.rglob("*") if path.is_file() and not path.name.startswith(".")]
        self._expect("nothing of it was kept", not kept, str(kept))

    def _look_back(self) -> None:
        self._chapter("The state at the end")
        self._tufkeep("status", where=self._server)
        self._tufkeep("verify", where=self._server)

    def _release(self, version: str, *, check: int = 0) -> None:
        program = self.folder / "build" / version / "agent"
        program.parent.mkdir(parents=True)
        program.write_text(self._script.format(version=version, check=check))
        program.chmod(0o755)
        custom = shlex.quote(f'{{"version": "{version}"}}')
        self._tufkeep(f"add {program} --as agent/linux/stable/agent --custom {custom} --commit", where=self._server)

    def _update(self, *, exit_code: int = 0) -> None:
        began = (self._agent / "trust").exists()
        first = self._server / "repository/1.root.json"
        trust = "" if began else f" --from {self._url} --root {first}"
        command = f"agent once agent --platform linux --check '{{executable}} --check'{trust}"
        self._tufkeep(command, where=self._agent, exit_code=exit_code)

    def _expect_running(self, version: str) -> None:
        program = self._agent / "components/agent/current/agent"
        self._typed(str(program))
        done = subprocess.run([program], capture_output=True, text=True, timeout=30, check=False)
        self._say(done.stdout.rstrip())
        self._expect(f"agent {version} is at work", done.stdout.strip() == f"agent {version} at work", done.stdout)

    def _root_keyids(self) -> set[str]:
        root = Document.parse((self._server / "repository/root.json").read_bytes(), Root).signed
        return set(root.roles["root"].keyids)

    def _tufkeep(self, command: str, *, where: Path | None, exit_code: int = 0) -> None:
        """Type a command; the program is the one that runs already, so that the story takes seconds."""
        self._typed(f"tufkeep {command}")
        words = shlex.split(command)
        if where == self._server:
            words += ["--passphrase-file", str(self._passphrase)] if words[0] in _SIGNING else []
        out = io.StringIO()
        process = replace(self._app.process, stdin=io.StringIO(), stdout=out, stderr=out)
        code = run([*words, "--dir", str(where), "--yes"], process)
        for line in out.getvalue().splitlines():
            self._say(self._shown(line), _tone(line))
        self._expect(f"exit code {exit_code}", code == exit_code, f"exit code {code}")

    def _chapter(self, title: str) -> None:
        self._number += 1
        self._say("")
        self._say(f"{self._number}. {title}", "title")

    def _typed(self, command: str) -> None:
        self._say(f"$ {self._shown(command)}", "title")

    def _expect(self, claim: str, holds: bool, found: str = "otherwise") -> None:
        if not holds:
            raise StoryBroken(claim, found.strip() or "nothing")

    def _shown(self, text: str) -> str:
        """Return a text without the temporary folder in it: the names in the story are enough."""
        return text.replace(f"{self.folder}/", "")

    def _say(self, text: str, tone: Tone = "plain") -> None:
        out = self._app.process.stdout
        write_lines([Line(text, tone)], out, colours=wants_colours(out, self._app.process.environment))
        out.flush()


def _tone(line: str) -> Tone:
    if line.startswith("error:"):
        return "bad"
    return "warning" if line.startswith(("warning:", "hint:")) else "plain"
