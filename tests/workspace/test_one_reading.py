"""A change that two clients would read differently, or that a declared one would refuse, is not signed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from securesystemslib.signer import SSlibKey

from tufkeep.keys.private import ECDSA, generate
from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.clients import DEFAULT, LISTED_SIZE
from tufkeep.metadata.lint_paths import TargetUnreachable
from tufkeep.metadata.misread import UnreadableByClients
from tufkeep.testing.simulator import Simulator
from tufkeep.watch.verify import verify
from tufkeep.workspace import Policy, Source, Workspace, layout
from tufkeep.workspace.policy import AgentsPolicy


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


def list_unknown_key(sim: Simulator, *, keytype: str = "ecdsa") -> None:
    """Stage a root that lists a P-256 key in the type that go-tuf v0.5.2 does not know."""
    key = generate(ECDSA).public_key
    assert isinstance(key, SSlibKey)
    with sim.workspace.edit("key import") as edit:
        edit.add_key("targets", SSlibKey(key.keyid, keytype, key.scheme, key.keyval))


def test_a_root_that_a_declared_client_would_refuse_is_not_signed(sim: Simulator) -> None:
    with pytest.raises(UnreadableByClients, match=r"is of type ecdsa, .* whole file is refused by go-tuf-v0\.5\.2$"):
        list_unknown_key(sim)
    assert sim.workspace.state.staged("root") is None
    list_unknown_key(sim, keytype="ecdsa-sha2-nistp256")


def declaring(sim: Simulator, *clients: str) -> Simulator:
    sim.policy = Policy(agents=AgentsPolicy(clients=clients))
    return sim


def test_a_root_that_only_others_would_refuse_is_signed(sim: Simulator) -> None:
    list_unknown_key(declaring(sim, "python-tuf", "tuf-js"))
    sim.commit(sim.workspace)


def test_what_is_committed_with_an_oddity_goes_on_being_kept(sim: Simulator) -> None:
    list_unknown_key(declaring(sim, "python-tuf"))
    sim.commit(sim.workspace)
    declaring(sim, *DEFAULT)
    sim.renew("root", "targets")
    assert sim.workspace.state.root.version == 3
    assert [finding.severity for finding in verify(sim.workspace).findings if "ecdsa" in finding.sentence] == [
        "warning"
    ]
    with pytest.raises(UnreadableByClients):
        list_unknown_key(sim)  # another one


def test_what_another_program_staged_is_not_committed(sim: Simulator) -> None:
    list_unknown_key(declaring(sim, "python-tuf"))
    declaring(sim, *DEFAULT)
    with pytest.raises(UnreadableByClients):
        sim.workspace.plan_commit()


def stage(sim: Simulator, *paths: str) -> Workspace:
    workspace = sim.workspace
    for path in paths:
        workspace.store.write_stream(layout.STAGED_TARGETS + path, [path.encode()])
    workspace.add_sources([Source(path=path, file=None) for path in paths])
    return workspace


@pytest.mark.parametrize(
    ("paths", "fact"),
    [
        (["a#b"], r"target a#b: has #, \?, % or a last blank in its name; it is not found \(404\) by go-tuf-v0.5.2, "),
        (["a%41", "b?"], r"target a%41 and 1 more: has #"),
        (["new", "new/x"], "target new: is a file, and the folder of new/x; only one of them can be kept by tufkeep"),
        (["app/x"], "target app: is a file, and the folder of app/x"),
    ],
)
def test_a_new_name_that_a_declared_client_can_not_fetch_is_not_added(
    sim: Simulator, paths: list[str], fact: str
) -> None:
    sim.release("app", b"app")
    with pytest.raises(TargetUnreachable, match=fact):
        sim.workspace.add_sources([Source(path=path, file=None) for path in paths])


def test_a_name_that_is_listed_already_can_be_added_again(sim: Simulator) -> None:
    sim.release("a#b", b"one")  # as another program would
    assert stage(sim, "a#b").unread() == ()


def test_a_change_says_once_for_each_kind_what_is_new_in_it(sim: Simulator) -> None:
    sim.release("a#1", b"one")
    sim.release("Tool", b"two")
    workspace = sim.workspace
    paths = ("a#2", "a#3", "tool")
    for path in paths:
        workspace.store.write_stream(layout.STAGED_TARGETS + path, [path.encode()])
    workspace.add_sources([Source(path=path, file=None) for path in paths], allow_unreachable=True)
    unreachable, alike = workspace.commit().unread
    assert unreachable.sentence.startswith("target a#2 and 1 more: has #, ?, % or a last blank in its name")
    assert len(unreachable.each) == 2
    assert alike.sentence.startswith("target Tool: differs from tool in case or Unicode form only")


def test_a_targets_file_beyond_what_our_own_client_reads_is_not_signed(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(LISTED_SIZE, by={"tufkeep": replace(LISTED_SIZE.by["tufkeep"], most=3_000)})
    monkeypatch.setattr("tufkeep.metadata.clients.LISTED_SIZE", small)
    with pytest.raises(UnreadableByClients, match=r"targets has .* above the 3,000 that are read; .* by tufkeep"):
        sim.release("app", b"app", custom={"note": "x" * 3_000})
    sim.store.delete(layout.STAGED_TARGETS + "app")
    sim.release("app", b"app", custom={"note": "x" * 2_000})
    assert verify(sim.workspace).errors == ()
    workspace = sim.workspace
    with workspace.edit("renew") as edit:
        edit.renew("targets")
    assert any("and clients take 3,000 at most" in each.sentence for each in workspace.unread())
