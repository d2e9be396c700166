"""What `fleetctl updates add` calls a target."""

from __future__ import annotations

_EXTENSIONS = "extensions/"
# The first that the file's name ends in is kept; every other ending, a plain .tar.gz included, goes.
_ENDINGS = (".ext.exe", ".exe", ".app.tar.gz", ".pkg", ".ext")


def target_path(name: str, platform: str, tag: str, *, file: str) -> str:
    """Return the target path of a file under one tag; orbit looks for it there.

    Args:
        tag: a version, or a channel such as stable.
        file: the name of the file that is added.
    """
    last = name.removeprefix(_EXTENSIONS)
    return f"{name}/{platform}/{tag}/{_file_name(last, platform, file, desktop=name == 'desktop')}"


def _file_name(last: str, platform: str, file: str, *, desktop: bool) -> str:
    if desktop and platform in ("windows", "windows-arm64"):
        return "fleet-desktop.exe"
    if desktop and platform in ("linux", "linux-arm64"):
        return f"{last}.tar.gz"
    return last + next((ending for ending in _ENDINGS if file.endswith(ending)), "")
