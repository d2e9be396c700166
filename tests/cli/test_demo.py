from __future__ import annotations

import io
from pathlib import Path

import pytest

from tufkeep.cli.base.app import App
from tufkeep.cli.base.process import Process
from tufkeep.cli.commands.more.story import Story, StoryBroken
from tufkeep.cli.main import run


def test_the_demo_tells_its_story_to_the_end_and_keeps_the_folder(tmp_path: Path) -> None:
    out, err = io.StringIO(), io.StringIO()
    folder = tmp_path / "tour"
    process = Process(stdin=io.StringIO(), stdout=out, stderr=err, environment={"PATH": "/usr/bin:/bin"})
    assert run(["demo", "--keep", str(folder)], process) == 0, err.getvalue()
    told = out.getvalue()
    assert "agent 1.3.0 at work" in told
    assert "3 root versions" in told
    assert "Every step was checked" in told
    assert str(tmp_path) not in told.replace(f"in {folder}", "")
    assert (folder / "server/repository/3.root.json").is_file()
    assert "only for the demo" not in told


def test_a_step_that_is_not_what_it_claims_ends_the_demo(tmp_path: Path) -> None:
    agent = "#!/bin/sh\necho agent 6.6.6 at work # {version} {check}\n"
    process = Process(stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO(), environment={"PATH": "/bin"})
    with pytest.raises(StoryBroken, match=r"agent 1\.0\.0 is at work"):
        Story(App(process), tmp_path, agent=agent).tell()
