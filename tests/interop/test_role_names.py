"""Delegated roles of any name: pushed to a folder, read through nginx and asked for by every client alike."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from tuf.api.metadata import DelegatedRole, Delegations, Targets

from tests.conftest import need_peer
from tests.interop.test_pushes import go_tuf, our_agent, python_tuf
from tests.interop.test_web_server import nginx_serving
from tests.publish.conftest import Releaser, new_releaser
from tufkeep.keys.private import generate
from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import asked_name, metadata_name, prefixed_path
from tufkeep.metadata.targets import target_file
from tufkeep.publish.remote import open_remote
from tufkeep.stores import FolderStore
from tufkeep.testing.clock import FakeClock
from tufkeep.watch.serve import serving
from tufkeep.workspace import layout
from tufkeep.workspace.policy import RemotePolicy

ROLES = ["team", "a b", "a/b", "%2e", "a%20b", "a+b", "team:x", "é"]
ARTIFACT = b"of the team"


def pushed(folder: Path, role: str, *, consistent_snapshot: bool, public_url: str | None = None) -> Releaser:
    """Return a releaser who has pushed two versions of a delegated role, which lists the one artifact there is."""
    clock = FakeClock(datetime.now(UTC))  # python-tuf's and go-tuf's clients have the real time alone
    remote = open_remote("web", {"web": RemotePolicy(url=str(folder), public_url=public_url)}, None)
    releaser = new_releaser(remote, clock, consistent_snapshot=consistent_snapshot)
    key = generate()
    for version in (1, 2):
        workspace = releaser.workspace
        digest = hashlib.sha256(ARTIFACT).hexdigest()
        targets = {"app": target_file("app", length_bytes=len(ARTIFACT), hashes={"sha256": digest})}
        document = Document.of(Targets(version=version, expires=clock() + timedelta(days=90), targets=targets))
        signed = document.with_signatures([key.sign(document.payload)])
        workspace.store.write(layout.staged(role), signed.data)
        workspace.store.write(
            layout.REPOSITORY_TARGETS + (prefixed_path("app", digest) if consistent_snapshot else "app"), ARTIFACT
        )
        with workspace.edit("delegate") as edit:
            edit.renew("targets")
            model = edit.models["targets"]
            assert isinstance(model, Targets)
            delegated = DelegatedRole(role, [key.keyid], 1, terminating=False, paths=["*"])
            model.delegations = Delegations({key.keyid: key.public_key}, {role: delegated})
        releaser.commit()
        releaser.push()
    return releaser


def is_found_by_go_tuf(role: str, *, consistent_snapshot: bool) -> bool:
    """Whether go-tuf v0.5.2 comes to the role's file.

    It encodes nothing, and puts the version before the last segment: a/2.b.json where others ask for 2.a/b.json.
    """
    return "%" not in role and not (consistent_snapshot and "/" in role)


@pytest.mark.parametrize("consistent_snapshot", [True, False], ids=["consistent", "plain"])
@pytest.mark.parametrize("role", ROLES)
def test_a_role_of_any_name_is_followed_behind_nginx(
    tmp_path: Path, peer_nginx: Path, role: str, consistent_snapshot: bool
) -> None:
    published = tmp_path / "published"
    published.mkdir()
    with nginx_serving(peer_nginx, published, tmp_path / "nginx") as url:
        releaser = pushed(published, role, consistent_snapshot=consistent_snapshot, public_url=url)
        assert releaser.publisher.verify().right
        root = releaser.store.read(layout.committed("root", 1))
        agents = [our_agent(url, root, releaser.clock), python_tuf(url.rstrip("/"), root, tmp_path / "python-tuf")]
        assert [agent() for agent in agents] == [ARTIFACT, ARTIFACT]


@pytest.mark.peer("tuf-client")
@pytest.mark.parametrize("consistent_snapshot", [True, False], ids=["consistent", "plain"])
@pytest.mark.parametrize("role", ROLES)
def test_every_client_asks_for_the_same_file(tmp_path: Path, role: str, consistent_snapshot: bool) -> None:
    releaser = pushed(tmp_path / "published", role, consistent_snapshot=consistent_snapshot)
    version = 2 if consistent_snapshot else None
    for agent, names in asked(releaser, tmp_path).items():
        if agent != "go-tuf":
            assert asked_name(role, version) in names, agent
        elif is_found_by_go_tuf(role, consistent_snapshot=consistent_snapshot):
            assert metadata_name(role, version) in map(unquote, names)
        else:
            assert metadata_name(role, version) not in map(unquote, names)


def asked(releaser: Releaser, folder: Path) -> dict[str, list[str]]:
    """Return what each client asks a server for, as it stands in the request."""
    root = releaser.store.read(layout.committed("root", 1))
    asked: dict[str, list[str]] = {}
    found = FolderStore(Path(releaser.remote.policy.url))
    agents: dict[str, Callable[[str], Callable[[], bytes]]] = {
        "ours": lambda url: our_agent(f"{url}/", root, releaser.clock),
        "python-tuf": lambda url: python_tuf(url, root, folder / "python-tuf"),
        "go-tuf": lambda url: go_tuf(need_peer("tuf-client"), url, root, folder / "go-tuf"),
    }
    for name, agent in agents.items():
        names = asked[name] = []
        with serving(found, log=lambda request, names=names: names.append(request.target[1:])) as server:
            try:
                assert agent(server.url.rstrip("/"))() == ARTIFACT
            except AssertionError:
                assert name == "go-tuf"
    return asked
