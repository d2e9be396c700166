"""What is measured: each scenario gives the cost of each tool."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench import fixtures
from bench.fixtures import CACHE, CHECKOUT, ENVIRONMENT, GO_TUF, GO_TUF_CLIENT, TUFKEEP
from bench.measure import Command, Cost, median, run
from bench.server import Counter, serving

OURS, PYTHON_TUF, FLOOR = "tufkeep", "python-tuf", "floor"
GO = "go-tuf v0.5.2"

Costs = Mapping[str, Cost]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One line of thought in the table."""

    name: str
    measure: Callable[[], Costs]


def scenarios(*, quick: bool) -> Iterator[Scenario]:
    """Yield what is measured, the small things first."""
    yield Scenario(name="start-up", measure=lambda: _start_up(5 if quick else 15))
    yield Scenario(name="create a repository", measure=lambda: _create(3 if quick else 7))
    for count in (1_000,) if quick else (1_000, 10_000, 100_000):
        times = 3 if quick or count > 10_000 else 5
        yield Scenario(name=f"add 1 to {count:,}, encrypted keys", measure=_adding(count, 1, times, encrypted=True))
        yield Scenario(name=f"add 1 to {count:,}, plain keys", measure=_adding(count, 1, times, encrypted=False))
    many, more = (1_000, 100) if quick else (10_000, 1_000)
    yield Scenario(name=f"add {more:,} to {many:,}, encrypted keys", measure=_adding(many, more, 1, encrypted=True))
    length = (64 if quick else 1024) << 20
    yield Scenario(name=f"hash an artifact of {length >> 20:,} MiB", measure=lambda: _hash(length))
    for count in (10,) if quick else (10, 10_000):
        yield from _refreshing(count, 3 if quick else 5)


def _start_up(times: int) -> Costs:
    commands: dict[str, Sequence[str | Path]] = {
        OURS: [TUFKEEP, "--help"],
        PYTHON_TUF: [sys.executable, "-c", "import tuf.api.metadata"],
        GO: [GO_TUF, "help"],
    }
    return {
        tool: median(times, lambda _, argv=argv: run(Command(argv=argv, folder=CACHE)))  # type: ignore[misc]
        for tool, argv in commands.items()
        if _there(tool)
    }


def _create(times: int) -> Costs:
    secret = fixtures.passphrase_file()
    costs = {
        OURS: median(times, lambda _: run(_ours(_empty(), "init", "--passphrase-file", secret))),
        PYTHON_TUF: median(times, lambda _: run(_python("reference", "create", _empty() / "repository"))),
    }
    if _there(GO):
        words = [*fixtures.go_tuf_creation(), *fixtures.go_tuf_addition()]
        costs[GO] = median(times, lambda _: run(*_go(_empty(), words)))
    return costs


def _adding(count: int, more: int, times: int, *, encrypted: bool) -> Callable[[], Costs]:
    def measure() -> Costs:
        costs = {OURS: _add_ours(count, more, times, encrypted=encrypted)}
        if not encrypted:
            costs[PYTHON_TUF] = _add_python_tuf(count, more, times)
            costs[FLOOR] = _add_floor(count, times)
        elif _there(GO):
            costs[GO] = _add_go(count, more, times)
        return costs

    return measure


def _add_ours(count: int, more: int, times: int, *, encrypted: bool) -> Cost:
    folder = fixtures.working_copy(fixtures.ours(count), keys="keys" if encrypted else "keys-plain")
    secret: list[str | Path] = ["--passphrase-file", fixtures.passphrase_file()] if encrypted else []
    return median(times, lambda number: run(_ours(folder, "add", *_new(number, more), "--commit", *secret)))


def _add_python_tuf(count: int, more: int, times: int) -> Cost:
    folder = fixtures.working_copy(fixtures.python_tuf(count))
    return median(times, lambda number: run(_python("reference", "add", folder, *_new(number, more))))


def _add_floor(count: int, times: int) -> Cost:
    folder = fixtures.working_copy(fixtures.ours(count), keys="keys-plain")
    words = (folder / "repository", folder / "keys" / "targets.json")
    return median(times, lambda number: run(_python("floor", *words, *_new(number, 1))))


