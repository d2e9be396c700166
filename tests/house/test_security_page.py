"""Every claim of SECURITY.md names a test that would fail without it, and the supply chain is as the page says."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache

import pytest

from tests.peers import CHECKOUT

PAGE = (CHECKOUT / "SECURITY.md").read_text()
# What is a promise of people, or says what is at stake; "What is not protected" takes promises back.
WITHOUT_TESTS = {"What is at stake", "Who attacks", "Reporting"}


@cache
def functions() -> dict[str, str]:
    """Return every test function, by name, with where it is; one that is marked slow is in no ordinary run."""
    found: dict[str, str] = {}
    for path in sorted((CHECKOUT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                marks = " ".join(ast.unparse(each) for each in node.decorator_list)
                if "mark.slow" not in marks:
                    found[node.name] = path.relative_to(CHECKOUT).as_posix()
    return found


def claims() -> list[tuple[str, str]]:
    """Return each claim with the section that it is in: an item of a list, or a row of a table."""
    found: list[tuple[str, str]] = []
    for section in PAGE.split("\n## ")[1:]:
        title, _, text = section.partition("\n")
        rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| stolen")]
        items = re.findall(r"^- .*(?:\n  .*)*", text, re.MULTILINE)
        found += [(title, claim) for claim in [*rows, *items] if title not in WITHOUT_TESTS]
    return found


def test_there_are_claims() -> None:
    assert {title for title, _ in claims()} >= {"What each stolen key can do, and cannot", "What is protected"}
    assert len(claims()) > 20


@pytest.mark.parametrize(("section", "claim"), claims(), ids=[claim[:40] for _, claim in claims()])
def test_a_claim_names_its_tests(section: str, claim: str) -> None:
    named = re.findall(r"`(test_\w+)`", claim)
    assert named or section == "What is not protected", "name the test that fails without it, or take it back"
    assert [name for name in named if name not in functions()] == []


def test_every_dependency_is_pinned_by_hash_and_has_its_reason() -> None:
    for lock in sorted((CHECKOUT / "requirements").glob("*.lock")):
        pinned = re.findall(r"^(?!#)\S+==\S+.*(?:\n    .*)*", lock.read_text(), re.MULTILINE)
        assert pinned, lock
        assert [each for each in pinned if "--hash=sha256:" not in each] == []
    decisions = "".join(path.read_text().lower() for path in (CHECKOUT / "docs" / "adr").glob("*.md"))
    needed = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = [re.split(r"[<>=!~ ]", each)[0].lower() for each in needed]
    assert [name for name in names if name not in decisions] == []
