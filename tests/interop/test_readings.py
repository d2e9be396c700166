"""What the table of clients says of each thing is what the real clients do with it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from securesystemslib.signer import SSlibKey
from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    MetaFile,
    Role,
    Root,
    Snapshot,
    SuccinctRoles,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.ngclient import Updater

from tests.conftest import need_peer
from tests.metadata.making import public, renamed, signer
from tests.peers import node_modules
from tufkeep.client import Client, HttpFetcher
from tufkeep.client.limits import Limits
from tufkeep.clock import system_clock
from tufkeep.errors import TufkeepError
from tufkeep.keys.private import PrivateKey, generate
from tufkeep.metadata import clients
from tufkeep.metadata.clients import GO, GO_OLD, JS, OURS, PYTHON, Trait
from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import metadata_name, metapath, stored_paths
from tufkeep.metadata.misread import can_not_ask
from tufkeep.stores import MemoryStore

KEY: PrivateKey = generate()
SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(days=7)
PLAIN = "plain"
BIG = 2**53 + 1
TUF_JS = """
const { Updater } = require("tuf-js");
const [base, state, names] = process.argv.slice(1);
const open = () => new Updater({
  metadataDir: state, targetDir: state + "/targets", metadataBaseUrl: base, targetBaseUrl: base + "/targets",
  config: { fetchRetries: 0 },
});
const read = async (name) => {
  try {
    const updater = open(), found = await updater.getTargetInfo(name);
    return found !== undefined && (await updater.downloadTarget(found, state + "/loot")) !== undefined;
  } catch { return false; }
};
(async () => {
  const found = {};
  for (const name of JSON.parse(names)) found[name] = await read(name);
  process.stdout.write(JSON.stringify(found), () => process.exit(0));
})();
"""


@dataclass
class Repository:
    """Metadata made by hand, signed with one key, whatever is in it."""

    consistent: bool = True
    names: Sequence[str] = (PLAIN,)
    delegated: Mapping[str, Sequence[str]] = field(default_factory=dict)  # role -> target paths
    lengths: bool = True
    notes: Mapping[str, int] = field(default_factory=dict)  # role -> bytes that are put into its file
    change: Callable[[dict[str, Any]], None] = lambda documents: None

    def store(self) -> MemoryStore:
        key = {KEY.public_key.keyid: KEY.public_key}
        roles = {role: Role([KEY.public_key.keyid], 1) for role in ("root", "timestamp", "snapshot", "targets")}
        models: dict[str, Any] = {
            "root": Root(expires=SOON, keys=key, roles=roles, consistent_snapshot=self.consistent),
            "targets": Targets(expires=SOON, targets={name: entry(name) for name in self.names}),
            **{
                role: Targets(expires=SOON, targets={name: entry(name) for name in names})
                for role, names in self.delegated.items()
            },
        }
        if self.delegated:
            below = {role: DelegatedRole(role, list(key), 1, terminating=False, paths=["*"]) for role in self.delegated}
            models["targets"].delegations = Delegations(key, below)
        self.change(models)
        store = MemoryStore()
        for role in ("root", "targets", *self.delegated):
            self._write(store, role, models[role])
        if "root" in self.notes:  # a client takes its first root as it is
            models["root"].version = 2
            self._write(store, "root", models["root"])
        listed = {metapath(role): self._listed(store, role) for role in ("targets", *self.delegated)}
        self._write(store, "snapshot", Snapshot(expires=SOON, meta=listed))
        self._write(store, "timestamp", Timestamp(expires=SOON, snapshot_meta=self._listed(store, "snapshot")))
        for role in ("targets", *self.delegated):
            for name, target in models[role].targets.items():
                for path in stored_paths(target, consistent_snapshot=self.consistent):
                    store.write(f"targets/{path}", name.encode())
        return store

    def _write(self, store: MemoryStore, role: str, model: Any) -> None:
        if role in self.notes and (role != "root" or model.version > 1):
            model.unrecognized_fields["note"] = "x" * self.notes[role]
        document = Document.of(model)
        signed = document.with_signatures([KEY.sign(document.payload)]).data
        prefixed = role == "root" or (self.consistent and role != "timestamp")
        store.write(metadata_name(role, model.version if prefixed else None), signed)

    def _listed(self, store: MemoryStore, role: str) -> MetaFile:
        data = store.read(metadata_name(role, 1 if self.consistent else None))
        return MetaFile(1, len(data), {"sha256": hashlib.sha256(data).hexdigest()}) if self.lengths else MetaFile(1)


def entry(name: str) -> TargetFile:
    data = name.encode()
    digests = {algorithm: hashlib.new(algorithm, data).hexdigest() for algorithm in ("sha256", "sha512")}
    return TargetFile(len(data), digests, name)


Ask = Callable[[str, bytes, Path, Sequence[str]], dict[str, bool]]  # url, root, folder, names -> which can be had


def ask_python_tuf(base: str, root: bytes, folder: Path, names: Sequence[str]) -> dict[str, bool]:
    def read(name: str) -> bool:
        try:
            found = updater.get_targetinfo(name)
            return found is not None and Path(updater.download_target(found)).read_bytes() == name.encode()
        except (RepositoryError, DownloadError):
            return False

    try:
        updater = Updater(str(folder), base, str(folder), f"{base}/targets", bootstrap=root)
    except RepositoryError:
        return dict.fromkeys(names, False)
    return {name: read(name) for name in names}


def ask_go_tuf(base: str, root: bytes, folder: Path, names: Sequence[str]) -> dict[str, bool]:
    program, store = need_peer("tuf-client"), folder / "tuf.db"
    (folder / "root.json").write_bytes(root)
    begun = subprocess.run([program, "init", "-s", store, base, folder / "root.json"], capture_output=True, check=False)
    if begun.returncode:
        return dict.fromkeys(names, False)

    def read(name: str) -> bool:
        done = subprocess.run([program, "get", "-s", store, base, name], capture_output=True, check=False)
        return done.returncode == 0 and done.stdout == name.encode()

    return {name: read(name) for name in names}


def ask_tuf_js(base: str, root: bytes, folder: Path, names: Sequence[str]) -> dict[str, bool]:
    (folder / "targets").mkdir()
    (folder / "root.json").write_bytes(root)
    line = [str(need_peer("tuf-js")), "-e", TUF_JS, base, str(folder), json.dumps(list(names))]
    environment = {**os.environ, "NODE_PATH": str(node_modules())}
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60, check=True)
    found: dict[str, bool] = json.loads(done.stdout)
    return found


def ask_tufkeep(base: str, root: bytes, folder: Path, names: Sequence[str]) -> dict[str, bool]:
    client = Client(MemoryStore(), HttpFetcher(f"{base}/"), clock=system_clock)

    def read(name: str) -> bool:
        found = MemoryStore()
        try:
            client.download(name, found, name="loot")
        except TufkeepError:
            return False
        return found.read("loot") == name.encode()

    try:
        client.init(root)
        client.refresh()
    except TufkeepError:
        return dict.fromkeys(names, False)
    return {name: read(name) for name in names}


class _Plain(SimpleHTTPRequestHandler):
    """Decodes what is asked for once, as any web server does; ours is kinder."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def web(store: MemoryStore, folder: Path) -> Iterator[str]:
    """Serve a store as a plain folder."""
    for each in store.list():
        (folder / each.name).parent.mkdir(parents=True, exist_ok=True)
        (folder / each.name).write_bytes(store.read(each.name))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Plain, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


