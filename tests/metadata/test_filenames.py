"""How each file of a repository is called: stored, asked for, taken apart, kept by caches."""

from __future__ import annotations

import posixpath
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.metadata.making import target
from tufkeep.metadata.filenames import (
    IMMUTABLE,
    NEVER_KEPT,
    OWN,
    TARGETS,
    TOP_LEVEL,
    MetadataName,
    UnstorableRole,
    asked_name,
    cache_control,
    content_type,
    is_immutable,
    kept_name,
    metadata_name,
    metapath,
    parse_metadata_name,
    path_fault,
    prefixed_path,
    role_fault,
    role_of,
    split_prefixed,
    stored_paths,
)
from tufkeep.stores.names import check_name

SHA256, SHA512 = "ab" * 32, "cd" * 64
VECTORS = Path(__file__).parents[1] / "vectors" / "go-tuf"
ANY_ROLE = st.one_of(
    st.sampled_from(TOP_LEVEL),
    st.text(alphabet=st.sampled_from("ab/.%1 \\\x00\ud800\u00e9?#:+jsonrtkeg"), max_size=20),
    st.text(max_size=250),
)
ANY_VERSION = st.one_of(st.none(), st.integers(1, 10**19))


@pytest.mark.parametrize(
    ("role", "stored", "asked"),
    [
        ("root", "3.root.json", "3.root.json"),
        ("team", "3.team.json", "3.team.json"),
        ("a b", "3.a b.json", "3.a%20b.json"),
        ("a/b", "3.a/b.json", "3.a%2Fb.json"),
        ("team.linux", "3.team.linux.json", "3.team.linux.json"),
        ("%2e", "3.%2e.json", "3.%252e.json"),
        ("a%20b", "3.a%20b.json", "3.a%2520b.json"),
        ("a?b#c", "3.a?b#c.json", "3.a%3Fb%23c.json"),
        ("a+b", "3.a+b.json", "3.a%2Bb.json"),
        ("team:x", "3.team:x.json", "3.team%3Ax.json"),
        ("\u00e9", "3.\u00e9.json", "3.%C3%A9.json"),
        ("1x", "3.1x.json", "3.1x.json"),
        ("targets-old", "3.targets-old.json", "3.targets-old.json"),
        ("bin-0f", "3.bin-0f.json", "3.bin-0f.json"),
    ],
)
def test_a_role_is_stored_by_its_own_name_and_asked_for_encoded_once(role: str, stored: str, asked: str) -> None:
    assert (metadata_name(role, 3), asked_name(role, 3)) == (stored, asked)
    assert (metadata_name(role), asked_name(role)) == (stored.removeprefix("3."), asked.removeprefix("3."))


@pytest.mark.parametrize(
    ("role", "fault"),
    [
        ("", "is empty"),
        ("../a", "has a segment that is empty, . or .."),
        ("..", "has a segment that is empty, . or .."),
        ("a//b", "has a segment that is empty, . or .."),
        ("/a", "is absolute"),
        ("c:/a", "is absolute"),
        ("a\\b", "contains a backslash"),
        ("nul\0", "contains a control character"),
        ("a\ud800", "is not valid Unicode"),
        (".hidden", "has a segment that begins with a dot"),
        (".tufkeep/x", "has a segment that begins with a dot"),
        ("a/.b", "has a segment that begins with a dot"),
        ("1.root", "begins with a number and a dot"),
        ("2024.1", "begins with a number and a dot"),
        ("007.bond", "begins with a number and a dot"),
        ("targets/x", "begins with targets/"),
        ("Targets/x", "begins with Targets/"),
        ("keys/x", "begins with keys/"),
        ("staged/x", "begins with staged/"),
        ("a.json/b", "has a folder that ends in .json"),
        ("Root", "is root in other letters"),
        ("TIMESTAMP", "is timestamp in other letters"),
        ("x" * 201, "has more than 200 bytes"),
        ("\u00e9" * 101, "has more than 200 bytes"),
    ],
)
def test_a_role_whose_file_would_be_another_one_or_nowhere_is_refused_by_name(role: str, fault: str) -> None:
    with pytest.raises(UnstorableRole) as caught:
        metadata_name(role, 1)
    assert str(caught.value).startswith(f"role {role!r} can't be stored: its name {fault}")
    assert str(caught.value).isprintable()


@given(ANY_ROLE, ANY_VERSION)
@example("1.root", None)
@example("a.json", 1)
def test_a_stored_name_gives_back_role_and_version(role: str, version: int | None) -> None:
    if role_fault(role):
        return
    name = metadata_name(role, version)
    assert parse_metadata_name(name) == MetadataName(role, version)
    assert is_immutable(name) == (version is not None)


@given(st.tuples(ANY_ROLE, ANY_VERSION), st.tuples(ANY_ROLE, ANY_VERSION))
@example(("1.root", None), ("root", 1))
@example(("x", 1), ("1.x", None))
def test_two_files_never_have_one_name(one: tuple[str, int | None], other: tuple[str, int | None]) -> None:
    if role_fault(one[0]) or role_fault(other[0]):
        return
    assert (metadata_name(*one) == metadata_name(*other)) == (one == other)


