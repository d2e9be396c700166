"""The agent: what a client fetched, installed so that a machine always has one version that runs.

Names are imported when they are asked for: a command that only catches their errors starts at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tufkeep.agent.agent import Agent as Agent
    from tufkeep.agent.component import Component as Component
    from tufkeep.agent.outcome import Outcome as Outcome
    from tufkeep.agent.outcome import Update as Update

_HOMES = {"Agent": "agent", "Component": "component", "Outcome": "outcome", "Update": "outcome"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
