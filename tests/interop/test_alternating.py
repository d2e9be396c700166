"""Any sequence of commands gives one result, whether the real tuf runs it, ours does, or both take turns."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuf.api.metadata import Root
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType

from tests.cli.compat.folders import ROLES, current, meaning
from tests.cli.compat.twins import Answer, Ours, Real, Twins
from tests.conftest import SOAK
from tests.servers import serve_folder

pytestmark = [pytest.mark.peer("tuf", "tuf-client")]

ROLE = st.sampled_from(ROLES)
PATH = st.sampled_from(["a", "dir/b", "dir/sub/c d", "ü"])
TEXT = st.sampled_from(["one", "two", "three"])
EXPIRES = st.sampled_from(["--expires=400", "--expires=900"])
PLAIN = "--insecure-plaintext"

Step = tuple[str, ...]
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("gen-key"), EXPIRES, ROLE),
    st.tuples(st.just("revoke-key"), EXPIRES, ROLE.flatmap(lambda role: st.just(f"<{role} 0>"))),
    st.tuples(st.just("set-threshold"), ROLE, st.sampled_from(["1", "2"])),
    st.tuples(st.just("get-threshold"), ROLE),
    st.tuples(st.just("file"), PATH, TEXT),
    st.tuples(st.just("add"), EXPIRES),
    st.tuples(st.just("add"), st.just('--custom={"v":"1"}'), PATH),
    st.tuples(st.just("remove"), PATH),
    st.tuples(st.just("snapshot"), EXPIRES),
    st.tuples(st.just("timestamp"), EXPIRES),
    st.tuples(st.just("commit")),
    st.tuples(st.just("clean")),
    st.tuples(st.just("sign"), ROLE.map(lambda role: f"{role}.json")),
    st.tuples(st.just("payload"), ROLE.map(lambda role: f"{role}.json")),
    st.just(("publish",)),
)
SEQUENCE = st.lists(st.tuples(STEPS, st.booleans()), max_size=14)
FIRST = [("init",), *(("gen-key", "--expires=400", role) for role in ROLES), ("add",)]
PUBLISH = [("add", "--expires=400"), ("snapshot", "--expires=400"), ("timestamp", "--expires=400"), ("commit",)]


class Turns:
    """Both programs on one directory; whose turn it is, is decided step by step."""

    def __init__(self, real: Real):
        self._real = real
        self._ours = Ours()
        self.ours_is_next = True

    def __call__(self, folder: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> Answer:
        return (self._ours if self.ours_is_next else self._real)(folder, arguments, environment)


class Pair:
    """A directory that the real program has to itself, with its twin that both take turns on."""

    def __init__(self, place: Path, program: Path):
        for name in ("real", "ours"):
            (place / name).mkdir()
        real = Real(program=program)
        self._turns = Turns(real)
        self._steps = 0
        self.twins = Twins(real=place / "real", ours=place / "ours", program=real, own=self._turns)

    def take(self, step: Step, *, ours: bool) -> None:
        """Do one step on both, but for what is deliberately different."""
        self._turns.ours_is_next = ours
        if step[0] == "file":
            self.twins.place(f"staged/targets/{step[1]}", step[2])
            # changed and not added again, go-tuf publishes it under its old hash
            step = ("add", "--expires=400", step[1])
        if step[0] == "sign" and not (self.twins.real / "staged" / step[1]).is_file():
            return  # go-tuf stages committed metadata under its old version
        if step[0] == "revoke-key":
            step = (*step[:2], step[2].strip("<>").split()[0], step[2])
        real, own = self.twins.run(PLAIN, *map(self._later, step))
        assert own.code == real.code, (step, real.err, own.err)
        assert own.out == real.out or step[0] == "payload", step  # which says the keys
        if real.code:
            assert _gist(own.err) == _gist(real.err), (step, real.err, own.err)
        if step[0] == "commit" and not own.code:
            self._drop_unadded()
        self._steps += 1

    def _later(self, word: str) -> str:
        """Let no two documents end together: made in one second they would be one, and in one twin only."""
        return re.sub(r"(?<=--expires=)\d+", lambda found: str(int(found[0]) + self._steps), word)

    def _drop_unadded(self) -> None:
        """Delete what nobody added: go-tuf has done so, and we have not."""
        for folder in (self.twins.real, self.twins.ours):
            for file in [file for file in (folder / "staged/targets").rglob("*") if file.is_file()]:
                file.unlink()


@given(consistent=st.booleans(), steps=SEQUENCE)
@settings(max_examples=400 if SOAK else 10)
def test_taking_turns_gives_what_the_real_tuf_gives(
    peer_tuf: Path, peer_tuf_client: Path, consistent: bool, steps: list[tuple[Step, bool]]
) -> None:
    with TemporaryDirectory() as place:
        pair = Pair(Path(place), peer_tuf)
        init: Step = ("init",) if consistent else ("init", "--consistent-snapshot=false")
        opening = [(step, bool(number % 2)) for number, step in enumerate([init, *FIRST[1:], *PUBLISH])]
        for step, ours in [*opening, *steps]:
            for one in PUBLISH if step == ("publish",) else [step]:
                pair.take(one, ours=ours)
                assert meaning(pair.twins.ours) == meaning(pair.twins.real), one
        _accepted(pair.twins.ours, peer_tuf_client, Path(place))


def _gist(error: str) -> str:
    """Return an error without what depends on the manner of writing, or on which of several roles came first."""
    first = error.split("\n")[0]
    return re.sub(r"wrong (length|sha512 hash).*", "wrong bytes", re.sub(r"\w+ role has insufficient.*", "role", first))


def _accepted(folder: Path, client: Path, place: Path) -> None:
    repository = folder / "repository"
    _python_tuf(repository)
    with serve_folder(repository) as url:
        store = ["-s", str(place / "store")]
        subprocess.run([client, "init", *store, url, repository / "1.root.json"], check=True, capture_output=True)
        listed = subprocess.run([client, "list", *store, url], check=True, capture_output=True, text=True).stdout
        targets = json.loads((repository / "targets.json").read_bytes())["signed"]["targets"]
        assert all(path in listed for path in targets)
        for path in targets:
            subprocess.run([client, "get", *store, url, path], check=True, capture_output=True)


def _python_tuf(repository: Path) -> None:
    """Follow the repository as python-tuf's client does."""
    trusted = TrustedMetadataSet((repository / "1.root.json").read_bytes(), EnvelopeType.METADATA)
    version = 2
    while (file := repository / f"{version}.root.json").is_file():
        trusted.update_root(file.read_bytes())
        version += 1
    trusted.update_timestamp((repository / "timestamp.json").read_bytes())
    trusted.update_snapshot((repository / "snapshot.json").read_bytes())
    trusted.update_delegated_targets((repository / "targets.json").read_bytes(), "targets", Root.type)


def test_what_is_staged_by_one_is_known_to_the_other(tmp_path: Path, peer_tuf: Path) -> None:
    pair = Pair(tmp_path, peer_tuf)
    pair.take(("init",), ours=True)
    pair.take(("gen-key", "--expires=400", "root"), ours=False)
    pair.take(("gen-key", "--expires=400", "root"), ours=True)
    root = current(pair.twins.ours, "root")
    assert len(root["signed"]["roles"]["root"]["keyids"]) == len(root["signatures"]) == 2
