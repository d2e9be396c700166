"""The page for those who come from the originals knows the handbook's lines, and commands that exist."""

from __future__ import annotations

import re

import pytest

from tests.peers import CHECKOUT
from tufkeep.cli import table

PAGE = (CHECKOUT / "docs" / "coming-from-fleetctl-and-tuf.md").read_text()
HANDBOOK = """\
./fleetctl updates init
mv keys/root.json keys/root1.json
./tuf gen-key root
mv keys/root1.json keys/root.json
./tuf sign root.json
aws s3 sync s3://<bucket-name> .
tuf gen-key --expires=365 targets
tuf commit
tuf sign
tuf sign root.json
tuf revoke-key <role> <id>
"""


@pytest.mark.parametrize("line", HANDBOOK.splitlines())
def test_every_line_of_the_handbook_is_on_it(line: str) -> None:
    assert f"`{line}`" in PAGE


def test_every_command_on_it_exists() -> None:
    typed = re.findall(r"`tufkeep ([a-z-]+)(?: ([a-z-]+))?", PAGE)
    known = set(table.listed()) | {"updates"}
    assert [words for words in typed if not {words[0], " ".join(words)} & known] == []
    assert len(typed) > 15


def test_every_trap_of_the_table_has_two_sides() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]
    assert len(rows) > 40
    assert all(len(re.findall(r"(?<!\\)\|", row)) in (3, 4) for row in rows)
