"""Where this run's passphrases come from: what the options name, then the environment, then a person."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from tufkeep.cli.base.terminal import Terminal
    from tufkeep.keys.passphrase import PassphraseSource

Kind: TypeAlias = Literal["file", "fd", "command"]

_KEY = re.compile(r"([A-Za-z0-9_-]+)(?:\.json)?=(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One --passphrase- option: where a passphrase is, not what it is."""

    kind: Kind
    key: str | None  # a role, or a key file without .json; None is for every key
    where: str


@dataclass(slots=True)
class Secrets:
    """The --passphrase- options of this run."""

    named: list[Named] = field(default_factory=list[Named])


def read_option(kind: Kind, value: str) -> Named:
    """Return what `--passphrase-file root1=PATH`, or `--passphrase-file PATH`, names."""
    match = _KEY.fullmatch(value)
    return Named(kind=kind, key=match[1], where=match[2]) if match else Named(kind=kind, key=None, where=value)


def passphrases(secrets: Secrets, environment: Mapping[str, str], terminal: Terminal) -> PassphraseSource:
    """Return the source that asks each place in turn.

    Named for a key, then for every key, then the originals' variables, then the terminal if there is one: what stands
    in the command line was meant for this run; the environment may be left over from another.
    """
    from tufkeep.keys.prompt import from_prompt
    from tufkeep.keys.sources import by_key, first_of, from_environment

    named = secrets.named
    sources = [
        by_key({one.key: _source(one, environment) for one in named if one.key is not None}),
        *(_source(one, environment) for one in named if one.key is None),
        from_environment(environment),
    ]
    if terminal.here:
        sources.append(from_prompt(terminal.ask_secret, tell=terminal.tell))
    return first_of(*sources)


def _source(named: Named, environment: Mapping[str, str]) -> PassphraseSource:
    import shlex

    from tufkeep.keys import sources

    make: dict[Kind, Callable[[str], PassphraseSource]] = {
        "file": lambda where: sources.from_file(Path(where)),
        "fd": lambda where: sources.from_descriptor(int(where)),
        "command": lambda where: sources.from_command(shlex.split(where), environ=environment),
    }
    return make[named.kind](named.where)
