"""The source as the house tests read it: modules, what they import, which outside things they name."""

from __future__ import annotations

import ast
import builtins
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from tests.peers import CHECKOUT

SOURCE = CHECKOUT / "src" / "tufkeep"


@dataclass(frozen=True)
class Module:
    """One module, by its dotted name and its text."""

    name: str
    text: str

    @property
    def room(self) -> str:
        """The room it stands in: "stores" for tufkeep.stores.folder, "errors" for tufkeep.errors, "" for tufkeep."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else ""

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def docstring(self) -> str:
        return ast.get_docstring(self.tree) or ""

    @cached_property
    def imports(self) -> frozenset[str]:
        """Every name imported anywhere in the module, dotted: "os", "datetime.datetime", "tufkeep.stores.Store"."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name}: imports are absolute"
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
        return frozenset(found)

    @cached_property
    def uses(self) -> frozenset[str]:
        """Every dotted name used, as it was imported, and every builtin called: "datetime.datetime.now", "open"."""
        local = self._local_names()
        chains = {chain for node in ast.walk(self.tree) if (chain := _chain(node))}
        dotted = {".".join((local[head], *rest)) for head, *rest in chains if head in local}
        builtin = {head for head, *rest in chains if head not in local and not rest and hasattr(builtins, head)}
        return frozenset(dotted | builtin | self.imports)

    @cached_property
    def methods(self) -> frozenset[str]:
        """The name of every method called on anything."""
        calls = (node.func for node in ast.walk(self.tree) if isinstance(node, ast.Call))
        return frozenset(function.attr for function in calls if isinstance(function, ast.Attribute))

    def _local_names(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                names |= dict(_import(alias) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        return names


def _import(alias: ast.alias) -> tuple[str, str]:
    """Return what `import a.b` (calls it a) or `import a.b as c` (calls a.b c) makes known."""
    head = alias.name.split(".")[0]
    return (alias.asname, alias.name) if alias.asname else (head, head)


def _chain(node: ast.AST) -> tuple[str, ...]:
    """Return ("a", "b", "c") for the expression a.b.c, nothing for any other."""
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute) and (start := _chain(node.value)):
        return (*start, node.attr)
    return ()


@cache
def modules() -> tuple[Module, ...]:
    """Return every module of tufkeep."""
    return tuple(_read())


def _read() -> Iterator[Module]:
    for path in sorted(SOURCE.rglob("*.py")):
        parts = ("tufkeep", *path.relative_to(SOURCE).with_suffix("").parts)
        yield Module(name=".".join(parts).removesuffix(".__init__"), text=path.read_text())


def project_files() -> Iterator[Path]:
    """Yield every text file that a clone brings, except data for tests."""
    skipped = {
        ".git",
        ".venv",
        ".venv-lock",
        ".peers",
        ".hypothesis",
        ".mypy_cache",
        ".ruff_cache",
        "__pycache__",
        "build",  # what make bench keeps holds a million files
        "dist",
        "vectors",
    }
    for folder, below, files in os.walk(CHECKOUT):
        below[:] = sorted(set(below) - skipped)
        yield from (Path(folder) / name for name in sorted(set(files) - skipped))  # .git is a file in a worktree
