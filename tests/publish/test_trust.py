"""Looking at a directory from elsewhere runs nothing that stands in it, and sends nobody's credentials anywhere."""

from __future__ import annotations

import io
import json
import os
import shlex
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.pseudo_terminal import PseudoTerminal
from tufkeep.cli.base.process import Process
from tufkeep.cli.main import run
from tufkeep.errors import PersonNeeded
from tufkeep.publish.deploy import Deployment
from tufkeep.publish.programs import CommandFailed, runner
from tufkeep.publish.publisher import Publisher
from tufkeep.stores import MemoryStore
from tufkeep.stores.location import BadLocation, Location
from tufkeep.workspace import Workspace
from tufkeep.workspace.policy import MalformedPolicy, parse_policy
from tufkeep.workspace.trust import ConfigNotTrusted, TrustedConfigs

SECRETS = {
    "AWS_ACCESS_KEY_ID": "hush-id",
    "AWS_SECRET_ACCESS_KEY": "hush-aws",
    "AWS_SESSION_TOKEN": "hush-session",
    "CLOUDFLARE_API_TOKEN": "hush-cloudflare",
    "TUF_ROOT_PASSPHRASE": "hush-root",
    "SSH_AUTH_SOCK": "/hush/agent",
    "GITHUB_TOKEN": "hush-github",
}
Type = Callable[..., tuple[int, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Workspace.create(tmp_path / "work", insecure_plaintext=True)
    return tmp_path / "work"


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """Something that a program makes when it runs."""
    return tmp_path / "it-ran"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path / "home"), "PATH": os.environ["PATH"], **SECRETS}


@pytest.fixture
def type_(folder: Path, environment: dict[str, str]) -> Type:
    def typed(*words: str) -> tuple[int, str]:
        out = io.StringIO()
        process = Process(stdin=io.StringIO(), stdout=out, stderr=out, environment=environment)
        return run([*words, "--dir", str(folder)], process), out.getvalue()

    return typed


def name_program(folder: Path, mark: Path, *, url: str = "s3://bucket", setting: str = "secret_key_command") -> None:
    program = json.dumps(["sh", "-c", f"env > {shlex.quote(str(mark))}; exit 3"])
    (folder / "tufkeep.toml").write_text(f'[remotes.prod]\nurl = "{url}"\n{setting} = {program}\n')


REMOTE_COMMANDS = [
    ("diff", "prod"),
    ("push", "prod"),
    ("push", "prod", "--dry-run"),
    ("pull", "prod"),
    ("rollforward", "prod"),
    ("status", "prod"),
    ("verify", "prod"),
    ("remote", "status", "prod"),
    ("remote", "verify", "prod"),
    ("remote", "log", "prod"),
    ("remote", "test", "prod"),
    ("deploy", "prod", "./there"),
    ("deploy", "./there", "prod"),
    ("mirror", "prod", "there"),
]


@pytest.mark.parametrize("words", REMOTE_COMMANDS, ids=" ".join)
@pytest.mark.parametrize("setting", ["access_key_command", "secret_key_command", "purge_command"])
def test_no_command_runs_a_program_that_nobody_trusted(
    type_: Type, folder: Path, mark: Path, words: tuple[str, ...], setting: str
) -> None:
    name_program(folder, mark, setting=setting)
    code, told = type_(*words, "--yes")  # --yes answers other questions
    assert code == PersonNeeded.exit_code
    assert (
        f"error: tufkeep.toml has not been trusted here, and reaches out of this folder: remotes.prod.{setting}" in told
    )
    assert "add --trust-config" in told
    assert not mark.exists()


@pytest.mark.parametrize(
    "words", [("status",), ("verify",), ("doctor",), ("review",), ("log",), ("prove",), ("key", "list")]
)
def test_commands_without_a_remote_never_ask(type_: Type, folder: Path, mark: Path, words: tuple[str, ...]) -> None:
    name_program(folder, mark)
    assert type_(*words)[0] in (0, 28, 19)
    assert not mark.exists()


