"""Two runs of the tests are the same run: same examples, whatever was inherited from the one who starts them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.peers import CHECKOUT

DRAWN = """
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

drawn = {}

@pytest.fixture(params=PARAMETERS, scope="session")
def name(request): return request.param

@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.one_of(st.integers(), st.text(max_size=5), st.binary(max_size=5)), min_size=5))
def test_draws(name, values):
    drawn.setdefault(name, []).append(values)

def test_prints():
    print("drawn:", *(f"{name} {len(values)} {values}" for name, values in sorted(drawn.items())))
"""
CONSTANTS = "\n".join(f"A{number} = {number}; B{number} = 'b{number}'" for number in range(1000, 1400))
SURROUNDINGS = """
import os, signal, subprocess, sys

def test_variables():
    assert {"AWS_PROFILE", "https_proxy", "TUFKEEP_PERSON", "LC_ALL"}.isdisjoint(os.environ)
    assert os.environ["TUFKEEP_CORPORA"] == "kept"

def test_umask():
    assert os.umask(0o022) == 0o022

def test_signals():
    script = "from signal import *; print(*(getsignal(each).__repr__() for each in (SIGINT, SIGHUP)))"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout
    assert "default_int_handler" in told and "SIG_DFL" in told, told
"""


def pytest_run(file: Path, **environment: str) -> str:
    """Run a file as `make test` would; return what it printed."""
    options = ["-c", str(CHECKOUT / "pyproject.toml"), "--rootdir", str(CHECKOUT), "-p", "tests.conftest", "-s"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(file)],
        cwd=CHECKOUT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_every_run_draws_the_same_examples(tmp_path: Path) -> None:
    """However strings are hashed, whatever else was imported, and whichever parameter comes first."""
    probe = tmp_path / "test_probe.py"
    (tmp_path / "planted.py").write_text(CONSTANTS)
    drawn = set[str]()
    for number, parameters, more in (("1", "ab", ""), ("2", "ba", "import planted")):
        probe.write_text(f"{more}\n{DRAWN.replace('PARAMETERS', repr(list(parameters)))}")
        said = pytest_run(probe, PYTHONHASHSEED=number, CI="true" if more else "")
        drawn.add(said.partition("drawn: ")[2].partition("\n")[0])
    assert len(drawn) == 1
    assert drawn.pop().startswith("a 100 [[")


def test_what_was_inherited_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_probe.py").write_text(SURROUNDINGS)
    before = os.umask(0o077)
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGHUP)}
    try:
        said = pytest_run(
            tmp_path / "test_probe.py",
            AWS_PROFILE="work",
            https_proxy="http://127.0.0.1:9",
            TUFKEEP_PERSON="somebody",
            LC_ALL="tr_TR.UTF-8",
            TUFKEEP_CORPORA="kept",
        )
    finally:
        os.umask(before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert "3 passed" in said
