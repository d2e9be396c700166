"""Which role speaks for a target path: the delegations, walked in the order of their priority.

Spec: TUF 1.0.34 #update-targets, #targets-obj; TAP 15 for succinct roles.
"""

from __future__ import annotations

from collections.abc import Callable

from tuf.api.metadata import Delegations, TargetFile, Targets

from tufkeep.errors import TrustRefused
from tufkeep.metadata.readers import require_plain_entry
from tufkeep.metadata.target_map import LazyTargets

Load = Callable[[str, str], Targets]  # role, delegator


class TargetNotFound(TrustRefused):
    """No role that may speak for a target path lists it."""

    exit_code = 28

    def __init__(self, path: str):
        super().__init__(f"target {path!r} is not in the repository")
        self.path = path


class TooManyRoles(TrustRefused):
    """A target path that leads through more delegated roles than a client is ready to visit."""

    exit_code = 29

    def __init__(self, path: str, *, limit: int):
        super().__init__(f"target {path!r} is not in the first {limit} delegated roles, and no more are visited")
        self.path, self.limit = path, limit


def find_target(path: str, load: Load, *, roles: int) -> TargetFile:
    """Return the entry of the first role, in pre-order, that lists the path.

    A delegation is followed only for the paths it names. A terminating one ends the search:
    what comes after it, on any level, is not asked. A role is visited once, however often
    it is delegated to, which ends circles.

    Args:
        roles: delegated roles to visit at most, so that a repository cannot keep us busy.

    Raises:
        TargetNotFound, TooManyRoles: there is none, or none so far.
        MalformedMetadata: other clients would take its entry for another file.
    """
    waiting, visited = [("targets", "root")], set[str]()
    while waiting:
        role, delegator = waiting.pop()
        if role in visited:
            continue
        if len(visited) > roles:
            raise TooManyRoles(path, limit=roles)
        targets = load(role, delegator)
        found = targets.targets.get(path)
        if found is not None:
            if isinstance(targets, LazyTargets):
                require_plain_entry(path, targets.raw_targets[path])
            return found
        visited.add(role)
        children, terminated = _children(targets.delegations, path)
        waiting = [*([] if terminated else waiting), *((child, role) for child in reversed(children))]
    raise TargetNotFound(path)


def _children(delegations: Delegations | None, path: str) -> tuple[list[str], bool]:
    children: list[str] = []
    for child, terminating in delegations.get_roles_for_target(path) if delegations else ():
        children.append(child)
        if terminating:
            return children, True
    return children, False
