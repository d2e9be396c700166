"""No private key becomes public unless its signer means it to."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tufkeep.keys.keyfile import seal_key_file
from tufkeep.keys.material import PrivateKeyInside, PrivateMaterial
from tufkeep.keys.private import generate
from tufkeep.metadata.targets import target_file
from tufkeep.stores.hashing import hash_file
from tufkeep.testing.clock import FakeClock
from tufkeep.watch.verify import verify
from tufkeep.workspace import Workspace, layout
from tufkeep.workspace.no_keys import MEANT, WorkingDirectoryAdded


@pytest.fixture
def workspace(tmp_path: Path, clock: FakeClock) -> Workspace:
    return Workspace.create(tmp_path / "updates", insecure_plaintext=True, clock=clock)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "holiday.jpg"
    path.write_bytes(seal_key_file([generate()], None))
    return path


def custom(workspace: Workspace, path: str) -> object:
    targets = workspace.state.current("targets")
    assert targets is not None
    return targets.signed.targets[path].unrecognized_fields.get("custom")


def test_a_file_with_a_private_key_is_not_added_and_nothing_is_left_of_it(workspace: Workspace, key: Path) -> None:
    before = {entry.name for entry in workspace.store.list()}
    with pytest.raises(PrivateKeyInside, match=r"holiday\.jpg"):
        workspace.add(key)
    assert {entry.name for entry in workspace.store.list()} - before <= {layout.KNOWN_KEYS}


def test_a_test_key_for_everybody_is_signed_as_one_and_remembered(workspace: Workspace, key: Path) -> None:
    workspace.add(key, publish_private_keys=True, custom={"version": "1"})
    workspace.commit()
    assert custom(workspace, key.name) == {"version": "1", MEANT: True}
    assert workspace.record.read()[-1].entry.remarks == (f"published a private key on purpose: {key.name}",)
    key.write_bytes(b"no key any more")
    workspace.add(key)
    workspace.commit()
    assert custom(workspace, key.name) == {"version": "1"}
    key.write_bytes(seal_key_file([generate()], None))
    with pytest.raises(PrivateKeyInside):
        workspace.add(key)


def test_a_key_that_was_staged_by_another_program_is_not_committed(workspace: Workspace, key: Path) -> None:
    key_bytes = key.read_bytes()
    key.write_bytes(bytes(len(key_bytes)))
    workspace.add(key)
    with workspace.edit("as another program") as edit:
        workspace.store.write(layout.STAGED_TARGETS + key.name, key_bytes)
        with workspace.store.open(layout.STAGED_TARGETS + key.name) as stream:
            hashes = hash_file(stream)
        edit.add_targets(
            [target_file(key.name, length_bytes=hashes.length_bytes, hashes=dict(hashes.by_algorithm), custom=None)]
        )
    workspace.hashed.clear()
    with pytest.raises(PrivateKeyInside, match=r"holiday\.jpg"):
        workspace.commit()


def test_a_key_in_the_custom_data_is_not_committed(workspace: Workspace, key: Path) -> None:
    other = key.with_name("tool")
    other.write_bytes(b"tool")
    workspace.add(other, custom={"note": key.read_text()})
    with pytest.raises(PrivateKeyInside, match=r"staged/targets\.json"):
        workspace.commit()


def test_what_could_not_be_searched_is_named(workspace: Workspace, tmp_path: Path) -> None:
    packed = tmp_path / "app.7z"
    packed.write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(100))
    (unlooked,) = workspace.add(packed).unlooked
    assert unlooked.name == "app.7z"
    assert workspace.plan_commit().unlooked == (unlooked,)


@pytest.mark.parametrize(
    "path", [".", "..", "keys", "keys/targets.json", ".tufkeep", "staged", "repository", "repository/targets", "link"]
)
def test_the_working_directory_is_not_added_nor_a_part_of_it(workspace: Workspace, path: str, tmp_path: Path) -> None:
    folder = tmp_path / "updates"
    (tmp_path / "tool").write_bytes(b"tool")
    workspace.add(tmp_path / "tool")
    workspace.commit()
    if path == "link":
        (tmp_path / "link").symlink_to(folder / "keys")
        folder = tmp_path
    with pytest.raises(WorkingDirectoryAdded):
        workspace.sources(folder / path)


def test_files_of_the_folder_that_are_no_part_of_it_are_added(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "updates"
    (folder / "build").mkdir()
    for name in ("build/tool", "staged/targets/other"):
        (folder / name).write_bytes(b"tool")
    workspace.add([folder / "build", folder / "staged/targets"])
    workspace.commit()
    served = next((folder / "repository/targets").glob("*.other"))
    assert workspace.sources(served, as_="promoted")[0].path == "promoted"


def test_a_key_in_an_archive_that_is_served_is_named(workspace: Workspace, key: Path) -> None:
    packed = gzip.compress(key.read_bytes())
    workspace.store.write("repository/targets/app.gz", packed)
    (finding,) = [each for each in verify(workspace).errors if each.check == "private-keys"]
    assert finding.subject.startswith("repository/targets/app.gz!")
    workspace.store.delete("repository/targets/app.gz")
    workspace.add(key, publish_private_keys=True)
    workspace.commit()
    assert not verify(workspace).errors


def test_a_finding_is_named_by_its_file() -> None:
    assert PrivateMaterial(name="app.zip!keys/root.json", form="a key").file == "app.zip"