def _add_go(count: int, more: int, times: int) -> Cost:
    folder = fixtures.working_copy(fixtures.go_tuf(count))

    def add(number: int) -> Cost:
        files = _new(number, more)
        for file in files:
            shutil.copy(file, folder / "staged" / "targets")
        return run(*_go(folder, fixtures.go_tuf_addition(*(file.name for file in files))))

    return median(times, add)


def _hash(length_bytes: int) -> Costs:
    file = fixtures.large_artifact(length_bytes)
    costs = {PYTHON_TUF: median(3, lambda _: run(_python("reference", "hash", file)))}
    folder = fixtures.working_copy(fixtures.ours(10), keys="keys-plain")
    staged = folder / "staged" / "targets" / "large.bin"
    staged.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, staged)
    costs = {OURS: median(3, lambda _: run(_ours(folder, "add", staged))), **costs}
    if _there(GO):
        folder = fixtures.working_copy(fixtures.go_tuf(10))
        shutil.copy(file, folder / "staged" / "targets" / "large.bin")
        costs[GO] = median(3, lambda _: run(*_go(folder, [["add", "large.bin"]])))
    return costs


def _refreshing(count: int, times: int) -> Iterator[Scenario]:
    """Yield the first refresh of a client and its second, measured together."""
    measured: dict[str, Costs] = {}

    def measure(which: str) -> Costs:
        if not measured:
            found = dict(_refresh(count, times))
            measured["first"] = {tool: first for tool, (first, _) in found.items()}
            measured["second"] = {tool: second for tool, (_, second) in found.items()}
        return measured[which]

    for which in ("first", "second"):
        yield Scenario(
            name=f"a client's {which} refresh, {count:,} targets",
            measure=lambda which=which: measure(which),  # type: ignore[misc]
        )


def _refresh(count: int, times: int) -> Iterator[tuple[str, tuple[Cost, Cost]]]:
    repository = fixtures.ours(count) / "repository"
    root = repository / "1.root.json"
    with serving(repository) as (url, counter):

        def ours(state: Path) -> Command:
            return _ours(state, "client", "refresh")

        def begin(state: Path) -> None:
            run(_ours(state, "client", "init", url, "--root", root))

        yield OURS, _twice(times, begin, ours, counter)
        yield (
            PYTHON_TUF,
            _twice(times, lambda state: None, lambda state: _python("reference", "refresh", url, state, root), counter),
        )
        if GO_TUF_CLIENT.exists():

            def start(state: Path) -> None:
                run(Command(argv=[GO_TUF_CLIENT, "init", "-s", state / "db", url, root], folder=state))

            def listing(state: Path) -> Command:
                return Command(argv=[GO_TUF_CLIENT, "list", "-s", state / "db", url], folder=state)

            yield GO, _twice(times, start, listing, counter)


def _twice(
    times: int, begin: Callable[[Path], None], refresh: Callable[[Path], Command], counter: Counter
) -> tuple[Cost, Cost]:
    again: list[Cost] = []  # one for each first refresh, the warming one before the others

    def first(_: int) -> Cost:
        state = _empty()
        begin(state)
        cost = _counted(refresh(state), counter)
        again.append(_counted(refresh(state), counter))
        return cost

    cost = median(times, first)
    return cost, median(times, lambda number: again[(number + 1) % len(again)])


def _counted(command: Command, counter: Counter) -> Cost:
    before = counter.requests
    cost = run(command)
    return replace(cost, requests=counter.requests - before)


def _ours(folder: Path, *words: str | Path) -> Command:
    return Command(argv=[TUFKEEP, *words, "--dir", folder], folder=CACHE)


def _python(module: str, *words: str | Path) -> Command:
    return Command(argv=[sys.executable, "-m", f"bench.{module}", *words], folder=CHECKOUT)


def _go(folder: Path, commands: Sequence[Sequence[str]]) -> list[Command]:
    return [Command(argv=[GO_TUF, *words], folder=folder, environment=ENVIRONMENT) for words in commands]


def _there(tool: str) -> bool:
    return tool != GO or GO_TUF.exists()


def _empty() -> Path:
    folder = CACHE / "work"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _new(number: int, more: int) -> list[Path]:
    """Return files that no repository here has yet."""
    folder = CACHE / "new"
    folder.mkdir(exist_ok=True)
    files = [folder / f"new-{number}-{index}.bin" for index in range(more)]
    for file in files:
        file.write_bytes(file.name.encode() * 64)
    return files
