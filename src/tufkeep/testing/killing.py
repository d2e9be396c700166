"""Killing a process before any one of the things it does to the disk.

`killed_at` runs some work in a child process that gets SIGKILL at its n-th change of the disk: a file
opened for writing, a rename, a link, a folder, a removal. Loop over n until nobody is killed:

    for n in itertools.count(1):
        if not killed_at(n, work):
            break
        recover()

Python's audit hooks see every such call, whoever makes it, so nothing has to be prepared for it.
POSIX only, for it forks; the work must not need a lock that another thread may hold.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

_CHANGES = frozenset(
    (
        "os.rename",
        "os.link",
        "os.symlink",
        "os.mkdir",
        "os.rmdir",
        "os.remove",
        "os.truncate",
        "os.chmod",
        "shutil.rmtree",
    )
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def killed_at(number: int, work: Callable[[], object]) -> bool:
    """Run the work in a child process that is killed at its n-th change of the disk; return whether it was.

    Raises:
        AssertionError: the work failed by itself; its traceback is on standard error.
    """
    child = os.fork()
    if child == 0:
        _run(number, work)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the work failed in the child process"
    return False


def _run(number: int, work: Callable[[], object]) -> None:
    left = number

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if event in _CHANGES or (event == "open" and _writes(arguments)):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    try:
        sys.addaudithook(watch)
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _writes(arguments: tuple[Any, ...]) -> bool:
    path, _, flags = arguments
    return isinstance(flags, int) and bool(flags & _WRITING) and not str(path).startswith(os.devnull)
