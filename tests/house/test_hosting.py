"""What a hosting service and a commit run are targets of the Makefile, which .ci/run has run here."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.peers import CHECKOUT

WORKFLOW = CHECKOUT / ".github" / "workflows" / "ci.yml"
HOOKS = CHECKOUT / ".pre-commit-config.yaml"
TARGETS = set(re.findall(r"^([a-z]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
RUN_HERE = set(re.findall(r"[a-z]+", re.sub("#.*", "", (CHECKOUT / ".ci" / "run").read_text())))


def values(path: Path, key: str) -> list[str]:
    """Return what stands behind a key, wherever the file has it."""
    return re.findall(rf"^ *(?:- )?{key}: *(.*)$", path.read_text(), re.MULTILINE)


@pytest.mark.parametrize(("path", "key"), [(WORKFLOW, "run"), (HOOKS, "entry")], ids=["workflow", "hooks"])
def test_every_step_is_a_target_that_was_run_here(path: Path, key: str) -> None:
    steps = [line.split() for line in values(path, key)]
    assert len(steps) >= 4
    assert {step[0] for step in steps} == {"make"}
    named = {word for _, *words in steps for word in words}
    assert named <= TARGETS
    assert named <= RUN_HERE


def test_an_action_is_pinned_to_a_commit_and_says_its_version() -> None:
    uses = values(WORKFLOW, "uses")
    assert len(uses) >= 2
    assert [line for line in uses if not re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []


def test_the_workflow_may_read_and_nothing_else() -> None:
    text = WORKFLOW.read_text()
    assert "\npermissions:\n  contents: read\n\n" in text
    assert text.count("permissions:") == 1
    assert "secrets." not in text
    assert len(values(WORKFLOW, "persist-credentials")) == len(re.findall("actions/checkout@", text))


def test_the_matrix_begins_with_the_oldest_python_that_is_promised() -> None:
    (matrix,) = (line for line in values(WORKFLOW, "python") if line.startswith("["))
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    assert f">={re.findall(r'[0-9.]+', matrix)[0]}" == project["requires-python"]


@pytest.mark.peer("actionlint")
def test_a_linter_of_workflows_finds_nothing(peer_actionlint: Path) -> None:
    done = subprocess.run([peer_actionlint, WORKFLOW], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
