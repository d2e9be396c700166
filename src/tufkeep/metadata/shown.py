"""Somebody else's text, as a terminal can show it."""

from __future__ import annotations


def shown(text: str) -> str:
    """Return the text; in quotes and escaped where it is empty, could play with a terminal, or begins like a quote."""
    return text if text.isprintable() and text and text[0] not in "'\"" else ascii(text)


def shown_exactly(text: str) -> str:
    """Return the text as `shown` does, and beside it escaped where a letter could be taken for another one."""
    plain = shown(text)
    return plain if plain.isascii() else f"{plain} ({text!a})"
