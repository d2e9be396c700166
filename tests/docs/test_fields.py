"""The pages name every field of the policy, and every file that we keep for ourselves."""

from __future__ import annotations

import re

import msgspec
import pytest

from tests.peers import CHECKOUT
from tufkeep.workspace import Policy, layout
from tufkeep.workspace.policy import RemotePolicy, RolePolicy, parse_policy

POLICY_PAGE = (CHECKOUT / "docs" / "policy.md").read_text()
DIRECTORY_PAGE = (CHECKOUT / "docs" / "working-directory.md").read_text()
OWN_FILES = sorted(
    {value for value in vars(layout).values() if isinstance(value, str) and value.startswith(layout.OWN)} - {layout.OWN}
)


@pytest.mark.parametrize("table", [field.name for field in msgspec.structs.fields(Policy)])
def test_the_page_has_a_chapter_on_every_table(table: str) -> None:
    assert re.search(rf"^##.*(?:\[{table}(?:\.|\])| {table}$)", POLICY_PAGE, re.MULTILINE)


@pytest.mark.parametrize(
    "field", [field.name for kind in (RolePolicy, RemotePolicy) for field in msgspec.structs.fields(kind)]
)
def test_the_page_explains_every_field(field: str) -> None:
    rows = [line for line in POLICY_PAGE.splitlines() if line.startswith("| ")]
    assert [row for row in rows if f"`{field}`" in row.split(" | ")[0]]


def test_the_example_is_a_policy() -> None:
    example = re.search(r"```toml\n(.*?)```", POLICY_PAGE, re.DOTALL)
    assert example is not None
    policy = parse_policy(example[1].encode())
    assert policy.owner("df4a84ca" + "0" * 56) == "Ana, safe in Berlin"


def test_the_defaults_are_those_of_the_program() -> None:
    def row(field: str, value: str) -> str:
        found = [str(getattr(Policy().validity[role], value).days) for role in layout.ROLES]
        assert f"| {' | '.join(found)} |" in next(
            line for line in POLICY_PAGE.splitlines() if line.startswith(f"| `{field}`")
        )
        return field

    assert [row("days", "life"), row("warn", "warn")] == ["days", "warn"]


@pytest.mark.parametrize("name", OWN_FILES)
def test_the_page_names_every_file_of_ours(name: str) -> None:
    rows = [line for line in DIRECTORY_PAGE.splitlines() if line.startswith("| ")]
    assert [row for row in rows if f"`{name.removeprefix(layout.OWN)}`" in row.split(" | ")[0]]
