"""A clock that is far off is noticed before anything is signed, and what it made is found and repaired."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.pseudo_terminal import PseudoTerminal
from tufkeep import Workspace
from tufkeep.cli.base.process import Process
from tufkeep.cli.main import run
from tufkeep.testing.clock import FakeClock
from tufkeep.workspace.clock_check import ClockDoubted

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
WRONG = [datetime(year, 1, 1, tzinfo=UTC) for year in (1970, 1980, 2036, 2100)]
CHANGES: list[Callable[[Workspace], object]] = [
    lambda here: here.renew("timestamp"),
    lambda here: here.add(Path(__file__)),
    lambda here: here.sign(),
    lambda here: here.expire("root", timedelta(days=3)),
    lambda here: here.set_threshold("root", 1),
    lambda here: here.new_key("snapshot"),
    lambda here: here.commit(),
    lambda here: here.commit(here.plan_commit()),
]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def folder(tmp_path: Path, clock: FakeClock) -> Path:
    Workspace.create(tmp_path / "work", insecure_plaintext=True, clock=clock)
    return tmp_path / "work"


def here(folder: Path, clock: FakeClock, **options: Any) -> Workspace:
    return Workspace.open(folder, insecure_plaintext=True, clock=clock, **options)


@pytest.mark.parametrize("when", [*WRONG, NOW - timedelta(days=2), NOW + timedelta(days=366)], ids=str)
@pytest.mark.parametrize("change", range(len(CHANGES)))
def test_nothing_is_signed_or_committed_at_a_time_that_can_hardly_be(
    folder: Path, clock: FakeClock, when: datetime, change: int
) -> None:
    here(folder, clock).renew("snapshot")
    before = {path: path.read_bytes() for path in folder.rglob("*.json")}
    clock.set(when)
    with pytest.raises(ClockDoubted, match=f"the clock says {when:%Y-%m-%d}"):
        CHANGES[change](here(folder, clock))
    assert {path: path.read_bytes() for path in folder.rglob("*.json")} == before


@pytest.mark.parametrize("when", [NOW - timedelta(hours=23), NOW, NOW + timedelta(days=364)], ids=str)
def test_clocks_that_differ_by_hours_and_a_year_without_work_are_no_question(
    folder: Path, clock: FakeClock, when: datetime
) -> None:
    clock.set(when)
    here(folder, clock).renew("timestamp")
    here(folder, clock).commit()


def test_what_a_person_says_of_the_clock_is_enough_once(folder: Path, clock: FakeClock) -> None:
    clock.advance(days=800)
    here(folder, clock, clock_is_right=True).renew(["root", "targets", "snapshot", "timestamp"])
    with pytest.raises(ClockDoubted):
        here(folder, clock).commit()
    here(folder, clock, clock_is_right=True).commit()
    here(folder, clock).renew("timestamp")


def test_the_first_signature_of_all_is_made_by_no_clock_without_a_battery(tmp_path: Path) -> None:
    for when in (datetime(1970, 1, 1, tzinfo=UTC), datetime(2000, 1, 1, 0, 5, tzinfo=UTC)):
        with pytest.raises(ClockDoubted, match="before this program was written"):
            Workspace.create(tmp_path / "work", insecure_plaintext=True, clock=FakeClock(when))
    assert not list(tmp_path.rglob("*.json"))


def test_a_longer_validity_in_the_policy_allows_a_longer_time_without_work(folder: Path, clock: FakeClock) -> None:
    (folder / "tufkeep.toml").write_text("[roles.root]\ndays = 3650\n")
    clock.advance(days=3000)
    here(folder, clock).renew("timestamp")


def test_a_record_that_cannot_be_read_asks_nothing(folder: Path, clock: FakeClock) -> None:
    with (folder / ".tufkeep/record").open("ab") as file:
        file.write(b"\xff{\n")
    clock.advance(days=800)
    here(folder, clock).renew(["root", "targets", "snapshot", "timestamp"])


def type_(folder: Path, clock: FakeClock, *words: str) -> tuple[int, str]:
    out = io.StringIO()
    process = Process(stdin=io.StringIO(), stdout=out, stderr=out, environment={}, clock=clock)
    return run([*words, "--dir", str(folder)], process), out.getvalue()


def test_the_command_line_says_how_to_answer(folder: Path, clock: FakeClock) -> None:
    clock.set(datetime(2100, 1, 1, tzinfo=UTC))
    code, told = type_(folder, clock, "renew", "timestamp", "--commit", "--yes")
    assert code == ClockDoubted.exit_code
    assert (
        "the clock says 2100-01-01 00:00 UTC, more than 365 days after the last signature here, of 2026-06-01" in told
    )
    assert "--clock-is-right" in told
    assert type_(folder, clock, "renew", "timestamp", "--commit", "--clock-is-right")[0] == 0


@pytest.mark.parametrize("roles", [("timestamp",), ("snapshot",), ("root", "targets", "snapshot", "timestamp")])
def test_what_a_clock_ahead_has_made_is_found_and_repaired_by_what_is_said(
    folder: Path, clock: FakeClock, roles: tuple[str, ...]
) -> None:
    clock.set(datetime(2100, 1, 1, tzinfo=UTC))
    assert type_(folder, clock, "renew", *roles, "--commit", "--clock-is-right")[0] == 0
    clock.set(NOW + timedelta(days=1))
    late = {*roles, *(["timestamp"] if "snapshot" in roles else [])}
    for command in ("status", "verify", "doctor"):
        told = type_(folder, clock, command)[1]
        assert "later than the policy allows" in told or "the policy gives it" in told, command
    findings = json.loads(type_(folder, clock, "verify", "--json")[1])["findings"]
    assert {each["subject"] for each in findings} == {f"repository/{role}.json" for role in late}
    assert {each["severity"] for each in findings} == {"warning"}
    told = type_(folder, clock, "renew", *sorted(late), "--commit", "--clock-is-right")[1]
    assert "now expires earlier, on 2026-06-16, as the policy says" in told
    assert json.loads(type_(folder, clock, "verify", "--json")[1])["findings"] == []
    assert "later than the policy" not in type_(folder, clock, "status")[1]


def test_a_change_of_something_else_shortens_no_validity(folder: Path, clock: FakeClock) -> None:
    """Agents of a repository that was made with longer validities rely on them."""
    assert type_(folder, clock, "expire", "timestamp", "700", "--commit")[0] == 0
    before = here(folder, clock).state.root, here(folder, clock).state.current("timestamp")
    clock.advance(days=1)
    assert type_(folder, clock, "add", __file__, "--commit")[0] == 0
    after = here(folder, clock).state.current("timestamp")
    assert before[1] is not None
    assert after is not None
    assert after.expires == before[1].expires
    assert type_(folder, clock, "rotate", "timestamp", "--insecure-plaintext")[0] == 0
    rotated = here(folder, clock).state.current("timestamp")
    assert rotated is not None
    assert (rotated.version > after.version, rotated.expires) == (True, after.expires)


@pytest.mark.parametrize(("answer", "code"), [("n", ClockDoubted.exit_code), ("", ClockDoubted.exit_code), ("y", 0)])
def test_a_person_is_asked_about_the_clock(tmp_path: Path, answer: str, code: int) -> None:
    later = FakeClock(datetime.now(UTC) + timedelta(days=300))
    Workspace.create(tmp_path, insecure_plaintext=True, clock=later)
    command = [sys.executable, "-m", "tufkeep", "renew", "timestamp", "--commit", "--yes", "--dir", str(tmp_path)]
    with PseudoTerminal(command) as terminal:
        assert "before the last signature here" in terminal.expect("is it right? [y/N] ")
        terminal.write(f"{answer}\n")
        assert terminal.end() == code
