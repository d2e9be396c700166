"""The real go-tuf v0.5.2 opens what we write, and we open what it writes."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tuf.api.metadata import Metadata, Root

from tufkeep.keys.keyfile import parse_key_file, seal_key_file
from tufkeep.keys.passphrase import Passphrase
from tufkeep.keys.private import PrivateKey, generate

# for the older name of the P-256 type, which is the one that go-tuf v0.5.2 knows
pytestmark = [pytest.mark.peer("tuf"), pytest.mark.filterwarnings("ignore:keytype 'ecdsa-sha2-nistp256' is deprecated")]

KINDS = ["ed25519", "ecdsa-sha2-nistp256", "rsassa-pss-sha256"]
TEXT = "päss  wörd"


class RealTuf:
    """A repository in a folder of its own, driven by the real program."""

    def __init__(self, program: Path, folder: Path):
        self._program = program
        self.folder = folder
        self.run("init")

    def run(self, *arguments: str, passphrase: str | None = None, **environ: str) -> str:
        roles = ("ROOT", "TARGETS", "SNAPSHOT", "TIMESTAMP")
        given = {} if passphrase is None else {f"TUF_{role}_PASSPHRASE": passphrase for role in roles}
        command = [str(self._program), *(["--insecure-plaintext"] if passphrase is None else []), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env={**given, **environ}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def type(self, *arguments: str, lines: list[str]) -> str:
        """Run the program on a terminal and answer each prompt with the next line."""
        master, terminal = pty.openpty()
        process = subprocess.Popen(
            [self._program, *arguments], cwd=self.folder, env={}, stdin=terminal, stdout=terminal, stderr=terminal
        )
        os.close(terminal)
        shown = b""
        try:
            while chunk := os.read(master, 1024):
                shown += chunk
                if lines and shown.endswith(b"passphrase: "):
                    os.write(master, lines.pop(0).encode() + b"\n")
        except OSError:  # the other end is closed: it is done
            pass
        os.close(master)
        assert process.wait() == 0, shown
        return shown.decode()

    def keys(self, role: str) -> Path:
        return self.folder / "keys" / f"{role}.json"

    def staged(self) -> dict[str, Any]:
        staged: dict[str, Any] = json.loads((self.folder / "staged" / "root.json").read_bytes())
        return staged


@pytest.fixture
def tuf(peer_tuf: Path, tmp_path: Path) -> RealTuf:
    return RealTuf(peer_tuf, tmp_path)


def trust(tuf: RealTuf, keys: list[PrivateKey]) -> None:
    """Make these the keys of every role in the staged root metadata, unsigned."""
    staged = tuf.staged()
    staged["signed"]["keys"] = {
        key.keyid: {
            "keytype": key.keytype,
            "scheme": key.scheme,
            "keyid_hash_algorithms": ["sha256", "sha512"],
            "keyval": dict(key.public_key.keyval),
        }
        for key in keys
    }
    role = {"keyids": [key.keyid for key in keys], "threshold": len(keys)}
    staged["signed"]["roles"] = dict.fromkeys(("root", "targets", "snapshot", "timestamp"), role)
    (tuf.folder / "staged" / "root.json").write_text(json.dumps(staged))


@pytest.mark.parametrize("passphrase", [TEXT, None])
@pytest.mark.parametrize("kind", KINDS)
def test_what_the_real_tuf_writes_opens_and_is_written_back_the_same(
    tuf: RealTuf, kind: str, passphrase: str | None
) -> None:
    told = tuf.run("gen-key", f"--scheme={kind}", "root", passphrase=passphrase)
    data = tuf.keys("root").read_bytes()
    file = parse_key_file(data)
    given = None if passphrase is None else Passphrase(passphrase)

    keys = file.open(given)

    assert [told.rpartition(" ")[2]] == [key.keyid for key in keys] == list(tuf.staged()["signed"]["keys"])
    drawn = iter((file.sealed.salt, file.sealed.nonce) if file.sealed else ())
    assert seal_key_file(keys, given, randomness=lambda count: next(drawn)) == data


@pytest.mark.parametrize("passphrase", [TEXT, None])
def test_the_real_tuf_signs_with_key_files_of_ours(tuf: RealTuf, passphrase: str | None) -> None:
    keys = [generate(kind) for kind in KINDS]
    tuf.run("gen-key", "root")  # makes the folders
    tuf.keys("root").write_bytes(seal_key_file(keys, None if passphrase is None else Passphrase(passphrase)))
    trust(tuf, keys)

    assert tuf.run("sign", "root.json", passphrase=passphrase) == "Signed root.json with 3 key(s)\n"

    signed = Metadata[Root].from_bytes((tuf.folder / "staged" / "root.json").read_bytes())
    signed.verify_delegate("root", signed)  # by python-tuf, over all three


def test_the_real_tuf_accepts_signatures_of_ours(tuf: RealTuf) -> None:
    keys = [generate(kind) for kind in KINDS]
    trust(tuf, keys)
    payload = tuf.run("payload", "root.json").encode()
    signatures = [key.sign(payload).to_dict() for key in keys]
    (tuf.folder / "signatures.json").write_text(json.dumps(signatures))

    tuf.run("add-signatures", "--signatures", "signatures.json", "root.json")  # verifies each

    assert tuf.staged()["signatures"] == signatures


def test_the_real_tuf_refuses_a_signature_over_something_else(tuf: RealTuf) -> None:
    keys = [generate()]
    trust(tuf, keys)
    (tuf.folder / "signatures.json").write_text(json.dumps([keys[0].sign(b"something else").to_dict()]))
    with pytest.raises(AssertionError, match="signature verification failed"):
        tuf.run("add-signatures", "--signatures", "signatures.json", "root.json")


def test_the_real_tuf_adds_a_key_to_a_file_of_ours(tuf: RealTuf) -> None:
    ours = generate()
    tuf.run("gen-key", "root", passphrase="root")
    tuf.keys("targets").write_bytes(seal_key_file([ours], Passphrase(TEXT)))

    tuf.run("gen-key", "targets", passphrase="root", TUF_TARGETS_PASSPHRASE=TEXT)

    first, second = parse_key_file(tuf.keys("targets").read_bytes()).open(Passphrase(TEXT))
    assert first.keyid == ours.keyid
    assert tuf.staged()["signed"]["roles"]["targets"]["keyids"] == [second.keyid]


def test_the_real_tuf_changes_the_passphrase_of_a_file_of_ours(tuf: RealTuf) -> None:
    ours = generate()
    tuf.run("gen-key", "root")
    tuf.keys("root").write_bytes(seal_key_file([ours], Passphrase(TEXT)))

    shown = tuf.type("change-passphrase", "root", lines=[TEXT, "another", "another"])

    assert "Successfully changed passphrase for root keys file" in shown
    (key,) = parse_key_file(tuf.keys("root").read_bytes()).open(Passphrase("another"))
    assert key.keyid == ours.keyid
