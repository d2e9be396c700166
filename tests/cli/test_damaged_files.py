"""Every file that is read may be damaged: each command that reads it answers with one sentence and a code of the table.

Each file of a working directory, a remote, a client's and an agent's folder, a letter and a drive is damaged in each of
a dozen ways, and every command that reads it is typed. A sample is in the default run, all of it in the slow one.
"""

from __future__ import annotations

import io
import json
import os
import random
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import msgspec
import pytest

from tests.house.test_docs import generate
from tufkeep.cli.base import failures
from tufkeep.cli.base.process import Process
from tufkeep.cli.main import run
from tufkeep.testing.clock import FakeClock
from tufkeep.workspace import layout
from tufkeep.workspace.journal import CommitStep, Journal
from tufkeep.workspace.operations import Blueprint, Note, Pull, Revocation, Rotation

KNOWN = {code for first, last, _ in generate.FAMILIES for code in range(first, last + 1)} - {failures.BUG}
SAMPLE = 50
Damage = Callable[[Path], None]


def _bytes(make: Callable[[bytes], bytes]) -> Damage:
    return lambda path: (path.write_bytes(make(path.read_bytes())), None)[1]


def _flipped(share: float, mask: int) -> Callable[[bytes], bytes]:
    def make(data: bytes) -> bytes:
        at = int(len(data) * share)
        return data[:at] + bytes(each ^ mask for each in data[at : at + 1]) + data[at + 1 :]

    return make


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "file").write_text("in the way")


def _link(to: str) -> Damage:
    def damage(path: Path) -> None:
        path.unlink()
        path.symlink_to(to)

    return damage


