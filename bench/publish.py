"""Publishing beside `rclone sync` and `aws s3 sync`.

    python -m bench.publish [--quick]   time, memory, requests
    python -m bench.publish --window    how many looks of an agent fail while a repository with plain names is pushed

One real S3 server, the same repository, the same run. Times are taken against the server itself; requests are counted
in a second round, through a proxy that only counts.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tests.peers import find_peer
from tests.servers import ACCESS_KEY, PRIVATE, PUBLIC, SECRET_KEY, S3Server, seaweedfs

from bench.measure import Command, Cost, run
from tufkeep.client import Client, HttpFetcher
from tufkeep.errors import TufkeepError
from tufkeep.stores import MemoryStore
from tufkeep.testing.proxy import FaultProxy

TUFKEEP = Path(sys.executable).with_name("tufkeep")
_UPDATES = 15
_CHANGED_BYTES = 2 << 20
_LINE_BYTES_PER_SECOND = 4 << 20  # of each connection that pushes
_PLAIN: dict[bool, list[str]] = {True: [], False: ["--no-consistent-snapshot"]}
OURS, RCLONE, AWS = "tufkeep", "rclone sync", "aws s3 sync"
_ROW = "{:<30} {:<14} {:>8} {:>8} {:>9} {:>9} {:>10}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One tool, one folder of the bucket, one working directory."""

    tool: str
    folder: Path
    endpoint: str
    bucket: str

    @property
    def environment(self) -> Mapping[str, str]:
        keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_DEFAULT_REGION": "us-east-1"}
        if self.tool != RCLONE:
            return keys
        return {
            "RCLONE_CONFIG": "/dev/null",
            "RCLONE_CONFIG_R_TYPE": "s3",
            "RCLONE_CONFIG_R_PROVIDER": "SeaweedFS",
            "RCLONE_CONFIG_R_ENDPOINT": self.endpoint,
            "RCLONE_CONFIG_R_ACCESS_KEY_ID": ACCESS_KEY,
            "RCLONE_CONFIG_R_SECRET_ACCESS_KEY": SECRET_KEY,
        }

    def push(self) -> Command:
        repository = self.folder / "repository"
        if self.tool == OURS:
            (self.folder / "tufkeep.toml").write_text(self._policy())
            return self._command(TUFKEEP, "push", "bench")
        if self.tool == RCLONE:  # as the release script calls it
            return self._command(_program("rclone"), "sync", "--checksum", repository, f"r:{self.bucket}")
        return self._command(_program("aws"), "s3", "sync", repository, f"s3://{self.bucket}", *self._aws())

    def pull_metadata(self, into: Path) -> Command:
        if self.tool == OURS:
            (into / "tufkeep.toml").write_text(self._policy())
            root = self.folder / "repository" / "1.root.json"
            return replace(self._command(TUFKEEP, "pull", "bench", "--root", root), folder=into)
        if self.tool == RCLONE:
            words: list[str | Path] = [
                "sync",
                "--checksum",
                "--exclude",
                "targets/**",
                "--exclude",
                ".tufkeep/**",
                f"r:{self.bucket}",
                into,
            ]
            return self._command(_program("rclone"), *words)
        away = ["--exclude", "targets/*", "--exclude", ".tufkeep/*"]
        return self._command(_program("aws"), "s3", "sync", f"s3://{self.bucket}", into, *away, *self._aws())

    def _policy(self) -> str:
        return f'[remotes.bench]\nurl = "s3://{self.bucket}"\nendpoint = "{self.endpoint}"\n'

    def _aws(self) -> list[str]:
        return ["--endpoint-url", self.endpoint, "--no-progress"]

    def _command(self, program: Path, *words: str | Path) -> Command:
        return Command(argv=[program, *words], folder=self.folder, environment=self.environment)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.publish")
    parser.add_argument("--quick", action="store_true", help="a tenth of it")
    parser.add_argument("--window", action="store_true", help="count failing agents instead")
    chosen = parser.parse_args()
    weed = find_peer("weed")
    if weed is None:
        sys.exit("no weed here: make peers")
    tools = [OURS, *([RCLONE] if find_peer("rclone") else []), *([AWS] if shutil.which("aws") else [])]
    with tempfile.TemporaryDirectory(prefix="tufkeep-bench-") as name:
        folder = Path(name)
        (folder / "server").mkdir()
        with seaweedfs(weed, folder / "server") as server:
            if chosen.window:
                _windows(folder, server, tools)
                return
            small, large_bytes = (200, 8 << 20) if chosen.quick else (2000, 64 << 20)
            _repository(folder / "work", small=small, large_bytes=large_bytes)
            print(_ROW.format("scenario", "tool", "CPU s", "wall s", "peak MiB", "requests", "wall/ours"))
            _all(folder, server, tools)


