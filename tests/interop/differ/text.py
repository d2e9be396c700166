"""JSON as a hostile writer makes it: members twice, numbers and texts spelled in any way."""

from __future__ import annotations

import json
import re
from typing import Any

_HALF = re.compile("[\ud800-\udfff]")


class Raw(str):
    """A token that stands in the file as it is."""


class Obj(list[tuple[str, Any]]):
    """An object: its members in the order of the file, a name as often as it occurs."""

    def __getitem__(self, name: Any) -> Any:
        """Return the member of a name, or the pair of a number."""
        if isinstance(name, str):
            return next(value for known, value in reversed(self) if known == name)
        return super().__getitem__(name)

    def put(self, name: str, value: Any) -> None:
        """Give a member its value, in its place or at the end."""
        for at, (known, _) in enumerate(self):
            if known == name:
                self[at] = (name, value)
                return
        self.append((name, value))


def tree(value: Any) -> Any:
    """Return plain JSON with its objects as `Obj`."""
    if isinstance(value, dict):
        return Obj((name, tree(member)) for name, member in value.items())
    return [tree(member) for member in value] if isinstance(value, list) else value


def written(node: Any) -> bytes:
    """Return the text of a node, without white space."""
    return _text(node).encode("utf-8", "surrogatepass")


def canonical(node: Any) -> bytes:
    """Return what an honest signer signs: of members twice the last, of numbers the value."""
    return _canonical(_plain(node)).encode("utf-8", "replace")


def _text(node: Any) -> str:
    if isinstance(node, Obj):
        return "{" + ",".join(f"{_text(name)}:{_text(value)}" for name, value in node) + "}"
    if isinstance(node, list):
        return "[" + ",".join(map(_text, node)) + "]"
    if isinstance(node, Raw):
        return str(node)
    text = json.dumps(node, ensure_ascii=False)
    return _HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", text) if isinstance(node, str) else text


def _plain(node: Any) -> Any:
    if isinstance(node, Obj):
        return {_plain(name): _plain(value) for name, value in node}
    if isinstance(node, list):
        return [_plain(member) for member in node]
    if isinstance(node, Raw):
        try:
            return json.loads(node)
        except ValueError:
            return str(node)
    return node


def _canonical(value: Any) -> str:
    if isinstance(value, dict):
        names = sorted(map(str, value))
        return "{" + ",".join(f"{_quoted(name)}:{_canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_canonical, value)) + "]"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
