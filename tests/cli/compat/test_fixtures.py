"""Every command on every repository that the real `tuf` left behind; the real one goes on afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.compat.folders import FIXTURES, ROLES, copy_of, signed
from tests.cli.compat.twins import Ours, Real

ALL = sorted(path for path in FIXTURES.iterdir() if path.is_dir())


def _environment(fixture: Path) -> dict[str, str]:
    """Return the passphrases of a fixture; of several root files, that of one that the committed root trusts."""
    if not (fixture / "passphrases.txt").exists():
        return {}
    lines = (fixture / "passphrases.txt").read_text().splitlines()
    named = {Path(name).stem: text for name, text in (line.split(" ", 1) for line in lines)}
    found = {f"TUF_{role.upper()}_PASSPHRASE": named[role] for role in ROLES if role in named}
    root = [text for name, text in named.items() if name.startswith("root")]
    return {
        **(
            {"TUF_ROOT_PASSPHRASE": root[-1 if fixture.name == "rotated" else 0]}
            if root
            else {"TUF_ROOT_PASSPHRASE": "none"}
        ),
        **found,
    }


@pytest.mark.peer("tuf")
@pytest.mark.parametrize("fixture", ALL, ids=lambda path: path.name)
def test_every_command_works_on_it(fixture: Path, tmp_path: Path, peer_tuf: Path) -> None:
    folder = copy_of(fixture, tmp_path / "here")
    environment = _environment(fixture)
    plain = [] if environment else ["--insecure-plaintext"]
    root_here = any((folder / "keys").glob("root*"))

    def ours(*arguments: str, code: int = 0) -> str:
        given = {**environment, **new}
        answer = Ours()(folder, [*(plain if arguments[0] != "change-passphrase" else []), *arguments], given)
        assert answer.code == code, (arguments, answer.out, answer.err)
        return answer.out

    new: dict[str, str] = {"TUF_NEW_TARGETS_PASSPHRASE": "new"}
    ours("init", code=1)
    for role in ROLES:
        assert ours("get-threshold", role).endswith(" is 1")
        ours("payload", f"{role}.json")
        ours("status", "--valid-at=2026-12-01T00:00:00Z", role)
    ours("root-keys")
    (folder / "staged/targets/new").write_text("new")
    ours("add", "new")
    ours("regenerate")
    ours("sign", "targets.json")
    (folder / "payload").write_text(ours("payload", "targets.json"))
    (folder / "signatures").write_text(ours("sign-payload", "--role=targets", "payload"))
    ours("add-signatures", "--signatures", "signatures", "targets.json")
    ours("sign", "root.json", code=0 if root_here else 1)
    ours("clean")
    (folder / "staged/targets/new").write_text("new")
    ours("gen-key", "--expires=4000", "timestamp")
    keyid = signed(folder, "root")["roles"]["timestamp"]["keyids"][0]
    ours("revoke-key", "--expires=4000", "timestamp", keyid)
    ours("set-threshold", "snapshot", "1")
    if root_here:
        ours("add")
        ours("snapshot")
        ours("timestamp")
        ours("commit")
        ours("remove", "new")
    ours("change-passphrase", "targets")
    environment["TUF_TARGETS_PASSPHRASE"] = "new"
    if root_here:
        for command in (["add"], ["snapshot"], ["timestamp"], ["commit"]):
            answer = Real(program=peer_tuf)(folder, command, environment)
            assert answer.code == 0, (command, answer.err)
