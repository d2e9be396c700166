"""The program runs where a service runs it: without streams, home or folder for temporary files, under any umask."""

from __future__ import annotations

import itertools
import os
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

NOWHERE = "/dev/null/none"
CLOSED = ("<&-", ">&-", "2>&-", "<&- >&- 2>&-")
TABLE = list(itertools.product(CLOSED, ("077", "022", "000"), (NOWHERE, "home")))
USUAL = [(CLOSED[-1], "077", NOWHERE), (CLOSED[1], "000", NOWHERE)]


def typed(folder: Path, line: str, *, closed: str, umask: str, home: str) -> int:
    program = shlex.join([sys.executable, "-m", "tufkeep"])
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "TUF"))},
        "HOME": home,
        "TMPDIR": NOWHERE,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    shell = f"umask {umask}; cd {shlex.quote(str(folder))} && {program} {line} {closed}"
    return subprocess.run(["/bin/sh", "-c", shell], env=environment, check=False).returncode


@pytest.mark.skipif(os.name == "nt", reason="has no such shell")
@pytest.mark.parametrize(
    ("closed", "umask", "home"),
    [pytest.param(*row, marks=() if row in USUAL else pytest.mark.slow) for row in TABLE],
)
def test_a_machine_is_brought_up_to_date_without_anything_around_it(
    tmp_path: Path, closed: str, umask: str, home: str
) -> None:
    program = tmp_path / "agent"
    program.write_text("#!/bin/sh\necho it runs\n")
    program.chmod(0o755)
    as_ = '--as agent/linux/stable/agent --custom \'{"version": "1.0"}\' --commit --dir updates'
    trust = "--from updates/repository --root updates/repository/1.root.json"
    for line in (
        "init --insecure-plaintext --dir updates",
        f"add agent {as_}",
        f"agent once agent --platform linux {trust} --dir machine",
        "agent once agent --platform linux --dir machine",
    ):
        assert typed(tmp_path, line, closed=closed, umask=umask, home=home) == 0, line
    installed = tmp_path / "machine/components/agent"
    assert subprocess.check_output([installed / "current/agent"]) == b"it runs\n"
    for path in (tmp_path / "machine", tmp_path / "machine/trust", installed, *installed.glob("1.0-*")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o755
    for path in itertools.chain((tmp_path / "updates").rglob("*"), (tmp_path / "machine").rglob("*")):
        assert not path.is_file() or b"is installed" not in path.read_bytes()  # no output went into a file of ours