@given(st.text(alphabet=st.sampled_from("ab/.1json"), max_size=15), st.text(max_size=5))
def test_a_name_that_can_be_taken_apart_is_put_together_the_same(start: str, end: str) -> None:
    name = f"{start}{end}.json"
    found = parse_metadata_name(name)
    assert found is None or metadata_name(*found) == name


@given(ANY_ROLE, ANY_VERSION)
def test_every_store_takes_the_name_and_nothing_leaves_the_folder(role: str, version: int | None) -> None:
    if role_fault(role):
        return
    name = metadata_name(role, version)
    check_name(f"repository/{name}")
    assert posixpath.normpath(posixpath.join("/top", name)) == f"/top/{name}"
    assert not name.startswith((TARGETS, OWN, "keys/", "staged/"))


@given(ANY_ROLE, ANY_VERSION)
def test_a_web_server_finds_what_a_client_asks_for(role: str, version: int | None) -> None:
    if not role_fault(role):
        assert unquote(asked_name(role, version)) == metadata_name(role, version)


@given(st.text(st.characters(exclude_categories=["Cs"])), ANY_VERSION)
def test_python_tuf_asks_for_the_same(role: str, version: int | None) -> None:
    encoded = quote(role, "")  # as of ngclient's Updater
    assert asked_name(role, version) == (f"{encoded}.json" if version is None else f"{version}.{encoded}.json")


@given(st.text())
def test_the_snapshot_lists_a_role_by_any_name(role: str) -> None:
    assert role_of(metapath(role)) == role


@pytest.mark.parametrize(
    "name", ["root", "root.txt", ".json", "1..json", "01.root.json", "0.root.json", "targets/a.json", f"{OWN}a.json"]
)
def test_what_is_no_metadata_has_neither_role_nor_version(name: str) -> None:
    assert parse_metadata_name(name) is None


def test_what_a_client_keeps_stays_in_one_folder_beside_root() -> None:
    roles = ["root", "Root", "../root", "a/b", "a b", "%2e", "..", "x" * 10_000, "x" * 10_001]
    names = [kept_name(role) for role in roles]
    assert len({name.casefold() for name in names}) == len(roles)
    assert all("/" not in name and len(name) < 255 for name in names)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("timestamp.json", NEVER_KEPT),
        ("root.json", "no-cache"),
        ("1.root.json", IMMUTABLE),
        ("12.targets.json", IMMUTABLE),
        ("3.a/b.json", IMMUTABLE),
        ("a/3.b.json", "no-cache"),
        ("targets/app/agent", "no-cache"),
        (f"targets/app/{SHA256}.agent", IMMUTABLE),
        (f"targets/{SHA512}.agent", IMMUTABLE),
        (f"targets/{SHA256}", "no-cache"),
        ("targets/1.root.json", "no-cache"),
        ("0.root.json", "no-cache"),
        (f"{OWN}journal/1.x.json", NEVER_KEPT),
    ],
)
def test_only_names_that_hold_one_content_for_ever_are_kept(name: str, kept: str) -> None:
    assert cache_control(name) == kept


def test_a_publisher_may_let_caches_keep_the_rest_for_seconds() -> None:
    def rule(name: str) -> str:
        return cache_control(name, timestamp_max_age=5, plain_max_age=60)

    assert rule("timestamp.json") == "public, max-age=5, must-revalidate"
    assert rule("snapshot.json") == rule("targets/app") == "public, max-age=60, must-revalidate"
    assert (rule("1.snapshot.json"), rule(f"{OWN}journal/1")) == (IMMUTABLE, NEVER_KEPT)


def test_no_browser_runs_an_artifact() -> None:
    assert content_type("1.a/b.json") == content_type("root.json") == "application/json"
    assert content_type("targets/a.json") == content_type("targets/page.html") == "application/octet-stream"


def test_artifacts_are_stored_under_every_hash_that_a_client_may_pick() -> None:
    file = target("a/b/name.tar.gz", b"content")
    assert stored_paths(file, consistent_snapshot=False) == ("a/b/name.tar.gz",)
    assert sorted(stored_paths(file, consistent_snapshot=True)) == sorted(file.get_prefixed_paths())
    assert prefixed_path("name", SHA256) == f"{SHA256}.name"


@given(st.text().filter(lambda path: path_fault(path) is None), st.sampled_from([SHA256, SHA512]))
@example(f"{SHA256}.x", SHA512)
def test_a_stored_name_gives_back_path_and_hash(path: str, digest: str) -> None:
    assert split_prefixed(prefixed_path(path, digest)) == (path, digest)


@pytest.mark.parametrize(
    "stored",
    [
        "name",
        "a/name",
        f"{SHA256}",
        f"{SHA256}.",
        f"{SHA256[1:]}.x",
        f"{SHA256.upper()}.x",
        f"{SHA256}.a/b",
        f"../{SHA256}.x",
        f"/{SHA256}.x",
        f"{SHA256}..."[:66],
    ],
)
def test_a_name_without_hash_prefix_or_out_of_the_folder_gives_nothing(stored: str) -> None:
    assert split_prefixed(stored) is None


def test_the_stored_names_of_go_tuf_are_understood() -> None:
    folder = VECTORS / "fresh" / "repository" / "targets"
    found = {split_prefixed(path.relative_to(folder).as_posix()) for path in folder.rglob("*") if path.is_file()}
    assert {pair[0] for pair in found if pair} == {"hello.txt", "sub/dir/nested.bin"}
