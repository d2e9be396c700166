"""Public repositories of eight years and other implementations' fixtures, through the conformance command line.

The data is too large to come with the project. TUFKEEP_CORPORA names the folder with `run.py` and its archive.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.timeout(1800)
def test_every_case_of_the_foreign_corpora_holds(
    foreign_corpora: Path, peer: Callable[[str], Path], tmp_path: Path
) -> None:
    peer("faketime")
    verdicts = tmp_path / "verdicts.json"
    client = f"{sys.executable} -m tufkeep.testing.conformance"
    run = subprocess.run(
        [sys.executable, foreign_corpora / "run.py", "--json", verdicts, client], capture_output=True, text=True
    )
    refused = {case: why for case, why in json.loads(verdicts.read_text()).items() if why}
    assert refused == {}, run.stdout[-2000:]
