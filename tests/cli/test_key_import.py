from __future__ import annotations

import io
import json
from pathlib import Path

from securesystemslib.signer import CryptoSigner

from tufkeep.cli.base.process import Process
from tufkeep.cli.main import run
from tufkeep.keys.keyfile import seal_key_file
from tufkeep.keys.private import generate
from tufkeep.testing.clock import FakeClock


def tufkeep(folder: Path, *words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    process = Process(stdin=io.StringIO(), stdout=out, stderr=err, environment={}, clock=FakeClock())
    return run(["--dir", str(folder), *words], process), out.getvalue(), err.getvalue()


def test_a_key_made_elsewhere_is_trusted_once_root_is_committed(tmp_path: Path) -> None:
    signer = CryptoSigner.generate_ed25519()
    (tmp_path / "new.pub").write_text(json.dumps(signer.public_key.to_dict()))
    work = tmp_path / "work"
    tufkeep(work, "init", "--insecure-plaintext")
    code, out, err = tufkeep(work, "key", "import", str(tmp_path / "new.pub"), "--role", "targets")
    assert code == 0
    assert signer.public_key.keyid in out
    assert "compare the words" in err
    keys = json.loads(tufkeep(work, "key", "list", "--json")[1])["keys"]
    (row,) = [row for row in keys if row["keyid"] == signer.public_key.keyid]
    assert (row["role"], row["staged"], row["file"]) == ("targets", "added", None)
    assert tufkeep(work, "commit")[0] == 0
    keys = json.loads(tufkeep(work, "key", "list", "--json")[1])["keys"]
    assert [row["staged"] for row in keys if row["keyid"] == signer.public_key.keyid] == [""]


def test_a_private_key_is_not_copied_with_its_public_half(tmp_path: Path) -> None:
    (tmp_path / "root.json").write_bytes(seal_key_file([generate()], None))
    work = tmp_path / "work"
    tufkeep(work, "init", "--insecure-plaintext")
    before = sorted(path.name for path in (work / "keys").iterdir())
    assert tufkeep(work, "key", "import", str(tmp_path / "root.json"), "--role", "root", "--commit")[0] == 0
    assert sorted(path.name for path in (work / "keys").iterdir()) == before


def test_a_dry_run_and_a_missing_file_stage_nothing(tmp_path: Path) -> None:
    (tmp_path / "root.json").write_bytes(seal_key_file([generate()], None))
    work = tmp_path / "work"
    tufkeep(work, "init", "--insecure-plaintext")
    assert tufkeep(work, "key", "import", str(tmp_path / "root.json"), "--role", "root", "--dry-run")[0] == 0
    assert tufkeep(work, "key", "import", str(tmp_path / "none"), "--role", "root")[0] == 31
    assert tufkeep(work, "review")[1] == "nothing is staged\n"
