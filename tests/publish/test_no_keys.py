"""No private key goes out with a push, whatever program committed it."""

from __future__ import annotations

import io

import pytest

from tests.publish.conftest import Releaser, memory_remote, new_releaser
from tests.publish.test_deploy import deployment
from tufkeep.keys.keyfile import seal_key_file
from tufkeep.keys.material import PrivateKeyInside
from tufkeep.keys.private import generate
from tufkeep.metadata.filenames import TARGETS, stored_paths
from tufkeep.metadata.targets import target_file
from tufkeep.stores.hashing import hash_file
from tufkeep.testing.clock import FakeClock
from tufkeep.workspace import layout
from tufkeep.workspace.no_keys import MEANT

KEY = seal_key_file([generate()], None)


@pytest.fixture(params=[True, False], ids=["consistent", "plain"])
def releaser(request: pytest.FixtureRequest, clock: FakeClock) -> Releaser:
    return new_releaser(memory_remote("staging"), clock, consistent_snapshot=request.param)


def commit_elsewhere(releaser: Releaser, *, meant: bool = False) -> None:
    """Have a key in repository/, as another program may have committed it."""
    workspace, hashes = releaser.workspace, hash_file(io.BytesIO(KEY))
    custom = {MEANT: True} if meant else None
    target = target_file("key", length_bytes=len(KEY), hashes=dict(hashes.by_algorithm), custom=custom)
    for name in stored_paths(target, consistent_snapshot=bool(workspace.state.root.signed.consistent_snapshot)):
        workspace.store.write(layout.REPOSITORY_TARGETS + name, KEY)
    with workspace.edit("elsewhere") as edit:
        edit.add_targets([target])
    releaser.commit()


def sent(releaser: Releaser) -> list[bytes]:
    store = releaser.remote.store
    return [store.read(entry.name) for entry in store.list(TARGETS)]


def test_a_key_that_another_program_committed_is_not_pushed(releaser: Releaser) -> None:
    releaser.push()
    commit_elsewhere(releaser)
    with pytest.raises(PrivateKeyInside, match="key"):
        releaser.push()
    assert KEY not in sent(releaser)


def test_a_key_that_is_signed_as_meant_is_pushed(releaser: Releaser) -> None:
    commit_elsewhere(releaser, meant=True)
    releaser.push()
    assert KEY in sent(releaser)


def test_what_can_not_be_searched_is_named_by_a_push(releaser: Releaser) -> None:
    releaser.release("app.7z", b"7z\xbc\xaf\x27\x1c" + bytes(100))
    assert [warning for warning in releaser.push().warnings if "app.7z" in warning and "7-Zip" in warning]


def test_a_key_is_not_deployed_and_a_mirror_names_it(releaser: Releaser) -> None:
    commit_elsewhere(releaser)
    for entry in releaser.store.list(layout.REPOSITORY):
        releaser.remote.store.write(entry.name.removeprefix(layout.REPOSITORY), releaser.store.read(entry.name))
    production = memory_remote("production")
    with pytest.raises(PrivateKeyInside, match="key"):
        deployment(releaser, production).run()
    mirrored = deployment(releaser, memory_remote("mirror"), is_mirror=True).run()
    assert [warning for warning in mirrored.warnings if warning.startswith("key: contains")]
