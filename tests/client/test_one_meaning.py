"""A client refuses what other clients would take for something else, however well it is signed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.client.conftest import NewClient
from tufkeep.client import Client
from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.stores import MemoryStore
from tufkeep.testing.forge import Forge

Signed = dict[str, Any]


def with_member(*way: str, name: str, value: Any) -> Callable[[Signed], None]:
    def lie(signed: Signed) -> None:
        holder = signed
        for step in way:
            holder = holder[step]
        holder[name] = value

    return lie


@pytest.mark.parametrize(
    ("role", "lie"),
    [
        ("root", with_member("roles", "root", name="Threshold", value=9)),
        ("root", with_member(name="\u212aeys", value={})),
        ("timestamp", with_member("meta", "snapshot.json", name="ver\u017fion", value=1)),
        ("snapshot", with_member(name="Meta", value={})),
        ("targets", with_member(name="target\u017f", value={})),
    ],
)
def test_a_look_alike_member_is_refused_in_every_role(
    forge: Forge, client: Client, role: str, lie: Callable[[Signed], None]
) -> None:
    client.refresh()
    forge.lie(role, lie)
    forge.publish_root() if role == "root" else forge.publish()
    with pytest.raises(MalformedMetadata, match="by clients in Go"):
        client.refresh()


def test_a_look_alike_member_of_one_target_spoils_that_target_alone(forge: Forge, client: Client) -> None:
    forge.add("other", b"2.0")
    forge.lie("targets", with_member("targets", "app", name="hashe\u017f", value={"sha256": "e" * 64}))
    forge.publish()
    client.refresh()
    assert client.target("other").length == 3
    with pytest.raises(MalformedMetadata, match="'hashes' by clients in Go"):
        client.target("app")


def test_two_signatures_with_one_keyid_are_refused(forge: Forge, new_client: NewClient) -> None:
    client = new_client(MemoryStore())
    client.init(forge.root(1))
    data = forge.store.read("timestamp.json")
    first = data.index(b'{"keyid"')
    last = data.index(b"}", first) + 1
    forge.store.write("timestamp.json", data[:last] + b"," + data[first:last] + data[last:])
    with pytest.raises(MalformedMetadata, match="2 signatures of key"):
        client.refresh()
