"""The one file for the stick, in a root filesystem that holds it and the C library alone, without a network."""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.peers import CHECKOUT

BARE = {"HOME": "/tmp", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
BUNDLE = CHECKOUT / "dist" / f"tufkeep-{sys.platform}-{platform.machine()}"


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """Make a root filesystem with the bundle under its three names."""
    if not BUNDLE.is_file():
        pytest.skip("no bundle in dist/ (make bundle)")
    root = tmp_path / "root"
    for folder in ("stick", "tmp", "work"):
        (root / folder).mkdir(parents=True)
    for name in ("tufkeep", "tuf", "fleetctl"):
        shutil.copy(BUNDLE, root / "stick" / name)
    needed = subprocess.run(["ldd", BUNDLE], capture_output=True, text=True, check=True).stdout.split()
    for library in (Path(word) for word in needed if word.startswith("/")):
        (root / library.parent.relative_to("/")).mkdir(parents=True, exist_ok=True)
        shutil.copy(library.resolve(), root / library.relative_to("/"))
    for name in ("libm.so.6", "librt.so.1", "libutil.so.1", "libgcc_s.so.1"):
        for found in Path("/lib/x86_64-linux-gnu").glob(name):
            shutil.copy(found.resolve(), root / "lib/x86_64-linux-gnu" / name)
    return root


def alone(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the stick with nothing else around it: no Python, no /proc, no network interface."""
    line = ["unshare", "--user", "--map-root-user", "--net", "chroot", str(root), *words]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False, env=BARE)
    if done.stderr.startswith("unshare: unshare failed"):
        pytest.skip(f"this machine allows no namespaces: {done.stderr.strip()}")
    return done


def test_a_repository_is_made_signed_and_rotated_without_python_or_network(stick: Path) -> None:
    for command in (
        "init --root-keys 2 --insecure-plaintext",
        "rotate root --insecure-plaintext",
        "renew --within 365 --commit",
        "verify",
    ):
        done = alone(stick, "/stick/tufkeep", *command.split(), "--dir", "/work")
        assert done.returncode == 0, done.stderr
    assert (stick / "work/repository/3.root.json").is_file()


def test_a_releaser_is_let_in_and_drives_are_written_without_python_or_network(stick: Path) -> None:
    root_holder, releaser = stick / "work", stick / "releaser"
    releaser.mkdir()

    def tufkeep(command: str) -> None:
        done = alone(stick, "/stick/tufkeep", *command.split())
        assert done.returncode == 0, (command, done.stderr)

    tufkeep("init --root-keys 3 --insecure-plaintext --dir /work")
    shutil.copytree(root_holder / "repository", releaser / "repository")
    tufkeep("request --add targets --owner Bo --insecure-plaintext --to /tmp/request.txt --dir /releaser")
    tufkeep("approve /tmp/request.txt --to /tmp/approval.txt --yes --dir /work")
    tufkeep("accept /tmp/approval.txt --dir /releaser")
    tufkeep("verify --dir /releaser")
    assert (releaser / "repository/2.root.json").is_file()
    for kind in ("root-backup", "repository", "signing"):
        tufkeep(f"drive write /tmp/{kind} --as {kind} --dir /work")
        tufkeep(f"drive check /tmp/{kind} --dir /work")
    tufkeep("key check /tmp/root-backup/keys --dir /work")
    assert (stick / "tmp/root-backup/keys/root3.json").is_file()
    assert not list((stick / "tmp/signing/keys").glob("root*"))
    assert not (stick / "tmp/repository/keys").exists()


def test_the_one_file_speaks_as_the_name_it_is_called_by(stick: Path) -> None:
    assert alone(stick, "/stick/tuf", "help").stdout.startswith("usage: tuf ")
    assert "updates" in alone(stick, "/stick/fleetctl", "updates", "--help").stdout


def test_its_sha256_stands_beside_it() -> None:
    if not BUNDLE.is_file():
        pytest.skip("no bundle in dist/ (make bundle)")
    digest, name = BUNDLE.with_name(f"{BUNDLE.name}.sha256").read_text().split()
    assert name == BUNDLE.name
    assert digest == hashlib.sha256(BUNDLE.read_bytes()).hexdigest()
