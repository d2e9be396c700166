"""A fleet's server with one component, and an agent that keeps it: for tests that tell what happens to both."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.client.conftest import PATIENT
from tufkeep.agent import Agent, Component
from tufkeep.agent.outcome import Update
from tufkeep.client import Client, StoreFetcher
from tufkeep.stores import FolderStore
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.fetcher import ScriptedFetcher
from tufkeep.testing.forge import Forge

TOOL = Component(
    name="tool", platform="linux", channel="stable", file="tool", check=("{executable}", "--help"), seconds=60
)
APP = replace(TOOL, name="app", file="app.tar.gz", executable="app/bin/run")


def script(says: str, *, code: int = 0) -> bytes:
    """Return a program that says something and ends with a code."""
    return f"#!/bin/sh\necho {says}\nexit {code}\n".encode()


def packed(files: dict[str, bytes]) -> bytes:
    """Return a .tar.gz of executable files, with one link."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for name, body in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(body), 0o755
            tar.addfile(info, io.BytesIO(body))
        info = tarfile.TarInfo("app/link")
        info.type, info.linkname = tarfile.SYMTYPE, "bin/run"
        tar.addfile(info)
    return data.getvalue()


class Fleet:
    """A server, and one machine that runs the agent."""

    def __init__(self, folder: Path, clock: FakeClock, *, links: bool = True):
        self.clock, self.links = clock, links
        self.patience_seconds = 10.0
        self.folder = folder / "agent"
        self.forge = Forge(now=clock())
        self.server = ScriptedFetcher(StoreFetcher(self.forge.store))

    def release(self, component: Component, version: str, data: bytes, **custom: Any) -> None:
        self.forge.now = self.clock()
        self.forge.add(component.target_path, data, version=version, **custom)
        self.forge.publish()

    def agent(self) -> Agent:
        """A new process of the agent."""
        state = FolderStore(self.folder / "trust", durable=False)
        client = Client(state, self.server, clock=self.clock, limits=PATIENT)
        client.init(self.forge.root())
        patience = self.patience_seconds
        return Agent(self.folder, client, clock=self.clock, links=self.links, patience_seconds=patience)

    def once(self, component: Component = TOOL) -> Update:
        return self.agent().once(component)

    def in_use(self, component: Component = TOOL) -> bytes:
        """Return the program that a service would start now."""
        path = self.agent().executable(component)
        assert path is not None
        return path.read_bytes()

    def versions(self, component: Component = TOOL) -> list[str]:
        return sorted(name.partition("-")[0] for name, complete in self._folders(component) if complete)

    def leftovers(self, component: Component = TOOL) -> list[str]:
        known = {"current", "state.json"}
        return sorted(name for name, complete in self._folders(component) if not complete and name not in known)

    def _folders(self, component: Component) -> list[tuple[str, bool]]:
        """Return what lies in a component's folder, and whether it is a complete version."""
        paths = (self.folder / "components" / component.folder_name).iterdir()
        return [(path.name, (path / ".tufkeep/contents").is_file()) for path in paths if path.name != "current"]
