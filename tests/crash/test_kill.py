"""The real program, killed with SIGKILL at its writes, renames and fsyncs: typing it again comes to a good end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

SOAK = os.environ.get("TUFKEEP_SOAK") == "1"
POINTS = 1_000_000 if SOAK else 6  # how many of the places in one command a usual run tries
CALLS = "write,pwrite64,rename,renameat,renameat2,fsync,fdatasync,link,linkat,symlinkat,unlink,unlinkat,mkdirat,rmdir"
PROGRAM = "#!/bin/sh\necho ready\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One command that is killed, what stands before it, and what must hold when it was typed again."""

    before: tuple[str, ...]
    killed: str
    again: tuple[int, ...]  # exit codes that typing it again may end with


SCENES = {
    "init": Scene(before=(), killed="init --root-keys 2 --insecure-plaintext", again=(0,)),
    "add": Scene(before=("init --insecure-plaintext",), killed="add tool --as app/tool --commit", again=(0,)),
    "renew": Scene(
        before=("init --insecure-plaintext",), killed="renew root targets snapshot timestamp --commit", again=(0,)
    ),
    "rotate": Scene(
        before=("init --root-keys 2 --insecure-plaintext",), killed="rotate root --insecure-plaintext", again=(0,)
    ),
    "refresh": Scene(
        before=(
            "init --insecure-plaintext",
            "add tool --as app/tool --commit",
            "client init repository --root repository/1.root.json --dir client",
        ),
        killed="client download app/tool --dir client --to loot",
        again=(0,),
    ),
    "agent": Scene(
        before=("init --insecure-plaintext", "add tool --as tool/linux/stable/tool --commit"),
        killed="agent once tool --platform linux --check= --from repository --root repository/1.root.json --dir agent",
        again=(0,),
    ),
}


def tufkeep(command: str, folder: Path, *wrapped: str) -> subprocess.CompletedProcess[str]:
    line = [*wrapped, sys.executable, "-m", "tufkeep", *command.split()]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def stage(tmp_path: Path) -> Callable[[Scene, str], Path]:
    """Make a folder in which the scene can begin."""

    def make(scene: Scene, name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "tool").write_text(PROGRAM)
        (folder / "tool").chmod(0o755)
        for command in scene.before:
            done = tufkeep(command, folder)
            assert done.returncode == 0, done.stderr
        return folder

    return make


def places(strace: Path, scene: Scene, folder: Path) -> list[tuple[str, int]]:
    """Return every place at which the command can be killed: a call, and the how-many-eth of its name it is."""
    trace = folder.with_suffix(".trace")
    done = tufkeep(scene.killed, folder, str(strace), "-o", str(trace), "-e", f"trace={CALLS}")
    assert done.returncode == 0, done.stderr
    calls = [line.partition("(")[0] for line in trace.read_text().splitlines() if "(" in line]
    return [(call, calls[: index + 1].count(call)) for index, call in enumerate(calls)]


@pytest.mark.peer("strace")
@pytest.mark.parametrize("name", SCENES)
def test_killed_anywhere_typing_it_again_comes_to_a_good_end(
    name: str, stage: Callable[[Scene, str], Path], peer: Callable[[str], Path]
) -> None:
    scene, strace = SCENES[name], peer("strace")
    found = places(strace, scene, stage(scene, "undisturbed"))
    assert len(found) > 10
    missed = 0
    for call, number in found[:: max(1, len(found) // POINTS)]:
        folder = stage(scene, f"killed-{call}-{number}")
        keys = {path.name: path.read_bytes() for path in (folder / "keys").glob("*.json")}
        killed = tufkeep(
            scene.killed, folder, str(strace), "-o", "/dev/null", "-e", f"trace={call}",
            "-e", f"inject={call}:signal=SIGKILL:when={number}",
        )  # fmt: skip
        if killed.returncode == 0:
            missed += 1  # threads share the work anew in each run, so the last call of a kind may not come
            continue
        assert killed.returncode in (-9, 137), (call, number, killed.returncode, killed.stderr)
        again = tufkeep(scene.killed, folder)
        assert again.returncode in scene.again, (call, number, again.stdout, again.stderr)
        verified = tufkeep("verify", folder)
        assert verified.returncode == 0, (call, number, verified.stdout, verified.stderr)
        for key, data in keys.items():
            assert (folder / "keys" / key).read_bytes() == data
        assert tufkeep("client init repository --root repository/1.root.json --dir fresh", folder).returncode == 0
        followed = tufkeep("client refresh --dir fresh", folder)
        assert followed.returncode == 0, (call, number, followed.stderr)
        if name == "agent":
            started = subprocess.run([folder / "agent/components/tool/current/tool"], capture_output=True, check=True)
            assert started.stdout == b"ready\n"
    assert missed <= 1 + len(found) // 100
