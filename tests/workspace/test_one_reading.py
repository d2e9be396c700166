"""A change that two clients would read differently is not signed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import layout


def test_a_staged_change_with_two_meanings_is_not_signed(sim: Simulator) -> None:
    sim.release("app", b"good")
    with sim.workspace.edit("renew") as edit:
        edit.renew("targets")
    value: dict[str, Any] = json.loads(sim.store.read(layout.staged("targets")))
    value["signed"]["targets"]["app"]["hashe\u017f"] = {"sha256": "e" * 64}
    value["signatures"] = []
    sim.store.write(layout.staged("targets"), json.dumps(value).encode())
    with pytest.raises(MalformedMetadata, match=r"targets\.app: member 'hashe\\u017f' is read as 'hashes'"):
        sim.workspace.sign(("targets",))
