"""The clients, each asked for many cases at once."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface, Updater

from tests.interop.differ.case import Case
from tests.peers import find_peer, missing_peer, node_modules
from tufkeep.client import Client, StoreFetcher
from tufkeep.client.walk import TargetNotFound
from tufkeep.errors import TufkeepError
from tufkeep.stores import MemoryStore

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ADDRESS = "https://repository.invalid/"
Target = tuple[Any, tuple[tuple[str, str], ...]]  # length, hashes


@dataclass(frozen=True, slots=True)
class Reading:
    """What one client makes of a repository."""

    refused: str = ""  # why it does not trust it
    targets: dict[str, Target | None] = field(default_factory=dict)  # None where it finds none
    errors: dict[str, str] = field(default_factory=dict)  # paths that it can't decide about, and why

    def of(self, path: str) -> Target | str | None:
        """Return what it takes for a path, as it is compared."""
        return "an error" if path in self.errors else self.targets.get(path)


def target(length: Any, hashes: Any) -> Target:
    """Return an entry as it is compared; a client may hold anything for one."""
    hashes = hashes if isinstance(hashes, dict) else {"": hashes}
    return length, tuple(sorted((name, str(value).lower()) for name, value in hashes.items()))


def ours(case: Case) -> Reading:
    state = MemoryStore()
    try:
        for files in case.rounds:
            mirror = MemoryStore()
            for name, data in files.items():
                mirror.write(name, data)
            client = Client(state, StoreFetcher(mirror), clock=lambda: NOW)
            client.init(case.root)
            client.refresh()
    except TufkeepError as error:
        return Reading(refused=str(error) or type(error).__name__)
    reading = Reading()
    for path in case.targets:
        try:
            found = client.target(path)
            reading.targets[path] = target(found.length, found.hashes)
        except TargetNotFound:
            reading.targets[path] = None
        except TufkeepError as error:
            reading.errors[path] = str(error)
    return reading


class _Served(FetcherInterface):
    def __init__(self, files: dict[str, bytes]):
        self._files = files

    def _fetch(self, url: str) -> Iterator[bytes]:
        name = url.removeprefix(ADDRESS)
        if name not in self._files:
            raise DownloadHTTPError(url, 404)
        return iter([self._files[name]])


def python_tuf(case: Case) -> Reading:
    with tempfile.TemporaryDirectory() as state:
        try:
            for files in case.rounds:
                updater = Updater(state, ADDRESS, fetcher=_Served(files), bootstrap=case.root)
                updater.refresh()
        except Exception as error:  # any: it is not ours
            return Reading(refused=f"{type(error).__name__}: {error}")
        reading = Reading()
        for path in case.targets:
            try:
                found = updater.get_targetinfo(path)
                reading.targets[path] = target(found.length, found.hashes) if found else None
            except Exception as error:
                reading.errors[path] = f"{type(error).__name__}: {error}"
        return reading


def _program(peer: str, *arguments: Path) -> Callable[[Sequence[Case]], list[Reading]]:
    """Return how a program is asked that answers each line with one."""

    def ask(cases: Sequence[Case]) -> list[Reading]:
        program = find_peer(peer)
        assert program is not None, missing_peer(peer)
        environment = {**os.environ, "NODE_PATH": str(node_modules())}
        given = b"".join(case.line() for case in cases)
        done = subprocess.run([program, *arguments], input=given, stdout=subprocess.PIPE, env=environment, check=True)
        answers = [json.loads(answer) for answer in done.stdout.splitlines()]
        assert len(answers) == len(cases)
        return [_reading(answer) for answer in answers]

    return ask


def _reading(answer: dict[str, Any]) -> Reading:
    listed = answer.get("targets") or {}
    return Reading(
        refused=answer.get("refused", ""),
        targets={path: target(**entry) if entry else None for path, entry in listed.items()},
        errors=answer.get("errors") or {},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherClient:
    """A client that is declared: what agents in the field run."""

    read: Callable[[Sequence[Case]], list[Reading]]
    peer: str = ""  # the program of tests/peers.py that it needs


CLIENTS = {
    "python-tuf": OtherClient(read=lambda cases: [python_tuf(case) for case in cases]),
    "go-tuf v0.5.2": OtherClient(read=_program("go-tuf-reader-0"), peer="go-tuf-reader-0"),
    "go-tuf v2": OtherClient(read=_program("go-tuf-reader-2"), peer="go-tuf-reader-2"),
    "tuf-js": OtherClient(read=_program("tuf-js", Path(__file__).parent / "tuf_js.js"), peer="tuf-js"),
}
