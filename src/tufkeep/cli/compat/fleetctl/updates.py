"""fleetctl updates init, roots, add, timestamp; and how `add` names a target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tufkeep.cli.compat.fleetctl.grammar import NAME, PLATFORM, TAG, TARGET, VERSION, Flag, UpdatesCommandLine
from tufkeep.cli.compat.fleetctl.session import VALIDITY, UpdatesSession, step
from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.go_tuf import TARGET_HASHES
from tufkeep.metadata.filenames import split_prefixed, stored_paths
from tufkeep.stores import ObjectMissing
from tufkeep.stores.expected import Expected, compare_object
from tufkeep.workspace import Edit, Source, layout

if TYPE_CHECKING:
    from tuf.api.metadata import TargetFile

    from tufkeep.keys.passphrase import Passphrase, PassphraseRequest

_ONLINE = ("timestamp", "snapshot", "targets")  # in the order in which the original asks for their passphrases
_EXTENSIONS = "extensions/"
# The first one that ends the file's name is kept; every other ending, a plain .tar.gz included, is dropped.
_ENDINGS = (".ext.exe", ".exe", ".app.tar.gz", ".pkg", ".ext")


def init(session: UpdatesSession) -> None:
    """Make a repository with one key for each role, and commit it; one that was interrupted is finished."""
    from tufkeep.keys.passphrase import EmptyPassphrase
    from tufkeep.workspace.create import KeysInTheWay, RepositoryExists, create
    from tufkeep.workspace.operations import Blueprint
    from tufkeep.workspace.unfinished import begun

    if session.state.exists and begun(session.workspace.store, Blueprint) is None:
        raise GoError(f"repo already initialized: {session.directory}")
    blueprint = Blueprint(consistent_snapshot=False, days={role: period.days for role, period in VALIDITY.items()})

    def new_passphrase(request: PassphraseRequest) -> Passphrase:
        with step(f"generate {request.role} key"):
            try:
                return session.passphrases(request)
            except EmptyPassphrase:
                raise GoError("passphrase must not be empty") from None

    try:
        with session.passphrases.allowing(lambda request: True), session.keyring.all_open():
            created = create(session.workspace, blueprint, new_passphrase=new_passphrase)
    except KeysInTheWay:
        raise GoError(
            f"keys directory already exists: {session.directory / 'keys'}",
            hint="its files may be the only copies of their keys",
        ) from None
    except RepositoryExists:
        raise GoError(f"repo already initialized: {session.directory}") from None
    for role, keyids in created.keys.items():
        for keyid in keyids:
            session.print(f"Generated {role} key with ID: {keyid}")


def roots(session: UpdatesSession) -> None:
    """Print root.json: the staged one where there is one, as the original does."""
    session.require_repository()
    root = session.state.root
    session.print(root.data.decode())
    if session.state.staged("root") is not None:
        session.warn(
            f"this is the staged root v{root.version}, which is not published yet",
            hint="commit it first, or print repository/root.json",
        )


def add(session: UpdatesSession) -> None:
    """Publish a file under its version and every tag: targets, snapshot and timestamp are made and committed."""
    line = session.line
    name, platform, version, target = (_text(line, flag) for flag in (NAME, PLATFORM, VERSION, TARGET))
    tags = [version, *line.texts(TAG)]
    if "" in tags:
        raise _empty(TAG)
    session.require_repository()
    session.choose(*_ONLINE)
    session.require_usable_root()
    file = _committed_artifact(session, Path(target)) or Path(target).absolute()
    paths = dict.fromkeys(target_path(name, platform, tag, file=Path(target).name) for tag in tags)
    sources = [Source(path=path, file=file, custom={"version": version}) for path in paths]
    with session.workspace.exclusive("updates add"):
        with session.edit("updates add", remake=_ONLINE) as edit:
            _add_artifacts(edit, sources, target)
        session.commit()


def timestamp(session: UpdatesSession) -> None:
    """Make a new timestamp and commit it; no other key is needed."""
    session.require_repository()
    session.choose("timestamp")
    with session.workspace.exclusive("updates timestamp"):
        with session.edit("updates timestamp", remake=("timestamp",)):
            pass
        session.commit()


def target_path(name: str, platform: str, tag: str, *, file: str) -> str:
    """Return the target path of a file under one tag; orbit looks for it there.

    Args:
        tag: a version, or a channel such as stable.
        file: the name of the file that is added.
    """
    last = name.removeprefix(_EXTENSIONS)
    return f"{name}/{platform}/{tag}/{_file_name(last, platform, file, desktop=name == 'desktop')}"


def _text(line: UpdatesCommandLine, flag: Flag) -> str:
    text = line.text(flag)
    if not text:
        raise _empty(flag)
    return text


def _empty(flag: Flag) -> GoError:
    return GoError(f"--{flag.name} is empty", hint="Fleet's fleetctl would publish under a path without it")


def _committed_artifact(session: UpdatesSession, file: Path) -> Path | None:
    """Return the signed artifact of the committed target at this path; None for a file outside repository/targets.

    Scripts promote a release by `--target repository/targets/orbit/linux/edge/orbit`. With consistent snapshots the
    artifact has its hash before its name, and a file without may be one of an earlier release.

    Raises:
        GoError: no committed target has this path, or its artifact is not there.
    """
    folder = session.directory.resolve() / layout.REPOSITORY_TARGETS
    file = file.resolve()
    if not file.is_relative_to(folder):
        return None
    path = file.relative_to(folder).as_posix()
    entry = _committed_entry(session, path)
    if entry is None:
        raise GoError(f"target {path}: not committed", hint="to publish the file as it is, copy it elsewhere first")
    expected = Expected(length_bytes=entry.length, hashes=entry.hashes)
    for name in (*stored_paths(entry, consistent_snapshot=True), entry.path):
        if compare_object(session.workspace.store, layout.REPOSITORY_TARGETS + name, expected).right:
            return folder / name
    raise GoError(
        f"target {entry.path}: its signed artifact is not in repository/targets",
        hint="fetch it: tufkeep pull REMOTE --targets",
    )


def _committed_entry(session: UpdatesSession, path: str) -> TargetFile | None:
    """Return the entry of a target by its path, or by the name of its artifact with a hash before it."""
    committed = session.state.committed("targets")
    listed: Mapping[str, TargetFile] = committed.signed.targets if committed is not None else {}
    plain, digest = split_prefixed(path) or (path, None)
    if path in listed or plain not in listed:
        return listed.get(path)
    return listed[plain] if digest in listed[plain].hashes.values() else None


def _add_artifacts(edit: Edit, sources: Sequence[Source], target: str) -> None:
    try:
        edit.add_artifacts(sources, hash_names=TARGET_HASHES)
    except ObjectMissing:
        raise GoError(f"open src for copy: open {target}: no such file or directory") from None


def _file_name(last: str, platform: str, file: str, *, desktop: bool) -> str:
    if desktop and platform in ("windows", "windows-arm64"):
        return "fleet-desktop.exe"
    if desktop and platform in ("linux", "linux-arm64"):
        return f"{last}.tar.gz"
    return last + next((ending for ending in _ENDINGS if file.endswith(ending)), "")
