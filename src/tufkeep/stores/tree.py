"""The folders of a store: found, made, made durable, removed when empty."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeAlias, TypeVar

from tufkeep.stores.directory import Directory
from tufkeep.stores.errors import LinkLeadsNowhere, LinkRefused, NotAFolder, ObjectMissing, StoreBroken, StoreFault
from tufkeep.stores.faults import FolderVanished, reading, writing
from tufkeep.stores.names import folders_above
from tufkeep.stores.store import Odd

Way: TypeAlias = tuple[Directory, ...]  # from the root down to the folder an object is in
T = TypeVar("T")

_PUBLIC = 0o755  # whatever the umask: a web server that runs as another user must get through
_PRIVATE = 0o700
_ATTEMPTS = 100  # to make a folder that others keep removing


class Tree:
    """The folders below a root.

    Args:
        kind: how to speak to the file system; another one in tests.
        standing: folders that the first write makes, and that stay when they are empty.
        served: others read what is in it, so that its root must let them through.
    """

    def __init__(
        self,
        root: Path,
        *,
        durable: bool,
        kind: type[Directory] = Directory,
        standing: Collection[str] = (),
        served: bool = False,
    ):
        self.root = root
        self.served = served
        self.standing = standing
        self._stands = not standing
        self.durable = durable
        self.kind = kind
        self._rooted: set[tuple[int, int]] = set()  # folders whose own entry above them has reached the medium

    @contextmanager
    def reach(self, name: str) -> Iterator[Way]:
        """Open the folders that lead to an object.

        Raises:
            ObjectMissing: one is not there, or is a file.
            LinkRefused: one is a symbolic link.
        """
        with ExitStack() as stack:
            yield self._reach(stack, name)

    def _reach(self, stack: ExitStack, name: str) -> Way:
        try:
            with reading(self.root.name or "."):
                way = [stack.enter_context(self.kind.at(self.root))]
        except ObjectMissing as error:
            raise ObjectMissing(name) from error
        for folder in folders_above(name):
            try:
                with reading(folder):
                    way.append(stack.enter_context(way[-1].child(_last(folder))))
            except (ObjectMissing, NotAFolder) as error:
                raise ObjectMissing(name) from error
        return tuple(way)

    def enter(
        self, stack: ExitStack, name: str, act: Callable[[Directory], T], *, private: bool = False
    ) -> tuple[Way, T]:
        """Make the folders that lead to an object and act in the last one; they stay open as long as the stack.

        Another process may remove a folder that we have just found, because it deletes the last object in it. Then
        `act` fails with ENOENT, and everything starts over.
        """
        for _ in range(_ATTEMPTS):
            with contextlib.suppress(FolderVanished), ExitStack() as trial, writing(name):
                way = self._make(trial, name, _PRIVATE if private else _PUBLIC)
                result = act(way[-1])
                stack.enter_context(trial.pop_all())
                return way, result
        raise StoreBroken(name, "its folder vanishes as often as it is made")

    def _make(self, stack: ExitStack, name: str, mode: int) -> Way:
        with writing(self.root.name or "."):
            way = [stack.enter_context(self._make_root())]
        self._make_standing()
        for folder in folders_above(name):
            with writing(folder):
                way.append(stack.enter_context(self._make_child(way[-1], _last(folder), mode)))
        if mode == _PRIVATE and len(way) > 1:
            way[-1].set_own_mode(mode)
        return tuple(way)

    def _make_standing(self) -> None:
        if self._stands:
            return
        self._stands = True  # before the calls that lead here again
        for folder in self.standing:
            with ExitStack() as stack:
                self._make(stack, f"{folder}/x", _PUBLIC)

    def _make_child(self, parent: Directory, segment: str, mode: int) -> Directory:
        try:
            return parent.child(segment)
        except FileNotFoundError:
            with contextlib.suppress(FileExistsError):
                parent.make(segment, mode)
        made = parent.child(segment)
        made.set_own_mode(mode)
        self._rooted.discard(made.identity)  # the system gives the number of a removed folder to a new one
        return made

    def _make_root(self) -> Directory:
        """Open the root. A new one, and what is missing above it, is 0755, or less where its owner's umask says so.

        One that is served is 0755 whatever the umask.
        """
        missing = []
        above = self.root
        while above != above.parent and not above.exists():
            missing.append(above)
            above = above.parent
        for folder in reversed(missing):
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=_PUBLIC)
                if self.served:
                    with contextlib.suppress(OSError):  # FAT knows no modes
                        folder.chmod(_PUBLIC)
            if self.durable:
                with self.kind.at(folder.parent) as parent:
                    parent.sync()
        if self.root.is_symlink() and not self.root.exists():
            raise LinkLeadsNowhere
        return self.kind.at(self.root)

    def settle(self, name: str, way: Way) -> None:
        """Return when the entry of `name`, and those of the folders that lead to it, have reached the medium.

        A folder's own entry is looked after once; whoever removes the folder and makes it again starts anew.
        """
        if not self.durable:
            return
        for folder in reversed(way):
            with writing(name):
                folder.sync()
            if folder.identity in self._rooted:
                break
        self._rooted.update(folder.identity for folder in way)

    def settle_folders(self, folders: Collection[str]) -> None:
        """Return when the entries of these folders, and of those that lead to them, have reached the medium."""
        if not self.durable:
            return
        above = {higher for folder in folders for higher in folders_above(folder)}
        for folder in sorted({*folders, *above, ""}, reverse=True):
            name = f"{folder}/any" if folder else "any"
            with contextlib.suppress(ObjectMissing), self.reach(name) as way, writing(folder or "."):
                way[-1].sync()

    def prune(self, name: str, way: Way) -> None:
        """Remove the folders that led to an object and are empty now."""
        for parent, folder in reversed(list(zip(way[:-1], folders_above(name), strict=True))):
            if folder in self.standing:
                return
            try:
                parent.remove(_last(folder))
            except OSError:  # not empty, in use, not ours to remove: it stays, which hurts nobody
                return

    def walk(self, prefix: str = "", *, odd: Odd | None = None) -> Iterator[tuple[str, Directory, os.stat_result]]:
        """Yield all that is no folder and whose name starts with a prefix, by name, with the folder it is in.

        Args:
            odd: called with the fault of each folder that can't be read, in place of an end.
        """
        try:
            with self.reach(prefix) as way:
                start, _, _ = prefix.rpartition("/")
                yield from self._walk(way[-1], f"{start}/" if start else "", prefix, odd)
        except ObjectMissing:
            return
        except LinkRefused as fault:  # one of the folders that lead there
            if odd is None:
                raise
            odd(fault)

    def _walk(
        self, folder: Directory, above: str, prefix: str, odd: Odd | None
    ) -> Iterator[tuple[str, Directory, os.stat_result]]:
        try:
            with reading(above.rstrip("/") or "."):
                found = folder.scan()
        except StoreFault as fault:
            if odd is None:
                raise
            odd(fault)
            return
        # A folder sorts as the names in it do: "a-b" comes before "a/b", although "a" comes before "a-b".
        for path, seen in sorted(
            (f"{above}{segment}{'/' * stat.S_ISDIR(seen.st_mode)}", seen) for segment, seen in found
        ):
            if not path.endswith("/"):
                if path.startswith(prefix):
                    yield path, folder, seen
            elif (path.startswith(prefix) or prefix.startswith(path)) and (child := _open(folder, path[:-1])):
                with child:
                    yield from self._walk(child, path, prefix, odd)


class Deferred(Tree):
    """The same folders, made durable all together at the end of a batch."""

    def __init__(self, tree: Tree):
        super().__init__(tree.root, durable=tree.durable, kind=tree.kind, standing=tree.standing, served=tree.served)
        self._tree = tree
        self._unsettled: set[str] = set()

    def settle(self, name: str, way: Way) -> None:
        self._unsettled.add(name.rpartition("/")[0])

    def settle_folders(self, folders: Collection[str]) -> None:
        self._unsettled.update(folders)

    def finish(self) -> None:
        """Make everything durable that was put off."""
        self._tree.settle_folders(self._unsettled)


def _open(parent: Directory, folder: str) -> Directory | None:
    try:
        with reading(folder):
            return parent.child(_last(folder))
    except (ObjectMissing, NotAFolder):  # gone since it was listed
        return None


def _last(name: str) -> str:
    return name.rpartition("/")[2]