DAMAGES: Mapping[str, Damage] = {
    "empty": _bytes(lambda data: b""),
    "cut": _bytes(lambda data: data[: len(data) // 2]),
    "cut at its end": _bytes(lambda data: data[:-1]),
    "NULs": _bytes(lambda data: bytes(len(data))),
    "no UTF-8": _bytes(lambda data: b"\xff\xfe\x80" + data),
    "no UTF-8 in a text": _bytes(lambda data: data.replace(b'"', b'"\xff', 3)),
    "half a pair in a text": _bytes(lambda data: data.replace(b'"', b'"\\ud800', 3)),
    "a NUL in a text": _bytes(lambda data: data.replace(b'"', b'"\\u0000', 3)),
    "nested": _bytes(lambda data: b"[" * 1000 + b"]" * 1000),
    "nested inside": _bytes(lambda data: data.replace(b":", b":" + b'{"a":' * 1000 + b"1" + b"}" * 1000 + b',"b":', 1)),
    "nested deeper": _bytes(lambda data: b'{"signed":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "another kind of value": _bytes(lambda data: b"null"),
    "a list": _bytes(lambda data: b"[1]"),
    "a long number": _bytes(lambda data: data.replace(b"1", b"1" * 5000, 1)),
    "a folder": _folder,
    "a link to nothing": _link("nothing"),
    "a link to itself": lambda path: _link(path.name)(path),
    "gone": lambda path: path.unlink(),
    **{
        f"flipped {mask:#04x} at {share:.0%}": _bytes(_flipped(share, mask))
        for mask in (0x80, 0x01)
        for share in (0, 0.1, 0.3, 0.5, 0.7, 0.95)
    },
}

LOOKING = (
    *("status", "verify", "doctor", "prove", "review", "log", "log verify", "key list", "diff staging"),
    *("remote status staging", "remote verify staging", "remote log staging", "status staging"),
    *("log export --to ../page", "ceremony", "commit --dry-run", "key check keys", "renew --dry-run"),
)
REPORTS = {"verify", "doctor"}  # their findings begin with "error:", too
CHANGING = (
    *("add ../tool --as other --commit", "remove tool", "renew timestamp --commit", "sign", "commit", "clean --yes"),
    *("push staging", "pull staging --ours", "pull staging --theirs --targets", "deploy staging production"),
    *("rotate timestamp --insecure-plaintext", "abandon --yes", "init --insecure-plaintext", "threshold root 1"),
    *(
        "request --add timestamp --insecure-plaintext --to ../asked",
        "key new root --insecure-plaintext",
        "mirror staging ../copy",
    ),
    *("drive write ../drive --as root-backup", "rollforward staging --yes", "expire root 90"),
    "key revoke root {root} --compromised --insecure-plaintext --yes",
)
CLIENT = (
    *("client refresh --dir ../client", "client list --dir ../client"),
    *(
        "client download tool --dir ../client --to ../got",
        "client init ../staging --root ../first.json --dir ../client",
    ),
)
AGENT = ("agent once app --dir ../agent --platform linux --check ''", "client list --dir ../agent/trust")
LETTERS = (
    *("approve ../request.txt --keys keys --to ../approval2.txt --yes", "accept ../approval.txt"),
    "request --add timestamp --to ../asked",
)
DRIVES = ("drive check ../backup", "key check ../backup/keys", "drive write ../backup --as root-backup")


@dataclass(frozen=True, kw_only=True)
class Case:
    file: str  # in the world
    damage: str
    line: str

    def __str__(self) -> str:
        return f"{self.file}: {self.damage}: {self.line}"


def answer(line: str) -> tuple[int, str]:
    text = io.StringIO()
    process = Process(stdin=io.StringIO(), stdout=text, stderr=text, environment={}, clock=FakeClock())
    with redirect_stdout(text), redirect_stderr(text):
        code = run(shlex.split(line), process)
    return code, text.getvalue()


def typed(line: str) -> None:
    code, told = answer(line)
    assert code == 0, (line, told)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of every kind that is read."""
    top = tmp_path_factory.mktemp("world")
    (top / "desk").mkdir()
    (top / "tool").write_text("#!/bin/sh\nexit 0\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(top / "desk")
        patch.setattr(os, "fsync", lambda descriptor: None)
        Path(layout.POLICY).write_text(
            '[remotes.staging]\nurl = "../staging"\n[remotes.production]\nurl = "../production"\n'
        )
        for line in (
            "init --insecure-plaintext",
            "add ../tool --as tool",
            "add ../tool --as app/linux/stable/app --commit",
            "push staging",
            "client init ../staging --root repository/1.root.json --dir ../client",
            "client download tool --dir ../client --to ../out",
            "agent once app --from ../staging --root repository/1.root.json --dir ../agent --platform linux --check ''",
            "request --add timestamp --insecure-plaintext --to ../request.txt",
            "approve ../request.txt --to ../approval.txt --yes",
            "drive write ../backup --as root-backup --yes",
            "add ../tool --as new",
        ):
            typed(line)
        shutil.copy("repository/1.root.json", "../first.json")
        _write_notes(Path.cwd())
    return top


def _write_notes(desk: Path) -> None:
    """Write every note that a directory may have, each beside its place: only one at a time is put there."""
    root = json.loads((desk / "repository/root.json").read_bytes())["signed"]["roles"]["root"]["keyids"][0]
    notes: dict[str, Note] = {
        layout.INIT: Blueprint(root_keys=2, days={"root": 30}),
        layout.ROTATION: Rotation(role="root", leaving=(root,), wanted=1),
        layout.COMPROMISE: Revocation(role="root", keyid=root, roles=("root",), root=1, coming={}),
        layout.REDO: Pull(
            added={"a": {"length": 1, "hashes": {"sha256": "0" * 64}}}, remote="staging", renewed=("root",)
        ),
    }
    data = {name: msgspec.json.encode(note) for name, note in notes.items()}
    data[layout.CEREMONIES] = b'{"create":{"1":"2026-01-01T00:00:00Z"}}'
    data[layout.KEY_CHECKS] = msgspec.json.encode({root: "2026-01-01T00:00:00Z"})
    data[layout.KNOWN_KEYS] = msgspec.json.encode({"0" * 64: [root]})
    data[layout.JOURNAL] = Journal(
        steps=(CommitStep(do="copy", name="repository/x.json", source="staged/targets.json", sha256="0" * 64),),
        record="{}",
    ).encode()
    data["staged/root.json"] = (desk / "repository/root.json").read_bytes()
    data["keys/other.json"] = (desk / "keys/root.json").read_bytes()
    for name, each in data.items():
        beside = desk.parent / "beside" / name
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(each)


def files(world: Path) -> Iterator[str]:
    """Return every file of the world, and the notes that only one world at a time has."""
    for path in sorted(world.rglob("*")):
        name = path.relative_to(world).as_posix()
        if path.is_file() and not path.is_symlink() and name not in ("tool", "out/tool", "first.json"):
            yield name.replace("beside/", "desk/", 1) if name.startswith("beside/") else name


def lines(file: str) -> tuple[str, ...]:
    """Return the commands that may read a file."""
    match file.partition("/")[0]:
        case "client":
            return CLIENT
        case "agent":
            return AGENT
        case "backup":
            return DRIVES
        case "staging":
            return (*CLIENT, *AGENT, *(line for line in (*LOOKING, *CHANGING) if "staging" in line))
        case "desk":
            return (*LOOKING, *CHANGING, *LETTERS[:2], "drive check ../backup")
        case _:
            return LETTERS


def cases(world: Path) -> list[Case]:
    """Return every file with every damage and every command that may read it."""
    return [
        Case(file=file, damage=damage, line=line)
        for file, damage in product(files(world), DAMAGES)
        for line in lines(file)
    ]


@contextmanager
def damaged(world: Path, case: Case, top: Path) -> Iterator[None]:
    """Be in a copy of the world with one damaged file."""
    copy = top / "copy"
    shutil.copytree(world, copy, symlinks=True)
    try:
        path, beside = copy / case.file, copy / "beside" / case.file.removeprefix("desk/")
        if beside.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(beside, path)
        DAMAGES[case.damage](path)
        with chdir(copy / "desk"):
            yield
    finally:
        shutil.rmtree(copy)


def check(case: Case, world: Path, top: Path) -> None:
    """Type one command where one file is damaged."""
    with damaged(world, case, top):
        code, told = answer(case.line.replace("{root}", _root_key(world)))
    assert code in KNOWN, (case, told)
    assert "mistake in tufkeep" not in told, (case, told)
    assert "Traceback" not in told, (case, told)
    if code and case.line not in REPORTS:
        assert [line[:7] for line in told.splitlines()].count("error: ") == 1, (case, told)


def _root_key(world: Path) -> str:
    root = json.loads((world / "first.json").read_bytes())["signed"]["roles"]["root"]["keyids"][0]
    return str(root[:8])


def test_a_sample_of_damaged_files_is_answered_with_a_sentence(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    for case in random.Random(1).sample(cases(world), SAMPLE):
        check(case, world, tmp_path)


@pytest.mark.slow
def test_every_damaged_file_is_answered_with_a_sentence(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    for case in cases(world):
        check(case, world, tmp_path)


@pytest.mark.parametrize("name", ["desk/.tufkeep/record", "desk/.tufkeep/rotation", "desk/repository/targets.json"])
@pytest.mark.parametrize("damage", ["empty", "no UTF-8 in a text", "nested", "a folder", "a link to nothing"])
def test_doctor_reports_on_behind_a_damaged_file(world: Path, tmp_path: Path, name: str, damage: str) -> None:
    with damaged(world, Case(file=name, damage=damage, line="doctor"), tmp_path):
        Path("keys/more.json").write_text("no key")
        _, told = answer("doctor")
    assert "keys/more.json" in told, told
