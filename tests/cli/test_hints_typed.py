"""Each hint is typed in the situation that prints it, and the situation is better afterwards.

The situations are in testdata/hints/, in a small language:

    ArtifactMissing
      tufkeep add ../tool --as linux/tool
      rm staged/targets/linux/tool
      $ tufkeep commit
      FILE=../tool

A name at the margin is an entry of a table of hints: a class for `tufkeep`, a check for what `verify` and `doctor`
find, `tuf NAME` and `fleetctl NAME`. What is indented below it happens in a new copy of the world, a folder with a
working directory in which all this is typed. Commands of ours run in this process, `wait N days` moves the clock, any
other line is for the shell; a line behind `!` must fail. `$` is the command that prints the hint. What its words ask
to be done by hand before its commands are typed is behind `>`. A hint leaves in capitals what it cannot know, and
`FILE=...` fills it in. `instead` says that what the hint names is done in place of the first command. In every line
`{root}` is the keyid of the first root key; see `_fact`.

What a hint offers with "or" is another way: each is tried in a copy of its own. Everything that the way names is typed,
then the first command again, which must not end as before. Options alone are added to the first command.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Formatter
from typing import Any

import click
import pytest

from tests.house.test_docs import ERRORS
from tufkeep.cli import compat
from tufkeep.cli.base.hints import FINDINGS, TUFKEEP, Hint
from tufkeep.cli.base.process import Process
from tufkeep.cli.compat.fleetctl.hints import HINTS as FLEETCTL
from tufkeep.cli.compat.tuf.hints import HINTS as TUF
from tufkeep.cli.main import program, run
from tufkeep.keys.machine import Interface, Machine, Place
from tufkeep.testing.clock import FakeClock

SITUATIONS = Path(__file__).parent / "testdata" / "hints"
BY_NAME = {error.__name__: error for error in ERRORS}
OURS = ("tufkeep", "tuf", "fleetctl")
TABLES: dict[str, dict[str, Hint]] = {
    "": {**TUFKEEP, **FINDINGS},
    "tuf ": dict(TUF),
    "fleetctl ": dict(FLEETCTL),
}
ENTRIES = {prefix + name: found for prefix, table in TABLES.items() for name, found in table.items()}
PASSPHRASES = {
    f"{program}_{role}_PASSPHRASE": "secret"
    for program in ("TUF", "FLEET")
    for role in ("ROOT", "TARGETS", "SNAPSHOT", "TIMESTAMP")
}
CONNECTED = Machine(
    interfaces=(Interface(name="eth0", state="up"),),
    default_routes=("eth0",),
    swap=(),
    place=Place(file_system="vfat", removable=True, free_bytes=8 << 30),
)
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "somebody", "AWS_SECRET_ACCESS_KEY": "secret"}
ENDS = {1: "a mistake of ours", 2: "a command that can't be understood"}
SHELL_SECONDS = 20

_COMMAND = re.compile(
    r"""(?:\b(?:tufkeep|tuf|fleetctl)|(?<![\w-])(?:rm|mv|cp|chmod|ls|ps|df)\b)  # a program,
    (?:\s(?!or\b|then\b)(?:'[^']*'|[^\s,;()'])+)+  # what follows its name up to the next part of the sentence
    |(?<!\S)--[a-z-]+(?:\s(?:'[A-Z]+'|[A-Z][A-Z=]*\b|\d+\b))?(?:\s--[a-z-]+\s[A-Z]+\b)*  # or options alone""",
    re.VERBOSE,
)
_FACT = re.compile(r"\{((?:root|targets|snapshot|timestamp)(?: public)?|first root|port)\}")
_OUR_COMMAND = re.compile(r"\b(?:tufkeep|tuf|fleetctl) [a-z]|(?<!\S)--[a-z]")
_CAPITALS = re.compile(r"\b[A-Z]+\b")
_LOOKS = (
    *(
        "tufkeep verify",
        "tufkeep request --help",
        "tufkeep doctor",
        "tufkeep status",
        "tufkeep review",
        "tufkeep log",
        "tufkeep prove",
    ),
    *("tufkeep client list", "tufkeep remote", "tufkeep diff", "tufkeep key list", "ls", "ps", "df"),
)


@dataclass(kw_only=True)
class Situation:
    """What happened, what fails, what a person then does."""

    entry: str  # of a table
    before: list[str] = field(default_factory=lambda: list[str]())
    failing: str = ""
    by_hand: list[str] = field(default_factory=lambda: list[str]())
    filled: dict[str, str] = field(default_factory=lambda: dict[str, str]())
    instead: bool = False


def _parse(text: str) -> Iterator[Situation]:
    found: Situation | None = None
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        if not line.startswith(" "):
            if found is not None:
                yield found
            found = Situation(entry=line)
            continue
        assert found is not None, "a line before the first name"
        _read(found, line.strip())
    if found is not None:
        yield found


