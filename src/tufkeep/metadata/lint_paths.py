"""What the clients in the field would not read of all target paths together, in whatever role they are listed.

Spec: the table in `metadata/clients`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate
from unicodedata import normalize

from tuf.api.metadata import DelegatedRole, Targets

from tufkeep.errors import BadRequest
from tufkeep.metadata import clients
from tufkeep.metadata.clients import Reading
from tufkeep.metadata.misread import Misread, MisreadKind, by_kind, can_not_ask, found
from tufkeep.metadata.shown import shown

_MOST_MATCHES = 200_000
_FEW = 50  # new paths that are held against all others one by one


class TargetUnreachable(BadRequest):
    """A new target path that a client out there could not fetch, or not keep beside another one."""

    def __init__(self, kinds: Sequence[MisreadKind]):
        more = f"; and {len(kinds) - 1:,} more kinds" if len(kinds) > 1 else ""
        super().__init__(f"{kinds[0].sentence}{more}")
        self.kinds = tuple(kinds)


def require_reachable(
    paths: Collection[str], listed: Collection[str], *, declared: Sequence[str], consistent: bool
) -> None:
    """Refuse new target paths that a declared client, or ours, could not fetch or not keep.

    Paths that differ in case alone are let through: only some systems take them for one.

    Args:
        listed: the paths that there are already; they stay as they are.

    Raises:
        TargetUnreachable: there is such a path.
    """
    every = {*listed, *paths}
    found = lint_names(every, declared=declared, consistent=consistent, but=listed)
    if kinds := by_kind(each for each in found if each.trait is not clients.LOOK_ALIKE):
        raise TargetUnreachable(kinds)


def lint_names(
    paths: Collection[str], *, declared: Sequence[str], consistent: bool, but: Collection[str] = ()
) -> Iterator[Misread]:
    """Yield what keeps declared clients from target paths, or from keeping two of them.

    Args:
        paths: all that are listed, in whatever role.
        but: those that need no look, because they were listed before.
    """
    new = set(paths).difference(but)
    for path in sorted(new):
        subject, fact = f"target {shown(path)}", "has #, ?, % or a last blank in its name"
        yield from found(clients.TARGET_NAME, declared, subject, fact, when=partial(can_not_ask, path))
        if consistent and "/" in path:
            yield from found(clients.SUB_FOLDER, declared, subject, "is in a sub-folder, and names have hashes")
    yield from _clashes(paths, new, declared) if new else ()


def _clashes(paths: Collection[str], new: set[str], declared: Sequence[str]) -> Iterator[Misread]:
    """Yield the pairs, of which one path at least is new, that can't be kept together."""
    if both := _file_and_folder(paths, new):
        below = {folder: path for path in sorted(paths, reverse=True) for folder in _above(path) if folder in both}
        for path in sorted(both):
            fact = f"is a file, and the folder of {shown(below[path])}"
            yield from found(clients.FOLDER, declared, f"target {shown(path)}", fact)
    alike = {_alike(path): path for path in sorted(new, reverse=True)}
    for path in sorted(path for path in paths if alike.get(_alike(path), path) != path):
        other = shown(alike[_alike(path)])
        fact = f"differs from {other} in case or Unicode form only, and some disks take them for one"
        yield from found(clients.LOOK_ALIKE, declared, f"target {shown(path)}", fact)


def _file_and_folder(paths: Collection[str], new: set[str]) -> set[str]:
    """Return the paths that are a folder of another path, where one of the two is new."""
    above_new = _folders(new).intersection(paths)
    if len(new) > _FEW:
        return above_new | (_folders(paths) & new)
    folders = tuple(f"{path}/" for path in new)
    return above_new | (_folders(path for path in paths if path.startswith(folders)) & new)


def _folders(paths: Iterable[str]) -> set[str]:
    parents = {path.rpartition("/")[0] for path in paths}
    return {folder for parent in parents for folder in (*_above(parent), parent)}


def _above(path: str) -> Iterator[str]:
    """Yield the folders that a path is in."""
    return accumulate(path.split("/")[:-1], "{}/{}".format)


def _alike(path: str) -> str:
    """Return what a file system that ignores case and Unicode forms makes of a path."""
    return path.lower() if path.isascii() else normalize("NFC", normalize("NFC", path).casefold())


def lint_delegated(roles: Mapping[str, Targets], *, declared: Sequence[str]) -> Iterator[Misread]:
    """Yield what keeps declared clients from delegated targets, seen over all roles together.

    Where there are very many roles, only as many look-ups are played as take a moment: what is said is true, and
    something may be left unsaid.

    Args:
        roles: every targets role that clients can come to, in their order, `targets` first.
    """
    matches = 0
    for role, targets in list(roles.items())[1:]:
        for path in targets.targets:
            asked, matched_by = _look_up(path, role, roles)
            matches += asked
            if matches > _MOST_MATCHES:
                return
            subject = f"target {shown(path)}"
            if len(matched_by) > 1:
                before = len(matched_by) - 1
                fact = f"comes after {before:,} delegated roles that speak of it"
                yield from found(clients.ROLES, declared, subject, fact, when=partial(_has_too_many, before + 1))
            if matched_by and _is_hidden(path, matched_by[-1]):
                fact = "has a . at the start of a name that only a wildcard matches"
                yield from found(clients.DOT_NAME, declared, subject, fact)


def _look_up(path: str, role: str, roles: Mapping[str, Targets]) -> tuple[int, list[DelegatedRole | None]]:
    """Return how many delegations a client asks for a path until it comes to a role, and those that it follows."""
    waiting: list[tuple[str, DelegatedRole | None]] = [("targets", None)]
    asked, followed, seen = 0, list[DelegatedRole | None](), set[str]()
    while waiting:
        name, by = waiting.pop()
        if name in seen or name not in roles:
            continue
        seen.add(name)
        followed.append(by)
        if name == role:
            return asked, followed[1:]
        found = list[tuple[str, DelegatedRole | None]]()
        delegations = roles[name].delegations
        if delegations is not None and delegations.succinct_roles is not None:
            found = [(below, None) for below, _ in delegations.get_roles_for_target(path)]
        for below in (delegations.roles or {}).values() if delegations is not None else ():
            asked += 1
            if below.is_delegated_path(path):
                found.append((below.name, below))
                if below.terminating:
                    waiting.clear()
                    break
        waiting += reversed(found)
    return asked, []


def _has_too_many(roles: int, reading: Reading) -> bool:
    return reading.most is not None and roles > reading.most


def _is_hidden(path: str, by: DelegatedRole | None) -> bool:
    """Whether each pattern of a delegation that matches a path has a wildcard where a name begins with a dot."""
    if by is None or not by.paths:
        return False
    matching = [
        pattern for pattern in by.paths if DelegatedRole(by.name, [], 1, False, [pattern]).is_delegated_path(path)
    ]
    return bool(matching) and all(
        any(
            name.startswith(".") and not wanted.startswith(".")
            for name, wanted in zip(path.split("/"), pattern.split("/"), strict=False)
        )
        for pattern in matching
    )