def test_a_file_that_reaches_for_nothing_never_asks(type_: Type, folder: Path, tmp_path: Path) -> None:
    (folder / "tufkeep.toml").write_text(f'[remotes.prod]\nurl = "{tmp_path}/www"\n[roles.root]\ndays = 30\n')
    assert type_("push", "prod")[0] == 0


def test_a_machine_trusts_the_file_for_one_run(type_: Type, folder: Path, mark: Path) -> None:
    name_program(folder, mark)
    code, told = type_("diff", "prod", "--trust-config")
    assert (code, mark.exists()) == (CommandFailed.exit_code, True), told
    mark.unlink()
    assert type_("diff", "prod")[0] == PersonNeeded.exit_code


def test_a_person_is_asked_once_and_again_when_the_file_changes(
    folder: Path, mark: Path, environment: dict[str, str]
) -> None:
    name_program(folder, mark)

    def ask(answer: str | None) -> str:
        mark.unlink(missing_ok=True)
        command = [sys.executable, "-m", "tufkeep", "diff", "prod", "--dir", str(folder)]
        with PseudoTerminal(command, environment=environment) as terminal:
            if answer is not None:
                seen = terminal.expect("[y/N] ")
                terminal.write(f"{answer}\n")
            terminal.end()
            return (seen if answer is not None else "") + terminal.seen

    told = ask("n")
    assert "remotes.prod.secret_key_command runs sh -c 'env > " in told
    assert "answered with no" in told
    assert not mark.exists()
    ask("y")
    assert mark.exists()
    assert "the command sh" in ask(None)
    assert mark.exists()
    with (folder / "tufkeep.toml").open("a") as file:
        file.write("# a comment\n")
    assert "tufkeep.toml has changed since you trusted it" in ask("")
    assert not mark.exists()


