"""Each changing command is killed at each thing it does to the disk; then doctor's hints are typed, and all is well.

What a person does who knows nothing: look with `doctor`, type what it says, look again, for at most five rounds. At the
end nothing is wrong, and the work is done or was abandoned. Or they type the command once more, and it finishes.
"""

from __future__ import annotations

import itertools
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.test_hints_typed import Answer, Person, _ways, _with_facts, world
from tufkeep.testing.killing import killed_at
from tufkeep.workspace import layout

__all__ = ["world"]  # the fixture

ROUNDS = 5
SAMPLE = {
    "init": (40,),
    "add": (20, 45),
    "renew beside": (30,),
    "rotate root": (12, 40),
    "revoke": (30,),
    "pull": (25,),
}
KEYS_STAY = "unlisted-keys"  # a warning: a key file is nobody's to throw away


@dataclass(frozen=True, kw_only=True)
class Work:
    """A command, with what is typed before it."""

    line: str
    before: tuple[str, ...] = ()
    again: frozenset[int] = frozenset({0})  # how it may end where it is typed once more
    done: frozenset[int] = frozenset()  # and where it was finished by what doctor says
    empty: bool = False  # in a new folder


WORKS = {
    "init": Work(line="tufkeep init --root-keys 2 --insecure-plaintext", empty=True),
    "add": Work(line="tufkeep add ../tool --as other --commit"),
    "add without commit": Work(line="tufkeep add ../tool --as other"),
    "remove": Work(line="tufkeep remove tool --commit", again=frozenset({0, 2})),
    "renew": Work(line="tufkeep renew timestamp --commit"),
    "renew beside": Work(line="tufkeep renew timestamp --commit", before=("tufkeep add ../tool --as other",)),
    "commit": Work(line="tufkeep commit", before=("tufkeep add ../tool --as other",), again=frozenset({0, 12, 19})),
    "clean": Work(line="tufkeep clean --yes", before=("tufkeep add ../tool --as other",)),
    "key new": Work(line="tufkeep key new timestamp --insecure-plaintext --commit"),
    "rotate root": Work(line="tufkeep rotate root --insecure-plaintext --yes"),
    "rotate timestamp": Work(line="tufkeep rotate timestamp --insecure-plaintext --yes"),
    "revoke": Work(line="tufkeep key revoke timestamp {timestamp} --compromised --insecure-plaintext --yes"),
    "revoke root": Work(line="tufkeep key revoke root {root} --compromised --insecure-plaintext --yes"),
    "pull": Work(
        line="tufkeep pull staging --ours --targets --yes",
        before=(
            "tufkeep --dir ../other add ../tool --as theirs --commit",
            "tufkeep --dir ../other push staging",
            "tufkeep add ../tool --as ours --commit",
        ),
    ),
    "push": Work(line="tufkeep push staging", before=("tufkeep add ../tool --as other --commit",)),
    "abandon": Work(
        line="tufkeep abandon --yes",
        before=("! tufkeep rotate root --passphrase-file ../nothing",),
        again=frozenset({0, 2, 19}),
    ),
    "drive": Work(line="tufkeep drive write ../drive --as repository --yes"),
    "request": Work(line="tufkeep request --add timestamp --insecure-plaintext --to ../request"),
    "accept": Work(
        line="tufkeep accept ../approval",
        before=(
            "tufkeep request --add timestamp --insecure-plaintext --to ../request",
            "tufkeep approve ../request --yes --to ../approval",
        ),
    ),
}


