"""What `fleetctl updates` does by its source, each with the test that ours does it too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that Fleet's program does."""

    line: str
    test: str
    shows: str = ""
    verdict: Literal["same", "different"] = "same"
    why: str = ""


FLEETCTL: tuple[Line, ...] = (
    Line(line="fleetctl updates init", test="test_init_makes_the_repository_that_fleetctl_makes"),
    Line(line="fleetctl updates init --path DIR", test="test_the_path_may_come_with_one_dash"),
    Line(
        line="fleetctl updates init",
        shows="again",
        test="test_init_stops_where_something_is",
    ),
    Line(
        line="fleetctl updates init",
        shows="after it was cut off",
        test="test_an_init_that_was_cut_off_is_finished_by_the_next",
        verdict="different",
        why="the original refuses until keys/ and staged/ are deleted by hand; ours finishes",
    ),
    Line(
        line="fleetctl updates roots --path nowhere",
        test="test_roots_prints_the_staged_root_before_the_committed_one",
    ),
    Line(
        line="fleetctl updates roots",
        test="test_roots_prints_the_staged_root_before_the_committed_one",
        verdict="different",
        why="the same root, and a warning when it is only staged",
    ),
    Line(
        line="fleetctl updates add --target --name --platform --version --tag -t",
        test="test_add_publishes_a_file_under_its_version_and_every_tag",
    ),
    Line(
        line="fleetctl updates add",
        shows="for the eight rules of file names, and extensions/NAME",
        test="test_a_target_is_called_as_orbit_looks_for_it",
    ),
    Line(
        line="fleetctl updates add --name desktop --platform windows-arm64",
        test="test_a_target_is_called_as_orbit_looks_for_it",
        verdict="different",
        why="fleet-desktop.exe, as on windows; the original calls it desktop.exe, which no agent looks for",
    ),
    Line(
        line="fleetctl updates add",
        shows="cut off anywhere",
        test="test_add_leaves_nothing_half_done",
        verdict="different",
        why="one commit or none; the original leaves staged files behind that the next add signs",
    ),
    Line(
        line="fleetctl updates add -t x,y",
        shows="(two tags, as in fleetctl of 2024; newer ones keep the comma), `-t=x`, `-target=FILE`",
        test="test_tags_are_read_as_go_reads_flags",
    ),
    Line(
        line="fleetctl updates add -t x --tag y",
        test="test_add_publishes_a_file_under_its_version_and_every_tag",
        verdict="different",
        why="both are used; the original refuses two forms of one flag",
    ),
    Line(
        line="fleetctl updates add",
        shows="with an empty `--name`, `--platform`, `--version` or `-t`",
        test="test_add_refuses_what_would_publish_something_else",
        verdict="different",
        why="error; the original publishes under a path without it",
    ),
    Line(
        line="fleetctl updates add",
        shows="with a word before a flag",
        test="test_add_refuses_what_would_publish_something_else",
        verdict="different",
        why="error; the original ignores the word and every flag after it, for all commands",
    ),
    Line(
        line="fleetctl updates add",
        shows="with a wrong flag, or without a required one",
        test="test_add_wants_its_flags",
        verdict="different",
        why="the same sentence, on standard error and without the help; the original prints both on standard output",
    ),
    Line(
        line="fleetctl updates add --target repository/targets/PATH",
        test="test_the_bytes_that_are_signed_are_promoted",
        verdict="different",
        why="the signed bytes of the target PATH, with consistent snapshots too; the original takes any file",
    ),
    Line(
        line="fleetctl updates add --target nope",
        test="test_a_file_that_is_not_there_is_named_as_fleetctl_names_it",
    ),
    Line(line="fleetctl updates timestamp", test="test_timestamp_needs_its_own_key_only"),
    Line(
        line="fleetctl updates rotate ROLE",
        test="test_rotate_makes_anew_only_what_the_new_key_must_sign",
        verdict="different",
        why="only root, the role, and what lists it are re-made; the original re-makes and re-dates all four",
    ),
    Line(
        line="fleetctl updates rotate ROLE",
        shows="without the keys of other roles",
        test="test_rotate_needs_only_the_keys_it_needs",
        verdict="different",
        why="the original wants all four keys on one machine",
    ),
    Line(
        line="fleetctl updates rotate ROLE",
        shows="when it fails",
        test="test_rotate_rolls_back_keys_and_staged",
        verdict="different",
        why="staged/ is rolled back as well, and no .backup is left",
    ),
    Line(line="fleetctl updates rotate", test="test_rotate_wants_one_role"),
    Line(line="FLEET_ROLE_PASSPHRASE", test="test_a_passphrase_comes_from_its_variable"),
    Line(line="Enter ROLE key passphrase:", test="test_fleetctl_asks_for_a_new_passphrase_until_both_match"),
    Line(
        line="fleetctl --version",
        shows="and `-v`",
        test="test_the_version_is_printed",
        verdict="different",
        why="the version of tufkeep; exit code 0, as there",
    ),
    Line(
        line="fleetctl version",
        test="test_the_version_is_printed",
        verdict="different",
        why="the version too; the original has only the flag",
    ),
    Line(
        line="fleetctl",
        shows="and `help`, `updates`, `updates help`, `updates help COMMAND`, `updates COMMAND --help`",
        test="test_help_is_printed",
        verdict="different",
        why="the explanation is ours; exit code 0, as there",
    ),
    Line(
        line="fleetctl ANYTHING ELSE",
        test="test_any_other_command_is_told_what_this_program_is",
        verdict="different",
        why="one sentence that says what this program is",
    ),
)