def _windows(folder: Path, server: S3Server, tools: list[str]) -> None:
    """Update a repository with plain names again and again, while an agent looks as fast as it can."""
    print(f"{'tool':<14} {'updates':>8} {'looks':>8} {'failed':>8}")
    for tool in tools:
        work = folder / tool.split()[0]
        _repository(work, small=20, large_bytes=_CHANGED_BYTES, consistent=False)
        with FaultProxy(server.endpoint, upload_bytes_per_second=_LINE_BYTES_PER_SECOND) as proxy:
            bench = Bench(tool=tool, folder=work, endpoint=proxy.url, bucket=f"{PUBLIC}/{work.name}")
            run(bench.push())
            looks = _look_during(bench, server)
        print(f"{tool:<14} {_UPDATES:>8} {len(looks):>8} {looks.count(False):>8}", flush=True)


def _look_during(bench: Bench, server: S3Server) -> list[bool]:
    """Return for each look at the repository whether the agent got a whole state."""
    looks: list[bool] = []
    done = threading.Event()
    root = (bench.folder / "repository" / "1.root.json").read_bytes()

    def look() -> None:
        while not done.is_set():
            client = Client(MemoryStore(), HttpFetcher(f"{server.endpoint}/{bench.bucket}"), clock=_now)
            client.init(root)
            try:
                client.download("large-0", MemoryStore())
                looks.append(True)
            except TufkeepError:
                looks.append(False)

    watching = threading.Thread(target=look)
    watching.start()
    artifacts = bench.folder / "artifacts"
    artifacts.mkdir()
    for _ in range(_UPDATES):
        for number in range(4):
            (artifacts / f"large-{number}").write_bytes(os.urandom(_CHANGED_BYTES))
        run(Command(argv=[TUFKEEP, "add", "artifacts", "--commit"], folder=bench.folder), bench.push())
    done.set()
    watching.join()
    return looks


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _all(folder: Path, server: S3Server, tools: list[str]) -> None:
    costs: dict[str, dict[str, Cost]] = {"first push": {}, "push of one change": {}, "pull of metadata": {}}
    for counting in (False, True):
        for tool in tools:
            work = folder / f"{tool.split()[0]}-{counting}"
            shutil.copytree(folder / "work", work)
            with _endpoint(server, counting) as (endpoint, proxy):
                bench = Bench(tool=tool, folder=work, endpoint=endpoint, bucket=f"{PRIVATE}/{work.name}")
                _keep(costs["first push"], tool, run(bench.push()), proxy)
                (work / "new").write_bytes(os.urandom(4096))
                run(Command(argv=[TUFKEEP, "add", "new", "--commit"], folder=work))
                _keep(costs["push of one change"], tool, run(bench.push()), proxy)
                into = work / "into"
                into.mkdir()
                _keep(costs["pull of metadata"], tool, run(bench.pull_metadata(into)), proxy)
            shutil.rmtree(work)
    for name, each in costs.items():
        for tool, cost in each.items():
            ratio = "" if tool == OURS else f"{cost.wall_seconds / each[OURS].wall_seconds:.1f} x"
            numbers = (f"{cost.cpu_seconds:.2f}", f"{cost.wall_seconds:.2f}", f"{cost.peak_bytes / (1 << 20):.0f}")
            print(_ROW.format(name if tool == OURS else "", tool, *numbers, cost.requests or "", ratio), flush=True)


@contextmanager
def _endpoint(server: S3Server, counting: bool) -> Iterator[tuple[str, FaultProxy | None]]:
    if not counting:
        yield server.endpoint, None
        return
    with FaultProxy(server.endpoint) as proxy:
        yield proxy.url, proxy


def _keep(costs: dict[str, Cost], tool: str, cost: Cost, proxy: FaultProxy | None) -> None:
    """Keep the times of the first round, the requests of the second."""
    if proxy is None:
        costs[tool] = cost
    else:
        costs[tool] = replace(costs[tool], requests=len(proxy.requests))
        proxy.requests.clear()


def _repository(folder: Path, *, small: int, large_bytes: int, consistent: bool = True) -> None:
    artifacts = folder / "artifacts"
    artifacts.mkdir(parents=True)
    for number in range(small):
        (artifacts / f"small-{number:04}").write_bytes(os.urandom(4096))
    for number in range(4):
        (artifacts / f"large-{number}").write_bytes(os.urandom(large_bytes))
    run(
        Command(argv=[TUFKEEP, "init", "--insecure-plaintext", *_PLAIN[consistent]], folder=folder),
        Command(argv=[TUFKEEP, "add", "artifacts", "--commit"], folder=folder),
    )
    shutil.rmtree(artifacts)


def _program(name: str) -> Path:
    found = find_peer(name) or shutil.which(name)
    assert found is not None
    return Path(found)


if __name__ == "__main__":
    main()
