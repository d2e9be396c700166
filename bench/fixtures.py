"""Repositories with many targets, built once by each tool and kept under build/bench."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
CACHE = CHECKOUT / "build" / "bench"
TUFKEEP = Path(sys.executable).parent / "tufkeep"
GO_TUF = CHECKOUT / ".peers" / "bin" / "tuf"
GO_TUF_CLIENT = CHECKOUT / ".peers" / "bin" / "tuf-client"
PASSPHRASE = "of no worth to anybody"
ENVIRONMENT = {f"TUF_{role}_PASSPHRASE": PASSPHRASE for role in ("ROOT", "TARGETS", "SNAPSHOT", "TIMESTAMP")}
_FOREVER = "--expires=3650"
_CHUNK = b"".join(b"%07d" % number for number in range(150_000))[: 1 << 20]


def passphrase_file() -> Path:
    """Return the file that holds the passphrase of every key file here."""
    return _cached("passphrase", lambda path: _write(path, f"{PASSPHRASE}\n".encode()))


def artifacts(count: int) -> Path:
    """Return a folder of small files, a thousand to a folder."""

    def make(folder: Path) -> None:
        for number in range(count):
            _write(folder / f"{number // 1000:03}" / f"file-{number:06}.bin", b"%06d\n" % number * 16)

    return _cached(f"artifacts-{count}", make)


def large_artifact(length_bytes: int) -> Path:
    """Return one long file."""

    def make(path: Path) -> None:
        with path.open("wb") as stream:
            for _ in range(length_bytes >> 20):
                stream.write(_CHUNK)

    return _cached(f"large-{length_bytes >> 20}", make)


def ours(count: int) -> Path:
    """Return a repository of tufkeep."""
    source, secret = artifacts(count), passphrase_file()
    return _cached(f"tufkeep-{count}", lambda folder: _python("bench.make", folder, source, secret))


def python_tuf(count: int) -> Path:
    """Return a repository of the python-tuf script, without the artifacts: it never looks at them."""

    def make(folder: Path) -> None:
        _python("bench.reference", "create", folder)
        _python("bench.reference", "fill", folder, artifacts(count))

    return _cached(f"python-tuf-{count}", make)


def go_tuf(count: int) -> Path:
    """Return a repository of go-tuf."""

    def make(folder: Path) -> None:
        folder.mkdir()
        for words in go_tuf_creation():
            _call([GO_TUF, *words], folder)
        shutil.copytree(artifacts(count), folder / "staged" / "targets", dirs_exist_ok=True)
        for words in go_tuf_addition():
            _call([GO_TUF, *words], folder)

    return _cached(f"go-tuf-{count}", make)


def go_tuf_creation() -> list[list[str]]:
    """Return the commands that make a repository."""
    return [["init"], *(["gen-key", _FOREVER, role] for role in ("root", "targets", "snapshot", "timestamp"))]


def go_tuf_addition(*paths: str) -> list[list[str]]:
    """Return the commands that add staged files, all of them when none is named."""
    return [["add", _FOREVER, *paths], ["snapshot", _FOREVER], ["timestamp", _FOREVER], ["commit"]]


def working_copy(fixture: Path, *, keys: str = "keys") -> Path:
    """Return a copy that may be changed; artifacts are hard links, for nobody writes into those.

    Args:
        keys: the folder of the fixture that becomes keys/.
    """
    copy = CACHE / "work"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(fixture, copy, copy_function=_link_artifacts)
    if keys != "keys":
        shutil.rmtree(copy / "keys")
        (copy / keys).rename(copy / "keys")
    return copy


def _link_artifacts(source: str, copy: str) -> None:
    if "/targets/" in source:
        os.link(source, copy)
    else:
        shutil.copy2(source, copy)


def _cached(name: str, make: Callable[[Path], object]) -> Path:
    path = CACHE / name
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        beside = CACHE / f"{name}.unfinished"
        shutil.rmtree(beside, ignore_errors=True)
        sys.stderr.write(f"building {name}\n")
        make(beside)
        beside.rename(path)
    return path


def _python(module: str, *words: str | Path) -> None:
    _call([sys.executable, "-m", module, *words], CHECKOUT)


def _call(argv: list[str | Path], folder: Path) -> None:
    environment = {**os.environ, **ENVIRONMENT}
    subprocess.run(argv, cwd=folder, env=environment, check=True, stdin=subprocess.DEVNULL, capture_output=True)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
