"""JSON as it was read from a disk or a server: a value of the wanted kind, or one error whatever is wrong with it.

Everybody may have damaged a file. What a decoder raises depends on the byte: for text that is no UTF-8, for what is
nested deeper than the interpreter goes and for a value of another kind it is not the same error.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

T = TypeVar("T")


class Undecodable(ValueError):
    """The bytes are not JSON, or not the JSON of this kind; the text says why, with places and types alone."""


def decode_json(data: bytes | msgspec.Raw, kind: type[T]) -> T:
    """Return the value of a kind that the JSON says.

    Raises:
        Undecodable: it says none.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except UnicodeDecodeError:
        reason = "text in it is not UTF-8"
    except RecursionError:
        reason = "nested too deep"
    except (msgspec.MsgspecError, ValueError) as error:
        reason = str(error)
    raise Undecodable(reason)
