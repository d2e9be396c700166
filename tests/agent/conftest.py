"""An agent's tests stand on what a client's do: a forged repository, a scripted server, a clock."""

from __future__ import annotations

from tests.client.conftest import clock, forge, server, state

__all__ = ["clock", "forge", "server", "state"]
