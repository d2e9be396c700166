"""What is sent is the signed bytes, whoever copied them."""

from __future__ import annotations

import io

import pytest

from tests.publish.conftest import memory_remote
from tufkeep.metadata.filenames import TARGETS, stored_paths
from tufkeep.metadata.targets import target_file
from tufkeep.publish.errors import ArtifactDamaged
from tufkeep.publish.inventory import Artifact
from tufkeep.publish.send import Sender
from tufkeep.stores import MemoryStore
from tufkeep.stores.hashing import hash_file

GOOD, SPOILED = b"signed", b"spoilt"


def artifacts(number: int) -> list[Artifact]:
    found = []
    for path in (f"app-{each}" for each in range(number)):
        hashes = hash_file(io.BytesIO(GOOD)).by_algorithm
        target = target_file(path, length_bytes=len(GOOD), hashes=hashes)
        names = tuple(TARGETS + name for name in stored_paths(target, consistent_snapshot=True))
        found.append(Artifact(target=target, names=names))
    return found


@pytest.mark.parametrize("number", [1, 20])
def test_a_copy_that_the_server_spoiled_is_replaced_by_the_signed_bytes(number: int) -> None:
    source, production = MemoryStore(), memory_remote("production")
    wanted = artifacts(number)

    def copy_between(name: str) -> bool:
        production.store.write(name, SPOILED)
        return True

    for artifact in wanted:
        source.write(artifact.names[0], SPOILED)
    sender = Sender(source, "", production, conditions=True, copy_between=copy_between)
    with pytest.raises(ArtifactDamaged):
        sender.send_artifacts(wanted)
    for artifact in wanted:
        source.write(artifact.names[0], GOOD)
    sender.send_artifacts(wanted)
    for artifact in wanted:
        assert [production.store.read(name) for name in artifact.names] == [GOOD, GOOD]