@pytest.mark.parametrize(("name", "number"), [(name, number) for name, kills in SAMPLE.items() for number in kills])
def test_a_killed_command_is_finished_by_typing_it_again_or_what_doctor_says(
    name: str, number: int, world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # no power fails here
    monkeypatch.chdir(tmp_path)
    assert _killed(WORKS[name], number, world, tmp_path), "it is over before: kill it earlier"


@pytest.mark.slow
@pytest.mark.parametrize("name", WORKS)
def test_at_each_of_its_writes(name: str, world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.chdir(tmp_path)
    kills = next(number for number in itertools.count(1) if not _killed(WORKS[name], number, world, tmp_path)) - 1
    assert kills >= 5, "a test that never kills anything shows nothing"


def _killed(work: Work, number: int, world: Path, top: Path) -> bool:
    """Kill the work at one write and see that both ways lead out; return False where it comes to its end before."""
    person, line, known = _begin(work, world, top / "killed")
    if not killed_at(number, lambda: _must(person.type(line, answers=True))):
        shutil.rmtree(top / "killed")
        return False
    here = Path.cwd().relative_to(top / "killed")
    shutil.copytree(top / "killed", top / "hints", symlinks=True)
    again = person.type(line, answers=True)
    assert again.code in work.again, (number, again)
    assert _found(person, known) == [], number
    os.chdir(top / "hints" / here)
    _follow_doctor(person, known, number)
    assert person.type(line, answers=True).code in {*work.again, *work.done}, number
    os.chdir(top)
    shutil.rmtree(top / "killed")
    shutil.rmtree(top / "hints")
    return True


def _begin(work: Work, world: Path, folder: Path) -> tuple[Person, str, set[str]]:
    """Return somebody in a copy of the world, what they type, and what doctor says of it before."""
    shutil.copytree(world, folder, symlinks=True)
    os.chdir(folder / ("new" if work.empty else "desk"))
    person = Person()
    for line in work.before:
        person.do(line)
    return person, _with_facts(work.line, 0), {each["sentence"] for each in _findings(person)}


def _must(answer: Answer) -> None:
    assert answer.code == 0, answer


def _follow_doctor(person: Person, known: set[str], number: int) -> None:
    """Type what doctor says, look again, until nothing is wrong."""
    typed: list[str] = []
    for _ in range(ROUNDS):
        found = _found(person, known)
        if not found:
            return
        lines = [line for each in found for line in next(iter(_ways(each["hint"], "tufkeep doctor")), [])]
        for line in dict.fromkeys(lines):
            typed.append(line)
            person.type(line.replace("ELSEWHERE", "../elsewhere"), answers=True)
    assert _found(person, known) == [], (number, typed)


def _found(person: Person, known: set[str]) -> list[dict[str, str]]:
    """Return what doctor finds that was not there before; a key file that stays is fine."""
    return [each for each in _findings(person) if each["sentence"] not in known and each["check"] != KEYS_STAY]


def _findings(person: Person) -> list[dict[str, str]]:
    answer = person.type("tufkeep doctor", json=True)
    if "findings" in answer.document:
        found: list[dict[str, str]] = answer.document["findings"]
        return found
    return [{"check": "", "sentence": answer.document["error"], "hint": answer.document["hint"] or ""}]


NOTES = (
    *(layout.INIT, layout.ROTATION, layout.COMPROMISE, layout.REDO, layout.CEREMONIES, layout.JOURNAL),
    *(layout.ADDING, layout.BASE, layout.KNOWN_KEYS, layout.KEY_CHECKS),
)
DAMAGED = {
    "empty": b"",
    "null": b"null",
    "no text": b'{"role":"\xff"}',
    "nested": b"[" * 1000,
    "unknown": b'{"unknown":1}',
    "NULs": bytes(100),
}


@pytest.mark.parametrize(
    "damage",
    [
        "no text",
        *(pytest.param(each, marks=pytest.mark.slow) for each in ("empty", "null", "nested", "unknown", "NULs")),
    ]
    + [pytest.param(each, marks=pytest.mark.slow) for each in ("a folder", "a link")],
)
@pytest.mark.parametrize("note", NOTES)
def test_doctor_leads_out_of_a_damaged_note(
    note: str, damage: str, world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing is wrong with it, the file can be made again; else what doctor says to type takes it away."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.chdir(tmp_path)
    person, line, known = _begin(WORKS["add"], world, tmp_path / "damaged")
    path = Path(note)
    path.unlink(missing_ok=True)
    if damage == "a folder":
        path.mkdir()
    elif damage == "a link":
        path.symlink_to("nothing")
    else:
        path.write_bytes(DAMAGED[damage])
    _follow_doctor(person, known, 0)
    for _ in range(ROUNDS):  # a note that doctor does not read may be named by what needs it
        answer = person.type(line, answers=True, json=True)
        if answer.code == 0:
            return
        for typed in next(iter(_ways(answer.document["hint"], line)), []):
            person.type(typed.replace("ELSEWHERE", "../elsewhere"), answers=True)
    pytest.fail(str(answer))