def test_what_is_trusted_is_this_file_in_this_directory_for_this_person(
    folder: Path, mark: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    name_program(folder, mark)
    workspace = Workspace.open(folder)
    trusted = TrustedConfigs.of(environment)
    assert trusted.add(workspace)
    trusted.require(workspace, "prod")
    (kept,) = (tmp_path / "home/.local/state/tufkeep/trusted").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    elsewhere = tmp_path / "elsewhere"
    folder.rename(elsewhere)
    with pytest.raises(ConfigNotTrusted):
        trusted.require(Workspace.open(elsewhere), "prod")
    elsewhere.rename(folder)
    with pytest.raises(ConfigNotTrusted):
        TrustedConfigs.of({**environment, "XDG_STATE_HOME": str(tmp_path / "other")}).require(workspace, "prod")
    trusted.require(Workspace.open(folder), "prod")
    for damaged in (b"", b"\xff\x00", kept.read_bytes()[:-2], b"0" * 100_000):
        kept.write_bytes(damaged)
        with pytest.raises(ConfigNotTrusted):
            trusted.require(Workspace.open(folder), "prod")


def test_a_link_in_the_place_of_what_is_remembered_is_no_trust(
    folder: Path, mark: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    name_program(folder, mark)
    trusted = TrustedConfigs.of(environment)
    trusted.add(Workspace.open(folder))
    (kept,) = (tmp_path / "home/.local/state/tufkeep/trusted").iterdir()
    kept.rename(tmp_path / "moved")
    kept.symlink_to(tmp_path / "moved")
    with pytest.raises(ConfigNotTrusted):
        trusted.require(Workspace.open(folder), "prod")


@pytest.mark.parametrize("environment", [{}, {"HOME": "relative"}, {"HOME": "", "XDG_STATE_HOME": "also/relative"}])
def test_without_a_folder_of_the_persons_own_nothing_is_remembered(
    folder: Path, mark: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name_program(folder, mark)
    monkeypatch.chdir(folder)  # where relative ones would be
    trusted = TrustedConfigs.of(environment)
    assert not trusted.add(Workspace.open(folder))
    with pytest.raises(ConfigNotTrusted):
        trusted.require(Workspace.open(folder), "prod")


def test_the_library_is_asked_too(folder: Path, mark: Path, environment: dict[str, str], tmp_path: Path) -> None:
    name_program(folder, mark)
    workspace = Workspace.open(folder)
    for opened in (
        lambda: Publisher.open(workspace, "prod", environment=environment),
        lambda: Deployment.open(workspace, "prod", tmp_path / "there", environment=environment),
        lambda: Deployment.open(workspace, tmp_path / "there", "prod", environment=environment),
        lambda: Deployment.mirror(workspace, "prod", tmp_path / "there", environment=environment),
    ):
        with pytest.raises(ConfigNotTrusted):
            opened()
    assert not mark.exists()
    with pytest.raises(CommandFailed):
        Publisher.open(workspace, "prod", environment=environment, trust_config=True)


def test_a_policy_that_a_program_hands_in_is_its_own() -> None:
    policy = parse_policy(b'[remotes.prod]\nurl = "s3://b"\nsecret_key_command = ["true"]\n')
    workspace = Workspace(MemoryStore(), clock=lambda: pytest.fail("no time is needed"), policy=policy)
    TrustedConfigs.of({}).require(workspace, "prod")


@pytest.mark.parametrize("url", ["s3://bucket", "gs://bucket", "az://bucket", "r2://bucket", "S3://bucket"])
def test_no_credentials_go_to_a_server_that_an_untrusted_file_names(type_: Type, folder: Path, url: str) -> None:
    (folder / "tufkeep.toml").write_text(
        f'[remotes.prod]\nurl = "{url}"\naccount = "a"\nendpoint = "http://127.0.0.1:1/"\n'
    )
    code, told = type_("diff", "prod")
    assert code == PersonNeeded.exit_code
    assert "remotes.prod.endpoint" in told


@pytest.mark.parametrize("part", ["evil.example/", "a@evil.example", "evil.example:80#", "a.b", ""])
def test_no_part_of_a_providers_server_leads_to_another_server(part: str) -> None:
    """The name of a server is made of them, and the credentials go there without a question."""
    for named in (
        {"url": "s3://b", "region": part},
        {"url": "r2://b", "account": part},
        {"url": "az://b", "account": part},
    ):
        with pytest.raises(BadLocation):
            Location(**named)
    with pytest.raises(MalformedPolicy):
        parse_policy(f'[remotes.prod]\nurl = "s3://b"\ncloudflare_zone = "../{part}"\n'.encode())


def test_a_program_sees_no_secret_but_those_the_policy_names(tmp_path: Path, environment: dict[str, str]) -> None:
    shown = runner(environment)(["sh", "-c", "env | tr '\\n' ' '"])
    assert "hush" not in shown
    assert f"HOME={environment['HOME']}" in shown
    passed = runner(environment, passed=["GITHUB_TOKEN", "TUF_ROOT_PASSPHRASE"])(["sh", "-c", "env | tr '\\n' ' '"])
    assert "hush-github" in passed
    assert "hush-root" not in passed
    assert "hush-aws" not in passed


def test_a_folder_from_elsewhere_puts_no_program_in_the_place_of_another(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = tmp_path / "drive"
    evil.mkdir()
    for name in ("purge", "sh"):
        (evil / name).write_text("#!/bin/sh\necho evil\n")
        (evil / name).chmod(0o755)
    monkeypatch.chdir(evil)
    with pytest.raises(CommandFailed, match="a relative path"):
        runner(environment)(["./purge"])
    for path in (".:/usr/bin:/bin", ":/usr/bin:/bin", "../drive:/usr/bin:/bin"):
        assert runner({**environment, "PATH": path})(["sh", "-c", "echo good"]) == "good"
    assert runner(environment)(["sh", "-c", "pwd"]) == "/"
