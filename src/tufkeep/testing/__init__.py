"""Test doubles that tufkeep ships: a simulator, a clock, stores that lie or break."""
