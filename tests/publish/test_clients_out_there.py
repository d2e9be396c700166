"""Nothing is pushed or deployed that declared clients would refuse, or that two of them read differently."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.signer import SSlibKey
from tuf.api.metadata import DelegatedRole, Delegations, Targets

from tests.publish.conftest import Releaser, memory_remote, new_releaser
from tests.publish.test_deploy import deployment
from tufkeep.keys.private import ECDSA, generate
from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.clients import DEFAULT
from tufkeep.metadata.document import Document
from tufkeep.metadata.misread import UnreadableByClients
from tufkeep.publish.deploy import Deployment
from tufkeep.testing.clock import FakeClock
from tufkeep.workspace import layout

ONLY_PYTHON = b'[agents]\nclients = ["python-tuf"]\n'


@pytest.fixture
def releaser(clock: FakeClock) -> Releaser:
    return new_releaser(memory_remote(), clock)


def declare(releaser: Releaser, policy: bytes = b"") -> None:
    releaser.store.write(layout.POLICY, policy)


def list_unknown_key(releaser: Releaser) -> None:
    """Commit a root with a key of a type that go-tuf v0.5.2 refuses, while nobody has declared go-tuf."""
    key = generate(ECDSA).public_key
    declare(releaser, ONLY_PYTHON)
    with releaser.workspace.edit("key import") as edit:
        edit.add_key("targets", SSlibKey(key.keyid, "ecdsa", key.scheme, key.keyval))
    releaser.commit()


def test_a_root_that_a_declared_client_refuses_is_not_pushed(releaser: Releaser) -> None:
    releaser.push()
    list_unknown_key(releaser)
    declare(releaser)
    with pytest.raises(UnreadableByClients, match=r"is of type ecdsa.*go-tuf-v0\.5\.2"):
        releaser.push()
    declare(releaser, ONLY_PYTHON)
    releaser.push()


def test_nor_is_a_newer_root_that_agents_would_come_to_over_it(releaser: Releaser) -> None:
    releaser.push()
    list_unknown_key(releaser)
    (odd,) = (keyid for keyid, key in releaser.workspace.state.root.signed.keys.items() if key.keytype == "ecdsa")
    with releaser.workspace.edit("key revoke") as edit:
        edit.revoke_key("targets", odd)
    releaser.commit()
    declare(releaser)
    with pytest.raises(UnreadableByClients):
        releaser.push()


def test_what_is_published_with_an_oddity_goes_on_being_pushed(releaser: Releaser) -> None:
    list_unknown_key(releaser)
    releaser.push()
    declare(releaser)
    releaser.renew("root", "targets")
    releaser.release("app", b"app")
    assert releaser.push().unread == ()


def test_what_a_declared_client_of_production_refuses_is_not_deployed(releaser: Releaser) -> None:
    list_unknown_key(releaser)
    releaser.push()
    production = memory_remote("production")
    with pytest.raises(UnreadableByClients):
        deployment(releaser, production, declared=DEFAULT).plan()
    step = deployment(releaser, production, declared=("python-tuf",))
    step.run(step.plan())


def test_a_deployment_and_a_mirror_ask_whom_the_directory_declares(releaser: Releaser, tmp_path: Path) -> None:
    list_unknown_key(releaser)
    releaser.push()
    declare(releaser)
    production = memory_remote("production")
    with pytest.raises(UnreadableByClients):
        Deployment.open(releaser.workspace, releaser.remote, production).plan()
    mirror = Deployment.mirror(releaser.workspace, releaser.remote, tmp_path)
    assert mirror.plan().unread == ()  # it is a copy of what agents read already


def delegate(releaser: Releaser, change: Any) -> None:
    """Commit a delegated role with a file that was changed before it was signed."""
    key, workspace = generate(), releaser.workspace
    model = Targets(expires=releaser.clock().replace(year=2030))
    value = json.loads(Document.of(model).data)["signed"]
    change(value)
    document = Document.parse(json.dumps({"signatures": [], "signed": value}).encode(), Targets)
    workspace.store.write(layout.staged("team"), document.with_signatures([key.sign(document.payload)]).data)
    with workspace.edit("delegate") as edit:
        edit.renew("targets")
        targets = edit.models["targets"]
        assert isinstance(targets, Targets)
        role = DelegatedRole("team", [key.public_key.keyid], 1, terminating=False, paths=["*"])
        targets.delegations = Delegations({key.public_key.keyid: key.public_key}, {"team": role})


def test_a_push_says_what_it_brings_that_a_client_does_not_read(releaser: Releaser) -> None:
    releaser.push()
    for name in ("a#1", "a#2"):
        releaser.stage(name, b"x")  # as another program would
    releaser.commit()
    plan = releaser.publisher.plan_push()
    (unread,) = plan.unread
    assert unread.sentence.startswith("target a#1 and 1 more: has #, ?, % or a last blank in its name")
    assert unread.sentence in plan.warnings
    assert unread.sentence in releaser.push().warnings
    releaser.release("app", b"app")
    assert releaser.push().unread == ()


def test_a_delegated_role_that_two_clients_read_differently_is_not_pushed(
    releaser: Releaser, monkeypatch: pytest.MonkeyPatch
) -> None:
    releaser.push()
    monkeypatch.setattr(
        "tufkeep.workspace.proof.require_read", lambda *args, **named: None
    )  # an older program's commit
    delegate(releaser, lambda value: value.update({"expire\u017f": "2031-01-01T00:00:00Z"}))
    releaser.commit()
    with pytest.raises(MalformedMetadata, match=r"team: .*expire\\u017f"):
        releaser.push()
