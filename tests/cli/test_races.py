"""Two releasers, two remotes and a nightly job for each: whoever loses a race types the hint, and comes to an end."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, example, given, settings

from tests.cli.test_hints_typed import _ways as ways
from tufkeep.cli.base.process import Process
from tufkeep.cli.main import run
from tufkeep.client import Client, FolderFetcher
from tufkeep.stores import MemoryStore
from tufkeep.testing.clock import FakeClock

ROUNDS = 5
ONLINE = ("snapshot.json", "timestamp.json")


@dataclass
class World:
    """A folder with everybody's directory and both remotes."""

    top: Path
    clock: FakeClock

    def __post_init__(self) -> None:
        root = (self.top / "first/repository/1.root.json").read_bytes()
        self.clients = {name: self._client(name, root) for name in ("staging", "production")}

    def type(self, who: str, line: str) -> tuple[int, str, str]:
        """Type a line in somebody's directory; return its exit code, its error and its hint."""
        os.chdir(self.top / who)
        out = io.StringIO()
        process = Process(
            stdin=io.StringIO(), stdout=out, stderr=io.StringIO(), environment={"HOME": "/"}, clock=self.clock
        )
        code = run([*line.removeprefix("tufkeep ").split(), "--json", "--yes"], process)
        answer = json.loads(out.getvalue())
        return code, answer.get("error", ""), answer.get("hint") or ""

    def finish(self, who: str, line: str, *, rounds: int = ROUNDS) -> None:
        """Type a line, and what its hints say, until it comes to its end."""
        said = []
        for _ in range(rounds):
            code, error, hint = self.type(who, line)
            self.look()
            if code in (0, 47):
                return
            said.append((error, hint))
            for step in ways(hint, line)[0]:
                self.finish(who, step, rounds=rounds - 1)
        raise AssertionError((who, line, said))

    def look(self) -> None:
        """Let an agent look at both remotes."""
        for client in self.clients.values():
            client.refresh()

    def published(self, remote: str) -> set[str]:
        return {target.path for target in self.clients[remote].list()}

    def _client(self, remote: str, root: bytes) -> Client:
        client = Client(MemoryStore(), FolderFetcher(self.top / remote), clock=self.clock)
        client.init(root)
        return client


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    top = tmp_path_factory.mktemp("races")
    (top / "first").mkdir()
    (top / "first/tufkeep.toml").write_text(
        '[remotes.staging]\nurl = "../staging"\n[remotes.production]\nurl = "../production"\n'
    )
    (top / "tool").write_text("tool")
    here = Path.cwd()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)  # no power fails here
        os.chdir(top / "first")
        for line in (
            "init --insecure-plaintext",
            "add ../tool --commit",
            "push staging",
            "deploy staging production",
        ):
            process = Process(stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO(), clock=FakeClock())
            assert run(line.split(), process) == 0
        for who in ("second", "staging job", "production job"):
            shutil.copytree(top / "first", top / who)
            for key in (top / who / "keys").iterdir() if "job" in who else ():
                if key.name not in ONLINE:
                    key.unlink()
        yield top
    os.chdir(here)


ACTS = st.lists(
    st.sampled_from(
        [
            ("first", "release"),
            ("second", "release"),
            ("first", "same"),
            ("second", "same"),
            ("second", "renew"),
            ("first", "stage"),
            ("first", "deploy"),
            ("second", "deploy"),
            ("staging job", "nightly"),
            ("production job", "nightly"),
            ("production job", "nightly without a pull"),
            ("staging job", "nightly without a pull"),
        ]
    ),
    min_size=3,
    max_size=8,
)


def play(top: Path, begun: Path, acts: list[tuple[str, str]]) -> None:
    shutil.rmtree(top, ignore_errors=True)
    shutil.copytree(begun, top)
    world = World(top, FakeClock())
    released = {"tool"}
    for number, (who, act) in enumerate(acts):
        world.clock.advance(days=3)
        if act in ("release", "same", "stage"):
            name = "same" if act == "same" else f"app-{number}"
            (top / name).write_text(f"{number}")
            world.finish(who, f"tufkeep add ../{name}{'' if act == 'stage' else ' --commit'}")
            released.add(name)
        if act in ("release", "same"):
            world.finish(who, "tufkeep push staging")
        elif act == "renew":
            world.finish(who, "tufkeep renew root targets --commit")
            world.finish(who, "tufkeep push staging")
        elif act == "deploy":
            world.finish(who, "tufkeep deploy staging production")
        for job in ("staging", "production"):
            asked = who == f"{job} job"
            if not (asked and act == "nightly without a pull"):
                world.finish(f"{job} job", f"tufkeep pull {job}")
            world.finish(f"{job} job", f"tufkeep renew {'snapshot timestamp ' if asked else ''}--commit")
            world.finish(f"{job} job", f"tufkeep push {job}")
    for who in ("first", "second"):
        world.finish(who, "tufkeep pull staging")
        world.finish(who, "tufkeep commit")
        world.finish(who, "tufkeep push staging")
    world.finish("first", "tufkeep deploy staging production")
    assert world.published("staging") == world.published("production") == released


_SHARED = [HealthCheck.function_scoped_fixture]  # each example begins with a world of its own


@settings(max_examples=1, deadline=None, suppress_health_check=_SHARED)
@given(ACTS)
@example([("first", "release"), ("second", "release"), ("production job", "nightly")])
@example([("production job", "nightly"), ("first", "release"), ("first", "deploy")])
@example([("second", "release"), ("production job", "nightly without a pull"), ("first", "stage"), ("first", "deploy")])
@example([("first", "same"), ("second", "same"), ("staging job", "nightly without a pull"), ("second", "deploy")])
def test_every_race_ends_by_what_the_hints_say(tmp_path: Path, begun: Path, acts: list[tuple[str, str]]) -> None:
    play(tmp_path / "world", begun, acts)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=_SHARED)
@given(ACTS)
def test_many_races_end_by_what_the_hints_say(tmp_path: Path, begun: Path, acts: list[tuple[str, str]]) -> None:
    play(tmp_path / "world", begun, acts)
