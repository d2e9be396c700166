"""Somebody else's text, as a terminal can show it."""

from __future__ import annotations


def shown(text: str) -> str:
    """Return the text; escaped where it is empty or could play with a terminal."""
    return text if text.isprintable() and text else ascii(text)