ASK: Mapping[str, Ask] = {PYTHON: ask_python_tuf, GO_OLD: ask_go_tuf, JS: ask_tuf_js, OURS: ask_tufkeep}
PEERS: Mapping[str, str] = {GO_OLD: "tuf-client", JS: "tuf-js", GO: "go-tuf-reader-2"}


def _params(*names: str) -> list[Any]:
    return [
        pytest.param(client, marks=[pytest.mark.peer(PEERS[client])] if client in PEERS else [], id=client)
        for client in names
    ]


DOWNLOADING = _params(*ASK)
EACH_CLIENT = _params(*ASK, GO)


def look_up(store: MemoryStore, names: Sequence[str]) -> dict[str, bool]:
    """Return which targets the client of go-tuf v2 knows; it is asked in memory, so it brings none home."""
    files = {each.name: base64.b64encode(store.read(each.name)).decode() for each in store.list()}
    asked = {quote(name, safe=""): data for name, data in files.items()}
    case = {"root": files["1.root.json"], "rounds": [asked], "targets": list(names)}
    program, line = need_peer(PEERS[GO]), json.dumps(case).encode() + b"\n"
    answer = json.loads(subprocess.run([program], input=line, stdout=subprocess.PIPE, check=True).stdout)
    return {name: bool((answer.get("targets") or {}).get(name)) for name in names}