def _read(found: Situation, line: str) -> None:
    if line == "instead":
        found.instead = True
    elif line.startswith("$ "):
        found.failing = line[2:]
    elif line.startswith("> "):
        found.by_hand.append(line[2:])
    elif _CAPITALS.fullmatch(line.partition("=")[0]):
        found.filled[line.partition("=")[0]] = line.partition("=")[2]
    else:
        found.before.append(line)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back for one line."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def error_class(self) -> str:
        """The class of the error that --debug shows."""
        return str(re.findall(r"^(?:\w+\.)+(\w+)(?:: .*)?$", self.err, re.MULTILINE)[-1])


@dataclass(kw_only=True)
class Person:
    """Somebody at a keyboard."""

    clock: FakeClock = field(default_factory=FakeClock)
    port: int = 0  # of the server

    def do(self, line: str) -> None:
        """Do one line of what happened before."""
        words = shlex.split(line.removeprefix("! "))
        if words[0] == "wait":
            self.clock.advance(**{words[2]: float(words[1])})
            return
        if words[0] == "cd":
            os.chdir(words[1])
            return
        answer = self.type(line.removeprefix("! "))
        assert (answer.code != 0) is line.startswith("! "), (line, answer)

    def type(self, line: str, *, answers: bool = False, json: bool = False) -> Answer:
        """Type a line.

        Args:
            answers: as at a terminal: yes to each question, and a new key may be in plain text.
        """
        line = _with_facts(line, self.port)
        words = shlex.split(line)
        if words[:2] == ["tufkeep", "serve"]:
            return _serve([*words[1:], *(["--json", "--debug"] if json else [])])
        if words[0] not in OURS:
            done = subprocess.run(
                ["sh", "-c", line], capture_output=True, text=True, check=False, timeout=SHELL_SECONDS
            )
            return Answer(code=done.returncode, out=done.stdout, err=done.stderr)
        out, err = io.StringIO(), io.StringIO()
        process = Process(
            stdin=io.StringIO(),
            stdout=out,
            stderr=err,
            environment={**CREDENTIALS, **(PASSPHRASES if answers else {})},
            clock=self.clock,
            machine=lambda folder: CONNECTED,
        )
        if words[0] != "tufkeep":
            plain = ["--insecure-plaintext"] if words[0] == "tuf" else []
            return Answer(
                code=compat.main(words[0], [*plain, *words[1:]], process), out=out.getvalue(), err=err.getvalue()
            )
        more = [*(["--yes", *_plain_keys(words[1:])] if answers else []), *(["--json", "--debug"] if json else [])]
        with redirect_stdout(out):  # click writes its help there
            code = run([*words[1:], *more], process)
        return Answer(code=code, out=out.getvalue(), err=err.getvalue())


