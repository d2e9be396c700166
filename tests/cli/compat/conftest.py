from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shims(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with our `tuf` and our `fleetctl`."""
    folder = tmp_path_factory.mktemp("shims")
    subprocess.run([sys.executable, "-m", "tufkeep", "shims", folder], check=True, capture_output=True)
    return folder


@pytest.fixture
def typed(shims: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Type a line into a shell that finds our programs."""

    def run(line: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        path = f"{shims}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            ["sh", "-c", line],
            cwd=folder,
            env={"PATH": path, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run