def read(client: str, made: Repository, folder: Path, *names: str) -> dict[str, bool]:
    """Return which targets a real client brings home."""
    store, state = made.store(), folder / "state"
    if client == GO:
        return look_up(store, names)
    state.mkdir(parents=True)
    with web(store, folder / "web") as base:
        return ASK[client](base, store.read("1.root.json"), state, names)


NAMES = (
    PLAIN,
    "a#b",
    "a?b",
    "a%41",
    "50%off",
    "100%",
    "sub/x#y",
    "last ",
    "a b",
    "a+b",
    "é",
    "[x]",
    "{x}",
    "a&b;c",
    "'x'",
)


@pytest.mark.parametrize("consistent", [True, False], ids=["consistent", "plain"])
@pytest.mark.parametrize("client", DOWNLOADING)
def test_a_client_finds_the_names_that_the_table_says(client: str, consistent: bool, tmp_path: Path) -> None:
    reading = clients.TARGET_NAME.by.get(client)
    found = read(client, Repository(consistent=consistent, names=NAMES), tmp_path, *NAMES)
    assert found == {name: reading is None or not can_not_ask(name, reading) for name in NAMES}


def listing(key: SSlibKey) -> Callable[[dict[str, Any]], None]:
    return lambda models: models["root"].keys.update({key.keyid: key})


def _other_type(kind: str) -> Callable[[dict[str, Any]], None]:
    return listing(SSlibKey("f" * 64, kind, kind, {"public": "aa"}))


def _ecdsa(models: dict[str, Any]) -> None:
    listing(renamed(public(signer("p256", "ecdsa")), "f" * 64))(models)


def _big_member(models: dict[str, Any]) -> None:
    models["targets"].unrecognized_fields["n"] = BIG


def _big_custom(models: dict[str, Any]) -> None:
    models["targets"].targets[PLAIN].unrecognized_fields["custom"] = {"n": BIG}


@pytest.mark.parametrize(
    ("trait", "made"),
    [
        pytest.param(clients.BIG_NUMBER, Repository(change=_big_member), id="big-number"),
        pytest.param(clients.BIG_CUSTOM, Repository(change=_big_custom), id="big-custom"),
    ],
)
@pytest.mark.parametrize("client", EACH_CLIENT)
def test_a_client_refuses_the_files_that_the_table_says(
    client: str, trait: Trait, made: Repository, tmp_path: Path
) -> None:
    assert read(client, made, tmp_path, PLAIN) == {PLAIN: client not in trait.by}


@pytest.mark.parametrize(
    ("trait", "role", "length_bytes"),
    [
        (clients.ROOT_SIZE, "root", 512_000),
        (clients.TIMESTAMP_SIZE, "timestamp", 16_384),
        (clients.SNAPSHOT_SIZE, "snapshot", 2_000_000),
        (clients.TARGETS_SIZE, "targets", 5_000_000),
    ],
    ids=["root", "timestamp", "snapshot", "targets"],
)
@pytest.mark.parametrize("client", EACH_CLIENT)
def test_a_client_refuses_a_larger_file_than_the_table_says(
    client: str, trait: Trait, role: str, length_bytes: int, tmp_path: Path
) -> None:
    reading = trait.by.get(client)
    reads = reading is None or reading.most is None or reading.most > length_bytes
    larger = Repository(lengths=False, notes={role: length_bytes})  # and what is in it beside the note
    assert read(client, larger, tmp_path / "larger", PLAIN) == {PLAIN: reads}
    smaller = Repository(lengths=False, notes={role: length_bytes - 3_000})
    assert read(client, smaller, tmp_path / "smaller", PLAIN) == {PLAIN: True}


