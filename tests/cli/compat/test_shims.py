"""The program answers to the names that it is called by."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import zipapp
from pathlib import Path

import pytest

from tufkeep.cli.base.process import Process
from tufkeep.cli.main import run


def tufkeep(*arguments: str) -> tuple[int, str]:
    out, err = io.StringIO(), io.StringIO()
    code = run(arguments, Process(stdin=io.StringIO(), stdout=out, stderr=err, environment={}))
    return code, out.getvalue() + err.getvalue()


def said(program: Path, *arguments: str) -> str:
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout


def test_shims_are_two_programs(tmp_path: Path) -> None:
    code, out = tufkeep("shims", str(tmp_path / "stick"))
    assert code == 0
    assert {file.name for file in (tmp_path / "stick").iterdir()} == {"tuf", "fleetctl"}
    assert str(tmp_path / "stick" / "tuf") in out
    assert said(tmp_path / "stick/tuf", "help").startswith("usage: tuf [-h|--help]")
    assert "tufkeep, called as fleetctl" in said(tmp_path / "stick/fleetctl").replace("\n  ", " ")


@pytest.mark.parametrize("way", [os.symlink, os.link, shutil.copy], ids=lambda way: way.__name__)
def test_any_link_or_copy_will_do(shims: Path, tmp_path: Path, way) -> None:  # type: ignore[no-untyped-def]
    way(shims / "fleetctl", tmp_path / "tuf")
    assert said(tmp_path / "tuf", "help").startswith("usage: tuf [-h|--help]")


def test_shims_are_renewed_but_no_other_program_is_written_over(tmp_path: Path) -> None:
    assert tufkeep("shims", str(tmp_path))[0] == 0
    assert tufkeep("shims", str(tmp_path))[0] == 0
    (tmp_path / "tuf").write_text("the real one")
    code, out = tufkeep("shims", str(tmp_path))
    assert code == 32
    assert "hint: move it away first" in out
    assert (tmp_path / "tuf").read_text() == "the real one"


def test_a_dry_run_puts_nothing_there(tmp_path: Path) -> None:
    assert tufkeep("shims", str(tmp_path), "--dry-run")[0] == 0
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_is_one_file_is_copied(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "__main__.py").write_text("import sys\nfrom tufkeep.cli.main import main\nsys.exit(main())\n")
    program = tmp_path / "tufkeep.pyz"
    zipapp.create_archive(source, program, interpreter=sys.executable)
    said(program, "shims", str(tmp_path / "stick"))
    assert (tmp_path / "stick/tuf").read_bytes() == program.read_bytes()
    assert said(tmp_path / "stick/tuf", "help").startswith("usage: tuf [-h|--help]")