def _serve(words: list[str]) -> Answer:
    """Serve until the program has said that it does, or why it does not."""
    command = [sys.executable, "-m", "tufkeep", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if line == "}\n" or line.startswith("serving"):
                break
        if said and '"error"' not in said:
            process.terminate()
        out, err = process.communicate(timeout=SHELL_SECONDS)
    return Answer(code=process.returncode, out=said + out, err=err)


def _with_facts(line: str, port: int) -> str:
    return _FACT.sub(lambda match: _fact(match[1], port), line)


def _fact(name: str, port: int) -> str:
    if name == "port":
        return str(port)
    if name == "first root":
        return hashlib.sha256(Path("../staging/1.root.json").read_bytes()).hexdigest()
    root = json.loads(Path("repository/root.json").read_bytes())["signed"]
    keyid = root["roles"][name.removesuffix(" public")]["keyids"][0]
    return str(root["keys"][keyid]["keyval"]["public"] if name.endswith(" public") else keyid)


def _command(words: list[str]) -> tuple[str, click.Command]:
    """Return which command words are, with its name."""
    ctx, group, name = click.Context(program()), program(), "tufkeep"
    found: click.Command = group
    for word in words:
        if not isinstance(found, click.Group) or (following := found.get_command(ctx, word)) is None:
            break
        found, name = following, f"{name} {word}"
    return name, found


def _plain_keys(words: list[str]) -> list[str]:
    makes_keys = any(parameter.name == "insecure_plaintext" for parameter in _command(words)[1].params)
    return ["--insecure-plaintext"] if makes_keys and "--insecure-plaintext" not in words else []


def _name(line: str) -> str:
    words = shlex.split(line)
    return _command(words[1:])[0] if words[0] == "tufkeep" else " ".join(words[:1] + words[1:2])


def _ways(hint: str, failing: str) -> list[list[str]]:
    """Return what the hint offers to type: each way is what is typed one after the other."""
    ways: list[list[str]] = []
    end, last = 0, ""
    for match in _COMMAND.finditer(hint):
        between, typed = hint[end : match.start()], match[0]
        option = typed.startswith("--")
        other = re.search(r"\bor\b", between) or (option and last.startswith("--"))
        line = f"{failing} {typed}" if option else typed
        if not ways:
            ways.append([line])
        elif other:
            ways.append([*ways[-1][:-1], line])
        else:
            ways[-1].append(line)
        end, last = match.end(), typed
    return ways


def _fill(line: str, filled: dict[str, str]) -> str:
    line = re.sub(r"(\S+?)\|\S+", r"\1", line)  # one of several values
    missing = set(_CAPITALS.findall(line)) - filled.keys()
    assert not missing, f"{line}: the situation does not say what is typed for {', '.join(missing)}"
    return _CAPITALS.sub(lambda match: filled[match[0]], line)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a repository in desk/, published in staging/, and what a person has lying about."""
    top = tmp_path_factory.mktemp("world")
    desk, person = top / "desk", Person()
    desk.mkdir()
    (top / "tool").write_text("#!/bin/sh\nexit 0\n")
    (top / "secret").write_text("secret\n")
    (desk / "tufkeep.toml").write_text(
        '[remotes.staging]\nurl = "../staging"\n[remotes.production]\nurl = "../production"\n'
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(desk)
        for line in (
            "tufkeep init --insecure-plaintext",
            "tufkeep add ../tool --as tool",
            "tufkeep add ../tool --as app/linux/stable/app --commit",
            "tufkeep push staging",
            "cp -r . ../other",
            "mkdir ../drive ../new",
        ):
            person.do(line)
    return top


class _Closed(BaseHTTPRequestHandler):
    """Answers for a bucket called `closed` that nothing may be done, for any other that nothing may be written."""

    def do_GET(self) -> None:
        self._answer(403 if self.path.startswith("/closed") else 404)

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(403)

    do_HEAD, do_DELETE, do_POST = do_GET, do_GET, do_PUT  # noqa: N815  http.server's names

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture(scope="session")
def server() -> Iterator[int]:
    """The port of an object store that refuses."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Closed) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


CASES = [each for path in sorted(SITUATIONS.glob("*.txt")) for each in _parse(path.read_text())]


NOT_TYPED = {
    "KeyNotListed": "names keyids, and no command",
    "KeyidAmbiguous": "names keyids, and no command",
    "TargetsNotListed": "names targets, and no command",
    "DidNotStart": "names no command",
    "Locked": "another process must hold the lock",
    "GoError": "has the hint with it",
    "PlanOutdated": "another process must change the directory between two steps of a commit",
    "ListingOutdated": "commit makes the listing first; another program must have staged a delegated role",
    "tuf ListingOutdated": "go-tuf's own check comes first; another program must have staged a delegated role",
    "ProofWrong": "a request must be forged",
    "SignerMissing": "a program with signers of its own must have begun the repository",
    "LoginNeeded": "a server must ask for more than an address",
    "PublishedLost": "somebody must take objects from the remote while we publish",
    "OtherRepository": "names an option that was given",
    "one-reading": "another program must have signed it: sign refuses it",
    "stale-change": "the error that it found has a hint of its own",
    "record": "the error that it found has a hint of its own",
    "unfinished": "the error that it found has a hint of its own",
}


def test_every_hint_with_a_command_is_typed_or_says_why_not() -> None:
    typed = {situation.entry for situation in CASES}
    named = {name for name, text in ENTRIES.items() if not isinstance(text, str) or _OUR_COMMAND.search(text)}
    assert typed - ENTRIES.keys() == set(), "no entry of a table"
    assert named - typed - NOT_TYPED.keys() == set(), "write its situation into testdata/hints/"
    assert NOT_TYPED.keys() - named == set(), "needs no reason"
    assert NOT_TYPED.keys() & typed == set(), "is typed"


@pytest.mark.parametrize(
    ("hint", "ways"),
    [
        ("look: tufkeep review, then tufkeep commit or tufkeep clean", ["review|commit", "review|clean"]),
        ("add it: tufkeep add 'a, or b' --as FILE; or drop it (tufkeep clean)", ["add 'a, or b' --as FILE", "clean"]),
        ("on a terminal, or with --one FILE, --two 'NAME' or --all", ["do --one FILE", "do --two 'NAME'", "do --all"]),
        ("both: --from URL --root FILE", ["do --from URL --root FILE"]),
        ("ask somebody", []),
    ],
)
def test_a_hint_is_read_as_a_person_reads_it(hint: str, ways: list[str]) -> None:
    assert _ways(hint, "tufkeep do") == [[f"tufkeep {line}" for line in way.split("|")] for way in ways]


WRONG = """
tufkeep nothing
tufkeep pus staging
tufkeep key nwe root
tufkeep remote staus staging
tufkeep push
tufkeep add ../tool --comit
tufkeep commit --as x
tufkeep ceremony nothing
tufkeep ceremony rotate --stop 4
tufkeep log --lats 3
tufkeep log verfy
tufkeep expire root soon
"""


@pytest.mark.parametrize("line", WRONG.split("\n")[1:-1])
def test_the_hint_after_a_mistake_in_typing_shows_how_it_is_typed(line: str) -> None:
    person = Person()
    answer = person.type(line, json=True)
    assert answer.code == 2
    (way,) = _ways(answer.document["hint"].rpartition(": ")[2], line)
    for typed in way:
        shown = person.type(typed)
        assert (shown.code, shown.out.splitlines()[0].startswith(f"Usage: {typed.removesuffix(' --help')} ")) == (
            0,
            True,
        )


@pytest.mark.parametrize("situation", CASES, ids=lambda situation: situation.entry)
def test_a_hint_is_typed_and_the_situation_is_better(
    situation: Situation, world: Path, server: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # no power fails here, and each copy is thrown away

    monkeypatch.setattr(time, "sleep", lambda seconds: None)  # nobody else is at work whom to wait for

    def again(number: int) -> Person:
        shutil.copytree(world, tmp_path / str(number), symlinks=True)
        monkeypatch.chdir(tmp_path / str(number) / "desk")
        person = Person(port=server)
        for line in situation.before:
            person.do(line)
        return person

    print(situation.failing)
    first, hint = _ask(again(0), situation)
    ways = _ways(hint, situation.failing)
    assert ways, f"no command in it: {hint}"
    for number, way in enumerate(ways):
        person = again(number + 1)
        assert _ask(person, situation)[1] is not None
        for line in situation.by_hand:
            person.do(line)
        _follow(person, situation, [_fill(line, situation.filled) for line in way], first)


def _ask(person: Person, situation: Situation) -> tuple[str, str]:
    """Type the command that fails; return the sentence with its hint."""
    program, _, name = situation.entry.rpartition(" ")
    if program:
        answer = person.type(situation.failing)
        sentence, hint = answer.err.splitlines()[-2:]
        assert hint.startswith("hint: "), answer
        sentence, hint = sentence, hint.removeprefix("hint: ")
        assert _is_of(situation.entry, hint), f"another entry's: {hint}"
        return sentence, hint
    answer = person.type(situation.failing, json=True)
    print(answer.out)
    if name in FINDINGS:
        found = [each for each in answer.document["findings"] if _is_of(name, each["hint"])]
        assert found, answer.document
        return found[0]["sentence"], found[0]["hint"]
    assert answer.code not in ENDS or name in TUFKEEP, answer
    kinds = [kind.__name__ for kind in BY_NAME[answer.error_class].__mro__]
    assert next(kind for kind in kinds if kind in TUFKEEP) == name, answer.document["error"]
    return answer.document["error"], answer.document["hint"]


def _is_of(entry: str, hint: str) -> bool:
    """Whether a hint was made from this entry, as far as its text tells."""
    text = ENTRIES[entry]
    if not isinstance(text, str):
        return True
    pattern = "".join(re.escape(before) + (".+" if name else "") for before, name, _, _ in Formatter().parse(text))
    return re.fullmatch(pattern, hint) is not None


def _follow(person: Person, situation: Situation, way: list[str], sentence: str) -> None:
    answers = []
    for line in way:
        answer = person.type(line, answers=True)
        print(line, answer)
        assert answer.code not in ENDS, f"{line}: {ENDS[answer.code]}: {answer.err}"
        answers.append(answer)
    if all(line.startswith(_LOOKS) for line in way) and not situation.by_hand:
        assert all(answer.out.strip() for answer in answers), "nothing is shown"
        return
    if situation.instead or _name(way[-1]) == _name(situation.failing):
        assert answers[-1].code == 0, answers[-1]
        return
    assert _sentence_again(person, situation) != sentence, "the first command ends as before"


def _sentence_again(person: Person, situation: Situation) -> str:
    """Type the first command again; return the sentence that it ends with now, empty where it ends well."""
    program, _, name = situation.entry.rpartition(" ")
    if program:
        answer = person.type(situation.failing)
        return answer.err.splitlines()[-2] if answer.code else ""
    answer = person.type(situation.failing, json=True)
    print(answer.out)
    if name in FINDINGS:
        return next((each["sentence"] for each in answer.document["findings"] if _is_of(name, each["hint"])), "")
    return str(answer.document["error"]) if answer.code else ""