def test_our_own_limits_are_those_of_our_client() -> None:
    sizes = (
        clients.ROOT_SIZE,
        clients.TIMESTAMP_SIZE,
        clients.SNAPSHOT_SIZE,
        clients.TARGETS_SIZE,
        clients.LISTED_SIZE,
    )
    limits = Limits()
    ours = (limits.root_bytes, limits.timestamp_bytes, limits.snapshot_bytes, limits.targets_bytes)
    assert tuple(trait.by[OURS].most for trait in sizes) == (*ours, limits.metadata_bytes)


@pytest.mark.parametrize("client", EACH_CLIENT)
def test_a_listed_length_lifts_the_limit(client: str, tmp_path: Path) -> None:
    made = Repository(notes={"snapshot": 2_000_001, "targets": 5_000_001})
    assert read(client, made, tmp_path, PLAIN) == {PLAIN: True}


@pytest.mark.parametrize(
    ("kind", "change"),
    [("ecdsa", _ecdsa), ("lattice", _other_type("lattice"))],
    ids=["ecdsa", "lattice"],
)
@pytest.mark.parametrize("client", EACH_CLIENT)
def test_a_client_refuses_a_root_with_a_key_type_that_the_table_says(
    client: str, kind: str, change: Callable[[dict[str, Any]], None], tmp_path: Path
) -> None:
    reading = clients.KEY_TYPE.by.get(client)
    refused = reading is not None and reading.happens is clients.Happens.UNREADABLE and kind not in reading.known
    assert read(client, Repository(change=change), tmp_path, PLAIN) == {PLAIN: not refused}


def _other_hash(models: dict[str, Any]) -> None:
    models["targets"].targets["other"] = target = entry("other")
    target.hashes["md5"] = hashlib.md5(b"other").hexdigest()


@pytest.mark.parametrize("client", DOWNLOADING)
def test_a_target_with_a_foreign_hash_is_refused(client: str, tmp_path: Path) -> None:
    found = read(client, Repository(change=_other_hash), tmp_path, PLAIN, "other")
    assert found == {PLAIN: True, "other": client not in clients.TARGET_HASH.by}


@pytest.mark.parametrize("client", EACH_CLIENT)
def test_a_client_looks_into_as_many_roles_as_the_table_says(client: str, tmp_path: Path) -> None:
    most = clients.ROLES.by[client].most or 0
    made = Repository(delegated={f"r{number:02}": [f"t{number}"] for number in range(most + 1)})
    last, beyond = f"t{most - 1}", f"t{most}"
    assert read(client, made, tmp_path, last, beyond) == {last: True, beyond: False}


def _succinct(models: dict[str, Any]) -> None:
    keys = models["targets"].delegations.keys
    models["targets"].delegations = Delegations(keys, succinct_roles=SuccinctRoles(list(keys), 1, 1, "bin"))


def _prefixes(models: dict[str, Any]) -> None:
    for role in models["targets"].delegations.roles.values():
        role.paths, role.path_hash_prefixes = None, [hashlib.sha256(b"t").hexdigest()[:4]]


BINS = {"bin-0": [], "bin-1": [], f"bin-{hashlib.sha256(b't').digest()[0] >> 7}": ["t"]}


@pytest.mark.parametrize(
    ("trait", "made", "name"),
    [
        pytest.param(clients.SUCCINCT, Repository(delegated=BINS, change=_succinct), "t", id="succinct"),
        pytest.param(clients.HASH_PREFIXES, Repository(delegated={"r": ["t"]}, change=_prefixes), "t", id="prefixes"),
        pytest.param(clients.DOT_NAME, Repository(delegated={"r": [".t"]}), ".t", id="dot"),
        pytest.param(clients.ROLE_NAME, Repository(delegated={"a#b": ["t"]}), "t", id="role-name"),
        pytest.param(clients.ROLE_FOLDER, Repository(delegated={"a/b": ["t"]}), "t", id="role-folder"),
    ],
)
@pytest.mark.parametrize("client", EACH_CLIENT)
def test_a_client_follows_the_delegations_that_the_table_says(
    client: str, trait: Trait, made: Repository, name: str, tmp_path: Path
) -> None:
    assert read(client, made, tmp_path, PLAIN, name) == {PLAIN: True, name: client not in trait.by}
